"""The eye's model: adaptation, CIE 191, acuity, thresholds, brightness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.physics import eye

LEVELS = np.logspace(-7, 4, 200)
one_percent = 0.01


def test_mesopic_ends_and_white() -> None:
    """Photopic from 5, scotopic to 0.005 cd m-2; where both observers agree nothing changes."""
    light, cones = eye.mesopic([5.0, 100.0], [9.0, 50.0])
    np.testing.assert_allclose(light, [5.0, 100.0], rtol=2e-3)
    assert (cones > 0.99).all()
    light, cones = eye.mesopic([0.001, 1e-5], [0.0049, 2e-5])
    np.testing.assert_allclose(light, [0.0049, 2e-5], rtol=1e-9)
    assert (cones == 0.0).all()
    np.testing.assert_allclose(eye.mesopic(LEVELS, LEVELS)[0], LEVELS, rtol=1e-9)


@given(st.floats(1e-6, 100.0), st.floats(0.1, 5.0))
def test_mesopic_solves_its_own_equation(photopic: float, ratio: float) -> None:
    """m = a + b lg L and L = (m P + (1 - m) v S) / (m + (1 - m) v) together (CIE 191:2010)."""
    light = float(eye.mesopic(photopic, photopic * ratio)[0])
    m = float(np.clip(0.767 + 0.3334 * np.log10(light), 0.0, 1.0))
    rods = (1.0 - m) * 683.0 / 1699.0
    assert light == pytest.approx((m + rods * ratio) * photopic / (m + rods), rel=one_percent)


def test_acuity_falls_with_the_light() -> None:
    cpd = eye.acuity_cpd(LEVELS)
    assert (np.diff(cpd) >= 0.0).all() and cpd[0] == eye.LOWEST_CPD
    # Shlaer 1937: about 50 cycles a degree in daylight, 2 by starlight
    assert 45.0 < eye.acuity_cpd(1000.0) < 55.0 and 1.5 < eye.acuity_cpd(3e-4) < 3.0


def test_a_blur_leaves_a_tenth_of_the_finest_grating() -> None:
    f_px, light = 800.0, 0.01
    sigma_deg = float(np.degrees(np.sqrt(eye.blur_variance_px2(light, f_px)) / f_px))
    contrast = np.exp(-2.0 * (np.pi * sigma_deg * float(eye.acuity_cpd(light))) ** 2)
    assert contrast == pytest.approx(0.1, rel=one_percent)


@pytest.mark.parametrize("mag_arcsec2", [20.0, 21.0, 22.0])
def test_naked_eye_limit_lies_within_crumeys(mag_arcsec2: float) -> None:
    """Crumey 2014: 0.426 mu - 2.365 - 2.5 lg F, field factor F 1 to 2.4, for 20 to 22 mag arcsec-2."""
    background = 1.08e5 * 10.0 ** (-0.4 * mag_arcsec2)
    limit = -2.5 * np.log10(eye.star_threshold_lx(background) / 2.54e-6)
    best = 0.426 * mag_arcsec2 - 2.365
    assert best - 2.5 * np.log10(2.4) < limit < best


def test_stars_fade_in_the_light_of_the_cabin() -> None:
    limit = eye.star_threshold_lx(LEVELS)
    assert (np.diff(limit) > 0.0).all()


def test_adaptation() -> None:
    dark, lit = eye.eye_state(0.0, 0.0, 0.3), eye.eye_state(100.0, 0.0, 0.3)
    assert dark.background_cd_m2 == 0.0 and dark.threshold_cd_m2 == eye.ABSOLUTE_CD_M2 and dark.white_cd_m2 == 0.3
    airglow_cd_m2 = 3.9e-3
    assert lit.threshold_cd_m2 > airglow_cd_m2 > 100.0 * dark.threshold_cd_m2
    later = [eye.eye_state(100.0, minutes, 0.3).threshold_cd_m2 for minutes in (0.0, 5.0, 10.0, 20.0, 30.0)]
    assert (np.diff(later) < 0.0).all()
    assert later[-1] < 2.0 * eye.ABSOLUTE_CD_M2, "half an hour makes the eye dark-adapted"


def test_brightness_on_the_display() -> None:
    shown = eye.display_luminance(LEVELS, 1e-3, 1.0)
    assert (shown[LEVELS <= 1e-3] == 0.0).all() and (np.diff(shown) >= 0.0).all()
    assert float(eye.display_luminance(1.0, 1e-3, 1.0)) == pytest.approx(1.0)
