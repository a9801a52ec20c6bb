"""The line to type when no OpenGL driver is found, for the system that this runs on."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

_BY_FAMILY = {
    "debian": "sudo apt-get install --no-install-recommends libegl1 libgl1 libgl1-mesa-dri",
    "ubuntu": "sudo apt-get install --no-install-recommends libegl1 libgl1 libgl1-mesa-dri",
    "fedora": "sudo dnf install mesa-libEGL mesa-libGL mesa-dri-drivers",
    "arch": "sudo pacman -S mesa",
    "suse": "sudo zypper install Mesa-libEGL1 Mesa-libGL1 Mesa-dri",
    "alpine": "apk add mesa-egl mesa-gl mesa-dri-gallium",
}
_NVIDIA_DEVICE = Path("/dev/nvidiactl")


def gl_remedy(
    system: str = sys.platform,
    os_release: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
    has_nvidia_device: bool | None = None,
) -> str:
    """Return what to do so that OpenGL 4.1 without a screen works.

    Parameters
    ----------
    system : str
        As `sys.platform`.
    os_release : mapping, optional
        `ID` and `ID_LIKE` of a Linux system; read from /etc/os-release by default.
    environ : mapping
        The environment variables.
    has_nvidia_device : bool, optional
        Whether the machine shows an NVIDIA device; looked up by default.

    Examples
    --------
    >>> gl_remedy("linux", {"ID": "fedora"}, {}, has_nvidia_device=False)
    'sudo dnf install mesa-libEGL mesa-libGL mesa-dri-drivers'
    """
    if system == "darwin":
        return "OpenGL 4.1 is part of macOS: run it in a desktop session, not by ssh before anyone has logged in"
    if system == "win32":
        return (
            "install the driver of the graphics card; without one (virtual machine, remote desktop) "
            "put opengl32.dll of Mesa for Windows beside python.exe"
        )
    if os_release is None:
        os_release = _os_release()
    if has_nvidia_device is None:
        has_nvidia_device = _NVIDIA_DEVICE.exists()
    family = f"{os_release.get('ID', '')} {os_release.get('ID_LIKE', '')}"
    lines = [line for name, line in _BY_FAMILY.items() if name in family]
    remedy = lines[0] if lines else "install Mesa with EGL and its software rasteriser (llvmpipe)"
    capabilities = environ.get("NVIDIA_DRIVER_CAPABILITIES", "")
    if has_nvidia_device and "graphics" not in capabilities and capabilities != "all":
        remedy += "; NVIDIA card in a container: start it with -e NVIDIA_DRIVER_CAPABILITIES=graphics,utility"
    return remedy


def _os_release() -> Mapping[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
