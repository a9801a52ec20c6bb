"""The camera's lens in float64: rays through pixels, pixels of directions, solid angles of pixels.

Camera frame `cam`: x right, y down, z forward. Pixel X has its centre at X + 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lens:
    """A thin lens with one radial coefficient, as the contract's "Lens and pixels" defines it.

    Parameters
    ----------
    f_px : float
        Focal length, pixels of this picture.
    cx_px, cy_px : float
        Where the forward axis meets the picture, pixels from the left and upper edge.
    k1 : float
        Radial coefficient: a ray leaves at tangent r (1 + k1 r^2) where r is the radius in the picture
        over f_px.
    width_px, height_px : int
        Size of the picture.
    crop : float
        How many times the picture's long side the sensor's is; more than 1 of a picture cut out of a larger one.

    Examples
    --------
    >>> lens = Lens(100.0, 50.0, 50.0, 0.0, 100, 100)
    >>> lens.rays_cam(150.0, 50.0).round(4).tolist()
    [0.7071, 0.0, 0.7071]
    """

    f_px: float
    cx_px: float
    cy_px: float
    k1: float
    width_px: int
    height_px: int
    crop: float = 1.0

    @classmethod
    def from_focal(cls, focal_mm: float, sensor_long_mm: float, width_px: int, height_px: int) -> Lens:
        """Undistorted lens whose picture's long side covers the sensor's long side, centred."""
        f_px = focal_mm * max(width_px, height_px) / sensor_long_mm
        return cls(f_px, 0.5 * width_px, 0.5 * height_px, 0.0, width_px, height_px)

    def resized(self, width_px: int, height_px: int) -> Lens:
        """The same view at another size; another aspect shows more or less at the edges."""
        s = max(width_px, height_px) / max(self.width_px, self.height_px)
        return Lens(
            f_px=self.f_px * s,
            cx_px=0.5 * width_px + s * (self.cx_px - 0.5 * self.width_px),
            cy_px=0.5 * height_px + s * (self.cy_px - 0.5 * self.height_px),
            k1=self.k1,
            width_px=width_px,
            height_px=height_px,
            crop=self.crop,
        )

    def rays_cam(self, x_px: ArrayLike, y_px: ArrayLike) -> Floats:
        """Unit rays through places in the picture.

        Parameters
        ----------
        x_px, y_px : (...) array
            Continuous coordinates; the centre of pixel (0, 0) is (0.5, 0.5).

        Returns
        -------
        (..., 3) float64
            Unit vectors in `cam`.

        Notes
        -----
        GLSL twin: ray_cam in shaders/lib/geometry.glsl.
        """
        u = (np.asarray(x_px, np.float64) - self.cx_px) / self.f_px
        v = (np.asarray(y_px, np.float64) - self.cy_px) / self.f_px
        g = 1.0 + self.k1 * (u * u + v * v)
        ray = np.stack(np.broadcast_arrays(u * g, v * g, 1.0), axis=-1)
        return np.asarray(ray / np.linalg.norm(ray, axis=-1, keepdims=True))

    def project(self, dir_cam: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Places in the picture of directions: the inverse of `rays_cam`.

        Parameters
        ----------
        dir_cam : (..., 3) array
            Directions in `cam`, of any length but zero.

        Returns
        -------
        x_px, y_px : (...) float64
            Continuous coordinates, NaN where the direction has no image.
        has_image : (...) bool
            False behind the lens and, for k1 < 0, outside the circle where the distortion folds back. True
            says nothing about the picture's edges: see `inside`.

        Notes
        -----
        k1 r^3 + r = R has one root that grows from r = 0, in closed form: with a = sqrt(3 |k1|),
        r = (2/a) sinh(asinh(1.5 a R)/3) for k1 > 0 and the same with sin for k1 < 0, up to 1.5 a R = 1,
        the fold.
        """
        d = np.asarray(dir_cam, np.float64)
        front = d[..., 2] > 0.0
        z = np.where(front, d[..., 2], 1.0)
        p, q = d[..., 0] / z, d[..., 1] / z
        big_r = np.hypot(p, q)
        a = np.sqrt(3.0 * abs(self.k1))
        t = 1.5 * a * big_r
        has_image = front
        if t.size == 0 or t.max() < 1e-12:  # the root is R to float64; also keeps 2/a finite
            shrink = np.ones_like(big_r)
        else:
            if self.k1 > 0.0:
                r = (2.0 / a) * np.sinh(np.arcsinh(t) / 3.0)
            else:
                has_image = front & (t <= 1.0)
                r = (2.0 / a) * np.sin(np.arcsin(np.minimum(t, 1.0)) / 3.0)
            shrink = np.where(big_r > 0.0, r / np.where(big_r > 0.0, big_r, 1.0), 1.0)
        x = np.where(has_image, self.cx_px + self.f_px * p * shrink, np.nan)
        y = np.where(has_image, self.cy_px + self.f_px * q * shrink, np.nan)
        return x, y, has_image

    @property
    def least_k1(self) -> float:
        """Least k1 at which this field has no fold: up to its furthest corner a larger radius is a larger angle.

        Notes
        -----
        r (1 + k1 r^2) grows as long as 1 + 3 k1 r^2 > 0. Beyond, `rays_cam` would show again, mirrored, what lies
        further in, and `project` has no place there.

        Examples
        --------
        >>> round(Lens(100.0, 50.0, 50.0, 0.0, 100, 100).least_k1, 4)   # corners at r^2 = 0.5
        -0.6667
        """
        x = max(abs(self.cx_px), abs(self.width_px - self.cx_px))
        y = max(abs(self.cy_px), abs(self.height_px - self.cy_px))
        return -(self.f_px * self.f_px) / (3.0 * (x * x + y * y))

    @property
    def folds(self) -> bool:
        """Whether the picture reaches past the circle where a negative k1 turns the rays back."""
        return self.k1 < self.least_k1

    def inside(self, x_px: ArrayLike, y_px: ArrayLike, margin_px: ArrayLike = 0.0) -> NDArray[np.bool_]:
        """Whether places lie in the picture or within `margin_px` of it; False for NaN."""
        x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
        m = np.asarray(margin_px, np.float64)
        return np.asarray((x >= -m) & (x <= self.width_px + m) & (y >= -m) & (y <= self.height_px + m))

    def pixel_solid_angle_sr(self, x_px: ArrayLike, y_px: ArrayLike) -> Floats:
        """Solid angle per pixel area at places in the picture, sr, distortion included.

        Notes
        -----
        The Jacobian of (u, v) -> tangents is (1 + k1 r^2)(1 + 3 k1 r^2); the plane of tangents at distance 1
        spans (1 + R^2)^-1.5 of its area. Taken at the given place, so a pixel's own value is off by its
        second derivative, below (1 px / f_px)^2.
        """
        u = (np.asarray(x_px, np.float64) - self.cx_px) / self.f_px
        v = (np.asarray(y_px, np.float64) - self.cy_px) / self.f_px
        kr2 = self.k1 * (u * u + v * v)
        tan2 = (u * u + v * v) * (1.0 + kr2) ** 2
        return np.asarray(np.abs((1.0 + kr2) * (1.0 + 3.0 * kr2)) / (self.f_px**2 * (1.0 + tan2) ** 1.5))

    def half_angle_rad(self) -> float:
        """Largest angle between the forward axis and a ray through the picture's border, rad."""
        return _half_angle_rad(self)

    def grid_rays(self, x_px: tuple[float, float, int], y_px: tuple[float, float, int]) -> Floats:
        """Rays (rows, columns, 3) through a grid of places; read-only and kept, as pictures in turn ask for the same.

        `x_px` and `y_px` are first and last coordinate and how many there are.
        """
        return _grid_rays(self, x_px, y_px)


@lru_cache(maxsize=32)
def _half_angle_rad(lens: Lens) -> float:
    t = np.linspace(0.0, 1.0, 65)
    w, h = lens.width_px * t, lens.height_px * t
    x = np.concatenate([w, w, np.zeros_like(t), np.full_like(t, lens.width_px)])
    y = np.concatenate([np.zeros_like(t), np.full_like(t, lens.height_px), h, h])
    return float(np.arccos(np.clip(lens.rays_cam(x, y)[:, 2].min(), -1.0, 1.0)))


@lru_cache(maxsize=32)
def _grid_rays(lens: Lens, x_px: tuple[float, float, int], y_px: tuple[float, float, int]) -> Floats:
    rays = lens.rays_cam(*np.meshgrid(np.linspace(*x_px), np.linspace(*y_px)))
    rays.setflags(write=False)
    return rays
