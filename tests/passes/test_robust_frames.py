"""Frames of extreme but valid scenes: NaN and infinity reach no layer but the range, sums and signs hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthlimb.astro.bodies import sun_gcrs_km
from earthlimb.astro.timescale import Instant
from earthlimb.constants import EMISSIONS
from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene
from earthlimb.scene.shipped import shipped_names

SMALL = {"image": {"width_px": 24, "height_px": 16}}
NIGHT, DAY = "2021-09-09T22:42:40.05Z", "2021-09-09T23:30:00Z"
NORTHMOST, SOUTHMOST = "2021-09-09T22:46:20Z", "2021-09-09T23:32:30Z"
MOST = 1e6
LAYERS = {f"airglow.{name}" for name in EMISSIONS} | {"stars", "sky", "lights", "moonlit"}


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
            assert (frame.layer("geometry.tangent_km")[missed] >= 0.0).all()
            assert (frame.layer("geometry.tangent_km")[~missed] <= 0.0).all()
        else:
            assert np.isfinite(layer).all(), f"{name}: {np.count_nonzero(~np.isfinite(layer))} of {layer.size}"
        if name.startswith("airglow."):
            assert (layer >= 0.0).all(), name
    assert np.abs(frame.layer("geometry.lat_deg")).max() <= 90.0
    assert np.abs(frame.layer("geometry.lon_deg")).max() <= 360.0
    assert frame.rgb_linear is not None and np.isfinite(frame.rgb_linear).all()
    total = sum(frame.layer(name).astype(float) for name in ("stars", "sky", "lights", "moonlit"))
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
    camera = {"point": point} | tables.pop("camera", {})
    return {"time": {"utc": utc}, "camera": camera} | SMALL | tables


def towards_the_sun() -> dict[str, Any]:
    x, y, z = sun_gcrs_km(Instant.from_iso(DAY))
    return {"sky": {"ra_deg": math.degrees(math.atan2(y, x)), "dec_deg": math.degrees(math.atan2(z, math.hypot(x, y)))}}


def airglow(factor: float) -> dict[str, float]:
    return dict.fromkeys(EMISSIONS, factor)


LIMB = {"limb": {"azimuth_deg": 0.0, "tangent_km": 90.0}}
EXTREMES: dict[str, dict[str, Any]] = {
    "a millionth of a second": night(camera={"shutter_s": 1e-6}),
    "an hour": night(camera={"shutter_s": 3600.0}),
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
        camera={"shutter_s": 3600.0, "iso": 3.3e6, "f_number": 0.5, "ev": 20.0},
    ),
    "hardly any exposure": night(camera={"shutter_s": 1e-6, "iso": 50.0, "f_number": 64.0, "ev": -20.0}),
    "a lens of 1 mm": night(camera={"focal_mm": 1.0}),
    "a lens of 2000 mm": night(camera={"focal_mm": 2000.0}),
    "barrel": night(camera={"f_px": 10.0, "k1": -1.0}),
    "pincushion": night(camera={"f_px": 10.0, "k1": 1.0}),
    "far off the centre": night(camera={"f_px": 50.0, "cx_px": 1e5, "cy_px": -1e5}),
    "a very long lens": night(camera={"f_px": 1e6}),
    "active Sun, strong waves": night(atmosphere={"f107": 500.0, "f107a": 400.0, "ap": 400.0, "waves": 10.0}),
    "quiet Sun": night(atmosphere={"f107": 50.0, "f107a": 50.0, "ap": 0.0, "climatology": 0.0, "waves": 0.0}),
    "raised": night(airglow={"shift_km": 10.0}),
    "lowered": night(airglow={"shift_km": -10.0}),
    "profile of the pole": night(atmosphere={"uniform": {"lat_deg": 90.0, "lon_deg": 360.0}}),
    "hot white": night(camera={"white_balance_k": 25000.0}),
    "warm white": night(camera={"white_balance_k": 1500.0}),
    "no stars": night(sky={"stars_to_vmag": -2.0}),
}


@pytest.mark.parametrize("scene", EXTREMES.values(), ids=[name.replace(" ", "-") for name in EXTREMES])
def test_extreme_scenes(renderer: Renderer, scene: dict[str, Any]) -> None:
    check(renderer.render(load_scene(scene)))
