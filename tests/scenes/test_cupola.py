"""What the cupola does to a picture: the scene "cupola", wide views, hidden light, blur, the belly in "italy"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from earthlimb.astro.frames import lvlh_azimuth_elevation
from earthlimb.constants import EMISSIONS
from earthlimb.renderer import Frame, Renderer, station
from earthlimb.renderer.exposure import Exposure
from earthlimb.renderer.photograph import PARTS, exposure_of
from earthlimb.scene import load_scene, resized
from earthlimb.world import build_world

SIZE = (240, 160)
MEASURED = ((-2.0, -1.1), (34.0, -2.3))
"""Azimuth and elevation of the belly's edge in ISS065-E-394522, LVLH, degrees; straight between."""
two_degrees = 2.0
DARK = {f"airglow.{name}": 0.0 for name in EMISSIONS} | {
    "earth.lights": 0.0,
    "earth.moonlit": 0.0,
    "sky.milky_way": 0.0,
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(size=SIZE) as one:
        yield one


def linear(renderer: Renderer, name: str, **keys: object) -> Frame:
    overrides = {key.replace("__", "."): value for key, value in keys.items()}
    return renderer.render(load_scene(name, overrides), stage="linear")


@pytest.fixture(scope="module")
def seen(renderer: Renderer) -> dict[str, Frame]:
    return {
        "window": linear(renderer, "cupola"),
        "free": linear(renderer, "cupola", camera__mount="free"),
        "no station": linear(renderer, "cupola", station__visible=False),
    }


def test_a_free_camera_has_no_cupola_layer(seen: dict[str, Frame]) -> None:
    assert "cupola" not in seen["free"].layers
    assert "cupola" in seen["window"].layers


def test_frames_hide_and_glass_passes_by_fresnel(seen: dict[str, Frame]) -> None:
    """In every layer the same share of the light is left: 0 behind frames, 0.75 to 0.86 behind glass."""
    free, window = seen["free"], seen["no station"]
    bright = free.layer("airglow.oi558") > 1.0
    share = np.where(bright, window.layer("airglow.oi558") / np.where(bright, free.layer("airglow.oi558"), 1.0), np.nan)
    assert 0.84 < np.nanmax(share) < 0.86
    assert (np.nan_to_num(share, nan=1.0) < 0.001).mean() > 0.02  # frames border the picture
    clear = share > 0.8
    assert clear.mean() > 0.3  # and the window is most of it
    for layer in ("airglow.na589", "airglow.oh", "lights", "sky", "moonlit"):
        before, after = free.layer(layer).astype(float), window.layer(layer).astype(float)
        if before.ndim == 3:
            before, after = before.sum(-1), after.sum(-1)
        lit = (before > 1e-3 * before.max()) & bright
        assert np.abs(after[lit] / before[lit] - share[lit]).max() < 1e-3, layer
    border = np.concatenate([share[0], share[-1], share[:, 0], share[:, -1]])
    assert (np.nan_to_num(border) < 0.4).mean() > 0.5


def test_the_sum_of_the_layers_is_the_picture(seen: dict[str, Frame]) -> None:
    for frame in seen.values():
        names = [n for n, layer in frame.layers.items() if layer.ndim == 3]
        total = sum(frame.layer(n).astype(float) for n in names)
        for name in EMISSIONS:
            total = total + frame.layer(f"airglow.{name}")[..., None] * frame.metadata["airglow_rgb"][name]
        assert frame.rgb_linear is not None
        assert np.abs(total - frame.rgb_linear).max() <= 1e-4 * np.abs(frame.rgb_linear).max()


def test_stars_behind_the_frame_are_gone(seen: dict[str, Frame]) -> None:
    free, window = (seen[n].layer("stars").sum(-1) for n in ("free", "no station"))
    through = seen["no station"].layer("airglow.oi630") / np.maximum(seen["free"].layer("airglow.oi630"), 1e-9)
    hidden = (through < 1e-3) & (seen["free"].layer("airglow.oi630") > 1.0)
    assert free[hidden].max() > 1e-3 * free.max()
    assert window[hidden].max() < 0.02 * free[hidden].max()  # a star's wing reaches over the edge


def test_cabin_light_is_seen_on_frames_and_in_the_glass(renderer: Renderer) -> None:
    levels = {}
    for interior in ("off", "dim", "lit"):
        layer = linear(renderer, "cupola", cupola__interior=interior, station__visible=False).layer("cupola")
        levels[interior] = layer.astype(float) @ (0.2126, 0.7152, 0.0722)
    assert np.median(levels["dim"]) > 1.5 * np.median(levels["off"])
    difference = levels["lit"] - levels["off"]
    assert np.allclose(1e-4 * difference, levels["dim"] - levels["off"], rtol=0.02, atol=1e-6)
    # 100 lx on a frame of 0.55 is 17 cd m-2; panes send back about an eighth of it and the lamps' images
    assert 12.0 < np.quantile(difference, 0.99) < 25.0
    assert 0.5 < np.quantile(difference, 0.2) < 5.0
    cloth = linear(renderer, "cupola", cupola__interior="lit", cupola__reflections=0.0, station__visible=False)
    veiled = cloth.layer("cupola").astype(float) @ (0.2126, 0.7152, 0.0722)
    assert np.quantile(veiled, 0.2) < 0.05 * np.quantile(levels["lit"], 0.2)


def test_from_the_domes_middle_all_seven_windows_hold_the_earth(renderer: Renderer) -> None:
    keys = {
        "camera.focal_mm": 8.0,
        "camera.window": 7,
        "cupola.distance_m": 0.9,
        "camera.point.body": {"azimuth_deg": 0.0, "elevation_deg": -90.0},
        "station.visible": False,
    }
    frame = renderer.render(load_scene("cupola", keys), stage="linear")
    free = renderer.render(load_scene("cupola", keys | {"camera.mount": "free"}), stage="linear")
    share = frame.layer("airglow.oi558") / np.maximum(free.layer("airglow.oi558"), 1.0)
    world = frame.world
    from earthlimb.world.cupola import Cupola

    assert world.station is not None
    for window in Cupola.load().windows:
        way = window.centre_m + 0.5 * window.depth_m * window.normal - world.station.eye_m
        x, y, ahead = world.lens.project(world.rot_cam_from_gcrs @ world.rot_body_from_gcrs.T @ way)
        assert ahead and world.lens.inside(x, y), window.number
        assert 0.6 < share[int(y), int(x)] < 0.87, window.number


def test_closed_shutters_leave_no_light_of_the_world(renderer: Renderer, seen: dict[str, Frame]) -> None:
    """Less than 1e-3: where a frame's blurred edge crosses the shutter two coarse grids meet (measured 4e-4)."""
    frame = linear(renderer, "cupola", cupola__shutters=0.0)
    for name in ("airglow.oi558", "lights", "stars", "sky"):
        assert np.abs(frame.layer(name)).max() < 1e-3 * np.abs(seen["free"].layer(name)).max(), name


def test_the_belly_of_italy_stands_where_the_photograph_has_it(renderer: Renderer) -> None:
    """Elevation of the lowest hidden pixel at every azimuth of the measurement."""
    frame = renderer.render(resized(load_scene("italy"), 500, 332), stage="linear")
    world = frame.world
    plain = renderer.render(resized(load_scene("italy", {"station.visible": False}), 500, 332), stage="linear")
    share = frame.layer("airglow.oi630") / np.maximum(plain.layer("airglow.oi630"), 1e-6)
    h, w = share.shape
    rays = world.rays_gcrs(*np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)) @ world.rot_lvlh_from_gcrs.T
    azimuth = np.degrees(np.arctan2(rays[..., 1], rays[..., 0]))
    elevation = np.degrees(np.arcsin(-rays[..., 2]))
    assert np.isclose(np.degrees(lvlh_azimuth_elevation(rays[0, 0]))[1], elevation[0, 0])
    worst = 0.0
    for at in np.arange(MEASURED[0][0], MEASURED[1][0] + 0.5, 1.0):
        column = np.abs(azimuth - at) < 0.5
        hidden = elevation[column & (share < 0.5)]
        if len(hidden) == 0:
            # the picture's edge cuts the belly off: nothing above the measured edge may then be in the picture
            assert elevation[column].max() < np.interp(at, *np.transpose(MEASURED)) + two_degrees, at
            continue
        worst = max(worst, abs(float(hidden.min()) - float(np.interp(at, *np.transpose(MEASURED)))))
    print(f"edge of the belly: worst {worst:.2f} deg")
    assert worst < two_degrees
    assert share[h // 10 :, w // 2 :].min() > 0.99  # below its edge the photograph's right half is free


def test_a_ray_is_hidden_where_the_picture_is(seen: dict[str, Frame]) -> None:
    frame = seen["no station"]
    world = frame.world
    assert world.station is not None
    ahead = np.maximum(seen["free"].layer("airglow.oi558"), 1e-9)
    share = frame.layer("airglow.oi558") / ahead
    h, w = share.shape
    sure = 0
    for y, x in np.random.default_rng(0).integers((0, 0), (h, w), (300, 2)):
        if ahead[y, x] < 1.0 or 0.01 < share[y, x] < 0.8:
            continue  # within the blur of an edge
        ray = world.rot_cam_from_gcrs @ world.rays_gcrs(np.array([x + 0.5]), np.array([y + 0.5]))[0]
        assert world.station.hides(ray[None])[0] == (share[y, x] < 0.01), (x, y)
        sure += 1
    assert sure > 100


def test_bright_stars_have_the_ghosts_that_the_faces_make() -> None:
    """The brightest ghost of every star to V = 2 is two bare faces, 0.0347 squared: 7.3 magnitudes fainter."""
    with_panes = build_world(resized(load_scene("cupola", {"cupola.distance_m": 0.3}), *SIZE)).stars
    without = build_world(resized(load_scene("cupola", {"camera.mount": "free"}), *SIZE)).stars
    n = len(without.vmag)
    assert np.array_equal(with_panes.vmag[:n], without.vmag)
    bright = without.vmag[without.vmag < 2.0]
    ghosts = with_panes.vmag[n:].reshape(len(bright), -1)
    assert len(bright) > 0 and ghosts.shape[1] > 0
    assert np.allclose(ghosts.min(axis=1) - bright, -5.0 * np.log10(0.0347), atol=0.01)


def test_a_photograph_drawn_behind_the_station_is_one_that_it_covers(renderer: Renderer) -> None:
    """The picture's own way, in the shaders of view and stars, against the blended pass of the layers."""
    world = build_world(resized(load_scene("cupola"), *SIZE))
    drawing = renderer.drawing
    photographer = renderer.photographer
    settings = exposure_of(world, 0)
    with renderer.ctx:
        direct = photographer.light(world, settings).read()
        detector = drawing.detector(world, world.scene.camera.body)
        station = drawing.station(world, detector)
        assert len(station) == 2
        target = drawing.target("light", world)
        Exposure(drawing, world, detector, detector.per_rayleigh).average([(target, frozenset(PARTS))])
        for kind in ("stars", "planets", "satellites"):
            drawing.points(kind, target, world, detector, 0.02 / settings.electrons_per_radiance)
        open_light = target.read()
        drawing.cover(target, station, world, light=True)
        covered = target.read()
    assert np.allclose(direct[..., :3], covered[..., :3], rtol=1e-4, atol=1e-6 * covered.max())
    assert np.abs(open_light - covered).max() > 0.1 * open_light.max()


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"cupola.shutters": 0.0},
        {"cupola.shutters": 0.5, "camera.focal_mm": 14.0, "cupola.distance_m": 0.8},
        {
            "camera.focal_mm": 8.0,
            "camera.window": 7,
            "cupola.distance_m": 0.9,
            "camera.point": {"body": {"azimuth_deg": 0.0, "elevation_deg": -90.0}},
        },
    ],
    ids=["shipped", "closed", "half open", "dome"],
)
def test_what_is_not_drawn_behind_frames_was_hidden(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch, keys: dict[str, object]
) -> None:
    """The same picture with the world drawn everywhere, but for cracks between facets that then let a point through."""
    world = build_world(resized(load_scene("cupola", keys), *SIZE))
    settings = exposure_of(world, 0)
    with renderer.ctx:
        image = renderer.drawing.station(world, renderer.drawing.detector(world, world.scene.camera.body))[-1]
        assert image.shut is not None and image.shut.mean() > 0.05
        some = renderer.photographer.light(world, settings).read().copy()
        monkeypatch.setattr(station, "_shut_tiles", lambda *_: None)
        again = build_world(resized(load_scene("cupola", keys), *SIZE))
        whole = renderer.photographer.light(again, settings).read()
    assert ((some != whole).any(axis=-1)).mean() < 1e-3
    assert (some[..., :3] <= whole[..., :3]).all()


def test_a_station_that_is_switched_off_costs_nothing(renderer: Renderer) -> None:
    world = build_world(resized(load_scene("italy", {"station.visible": False}), *SIZE))
    assert world.station is None
