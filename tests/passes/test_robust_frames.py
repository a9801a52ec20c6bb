"""Frames of extreme but valid scenes: NaN and infinity reach no layer but the range, sums and signs hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from earthlimb.astro.bodies import sun_gcrs_km
from earthlimb.astro.timescale import Instant
from earthlimb.constants import EMISSIONS
from earthlimb.errors import UsageError
from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene, resized
from earthlimb.scene.shipped import shipped_names

SMALL = {"image": {"width_px": 24, "height_px": 16}}
NIGHT, DAY = "2021-09-09T22:42:40.05Z", "2021-09-09T23:30:00Z"
NORTHMOST, SOUTHMOST = "2021-09-09T22:46:20Z", "2021-09-09T23:32:30Z"
MOST = 1e6
MILLIMETER_KM = 1e-6
LAYERS = {f"airglow.{name}" for name in EMISSIONS} | {"stars", "sky", "lights", "moonlit"}

RGB_LAYERS = ("stars", "sky", "lights", "moonlit", "cupola")


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


def check(frame: Frame, stage: str = "all") -> None:
    """What holds in every frame whatever the scene."""
    size = (frame.height_px, frame.width_px)
    assert set(frame.layers) >= LAYERS
    for name, layer in frame.layers.items():
        if name == "geometry.range_km":
            missed = np.isnan(layer)
            assert (missed | (np.isfinite(layer) & (layer > 0.0))).all()
            assert (frame.layer("geometry.tangent_km")[missed] >= -MILLIMETER_KM).all()
            assert (frame.layer("geometry.tangent_km")[~missed] <= MILLIMETER_KM).all()
        else:
            assert np.isfinite(layer).all(), f"{name}: {np.count_nonzero(~np.isfinite(layer))} of {layer.size}"
        if name.startswith("airglow."):
            assert (layer >= 0.0).all(), name
    assert np.abs(frame.layer("geometry.lat_deg")).max() <= 90.0
    assert np.abs(frame.layer("geometry.lon_deg")).max() <= 360.0
    assert frame.rgb_linear is not None and np.isfinite(frame.rgb_linear).all()
    total = sum(frame.layer(name).astype(float) for name in RGB_LAYERS if name in frame.layers)
    for name in EMISSIONS:
        total = total + frame.layer(f"airglow.{name}")[..., None] * frame.metadata["airglow_rgb"][name]
    assert np.abs(total - frame.rgb_linear).max() <= 1e-4 * np.abs(frame.rgb_linear).max()
    if stage == "all":
        assert frame.electrons is not None and np.isfinite(frame.electrons).all()
        assert frame.picture is not None and frame.picture.shape == (*size, 3)
        assert np.isfinite(frame.picture).all() and 0.0 <= frame.picture.min() and frame.picture.max() <= 1.0


def night(point: dict[str, Any] | None = None, utc: str = NIGHT, **tables: Any) -> dict[str, Any]:
    """A scene of 24 x 16 px; `camera` and the other tables are laid over."""
    point = point or {"limb": {"azimuth_deg": 24.5, "tangent_km": 60.0}}
    camera = {"mount": "free", "point": point} | tables.pop("camera", {})
    return {"time": {"utc": utc}, "camera": camera} | SMALL | tables


def towards_the_sun() -> dict[str, Any]:
    x, y, z = sun_gcrs_km(Instant.from_iso(DAY))
    return {"sky": {"ra_deg": math.degrees(math.atan2(y, x)), "dec_deg": math.degrees(math.atan2(z, math.hypot(x, y)))}}


def airglow(factor: float) -> dict[str, float]:
    return dict.fromkeys(EMISSIONS, factor)


LIMB = {"limb": {"azimuth_deg": 0.0, "tangent_km": 90.0}}
EXTREMES: dict[str, dict[str, Any]] = {
    "a millionth of a second": night(camera={"shutter_s": 1e-6}),
    "twenty seconds": night(camera={"shutter_s": 20.0}),
    "one pixel": night(image={"width_px": 1, "height_px": 1}),
    "one pixel to the ground": night({"limb": {"tangent_km": -100.0}}, image={"width_px": 1, "height_px": 1}),
    "a row": night(image={"width_px": 16384, "height_px": 1}),
    "a column": night(image={"width_px": 1, "height_px": 4096}),
    "100 km below the limb": night({"limb": {"tangent_km": -100.0}}),
    "just below the station": night({"limb": {"azimuth_deg": 300.0, "tangent_km": 410.0}}),
    "nadir": night({"body": {"elevation_deg": -90.0}}),
    "zenith": night({"body": {"elevation_deg": 90.0}}),
    "the Sun": night(towards_the_sun(), utc=DAY),
    "day side": night({"body": {"elevation_deg": -30.0}}, utc=DAY),
    "terminator": night(LIMB, utc="2021-09-09T23:05:00Z", camera={"focal_mm": 8.0}),
    "northmost, polewards": night({"limb": {"azimuth_deg": -90.0, "tangent_km": 90.0}}, utc=NORTHMOST),
    "southmost, polewards": night({"limb": {"azimuth_deg": 90.0, "tangent_km": 90.0}}, utc=SOUTHMOST),
    "the north pole": night({"sky": {"ra_deg": 0.0, "dec_deg": 90.0}}),
    "the south pole": night({"sky": {"ra_deg": 0.0, "dec_deg": -90.0}}),
    "no airglow": night(airglow=airglow(0.0)),
    "airglow times a million": night(airglow=airglow(MOST)),
    "no light at all": night(
        airglow=airglow(0.0),
        earth={"lights": 0.0, "moonlit": 0.0, "halo": 0.0},
        sky={"stars": 0.0, "milky_way": 0.0},
    ),
    "all light times a million": night(
        airglow=airglow(MOST),
        earth={"lights": MOST, "moonlit": MOST, "halo": MOST},
        sky={"stars": MOST, "milky_way": MOST},
        camera={"shutter_s": 20.0, "iso": 3.3e6, "f_number": 0.5, "ev": 20.0},
    ),
    "hardly any exposure": night(camera={"shutter_s": 1e-6, "iso": 50.0, "f_number": 64.0, "ev": -20.0}),
    "a lens of 1 mm": night(camera={"focal_mm": 1.0}),
    "a lens of 2000 mm": night(camera={"focal_mm": 2000.0}),
    "pincushion up to the fold": night(camera={"f_px": 10.0, "k1": -0.16}),
    "barrel": night(camera={"f_px": 10.0, "k1": 1.0}),
    "far off the centre": night(camera={"f_px": 50.0, "cx_px": 1e5, "cy_px": -1e5}),
    "a very long lens": night(camera={"f_px": 1e6}),
    "active Sun, strong waves": night(atmosphere={"f107": 500.0, "f107a": 400.0, "ap": 400.0, "waves": 10.0}),
    "a day's flux far above its mean": night(atmosphere={"f107": 500.0, "f107a": 50.0, "ap": 0.0}),
    "a day's flux far below its mean": night(atmosphere={"f107": 50.0, "f107a": 400.0, "ap": 0.0}),
    "quiet Sun": night(atmosphere={"f107": 50.0, "f107a": 50.0, "ap": 0.0, "climatology": 0.0, "waves": 0.0}),
    "raised": night(airglow={"shift_km": 10.0}),
    "lowered": night(airglow={"shift_km": -10.0}),
    "profile of the pole": night(atmosphere={"uniform": {"lat_deg": 90.0, "lon_deg": 360.0}}),
    "hot white": night(camera={"white_balance_k": 25000.0}),
    "warm white": night(camera={"white_balance_k": 1500.0}),
    "at rest among the stars": night({"body": {"elevation_deg": -30.0}}, station={"attitude": "inertial"}),
    "no stars": night(sky={"stars_to_vmag": -2.0}),
}


@pytest.mark.parametrize("scene", EXTREMES.values(), ids=[name.replace(" ", "-") for name in EXTREMES])
def test_extreme_scenes(renderer: Renderer, scene: dict[str, Any]) -> None:
    check(renderer.render(load_scene(scene)))


@pytest.mark.long
def test_an_hour(renderer: Renderer) -> None:
    check(renderer.render(load_scene(night(camera={"shutter_s": 3600.0}))))


@pytest.mark.long  # tests/scenes renders them, too
@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenes(renderer: Renderer, name: str) -> None:
    scene = load_scene(name)
    width, height = scene.image.width_px, scene.image.height_px
    check(renderer.render(resized(scene, 64, max(64 * height // width, 1))))


@pytest.mark.parametrize("mean_motion", ["16.35", "14.90", "11.30"], ids=["180-km", "600-km", "2000-km"])
def test_other_altitudes(renderer: Renderer, mean_motion: str) -> None:
    """Below 200 km every pixel marches; above 600 km the eye stands outside of all emission."""
    lines = (
        "1 25544U 98067A   21252.50949163  .00001550  00000+0  00000+0 0  999",
        f"2 25544  51.6444 285.7692 0003404  13.6408 132.5925 {mean_motion}00000030166",
    )
    text = "\n".join(line + str(sum(int(c) if c.isdigit() else c == "-" for c in line) % 10) for line in lines)
    for tangent_km in (60.0, -100.0):
        point = {"limb": {"azimuth_deg": 24.5, "tangent_km": tangent_km}}
        check(renderer.render(load_scene(night(point, station={"tle": text}))))


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


POINTS = st.one_of(
    st.fixed_dictionaries({"azimuth_deg": numbers(-180, 180), "tangent_km": numbers(-100, 350)}).map(
        lambda value: {"limb": value}
    ),
    st.fixed_dictionaries({"ra_deg": numbers(0, 360), "dec_deg": numbers(-90, 90)}).map(lambda value: {"sky": value}),
    st.fixed_dictionaries({"azimuth_deg": numbers(-180, 180), "elevation_deg": numbers(-90, 90)}).map(
        lambda value: {"body": value}
    ),
    st.fixed_dictionaries({"lat_deg": numbers(-90, 90), "lon_deg": numbers(-180, 180)}).map(
        lambda value: {"ground": value}
    ),
)
FACTOR = st.one_of(st.just(0.0), numbers(1e-3, 10.0), st.just(MOST))
SCENES = st.fixed_dictionaries(
    {
        "time": st.integers(0, 86400 * 14).map(
            lambda s: {"utc": (datetime(2021, 9, 2, tzinfo=UTC) + timedelta(seconds=s)).isoformat()}
        ),
        "station": st.sampled_from(["+XVV", "-XVV", "docking-pitch-90", "inertial"]).map(lambda a: {"attitude": a}),
        "camera": st.fixed_dictionaries(
            {
                "mount": st.sampled_from(["free", "cupola"]),
                "point": POINTS,
                "focal_mm": numbers(1.0, 2000.0),
                "f_number": numbers(0.5, 64.0),
                # longer ones cost a world for every 20 s: test_an_hour
                "shutter_s": st.floats(-6.0, 1.3).map(lambda x: 10.0**x),
                "iso": numbers(50.0, 3.3e6),
                "white_balance_k": numbers(1500.0, 25000.0),
                "ev": numbers(-20.0, 20.0),
                "roll_deg": numbers(-360.0, 360.0),
                "k1": numbers(-1.0, 1.0),
                "lens_correction": st.booleans(),
            }
        ),
        "image": st.fixed_dictionaries({"width_px": st.integers(1, 40), "height_px": st.integers(1, 40)}),
        "atmosphere": st.fixed_dictionaries(
            {
                "f107": numbers(50.0, 500.0),
                "f107a": numbers(50.0, 400.0),
                "ap": numbers(0.0, 400.0),
                "climatology": numbers(0.0, 1.0),
                "waves": numbers(0.0, 10.0),
                "seed": st.integers(0, 2**32 - 1),
            }
        ),
        "airglow": st.fixed_dictionaries({"shift_km": numbers(-10.0, 10.0)} | dict.fromkeys(EMISSIONS, FACTOR)),
        "earth": st.fixed_dictionaries({"lights": FACTOR, "moonlit": FACTOR, "halo": FACTOR}),
        "sky": st.fixed_dictionaries({"stars": FACTOR, "milky_way": FACTOR, "stars_to_vmag": numbers(-2.0, 9.0)}),
        "seed": st.integers(0, 2**32 - 1),
    }
)


def random_scene(renderer: Renderer, table: dict[str, Any]) -> None:
    try:
        scene = load_scene(table)
        frame = renderer.render(scene)
    except UsageError as error:  # a place below the horizon, a tangent above the station: refused with its reason
        assert "camera.point" in str(error)
        return
    check(frame)


@pytest.mark.long
@settings(max_examples=12, derandomize=True, phases=[Phase.generate])  # no shrinking: a failure shall not take minutes
@given(SCENES)
def test_random_scenes(renderer: Renderer, table: dict[str, Any]) -> None:
    random_scene(renderer, table)
