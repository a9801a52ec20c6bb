"""Keys belong to the field that is typed into, or to the window, however many events imgui has still to take."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from imgui_bundle import imgui

from earthlimb.scene import load_scene
from earthlimb.viewer.input import Input
from earthlimb.viewer.overlay import Overlay
from earthlimb.viewer.session import Session

PRESS, RELEASE, REPEAT = 1, 0, 2
KEYS = {name: getattr(imgui.Key, name) for name in "qwertyuiopasdfghjklzxcvbnm"} | {
    name: getattr(imgui.Key, name) for name in ("enter", "escape", "left_arrow", "tab", "space")
}
GLFW = {"left_arrow": "LEFT"}


class Glfw(SimpleNamespace):
    MOUSE_BUTTON_LEFT, MOD_CONTROL, MOD_ALT, MOD_SUPER = 0, 2, 4, 8
    PRESS, RELEASE = PRESS, RELEASE

    def __getattr__(self, name: str) -> Any:
        return name if name.startswith("KEY_") else lambda *_: None


class Bare(Overlay):
    """imgui's part alone."""

    def _begin(self, handle: Any) -> None:
        imgui.get_io().backend_flags |= imgui.BackendFlags_.renderer_has_textures

    def _next_frame(self) -> None:
        io = imgui.get_io()
        io.display_size, io.delta_time = imgui.ImVec2(400.0, 300.0), 0.12

    def _show(self) -> None:
        for texture in imgui.get_platform_io().textures:
            texture.status = imgui.ImTextureStatus.ok

    _end = _show


class Typist:
    """The window's callbacks in glfw's order: ours first, then imgui's."""

    def __init__(self) -> None:
        self.session = Session(load_scene("italy"), size_px=(400, 300), paused=True)
        self.session.world = object()  # type: ignore[assignment]
        self.input = Input(SimpleNamespace(glfw=Glfw(), handle=None, full_screen=lambda: None), self.session)  # type: ignore[arg-type]
        self.done: list[str] = []
        for name in self.session.actions:
            self.session.actions[name] = lambda name=name: self.done.append(name)  # type: ignore[misc]
        self.overlay = self.input.overlay = Bare(None)
        self.text, self.value = "", 1.0
        for _ in range(3):
            self.frame()

    def panel(self, _session: Session) -> None:
        imgui.set_next_window_pos(imgui.ImVec2(200.0, 0.0))
        imgui.set_next_window_size(imgui.ImVec2(200.0, 300.0))
        imgui.begin("panel", None, imgui.WindowFlags_.no_decoration)
        _, self.text = imgui.input_text("##text", self.text)
        _, self.value = imgui.drag_float("##number", self.value)
        imgui.end()

    def frame(self) -> None:
        self.input.apply(0.12)
        self.overlay.draw(self.session, (self.panel,))

    def settles(self) -> list[str]:
        """What was done, once imgui has taken everything."""
        for _ in range(60):
            self.frame()
        assert not self.input._held
        done, self.done = self.done, []
        return done

    def clicks(self, x: float, y: float) -> None:
        io = imgui.get_io()
        self.input._cursor(None, x, y)
        io.add_mouse_pos_event(x, y)
        for event in (PRESS, RELEASE):
            self.input._button(None, 0, event, 0)
            io.add_mouse_button_event(0, event == PRESS)

    def types(self, *keys: str, repeated: int = 0) -> None:
        io = imgui.get_io()
        for key in keys:
            ours = f"KEY_{GLFW.get(key, key).upper()}"
            for event in (PRESS, *[REPEAT] * repeated, RELEASE):
                self.input._key(None, ours, 0, event, 0)  # type: ignore[arg-type]
                if event != REPEAT:
                    io.add_key_event(KEYS[key], event == PRESS)
                if event != RELEASE and len(key) == 1:
                    io.add_input_character(ord(key))


@pytest.fixture
def typist() -> Iterator[Typist]:
    one = Typist()
    yield one
    one.overlay.release()


def test_keys_act_at_once_where_nothing_is_typed_into(typist: Typist) -> None:
    typist.types("l", "left_arrow", repeated=2)
    typist.input.apply(0.0)
    assert typist.done == ["limb", "left", "left", "left"]
    typist.types("tab", "q")
    assert typist.settles()[-2:] == ["panel", "quit"]


@pytest.mark.parametrize("rhythm", [0, 1, 2])
def test_a_name_typed_right_after_the_click_is_the_field_s_alone(typist: Typist, rhythm: int) -> None:
    """All between two frames, or one or two frames a letter; what follows Enter is the window's again."""
    typist.clicks(220.0, 15.0)
    for letter in "rigelq":
        typist.types(letter)
        for _ in range(rhythm):
            typist.frame()
    typist.types("left_arrow", repeated=3)
    typist.types("enter", "s", "l")
    assert typist.settles() == ["save", "limb"]
    assert typist.text == "rigelq"


def test_keys_before_a_click_are_the_window_s(typist: Typist) -> None:
    typist.types("l", "e")
    typist.clicks(220.0, 15.0)
    typist.types("r", "i")
    typist.types("escape")
    typist.types("k")
    assert typist.settles() == ["limb", "eye", "shutters"]


def test_a_click_elsewhere_gives_the_keys_back(typist: Typist) -> None:
    typist.clicks(220.0, 15.0)
    typist.types("r")
    typist.clicks(50.0, 200.0)
    typist.types("p", "i")
    assert typist.settles() == ["outside", "interior"]
    assert typist.text == "r"


def test_escape_in_a_field_does_not_close_the_window(typist: Typist) -> None:
    typist.clicks(220.0, 15.0)
    typist.types("escape")
    assert typist.settles() == [] and not typist.session.should_close
    typist.types("escape")
    assert typist.settles() == ["close"]
