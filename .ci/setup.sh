# Sourced by run.sh and test.sh: makes .venv and the OpenGL driver ready, once.
#   setup EXTRAS    EXTRAS is empty or for example [dev]
# The stamp in .venv holds the checksum of pyproject.toml: while it matches, nothing is done.

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$here/.venv"
min_python="3.11"

fail() { printf '%s\n' "$*" >&2; exit 1; }

# apt_install PACKAGE...: installs them where root or sudo allows it, else says the line to type and ends.
apt_install() {
    local line="apt-get install -y --no-install-recommends $*" sudo=""
    command -v apt-get >/dev/null || fail "earthlimb: missing: $*: install them with this system's package manager, then run this again"
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || fail "earthlimb: missing: $*: type this line, then run this again: sudo $line"
        sudo="sudo -n"
    fi
    printf 'earthlimb: installing %s\n' "$*" >&2
    $sudo apt-get update -qq >&2 || true  # an old list may still do
    DEBIAN_FRONTEND=noninteractive $sudo $line -qq >/dev/null \
        || fail "earthlimb: apt-get failed: type this line and see why: sudo $line"
}

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$candidate" >/dev/null \
            && "$candidate" -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$min_python'.split('.'))))"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# What the tests of the window need: an X server without a screen, a hand for its keys and mouse, an eye, X's libraries.
has_window_tools() {
    command -v Xvfb >/dev/null && command -v xdotool >/dev/null && command -v import >/dev/null && command -v xprop >/dev/null && "$1" - <<'PYTHON'
import ctypes, sys
try:
    for name in ("X11.so.6", "Xcursor.so.1", "Xrandr.so.2", "Xinerama.so.1", "Xi.so.6", "GL.so.1"):
        ctypes.CDLL("lib" + name)
except OSError:
    sys.exit(1)
PYTHON
}

# A Mesa or vendor driver that EGL can open: libEGL and one of the drivers behind it.
has_gl() {
    "$1" - <<'PYTHON'
import ctypes, glob, sys
if sys.platform != "linux":
    sys.exit(0)
try:
    ctypes.CDLL("libEGL.so.1")
    ctypes.CDLL("libGL.so.1")
except OSError:
    sys.exit(1)
roots = ("/usr/lib/*", "/usr/lib64", "/usr/lib", "/usr/local/lib*", "/lib/*")
names = ("libgallium*.so*", "dri/swrast_dri.so", "dri/*_dri.so", "libEGL_nvidia.so*")
sys.exit(not any(glob.glob(f"{root}/{name}") for root in roots for name in names))
PYTHON
}

setup() {
    local extras="$1" stamp wanted python
    stamp="$venv/.earthlimb-setup"
    wanted="$(cksum <"$here/pyproject.toml") $here"
    if [ -x "$venv/bin/python" ] && [ -f "$stamp" ]; then
        local have; have="$(cat "$stamp")"
        # what the tests need includes what running needs
        if [ "$have" = "$wanted $extras" ] || [ "$have" = "$wanted [dev]" ]; then return; fi
    fi
    python="$(find_python 2>/dev/null)" || python=""
    if [ -z "$python" ] && ! command -v python3 >/dev/null; then
        apt_install python3 python3-venv
        python="$(find_python)" || python=""
    fi
    [ -n "$python" ] || fail "earthlimb: $(python3 --version 2>&1): Python $min_python or later is needed: install a later one, then run this again"
    "$python" -c 'import venv, ensurepip' 2>/dev/null \
        || apt_install "python3-venv" "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    has_gl "$python" || apt_install libegl1 libgl1 libgl1-mesa-dri
    if [ "$extras" = "[dev]" ] && [ "$(uname)" = Linux ] && ! has_window_tools "$python"; then
        apt_install xvfb xauth xdotool imagemagick x11-utils libx11-6 libxcursor1 libxrandr2 libxinerama1 libxi6 libgl1 libglx-mesa0
    fi
    # the tests read EXIF with exiftool and have shaders checked by glslang where these are; without them Pillow reads it
    # and the driver alone checks
    if [ "$extras" = "[dev]" ]; then
        command -v exiftool >/dev/null || (apt_install libimage-exiftool-perl) || true
        command -v glslangValidator >/dev/null || (apt_install glslang-tools) || true
    fi
    printf 'earthlimb: setting up %s (once)\n' "$venv" >&2
    rm -f "$stamp"
    # a folder that was moved or a Python that is gone leave an environment that does not run
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 \
        || ! grep -qsF "$venv" "$venv/bin/activate"; then
        "$python" -m venv --clear "$venv" || fail "earthlimb: $venv could not be made: see the message above"
    fi
    "$venv/bin/python" -m pip install --disable-pip-version-check -q -e "$here$extras" >&2 \
        || fail "earthlimb: pip could not install what $here/pyproject.toml names: see the message above, then run this again"
    printf '%s' "$wanted $extras" >"$stamp"
}
