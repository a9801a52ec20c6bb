"""Fields of numbers: dragged as imgui drags them, typed as people write numbers: 0.2, 0,2, 1/15, 1/15 s, f/4."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from imgui_bundle import imgui

from earthlimb.viewer.session import Session

_DECIMAL = r"\d+(?:[.,]\d*)?(?:e[+-]?\d+)?|[.,]\d+(?:e[+-]?\d+)?"
_NUMBER = re.compile(rf"([+-]?)\s*({_DECIMAL})\s*(?:/\s*({_DECIMAL}))?\s*(.*)", re.IGNORECASE)
_FLOAT32_DIGITS = 7
_WORDS = {
    "s": ("sec", "second", "seconds", '"'), "°": ("deg", "degree", "degrees"), "%": ("percent",), "µm": ("um",),
    "ev": ("stops", "stop"), "m": ("metres",), "km": ("kilometres",), "°/s": ("deg/s",),
}  # fmt: skip
"""How people write units besides the panel's own way."""


def parse_number(text: str, unit: str = "", *, stop: bool = False, whole: bool = False) -> float:
    """The number of a text: a decimal with point or comma, or a fraction, with or without its unit.

    Parameters
    ----------
    unit : what may stand behind it
    stop : it is an f-number, before which `f/` may stand
    whole : it has to be a whole number

    Raises
    ------
    ValueError
        What is wrong, and what to write.

    Examples
    --------
    >>> parse_number("1/4 s", "s"), parse_number("0,5"), parse_number("f/2.8", stop=True)
    (0.25, 0.5, 2.8)
    """
    given = text.strip()
    if stop:
        given = re.sub(r"^f\s*/?\s*(?=[\d.,])", "", given, flags=re.IGNORECASE)
    found = _NUMBER.fullmatch(given)
    wanted = "a whole number is wanted" if whole else "a number is wanted: write 0.5, 0,5 or 1/2"
    if found is None:
        raise ValueError(wanted)
    sign, above, below, behind = found.groups()
    for part in (above, below or ""):
        if re.fullmatch(r"[1-9]\d{0,2},\d{3}", part):
            raise ValueError(f"this may be {part.replace(',', '.')} or {part.replace(',', '')}: write one of these")
    if behind.casefold() not in {"", unit.casefold(), *_WORDS.get(unit.casefold(), ())}:
        raise ValueError(f"{behind} is not the unit: {f'write it in {unit}' if unit else 'it has none: leave it out'}")
    divisor = float(below.replace(",", ".")) if below else 1.0
    value = float(above.replace(",", ".")) / divisor if divisor else math.nan
    if not math.isfinite(value):
        raise ValueError("it has no finite value: write another one")
    if whole and not value.is_integer():
        raise ValueError(wanted)
    return -value if sign == "-" else value


def number_field(
    session: Session,
    label: str,
    name: str,
    shown: str,
    drag: Callable[[], tuple[bool, float]],
    read: Callable[[str], float | str],
) -> float | str | None:
    """A field of imgui's that is dragged; typed into, its text is read here, for imgui takes `1/15` for 1.

    Parameters
    ----------
    label : as `drag` has it
    name : what messages call it
    shown : the number as its text has it, without unit; the same text once more changes nothing
    drag : draws imgui's widget; whether it has changed, and to what
    read : makes of a text what it says; a ValueError is told with its own words

    Returns
    -------
    What the number has become, or None; dragged it has the digits of imgui's 32 bits, typed it may lie outside of the
    widget's range.
    """
    own, state, done = imgui.get_id(label), session.panel, None
    frame = imgui.get_frame_count()
    dragged = None
    if imgui.internal.temp_input_is_active(own):  # imgui's widget has begun it, in the frame of the click
        _, text, _ = state.typed if state.typed[0] == own else (own, shown, frame)
        text = _text_in_place(own, label, text)
        if imgui.internal.temp_input_is_active(own):
            state.typed = own, text, frame
        else:
            done = None if imgui.is_key_pressed(imgui.Key.escape) else text
            state.typed = 0, "", 0
    else:
        if state.typed[0] == own:  # another widget has taken the keyboard
            done = state.typed[1] if state.typed[2] >= frame - 1 else None
            state.typed = 0, "", 0
        changed, new = drag()
        dragged = float(f"{new:.{_FLOAT32_DIGITS}g}") if changed and math.isfinite(new) else None
    if done is None or done.strip() in ("", shown):
        return dragged
    try:
        return read(done)
    except ValueError as error:
        session.say(f"{name} = {done.strip()}: {error}", "error")
        return None


def _text_in_place(own: int, label: str, text: str) -> str:
    """imgui's text input at the place of the widget with that id, which goes on with what was typed into it."""
    corner, wide, high = imgui.get_cursor_screen_pos(), imgui.calc_item_width(), imgui.get_frame_height()
    frame = imgui.internal.ImRect(corner.x, corner.y, corner.x + wide, corner.y + high)
    beside = imgui.calc_text_size(label, True).x
    imgui.internal.item_add(frame, own)
    _, text = imgui.internal.temp_input_text(frame, own, label, text, imgui.InputTextFlags_.auto_select_all)
    imgui.set_cursor_screen_pos(corner)
    imgui.dummy(imgui.ImVec2(wide + (imgui.get_style().item_inner_spacing.x + beside if beside else 0.0), high))
    return text
