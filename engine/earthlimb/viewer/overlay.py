"""The imgui pass over the picture: context, input and drawing by imgui's own glfw and OpenGL 3 backends."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from imgui_bundle import imgui

from earthlimb.viewer.session import Session

Draw = Callable[[Session], None]


class Overlay:
    """One imgui context on one glfw window. Install the window's own callbacks before: imgui's call them."""

    def __init__(self, handle: Any) -> None:
        self._context = imgui.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")  # nothing is written beside the user's files
        address = ctypes.cast(handle, ctypes.c_void_p).value
        assert address is not None
        imgui.backends.glfw_init_for_opengl(address, True)
        imgui.backends.opengl3_init("#version 410")

    def holds(self, x: float, y: float) -> bool:
        """Whether a part of the panel lies at a place of the window now, whatever the last frame's cursor was."""
        imgui.internal.update_hovered_window_and_capture_flags(imgui.ImVec2(x, y))
        return self.wants_mouse

    @property
    def wants_mouse(self) -> bool:
        """Whether the cursor is over or holds a part of the panel."""
        return bool(imgui.get_io().want_capture_mouse)

    @property
    def wants_keys(self) -> bool:
        """Whether a text field has the keyboard."""
        return bool(imgui.get_io().want_text_input)

    def draw(self, session: Session, parts: tuple[Draw, ...]) -> None:
        """One pass of every part over what is in the window's framebuffer."""
        imgui.backends.opengl3_new_frame()
        imgui.backends.glfw_new_frame()
        imgui.new_frame()
        for part in parts:
            part(session)
        imgui.render()
        imgui.backends.opengl3_render_draw_data(imgui.get_draw_data())

    def release(self) -> None:
        """Free imgui's objects."""
        imgui.backends.opengl3_shutdown()
        imgui.backends.glfw_shutdown()
        imgui.destroy_context(self._context)
