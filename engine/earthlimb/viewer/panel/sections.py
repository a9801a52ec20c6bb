"""The panel's sections: what people reach for first by hand, every other key of the scene from the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from imgui_bundle import imgui

from earthlimb.constants import EMISSIONS
from earthlimb.errors import EarthlimbError
from earthlimb.scene import load_scene, shipped_scenes
from earthlimb.scene.camera import MAX_SIDE_PX
from earthlimb.scene.point import POINTINGS
from earthlimb.scene.views import utc_text
from earthlimb.viewer.panel import plots
from earthlimb.viewer.panel.numbers import number_field, parse_number
from earthlimb.viewer.panel.schema import Entry, by_path, sections
from earthlimb.viewer.panel.seek import seek
from earthlimb.viewer.panel.station import HANDLED, attitude
from earthlimb.viewer.panel.timeline import timeline
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.panel.widgets import show, tip
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.readout import EMISSION_NAMES, Readout
from earthlimb.viewer.session import Session

FIRST: Mapping[str, tuple[str, ...]] = {
    "time": (),
    "camera": (
        "shutter_s", "f_number", "iso", "body", "lens", "focal_mm", "white_balance_k", "ev", "lens_correction", "mount",
        "window",
    ),
    "atmosphere": (),
    "airglow": (*EMISSIONS, "shift_km"),
    "earth": (),
    "sky": (),
    "station": ("visible", "vehicle", "vehicle_distance_m", "arrays_deg"),
    "cupola": (),
}  # fmt: skip
"""Sections in their order and the keys that stand first in them; keys that the schema lacks are skipped."""
EXPOSURES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("limb at night: 1/5 s, f/1.4, ISO 10000", {"camera.shutter_s": 0.2, "camera.f_number": 1.4, "camera.iso": 10000}),
    ("cities: 1/15 s, f/1.4, ISO 6400", {"camera.shutter_s": 1.0 / 15.0, "camera.f_number": 1.4, "camera.iso": 6400}),
    ("faint layers: 1 s, f/1.4, ISO 12800", {"camera.shutter_s": 1.0, "camera.f_number": 1.4, "camera.iso": 12800}),
    ("star trails: 30 s, f/2.8, ISO 800", {"camera.shutter_s": 30.0, "camera.f_number": 2.8, "camera.iso": 800}),
)
SIZES = frozenset({"image.width_px", "image.height_px"})
"""The window has a size of its own; `saved_size` stands for these."""
_LEAST_LONG_PX = 16
TITLES = {"": "scene", "airglow": "airglow lines", "video": "video timeline"}


def draw(session: Session, state: PanelState, readout: Readout | None) -> None:
    """All sections."""
    values = Values(session)
    _status(session)
    seek(session, state)
    if imgui.collapsing_header("presets"):
        presets(session)
    if imgui.collapsing_header("labels and read-out"):
        overlays(session, state)
    special: dict[str, Callable[[], None]] = {
        "time": lambda: time_controls(session),
        "camera": lambda: _camera(session, state),
        "station": lambda: attitude(values, session, state),
        "image": lambda: saved_size(session),
        "airglow": lambda: plots.profile(session, state, (readout.lat_rad, readout.lon_rad) if readout else None),
    }
    known = sections()
    for name in [*(n for n in FIRST if n in known), *(n for n in known if n not in FIRST and n)]:
        opened = imgui.TreeNodeFlags_.default_open if name in ("camera",) else imgui.TreeNodeFlags_.none
        if imgui.collapsing_header(f"{TITLES.get(name, name)}##{name}", opened):
            if name in special:
                special[name]()
            section(name, known[name], values, session, state)
    if imgui.collapsing_header("scene"):
        for entry in known.get("", ()):
            show(entry, values, session, state)
    if imgui.collapsing_header("find a key"):
        find(values, session, state)


def section(name: str, entries: tuple[Entry, ...], values: Values, session: Session, state: PanelState) -> None:
    """The keys of one table: those of FIRST, then all others."""
    first = _first(name)
    for entry in first:
        label = EMISSION_NAMES.get(entry.name, "") if name == "airglow" else ""
        show(entry, values, session, state, label)
    rest = [entry for entry in entries if entry not in first and entry.path not in HANDLED]
    if not rest:
        return
    if first and not imgui.tree_node(f"more##{name}"):
        return
    for entry in rest:
        if entry.path == "camera.point":
            pointing(entry, values, session, state)
        elif entry.path in SIZES:
            continue
        elif entry.path != "time.utc":
            show(entry, values, session, state)
    if first:
        imgui.tree_pop()


@cache
def _first(name: str) -> tuple[Entry, ...]:
    """The keys of FIRST that the schema has, in their order."""
    own = {entry.name: entry for entry in sections()[name]}
    return tuple(own[key] for key in FIRST.get(name, ()) if key in own)


def pointing(entry: Entry, values: Values, session: Session, state: PanelState) -> None:
    """Which way to point, and that way's own numbers."""
    kind = session.scene.camera.point.kind
    names = {"limb": "limb", "place": "ground", "star": "sky", "level": "body", "free": "axes_gcrs"}
    actions = {way: action for action, way in names.items()}
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    if imgui.begin_combo("point by", kind):
        for way in POINTINGS:
            chosen, _ = imgui.selectable(way, way == kind)
            if chosen and way != kind:
                session.act(actions[way])  # keeps the view, where that way can say it
        imgui.end_combo()
    for child in entry.children:
        if child.name == kind:
            for number in child.children:
                show(number, values, session, state)


def saved_size(session: Session) -> None:
    """The size in which scenes and pictures are saved; what is seen stays the same."""
    wide, high = session.picture_size()
    changed, own = imgui.checkbox("saved in the window's size", session.picture_long_px is None)
    if changed:
        session.picture_long_px = None if own else max(wide, high)
    tip("Scenes (S) and pictures (Enter) show what the window shows, with as many pixels as you wish.")
    if session.picture_long_px is not None:
        imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
        reach, clamp = (_LEAST_LONG_PX, MAX_SIDE_PX), imgui.SliderFlags_.always_clamp
        now_px = session.picture_long_px
        new = number_field(
            session,
            "long side",
            "long side",
            str(now_px),
            lambda: imgui.drag_int("long side", now_px, 2.0, *reach, "%d px", clamp),
            lambda text: parse_number(text, "px", whole=True),
        )
        session.picture_long_px = min(max(now_px if new is None else int(new), reach[0]), reach[1])
        wide, high = session.picture_size()
    imgui.text_disabled(f"saved: {wide} x {high} px")


def presets(session: Session) -> None:
    """Shipped scenes and exposures."""
    imgui.text_disabled("scenes")
    for name, title in _scenes():
        if imgui.selectable(f"{name}##scene", session.name == name)[0]:
            try:
                session.replace(load_scene(name), name)
            except EarthlimbError as error:
                session.say(str(error), "error")
        tip(title)
    imgui.text_disabled("exposures")
    for name, settings in EXPOSURES:
        if imgui.selectable(name, False)[0]:
            session.change_many(settings)


def _scenes() -> list[tuple[str, str]]:
    if not _SCENES:
        _SCENES.extend(shipped_scenes())
    return _SCENES


_SCENES: list[tuple[str, str]] = []


def overlays(session: Session, state: PanelState) -> None:
    """Switches of the labels and the read-out."""
    for name, text in (
        ("stars", "stars"),
        ("constellations", "constellations"),
        ("towns", "towns"),
        ("heights", "heights at the limb"),
    ):
        changed, on = imgui.checkbox(text, getattr(state.overlays, name))
        if changed:
            state.overlays = replace(state.overlays, **{name: on})
    _, state.readout_shown = imgui.checkbox("read-out under the cursor", state.readout_shown)
    _, state.labels_in_pictures = imgui.checkbox("labels in saved pictures", state.labels_in_pictures)
    imgui.set_next_item_width(imgui.get_content_region_avail().x * 0.55)
    now = state.ui_scale
    new = number_field(
        session,
        "size of letters",
        "size of letters",
        f"{now:.2f}",
        lambda: imgui.slider_float("size of letters", now, 0.6, 2.5, "%.2f"),
        parse_number,
    )
    state.ui_scale = min(max(now if new is None else float(new), 0.6), 2.5)


def time_controls(session: Session) -> None:
    """The instant, and how time runs."""
    values = Values(session)
    show(by_path()["time.utc"], values, session, session.panel, "UTC")
    if imgui.button("go on" if session.paused else "pause"):
        session.act("pause")
    for action, text in (("backwards", "turn round"), ("slower", "slower"), ("faster", "faster"), ("now", "now")):
        imgui.same_line()
        if imgui.button(text):
            session.act(action)
    imgui.text(f"{session.rate:+g} s of the scene in 1 s" + (", paused" if session.paused else ""))
    timeline(session)


def find(values: Values, session: Session, state: PanelState) -> None:
    """Any key of the scene by a part of its name or meaning."""
    imgui.set_next_item_width(-1)
    _, state.search = imgui.input_text_with_hint("##search", "part of a key", state.search)
    wanted = state.search.strip().casefold()
    if not wanted:
        return
    sized = False
    for entry in by_path().values():
        inside = any(e.kind == "list" and entry.path.startswith(e.path + ".") for e in by_path().values())
        if entry.kind in ("table", "list") or inside:
            continue
        if wanted in entry.path.casefold() or wanted in entry.meaning.casefold():
            if entry.path in SIZES:
                if not sized:
                    saved_size(session)
                sized = True
                continue
            table = by_path().get(entry.path.rpartition(".")[0])
            if table is not None and table.optional and values.at(table.path) is None:
                continue  # a number of a way to point that is not used
            show(entry, values, session, state, entry.path)


def _camera(session: Session, state: PanelState) -> None:
    plots.histogram(session, state)


def _status(session: Session) -> None:
    world = session.world
    imgui.text(utc_text(session.utc.replace(microsecond=session.utc.microsecond // 1000 * 1000)))
    if world is None:
        return
    import math

    _wrapped(
        f"station {abs(math.degrees(world.lat_rad)):.1f}° {'N' if world.lat_rad >= 0 else 'S'}, "
        f"{abs(math.degrees(world.lon_rad)):.1f}° {'E' if world.lon_rad >= 0 else 'W'}, {world.alt_km:.0f} km; "
        f"Sun {math.degrees(world.sun_elevation_rad):.0f}°"
    )
    shown = f"live view, {100.0 * session.quality.scale:.0f} % of the resolution"
    if session.photo is not None:
        shown = "a photograph: Enter, Esc or Space goes on"
    elif session.settled:
        shown = "exact picture"
    _wrapped(f"{session.quality.fps:.0f} frames/s, {shown}")


def _wrapped(text: str) -> None:
    imgui.push_text_wrap_pos(0.0)
    imgui.text_disabled(text)
    imgui.pop_text_wrap_pos()
