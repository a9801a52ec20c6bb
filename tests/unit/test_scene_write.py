"""Saved scenes: the text that is written loads as the same scene."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.scene import load_scene, scene_text, shipped_names


@pytest.mark.parametrize("name", shipped_names())
def test_a_written_scene_loads_as_the_same_scene(name: str, tmp_path: Path) -> None:
    scene = load_scene(name)
    path = tmp_path / "saved.toml"
    path.write_text(scene_text(scene), encoding="utf-8")
    assert load_scene(path) == scene


def test_odd_values_survive(tmp_path: Path) -> None:
    scene = load_scene(
        "italy",
        {
            "title": 'quoted "title" \\ with a tab\t and ü',
            "camera.shutter_s": 1e-6,
            "camera.point.limb.azimuth_deg": 24.5,
            "station.frame": "lvlh",
            "station.yaw_deg": -4.1,
            "camera.lens_correction": False,
        },
    )
    path = tmp_path / "saved.toml"
    path.write_text(scene_text(scene), encoding="utf-8")
    assert load_scene(path) == scene


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.floats(-1e6, 1e6, allow_nan=False))
def test_any_title_and_number_survive(title: str, ev: float) -> None:
    scene = load_scene("italy", {"title": title, "camera.cx_px": ev % 1e5})
    data = tomllib.loads(scene_text(scene))
    assert (data["title"], data["camera"]["cx_px"]) == (title, scene.camera.cx_px)
