"""Over the picture: labels at their places, the read-out in a corner."""

from __future__ import annotations

import time
from typing import Any

from imgui_bundle import imgui

from earthlimb.viewer.label_paint import LABEL_COLOURS
from earthlimb.viewer.labels import Labels, declutter, labels_of
from earthlimb.viewer.panel.plots import once
from earthlimb.viewer.panel.style import FONT_PX
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.readout import Readout, read_pixel, readout_lines
from earthlimb.viewer.session import Session

PANEL_EM = 23.0
"""Width of the panel at first, in letters' heights."""
_READ_EVERY_S = 0.1


def picture_scale(session: Session) -> tuple[float, float]:
    """Window units for one pixel of the world's picture, across and down."""
    world = session.world
    assert world is not None
    width, height = session.size_px
    return width / world.lens.width_px / session.scale, height / world.lens.height_px / session.scale


def draw_labels(session: Session, state: PanelState) -> None:
    """The overlays that are on, between the picture and the panel; they never enter what is saved."""
    world = session.world
    if world is None or not state.overlays.any:
        return
    labels: Labels = once(state, "labels", (world, state.overlays), lambda: labels_of(world, state.overlays))
    sx, sy = picture_scale(session)
    letter, line = 0.5 * imgui.get_font_size() / sx, imgui.get_text_line_height() / sy
    free = free_width(session) / sx
    key = (labels, letter, line, free)
    kept = once(state, "kept", key, lambda: declutter(labels.points, letter, line, right_px=free))
    paint, unit = imgui.get_background_draw_list(), imgui.get_font_size() / FONT_PX
    for height in labels.lines:
        colour = imgui.IM_COL32(*LABEL_COLOURS["height"], 120)
        for piece in height.pieces:
            paint.add_polyline([imgui.ImVec2(x * sx, y * sy) for x, y in piece.tolist()], colour, unit, 0)
    for label in kept:
        _text(paint, label.text, label.kind, label.x_px * sx, label.y_px * sy)


def free_width(session: Session) -> float:
    """Window units from the left edge to the panel's."""
    wide = imgui.get_io().display_size.x
    if not session.panel_shown:
        return wide
    known = session.panel.free_width
    return wide - min(PANEL_EM * imgui.get_font_size(), 0.6 * wide) if known is None else known


def _text(paint: Any, text: str, kind: str, x: float, y: float) -> None:
    size = imgui.calc_text_size(text)
    unit = imgui.get_font_size() / FONT_PX
    colour = imgui.IM_COL32(*LABEL_COLOURS[kind], 230)
    mark = 0.25 * imgui.get_font_size()
    left = x - 0.5 * size.x if kind == "constellation" else x + 2.0 * mark
    top = y - 0.5 * size.y
    if kind == "star":
        paint.add_circle(imgui.ImVec2(x, y), mark, colour, 0, unit)
    elif kind == "town":
        half = 2.0 * unit
        paint.add_rect(imgui.ImVec2(x - half, y - half), imgui.ImVec2(x + half, y + half), colour, 0.0, unit)
    paint.add_text(imgui.ImVec2(left + unit, top + unit), imgui.IM_COL32(0, 0, 0, 200), text)
    paint.add_text(imgui.ImVec2(left, top), colour, text)


def read_cursor(session: Session, state: PanelState) -> Readout | None:
    """What the cursor's pixel sees, at most ten times a second."""
    world, cursor = session.world, session.cursor_px
    width, height = session.size_px
    if world is None or cursor is None or not (0.0 <= cursor[0] < width and 0.0 <= cursor[1] < height):
        return None
    x = cursor[0] * world.lens.width_px / width
    y = cursor[1] * world.lens.height_px / height
    moving = int(time.monotonic() / _READ_EVERY_S) if session.running else world
    found: Readout = once(state, "readout", (moving, cursor), lambda: read_pixel(world, x, y))
    return found


def draw_readout(session: Session, state: PanelState, readout: Readout | None) -> bool:
    """The box in the lower left corner; False where there is none or no room for it beside the panel."""
    if readout is None or not state.readout_shown:
        return False
    lines = readout_lines(readout)
    names, values = (max(imgui.calc_text_size(line[i]).x for line in lines) for i in (0, 1))
    if names + values + 2.5 * imgui.get_font_size() > free_width(session):
        return False
    flags = imgui.WindowFlags_
    plain = flags.no_decoration | flags.no_inputs | flags.always_auto_resize | flags.no_saved_settings | flags.no_nav
    corner = imgui.ImVec2(0.0, imgui.get_io().display_size.y)
    imgui.set_next_window_pos(corner, imgui.Cond_.always, imgui.ImVec2(0.0, 1.0))
    imgui.set_next_window_bg_alpha(0.82)
    imgui.begin("read-out", None, plain | flags.no_focus_on_appearing)
    readout_table(readout, beside=True)
    imgui.end()
    return True


def readout_table(readout: Readout, *, beside: bool) -> None:
    """Names and values in two columns; long values break where the room ends."""
    flags = imgui.TableFlags_
    if imgui.begin_table("lines", 2, flags.sizing_fixed_fit if beside else flags.sizing_stretch_same):
        for name, value in readout_lines(readout):
            imgui.table_next_row()
            imgui.table_next_column()
            imgui.text_disabled(name)
            imgui.table_next_column()
            imgui.text_unformatted(value) if beside else imgui.text_wrapped(value)
        imgui.end_table()
