"""The Italy view against the solved photograph ISS065-E-394522: limb, cities, and that it is always the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene
from tests.support.limb import limb_profile

RANGES = {"250-420": slice(250, 420), "680-780": slice(680, 780), "860-990": slice(860, 990)}
"""Columns of the picture in which the photograph's limb was measured."""
CITIES = {
    "Rome": (869.1, 380.5),
    "Naples": (887.5, 306.5),
    "Vieste": (741.5, 317.5),
    "Zagreb": (443.5, 442.5),
    "Budapest": (324.5, 443.5),
    "Leuca": (823.1, 252.5),
}
"""Places in the photograph, px, pixel centres at half-integers (its star and city solution, rms 3 px)."""


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


@pytest.fixture(scope="module")
def frame(renderer: Renderer) -> Frame:
    return renderer.render(load_scene("italy"))


@pytest.mark.parametrize("columns", RANGES)
def test_limb_has_the_photographs_colours(frame: Frame, columns: str) -> None:
    """R/G 1.6-2.9 at 86 km and 0.3-0.7 at 94 km, red peak at 84-88 km, red down to a tenth by 101 km (+-4)."""
    limb = limb_profile(frame, RANGES[columns])
    assert 84.0 <= limb.peak_km(0) <= 88.5
    red, green, _ = limb.at(86.0)
    assert 1.6 <= red / green <= 2.9
    red, green, _ = limb.at(94.0)
    assert 0.3 <= red / green <= 0.7
    assert limb.at(105.0)[0] < 0.1 * limb.rgb[:, 0].max() < limb.at(95.0)[0]


def test_green_peak_of_the_left_range(frame: Frame) -> None:
    assert 91.0 <= limb_profile(frame, RANGES["250-420"], blur_km=1.0).peak_km(1) <= 95.0


def test_level_of_the_limb_is_the_photographs(frame: Frame) -> None:
    """Median of the three ranges within 1.5 of the photograph's: R at 86 km 0.0545, G at 94 km 0.0232."""
    limbs = [limb_profile(frame, columns) for columns in RANGES.values()]
    red = np.median([limb.at(86.0)[0] for limb in limbs])
    green = np.median([limb.at(94.0)[1] for limb in limbs])
    assert 1 / 1.5 < red / 0.0545 < 1.5
    assert 1 / 1.5 < green / 0.0232 < 1.5


@pytest.mark.parametrize("city", CITIES)
def test_cities_are_bright_where_the_photograph_has_them(frame: Frame, city: str) -> None:
    """Within 5 px of the place stands light that is bright for its surroundings of 40 px."""
    light = frame.layer("lights").sum(axis=2)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    distance = np.hypot(x - CITIES[city][0], y - CITIES[city][1])
    near, around = light[distance < 5.0], light[(distance < 40.0) & (light > 0.0)]
    assert near.max() > np.quantile(around, 0.95)
    assert near.max() > 5.0 * np.median(light[light > 0.0])


def test_linear_picture_is_the_sum_of_its_layers(frame: Frame) -> None:
    assert frame.rgb_linear is not None
    total = sum(frame.layer(name).astype(float) for name in ("stars", "sky", "lights", "moonlit"))
    for name in EMISSIONS:
        total = total + frame.layer(f"airglow.{name}")[..., None] * frame.metadata["airglow_rgb"][name]
    assert np.abs(total - frame.rgb_linear).max() < 1e-4 * frame.rgb_linear.max()


def test_only_the_range_may_be_missing(frame: Frame) -> None:
    for name, layer in frame.layers.items():
        if name == "geometry.range_km":
            sky = frame.layer("geometry.tangent_km") > 0.0
            assert np.isnan(layer[sky]).all() and np.isfinite(layer[~sky]).all()
        else:
            assert np.isfinite(layer).all(), name


def test_nothing_of_the_ground_shines_in_the_sky(frame: Frame) -> None:
    sky = np.isnan(frame.layer("geometry.range_km"))
    assert 0.2 < sky.mean() < 0.8
    assert (frame.layer("lights")[sky] == 0.0).all() and (frame.layer("moonlit")[sky] == 0.0).all()


def test_seed_moves_the_noise_and_nothing_else(renderer: Renderer) -> None:
    small = [Renderer.render(renderer, _small(seed)) for seed in (0, 0, 1)]
    assert small[0].picture is not None and small[0].rgb_linear is not None
    assert (small[0].picture == small[1].picture).all()
    assert (small[0].picture != small[2].picture).any()
    assert (small[0].rgb_linear == small[2].rgb_linear).all()


def _small(seed: int):  # type: ignore[no-untyped-def]
    from earthlimb.scene import resized

    return resized(load_scene("italy", {"seed": seed}), 200, 133)


def test_same_bytes_whatever_the_number_of_threads(tmp_path: Path) -> None:
    written = []
    for threads in ("1", "2"):
        for name in ("italy.png", "italy.exr"):
            out = tmp_path / f"{threads}-{name}"
            command = [sys.executable, "-m", "earthlimb", "render", "italy", "--size", "300x200", "-o", str(out)]
            done = subprocess.run(
                command, env=os.environ | {"LP_NUM_THREADS": threads}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            written.append(out.read_bytes())
    assert written[0] == written[2]
    assert written[1] == written[3]
