"""Thin layers and slabs of a user's profile in map, direct march and picture, against a dense sum over WGS84."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb import Renderer, load_scene
from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.frame_block import upload
from earthlimb.passes.airglow import LimbMapPass
from earthlimb.passes.airglow_tables import AirglowTables
from earthlimb.physics import airglow_march as twin
from earthlimb.physics.geometry import geodetic_from_itrs
from earthlimb.physics.lens import Lens
from earthlimb.physics.limb_map import limb_map_for
from earthlimb.renderer import Frame
from earthlimb.viewer.sightline import airglow_rayleigh
from earthlimb.world.emission_field import EmissionField, _rows
from tests.passes.test_airglow_pass import POLE, block, looking
from tests.support.glsl import context

Z_KM = np.arange(60.0, 130.01, 0.25)
ONE_PERCENT = 0.01
LAYERS = {
    "na589": 50.0 * np.exp(-0.5 * ((Z_KM - 92.3) / 0.42466) ** 2),  # 1 km FWHM
    "oi558": 50.0 * np.exp(-0.5 * ((Z_KM - 104.0) / 0.84932) ** 2),  # 2 km
    "oi630": 50.0 * np.exp(-0.5 * ((Z_KM - 83.0) / 1.69864) ** 2),  # 4 km
    "oh": 50.0 * ((Z_KM >= 85.0) & (Z_KM <= 95.0)),  # a slab whose edges are 0.25 km
    "o2": 50.0 * np.exp(-0.5 * ((Z_KM - 97.0) / 9.0) ** 2),
    "continuum": 50.0 * np.exp(-0.5 * ((Z_KM - 66.0) / 0.42466) ** 2),
}


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("thin") / "thin.csv"
    rows = [",".join(f"{v:.8g}" for v in row) for row in np.column_stack([Z_KM, *LAYERS.values()])]
    path.write_text("\n".join([",".join(["alt_km", *LAYERS]), *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def linear(renderer: Renderer, profile: Path, point: dict[str, object], size: str, focal_mm: float = 24.0) -> Frame:
    """Layers of a smooth profile, of one instant."""
    width, height = (int(n) for n in size.split("x"))
    changes = {
        "atmosphere.waves": 0.0,
        "atmosphere.profile": str(profile),
        "camera.focal_mm": focal_mm,
        "camera.shutter_s": 0.001,
        "camera.shake": "none",
        "image.width_px": width,
        "image.height_px": height,
        **point,
    }
    return renderer.render(load_scene("equator-airglow", changes), stage="linear", layers=True)


def dense(frame: Frame, x: int, y: int) -> np.ndarray:
    """Columns (6,) of LAYERS."""
    return dense_of(frame, x, y, Z_KM, list(LAYERS.values()))


def dense_of(frame: Frame, x: int, y: int, z_km: np.ndarray, layers: list[np.ndarray]) -> np.ndarray:
    """Columns (k,), rayleigh, along a pixel's ray to the ground or out of the air; no air dims them."""
    world = frame.world
    ray = world.rot_itrs_from_gcrs @ world.rays_gcrs(np.array(x + 0.5), np.array(y + 0.5)).reshape(3)
    s = np.arange(0.0, 4200.0, 0.1) + 0.05
    alt_km = geodetic_from_itrs(world.pos_iss_itrs_km + s[:, None] * ray)[2]
    ground = int(np.argmax(alt_km < 0.0)) if (alt_km < 0.0).any() else len(s)
    rates = [np.interp(alt_km[:ground], z_km, layer, left=0.0, right=0.0) for layer in layers]
    return 0.01 * np.array(rates).sum(axis=1)


def layers(frame: Frame) -> np.ndarray:
    return np.stack([frame.layer(f"airglow.{name}") for name in LAYERS], axis=-1)


def test_every_layer_on_the_limb_and_before_the_ground(renderer: Renderer, profile: Path) -> None:
    """1 % of the light, or of a twelfth of a layer's brightest limb where the light is less."""
    frame = linear(renderer, profile, {"camera.point.limb.tangent_km": 80.0}, "64x256", 85.0)
    got, tangent = layers(frame), frame.layer("geometry.tangent_km")
    clear = [y for y in range(0, 256, 2) if not -15.0 < tangent[y, 20] < 75.0]  # air dims the far leg between
    assert 75.0 < tangent[clear, 20].max() and tangent[clear, 20].min() < -20.0
    want = np.array([dense(frame, 20, y) for y in clear])
    peak = np.array([got[..., k].max() for k in range(6)])
    off = np.abs(got[clear, 20] - want) / np.maximum(want, peak / 12.0)
    assert off.max(axis=0) == pytest.approx(np.zeros(6), abs=ONE_PERCENT)


def test_straight_down(renderer: Renderer, profile: Path) -> None:
    """The sodium layer's column is 5.32 R; the slab's 51.25."""
    frame = linear(renderer, profile, {"camera.point": {"ground": {"lat_deg": 2.6404, "lon_deg": -3.7212}}}, "96x64")
    got = layers(frame)
    assert got[32, 48, 0] == pytest.approx(5.323, rel=0.005)
    for x, y in ((48, 32), (2, 3), (90, 60)):
        assert got[y, x] == pytest.approx(dense(frame, x, y), rel=ONE_PERCENT)


def test_no_stripes(renderer: Renderer, profile: Path) -> None:
    """Below a layer its light falls steadily with the tangent height: nowhere does it rise again before the ground."""
    frame = linear(renderer, profile, {"camera.point.limb.tangent_km": 50.0}, "32x384", 85.0)
    tangent = frame.layer("geometry.tangent_km")[:, 16]
    for name, below_km in (("na589", 90.5), ("oi558", 101.0), ("oh", 84.5)):
        light = frame.layer(f"airglow.{name}")[:, 16]
        for part in ((tangent < below_km) & (tangent > 75.0), tangent < -15.0):
            column = light[part]
            assert len(column) >= 4
            assert (np.diff(column) < 1e-3 * column[:-1]).all(), name


def test_the_window_reads_the_same(renderer: Renderer, profile: Path) -> None:
    frame = linear(renderer, profile, {"camera.point.limb.tangent_km": 80.0}, "64x96", 50.0)
    got = layers(frame)
    peak = np.array([got[..., k].max() for k in range(6)])
    for x, y in ((10, 20), (30, 47), (50, 60), (32, 90)):
        ray = frame.world.rays_gcrs(np.array(x + 0.5), np.array(y + 0.5)).reshape(3)
        off = np.abs(airglow_rayleigh(frame.world, ray) - got[y, x]) / peak
        assert off.max() < ONE_PERCENT


@pytest.mark.parametrize("eye_km", [420.0, 95.0], ids=["map", "direct"])
def test_folded_light_is_the_sum_of_the_layers(eye_km: float) -> None:
    """A photograph's channels against six separate totals, folded in float64."""
    ctx = context().ctx
    shaders, marcher = ShaderLibrary(ctx), LimbMapPass(ctx, ShaderLibrary(ctx))
    lens = Lens(64.0, 16.0, 32.0, 0.0, 32, 64)
    frame, rot, radius = block(
        eye_km, lens, looking(18.0 if eye_km > 200.0 else -5.0, 130.0), np.array([0.0, 0.0, 1.0])
    )
    uniform_buffer = upload(ctx, frame)
    response = np.abs(np.random.default_rng(1).normal(size=(6, 4)))
    x, y = np.meshgrid(np.linspace(0, 32, 9), np.linspace(0, 64, 9))
    limb_map = limb_map_for(lens.rays_cam(x, y) @ rot.T, max(radius, 6700.0), radius - eye_km, True)
    lights = []
    for own in (None, response):
        tables = AirglowTables.upload(ctx, field(), np.ones((401, 6)), own)
        target = Target(ctx, (32, 64), 2)
        if eye_km > 200.0:
            first, second = marcher.run(tables, limb_map, own)
            shape = (limb_map.n_rows, limb_map.n_columns, 4)
            one, two = (np.frombuffer(texture.read(), np.float32).reshape(shape) for texture in (first, second))
            rows = slice(limb_map.row_range[0], limb_map.row_range[1] + 1)
            one, two = one[rows], two[rows]
        else:
            marcher.direct(tables, target, own)
            one, two = target.read(0), target.read(1)
        lights.append(np.concatenate([one, two[..., :2]], axis=-1).astype(float) @ response if own is None else one)
        tables.release()
        target.release()
    for thing in (shaders, marcher, uniform_buffer):
        thing.release()
    apart, folded = lights
    assert apart.max() > 1000.0
    assert np.abs(folded - apart).max() < 2e-5 * apart.max()


def field() -> EmissionField:
    low = np.tile(np.stack(list(LAYERS.values()), axis=-1), (3, 3, 1, 1))
    high = np.zeros((3, 3, 236, 6))
    high[:, :, :, 2] = np.exp(-0.5 * ((np.arange(130.0, 600.1, 2.0) - 150.0) / 4.0) ** 2)
    low_rows, low_bounds = _rows(low, np.full(6, 50.0), (60.0, 130.0), 60.0, 0.25)
    high_rows, high_bounds = _rows(high, np.full(6, 50.0), (130.0, 170.0), 130.0, 2.0)
    bounds = (np.tile(ends, (6, 1)) for ends in (low_bounds, high_bounds))
    return EmissionField(low.astype(np.float32), high.astype(np.float32), *bounds, False, (low_rows, high_rows))


def test_thin_layers_above_130_km(renderer: Renderer, tmp_path: Path) -> None:
    """A slab across the tables' seam and a layer 4 km wide at 180 km, on the limb and from above."""
    z_km = np.concatenate([Z_KM, np.arange(132.0, 600.1, 2.0)])
    rates = [1.0 * ((z_km >= 125.0) & (z_km <= 136.0)), np.exp(-0.5 * ((z_km - 180.0) / 1.69864) ** 2)]
    path = tmp_path / "high.csv"
    rows = [",".join(f"{v:.8g}" for v in row) for row in np.column_stack([z_km, *rates])]
    path.write_text("\n".join(["alt_km,na589,o2", *rows]) + "\n")
    frame = linear(renderer, path, {"camera.point.limb.tangent_km": 150.0}, "32x192", 50.0)
    tangent, got = frame.layer("geometry.tangent_km"), layers(frame)[:, 16][:, [0, 4]]
    clear = np.flatnonzero((tangent[:, 16] > 75.0) | (tangent[:, 16] < -20.0))[::2]
    want = np.array([dense_of(frame, 16, int(y), z_km, rates) for y in clear])
    off = np.abs(got[clear] - want) / np.maximum(want, 0.25 * got.max(axis=0))
    assert off.max() < ONE_PERCENT


@pytest.mark.parametrize("eye_km", [40.0, 92.3, 95.0], ids=["below", "in the thin layer", "inside"])
def test_an_eye_below_or_inside_thin_layers(eye_km: float) -> None:
    """Every pixel marches; against the float64 twin over all rows of the tables."""
    ctx = context().ctx
    shaders = ShaderLibrary(ctx)
    marcher = LimbMapPass(ctx, shaders)
    lens = Lens(24.0, 16.0, 32.0, 0.0, 32, 64)
    frame, rot, radius = block(eye_km, lens, looking(-10.0, 70.0), np.array([0.0, 0.0, 1.0]))
    uniform_buffer, target = upload(ctx, frame), Target(ctx, (32, 64), 2)
    emission = field()
    tables = AirglowTables.upload(ctx, emission, np.ones((401, 6)), None)
    marcher.direct(tables, target, None)
    got = np.concatenate([target.read(0), target.read(1)[..., :2]], axis=-1)
    for thing in (tables, target, marcher, shaders, uniform_buffer):
        thing.release()
    x, y = np.meshgrid(np.arange(2, 32, 9), np.arange(0, 64, 3))
    want = np.array([seen(emission, ray, radius) for ray in lens.rays_cam(x + 0.5, y + 0.5).reshape(-1, 3) @ rot.T])
    got = got[y.ravel(), x.ravel()]
    peak = want.max(axis=0)
    assert (peak[:4] > 5.0).all()
    assert (np.abs(got - want) / np.maximum(want, 0.05 * peak)).max() < ONE_PERCENT


def seen(emission: EmissionField, dir_local: np.ndarray, radius: float) -> np.ndarray:
    """Columns (6,) ahead of the eye, the far leg where the ground does not stand before it."""
    ray = twin.Ray.from_eye(dir_local, radius)
    lowest_km = float(twin.altitude_km(ray.at(0.0)[None], POLE)[0])
    total = np.zeros(6)
    for table, rows_km in ((emission.low, Z_KM), (emission.high, np.arange(130.0, 600.1, 2.0))):
        rates = table[1, 1].astype(float)
        for side in (-1.0, 1.0):
            if side < 0.0 or ray.eye_s_km >= 0.0 or lowest_km > 0.0:
                total += twin.march_rows(lambda at, rates=rates: rates, ray, rows_km, side, POLE)
    return total
