"""One widget for each kind of key; a change goes through `Session.change`, which refuses what the schema refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from imgui_bundle import imgui

from earthlimb.scene.views import utc_text
from earthlimb.viewer.helm import next_attitude
from earthlimb.viewer.panel.numbers import number_field, parse_number
from earthlimb.viewer.panel.schema import Entry
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.session import Session
from earthlimb.world import lens_of, station_of

_WIDEST = 1000.0
"""A range of more than this from low to high is dragged by a share of the value instead of a share of the range."""
_APART_S = 2000.0
"""Between manoeuvres that are added: a half turn takes 1,800 s."""
_KEYED = imgui.ImVec4(1.0, 0.82, 0.45, 1.0)
_KEYED_TIP = "keys of the timeline move it: a change takes their place"
AUTOMATIC = frozenset({"camera.shutter_s"})
"""Numbers that may also be the word `auto`."""


def show(entry: Entry, values: Values, session: Session, state: PanelState, label: str = "") -> None:
    """The widget of a key with unit and tooltip; where it may be absent, with a box that says whether it is there."""
    value = values.at(entry.path)
    imgui.push_id(entry.path)
    if entry.kind == "table":
        _table(entry, value, values, session, state)
    elif entry.kind == "list":
        _list(entry, value, session, state)
    elif values.keyed(entry.path):
        imgui.push_style_color(imgui.Col_.text, _KEYED)
        meaning = f"{entry.meaning}\n{_KEYED_TIP}".strip()
        _plain(replace(entry, meaning=meaning), value, session, state, f"{label or entry.caption} (keyed)")
        imgui.pop_style_color()
    else:
        _plain(entry, value, session, state, label or entry.caption)
    imgui.pop_id()


def _plain(entry: Entry, value: Any, session: Session, state: PanelState, label: str) -> None:
    if entry.optional and entry.kind not in ("text", "choice"):
        changed, there = imgui.checkbox("##there", value is not None)
        if changed:
            session.change(entry.path, _start(entry, session) if there else None)
        imgui.same_line()
        if value is None:
            imgui.text_disabled(f"{label}: not given")
            tip(entry.tooltip)
            return
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    _WIDGETS[entry.kind](entry, value, session, state, label)
    if entry.default is not None and value != entry.default and imgui.begin_popup_context_item("default"):
        if imgui.menu_item_simple(f"default: {entry.default} {entry.unit}"):
            session.change(entry.path, entry.default)
        imgui.end_popup()


def tip(text: str) -> None:
    """A tooltip of the last item, wrapped; a text without formats."""
    if imgui.begin_item_tooltip():
        imgui.push_text_wrap_pos(24.0 * imgui.get_font_size())
        imgui.text_unformatted(text)
        imgui.pop_text_wrap_pos()
        imgui.end_tooltip()


def _number(entry: Entry, value: Any, session: Session, _state: PanelState, label: str) -> None:
    if entry.path in AUTOMATIC:
        changed, automatic = imgui.checkbox("auto", isinstance(value, str))
        if changed:
            session.change(entry.path, "auto" if automatic else entry.default)
        imgui.same_line()
        imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.4)
    if isinstance(value, str):
        imgui.text(f"{label}: {value}")
        tip(entry.tooltip)
        return
    now = float(value if value is not None else entry.low or 0.0)
    unit = entry.unit.replace("%", "%%")
    low = entry.low if entry.low is not None else -3.4e38
    high = entry.high if entry.high is not None else 3.4e38
    speed = max(abs(now), 0.05) * 0.01 if high - low > _WIDEST else (high - low) / 500.0
    digits = format_of(now)
    flags = imgui.SliderFlags_.always_clamp | imgui.SliderFlags_.no_round_to_format
    new = number_field(
        session,
        label,
        entry.path,
        digits % now,
        lambda: imgui.drag_float(label, now, speed, low, high, f"{digits} {unit}".rstrip(), flags),
        partial(_read, entry),
    )
    tip(entry.tooltip)
    if new is not None:
        session.change(entry.path, new)


def _read(entry: Entry, text: str) -> float | str:
    """What a text that was typed into a number's field says."""
    if entry.path in AUTOMATIC and text.strip().casefold() == "auto":
        return "auto"
    try:
        return parse_number(text, entry.unit, stop=entry.name == "f_number", whole=entry.kind == "whole")
    except ValueError as error:
        allowed = f"; allowed is {entry.allowed} {entry.unit}".rstrip() if entry.allowed else ""
        raise ValueError(f"{error}{allowed}") from None


def format_of(value: float) -> str:
    """A printf format that shows a value with enough figures and no empty ones.

    Examples
    --------
    >>> format_of(10000.0) % 10000.0, format_of(0.2) % 0.2, format_of(84.0) % 83.9999
    ('10000', '0.2', '84')
    """
    return "%.0f" if abs(value) >= 1000.0 and float(value).is_integer() else "%.5g"


def _whole(entry: Entry, value: Any, session: Session, _state: PanelState, label: str) -> None:
    now, highest = int(value or 0), 2**31 - 1
    low = max(int(entry.low if entry.low is not None else -highest), -highest)
    high = min(int(entry.high if entry.high is not None else highest), highest)
    if now > highest:  # a seed of 32 bits: imgui's whole numbers have a sign
        _text(entry, value, session, _state, label)
        return
    unit = f"%d {entry.unit}".rstrip()
    new = number_field(
        session,
        label,
        entry.path,
        str(now),
        lambda: imgui.drag_int(label, now, 0.2, low, high, unit, imgui.SliderFlags_.always_clamp),
        partial(_read, entry),
    )
    tip(entry.tooltip)
    if new is not None:
        session.change(entry.path, int(new))


def _switch(entry: Entry, value: Any, session: Session, _state: PanelState, label: str) -> None:
    changed, new = imgui.checkbox(label, bool(value))
    tip(entry.tooltip)
    if changed:
        session.change(entry.path, bool(new))


def _choice(entry: Entry, value: Any, session: Session, _state: PanelState, label: str) -> None:
    shown = "not given" if value is None else str(value)
    if imgui.begin_combo(label, shown):
        for option in (("not given",) if entry.optional else ()) + entry.options:
            chosen, _ = imgui.selectable(option, option == shown)
            if chosen and option != shown:
                session.change(entry.path, None if option == "not given" else option)
        imgui.end_combo()
    else:
        tip(entry.tooltip)


def _text(entry: Entry, value: Any, session: Session, state: PanelState, label: str) -> None:
    """A text is taken over with Enter or when its field is left; Escape leaves it as it was."""
    shown = "" if value is None else str(value)
    text = state.texts.get(entry.path, shown)
    if "\n" in shown or entry.name == "tle":
        size = imgui.ImVec2(imgui.get_content_region_avail().x * 0.55, 3.6 * imgui.get_text_line_height())
        _, new = imgui.input_text_multiline(label, text, size)
    else:
        _, new = imgui.input_text(label, text)
    tip(entry.tooltip)
    if imgui.is_item_active():
        state.texts[entry.path] = new
    elif imgui.is_item_deactivated_after_edit():
        state.texts.pop(entry.path, None)
        if new != shown:
            _take_text(entry, new, session)
    else:
        state.texts.pop(entry.path, None)


def _take_text(entry: Entry, text: str, session: Session) -> None:
    if entry.kind == "whole":
        try:
            session.change(entry.path, int(text))
        except ValueError:
            session.say(f"{entry.path}: {text}: a whole number is wanted: {entry.allowed}", "error")
    else:
        session.change(entry.path, None if entry.optional and not text.strip() else text)


def _vector(entry: Entry, value: Any, session: Session, state: PanelState, label: str) -> None:
    """Numbers in brackets, as a scene file has them."""
    shown = ", ".join(f"{v:.9g}" for v in value or ())
    text = state.texts.get(entry.path, shown)
    _, new = imgui.input_text(label, text)
    tip(entry.tooltip)
    if imgui.is_item_active():
        state.texts[entry.path] = new
        return
    state.texts.pop(entry.path, None)
    if imgui.is_item_deactivated_after_edit() and new != shown:
        try:
            session.change(entry.path, [float(part) for part in new.strip("[] ").split(",")])
        except ValueError:
            session.say(f"{entry.path} = [{new}]: numbers with commas are wanted: write [x, y, z]", "error")


def _start(entry: Entry, session: Session) -> Any:
    """The value that a key starts from when it is switched on."""
    lens = {"camera.f_px": "f_px", "camera.cx_px": "cx_px", "camera.cy_px": "cy_px"}.get(entry.path)
    if lens is not None:
        return float(getattr(lens_of(session.scene), lens))
    if entry.kind == "vector":
        return [0.0, 0.0, 0.0]
    if entry.kind == "switch":
        return False
    start = min(max(0.0, entry.low if entry.low is not None else 0.0), entry.high if entry.high is not None else 1e38)
    return int(start) if entry.kind == "whole" else start


def table_start(entry: Entry, session: Session, before: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What a table begins with that is switched on, or added to a list after others."""
    if entry.path == "station.state":  # where the station is, so that nothing jumps
        state = station_of(session.scene)[3]
        pos, vel = state.pos_gcrs_km.tolist(), state.vel_gcrs_km_s.tolist()
        return {"utc": utc_text(session.utc), "pos_gcrs_km": pos, "vel_gcrs_km_s": vel}
    start = {c.name: _start(c, session) for c in entry.children if c.required and c.kind != "table"}
    if entry.kind == "list" and before:  # in the order of time
        start["at_s"] = before[-1].get("at_s", 0.0)
    if entry.path == "video.event":
        start["at_s"] += _APART_S if before else 0.0
        start["manoeuvre"] = {"to": next_attitude(session.scene)}
    return start


def _table(entry: Entry, value: Any, values: Values, session: Session, state: PanelState) -> None:
    if entry.optional:
        changed, there = imgui.checkbox(f"{entry.caption}##there", value is not None)
        tip(entry.tooltip)
        if changed:
            session.change(entry.path, table_start(entry, session) if there else None)
        if value is None:
            return
    else:
        imgui.separator_text(entry.caption)
    imgui.indent()
    for child in entry.children:
        show(child, values, session, state)
    imgui.unindent()


def _list(entry: Entry, value: Any, session: Session, state: PanelState) -> None:
    """Items of a list of tables, each as the text of its table; added, changed, removed."""
    items = list(value or ())
    imgui.text(f"{entry.caption}: {len(items)}")
    tip(entry.tooltip)
    for i, item in enumerate(items):
        imgui.push_id(i)
        key = f"{entry.path}[{i}]"
        shown = json.dumps(item)
        imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.8)
        _, new = imgui.input_text("##item", state.texts.get(key, shown))
        if imgui.is_item_active():
            state.texts[key] = new
        else:
            state.texts.pop(key, None)
            if imgui.is_item_deactivated_after_edit() and new != shown:
                try:
                    items[i] = json.loads(new)
                except ValueError as error:
                    session.say(f"{key} = {new}: {error}: a table as JSON is wanted", "error")
                else:
                    session.change(entry.path, items)
        imgui.same_line()
        if imgui.small_button("remove"):
            session.change(entry.path, [other for j, other in enumerate(items) if j != i])
        imgui.pop_id()
    if imgui.small_button(f"add to {entry.caption}"):
        session.change(entry.path, [*items, table_start(entry, session, items)])


_WIDGETS = {
    "number": _number,
    "whole": _whole,
    "switch": _switch,
    "choice": _choice,
    "text": _text,
    "time": _text,
    "vector": _vector,
}
