"""The imgui pass over the picture: context, input and drawing by imgui's own glfw and OpenGL 3 backends."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from imgui_bundle import imgui

from earthlimb.viewer.session import Session
from earthlimb.world import WorldState

Draw = Callable[[Session], None]

_LASTS_S = 0.09
"""How long what was laid out is shown, where neither input nor labels ask for more: its Python takes 3 to 12 ms."""
_LOADING_LASTS_S = 0.3
"""And while each picture has something to load beside it."""
_FAINT = 0x01FFFFFF
"""A colour that nobody sees, with 1/255 of opacity: without any nothing is drawn."""
_DOUBLE_CLICK_S = 0.45
"""About as desktops have it (imgui: 0.3). It counts from frame to frame, takes one press or release in each, which may
last 0.1 s, and asks for less than the 0.5 s after which a click is a single one."""
_ECHOES = 3
"""Frames after an event that are laid out, too: some widgets find their size in the next."""


class Overlay:
    """One imgui context on one glfw window. Install the window's own callbacks before: imgui's call them.

    imgui takes events from its queue a few in each layout, so that a click and what is typed after it are spread over
    several frames; whoever else gets keys can tell by these counts whether one of them was typed into a field.

    Attributes
    ----------
    n_laid : layouts so far
    taken, left : events that imgui has taken from its queue, and that the last layout has left there
    typing, typed : whether a text field had the keyboard after the last layout, and before it
    """

    def __init__(self, handle: Any) -> None:
        self._context = imgui.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")  # nothing is written beside the user's files
        io.mouse_double_click_time = _DOUBLE_CLICK_S
        self._begin(handle)
        self._laid_s, self._echoes = -1.0, 0
        self._frame: tuple[object, ...] = ()  # size and densities that were laid out for
        self._world: WorldState | None = None  # what labels were laid out for
        self.n_laid = self.taken = self.left = 0
        self.typing = self.typed = False
        self._lay_out(lambda: imgui.get_background_draw_list().add_text(imgui.ImVec2(0.0, 0.0), _FAINT, "0"))
        self._show()  # its program is compiled before the first frame, not in it

    def holds(self, x: float, y: float) -> bool:
        """Whether a part of the panel lies at a place of the window now, whatever the last frame's cursor was."""
        imgui.internal.update_hovered_window_and_capture_flags(imgui.ImVec2(x, y))
        return self.wants_mouse

    @property
    def wants_mouse(self) -> bool:
        """Whether the cursor is over or holds a part of the panel."""
        return bool(imgui.get_io().want_capture_mouse)

    @property
    def queued(self) -> int:
        """The number that the next event will have, counted as `taken` counts."""
        return self.taken + int(self._context.input_events_queue.size())

    def draw(self, session: Session, parts: tuple[Draw, ...], *, loading: bool = False) -> None:
        """Every part over what is in the window's framebuffer; laid out anew where it is old or something happened.

        `loading`: the frame has had other work beside its picture, to which a panel of a moment ago gives way.
        """
        now = time.perf_counter()
        if self._is_old(session, now - self._laid_s > (_LOADING_LASTS_S if loading else _LASTS_S)):
            self._laid_s, self._frame, self._world = now, _frame(session), session.world
            self._lay_out(*(partial(part, session) for part in parts))
        self._show()

    def _lay_out(self, *parts: Callable[[], None]) -> None:
        self._next_frame()
        queue = self._context.input_events_queue
        before = queue.size()
        imgui.new_frame()
        self.n_laid, self.left, self.typed = self.n_laid + 1, queue.size(), self.typing
        self.taken += before - self.left
        for part in parts:
            part()
        imgui.render()
        self.typing = self._context.want_text_input_next_frame > 0

    def _is_old(self, session: Session, elapsed: bool) -> bool:
        if not self._context.input_events_queue.empty() or self._frame != _frame(session):
            self._echoes = _ECHOES
        if self._echoes:
            self._echoes -= 1
            return True
        moved = session.panel.overlays.any and session.world is not self._world
        return elapsed or moved or imgui.is_any_item_active()

    def release(self) -> None:
        """Free imgui's objects."""
        self._end()
        imgui.destroy_context(self._context)

    def _begin(self, handle: Any) -> None:
        address = ctypes.cast(handle, ctypes.c_void_p).value
        assert address is not None
        imgui.backends.glfw_init_for_opengl(address, True)
        imgui.backends.opengl3_init("#version 410")

    def _next_frame(self) -> None:
        imgui.backends.opengl3_new_frame()
        imgui.backends.glfw_new_frame()

    def _show(self) -> None:
        imgui.backends.opengl3_render_draw_data(imgui.get_draw_data())

    def _end(self) -> None:
        imgui.backends.opengl3_shutdown()
        imgui.backends.glfw_shutdown()


def _frame(session: Session) -> tuple[object, ...]:
    return session.size_px, session.scale, session.content_scale, session.panel.ui_scale, session.panel_shown
