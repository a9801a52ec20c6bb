"""Prints the colour matrix of a camera body: white-balanced raw to linear sRGB, for `[development] matrix`.

Run `python assets/bake/camera_matrix.py nikon-d5`. Least squares over the 24 reflectances of a ColorChecker
(PyPI package colour-science) under daylight of the body's neutral temperature; rows sum to 1: white stays.
"""

from __future__ import annotations

import sys

import colour
import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.response import RGB_FROM_XYZ, camera_response, cie_response
from earthlimb.physics.spectra import WAVELENGTH_NM, daylight_photons

Array = NDArray[np.float64]

# Bradford's cone responses (CIE 2004 colour appearance work), for the change of white to D65.
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def patches(body: CameraBody) -> tuple[Array, Array]:
    """Balanced raw (24, 3) and true linear sRGB (24, 3) of the chart under the body's neutral light."""
    chart = colour.SDS_COLOURCHECKERS["ColorChecker N Ohta"].values()
    reflectance = np.array([np.interp(WAVELENGTH_NM, sd.wavelengths, sd.values) for sd in chart])
    light = daylight_photons(body.neutral_k)
    camera, cie = camera_response(body), cie_response()
    raw = camera.of_photons(reflectance * light)[:, :3] / camera.of_photons(light)[:3]
    to_xyz = np.linalg.inv(RGB_FROM_XYZ)
    white = to_xyz @ cie.of_photons(light)[:3]
    d65 = to_xyz @ np.ones(3)
    scale = np.diag((BRADFORD @ d65) / (BRADFORD @ (white / white[1])))
    adapt = np.linalg.inv(BRADFORD) @ scale @ BRADFORD
    xyz = cie.of_photons(reflectance * light)[:, :3] @ to_xyz.T / white[1]
    return raw, xyz @ adapt.T @ RGB_FROM_XYZ.T


def matrix(body: CameraBody) -> Array:
    """(3, 3) matrix with rows that sum to 1."""
    raw, rgb = patches(body)
    difference = raw[:, :2] - raw[:, 2:]
    rows = [np.linalg.lstsq(difference, rgb[:, i] - raw[:, 2], rcond=None)[0] for i in range(3)]
    return np.array([[r, g, 1.0 - r - g] for r, g in rows])


if __name__ == "__main__":
    for row in matrix(CameraBody.load(sys.argv[1])):
        print([round(float(value), 3) for value in row])
