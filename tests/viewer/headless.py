"""A stand-in for the window where there is no display at all: an EGL context and a framebuffer of our own.

Drawing, pacing and the panel's Python are the window's; glfw's events, the swap of buffers and the drawing of the
panel's triangles are missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from imgui_bundle import imgui

from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, resized
from earthlimb.viewer import canvas, overlay
from earthlimb.viewer.session import Session
from tests.viewer.model_card import ModelCard


class _Events:
    """What the loop asks of glfw: no event ever comes, the cursor is elsewhere."""

    HOVERED = PRESS = RELEASE = 0

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.swap: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("KEY_"):
            return hash(name)
        if name.startswith(("set_", "poll_", "swap_interval")):
            return lambda *_: None
        raise AttributeError(name)

    def wait_events_timeout(self, seconds: float) -> None:
        time.sleep(seconds)

    def get_window_attrib(self, *_: Any) -> int:
        return 0

    def get_cursor_pos(self, _handle: Any) -> tuple[float, float]:
        return 0.0, 0.0


class Headless:
    """As `earthlimb.viewer.window.Window`, without one."""

    closing = False
    pixel_ratio = content_scale = 1.0

    def __init__(self, size: tuple[int, int]) -> None:
        self.size_px, self.handle = size, None
        self.glfw = _Events(size)
        _HERE["events"], _HERE["size"] = self.glfw, size

    def says(self, title: str, *, exact: bool) -> None:
        """No title."""

    def swap(self) -> None:
        """Wait as a swap of two buffers does, but for no screen."""
        if self.glfw.swap is not None:
            self.glfw.swap()

    def full_screen(self) -> None:
        """No screen."""

    def watch_monitors(self) -> None:
        """None is there."""

    def release(self) -> None:
        """Nothing to close."""


_HERE: dict[str, Any] = {}


class _Swap:
    """Waits for the frame before the one that has been sent: the card may be that far behind."""

    def __init__(self, ctx: Any) -> None:
        self._free, self._sent = [ctx.query(time=True), ctx.query(time=True)], []

    def __call__(self) -> None:
        mark = self._free.pop()
        with mark:
            pass
        self._sent.append(mark)
        if not self._free:
            former = self._sent.pop(0)
            _ = former.elapsed  # known when the card has come so far
            self._free.append(former)


class _Overlay(overlay.Overlay):
    """imgui up to its lists of triangles: its backend's library finds contexts of a window alone."""

    def _begin(self, handle: Any) -> None:
        imgui.get_io().backend_flags |= imgui.BackendFlags_.renderer_has_textures
        self._last_s = time.perf_counter()

    def _next_frame(self) -> None:
        io, now = imgui.get_io(), time.perf_counter()
        io.display_size = imgui.ImVec2(*map(float, _HERE["size"]))
        io.delta_time = max(now - self._last_s, 1e-4)
        self._last_s = now

    def _show(self) -> None:
        """No backend, no triangles."""

    def _end(self) -> None:
        """Nothing to close."""


class _Canvas(canvas.Canvas):
    """Its window is a texture."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = self.ctx.texture(_HERE["size"], 4)
        self.screen = self.ctx.framebuffer([self._shown])
        card = _HERE["card"]
        if card is not None:
            self.clock = card
        _HERE["events"].swap = _Swap(self.ctx) if card is None else card.swap

    def draw(self, world: Any, frame: int, **how: Any) -> None:
        if _HERE["card"] is not None:
            _HERE["card"].size_px = world.lens.width_px, world.lens.height_px
        super().draw(world, frame, **how)

    def again(self, n: int) -> bool:
        try:
            return super().again(n)
        finally:
            self.ctx.__enter__()  # EGL leaves no context current after a `with`

    def read_statistics(self) -> Any:
        found = super().read_statistics()
        self.ctx.__enter__()
        return found


def current_renderer(device: str) -> Renderer:
    """One without a window, whose context stays current as a window's does."""
    renderer = Renderer()
    renderer.ctx.__enter__()
    return renderer


def without_display(card: ModelCard | None = None) -> None:
    """Let the viewer run without a display in this process from now on, on a model of a card or on what there is."""
    from earthlimb.viewer import frames

    _HERE["card"] = card
    canvas.Renderer = current_renderer  # type: ignore[assignment,misc,attr-defined]
    frames.Canvas = _Canvas  # type: ignore[misc,attr-defined]
    overlay.Overlay = _Overlay  # type: ignore[misc]


@contextmanager
def pictures(scene: Scene, size: tuple[int, int], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The `Frames` of a window that there is not, paused, its panel hidden."""
    from earthlimb.viewer import frames

    for module, name in ((frames, "Canvas"), (overlay, "Overlay"), (canvas, "Renderer")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(frames, "Kiln", lambda *_: SimpleNamespace(wait=lambda: False, release=lambda: None, share=1.0))
    without_display()
    Headless(size)
    session = Session(resized(scene, *size), size_px=size, paused=True, panel_shown=False, folder=folder)
    made = frames.Frames(session)
    try:
        yield made
    finally:
        made.release()


def until(frames: Any, done: Callable[[], object], seconds: float = 120.0) -> None:
    """Go on drawing until something is so."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, [message.text for message in frames._session.messages]
        frames.advance()
        time.sleep(0.005)
