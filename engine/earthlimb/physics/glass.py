"""The cupola's panes in float64: Fresnel's reflectances, what four panes pass and send back, ghosts of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pane:
    """One pane with parallel faces, but for a small wedge.

    Attributes
    ----------
    refractive_index : float
    reflectance : float
        Of one face at normal incidence; below the bare glass's where it is coated.
    depth : float
        Place within the window from 0, inside, to 1, outside.
    thickness_m : float
    wedge_rad : (float, float)
        Angle between the faces in the window's two directions.
    """

    refractive_index: float
    reflectance: float
    depth: float
    thickness_m: float
    wedge_rad: tuple[float, float]

    @classmethod
    def from_table(cls, table: dict[str, float]) -> Pane:
        """From a `[[pane]]` of assets/station/cupola.toml."""
        wedge = np.radians(table["wedge_arcmin"] / 60.0)
        direction = np.radians(table["wedge_direction_deg"])
        return cls(
            table["refractive_index"],
            table["reflectance"],
            table["depth"],
            table["thickness_m"],
            (float(wedge * np.cos(direction)), float(wedge * np.sin(direction))),
        )


def fresnel_reflectance(cos_incidence: ArrayLike, refractive_index: float) -> Floats:
    """Reflectance of a bare face for unpolarised light from air.

    Parameters
    ----------
    cos_incidence : (...), 0 grazing to 1 normal
    refractive_index : of the glass

    Notes
    -----
    Fresnel 1823: the mean of ((c - n t) / (c + n t))^2 and ((n c - t) / (n c + t))^2, t = cosine inside.

    Examples
    --------
    >>> round(float(fresnel_reflectance(1.0, 1.458)), 4)
    0.0347
    """
    c = np.asarray(cos_incidence, float)
    n = refractive_index
    t = np.sqrt(1.0 - (1.0 - c * c) / (n * n))
    s, p = (c - n * t) / (c + n * t), (n * c - t) / (n * c + t)
    return np.asarray(0.5 * (s * s + p * p))


def face_reflectance(cos_incidence: ArrayLike, pane: Pane) -> Floats:
    """Reflectance of one face of a pane, coated or bare.

    Notes
    -----
    A coating takes away what it takes at normal incidence, less the more the bare face reflects: R - (R0 - Rc)
    (1 - R) / (1 - R0). It is Rc at normal incidence, 1 at grazing, and Fresnel's own where there is no coating.
    """
    bare = fresnel_reflectance(cos_incidence, pane.refractive_index)
    normal = float(fresnel_reflectance(1.0, pane.refractive_index))
    return np.asarray(bare - (normal - pane.reflectance) * (1.0 - bare) / (1.0 - normal))


def stack(cos_incidence: ArrayLike, panes: Sequence[Pane]) -> tuple[Floats, Floats]:
    """Transmission, and reflectance as seen from inside, of panes from the outermost to the innermost.

    Every bounce between the faces is counted, without interference: panes are thousands of wavelengths thick.

    Examples
    --------
    >>> transmission, reflectance = stack(1.0, [Pane(1.458, 0.0347, 0.5, 0.01, (0.0, 0.0))] * 4)
    >>> round(float(transmission), 3), round(float(transmission + reflectance), 6)
    (0.777, 1.0)
    """
    c = np.asarray(cos_incidence, float)
    through, back = np.ones_like(c), np.zeros_like(c)
    for pane in panes:
        for face in (face_reflectance(c, pane),) * 2:
            loop = 1.0 / np.maximum(1.0 - back * face, 1e-15)  # grazing: both are 1, nothing passes
            through, back = through * (1.0 - face) * loop, face + (1.0 - face) ** 2 * back * loop
    return through, back


def echoes(cos_incidence: ArrayLike, panes: Sequence[Pane], depth_m: float) -> list[tuple[float, Floats]]:
    """What each face sends back to an eye inside, once reflected: its depth (m) in the window, and its share.

    Parameters
    ----------
    cos_incidence : (...)
    panes : from the outermost to the innermost
    depth_m : of the window, inside to outside
    """
    c = np.asarray(cos_incidence, float)
    clear, out = np.ones_like(c), []
    for pane in reversed(panes):
        face = face_reflectance(c, pane)
        for side in (-0.5, 0.5):
            out.append((pane.depth * depth_m + side * pane.thickness_m, clear**2 * face))
            clear = clear * (1.0 - face)
    return out


def ghosts(panes: Sequence[Pane]) -> tuple[Floats, Floats]:
    """Ghosts of a bright point at normal incidence by two reflections, one for each pair of faces.

    Returns
    -------
    strength : (n,)
        Of the ghost over the point itself.
    offset_rad : (n, 2)
        Where it stands from the point, along the window's two directions. Parallel faces keep the direction of
        light from infinity, so only wedges part ghost and point: by twice the angle between the two faces, times
        the refractive index where both belong to one pane.
    """
    faces = []
    for i, pane in enumerate(panes):
        wedge = np.array(pane.wedge_rad)
        faces += [(i, pane, -0.5 * wedge), (i, pane, 0.5 * wedge)]
    strength, offset = [], []
    for a in range(len(faces)):
        for b in range(a + 1, len(faces)):
            (i, first, tilt_a), (j, second, tilt_b) = faces[a], faces[b]
            strength.append(first.reflectance * second.reflectance)
            offset.append(2.0 * (first.refractive_index if i == j else 1.0) * (tilt_b - tilt_a))
    return np.array(strength), np.array(offset)
