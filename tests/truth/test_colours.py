"""Colours and light per rayleigh, stars and whites of the responses.

Outside numbers: CIE 1931 and 1951 observers and a measured Nikon D5100 applied to the same spectra by another program
(tests/data/camera_rgb_per_rayleigh.csv), and published photometric constants.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.physics.exposure import CameraBody, electrons_per_radiance
from earthlimb.physics.response import camera_response, cie_response
from earthlimb.renderer import Frame
from tests.unit.test_camera_response import COMPONENTS, LUMINANCE, reference


@pytest.mark.parametrize("emission", EMISSIONS)
def test_per_rayleigh(italy: Frame, validated: Callable[..., None], emission: str) -> None:
    """The colour in the picture's sidecar, which multiplies the airglow layers."""
    row = reference()[COMPONENTS[emission]]
    found = np.array(italy.metadata["airglow_rgb"][emission])
    want = np.array([row["sR"], row["sG"], row["sB"]], float)
    off = 100.0 * np.abs(found - want).max() / np.abs(want).max()
    validated(f"{emission}: linear Rec.709 per rayleigh, of its largest channel", off, 1.0, "CIE 1931 table", "%")
    luminance, photopic = 1e9 * float(found @ LUMINANCE), 1e9 * float(row["Y"])
    bound = (0.99 * photopic, 1.01 * photopic)
    validated(f"{emission}: luminance of a rayleigh", luminance, bound, f"{photopic:.4g}", "ncd m-2")
    scotopic, dark = 1e9 * cie_response().per_rayleigh()[EMISSIONS.index(emission), 3], 1e9 * float(row["S"])
    bound = (0.98 * dark, 1.02 * dark)
    validated(f"{emission}: scotopic luminance of a rayleigh", scotopic, bound, f"{dark:.4g}", "ncd m-2")


def test_photometric_constants(validated: Callable[..., None]) -> None:
    cie = cie_response()
    for bv in (0.0, 0.65, 1.5):
        lux = 1e6 * float(cie.of_stars(0.0, bv)[:3] @ LUMINANCE)
        validated(f"illuminance of V = 0, B-V = {bv}", lux, (2.39, 2.70), "2.54 (Allen)", "ulx")
    white = cie.of_white(6504.0)[:3]
    off = float(np.abs(white / white[1] - 1.0).max())
    validated("D65 is white: largest channel difference", off, 2e-3, "Rec.709: 0")


def test_camera(validated: Callable[..., None]) -> None:
    body = CameraBody.load("nikon-d5")
    d5 = camera_response(body)
    photosite = electrons_per_radiance(body, 1.4, 0.2, body.photosites_long, body.photosites_short)
    value = d5.of_sky(15.2, 0.65)[1] * photosite / body.saturation_e(10000.0) * 2.0**1.02
    source = "1, photograph ISS065-E-394522 calibrated on its stars"
    validated("15.2 mag arcsec-2 at f/1.4, 0.2 s, ISO 10000, +1.02 EV: linear value", value, (0.9, 1.1), source)
    white = d5.of_white(5500.0)[:3]
    for name, gain, want in (("R", white[1] / white[0], 1.92), ("B", white[1] / white[2], 1.36)):
        bound = (0.97 * want, 1.03 * want)
        validated(f"white balance {name}/G at 5500 K", gain, bound, f"{want}, Nikon D3 at D55")
