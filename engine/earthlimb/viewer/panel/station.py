"""The station's attitude in the panel: named or by angles, and turns from one to another."""

from __future__ import annotations

from imgui_bundle import imgui

from earthlimb.errors import EarthlimbError
from earthlimb.viewer.helm import ATTITUDES, angles_from
from earthlimb.viewer.panel.numbers import number_field, parse_number
from earthlimb.viewer.panel.schema import by_path
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.panel.widgets import show, tip
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.session import Session
from earthlimb.viewer.station_keys import turn_to

HANDLED = frozenset(f"station.{name}" for name in ("attitude", "frame", "yaw_deg", "pitch_deg", "roll_deg"))
"""Keys that have their widgets here."""
BY_ANGLES = {"lvlh": "angles from the local frame", "inertial": "angles from the stars"}


def attitude(values: Values, session: Session, state: PanelState) -> None:
    """How the station stands, the angles where it stands by angles, and what it turns to."""
    frame = values.at("station.frame")
    shown = values.at("station.attitude") if frame is None else BY_ANGLES[frame]
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    if imgui.begin_combo("attitude", shown):
        for name in ATTITUDES:
            chosen, _ = imgui.selectable(name, name == shown)
            if chosen and name != shown:
                session.change("station.attitude", name)
        for key, text in BY_ANGLES.items():
            chosen, _ = imgui.selectable(text, text == shown)
            if chosen and text != shown:
                by_angles(session, key)
        imgui.end_combo()
    else:
        tip(by_path()["station.attitude"].tooltip)
    if frame is not None:
        for name in ("yaw_deg", "pitch_deg", "roll_deg"):
            show(by_path()[f"station.{name}"], values, session, state)
    _turns(session, state)


def by_angles(session: Session, frame: str) -> None:
    """The present attitude as angles from a frame: nothing jumps."""
    try:
        session.change_many(angles_from(session.scene, frame))
    except EarthlimbError as error:
        session.say(str(error), "error")


def _turns(session: Session, state: PanelState) -> None:
    turning = session.timeline.turning(session.utc) if session.timeline is not None else None
    if turning is not None:
        imgui.text_disabled(f"turning to {turning[0]} until {turning[1]:%H:%M:%S}")
        return
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    if imgui.begin_combo("turn slowly to", "choose"):
        for name in ATTITUDES:
            if imgui.selectable(name, False)[0]:
                try:
                    turn_to(session, name)
                except EarthlimbError as error:
                    session.say(str(error), "error")
        imgui.end_combo()
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    rate = by_path()["video.event.manoeuvre.rate_deg_s"]
    low, high = rate.low or 0.01, rate.high or 2.0
    flags = imgui.SliderFlags_.always_clamp
    now = state.turn_rate_deg_s
    new = number_field(
        session,
        "at most",
        "at most",
        f"{now:.3g}",
        lambda: imgui.drag_float("at most", now, 0.005, low, high, "%.3g °/s", flags),
        lambda text: parse_number(text, "°/s"),
    )
    tip("highest rate of the turn; 0.1 to 0.2 is usual")
    if new is not None:
        state.turn_rate_deg_s = min(max(float(f"{float(new):.4g}"), low), high)
