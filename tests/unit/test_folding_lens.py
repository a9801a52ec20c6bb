"""A negative k1 that turns the rays back inside the picture: refused wherever a scene is built or pointed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from earthlimb.cli import app as cli
from earthlimb.errors import UsageError
from earthlimb.physics.lens import Lens
from earthlimb.resources import asset
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.solve.fit import fit_pairs
from earthlimb.world import build_world
from earthlimb.world.optics import checked_lens
from earthlimb.world.timeline import Timeline

WIDE = {"camera.focal_mm": 12.0, "camera.k1": -0.25}
LEAST = -0.103
"""12 mm before 35.9 mm, 3:2: -(12/35.9)^2 / (3 (0.5^2 + (1/3)^2)) = -0.10314."""


def plain(**values: Any) -> Scene:
    """The default lens, looking at the limb."""
    return load_scene({"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"point": {"limb": {}}}}, values)


@pytest.mark.parametrize("centre", [(50.0, 33.0), (20.0, 60.0), (-30.0, 33.0)])
def test_the_least_k1_is_where_rays_stop_growing_in_the_furthest_corner(centre: tuple[float, float]) -> None:
    lens = Lens(40.0, *centre, 0.0, 100, 66)
    corners = np.array([(0.0, 0.0), (100.0, 0.0), (0.0, 66.0), (100.0, 66.0)])
    out = corners - np.array(centre)
    ends = []
    for factor in (0.99, 1.01):
        at_limit = replace(lens, k1=factor * lens.least_k1)
        assert at_limit.folds == (factor > 1.0)
        places = np.array(centre) + np.linspace(0.0, 1.0, 400)[:, None, None] * out
        rays = at_limit.rays_cam(places[..., 0], places[..., 1])
        ends.append(bool((np.diff(rays[..., 2], axis=0) <= 0.0).all()))  # z falls: the angle grows
        x, y, seen = at_limit.project(at_limit.rays_cam(corners[:, 0], corners[:, 1]))
        back = seen & (np.hypot(x - corners[:, 0], y - corners[:, 1]) < 1e-6)
        assert back.all() == (factor < 1.0)
    assert ends == [True, False]


def test_the_message_says_sign_least_and_remedy() -> None:
    with pytest.raises(UsageError) as raised:
        checked_lens(plain(**WIDE))
    assert str(raised.value) == (
        "camera.k1 = -0.25: the picture folds back at 64% of the way to its corner: for this field at least -0.103 is "
        "allowed (positive is barrel, negative pincushion: OpenCV's k1 has the other sign): raise it, or make "
        "camera.focal_mm longer"
    )
    assert checked_lens(plain(**WIDE | {"camera.k1": LEAST})).k1 == LEAST
    assert checked_lens(plain(**WIDE | {"camera.focal_mm": 19.0}))
    with pytest.raises(UsageError, match=r"make camera\.f_px longer"):
        checked_lens(plain(**WIDE, **{"camera.f_px": 501.0}))


def test_the_size_of_the_picture_counts() -> None:
    """3:2 is inside the fold, a square with the same long side is not."""
    scene = plain(**WIDE | {"camera.k1": -0.1})
    assert checked_lens(resized(scene, 300, 200))
    with pytest.raises(UsageError, match=r"at least -0\.0744 is"):
        build_world(resized(scene, 200, 200))


@pytest.mark.parametrize("command", ["check", "render"])
def test_commands_name_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    path, out = tmp_path / "wide.toml", tmp_path / "out.png"
    path.write_text(
        '[time]\nutc = "2021-09-09T22:42:40Z"\n[camera]\nfocal_mm = 12.0\nk1 = -0.25\npoint.limb = {}\n',
        encoding="utf-8",
    )
    more = ["-o", str(out)] if command == "render" else []
    assert cli.run([command, str(path), "--size", "300x200", *more]) == 2
    assert f"{path}:5: camera.k1 = -0.25: the picture folds back" in capsys.readouterr().err
    assert not out.exists()
    assert cli.run([command, "italy", "--set", "camera.f_px=300", "--set", "camera.k1=-0.5", *more]) == 2
    assert "--set: camera.k1 = -0.5: the picture folds back" in capsys.readouterr().err


def test_a_lens_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fish.toml"
    text = (asset("lenses") / "nikkor-28-f1.4e.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("k1 = 0.0497", "k1 = -0.6"), encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        build_world(plain(**{"camera.lens": str(path)}))
    assert str(raised.value).startswith(f"camera.lens: k1 = -0.6 of {path}: the picture folds back at 9")
    assert checked_lens(plain(**{"camera.lens": str(path), "camera.k1": -0.5}))


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"camera.k1": -0.1}, ({"focal_mm": 20.0}, {"focal_mm": 11.0}, {"focal_mm": 20.0})),
        ({"camera.focal_mm": 12.0}, ({"k1": 0.0}, {"k1": -0.2}, {"k1": 0.0})),
    ],
)
def test_keys_are_found_before_the_first_frame(values: dict[str, Any], keys: tuple[dict[str, float], ...]) -> None:
    """Only in the middle: both ends are good."""
    key = [{"at_s": 5.0 * i, "camera": value} for i, value in enumerate(keys)]
    timeline = Timeline(plain(**values, **{"video.key": key, "video.duration_s": 10.5, "video.interval_s": 0.5}))
    with pytest.raises(UsageError, match=r"camera\.k1 = .* the picture folds back .* \(exposure \d+, 2021-09-09T"):
        timeline.check_pointing()


def test_a_fit_to_stars_stays_outside_the_fold() -> None:
    """Places that a folding lens would explain best."""
    rng = np.random.default_rng(4)
    folding = Lens(380.0, 500.0, 333.0, -0.16, 1000, 666)
    assert folding.folds
    seen = rng.uniform((0.0, 0.0), (1000.0, 666.0), (60, 2))
    dirs = folding.rays_cam(seen[:, 0], seen[:, 1])
    rot = Rotation.from_rotvec([0.002, -0.001, 0.001]).as_matrix()
    _, lens, _ = fit_pairs(rot, replace(folding, k1=0.0), dirs, seen, 380.0, 3.0)
    assert lens.k1 >= folding.least_k1 and lens.k1 < 0.0
