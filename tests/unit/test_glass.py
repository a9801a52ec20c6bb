"""Panes by Fresnel's numbers, and the Earth's share of a facet's hemisphere."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics.earthlight import moon_illuminance_lx, sphere_view_factor
from earthlimb.physics.glass import Pane, face_reflectance, fresnel_reflectance, ghosts, stack
from earthlimb.world.panes import cupola_panes

BARE = Pane(1.5, 0.04, 0.5, 0.01, (0.0, 0.0))


def test_fresnel_has_its_textbook_values() -> None:
    """n = 1.5: 4 % at normal incidence; at Brewster's angle only s is reflected, ((n2 - 1) / (n2 + 1))^2 / 2."""
    assert fresnel_reflectance(1.0, 1.5) == pytest.approx(0.04)
    brewster = np.cos(np.arctan(1.5))
    assert fresnel_reflectance(brewster, 1.5) == pytest.approx(0.5 * (1.25 / 3.25) ** 2)
    assert fresnel_reflectance(0.0, 1.5) == pytest.approx(1.0)


def test_coating_starts_at_its_own_value_and_ends_at_one() -> None:
    coated = Pane(1.458, 0.005, 0.5, 0.025, (0.0, 0.0))
    assert face_reflectance(1.0, coated) == pytest.approx(0.005)
    assert face_reflectance(0.0, coated) == pytest.approx(1.0)
    assert (np.diff(face_reflectance(np.linspace(0.0, 0.6, 50), coated)) < 0.0).all()


def test_a_pane_sums_all_bounces_and_loses_nothing() -> None:
    """One bare pane: T = (1 - R) / (1 + R); panes keep T + R = 1 at every angle."""
    through, back = stack(1.0, [BARE])
    assert through == pytest.approx(0.96 / 1.04) and through + back == pytest.approx(1.0)
    cosine = np.linspace(0.0, 1.0, 101)
    through, back = stack(cosine, cupola_panes())
    assert np.allclose(through + back, 1.0, atol=1e-12)
    assert through[-1] == pytest.approx(0.85, abs=0.01)  # research: 0.85 +- 0.1
    assert through[0] == pytest.approx(0.0, abs=1e-12)


def test_ghosts_are_pairs_of_faces_and_parted_by_wedges_only() -> None:
    strength, offset = ghosts([BARE, BARE])
    assert len(strength) == 6 and strength == pytest.approx(0.0016) and not offset.any()
    wedge = Pane(1.5, 0.04, 0.5, 0.01, (1e-3, 0.0))
    strength, offset = ghosts([wedge])
    assert offset[0] == pytest.approx((3e-3, 0.0))  # 2 n times the wedge
    strength, _ = ghosts(cupola_panes())
    assert strength.max() == pytest.approx(0.0347**2) and len(strength) == 28


@pytest.mark.parametrize("tilt_deg", [0.0, 25.0, 60.0, 90.0, 120.0, 155.0, 165.0])
def test_view_factor_is_that_of_rays(tilt_deg: float) -> None:
    """Mean of the cosine over rays that meet the sphere; 200,000 rays are good to 0.3 %."""
    ratio, tilt = 1.066, np.radians(tilt_deg)
    rng = np.random.default_rng(0)
    u, angle = rng.random(200_000), 2.0 * np.pi * rng.random(200_000)
    local = np.stack([np.sqrt(u) * np.cos(angle), np.sqrt(u) * np.sin(angle), np.sqrt(1.0 - u)])  # cosine-weighted
    toward = np.sin(tilt) * local[0] + np.cos(tilt) * local[2]  # with the sphere's centre along the z axis
    share = float((toward > np.sqrt(1.0 - 1.0 / ratio**2)).mean())
    assert sphere_view_factor(np.cos(tilt), ratio) == pytest.approx(share, abs=0.004)


def test_the_full_moon_and_the_half() -> None:
    assert 0.25 < moon_illuminance_lx(0.0) < 0.35
    assert 0.08 < moon_illuminance_lx(np.pi / 2.0) / moon_illuminance_lx(0.0) < 0.12  # Allen 1976: 0.091
