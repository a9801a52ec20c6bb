"""The Italy view: its layers add up, its noise follows the seed, its bytes are always the same."""

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
from earthlimb.scene import Scene, load_scene, resized


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


@pytest.fixture(scope="module")
def frame(renderer: Renderer) -> Frame:
    return renderer.render(load_scene("italy"))


def test_linear_picture_is_the_sum_of_its_layers(frame: Frame) -> None:
    assert frame.rgb_linear is not None
    total = sum(frame.layer(name).astype(float) for name in ("stars", "sky", "lights", "moonlit", "cupola"))
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


def _small(seed: int) -> Scene:
    return resized(load_scene("italy", {"seed": seed}), 200, 133)


def test_same_bytes_whatever_the_number_of_threads(tmp_path: Path) -> None:
    code = (
        "import sys, earthlimb\n"
        "with earthlimb.Renderer(size=(300, 200)) as renderer:\n"
        "    frame = renderer.render(earthlimb.load_scene('italy'))\n"
        "for path in sys.argv[1:]:\n"
        "    frame.save(path)\n"
    )
    written = []
    for threads in ("1", "2"):
        paths = [tmp_path / f"{threads}-{name}" for name in ("italy.png", "italy.exr")]
        command = [sys.executable, "-c", code, *map(str, paths)]
        done = subprocess.run(
            command, env=os.environ | {"LP_NUM_THREADS": threads}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
