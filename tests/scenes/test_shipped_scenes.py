"""Every shipped scene is declared in modes.toml and tested so: its parts alone and together, and its invariants."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earthlimb.renderer import Frame, Renderer
from earthlimb.renderer.photograph import PARTS
from earthlimb.scene import load_scene, resized
from earthlimb.scene.shipped import shipped_names
from earthlimb.testing import assert_picture_close
from earthlimb.world import build_world
from tests.passes.test_robust_frames import check

HERE = Path(__file__).resolve().parent
MODES = tomllib.loads((HERE / "modes.toml").read_text(encoding="utf-8"))
KEYS = {"golden", "parts", "truth", "tests"}
SIZE = (320, 180)
FLOAT32_SUM = 1e-5
"""Parts added in another order, each rounded to float32, of the brightest pixel."""


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(size=SIZE) as one:
        yield one


@pytest.fixture(scope="module")
def frames(renderer: Renderer) -> dict[str, Frame]:
    """Every scene once; tests take what they need."""
    return {}


def rendered(renderer: Renderer, frames: dict[str, Frame], name: str) -> Frame:
    if name not in frames:
        frames[name] = renderer.render(load_scene(name))
    return frames[name]


def test_every_scene_is_declared() -> None:
    assert sorted(MODES) == sorted(shipped_names()), "tests/scenes/modes.toml: a scene is missing or gone"


@pytest.mark.parametrize("name", MODES)
def test_declaration_names_what_exists(name: str) -> None:
    mode = MODES[name]
    assert set(mode) <= KEYS
    assert set(mode["parts"]) <= {*PARTS, "STARS"}
    assert mode.get("golden") or mode.get("truth") or mode.get("tests"), "a scene needs a golden or a test of its own"
    root = HERE.parents[1]
    files = [root / "tests" / "truth" / f"{module}.py" for module in mode.get("truth", [])]
    for path in (*files, *(root / file for file in mode.get("tests", []))):
        assert name in path.read_text(encoding="utf-8"), f"{path.name} does not mention {name}"


@pytest.mark.parametrize("name", MODES)
def test_frame_holds_the_invariants(renderer: Renderer, frames: dict[str, Frame], name: str) -> None:
    """Finite layers, sums, signs; a picture that is neither black nor white nor flat."""
    frame = rendered(renderer, frames, name)
    check(frame)
    assert frame.picture is not None
    assert 0.02 < frame.picture.mean() < 0.6
    assert frame.picture.std() > 0.03
    assert (frame.picture >= 0.999).all(axis=-1).mean() < 0.02


@pytest.mark.parametrize("name", [name for name, mode in MODES.items() if mode.get("golden")])
def test_picture_is_its_golden(renderer: Renderer, frames: dict[str, Frame], name: str) -> None:
    """A change that is wanted: `./test.sh tests/scenes/test_shipped_scenes.py --earthlimb-update`, and look at it."""
    assert_picture_close(rendered(renderer, frames, name), f"{name}.png")


def test_goldens_are_those_of_declared_scenes() -> None:
    declared = {name for name, mode in MODES.items() if mode.get("golden")}
    assert {path.stem for path in (HERE / "goldens").glob("*.png")} == declared


@pytest.mark.parametrize("name", MODES)
def test_light_lies_where_it_can(renderer: Renderer, frames: dict[str, Frame], name: str) -> None:
    """Lights and surface on the ground only, stars and Milky Way before the sky only."""
    frame = rendered(renderer, frames, name)
    tangent = frame.layer("geometry.tangent_km")
    for layer in ("lights", "moonlit"):
        assert not frame.layer(layer)[tangent > 1.0].any(), layer
    deep = tangent < -60.0  # refraction lifts the sky by up to 45 km; a star's disc reaches a few pixels further
    assert not frame.layer("sky")[deep].any()
    wide = np.abs(np.diff(tangent, axis=0)).max() * 8.0
    assert not frame.layer("stars")[tangent < -60.0 - wide].any()


@pytest.mark.parametrize("name", MODES)
def test_parts_alone_add_up(renderer: Renderer, name: str) -> None:
    """The photograph's light is the sum of what each part gives alone; the declared parts are those that give some."""
    world = build_world(resized(load_scene(name), *SIZE))
    drawing = renderer.drawing
    with renderer.ctx:
        drawing.bind(world)
        detector = drawing.detector(world, world.scene.camera.body)
        inputs = drawing.inputs(world, detector, detector.per_rayleigh)
        target = drawing.target("light", world)
        light = {}
        for part in PARTS:
            drawing.smooth(target, {part}, inputs, world, detector.per_rayleigh)
            light[part] = target.read().astype(float)[..., :3]
        drawing.smooth(target, PARTS, inputs, world, detector.per_rayleigh)
        whole = target.read().astype(float)[..., :3]
        drawing.points("stars", target, world, detector, 0.0)
        light["STARS"] = target.read().astype(float)[..., :3] - whole
    total = sum(light[part] for part in PARTS)
    assert np.abs(total - whole).max() <= FLOAT32_SUM * whole.max()
    for part, picture in light.items():
        assert np.isfinite(picture).all(), part
        assert picture.min() >= -FLOAT32_SUM * whole.max(), part  # a camera counts no negative photons
    assert {part for part, picture in light.items() if picture.any()} == set(MODES[name]["parts"])
