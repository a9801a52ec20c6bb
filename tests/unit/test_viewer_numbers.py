"""Numbers as people write them, typed into real fields of imgui's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgui_bundle import imgui

from earthlimb.scene import load_scene
from earthlimb.viewer.panel import schema
from earthlimb.viewer.panel.numbers import parse_number
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.panel.widgets import show
from earthlimb.viewer.session import Session

PATHS = ("camera.shutter_s", "camera.f_number", "camera.iso", "seed", "camera.focal_mm")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1/15", "s", 1.0 / 15.0),
        (" 1 / 15 s ", "s", 1.0 / 15.0),
        ("1/15s", "s", 1.0 / 15.0),
        ("1/0.5", "s", 2.0),
        ("0,5", "s", 0.5),
        (",5 sec", "s", 0.5),
        ('30"', "s", 30.0),
        ("2.5e-3", "s", 0.0025),
        ("-1,5 EV", "EV", -1.5),
        ("+12 deg", "°", 12.0),
        ("0,125", "", 0.125),
        ("10000", "", 10000.0),
        ("5.", "km", 5.0),
    ],
)
def test_what_people_write_is_read(text: str, unit: str, value: float) -> None:
    assert parse_number(text, unit) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abc", "a number is wanted: write 0.5, 0,5 or 1/2"),
        ("1/0", "no finite value"),
        ("1/", "/ is not the unit"),
        ("f/4", "a number is wanted"),
        ("1/2/3", "/3 is not the unit"),
        ("5 km", "km is not the unit: write it in s"),
        ("10,000", "may be 10.000 or 10000"),
        ("1e999", "no finite value"),
        ("inf", "a number is wanted"),
        ("nan", "a number is wanted"),
        ("--3", "a number is wanted"),
        ("1.2.3", ".3 is not the unit"),
        ("١٢", ""),
        ("%s", "a number is wanted"),
    ],
)
def test_what_is_no_number_is_refused(text: str, words: str) -> None:
    if words:
        with pytest.raises(ValueError, match=words.replace("(", r"\(")):
            parse_number(text, "s")
    else:
        assert parse_number(text) == 12.0  # digits of other scripts


def test_f_numbers_and_whole_numbers() -> None:
    assert [parse_number(t, stop=True) for t in ("f/4", "F4", "f 1,4", "2.8")] == [4.0, 4.0, 1.4, 2.8]
    assert parse_number("1e3", whole=True) == parse_number("2000/2", whole=True) == 1000.0
    for text in ("1/2", "1.5", "0,5"):
        with pytest.raises(ValueError, match="a whole number is wanted"):
            parse_number(text, whole=True)
    for text in ("f/", "f", "ff4", "f/abc"):
        with pytest.raises(ValueError, match="a number is wanted"):
            parse_number(text, stop=True)


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_refused_in_words(text: str) -> None:
    try:
        assert abs(parse_number(text, "s", stop=True)) < float("inf")
    except ValueError as error:
        assert ":" in str(error)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_as_it_is_written(value: float) -> None:
    assert parse_number(repr(value)) == value


class Fields:
    """The fields of some keys, one under the other, with a mouse and a keyboard."""

    def __init__(self) -> None:
        self.context = imgui.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
        io.display_size = imgui.ImVec2(500.0, 300.0)
        self.session = Session(load_scene("italy", {"camera.focal_mm": 28.0}), size_px=(500, 300), paused=True)
        self.rows: dict[str, float] = {}
        self.shown: tuple[str, ...] = PATHS
        self.frames(3)

    def frames(self, n: int) -> None:
        for _ in range(n):
            imgui.get_io().delta_time = 0.05
            imgui.new_frame()
            imgui.set_next_window_pos(imgui.ImVec2(0.0, 0.0))
            imgui.set_next_window_size(imgui.ImVec2(500.0, 300.0))
            imgui.begin("fields", None, imgui.WindowFlags_.no_decoration)
            values = Values(self.session)
            for path in self.shown:
                self.rows[path] = imgui.get_cursor_screen_pos().y + 0.5 * imgui.get_frame_height()
                show(schema.entry(path), values, self.session, self.session.panel)
            self.end_y = imgui.get_cursor_screen_pos().y
            imgui.end()
            imgui.render()
            for texture in imgui.get_platform_io().textures:
                texture.status = imgui.ImTextureStatus.ok

    def opens(self, path: str) -> None:
        """A double click on the field, which then is typed into."""
        io = imgui.get_io()
        io.add_mouse_pos_event(120.0, self.rows[path])
        for down in (True, False, True, False):
            io.add_mouse_button_event(0, down)
        self.frames(6)
        assert imgui.get_io().want_text_input
        self.frames(2)

    def types(self, path: str, text: str, key: imgui.Key | None = imgui.Key.enter) -> list[str]:
        """What is said when this has been typed in place of what stood there."""
        self.session.messages.clear()
        before = self.end_y
        self.opens(path)
        for letter in text:
            imgui.get_io().add_input_character(ord(letter))
            self.frames(1)
        assert self.end_y == before  # nothing below has moved
        if key is not None:
            imgui.get_io().add_key_event(key, True)
            imgui.get_io().add_key_event(key, False)
        else:
            imgui.get_io().add_mouse_pos_event(480.0, 290.0)
            imgui.get_io().add_mouse_button_event(0, True)
            imgui.get_io().add_mouse_button_event(0, False)
        self.frames(5)
        assert not imgui.get_io().want_text_input
        imgui.get_io().add_mouse_pos_event(-1.0, -1.0)
        for _ in range(15):  # another click is no double one
            self.frames(1)
        return [message.text for message in self.session.messages]


@pytest.fixture
def fields() -> Iterator[Fields]:
    one = Fields()
    yield one
    imgui.destroy_context(one.context)


def test_a_fraction_is_what_it_says(fields: Fields) -> None:
    assert fields.types("camera.shutter_s", "1/15 s") == []
    assert fields.session.scene.camera.shutter_s == 1.0 / 15.0
    assert fields.types("camera.shutter_s", "0,5", key=None) == []  # left with a click elsewhere
    assert fields.session.scene.camera.shutter_s == 0.5
    assert fields.types("camera.f_number", "f/4") == []
    assert fields.session.scene.camera.f_number == 4.0
    assert fields.types("seed", "17") == []
    assert fields.session.scene.seed == 17


def test_nonsense_is_one_message_and_changes_nothing(fields: Fields) -> None:
    scene = fields.session.scene
    for path, text, words in (
        (
            "camera.shutter_s",
            "abc",
            "camera.shutter_s = abc: a number is wanted: write 0.5, 0,5 or 1/2; allowed is 1e-06",
        ),
        ("camera.shutter_s", "1/0", "camera.shutter_s = 1/0: it has no finite value"),
        ("camera.shutter_s", "f/4", "camera.shutter_s = f/4: a number is wanted"),
        ("camera.iso", "10,000", "camera.iso = 10,000: this may be 10.000 or 10000"),
        ("camera.shutter_s", "7200", "window: camera.shutter_s = 7200.0: must be 1e-06 to 3600"),
        ("seed", "1/2", "seed = 1/2: a whole number is wanted"),
    ):
        said = fields.types(path, text)
        assert len(said) == 1 and said[0].startswith(words), said
        assert fields.session.scene is scene


def test_escape_and_the_same_text_change_nothing(fields: Fields) -> None:
    fields.session.change("camera.shutter_s", 1.0 / 15.0)
    scene = fields.session.scene
    assert fields.types("camera.shutter_s", "3", imgui.Key.escape) == []
    assert fields.types("camera.shutter_s", "0.066667") == []  # as it is shown
    assert fields.types("camera.shutter_s", "") == []
    assert fields.session.scene is scene


def test_the_next_field_takes_over_by_a_click(fields: Fields) -> None:
    fields.opens("camera.f_number")
    for letter in "2.8":
        imgui.get_io().add_input_character(ord(letter))
        fields.frames(1)
    imgui.get_io().add_mouse_pos_event(120.0, fields.rows["camera.shutter_s"])  # above: drawn before
    imgui.get_io().add_mouse_button_event(0, True)
    imgui.get_io().add_mouse_button_event(0, False)
    fields.frames(5)
    assert fields.session.scene.camera.f_number == 2.8
    assert fields.types("camera.f_number", "4", None) == []
    assert fields.session.scene.camera.f_number == 4.0


def test_auto_can_be_written(fields: Fields) -> None:
    assert fields.types("camera.shutter_s", "Auto") == []
    assert Values(fields.session).at("camera.shutter_s") == "auto"


def test_a_field_that_goes_while_it_is_typed_into_keeps_its_value(fields: Fields) -> None:
    fields.opens("camera.f_number")
    imgui.get_io().add_input_character(ord("8"))
    fields.frames(2)
    fields.shown = ("camera.shutter_s",)
    fields.frames(5)
    fields.shown = PATHS
    fields.frames(5)
    assert fields.session.scene.camera.f_number == 1.4


def test_a_drag_is_a_drag(fields: Fields) -> None:
    io = imgui.get_io()
    io.add_mouse_pos_event(120.0, fields.rows["camera.f_number"])
    io.add_mouse_button_event(0, True)
    fields.frames(3)
    for i in range(10):
        io.add_mouse_pos_event(120.0 + 6.0 * i, fields.rows["camera.f_number"])
        fields.frames(1)
    io.add_mouse_button_event(0, False)
    fields.frames(3)
    assert fields.session.scene.camera.f_number > 2.0
