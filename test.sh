#!/usr/bin/env bash
# ./test.sh [--long] [PYTEST ARGS...]   sets up what is missing, then checks style, types, layers, and runs the tests.
# --long runs only the long tests. With other arguments only pytest runs, with them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/.ci/setup.sh"
setup "[dev]"
cd "$here"
export PATH="$venv/bin:$PATH"

if [ "${1-}" = "--long" ]; then
    shift
    exec python -m pytest -m long "$@"
fi
# two workers on two cores: the software rasteriser must not take a thread for each core in both
export LP_NUM_THREADS="${LP_NUM_THREADS-1}" OMP_NUM_THREADS="${OMP_NUM_THREADS-1}" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS-1}"
if [ $# = 0 ]; then
    ruff check .
    mypy
    lint-imports --no-cache | tail -n 8
fi
exec python -m pytest -n 2 -m "not long" "$@"
