"""What a moving view saves: the limb map of a moment ago, and input that comes before the first world."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import moderngl
import numpy as np
import pytest

from earthlimb.physics.limb_map import COLUMNS_PER_RAD, LimbMap
from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer import actions
from earthlimb.viewer.canvas import Unfinished
from earthlimb.viewer.input import Input
from earthlimb.viewer.session import Session
from earthlimb.world import build_world

MAP = LimbMap(1.0, 60, False, (100, 400), 6790.0, 6368.0)


def test_a_widened_map_covers_views_that_turn_within_its_margin() -> None:
    wide = MAP.widened(8, 24)
    assert wide.row_range == (76, 424) and wide.covers(MAP, 0.3) and not MAP.covers(wide, 0.3)
    for columns, served in ((7.9, True), (-7.9, True), (8.1, False)):
        turned = replace(MAP, centre_rad=MAP.centre_rad + columns / COLUMNS_PER_RAD - 2.0 * np.pi)
        assert wide.covers(turned, 0.3) is served
    assert wide.covers(replace(MAP, row_range=(76, 424)), 0.3)
    assert not wide.covers(replace(MAP, row_range=(75, 400)), 0.3)
    assert not wide.covers(replace(MAP, eye_radius_km=6790.4), 0.3)
    circle = MAP.widened(150, 0)
    assert circle.full_circle and circle.covers(replace(MAP, centre_rad=-2.0), 0.3) and not wide.covers(circle, 0.3)


def test_rows_stay_at_their_tangent_heights_for_another_eye() -> None:
    other = replace(MAP, eye_radius_km=6790.3, reference_km=6367.9)
    c = (other.reference_km + 95.0) / other.eye_radius_km
    ray = np.array([0.0, c, -np.sqrt(1.0 - c * c)])
    expected = np.interp(-95.0, [-v for v in MAP.q_knots], MAP.q_rows)
    assert MAP.seen_from(other).row(ray) == pytest.approx(expected, abs=1e-6)


@pytest.fixture(scope="module")
def flight() -> list[Scene]:
    first = resized(load_scene("italy", {"camera.shutter_s": 0.05, "camera.ev": 4.0}), 160, 107)
    later = [first.time.model_copy(update={"utc": first.time.utc + timedelta(seconds=s)}) for s in (0.0, 1.0, 2.0)]
    return [first.model_copy(update={"time": time}) for time in later]


def test_a_moving_view_marches_once_for_two_seconds_of_flight(
    flight: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Renderer() as renderer, renderer.gpu.use():
        drawing, photographer = renderer.drawing, renderer.photographer
        base = build_world(flight[0])
        marched = []
        run = drawing._limb.run
        monkeypatch.setattr(drawing._limb, "run", lambda *given: (marched.append(given[1]), run(*given))[1])
        drawing.moving = True
        for scene in flight:
            world = build_world(scene, like=base)
            light = photographer.light(world, _settings(world)).read()
        assert len(marched) == 1
        drawing.moving = False
        exact = photographer.light(world, _settings(world)).read()
        assert len(marched) == 2
        drawing.moving = True
        photographer.light(world, _settings(world))
        assert len(marched) == 3  # a picture that is to be exact leaves no map for moving ones
    sky = exact[:40, :, :3]  # the limb is the largest part of it; the ground below is the same in both
    assert np.abs(light[:40, :, :3] - sky).mean() < 0.01 * sky.mean()
    assert not np.array_equal(light, exact)


def test_a_map_of_half_a_minute_ago_is_nearly_the_present_one(
    flight: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = flight[0].time.model_copy(update={"utc": flight[0].time.utc + timedelta(seconds=30.0)})
    base = build_world(flight[0])
    world = build_world(flight[0].model_copy(update={"time": later}), like=base)
    with Renderer() as renderer, renderer.gpu.use():
        drawing, photographer = renderer.drawing, renderer.photographer
        drawing.moving = True
        photographer.light(base, _settings(base))
        with monkeypatch.context() as patch:
            patch.setattr(drawing._limb, "run", lambda *_: pytest.fail("marched"))
            kept = photographer.light(world, _settings(world)).read()[..., :3]
        drawing.moving = False
        exact = photographer.light(world, _settings(world)).read()[..., :3]
    # measured 0.07 % of the brightest part after 30 s, in a larger cupola picture 0.25 % after 40
    assert np.abs(kept - exact).max() < 0.0015 * np.percentile(exact, 99)
    assert not np.array_equal(kept, exact)


def test_a_moving_view_keeps_a_sky_and_a_station_that_hardly_differ(flight: list[Scene]) -> None:
    cupola = resized(load_scene("cupola"), 160, 107)
    later = cupola.time.model_copy(update={"utc": cupola.time.utc + timedelta(seconds=0.8)})
    for first, second in ((flight[0], flight[2]), (cupola, cupola.model_copy(update={"time": later}))):
        base = build_world(first)
        moving, exact = build_world(second, like=base, former=base), build_world(second, like=base)
        assert moving.sky is base.sky and exact.sky is not base.sky
        assert np.abs(moving.moon_dir_gcrs - exact.moon_dir_gcrs).max() < 1e-4
        assert np.abs(moving.planets.dir_gcrs - exact.planets.dir_gcrs).max() < 1e-5
        here, there = (w.stars.dir_gcrs @ w.rot_cam_from_gcrs[2] for w in (moving, exact))
        seen = exact.lens.half_angle_rad()
        assert (here > np.cos(seen)).sum() == (there > np.cos(seen)).sum() > 50
        assert np.array_equal(moving.rot_cam_from_gcrs, exact.rot_cam_from_gcrs)
    assert exact.station is not None and moving.station is base.station  # of the cupola: the camera turns with it


def test_a_station_serves_until_it_has_moved_a_tenth_of_a_pixel(flight: list[Scene]) -> None:
    base = build_world(flight[0])
    steps = [flight[0].time.model_copy(update={"utc": flight[0].time.utc + timedelta(seconds=s)}) for s in (0.1, 1.5)]
    soon, late = (build_world(flight[0].model_copy(update={"time": t}), like=base, former=base).station for t in steps)
    assert soon is base.station and late is not base.station
    wider = flight[0].camera.model_copy(update={"f_number": 2.8})
    assert (
        build_world(flight[0].model_copy(update={"camera": wider}), like=base, former=base).station is not base.station
    )


def test_a_station_that_has_turned_away_is_drawn_anew() -> None:
    level = {"station.attitude": None, "station.frame": "lvlh", "station.arrays_deg": 0.0}
    point = {"camera.point.body": {"azimuth_deg": 20.0, "elevation_deg": -20.0}}
    scene = resized(load_scene("cupola", {**level, **point}), 96, 64)
    base = build_world(scene)
    about = scene.station.model_copy(update={"yaw_deg": 180.0})
    turned = build_world(scene.model_copy(update={"station": about}), like=base, former=base)
    assert turned.station is base.station  # the camera turns with it
    with Renderer() as renderer, renderer.gpu.use():
        drawing = renderer.drawing
        drawing.moving = True
        detector = drawing.detector(base, scene.camera.body)
        first = drawing.station(base, detector)
        assert drawing.station(base, detector) is first
        assert drawing.station(turned, detector) is not first


def test_a_sky_does_not_serve_another_hour_or_place(flight: list[Scene]) -> None:
    base = build_world(flight[0])
    for by_s in (-11.0, 3600.0):
        time = flight[0].time.model_copy(update={"utc": flight[0].time.utc + timedelta(seconds=by_s)})
        world = build_world(flight[0].model_copy(update={"time": time}), like=base, former=base)
        exact = build_world(flight[0].model_copy(update={"time": time}), like=base)
        assert np.array_equal(world.moon_dir_gcrs, exact.moon_dir_gcrs)
        assert np.array_equal(world.stars.dir_gcrs, exact.stars.dir_gcrs)
    ahead = flight[0].station.model_copy(update={"time_shift_s": 60.0})
    world = build_world(flight[0].model_copy(update={"station": ahead}), like=base, former=base)
    assert world.sky is not base.sky


def _settings(world):  # type: ignore[no-untyped-def]
    from earthlimb.renderer.photograph import exposure_of

    return exposure_of(world, 0)


def test_input_before_the_first_world_is_kept(flight: list[Scene]) -> None:
    session = Session(flight[0], size_px=(160, 107), paused=True)
    by_key = actions.bind(session)
    waiting = Input.__new__(Input)
    waiting._session, waiting._wheel, waiting._pulls = session, 0.0, [((80.0, 50.0), (72.0, 45.0))]  # type: ignore[assignment]
    waiting._held, waiting.overlay = [], None  # no panel yet
    waiting._keys = [by_key["LEFT"], by_key["TAB"], by_key["RIGHT"], by_key["RIGHT"]]
    waiting.apply(0.0)
    assert session.scene.camera.point == flight[0].camera.point and not session.panel_shown
    session.world = build_world(flight[0])
    ahead = session.world.rot_cam_from_gcrs
    waiting.apply(0.0)
    turned = build_world(session.view_scene(), like=session.world).rot_cam_from_gcrs
    x, y, z = ahead @ turned[2]
    assert x > 0.1 and y > 0.0 and z > 0.9
    now = session.scene
    waiting.apply(0.0)
    assert session.scene is now  # once


def test_the_cursor_is_in_the_middle_of_the_pixel_where_glfw_has_it() -> None:
    """As `probe` counts: pixel X has its centre at X + 0.5."""
    hovered = [1]
    glfw = SimpleNamespace(HOVERED=0, get_window_attrib=lambda *_: hovered[0], get_cursor_pos=lambda _: (30.0, 20.0))
    session = Session(load_scene("italy"), scale=2.0)
    given = Input.__new__(Input)
    given._window = SimpleNamespace(glfw=glfw, handle=None)  # type: ignore[assignment]
    given.overlay = SimpleNamespace(wants_mouse=False)
    given.point(session)
    assert session.cursor_px == (60.5, 40.5)
    given.overlay = SimpleNamespace(wants_mouse=True)
    given.point(session)
    assert session.cursor_px is None
    given.overlay, hovered[0] = SimpleNamespace(wants_mouse=False), 0
    given.point(session)
    assert session.cursor_px is None


def test_a_world_loads_in_pieces_and_replaces_the_former_at_the_end(flight: list[Scene]) -> None:
    with Renderer() as renderer, renderer.gpu.use():
        drawing = renderer.drawing
        world = build_world(flight[0])
        detector = drawing.detector(world, world.scene.camera.body)
        steps = drawing.load(world, detector, drawing.airglow_arrays(world, detector.per_rayleigh))
        name = f"airglow {detector.response.name} folded"
        pieces = 0
        for _ in steps:
            pieces += 1
            assert not drawing.kept.has(name, world.emission)
        assert pieces > 20 and drawing.kept.has(name, world.emission)
        loaded = renderer.photographer.light(world, _settings(world)).read()
    with Renderer() as renderer, renderer.gpu.use():
        at_once = renderer.photographer.light(world, _settings(world)).read()
    assert np.array_equal(loaded, at_once)


def test_a_picture_that_is_put_off_between_its_pieces_is_the_same_picture(flight: list[Scene]) -> None:
    scene = resized(load_scene("cupola", {"camera.shutter_s": 0.05}), 160, 107)
    world = build_world(scene)
    with Renderer() as renderer, renderer.gpu.use():
        renderer.drawing.moving = True
        at_once = renderer.photographer.light(world, _settings(world)).read()
    passed = 0

    def put_off() -> None:
        nonlocal passed
        passed += 1
        if passed % 2:
            raise Unfinished(compiling=False)

    with Renderer() as renderer, renderer.gpu.use():
        renderer.drawing.moving = True
        renderer.drawing.in_pieces(put_off)
        frames = 0
        while True:
            frames += 1
            try:
                light = renderer.photographer.light(world, _settings(world)).read()
                break
            except Unfinished:
                renderer.ctx.finish()
                renderer.ctx.disable(moderngl.BLEND)
    assert frames > 3
    assert np.array_equal(light, at_once)


def test_losing_the_focus_ends_a_drag_and_distances_are_framebuffer_pixels() -> None:
    """With two framebuffer pixels a unit (HiDPI) a drag of 10 units is 20 px; after the focus has gone none."""
    given = Input.__new__(Input)
    at = [100.0, 50.0]
    glfw = SimpleNamespace(MOUSE_BUTTON_LEFT=0, PRESS=1, get_cursor_pos=lambda _: tuple(at))
    given._window = SimpleNamespace(glfw=glfw, handle=None)  # type: ignore[assignment]
    given._session = Session(load_scene("italy"), scale=2.0)
    given.overlay, given._drag_from, given._pulls = SimpleNamespace(holds=lambda x, y: x > 400.0, queued=0), None, []
    given._button(None, 0, 1, 0)
    given._cursor(None, 105.0, 55.0)
    given._cursor(None, 110.0, 50.0)
    pulled = [((200.0, 100.0), (220.0, 100.0))]
    assert given._pulls == pulled
    given._focus(None, 0)
    given._cursor(None, 150.0, 90.0)
    assert given._pulls == pulled
    given._cursor(None, 450.0, 50.0)  # over the panel, whatever the last frame knew
    given._button(None, 0, 1, 0)
    given._cursor(None, 300.0, 90.0)
    assert given._pulls == pulled
