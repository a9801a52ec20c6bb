#!/usr/bin/env bash
# ./run.sh           sets up what is missing, then renders the Italy view to out/italy.png
# ./run.sh ARGS...   the same, then `earthlimb ARGS...`
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/.ci/setup.sh"
setup ""
if [ $# = 0 ]; then
    cd "$here"
    mkdir -p out
    set -- render italy -o out/italy.png
fi
exec "$venv/bin/earthlimb" "$@"
