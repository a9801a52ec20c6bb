"""The window itself: glfw, an OpenGL 4.1 core context, and one clear message where it cannot be had."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from earthlimb.errors import WorkError
from earthlimb.viewer.glfw_library import compositor_gone, display_missing, load_glfw, start_crashes, wayland_wanted
from earthlimb.viewer.x_server import watch_x_server

_NO_WINDOW = "`earthlimb render SCENE -o OUT.png` needs no window"


Place = tuple[int, int, int, int]
"""Left, top, width, height on the desktop."""
_IN_SIGHT_PX, _EDGE_PX = 64, 32
_SCREEN_S = 1.0 / 60.0


def _shared(a: Place, b: Place) -> int:
    """Area that two places have in common."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(wide, 0) * max(high, 0)


class Window:
    """A glfw window of a given framebuffer size whose GL context is current; `fit` makes it fit the screen.

    Raises
    ------
    WorkError
        No display, no driver, or one without OpenGL 4.1; the message says what to do.
    """

    def __init__(self, size_px: tuple[int, int], title: str, *, fit: bool) -> None:
        if display_missing():
            raise WorkError(
                "view: no display: neither DISPLAY nor WAYLAND_DISPLAY is set, a window needs one: run it in a desktop "
                f"session, with ssh -X, or under xvfb-run; {_NO_WINDOW}"
            )
        self._wayland = wayland_wanted()
        self.glfw = glfw = load_glfw(wayland=self._wayland)
        if self._wayland and start_crashes(glfw):
            raise WorkError(
                "view: glfw crashes on this Wayland compositor: glfw 3.4 needs a keyboard or a mouse there: "
                f"give it one, or set DISPLAY to an X server; {_NO_WINDOW}"
            )
        reasons: list[str] = []
        glfw.set_error_callback(lambda _code, text: reasons.append(text.decode("utf-8", "replace")))
        if sys.platform.startswith("linux"):
            glfw.init_hint(glfw.PLATFORM, glfw.PLATFORM_WAYLAND if self._wayland else glfw.PLATFORM_X11)
        if not glfw.init():
            name = "WAYLAND_DISPLAY" if self._wayland else "DISPLAY"
            raise WorkError(
                f"view: {'; '.join(reasons) or 'no reason given'}: a window needs a display that answers: "
                f"check {name} (now {os.environ.get(name, 'unset')})"
                f"{', or set DISPLAY to an X server' if self._wayland else ''}; {_NO_WINDOW}"
            )
        if sys.platform.startswith("linux") and not self._wayland:
            watch_x_server()
        for hint, value in (
            (glfw.CONTEXT_VERSION_MAJOR, 4),
            (glfw.CONTEXT_VERSION_MINOR, 1),
            (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
            (glfw.OPENGL_FORWARD_COMPAT, True),
            (glfw.SCALE_FRAMEBUFFER, True),
            (glfw.SAMPLES, 0),
            (glfw.AUTO_ICONIFY, False),  # full screen on one monitor, work on another
        ):
            glfw.window_hint(hint, value)
        monitor = glfw.get_primary_monitor()
        scaled = monitor and (self._wayland or sys.platform == "darwin")
        ratio = glfw.get_monitor_content_scale(monitor)[0] if scaled else 1.0
        width, height = size_px[0] / ratio, size_px[1] / ratio
        if fit and monitor:
            _, _, room_x, room_y = glfw.get_monitor_workarea(monitor)
            known = room_x > 0 and room_y > 0
            shrink = min(1.0, 0.9 * room_x / width, 0.85 * room_y / height) if known else 1.0
            width, height = width * shrink, height * shrink
        size = max(round(width), 1), max(round(height), 1)
        self.handle = glfw.create_window(*size, title, None, None)
        if not self.handle:
            glfw.terminate()
            raise WorkError(
                f"view: {'; '.join(reasons) or 'the driver gives no window'}: needs OpenGL 4.1: install or update the "
                "graphics driver (Debian, Ubuntu: apt-get install libgl1 libgl1-mesa-dri libglx-mesa0), then try "
                f"`earthlimb doctor`; {_NO_WINDOW}"
            )
        glfw.make_context_current(self.handle)
        glfw.swap_interval(0 if self._wayland else 1)  # Wayland's would wait for as long as nobody sees the window
        self._swapped_s = 0.0
        self._windowed: tuple[int, int, int, int] | None = None
        self._said = title

    def watch_monitors(self) -> None:
        """Hear of monitors that come and go; after the overlay, whose callback for them calls no other."""
        self.glfw.set_monitor_callback(self.monitors_changed)

    def says(self, title: str, *, exact: bool) -> None:
        """Tell in the title what is shown, and whether the picture is the exact one."""
        said = title + (", exact picture" if exact else "")
        if said != self._said:
            self._said = said
            self.glfw.set_window_title(self.handle, said)

    @property
    def size_px(self) -> tuple[int, int]:
        """Framebuffer size, (0, 0) while minimised."""
        if self.glfw.get_window_attrib(self.handle, self.glfw.ICONIFIED):
            return 0, 0
        width, height = self.glfw.get_framebuffer_size(self.handle)
        return int(width), int(height)

    @property
    def pixel_ratio(self) -> float:
        """Framebuffer pixels per unit of the cursor's coordinates."""
        return float(self.size_px[0]) / max(self.glfw.get_window_size(self.handle)[0], 1)

    @property
    def content_scale(self) -> float:
        """What the desktop wants letters enlarged by on the screen that holds the window."""
        return float(self.glfw.get_window_content_scale(self.handle)[0])

    def swap(self) -> None:
        """Show what was drawn; sixty times a second at most, where the driver does not wait for the screen."""
        self.glfw.swap_buffers(self.handle)
        if self._wayland:
            time.sleep(max(self._swapped_s + _SCREEN_S - time.perf_counter(), 0.0))
            self._swapped_s = time.perf_counter()

    @property
    def closing(self) -> bool:
        """Whether the user closed it.

        Raises
        ------
        WorkError
            The Wayland compositor has gone, of which glfw says no more than that.
        """
        closing = bool(self.glfw.window_should_close(self.handle))
        if closing and self._wayland and compositor_gone(self.glfw):
            name = os.environ.get("WAYLAND_DISPLAY", "")
            raise WorkError(f"view: the Wayland compositor {name} has gone: start `earthlimb view` again")
        return closing

    def full_screen(self) -> None:
        """To the whole monitor that holds most of the window, or back to where it was."""
        glfw = self.glfw
        if self._windowed is not None:
            place, self._windowed = self._windowed, None
            glfw.set_window_monitor(self.handle, None, *self._in_sight(place), 0)
            return
        place = (*glfw.get_window_pos(self.handle), *glfw.get_window_size(self.handle))
        monitor = max(self._monitors(), key=lambda one: self._holding(place, *one), default=None)
        if monitor is None:
            return
        self._windowed = place
        left, top, wide, high = monitor[1]
        if self._without_randr(monitor[0]):
            glfw.set_window_monitor(self.handle, None, left, top, wide, high, 0)
        else:
            rate = glfw.get_video_mode(monitor[0]).refresh_rate
            glfw.set_window_monitor(self.handle, monitor[0], 0, 0, wide, high, rate)

    def _without_randr(self, monitor: Any) -> bool:
        """Whether this is an X server of which glfw does not know where a full screen lies: it would lie anywhere."""
        adapter = getattr(self.glfw, "get_x11_adapter", None)
        return not self._wayland and adapter is not None and not adapter(monitor)

    def _holding(self, place: Place, monitor: Any, where: Place) -> float:
        """How much of the window a monitor shows; Wayland tells but the window's density: the monitor's or not."""
        if not self._wayland:
            return _shared(place, where)
        return float(self.glfw.get_monitor_content_scale(monitor)[0] == self.content_scale)

    def monitors_changed(self, *_: Any) -> None:
        """A monitor came or went: the window that filled it, or lay on it, comes to one that is there."""
        glfw = self.glfw
        if self._windowed is not None:
            if not glfw.get_window_monitor(self.handle):  # glfw has left full screen
                self.full_screen()
            return
        place = (*glfw.get_window_pos(self.handle), *glfw.get_window_size(self.handle))
        sight = self._in_sight(place, place[2] * place[3] // 4)  # a window manager may have left but an edge of it
        if sight != place:
            glfw.set_window_pos(self.handle, *sight[:2])

    def _monitors(self) -> list[tuple[Any, Place]]:
        """Every monitor that shows something, and where it is."""
        found = []
        for monitor in self.glfw.get_monitors() or ():
            mode = self.glfw.get_video_mode(monitor)
            if mode is not None:
                found.append((monitor, (*self.glfw.get_monitor_pos(monitor), mode.size.width, mode.size.height)))
        return found

    def _in_sight(self, place: Place, least_px: int = _IN_SIGHT_PX**2) -> Place:
        """The place, or one on the first monitor where no monitor shows at least so much of it."""
        monitors = [where for _, where in self._monitors()]
        if not monitors or max(_shared(place, where) for where in monitors) >= least_px:
            return place
        left, top, wide, high = monitors[0]
        return left + _EDGE_PX, top + _EDGE_PX, min(place[2], wide - 2 * _EDGE_PX), min(place[3], high - 2 * _EDGE_PX)

    def release(self) -> None:
        """Close it."""
        self.glfw.set_monitor_callback(None)
        self.glfw.destroy_window(self.handle)
        self.glfw.terminate()
