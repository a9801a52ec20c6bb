"""The time at which the lights of towns stand where a solved photograph shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom
from scipy.optimize import minimize

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.orbit import StationState, station_state
from earthlimb.astro.timescale import Instant
from earthlimb.physics.city_lights import emission_factor
from earthlimb.physics.geometry import ellipsoid_range_km, itrs_from_geodetic
from earthlimb.physics.lens import Lens
from earthlimb.physics.lights_filter import TEXEL_RAD
from earthlimb.world.earth_maps import load_window

Array = NDArray[np.float64]

_LONG_PX = 500
"""Long side of the pictures that are compared: 1 s moves towns by 1 to 5 px of it."""
_LEAST_NW = 0.6
_WINDOW_RAD = 0.40
_SMOOTH_PX, _WIDE_PX = 1.0, 9.0
"""Structure between these sizes is compared: towns and coasts, not haze, moonlight or vignetting."""
_LEAST_CORRELATION = 0.12
_LEAST_PROMINENCE = 3.5
"""The best correlation must stand so many standard deviations above those of wrong times."""
_MAP_SIGMA_S, _PEAK_S = 0.2, 3.0
"""The map's own error (1 km), and the width of the correlation's peak: a rise of ten places it to a tenth."""
_MOST_TEXELS = 200_000
_COARSE_TEXELS = 50_000
"""Lights that the search goes by; the last second is found with all."""


@dataclass(frozen=True, eq=False)
class LightsTime:
    """Shift that the towns ask for, its error [s], offset across the track [km], correlation, its rise over chance."""

    shift_s: float
    sigma_s: float
    cross_km: float
    correlation: float
    prominence: float


class LightsView:
    """A photograph's ground and the map of lights that is laid over it.

    Parameters
    ----------
    grey : (h, w) float32
        Mean of the display values, 0 to 1.
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
    elements : Elements
    instant : Instant
        The camera's time.
    about_s : float
        Shift of time around which the rest of the search stays [s].
    """

    def __init__(
        self,
        grey: NDArray[np.float32],
        rot_cam_from_gcrs: Array,
        lens: Lens,
        elements: Elements,
        instant: Instant,
        about_s: float,
    ) -> None:
        scale = min(_LONG_PX / max(grey.shape), 1.0)
        small = zoom(gaussian_filter(grey, 0.4 / scale), scale, order=1, grid_mode=True, mode="nearest")
        self.height_px, self.width_px = small.shape
        sx, sy = self.width_px / grey.shape[1], self.height_px / grey.shape[0]
        self.lens = replace(
            lens, f_px=lens.f_px * sx, cx_px=lens.cx_px * sx, cy_px=lens.cy_px * sy,
            width_px=self.width_px, height_px=self.height_px,
        )  # fmt: skip
        self.rot = rot_cam_from_gcrs
        self.elements, self.instant = elements, instant
        state = station_state(elements, instant.shifted(about_s))
        itrs_from_gcrs = rot_itrs_from_gcrs(instant.shifted(about_s))
        ys, xs = np.mgrid[0 : self.height_px, 0 : self.width_px] + 0.5
        rays = self.lens.rays_cam(xs, ys) @ rot_cam_from_gcrs @ itrs_from_gcrs.T
        self.ground = np.isfinite(ellipsoid_range_km(state.pos_itrs_km, rays))
        self.seen = self._banded(small.astype(np.float64))
        self._load(state, rot_cam_from_gcrs @ itrs_from_gcrs.T)

    def _load(self, state: StationState, cam_from_itrs: Array) -> None:
        window = load_window(state.lat_rad, state.lon_rad, _WINDOW_RAD)
        radiance = window.radiance()
        row, column = np.nonzero(radiance > _LEAST_NW)
        light = radiance[row, column].astype(np.float64)
        lat = np.asarray(window.lat_north_rad - (row + 0.5) * TEXEL_RAD, np.float64)
        lon = np.asarray(window.lon_west_rad + (column + 0.5) * TEXEL_RAD, np.float64)
        place = itrs_from_geodetic(lat, lon, 0.0)
        towards = (place - state.pos_itrs_km) @ cam_from_itrs.T
        reach = np.cos(min(self.lens.half_angle_rad() + 0.06, np.pi))
        up = np.einsum("ni,ni->n", place, state.pos_itrs_km - place)
        keep = (towards[:, 2] > reach * np.linalg.norm(towards, axis=1)) & (up > 0.0)
        place, light, lat = place[keep], light[keep] * np.cos(lat[keep]), lat[keep]
        bright = np.argsort(-light, kind="stable")[:_MOST_TEXELS]
        place, light = place[bright], light[bright]
        self.place, self.light = place, light
        self.up = place / np.linalg.norm(place, axis=1, keepdims=True)

    def _banded(self, values: Array) -> Array:
        inside = self.ground.astype(np.float64)
        smooth = gaussian_filter(values * inside, _SMOOTH_PX)
        wide = gaussian_filter(values * inside, _WIDE_PX) / np.maximum(gaussian_filter(inside, _WIDE_PX), 0.05)
        band = np.where(self.ground, smooth - wide, 0.0)
        spread = np.sqrt(gaussian_filter(band * band, 2.0 * _WIDE_PX))
        # bright regions must not outweigh all others; where nothing shines, noise must not be raised
        usual = float(np.sqrt(np.mean(band[self.ground] ** 2))) if self.ground.any() else 1.0
        band = band / (spread + 0.5 * usual + 1e-9)
        return np.where(self.ground, band, 0.0)

    def picture(self, shift_s: float, cross_km: float, most: int = _MOST_TEXELS) -> Array:
        """The brightest lights as the camera would see them after a shift of time and a step across the track."""
        instant = self.instant.shifted(shift_s)
        state = station_state(self.elements, instant)
        normal = np.cross(state.pos_itrs_km, state.vel_itrs_km_s)
        eye = state.pos_itrs_km + cross_km * normal / np.linalg.norm(normal)
        place, up, light = self.place[:most], self.up[:most], self.light[:most]
        towards = place - eye
        distance = np.linalg.norm(towards, axis=1)
        rise = -np.einsum("ni,ni->n", towards, up) / distance
        x, y, ok = self.lens.project(towards @ (self.rot @ rot_itrs_from_gcrs(instant).T).T)
        with np.errstate(invalid="ignore"):
            ok &= (rise > 0.02) & (x >= 0) & (x < self.width_px) & (y >= 0) & (y < self.height_px)
        rise, distance = rise[ok], distance[ok]
        flux = light[ok] * rise * emission_factor(np.arcsin(rise)) * np.exp(-0.25 / rise) / distance**2
        pixel = y[ok].astype(int) * self.width_px + x[ok].astype(int)
        sums = np.bincount(pixel, flux, self.width_px * self.height_px).reshape(self.height_px, self.width_px)
        return gaussian_filter(sums, 0.6) * self.lens.f_px**2

    def correlation(self, shift_s: float, cross_km: float = 0.0, most: int = _MOST_TEXELS) -> float:
        """Correlation of the photograph with the lights, -1 to 1."""
        light = self.picture(shift_s, cross_km, most)
        lit = light[light > 0.0]
        if len(lit) < 50:
            return 0.0
        band = self._banded(np.log1p(light / np.median(lit)))
        norm = float(np.sqrt(np.sum(band * band) * np.sum(self.seen * self.seen)))
        return float(np.sum(band * self.seen)) / norm if norm > 0.0 else 0.0


def lights_time(view: LightsView, about_s: float, reach_s: float) -> LightsTime | None:
    """The shift of time at which the towns fit best, or None when no time stands out.

    Parameters
    ----------
    view : LightsView
    about_s, reach_s : float
        Middle and half width of the search [s].

    Notes
    -----
    Old elements put the station beside its track too, and a wrong clock turns the Earth by 0.5 km a second: a step
    across the track is searched along and not reported.
    """
    if view.ground.sum() < 2000 or len(view.light) < 200:
        return None
    step_s = 1.0 if reach_s <= 15.0 else 1.5
    shifts = np.arange(about_s - reach_s, about_s + reach_s + 0.5 * step_s, step_s)
    crosses = np.array([-20.0, -10.0, 0.0, 10.0, 20.0])
    grid = np.array([[view.correlation(float(s), float(c), _COARSE_TEXELS) for c in crosses] for s in shifts])
    i, j = np.unravel_index(int(np.argmax(grid)), grid.shape)
    far = np.abs(shifts[:, None] - shifts[i]) + np.abs(crosses[None] - crosses[j]) / 7.0 > 4.0
    if far.sum() < 10:
        return None
    best = minimize(
        lambda p: -view.correlation(float(p[0]), float(p[1])),
        (shifts[i], crosses[j]),
        method="Nelder-Mead",
        options={
            "initial_simplex": [
                [shifts[i], crosses[j]], [shifts[i] + 0.6, crosses[j]], [shifts[i], crosses[j] + 4.0],
            ],
            "xatol": 0.02, "fatol": 1e-5, "maxfev": 45,
        },
    )  # fmt: skip
    correlation = -float(best.fun)
    prominence = (correlation - float(grid[far].mean())) / max(float(grid[far].std()), 1e-3)
    if correlation < _LEAST_CORRELATION or prominence < _LEAST_PROMINENCE:
        return None
    sigma_s = _MAP_SIGMA_S + _PEAK_S / prominence
    return LightsTime(float(best.x[0]), sigma_s, float(best.x[1]), correlation, prominence)
