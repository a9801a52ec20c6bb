"""Keys and mouse of the window: events are collected, then applied once a frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from earthlimb.errors import EarthlimbError
from earthlimb.viewer import actions, look
from earthlimb.viewer.session import Session
from earthlimb.viewer.window import Window

_LONGEST_S = 0.5
"""A longer pause between two frames (a dragged window, a sleeping machine) does not make time jump."""
_NEEDS_WORLD = ("look", "follow")
"""Groups of actions that start from where the picture looks."""


Place = tuple[float, float]


class _Held(NamedTuple):
    """A key that may belong to a field: imgui takes it, or a click before it, in a later layout.

    `number` is that of imgui's event (a key that repeats has none of its own), `n_laid` how many layouts there were.
    """

    action: actions.Action
    repeated: bool
    number: int
    n_laid: int


class Input:
    """The window's callbacks; create it before the overlay, whose own callbacks then come first and call these."""

    overlay: Any = None
    _at: tuple[float, float] | None = None
    """Where the last event had the cursor; glfw asks the screen, where it may have gone on."""

    def __init__(self, window: Window, session: Session) -> None:
        self._window, self._session = window, session
        glfw = window.glfw
        by_name = actions.bind(session)
        session.full_screen = window.full_screen
        self._actions = {getattr(glfw, f"KEY_{key}"): action for key, action in by_name.items()}
        self._keys: list[actions.Action] = []
        self._held: list[_Held] = []
        self._pressed = -1
        self._drag_from: Place | None = None
        self._pulls: list[tuple[Place, Place]] = []
        self._wheel = 0.0
        glfw.set_key_callback(window.handle, self._key)
        glfw.set_mouse_button_callback(window.handle, self._button)
        glfw.set_cursor_pos_callback(window.handle, self._cursor)
        glfw.set_scroll_callback(window.handle, self._scroll)
        glfw.set_window_focus_callback(window.handle, self._focus)

    def poll(self, wait_s: float) -> None:
        """Take the events that are there, or wait for some."""
        if wait_s > 0.0 and not self._held:
            self._window.glfw.wait_events_timeout(wait_s)
        else:
            self._window.glfw.poll_events()

    def apply(self, passed_s: float) -> None:
        """Let the time pass and do what was asked for since the last frame.

        What turns the view waits for the first world.
        """
        session = self._session
        keys, self._keys = [*self._keys, *self._let_go()], []
        for action in keys:
            if session.world is None and action.group in _NEEDS_WORLD:
                self._keys.append(action)
            else:
                session.act(action.name)
        try:
            if self._wheel:
                look.zoom(session, self._wheel)
            if self._pulls and session.world is not None:
                pulls, self._pulls = self._pulls, []
                for from_px, to_px in pulls:
                    look.drag(session, from_px, to_px)
            if session.running:
                session.step(min(passed_s, _LONGEST_S) * session.rate)
        except EarthlimbError as error:
            session.refuse(error)
        self._wheel = 0.0

    def point(self, session: Session) -> None:
        """Say where the cursor is now; to be called once the overlay knows whether it is over the panel."""
        glfw, handle, scale = self._window.glfw, self._window.handle, session.scale
        over = self.overlay and self.overlay.wants_mouse
        if over or not glfw.get_window_attrib(handle, glfw.HOVERED):
            session.cursor_px = None
            return
        x, y = glfw.get_cursor_pos(handle)
        # the middle of the pixel under it: glfw counts from the upper left corner, in whole units on X11
        session.cursor_px = (math.floor(x * scale) + 0.5, math.floor(y * scale) + 0.5)

    def _key(self, _window: Any, key: int, _code: int, event: int, mods: int) -> None:
        glfw = self._window.glfw
        action = self._actions.get(key)
        if action is None or event == glfw.RELEASE:
            return
        if mods & (glfw.MOD_CONTROL | glfw.MOD_ALT | glfw.MOD_SUPER):
            return
        if event != glfw.PRESS and not action.repeats:
            return
        overlay = self.overlay
        if overlay and (self._held or overlay.typing or overlay.taken <= self._pressed):
            self._held.append(_Held(action, event != glfw.PRESS, overlay.queued, overlay.n_laid))
        else:
            self._keys.append(action)

    def _let_go(self) -> Iterator[actions.Action]:
        """Held keys that imgui has taken since, except those that were typed into a field."""
        overlay = self.overlay
        while self._held:
            action, repeated, number, n_laid = self._held[0]
            if overlay.taken > number:
                typed = overlay.typed
            elif overlay.n_laid > n_laid and (overlay.left == 0 or (repeated and overlay.taken >= number)):
                typed = overlay.typed or overlay.typing  # imgui has no event for it
            else:
                return
            del self._held[0]
            if not typed:
                yield action

    def _button(self, window: Any, button: int, event: int, _mods: int) -> None:
        glfw = self._window.glfw
        if self.overlay and event == glfw.PRESS:
            self._pressed = self.overlay.queued
        if button != glfw.MOUSE_BUTTON_LEFT:
            return
        at = self._at or glfw.get_cursor_pos(window)
        free = event == glfw.PRESS and not (self.overlay and self.overlay.holds(*at))
        self._drag_from = at if free else None

    def _cursor(self, _window: Any, x: float, y: float) -> None:
        self._at, scale = (x, y), self._session.scale
        if self._drag_from is None or self._drag_from == (x, y):
            return
        from_px, to_px = (self._drag_from[0] * scale, self._drag_from[1] * scale), (x * scale, y * scale)
        if self._pulls and self._pulls[-1][1] == from_px:
            from_px = self._pulls.pop()[0]
        self._pulls.append((from_px, to_px))
        self._drag_from = (x, y)

    def _scroll(self, _window: Any, _dx: float, dy: float) -> None:
        at = self._at or self._window.glfw.get_cursor_pos(self._window.handle)
        if not (self.overlay and self.overlay.holds(*at)):
            self._wheel += dy

    def _focus(self, _window: Any, focused: int) -> None:
        if not focused:
            self._drag_from = None
