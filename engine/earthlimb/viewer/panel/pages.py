"""The help with every key, and the page about versions, data and their credits."""

from __future__ import annotations

from importlib.metadata import version
from itertools import groupby

from imgui_bundle import imgui

from earthlimb.resources import asset_sources
from earthlimb.viewer.actions import ACTIONS, Action
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.session import Session

KEY_NAMES = {
    "SPACE": "Space", "PERIOD": ".", "COMMA": ",", "EQUAL": "=", "MINUS": "-", "LEFT": "Left", "RIGHT": "Right",
    "UP": "Up", "DOWN": "Down", "TAB": "Tab", "ESCAPE": "Esc", "ENTER": "Enter", "LEFT_BRACKET": "[",
    "RIGHT_BRACKET": "]", "SLASH": "/", "BACKSLASH": "\\", "SEMICOLON": ";", "APOSTROPHE": "'", "GRAVE_ACCENT": "`",
    "BACKSPACE": "Backspace", "HOME": "Home", "END": "End", "PAGE_UP": "Page up", "PAGE_DOWN": "Page down",
}  # fmt: skip
"""Names of keys as they are printed on keyboards; letters, digits and F keys are their own."""
MOUSE = (("drag", "look around"), ("wheel", "zoom"), ("right click on a value", "its default"))


def help_rows() -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(keys, what they do)]) of the one table of keys, equal helps joined; the mouse last."""
    rows: list[tuple[str, list[tuple[str, str]]]] = []
    order = {group: i for i, group in enumerate(dict.fromkeys(action.group for action in ACTIONS))}
    for group, actions in groupby(sorted(ACTIONS, key=lambda a: order[a.group]), key=lambda a: a.group):
        joined: dict[str, list[str]] = {}
        for action in actions:
            joined.setdefault(action.help, []).append(key_name(action))
        rows.append((group, [(" / ".join(keys), text) for text, keys in joined.items()]))
    return [*rows, ("mouse", list(MOUSE))]


def key_name(action: Action) -> str:
    """The key as it is printed on keyboards."""
    return KEY_NAMES.get(action.key, action.key)


def draw_help(session: Session) -> None:
    """Every key in two columns over the middle of the window."""
    if not session.help_shown:
        return
    _centred("help: keys")
    _, stays = imgui.begin("help: keys", True, imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_collapse)
    for group, rows in help_rows():
        imgui.separator_text(group)
        if imgui.begin_table(group, 2):
            imgui.table_setup_column("keys", imgui.TableColumnFlags_.width_fixed)
            imgui.table_setup_column("what they do", imgui.TableColumnFlags_.width_stretch)
            for keys, text in rows:
                imgui.table_next_row()
                imgui.table_next_column()
                imgui.text_unformatted(keys)
                imgui.table_next_column()
                imgui.text_wrapped(text)
            imgui.end_table()
    imgui.end()
    session.help_shown = bool(stays)


def draw_about(session: Session, state: PanelState) -> None:
    """Versions, the driver, and whose data the picture is made of."""
    if not state.about_shown:
        return
    _centred("about")
    _, stays = imgui.begin("about", True, imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_collapse)
    imgui.text_wrapped(
        f"earthlimb {version('earthlimb')}: Earth's night limb as photographed from the Space Station, rendered from "
        "physics in physical units. MIT licence."
    )
    imgui.text_disabled(f"OpenGL: {session.device}")
    imgui.text_disabled(f"moderngl {version('moderngl')}, Dear ImGui Bundle {version('imgui-bundle')}")
    imgui.separator_text("data")
    for one in asset_sources():
        imgui.text_wrapped(f"{one.file}: {one.what}")
        imgui.push_style_color(imgui.Col_.text, imgui.get_style().color_(imgui.Col_.text_disabled))
        imgui.text_wrapped(f"{one.credit}. Licence: {one.licence}")
        imgui.pop_style_color()
    imgui.end()
    state.about_shown = bool(stays)


def _centred(_name: str) -> None:
    screen = imgui.get_io().display_size
    em = imgui.get_font_size()
    size = imgui.ImVec2(min(36.0 * em, 0.9 * screen.x), min(56.0 * em, 0.9 * screen.y))
    middle = imgui.ImVec2(0.5 * screen.x, 0.5 * screen.y)
    imgui.set_next_window_size(size, imgui.Cond_.appearing)
    imgui.set_next_window_pos(middle, imgui.Cond_.appearing, imgui.ImVec2(0.5, 0.5))
