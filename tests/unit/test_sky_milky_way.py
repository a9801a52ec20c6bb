"""The Milky Way's map: where things are, how bright, and its tables."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics.milky_way import (
    colour_table,
    load_milky_way,
    sky_transmission,
    transmission_table,
)

MAP = load_milky_way()
TENTH_MAG = 0.1


def direction(ra_deg: float, dec_deg: float) -> np.ndarray:
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def test_whole_sky_mean() -> None:
    """100 S10(V) of all starlight less 41.3 of the catalogue; the clipped core of one nebula takes 0.1."""
    s10 = MAP.s10()
    weight = np.cos(np.pi * ((np.arange(len(s10)) + 0.5) / len(s10) - 0.5))[:, None] * np.ones_like(s10)
    assert np.average(s10, weights=weight) == pytest.approx(58.7, abs=0.3)


@pytest.mark.parametrize(
    ("ra", "dec", "faint", "bright"),
    [  # mag arcsec-2 in V: bulge 20.0-20.5, disk 21-22, poles about 24 (Leinert et al. 1998, A&AS 127, 1)
        (274.5, -24.5, 20.5, 19.8),  # the cloud in Sagittarius
        (305.0, 40.0, 22.3, 21.0),  # Cygnus
        (192.9, 27.1, 24.6, 23.8),  # north galactic pole
        (12.9, -27.1, 24.6, 23.8),  # south galactic pole
        (80.9, -69.8, 23.0, 20.5),  # Large Magellanic Cloud
    ],
)
def test_brightness_of_known_places(ra: float, dec: float, faint: float, bright: float) -> None:
    steps = np.linspace(-1.0, 1.0, 9)
    near = np.array([direction(ra + i, dec + j) for i in steps for j in steps])
    magnitude = 27.78 - 2.5 * np.log10(MAP.at(near)[0].mean())
    assert bright < magnitude < faint


def test_dark_and_bright_neighbours_tell_the_projection() -> None:
    """The Coalsack is darker than the Milky Way beside it, and mirror images of Cygnus are dark."""
    coalsack, beside = MAP.at([direction(193.0, -63.0), direction(200.0, -62.5)])[0]
    assert coalsack < 0.75 * beside
    cygnus, mirrored, flipped = MAP.at([direction(305, 40), direction(55 + 180, 40), direction(305, -40)])[0]
    assert cygnus > 3.0 * max(mirrored, flipped)


def test_bulge_is_redder_than_cygnus() -> None:
    assert MAP.at(direction(274.5, -24.5))[1] > MAP.at(direction(305.0, 40.0))[1] + 0.3


def test_no_seam_where_the_map_wraps() -> None:
    """RA 90 deg is the map's edge: across it brightness steps no more than between its neighbours."""
    ra = 90.0 + np.linspace(-2.0, 2.0, 400)
    dirs = np.array([direction(a, 20.0) for a in ra])
    step = np.abs(np.diff(np.log(MAP.at(dirs)[0])))
    assert step[195:204].max() <= step.max() < 0.2


def test_texel_centre_returns_its_code() -> None:
    height, width = MAP.codes.shape[:2]
    for row, column in ((100, 0), (511, 1024), (900, width - 1)):
        ra, dec = 90.0 - 360.0 * (column + 0.5) / width, 90.0 - 180.0 * (row + 0.5) / height
        assert MAP.at(direction(ra, dec))[0] == pytest.approx(MAP.s10()[row, column], rel=1e-9)


def test_tables() -> None:
    def of_sky(mag: np.ndarray, bv: np.ndarray) -> np.ndarray:
        return 10.0 ** (-0.4 * mag)[:, None] * np.stack([bv, bv, bv, 0.0 * bv], axis=-1)

    table = colour_table(of_sky)
    assert table.shape == (64, 4) and table[-1, 0] == pytest.approx(2.0 * 10.0 ** (-0.4 * 27.7815), rel=1e-4)

    def star(v: np.ndarray, bv: np.ndarray, h: np.ndarray) -> np.ndarray:
        return np.stack([5.0 * np.minimum(h / 50.0, 1.0)] * 3 + [0.0 * h], axis=-1)

    limb = transmission_table(star)
    seen = sky_transmission(limb, np.array([-1.0, 0.0, 25.1, 400.0]))
    np.testing.assert_allclose(seen[:, 0], [0.0, 0.0, 0.502, 1.0], atol=1e-12)
    assert (seen[:, 3] == 0.0).all()
