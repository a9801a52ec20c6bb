"""The panel's schema, pages and widgets, without a window: every key has a widget, odd values crash none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import imgui, implot

import earthlimb
from earthlimb.constants import EMISSIONS
from earthlimb.errors import EarthlimbError
from earthlimb.resources import asset_sources
from earthlimb.scene import load_scene, shipped_names
from earthlimb.scene.messages import all_keys
from earthlimb.sensor import exposure_statistics
from earthlimb.viewer import actions, panel, targets
from earthlimb.viewer.labels import Overlays
from earthlimb.viewer.panel import pages, plots, schema, sections, seek, timeline
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.panel.widgets import AUTOMATIC
from earthlimb.viewer.session import Session
from earthlimb.world import build_world
from earthlimb.world.cupola_eye import nearest_window


def test_every_key_of_the_schema_has_an_entry_and_a_meaning() -> None:
    """Keys that are added to the schema appear by themselves; docs/SCENE.md, which a test compares, gives the words."""
    entries = schema.by_path()
    assert set(entries) == {".".join(key) for key in all_keys()}
    for path, entry in entries.items():
        assert entry.caption and entry.tooltip.startswith(path)
        if entry.kind in ("number", "whole") and entry.low is not None and entry.high is not None:
            assert entry.low < entry.high and entry.allowed
    assert schema.entry("camera.shutter_s").meaning.startswith("exposure time")


@pytest.mark.parametrize(
    ("path", "kind", "unit"),
    [
        ("camera.shutter_s", "number", "s"),
        ("camera.focal_mm", "number", "mm"),
        ("camera.white_balance_k", "number", "K"),
        ("camera.window", "whole", ""),
        ("camera.bayer", "switch", ""),
        ("camera.track", "choice", ""),
        ("camera.body", "choice", ""),
        ("camera.point", "table", ""),
        ("camera.point.limb.tangent_km", "number", "km"),
        ("camera.point.axes_gcrs.right", "vector", ""),
        ("camera.f_px", "number", "px"),
        ("station.tle", "text", ""),
        ("station.max_age_days", "number", "days"),
        ("station.yaw_deg", "number", "°"),
        ("time.utc", "time", ""),
        ("video.key", "list", ""),
        ("video.fps", "number", "frames/s"),
        ("sky.stars_to_vmag", "number", "mag"),
    ],
)
def test_kinds_and_units(path: str, kind: str, unit: str) -> None:
    entry = schema.entry(path)
    assert (entry.kind, entry.unit) == (kind, unit)


def test_every_number_with_a_dimension_shows_a_unit() -> None:
    """A key's last word is a unit of CONVENTIONS, or the key is a bare number; a new ending must be added to UNITS."""
    for entry in schema.by_path().values():
        last = entry.name.rpartition("_")[2]
        if entry.kind == "number" and "_" in entry.name and len(last) <= 2:
            assert entry.unit, entry.path


def test_presets_are_scenes_and_exposures_that_load() -> None:
    session = Session(load_scene("italy"))
    for _, settings in sections.EXPOSURES:
        assert session.change_many(settings)
    assert [name for name, _ in sections._scenes()] == shipped_names()


def test_help_names_every_action_once() -> None:
    rows = pages.help_rows()
    shown = [key for group, lines in rows if group != "mouse" for keys, _ in lines for key in keys.split(" / ")]
    keys = [pages.key_name(action) for action in actions.ACTIONS]
    assert sorted(shown) == sorted(keys)
    text = " ".join(text for _, lines in rows for _, text in lines)
    for action in actions.ACTIONS:
        assert action.help in text
    assert len({action.key for action in actions.ACTIONS}) == len(actions.ACTIONS)
    assert len({action.name for action in actions.ACTIONS}) == len(actions.ACTIONS)


def test_credits_of_all_data_are_there() -> None:
    credits = " ".join(one.credit for one in asset_sources())
    for name in ("GeoNames", "Hipparcos", "NASA", "IERS"):
        assert name in credits


def test_histogram_data_ends_with_what_is_clipped() -> None:
    electrons = np.full((10, 10, 3), 1130.0, np.float32)
    electrons[:5] = 10.0
    edges, heights = plots.histogram_data(exposure_statistics(electrons, saturation_e=1130.0))
    assert heights.shape == (3, len(edges)) and edges[-1] == 1130.0
    assert heights[:, -1].tolist() == [1.0] * 3 and heights.max() == 1.0 and heights.min() == 0.0


class Screen:
    """An imgui context without a window: frames are laid out and thrown away."""

    def __init__(self, width: float, height: float) -> None:
        self.context = imgui.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
        self.resize(width, height)

    def resize(self, width: float, height: float) -> None:
        imgui.get_io().display_size = imgui.ImVec2(width, height)

    def frame(self, session: Session) -> int:
        """Draws a frame; how many vertices it had. Notes which windows there are and where."""
        imgui.get_io().delta_time = 1.0 / 60.0
        imgui.new_frame()
        panel.draw(session)
        self.places = {}
        for name in ("panel", "read-out", "messages"):
            one = imgui.internal.find_window_by_name(name)
            if one is not None and one.active:
                self.places[name] = (one.pos.x, one.pos.x + one.size.x)
        imgui.render()
        data = imgui.get_draw_data()
        for texture in imgui.get_platform_io().textures:
            texture.status = imgui.ImTextureStatus.ok
        return int(data.total_vtx_count)

    def close(self) -> None:
        if implot.get_current_context() is not None:
            implot.destroy_context(implot.get_current_context())
        imgui.destroy_context(self.context)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    one = Screen(1280.0, 800.0)
    monkeypatch.setattr(imgui, "collapsing_header", lambda *_args: True)  # every section is open
    monkeypatch.setattr(imgui, "tree_node", lambda label: imgui.tree_node_ex(label, imgui.TreeNodeFlags_.default_open))
    yield one
    one.close()


@pytest.fixture(scope="module")
def italy() -> Session:
    session = Session(load_scene("italy"), "italy")
    session.world = build_world(earthlimb.load_scene("italy"))
    actions.bind(session)
    electrons = np.random.default_rng(1).exponential(50.0, (64, 64, 3))
    session.read_statistics = lambda: exposure_statistics(electrons, saturation_e=1130.0)
    return session


def test_the_whole_panel_is_drawn_without_changing_the_scene(screen: Screen, italy: Session) -> None:
    before = italy.scene
    italy.cursor_px = (300.0, 300.0)
    italy.size_px = (1280, 800)
    italy.panel.overlays = Overlays(True, True, True, True)
    italy.panel.about_shown = italy.help_shown = True
    for _ in range(3):
        vertices = screen.frame(italy)
    assert vertices > 5000
    assert italy.scene is before and not italy.messages
    italy.panel_shown, italy.help_shown, italy.panel.about_shown = False, False, False
    italy.panel.overlays = Overlays()
    assert screen.frame(italy) < 100  # hidden: nothing covers the picture
    italy.panel_shown = True


@pytest.mark.parametrize("size", [(1.0, 1.0), (40.0, 3000.0), (320.0, 200.0), (7680.0, 4320.0)])
def test_any_size_of_window(screen: Screen, italy: Session, size: tuple[float, float]) -> None:
    screen.resize(*size)
    italy.size_px = (max(int(size[0]), 1), max(int(size[1]), 1))
    italy.content_scale = 2.0
    for _ in range(2):
        screen.frame(italy)
    italy.content_scale = 1.0


def extremes() -> Iterator[tuple[str, object]]:
    for path, entry in schema.by_path().items():
        if entry.kind == "number" or entry.kind == "whole":
            for bound in (entry.low, entry.high):
                if bound is not None and not path.startswith("video.key"):
                    yield path, int(bound) if entry.kind == "whole" else bound
            if path in AUTOMATIC:
                yield path, "auto"
        elif entry.kind == "choice":
            yield from ((path, option) for option in entry.options)


def test_no_widget_crashes_on_odd_values(screen: Screen, italy: Session) -> None:
    """The ends of every range and every choice, shown and laid out; what the schema refuses becomes a message."""
    start = italy.scene
    shown = 0
    for path, value in extremes():
        session = Session(start, "italy")
        session.world, session.read_statistics = italy.world, italy.read_statistics
        session.panel = italy.panel
        if session.change(path, value):
            try:
                screen.frame(session)
            except EarthlimbError as error:  # pragma: no cover - the message tells which key
                pytest.fail(f"{path} = {value}: {error}")
            shown += 1
        else:
            assert session.messages, (path, value)
    assert shown > 80


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scene_is_shown(screen: Screen, italy: Session, name: str) -> None:
    session = Session(load_scene(name), name)
    actions.bind(session)
    before = session.scene
    for _ in range(2):
        screen.frame(session)
    assert session.scene is before and not session.messages


def test_before_the_first_world_the_panel_is_there_too(screen: Screen) -> None:
    session = Session(load_scene("italy"))
    session.progress["loading"] = 0.5
    session.say("100 % of nonsense: %s %d %n", "error")
    assert screen.frame(session) > 500


@pytest.mark.parametrize("width", [480, 700, 1280])
def test_the_read_out_and_the_panel_keep_apart(screen: Screen, italy: Session, width: int) -> None:
    """Where there is no room for the box it stands in the panel."""
    screen.resize(float(width), 320.0)
    italy.size_px, italy.cursor_px = (width, 320), (60.0, 100.0)
    for _ in range(3):
        screen.frame(italy)
    left, right = screen.places["panel"]
    assert right == pytest.approx(width) and ("read-out" in screen.places) is (width > 600)
    if width > 600:
        assert screen.places["read-out"][1] <= left


def test_the_panel_holds_a_place_before_any_frame_saw_the_cursor_there(screen: Screen, italy: Session) -> None:
    from earthlimb.viewer.overlay import Overlay

    italy.size_px = (1280, 800)
    for _ in range(2):
        screen.frame(italy)  # the cursor has never been anywhere
    overlay = Overlay.__new__(Overlay)
    assert overlay.holds(1200.0, 400.0) and not overlay.holds(200.0, 300.0)
    assert overlay.holds(1200.0, 400.0)


def test_names_are_found_and_followed(italy: Session) -> None:
    assert seek.suggestions("sao paul")[0] == "São Paulo" and "Aldebaran" in seek.suggestions("ALDE")
    assert seek.suggestions("  ") == [] and seek.suggestions("%s\x00") == []
    session = Session(italy.scene)
    session.world = italy.world
    targets.follow_named(session, "rome")
    ground = session.scene.camera.point.ground
    assert ground is not None and (ground.lat_deg, ground.lon_deg) == pytest.approx((41.89, 12.51), abs=0.05)
    targets.follow_named(session, "Rigel")
    sky = session.scene.camera.point.sky
    assert sky is not None and (sky.ra_deg, sky.dec_deg) == pytest.approx((78.634, -8.202), abs=0.02)
    before = session.scene
    for hidden in ("Sirius", "Acrux"):  # inside the picture's edges; at the other end of the sky
        with pytest.raises(EarthlimbError, match=rf"follow: {hidden}: this star stands \d+\.\d deg below the Earth's"):
            targets.follow_named(session, hidden)
    assert session.scene is before
    with pytest.raises(EarthlimbError, match="follow: 'nowhere at all': neither a star nor a town"):
        targets.follow_named(session, "nowhere at all")


def test_the_panel_gets_its_width_back_and_messages_keep_beside_it(screen: Screen, italy: Session) -> None:
    """A window that was small once; then the panel's edge is dragged by a real mouse, and small and wide again."""
    italy.progress["a task with a long name that takes its time"] = 0.3
    italy.say("/a/folder/with/a/long/name/" * 8)

    def wide(width: float, height: float = 600.0) -> float:
        screen.resize(width, height)
        italy.size_px = (int(width), int(height))
        for _ in range(3):
            screen.frame(italy)
        left, right = screen.places["panel"]
        assert right == pytest.approx(width)
        if width >= 400.0:
            assert screen.places["messages"][1] <= left
        return right - left

    try:
        own = wide(900.0)
        assert wide(300.0, 300.0) == pytest.approx(180.0) and wide(450.0) == pytest.approx(270.0)
        assert wide(900.0) == pytest.approx(own)
        io, left = imgui.get_io(), screen.places["panel"][0]
        for x, down in ((left + 1.0, None), (left + 1.0, True), (left - 60.0, None), (left - 60.0, False)):
            io.add_mouse_pos_event(x, 300.0)
            if down is not None:
                io.add_mouse_button_event(0, down)
            screen.frame(italy)
            screen.frame(italy)
        dragged = wide(900.0)
        assert dragged == pytest.approx(own + 61.0, abs=3.0)
        assert wide(400.0) == pytest.approx(240.0) and wide(900.0) == pytest.approx(dragged)
    finally:
        italy.progress.clear()
        italy.messages.clear()
        imgui.get_io().add_mouse_pos_event(-1.0, -1.0)
        italy.panel.wide = None


@pytest.mark.parametrize("number", range(1, 8))
def test_a_window_s_key_looks_out_of_it(italy: Session, number: int) -> None:
    session = Session(italy.scene)
    session.world = italy.world
    actions.bind(session)
    session.act(f"window_{number}")
    camera = session.scene.camera
    assert (camera.mount, camera.window) == ("cupola", number)
    world = build_world(session.scene, italy.world)
    assert nearest_window(world.rot_body_from_gcrs @ world.rot_cam_from_gcrs[2]) == number
    session.world, before = world, camera.point
    session.act(f"window_{number}")
    assert session.scene.camera.point == before  # it looks out there already


def test_the_readme_s_ten_keys_are_the_table_s() -> None:
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| key | does |") :]
    rows = [row.split("|") for row in table[: table.index("\n\n")].splitlines()[2:]]
    assert len(rows) == 10
    helps = {pages.key_name(action): action.help for action in actions.ACTIONS}
    shown = {
        "arrows": "look", "A": "look", "D": "look", "W": "look", "C": "look", "Space": "pause", ".": "faster",
        ",": "slower", "B": "turn time round", "N": "real time", "L": "limb", "V": "flies", "G": "place", "T": "star",
        "F": "free camera", "Z": "roll", "X": "roll", "H": "level", "Enter": "take the picture", "S": "save this view",
        "Tab": "panel", "F1": "help",
    }  # fmt: skip
    named = {
        word for row in rows for word in re.findall(r"[A-Z]\w*|[.,](?=`)|arrows", row[1] + row[2]) if word in shown
    }
    assert named == set(shown)
    for key, word in shown.items():
        assert word in helps["Left" if key == "arrows" else key], key


def test_the_timeline_has_a_line_marks_and_a_slider(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where there is one; a real press on the slider moves time, also of a scene that is beyond its end."""
    rects: list[tuple[float, float, float, float]] = []

    def marked(times_s: list[float], end_s: float) -> None:
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        rects.append((low.x, low.y, high.x, high.y))
        marks(times_s, end_s)

    marks = timeline._marks
    monkeypatch.setattr(timeline, "_marks", marked)
    screen.resize(1280.0, 8000.0)  # no section is scrolled away
    for name in ("timelapse-europe", "docking", "nauka"):
        session = Session(load_scene(name), name)
        actions.bind(session)
        rects.clear()
        for _ in range(2):
            screen.frame(session)
        assert len(rects) == (0 if name == "timelapse-europe" else 2)
        if not rects:
            continue
        left, top, right, bottom = rects[-1]
        end_s, start = session.scene.video.duration_s, session.utc
        for share, before_s in ((0.5, 0.0), (0.25, 5e4), (1.0, -5e4), (0.0, 300.0)):
            session.step(before_s)
            imgui.get_io().add_mouse_pos_event(left + 1.0 + share * (right - left - 2.0), 0.5 * (top + bottom))
            screen.frame(session)
            for down in (True, False):
                imgui.get_io().add_mouse_button_event(0, down)
                screen.frame(session)
            grip_s = 0.02 * end_s  # the slider's grip has a width
            assert session.scene.video.begin_s == pytest.approx(share * end_s, abs=grip_s)
            assert (session.utc - start).total_seconds() == pytest.approx(session.scene.video.begin_s, abs=1e-5)
    values = Values(Session(load_scene("docking")))
    assert values.keyed("station.pitch_deg") and not values.keyed("station.yaw_deg")


def test_a_camera_that_keys_move_is_counted_once_a_second(italy: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It used to be counted instead of every picture, so that none was drawn any more."""
    session = Session(load_scene("italy"), world=italy.world)
    clock = [100.25]
    monkeypatch.setattr(plots.time, "monotonic", lambda: clock[0])
    counted = []
    monkeypatch.setattr(session, "read_statistics", lambda: counted.append(session.scene.camera.iso))
    for frame in range(60):
        session.scene = load_scene("italy", {"camera.iso": 800.0 + frame})
        plots.statistics(session, session.panel)
        if session.to_count is not None:
            take, session.to_count = session.to_count, None
            take(session.read_statistics())
        clock[0] += 0.05
    assert len(counted) == 4  # at first, and in each of the three seconds that began


def test_the_red_line_has_a_plot_that_reaches_it(screen: Screen, italy: Session) -> None:
    """Its layer is at 200 to 300 km; where it does not glow there is no such plot."""
    assert italy.world is not None
    alt, rates = plots.profile_at(italy.world, italy.world.lat_rad, italy.world.lon_rad)
    low, high = plots.spans(alt, rates)
    red = list(EMISSIONS).index("oi630")
    peak_km = float(alt[np.argmax(rates[:, red])])
    assert low[:2] == (60.0, 130.0) and red not in low[2] and len(low[2]) >= 4
    assert 200.0 < peak_km < 300.0 and high[0] < peak_km < high[1] < 600.0 and high[2] == (red,)
    without = rates.copy()
    without[:, red] = 0.0
    assert plots.spans(alt, without) == [low]
    assert plots.spans(alt, 0.0 * rates) == [(60.0, 130.0, ())]  # by day
    for _ in range(2):
        screen.frame(italy)


def test_the_eye_s_view_does_not_promise_an_exposure(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(imgui, "text_disabled", said.append)
    for eye in (True, False):
        said.clear()
        screen.frame(Session(load_scene("italy", {"eye.enabled": eye})))
        assert ("no exposure yet" in said) is not eye
        assert ("the eye's view: no electrons to count" in said) is eye


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("mount", ["camera.mount = cupola", "camera.mount = free"]),
        ("outside", ["the station outside: seen", "the station outside: hidden"]),
        ("arrays_on", ["station.arrays_deg = 5: P shows the station", "station.arrays_deg = 10: P shows the station"]),
        ("arrays_back", ["station.arrays_deg = -5: P shows the station"]),
        ("arrays_follow", ["station.arrays_deg: they follow the Sun: P shows the station"]),
    ],
)
def test_keys_of_the_station_say_what_they_did(italy: Session, key: str, texts: list[str]) -> None:
    session = Session(load_scene("orbit", {"camera.mount": "free", "station.arrays_deg": 0.0}))
    session.world = replace(italy.world, station=None)
    actions.bind(session)
    for text in texts:
        session.act(key)
        assert session.messages[-1].text == text
    assert len(session.messages) == (1 if key.startswith("arrays") else len(texts))  # a held key fills no list


def test_in_a_small_window_lines_wrap(screen: Screen, italy: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the help or of the panel's head lies beyond its right edge."""
    monkeypatch.setattr(imgui, "collapsing_header", lambda *_args: False)
    screen.resize(320.0, 213.0)
    italy.help_shown = True
    try:
        for photo in (None, np.zeros((2, 3, 3), np.uint8)):
            italy.photo = photo
            for _ in range(3):
                screen.frame(italy)
            for name in ("help: keys", "panel"):
                window = imgui.internal.find_window_by_name(name)
                room = window.inner_rect.get_width() - 2.0 * window.window_padding.x
                assert 0.0 < window.content_size.x <= room + 1.0, (name, window.content_size.x, room)
    finally:
        italy.help_shown, italy.photo = False, None
