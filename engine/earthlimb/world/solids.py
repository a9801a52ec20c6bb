"""Solid shapes as triangles: parts with names and materials, made with numpy, handed to trimesh only for files."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """Triangles of one material.

    Attributes
    ----------
    name : str
        Unique within a model.
    material : str
    corners_m : (n, 3, 3)
        Corners of the triangles, counter-clockwise as seen from their visible side.
    """

    name: str
    material: str
    corners_m: Array

    @property
    def normals(self) -> Array:
        """Unit normals (n, 3) on the visible side."""
        a, b, c = self.corners_m[:, 0], self.corners_m[:, 1], self.corners_m[:, 2]
        normal = np.cross(b - a, c - a)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30))

    def moved(self, rot: ArrayLike, offset_m: ArrayLike) -> Part:
        """The part turned by a rotation (3, 3), then shifted (3,)."""
        return Part(self.name, self.material, self.corners_m @ np.asarray(rot, float).T + np.asarray(offset_m, float))


def facing(corners_m: Array, towards: ArrayLike) -> Array:
    """The same triangles, each turned so that its visible side looks along (or to the point's side of) `towards`."""
    a, b, c = corners_m[:, 0], corners_m[:, 1], corners_m[:, 2]
    wrong = np.einsum("ij,ij->i", np.cross(b - a, c - a), np.broadcast_to(np.asarray(towards, float), a.shape)) < 0.0
    out = corners_m.copy()
    out[wrong] = out[wrong][:, ::-1]
    return out


def strip(first: Array, second: Array) -> Array:
    """Triangles (2 m, 3, 3) between two closed loops (m, 3) of as many points."""
    a, b = first, second
    c, d = np.roll(first, -1, axis=0), np.roll(second, -1, axis=0)
    return np.concatenate([np.stack([a, b, c], 1), np.stack([c, b, d], 1)])


def fan(loop: Array) -> Array:
    """Triangles (m, 3, 3) from a loop's mean to its edges."""
    middle = np.broadcast_to(loop.mean(axis=0), loop.shape)
    return np.stack([middle, loop, np.roll(loop, -1, axis=0)], 1)


def rounded(corners: ArrayLike, radius: float, n: int = 3) -> Array:
    """A convex polygon (k, 2), counter-clockwise, with corners rounded by arcs of n + 1 points."""
    points = np.asarray(corners, float)
    out = []
    for before, at, after in zip(np.roll(points, 1, 0), points, np.roll(points, -1, 0), strict=True):
        u, v = (before - at) / np.linalg.norm(before - at), (after - at) / np.linalg.norm(after - at)
        half = 0.5 * np.arccos(np.clip(u @ v, -1.0, 1.0))
        centre = at + (u + v) / np.linalg.norm(u + v) * radius / np.sin(half)
        start = np.arctan2(*(at + u * radius / np.tan(half) - centre)[::-1])
        for angle in start + np.linspace(0.0, np.pi - 2.0 * half, n + 1):
            out.append(centre + radius * np.array([np.cos(angle), np.sin(angle)]))
    return np.array(out)


def _reach(polygon: Array, angles: Array) -> Array:
    """Distance from the origin to a convex polygon around it along each angle."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    normal = np.stack([(b - a)[:, 1], -(b - a)[:, 0]], 1)
    across = normal @ np.stack([np.cos(angles), np.sin(angles)])
    with np.errstate(divide="ignore"):
        t = np.einsum("ij,ij->i", normal, a)[:, None] / across
    return np.where(across > 1e-12, t, np.inf).min(axis=0)


def ring_loops(outer: Array, inner: Array) -> tuple[Array, Array]:
    """Two loops with corners at the same angles, for the face between two convex polygons around the origin."""
    corners = np.concatenate([outer, inner])
    angles = np.unique(np.arctan2(corners[:, 1], corners[:, 0]).round(9))
    unit = np.stack([np.cos(angles), np.sin(angles)], 1)
    return unit * _reach(outer, angles)[:, None], unit * _reach(inner, angles)[:, None]


def circle(radius: float, n: int) -> Array:
    """A regular polygon (n, 2) of a circle's corners, counter-clockwise."""
    t = 2.0 * np.pi * np.arange(n) / n
    return radius * np.stack([np.cos(t), np.sin(t)], 1)


def frame_along(axis: ArrayLike) -> Array:
    """Rotation (3, 3) whose columns are two directions across an axis and the axis."""
    z = np.asarray(axis, float) / np.linalg.norm(axis)
    helper = np.array([0.0, 0.0, 1.0]) if abs(z[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    x = np.cross(helper, z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], 1)


def turned_profile(start_m: ArrayLike, end_m: ArrayLike, radii_m: ArrayLike, n: int = 20) -> Array:
    """A closed body of revolution: radii at places evenly along an axis, or (k, 2) of fraction and radius."""
    start, end = np.asarray(start_m, float), np.asarray(end_m, float)
    profile = np.asarray(radii_m, float)
    if profile.ndim == 1:
        profile = np.stack([np.linspace(0.0, 1.0, len(profile)), profile], 1)
    across = frame_along(end - start)[:, :2]
    loops = [start + (end - start) * t + circle(r, n) @ across.T for t, r in profile]
    sides = np.concatenate([strip(a, b) for a, b in pairwise(loops)])
    middle = 0.5 * (start + end)
    triangles = np.concatenate([sides, fan(loops[0]), fan(loops[-1])])
    return facing(triangles, triangles.mean(axis=1) - middle)


def sheet(centre_m: ArrayLike, half_u_m: ArrayLike, half_v_m: ArrayLike) -> tuple[Array, Array]:
    """Both sides (2, 3, 3) of a thin rectangle around a centre: the one that u x v looks out of, then the other."""
    middle, u, v = (np.asarray(a, float) for a in (centre_m, half_u_m, half_v_m))
    loop = np.stack([middle - u - v, middle + u - v, middle + u + v, middle - u + v])
    front = np.stack([loop[[0, 1, 2]], loop[[0, 2, 3]]])
    return front, front[:, ::-1]


def box(centre_m: ArrayLike, half_m: ArrayLike, rot: ArrayLike | None = None) -> Array:
    """A box (12, 3, 3) around a centre, turned by the columns of a rotation."""
    turn = np.eye(3) if rot is None else np.asarray(rot, float)
    out = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
            loop = np.array([p * u + q * v for p, q in ((-1, -1), (1, -1), (1, 1), (-1, 1))]) + sign * np.eye(3)[axis]
            pair = np.stack([loop[[0, 1, 2]], loop[[0, 2, 3]]])
            out.append(facing(pair, sign * np.eye(3)[axis]))
    return np.asarray(np.concatenate(out) * np.asarray(half_m, float) @ turn.T + np.asarray(centre_m, float))
