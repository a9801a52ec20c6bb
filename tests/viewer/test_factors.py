"""Factors and heights of the emissions: uniforms of the next picture, as the lights' factors are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from earthlimb.physics.emission import EmissionModel
from earthlimb.physics.geometry import geodetic_from_itrs
from earthlimb.renderer import Renderer
from earthlimb.renderer.photograph import exposure_of
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer.canvas import Unfinished
from earthlimb.viewer.sightline import airglow_rayleigh, profile_at
from earthlimb.world import WorldState, build_world, same_air
from earthlimb.world.build import atmosphere_inputs

SIZE = 160, 107
ALONE = {"sky.stars": 0.0, "sky.planets": 0.0, "sky.milky_way": 0.0, "earth.lights": 0.0}
"""Without what is brighter than the airglow."""
SAME = 3e-5
"""Emissions that are folded before the march against those that are folded after it."""
MARCH = 5e-3
"""Midpoints stand elsewhere where an emission is off: what the march promises."""


def with_factors(scene: Scene, **factors: float) -> Scene:
    return scene.model_copy(update={"airglow": scene.airglow.model_copy(update=factors)})


def short(name: str, values: dict[str, Any] | None = None) -> Scene:
    return resized(load_scene(name, {"camera.shutter_s": 0.05, "camera.ev": 4.0, **(values or {})}), *SIZE)


def light(renderer: Renderer, world: WorldState) -> np.ndarray:
    with renderer.gpu.use():
        return renderer.photographer.light(world, exposure_of(world, 0)).read()


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    with Renderer() as made, made.gpu.use():
        yield made


def test_factors_and_heights_are_no_part_of_the_air(tmp_path: Path) -> None:
    scene = short("italy")
    base = build_world(scene)
    brighter = with_factors(scene, oi558=7.0, oh=0.0)
    assert same_air(scene, brighter) and same_air(scene, with_factors(scene, shift_km=1.0))
    path = tmp_path / "own.csv"
    path.write_text("alt_km,na589\n90,1\n99,2\n")
    own = short("italy", {"atmosphere.profile": str(path)})
    assert same_air(own, with_factors(own, na589=3.0)) and not same_air(own, with_factors(own, shift_km=1.0))
    quick, exact = build_world(brighter, like=base), build_world(brighter)
    for name in ("low", "high", "low_bounds_km", "high_bounds_km"):
        assert np.array_equal(getattr(quick.emission, name), getattr(exact.emission, name)), name
    assert np.array_equal(quick.zenith_columns_rayleigh, exact.zenith_columns_rayleigh)
    per_unit = base.zenith_columns_rayleigh / scene.airglow.factors
    assert exact.zenith_columns_rayleigh == pytest.approx(per_unit * brighter.airglow.factors)
    assert exact.zenith_columns_rayleigh[3] == 0.0


def test_read_out_and_profile_have_the_factors() -> None:
    scene = short("italy")
    base = build_world(scene)
    world = build_world(with_factors(scene, oi558=3.0 * scene.airglow.oi558, oh=0.0), like=base)
    times = np.array([1.0, 3.0, 1.0, 0.0, 1.0, 1.0])
    ray = base.rays_gcrs(np.array(80.0), np.array(40.0)).reshape(3)
    assert airglow_rayleigh(world, ray) == pytest.approx(times * airglow_rayleigh(base, ray), rel=1e-9)
    at = base.lat_rad, base.lon_rad
    assert profile_at(world, *at)[1] == pytest.approx(times * profile_at(base, *at)[1], rel=1e-12)


@pytest.mark.parametrize(
    ("values", "in_pieces"), [({}, True), ({"eye.enabled": True}, False)], ids=["software", "the eye on a card"]
)
def test_a_moving_picture_has_new_factors_at_once(values: dict[str, Any], *, in_pieces: bool) -> None:
    """Against renderers whose tables were folded with them; to 0 and from 0, too."""
    scene = short("italy", {**ALONE, **values})
    base = build_world(scene)
    changed = [with_factors(scene, oi558=a, na589=b) for a, b in ((2.5, 0.3), (0.0, 0.0), (9.0, 1.0))]
    changed += [with_factors(changed[0], shift_km=-2.6), with_factors(scene, shift_km=5.0)]
    with Renderer() as renderer:
        renderer.drawing.moving = True
        renderer.drawing.in_pieces((lambda: None) if in_pieces else None)
        seen = [drawn(renderer, build_world(one, like=base)) for one in (scene, *changed, scene)]
    for one, got, most in zip(changed, seen[1:], (SAME, MARCH, SAME, SAME, SAME), strict=False):
        with Renderer() as fresh:
            fresh.drawing.moving = True
            want = drawn(fresh, build_world(one, like=base))
        assert np.abs(got - want).max() < most * want.max()
    assert np.abs(seen[1] - seen[0]).max() > 0.1 * seen[0].max()
    assert np.abs(seen[-1] - seen[0]).max() < SAME * seen[0].max()


def drawn(renderer: Renderer, world: WorldState) -> np.ndarray:
    """Light of the camera's picture or the eye's."""
    if not world.scene.eye.enabled:
        return light(renderer, world)[..., :3]
    with renderer.gpu.use():
        renderer.photographer.draw(world)
        return renderer.drawing.target("light", world).read()[..., :3]


@pytest.mark.parametrize("shift_km", [2.0, -3.37, 10.0])
def test_raised_layers_are_those_of_the_model(shift_km: float) -> None:
    """`earthlimb profile` raises the model's table, pictures and the panel's plot their table's place."""
    scene = short("italy", {"atmosphere.waves": 0.0, "airglow.shift_km": shift_km})
    world = build_world(scene)
    up = world.rot_local_from_itrs[2]
    lat, lon, _ = geodetic_from_itrs(up * 6460.0)  # a node of the grid
    model = EmissionModel(atmosphere_inputs(scene)).profiles(np.array([lat]), np.array([lon]))
    alt_km, rates = profile_at(world, float(lat), float(lon))
    want = np.concatenate([model.low[0].T, model.high[0].T[1:]])
    assert alt_km[112] == 88.0 and want.max() > 10.0
    assert rates == pytest.approx(want, abs=1e-3 * float(want.max()))
    low = model.low[0] > 0.01 * model.low[0].max(axis=1, keepdims=True)
    for i in (0, 1, 3, 4, 5):
        (bottom, top), _ = world.emission.bounds_km(tuple(np.eye(6)[i]), world.raised_km)
        inside = alt_km[:281][low[i]]
        assert bottom < inside[0] and inside[-1] < top


def test_moving_factors_march_the_map_once(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = short("italy", ALONE)
    base = build_world(scene)
    limb = renderer.drawing._limb
    marched: list[dict[str, object]] = []
    march = limb._march
    monkeypatch.setattr(limb, "_march", lambda *given: (marched.append(given[3]), march(*given))[1])
    renderer.drawing.moving = True
    renderer.drawing.in_pieces(lambda: None)
    light(renderer, base)
    assert {} not in marched
    marched.clear()
    lights = [light(renderer, build_world(with_factors(scene, oi558=1.0 + 0.1 * i), like=base)) for i in range(5)]
    assert marched and all(defines == {} for defines in marched)
    n = len(marched)
    greens = [float(one[:40, :, 1].mean()) for one in lights]
    assert np.diff(greens) == pytest.approx(greens[1] - greens[0], rel=1e-3) and greens[1] > greens[0]
    assert len(marched) == n <= 20


def test_a_picture_that_is_put_off_takes_the_factors_of_the_next(renderer: Renderer) -> None:
    scene = short("italy", ALONE)
    base = build_world(scene)
    drawing = renderer.drawing
    drawing.moving = True
    light(renderer, base)

    def put_off() -> None:
        raise Unfinished(compiling=False)

    drawing.in_pieces(put_off)
    with pytest.raises(Unfinished):
        light(renderer, build_world(with_factors(scene, oi558=9.0), like=base))
    drawing.in_pieces(lambda: None)
    other = with_factors(scene, oi558=0.2)
    got = light(renderer, build_world(other, like=base))
    with Renderer() as fresh:
        fresh.drawing.moving = True
        want = light(fresh, build_world(other, like=base))
    assert np.abs(got - want).max() < SAME * want.max()


def test_an_exact_picture_is_the_same_whatever_was_drawn_before(renderer: Renderer) -> None:
    scene = short("italy")
    base = build_world(scene)
    other = with_factors(scene, oi558=4.0, continuum=0.0)
    drawing = renderer.drawing
    light(renderer, base)
    drawing.moving = True
    light(renderer, build_world(other, like=base))
    drawing.moving = False
    got = renderer.photographer.photograph(build_world(other, like=base)).read_picture()
    with Renderer() as fresh, fresh.gpu.use():
        want = fresh.photographer.photograph(build_world(other)).read_picture()
    assert np.array_equal(got, want)


def test_a_profile_of_ones_own(renderer: Renderer, tmp_path: Path) -> None:
    """A thin layer asks for close rows of the map only while it glows."""
    z_km = np.arange(80.0, 110.0, 0.25)
    path = tmp_path / "thin.csv"
    rows = [f"{z:.2f},{50.0 * np.exp(-0.5 * ((z - 92.0) / 0.42) ** 2):.6g}" for z in z_km]
    path.write_text("alt_km,na589\n" + "\n".join(rows) + "\n")
    scene = short("italy", {**ALONE, "atmosphere.profile": str(path)})
    base = build_world(with_factors(scene, na589=0.0))
    drawing = renderer.drawing
    drawing.moving = True
    dark = light(renderer, base)[:40, :, :3]
    glows = build_world(with_factors(scene, na589=2.0), like=base)
    got = light(renderer, glows)[:40, :, :3]
    with Renderer() as fresh:
        fresh.drawing.moving = True
        want = light(fresh, glows)[:40, :, :3]
    assert np.abs(got - want).max() < SAME * want.max() and want.max() > 2.0 * dark.max()


def test_light_on_ground_and_station_follows(renderer: Renderer) -> None:
    base = build_world(short("cupola"))
    drawing, body = renderer.drawing, base.scene.camera.body
    drawing.moving = True
    detector = drawing.detector(base, body)
    before = drawing._station._light(base, detector, moving=True)
    hardly = build_world(with_factors(base.scene, oh=1.01 * base.scene.airglow.oh), like=base)
    assert drawing._station._light(hardly, detector, moving=True) is before
    scene = with_factors(base.scene, oh=20.0)
    world = build_world(scene, like=base)
    assert drawing._station._light(world, detector, moving=True).earth[0] > 1.1 * before.earth[0]
    assert detector.irradiance(world)[0] > 1.5 * detector.irradiance(base)[0]


def test_a_slider_is_seen_in_the_next_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The window's loop without a display; no new air is asked for, and keyed factors move in every picture."""
    from earthlimb.viewer import builder, frames, overlay
    from earthlimb.viewer.session import Session
    from tests.viewer import headless

    monkeypatch.setattr(frames, "Canvas", frames.Canvas)
    monkeypatch.setattr(overlay, "Overlay", overlay.Overlay)
    from earthlimb.viewer import canvas

    monkeypatch.setattr(canvas, "Renderer", canvas.Renderer)
    monkeypatch.setattr(frames, "Kiln", lambda *_: SimpleNamespace(wait=lambda: False, release=lambda: None, share=1.0))
    headless.without_display()
    headless.Headless(SIZE)
    asked: list[Scene] = []

    class Counted(builder.Worlds):
        def parts(self, scene: Scene, *rest: Any) -> Any:
            asked.append(scene)
            return super().parts(scene, *rest)

    session = Session(short("italy", ALONE), size_px=SIZE, paused=True, panel_shown=False)
    window = frames.Frames(session, Counted())
    try:

        def next_picture() -> float:
            n, deadline = window._live.n_drawn, time.monotonic() + 60.0
            while window._live.n_drawn == n:
                assert time.monotonic() < deadline
                window.advance()
            assert session.world is not None and window._drawn == session.view_scene()
            return float(light_shown(window))

        first = next_picture()
        while window._builder.busy:
            window.advance()
        n_air = len(asked)
        session.change("airglow.oi558", 40.0)
        bright = next_picture()
        session.change("airglow.oi558", 0.0)
        faint = next_picture()
        session.change("airglow.oi558", load_scene("italy").airglow.oi558)
        again = next_picture()
        assert bright > 4.0 * first and faint < 0.9 * first
        assert again == pytest.approx(first, rel=1e-3)
        session.change("airglow.shift_km", 9.0)
        raised = next_picture()
        session.change("airglow.shift_km", 2.0)
        assert raised != first and next_picture() == pytest.approx(first, rel=1e-3)
        keys = [
            {"at_s": 0.0, "ease": "linear", "airglow": {"oi558": 1.0}},
            {"at_s": 100.0, "airglow": {"oi558": 101.0}},
        ]
        session.change_many({"video.key": keys, "video.duration_s": 200.0})
        lights = []
        for _ in range(5):
            session.step(0.2)
            lights.append(next_picture())
        assert (np.diff(lights) > 0.05 * first).all()
        assert len(asked) == n_air + (len(asked) > n_air)  # a new instant at most, for the exact picture
    finally:
        window.release()


def light_shown(window: Any) -> np.ndarray:
    """Mean green light of the picture's upper half."""
    target = window._canvas.renderer.drawing.target("light", window._session.world)
    return target.read()[:40, :, 1].mean()
