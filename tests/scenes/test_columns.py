"""Rendered columns of a profile file against the exact integral, for a shipped reference case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.physics.geometry import geocentric_radius_km, itrs_from_geodetic
from earthlimb.physics.limb_integral import limb_columns_rayleigh
from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene

DATA = Path(__file__).resolve().parents[1] / "data"
HALF_PERCENT, ONE_PERCENT = 0.005, 0.01
COLUMN_OF = {
    "na589": "cal_NaD",
    "oi558": "cal_OI5577",
    "oi630": "cal_OI6300",
    "oh": "cal_OHvis",
    "o2": "cal_O2blue",
    "continuum": "cal_FeO",
}


def reference() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Altitudes and calibrated rates of the case midlat_sep2021 (see the file's first lines)."""
    lines = (DATA / "air_ver_midlat_sep2021.csv").read_text().splitlines()
    head = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    names = lines[head].split(",")
    table = np.array([[float(v) for v in line.split(",")] for line in lines[head + 1 :]])
    return table[:, 0], {key: table[:, names.index(name)] for key, name in COLUMN_OF.items()}


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """A lens of 50 mm towards the limb; the profile is the same everywhere, without waves."""
    alt, rates = reference()
    path = tmp_path_factory.mktemp("profile") / "case.csv"
    rows = [",".join(["alt_km", *EMISSIONS])]
    rows += [",".join(f"{v:.8g}" for v in (z, *(rates[e][i] for e in EMISSIONS))) for i, z in enumerate(alt)]
    path.write_text("\n".join(rows) + "\n")
    scene = load_scene(
        "italy",
        {
            "atmosphere.profile": str(path),
            "atmosphere.waves": 0.0,
            "airglow": dict.fromkeys(EMISSIONS, 1.0) | {"shift_km": 0.0},
            "camera.point.limb": {"azimuth_deg": 30.0, "tangent_km": 150.0},
            "camera.f_px": 900.0,
            "camera.cx_px": 60.0,
            "camera.cy_px": 200.0,
            "image": {"width_px": 120, "height_px": 400},
        },
    )
    with Renderer() as renderer:
        return renderer.render(scene, stage="linear")


@pytest.mark.parametrize("emission", EMISSIONS)
def test_columns_are_the_exact_integral(frame: Frame, emission: str) -> None:
    """0.5 % of the peak between 60 and 108 km below 130 km, 1 % for 630.0 nm between 60 and 300 km."""
    alt, rates = reference()
    tangent = frame.layer("geometry.tangent_km").astype(float)
    top = 300.0 if emission == "oi630" else 108.0
    rows, columns = np.nonzero((tangent > 60.0) & (tangent < top))
    pick = slice(None, None, max(len(rows) // 400, 1))
    rows, columns = rows[pick], columns[pick]
    assert len(rows) > 150
    got = frame.layer(f"airglow.{emission}")[rows, columns]
    want = np.empty(len(rows))
    lat = np.radians(frame.layer("geometry.lat_deg")[rows, columns].astype(float))
    at = itrs_from_geodetic(lat, 0.0, 0.0)
    radius = geocentric_radius_km(at[:, 2] / np.linalg.norm(at, axis=1))
    for i, (height, r) in enumerate(zip(tangent[rows, columns], radius, strict=True)):
        near, far = limb_columns_rayleigh(alt, rates[emission], np.array([height]), frame.world.alt_km, float(r))
        want[i] = near[0] + far[0]
    # above 60 km the lower air takes less than 0.5 %; the sphere of the local radius replaces the ellipsoid (0.1 %)
    bound = ONE_PERCENT if emission == "oi630" else HALF_PERCENT
    assert np.abs(got - want).max() < bound * want.max()
