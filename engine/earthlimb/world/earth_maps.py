"""The part of the Earth maps that the station can see: lights, countries, albedo, decoded on demand."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from earthlimb import resources
from earthlimb.physics.lights_filter import COARSE, MAX_LEVEL, TEXEL_RAD
from earthlimb.physics.surface import SEA_REFLECTANCE

MAP_WIDTH = 21600
"""Columns of the world's lights map, one arc minute each, from 180 degrees west."""
MAP_HEIGHT = 10800
"""Its rows, from the north pole."""
_ALIGN = 2**MAX_LEVEL
_LIGHT_TILE = 600
_ALBEDO_TILE = 450
_ALBEDO_STEP = 4
_LAND_STEP = 2
_VARIATION = 0.5
FADE_TEXELS = 32
"""Width of a window's edge in which what is uploaded fades, beyond which it is dark: of 2 degrees around the horizon
of 420 km that are not seen from there. A texel of the coarsest level is as wide."""


@dataclass(frozen=True, eq=False)
class EarthWindow:
    """An upright piece of the world's maps on a grid of equal angles; it may cross the date line.

    Attributes
    ----------
    code : (h, w) uint8, lights; row 0 in the north, 2**MAX_LEVEL divides h and w
    radiance_of_code : (256,) float32, nW cm-2 sr-1 (500 to 900 nm) at the top of the air towards the zenith
    country : (h / COARSE, w / COARSE) uint8, index into `countries`
    countries : ISO 3166 codes
    albedo_root : (h / 2, w / 2, 3) uint8, 255 times the square root of the reflectance in R, G, B; the sea
        included
    row0, col0 : place of the window's first texel in the world's map
    """

    code: NDArray[np.uint8]
    radiance_of_code: NDArray[np.float32]
    country: NDArray[np.uint8]
    countries: tuple[str, ...]
    albedo_root: NDArray[np.uint8]
    row0: int
    col0: int

    @property
    def lat_north_rad(self) -> float:
        """Latitude of the north edge, rad."""
        return float(np.pi / 2.0 - self.row0 * TEXEL_RAD)

    @property
    def lon_west_rad(self) -> float:
        """Longitude of the west edge, rad, in [-pi, pi)."""
        return float(-np.pi + self.col0 * TEXEL_RAD)

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """West edge, north edge (rad), texels per rad of longitude, of latitude: the shader's `grid`."""
        return self.lon_west_rad, self.lat_north_rad, 1.0 / TEXEL_RAD, 1.0 / TEXEL_RAD

    @property
    def cos_lat(self) -> NDArray[np.float64]:
        """Cosine of the latitude of every coarse row, (h / COARSE,)."""
        rows = self.row0 + (np.arange(self.country.shape[0]) + 0.5) * COARSE
        return np.asarray(np.sin(rows * TEXEL_RAD))

    def fade(self, array: NDArray[Any], texels: int, beyond: ArrayLike = 0) -> None:
        """Let an array (rows, columns, ...) over this window go over to `beyond` at its edges, in place.

        Its outermost elements become that, so that it is read wherever a texture's edge stands for what lies outside;
        where the window's edge is the world's there is no outside.

        Parameters
        ----------
        texels : width of an element
        """
        n = max(FADE_TEXELS // texels, 1)
        share = (np.arange(n) / n).reshape(-1, *(1,) * (array.ndim - 1))
        height, width = self.code.shape
        sides = [array[:n]] if self.row0 > 0 else []
        sides += [array[::-1][:n]] if self.row0 + height < MAP_HEIGHT - MAP_HEIGHT % _ALIGN else []
        if width < MAP_WIDTH:
            across = array.swapaxes(0, 1)
            sides += [across[:n], across[::-1][:n]]
        for side in sides:
            side[:] = (np.asarray(beyond) + share * (side - np.asarray(beyond, np.float64))).astype(array.dtype)

    def radiance(self) -> NDArray[np.float32]:
        """Lights decoded, (h, w) nW cm-2 sr-1."""
        return self.radiance_of_code[self.code]

    def texel(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> NDArray[np.float64]:
        """Column and row (n, 2) of places in this window, texel centres at half-integers; unbounded."""
        east = np.mod(np.asarray(lon_rad, float) - self.lon_west_rad, 2.0 * np.pi)
        south = self.lat_north_rad - np.asarray(lat_rad, float)
        return np.stack([east / TEXEL_RAD, south / TEXEL_RAD], axis=-1)

    def covers(self, lat_rad: float, lon_rad: float, radius_rad: float) -> bool:
        """Whether the cap of `radius_rad` around a place lies inside."""
        row0, row1, col0, n_cols = _bounds(lat_rad, lon_rad, radius_rad, align=1)
        height, width = self.code.shape
        shift = (col0 - self.col0) % MAP_WIDTH
        columns = width >= MAP_WIDTH or (shift + n_cols <= width)
        return columns and self.row0 <= row0 and row1 <= self.row0 + height


def _bounds(lat_rad: float, lon_rad: float, radius_rad: float, align: int) -> tuple[int, int, int, int]:
    """First row, last row + 1, first column, number of columns that hold a cap, on multiples of `align`."""
    north, south = lat_rad + radius_rad, lat_rad - radius_rad
    last = MAP_HEIGHT - MAP_HEIGHT % align
    row0 = max(int(np.floor((np.pi / 2 - north) / TEXEL_RAD / align)) * align, 0)
    row1 = min(int(np.ceil((np.pi / 2 - south) / TEXEL_RAD / align)) * align, last)
    reach = np.sin(radius_rad) / max(np.cos(lat_rad), 1e-9)
    if reach >= 1.0 or north >= np.pi / 2 or south <= -np.pi / 2:  # the cap holds a pole
        return row0, row1, 0, MAP_WIDTH
    half = float(np.arcsin(reach))
    first = int(np.floor((lon_rad - half + np.pi) / TEXEL_RAD / align)) * align
    end = int(np.ceil((lon_rad + half + np.pi) / TEXEL_RAD / align)) * align
    return row0, row1, first % MAP_WIDTH, min(end - first, MAP_WIDTH)


def _crop(
    archive: zipfile.ZipFile,
    prefix: str,
    tile: int,
    grid: tuple[int, int],
    box: tuple[int, int, int, int],
    channels: int,
) -> NDArray[np.uint8]:
    """Rows and columns (wrapping) out of tiles named `prefix` + row_column; absent ones are 0.

    `grid` is the number of tile rows and columns of the world; `box` is row0, row1, col0, n.
    """
    row0, row1, col0, n_cols = box
    shape = (row1 - row0, n_cols) if channels == 1 else (row1 - row0, n_cols, channels)
    out = np.zeros(shape, np.uint8)
    names = set(archive.namelist())
    for tile_row in range(row0 // tile, -(-row1 // tile)):
        for step in range(col0 // tile, -(-(col0 + n_cols) // tile)):
            name = next(
                (
                    candidate
                    for end in ("png", "jpg")
                    if (candidate := f"{prefix}{tile_row:02d}_{step % grid[1]:02d}.{end}") in names
                ),
                None,
            )
            if name is None or tile_row >= grid[0]:
                continue
            with Image.open(io.BytesIO(archive.read(name))) as picture:
                data = np.asarray(picture).astype(np.uint8, copy=False)
            top, left = tile_row * tile, step * tile
            r0, r1 = max(top, row0), min(top + data.shape[0], row1)
            c0, c1 = max(left, col0), min(left + data.shape[1], col0 + n_cols)
            if r1 > r0 and c1 > c0:
                out[r0 - row0 : r1 - row0, c0 - col0 : c1 - col0] = data[r0 - top : r1 - top, c0 - left : c1 - left]
    return out


@cache
def _lights_meta() -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Radiance of every code, and the countries in the order of the country map."""
    meta = json.loads(resources.asset("lights/lights.json").read_text(encoding="utf-8"))
    code = np.arange(256, dtype=np.float64)
    radiance = np.where(code > 0, meta["first_nw_cm2_sr"] * meta["ratio"] ** (code - 1.0), 0.0)
    radiance = np.minimum(radiance, 6e4)  # the textures hold half floats
    radiance.setflags(write=False)
    return radiance.astype(np.float32), tuple(meta["countries"])


def load_window(lat_rad: float, lon_rad: float, radius_rad: float = 0.40) -> EarthWindow:
    """Decode the piece of the maps around a place.

    Parameters
    ----------
    lat_rad, lon_rad : geodetic, the point below the station
    radius_rad : the cap to cover; 0.40 reaches the horizon from 550 km

    Returns
    -------
    EarthWindow

    Raises
    ------
    WorkError
        When the installation lacks a data file.
    """
    row0, row1, col0, n_cols = _bounds(lat_rad, lon_rad, radius_rad, _ALIGN)
    radiance, countries = _lights_meta()
    with zipfile.ZipFile(resources.asset("lights/lights.zip")) as archive:
        code = _crop(archive, "", _LIGHT_TILE, (18, 36), (row0, row1, col0, n_cols), 1)
    with Image.open(resources.asset("lights/country.png")) as picture:
        world = np.asarray(picture).astype(np.uint8, copy=False)
    columns = np.arange(col0 // COARSE, (col0 + n_cols) // COARSE) % world.shape[1]
    country = np.ascontiguousarray(world[row0 // COARSE : row1 // COARSE, columns])
    with zipfile.ZipFile(resources.asset("albedo.zip")) as archive:
        albedo = _albedo(archive, (row0, row1, col0, n_cols))
    return EarthWindow(code, radiance, country, countries, albedo, row0, col0)


def _albedo(archive: zipfile.ZipFile, box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Reflectance (square root, 8 bit) with the sea laid over it, two texels of the lights map a side."""
    coarse = tuple(v // _ALBEDO_STEP for v in box)
    rgb = _crop(archive, "rgb", _ALBEDO_TILE, (6, 12), (coarse[0], coarse[1], coarse[2], coarse[3]), 3)
    fine = tuple(v // _LAND_STEP for v in box)
    land = _crop(archive, "land", 900, (6, 12), (fine[0], fine[1], fine[2], fine[3]), 1)
    curve = srgb_root()
    root = curve[rgb].repeat(2, axis=0).repeat(2, axis=1)
    root[land == 0] = sea_root()
    return root


def sea_root() -> NDArray[np.uint8]:
    """The sea in `EarthWindow.albedo_root`."""
    return np.asarray(np.round(255.0 * np.sqrt(SEA_REFLECTANCE)).astype(np.uint8))


@cache
def srgb_root() -> NDArray[np.uint8]:
    """255 times the square root of linear reflectance for every 8-bit sRGB value (IEC 61966-2-1), (256,)."""
    value = np.arange(256) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.round(255.0 * np.sqrt(linear)).astype(np.uint8)


def lamp_classes() -> tuple[str, ...]:
    """Lamps of lamps.toml by their names in spectra.npz: the last axis of `lamp_shares`."""
    return lamp_mixes()[0]


@cache
def lamp_mixes() -> tuple[tuple[str, ...], Mapping[str, NDArray[np.float64]]]:
    """Lamp classes, and for every country and `default` each class's share, from lamps.toml."""
    table = tomllib.loads(resources.asset("lamps.toml").read_text(encoding="utf-8"))
    mixes = {
        code: np.array([entry.get(key, 0.0) for key in table["classes"]]) / sum(entry.values())
        for code, entry in table["mix"].items()
    }
    return tuple(table["classes"].values()), mixes


def lamp_shares(window: EarthWindow) -> NDArray[np.float64]:
    """Share of every lamp class in each coarse cell, (h / COARSE, w / COARSE, n_classes), sums 1.

    Towns of a country differ: a world-fixed draw per cell moves the shares by a log-normal factor whose mean
    over many cells leaves the country's mix.
    """
    classes, mixes = lamp_mixes()
    table = np.stack([mixes.get(code, mixes["default"]) for code in window.countries])
    height, width = window.country.shape
    row = (window.row0 // COARSE + np.arange(height))[:, None, None]
    col = ((window.col0 // COARSE + np.arange(width)) % (MAP_WIDTH // COARSE))[None, :, None]
    draw = _hash_unit(row, col, np.arange(len(classes))[None, None, :])
    shares = table[window.country] * np.exp(_VARIATION * np.sqrt(12.0) * (draw - 0.5))
    return np.asarray(shares / shares.sum(axis=2, keepdims=True))


def _hash_unit(*keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number in [0, 1) fixed by whole numbers: SplitMix64's mixer (Steele et al. 2014) over the keys."""
    state = np.zeros(np.broadcast_shapes(*(k.shape for k in keys)), np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = (state ^ key.astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2.0**53)
