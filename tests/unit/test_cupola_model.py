"""The cupola's model: its dimensions, closed where it must be, and the same after a trip through a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from earthlimb import resources
from earthlimb.errors import UsageError
from earthlimb.world.cupola import GLASS, Cupola
from earthlimb.world.model_file import load_model, save_model
from earthlimb.world.solids import Part, box, turned_profile

CUPOLA = Cupola.load()
PARTS = {part.name: part for part in CUPOLA.parts()}
one_micrometre = 1e-6


def test_every_dimension_names_its_source() -> None:
    raw = tomllib.loads(resources.asset("station/cupola.toml").read_text(encoding="utf-8"))
    for table in ("dimension", "material", "interior"):
        for name, entry in raw[table].items():
            assert set(entry) == {"value", "source"} and entry["source"].strip(), name
    for entry in (*raw["pane"], *raw["lamp"]):
        assert entry["source"].strip(), entry["name"]


def test_the_windows_look_where_they_should() -> None:
    """Side windows 40 degrees below the horizontal, 60 degrees apart from +X to starboard; the last one down."""
    for i, window in enumerate(CUPOLA.windows[:6]):
        azimuth = np.degrees(np.arctan2(window.normal[1], window.normal[0])) % 360.0
        assert azimuth == pytest.approx(60.0 * i, abs=1e-9)
        assert np.degrees(np.arcsin(window.normal[2])) == pytest.approx(40.0, abs=1e-9)
        assert np.linalg.det(window.axes) == pytest.approx(1.0)
    assert CUPOLA.windows[6].normal.tolist() == [0.0, 0.0, 1.0]


def test_clear_openings_have_the_published_size() -> None:
    side, top = CUPOLA.windows[0].clear_m, CUPOLA.windows[6].clear_m
    assert np.ptp(side[:, 1]) == pytest.approx(0.50, abs=one_micrometre)
    assert np.hypot(*top.T) == pytest.approx(0.35, abs=one_micrometre)
    low, high = side[side[:, 1] < 0.0], side[side[:, 1] > 0.0]
    assert 0.60 < np.ptp(low[:, 0]) < 0.68 and 0.42 < np.ptp(high[:, 0]) < 0.48  # sides slope between rounded corners


def test_frames_fit_together() -> None:
    """A panel holds its window with its retainer, and neighbours share their edge."""
    for window in CUPOLA.windows[:6]:
        wide = PARTS[f"window{window.number}.retainer"].corners_m.reshape(-1, 3) - window.centre_m
        assert np.abs(wide @ window.axes[:, 0]).max() < 0.5 * np.ptp(window.panel_m[:, 0])
        assert (PARTS[f"window{window.number}.frame"].normals @ window.normal < -0.999).all()
    edges = [w.place(w.panel_m, 0.0) for w in CUPOLA.windows[:6]]
    for i, here in enumerate(edges):
        after = edges[(i + 1) % 6]
        assert min(np.linalg.norm(here[[1, 0]] - after[[0, 1]], axis=1).max(),
                   np.linalg.norm(here[[1, 2]] - after[[0, 3]], axis=1).max()) < one_micrometre  # fmt: skip
    # the dome's 2 m and its height with the top window
    corner = CUPOLA.windows[0].place(CUPOLA.windows[0].panel_m[:1], 0.0)[0]
    assert np.hypot(*corner[:2]) < CUPOLA.base_corner_radius_m
    assert 0.35 < CUPOLA.height_m < 0.80


def test_from_the_middle_no_ray_escapes_but_through_glass() -> None:
    """Rays from inside the dome meet a part; of the lower half some meet every pane first."""
    rng = np.random.default_rng(1)
    rays = rng.normal(size=(4000, 3))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    names = [n for n in PARTS if not n.endswith((".outer", ".shutter"))]
    corners = np.concatenate([PARTS[n].corners_m for n in names])
    owner = np.concatenate([np.full(len(PARTS[n].corners_m), i) for i, n in enumerate(names)])
    first = np.full(len(rays), -1)
    nearest = np.full(len(rays), np.inf)
    eye = np.array([0.0, 0.0, -0.05])
    for i, (a, b, c) in enumerate(corners - eye):
        e, f = b - a, c - a
        p = np.cross(rays, f)
        det = p @ e
        with np.errstate(divide="ignore", invalid="ignore"):
            u = (p @ -a) / det
            q = np.cross(-a, e)
            v = (rays @ q) / det
            t = (f @ q) / det
        hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 0) & (t < nearest)
        nearest[hit], first[hit] = t[hit], i
    assert (first >= 0).mean() > 0.9995
    seen = np.bincount(owner[first[rays[:, 2] > 0.0]], minlength=len(names))
    panes = np.array([PARTS[n].material == GLASS for n in names])
    assert panes.sum() == 7 and (seen[panes] > 50).all()
    assert seen[~panes].sum() > 0.25 * seen.sum()  # frames stand between them


def test_shutters_turn_about_their_hinge() -> None:
    window = CUPOLA.windows[2]
    closed, half, opened = (CUPOLA.shutter(window, x).corners_m.reshape(-1, 3) for x in (0.0, 0.5, 1.0))
    lift = [float((p - window.centre_m).mean(axis=0) @ window.normal) for p in (closed, half, opened)]
    assert lift[0] < lift[1] and lift[2] > window.depth_m - 0.2
    away = (closed - window.centre_m) @ window.normal
    assert away.min() > window.depth_m  # a closed shutter does not touch the panel
    # the open one leaves the line through the window's middle free
    along = (opened - window.centre_m) @ window.axes[:, 1]
    assert along.max() < 0.0
    edges = [np.linalg.norm(p[0] - p[1]) for p in (closed, half, opened)]
    assert np.ptp(edges) < one_micrometre


@pytest.mark.parametrize("ending", [".glb", ".gltf"])
def test_a_file_holds_the_same_model(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"cupola{ending}"
    save_model(path, list(PARTS.values()), CUPOLA.data["material"])
    loaded = {part.name: part for part in load_model(path)}
    assert set(loaded) == set(PARTS)
    for name, part in PARTS.items():
        assert loaded[name].material == part.material
        assert np.abs(loaded[name].corners_m - part.corners_m).max() < one_micrometre  # float32 of 3 m
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_are_wrong_are_answered(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ending \.obj: a model is \.glb or \.gltf"):
        save_model(tmp_path / "cupola.obj", [], {})
    with pytest.raises(UsageError, match="no such folder"):
        save_model(tmp_path / "x" / "cupola.glb", [], {})
    (tmp_path / "bad.glb").write_bytes(b"no model")
    with pytest.raises(UsageError, match="a glTF file"):
        load_model(tmp_path / "bad.glb")


def test_solids_are_closed_and_look_outwards() -> None:
    """The volume by the divergence theorem: only closed surfaces with outward normals have it right."""

    def volume(corners: np.ndarray) -> float:
        return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6.0)

    assert volume(box((5.0, 6.0, 7.0), (1.0, 2.0, 3.0))) == pytest.approx(48.0)
    tube = turned_profile((3.0, 0.0, 0.0), (3.0, 5.0, 0.0), (2.0, 2.0), n=64)
    assert volume(tube) == pytest.approx(np.pi * 20.0, rel=0.002)
    moved = Part("a", "frame", box((0, 0, 0), (1, 1, 1))).moved(np.eye(3), (1.0, 0.0, 0.0))
    assert moved.corners_m.min(axis=(0, 1)).tolist() == [0.0, -1.0, -1.0]
