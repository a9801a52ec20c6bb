"""A virtual display of our own and a person at it: real key and mouse events through xdotool."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = ("Xvfb", "xdotool", "import", "xprop")


@contextmanager
def virtual_display(*options: str, screen: str = "1000x700x24") -> Iterator[str]:
    """An X server on a display that is free; its name, as DISPLAY has it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not installed: apt-get install xvfb xdotool imagemagick x11-utils")
    read, write = os.pipe()
    size = ("-screen", "0", screen, "-nolisten", "tcp")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *size, *options], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


_DUMMY = """
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "any"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "any"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 2048 1024
    Modes "800x600"
  EndSubSection
EndSection
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
EndSection
"""


@contextmanager
def two_monitors(folder: Path) -> Iterator[str]:
    """An X server whose outputs DUMMY0 (800 x 600) and, right of it, DUMMY1 (640 x 480) xrandr can plug and unplug."""
    missing = [tool for tool in ("Xorg", "xrandr", "xdotool") if shutil.which(tool) is None]
    if missing or not list(Path("/usr/lib").glob("**/dummy_drv.so")):
        pytest.skip(
            "Xorg with its dummy driver: not installed: apt-get install --no-install-recommends xserver-xorg-core "
            "xserver-xorg-video-dummy x11-xserver-utils xdotool"
        )
    (folder / "xorg.conf").write_text(_DUMMY)
    read, write = os.pipe()
    quiet = ("-noreset", "-novtswitch", "-sharevts", "-keeptty", "-nolisten", "tcp", "-logfile", f"{folder}/xorg.log")
    server = subprocess.Popen(
        ["Xorg", "-displayfd", str(write), "-config", str(folder / "xorg.conf"), *quiet],
        pass_fds=[write],
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()
        if not number:
            pytest.skip(f"Xorg does not start here: {server.communicate()[1].strip().splitlines()[-1:]}: run as root")
        display = f":{number}"
        xrandr(display, "--addmode", "DUMMY1", "640x480")
        xrandr(display, "--output", "DUMMY1", "--mode", "640x480", "--right-of", "DUMMY0")
        yield display
    finally:
        server.terminate()
        server.wait()


def xrandr(display: str, *words: str) -> None:
    """Plug, unplug or move monitors; then ask, for only that makes the dummy driver look what is plugged in."""
    for command in (["xrandr", *words], ["xrandr"]):
        subprocess.run(command, env=environment(display), check=True, capture_output=True)


@contextmanager
def wayland(display: str | None, folder: Path, *options: str) -> Iterator[dict[str, str]]:
    """A Wayland compositor in a window on an X display, whose keys and mouse it takes; what its clients need to know.

    Without a display it is one without a screen, keyboard and mouse.
    """
    if shutil.which("weston") is None:
        pytest.skip("weston: not installed: apt-get install --no-install-recommends weston")
    folder.chmod(0o700)
    own = {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": "wayland-earthlimb"}
    backend = ["--backend=headless-backend.so"] if display is None else ["--backend=x11-backend.so", "--use-pixman"]
    command = ["weston", "--no-config", *backend, "--idle-time=0"]
    with (folder / "weston.log").open("w") as log:
        compositor = subprocess.Popen(
            [*command, f"--socket={own['WAYLAND_DISPLAY']}", *options],
            env=environment(display, XDG_RUNTIME_DIR=str(folder)),
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + 30.0
            while not (folder / own["WAYLAND_DISPLAY"]).exists():
                if compositor.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"weston: {(folder / 'weston.log').read_text()}")
                time.sleep(0.1)
            yield own
        finally:
            compositor.terminate()
            try:
                compositor.wait(10.0)
            except subprocess.TimeoutExpired:  # seen once: it looped in its own rotation of a window
                compositor.kill()
                compositor.wait()


def environment(display: str | None, **more: str) -> dict[str, str]:
    """The environment of a command on that display, or on none."""
    # imgui names its library for X11 to every process that one of these starts
    own = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "PYGLFW_LIBRARY")}
    path = os.pathsep.join([str(CHECKOUT / "engine"), *filter(None, sys.path)])
    # without a cache folder no process compiles shaders for later windows beside each; Mesa keeps its own
    cache = {"XDG_CACHE_HOME": os.devnull, "MESA_SHADER_CACHE_DIR": str(Path.home() / ".cache")}
    return own | cache | {"PYTHONPATH": path} | ({"DISPLAY": display} if display else {}) | more


def prints(code: str, cwd: Path, environ: dict[str, str]) -> str:
    """What a Python program of its own prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def earthlimb(*words: str, display: str | None = None, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of earthlimb to its end."""
    command = [sys.executable, "-m", "earthlimb", *words]
    return subprocess.run(
        command, cwd=cwd, env=environment(display, **more), capture_output=True, text=True, timeout=180
    )


PATIENCE_S = 180.0
"""Before what should come counts as lost: beside other tests the window's processes, which step back, take half a
minute for an exact picture."""


class Person:
    """Someone at a running `earthlimb view`."""

    def __init__(self, display: str, cwd: Path, *words: str, own: dict[str, str] | None = None) -> None:
        """`own`: what the window's process knows instead of the X display."""
        self.display = display
        self.process = subprocess.Popen(
            [sys.executable, "-m", "earthlimb", "view", *words],
            cwd=cwd,
            env=environment(display) if own is None else environment(None, **own),
            stderr=subprocess.PIPE,
            text=True,
        )

    def does(self, *words: str) -> str:
        """One call of xdotool."""
        done = subprocess.run(
            ["xdotool", *words], env=environment(self.display), capture_output=True, text=True, check=True
        )
        return done.stdout

    def waits_for_the_window(self) -> str:
        """The X window, once it is there."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.process.poll() is None:
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", "earthlimb"],
                env=environment(self.display),
                capture_output=True,
                text=True,
            )
            if found.stdout.strip():
                return found.stdout.split()[0]
            time.sleep(0.2)
        raise AssertionError(f"no window: {self.ends()}")

    def waits_for_the_exact_picture(self, window: str, seconds: float = PATIENCE_S) -> None:
        """Until the window's title says that nothing coarser is shown."""
        deadline = time.monotonic() + seconds
        while "exact picture" not in self.does("getwindowname", window):
            assert time.monotonic() < deadline and self.process.poll() is None, "no exact picture"
            time.sleep(0.1)

    def minimises(self, window: str, minimised: bool) -> None:
        """As a window manager does it: unmapped or mapped, and the window's state set."""
        state = ["xprop", "-id", window, "-f", "WM_STATE", "32c", "-set", "WM_STATE", "3" if minimised else "1"]
        subprocess.run(state, env=environment(self.display), check=True)
        self.does("windowunmap" if minimised else "windowmap", window)

    def sees(self, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """The upper left of the screen, where the window lies when there is no window manager."""
        done = subprocess.run(
            ["import", "-window", "root", "-crop", f"{width_px}x{height_px}+0+0", "png:-"],
            env=environment(self.display),
            capture_output=True,
            check=True,
        )
        return np.asarray(Image.open(io.BytesIO(done.stdout)).convert("RGB"))

    def sees_at_last(self, expected: NDArray[np.uint8], seconds: float = PATIENCE_S) -> NDArray[np.uint8]:
        """Look until the screen shows what is expected or the time is over; what was seen last."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self.sees(expected.shape[1], expected.shape[0])
            if time.monotonic() > deadline or np.array_equal(seen, expected):
                return seen
            time.sleep(0.5)

    def ends(self, seconds: float = 30.0) -> tuple[int, str]:
        """Exit status and standard error, once the process has ended."""
        try:
            _, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, err = self.process.communicate()
        return self.process.returncode, err


def picture(path: Path) -> NDArray[np.uint8]:
    """A PNG as (h, w, 3)."""
    return np.asarray(Image.open(path).convert("RGB"))
