"""Fits assets/bake/lights_law.json: how much light a place of each size gives in each country.

Usage: python assets/bake/lights_calibrate.py --source DIR --reference FILE. DIR as for lights.py; FILE is a
grey Black Marble 2016 picture of 21600 x 10800 px that the user has (NASA Earth Observatory). Only the few
numbers fitted here are kept: no pixel of that picture enters the shipped map.

The picture's 8-bit code p is tone-mapped without a published law. Taken here: radiance = 40 nW cm-2 sr-1
(p / 255)^1.5, nothing below p = 3, and where it saturates a rise by 1 + depth / 2 km, at most 5, with the
depth inside the saturated patch. The exponent
is the one that follows a photograph from orbit best (1.5 to 1.8); the scale is what that photograph asks for
where it does not saturate. It makes the mean over 0.2 degrees of Rome 60 nW cm-2 sr-1 where the saturated
photograph itself shows 20 to 30; lights.py bends the brightest down. Levels are good to a factor of 1.5 to 2.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from lights import (
    HEIGHT,
    PAD,
    STRIP,
    WIDTH,
    class_of,
    follow,
    gaussian_filter,
    load,
    place_country,
    strip,
)
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt
from scipy.optimize import nnls

Image.MAX_IMAGE_PIXELS = None
SCALE_NW, POWER = 40.0, 1.5
FLOOR_NW = 0.3
PRIOR = 0.3


def radiance_of(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Radiance of rows of the reference picture, by the law in this file's first lines."""
    radiance = SCALE_NW * (code.astype(np.float32) / 255.0) ** POWER
    depth_km = distance_transform_edt(code >= 250).astype(np.float32) * 1.5
    return np.where(code < 3, 0.0, radiance * np.minimum(1.0 + depth_km / 2.0, 5.0)).astype(np.float32)


def fit(
    gram: NDArray[np.float64], moment: NDArray[np.float64], prior: NDArray[np.float64], strength: float
) -> NDArray[np.float64]:
    """Non-negative least squares from normal equations in units of the prior, pulled towards 1."""
    g = gram * np.outer(prior, prior)
    m = moment * prior
    size = strength * np.trace(g) / len(prior) + 1e-30
    g = g + size * np.eye(len(prior))
    root = np.linalg.cholesky(g)
    solution, _ = nnls(root.T, np.linalg.solve(root, m + size))
    return np.asarray(solution * prior)


def main() -> None:
    """Two passes over the world: class fluxes, then the factor that the night map's correction leaves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "lights_law.json")
    args = parser.parse_args()
    inputs = load(args.source)
    reference = np.asarray(Image.open(args.reference).convert("L"))
    n = len(inputs.countries)
    gram, moment = np.zeros((n, 9, 9)), np.zeros((n, 9))
    sum_true, sum_night = np.zeros(n), np.zeros(n)
    rows = [r for r in range(0, HEIGHT, STRIP) if -56.0 < 90.0 - r / 60.0 < 75.0]
    ones = np.ones(len(inputs.lat))
    for row0 in rows:
        part = strip(inputs, row0, ones)
        inner = part.inner
        truth = radiance_of(reference[max(row0 - PAD, 0) : row0 + STRIP + PAD])[-(STRIP + PAD) : -PAD]
        weight = 1.0 / (gaussian_filter(truth, 6.0) + FLOOR_NW) * (part.land[inner] > 0.5)
        country = part.country[inner]
        images = [image[inner] for image in part.classes] + [part.ribbons[inner]]
        lit = (weight > 0) & ((sum(images[1:], images[0]) > 1e-4) | (truth > 0))
        x = np.stack([image[lit] for image in images]).astype(np.float64) * weight[lit]
        y = truth[lit].astype(np.float64) * weight[lit]
        c = country[lit]
        order = np.argsort(c, kind="stable")
        bounds = np.searchsorted(c[order], np.arange(n + 1))
        for k in np.unique(c):
            pick = order[bounds[k] : bounds[k + 1]]
            gram[k] += x[:, pick] @ x[:, pick].T
            moment[k] += x[:, pick] @ y[pick]
        area = part.cos_lat
        on_land = part.land[inner] > 0
        sum_true += np.bincount(country[on_land], truth[on_land], minlength=n) * area
        sum_night += np.bincount(country[on_land], part.night[inner][on_land], minlength=n) * area
    start = np.array([0.3, 0.9, 2.7, 12.8, 60.0, 400.0, 1200.0, 2400.0, 1e-3])
    world = fit(gram.sum(axis=0), moment.sum(axis=0), start, 1e-4)
    flux = np.zeros((n, 9))
    for k in range(n):
        level = (world @ moment[k]) / max(world @ gram[k] @ world, 1e-30)
        level = np.clip(level, 0.05, 20.0)
        flux[k] = fit(gram[k], moment[k], np.maximum(world, 1e-3 * start) * level, PRIOR * 0.03)
    mean_scale = sum_true.sum() / sum_night.sum()
    night_scale = (sum_true + 0.05 * sum_true.mean()) / (sum_night + 0.05 * sum_true.mean() / mean_scale)
    mine = place_country(inputs)
    factor = flux[mine, class_of(inputs.population)]
    sum_model = np.zeros(n)
    for row0 in rows:
        part = strip(inputs, row0, factor)
        model = part.ribbons * flux[:, 8].astype(np.float32)[part.country]
        for image in part.classes:
            model += image
        model *= follow(part, model, night_scale.astype(np.float32)) * np.minimum(part.land * 4.0, 1.0)
        inner = part.inner
        sum_model += (
            np.bincount(part.country[inner].ravel(), model[inner].ravel().astype(float), minlength=n) * part.cos_lat
        )
    final = np.clip((sum_true + 1e-4 * sum_true.sum()) / (sum_model + 1e-4 * sum_true.sum()), 0.3, 3.0)
    table = np.concatenate([flux[:, :8], night_scale[:, None], flux[:, 8:9], final[:, None]], axis=1)
    default = np.concatenate([world[:8], [mean_scale], world[8:9], [1.0]])
    listed = dict(zip(inputs.countries, table, strict=True)) | {"default": default}
    law = {
        "columns": "flux (nW cm-2 sr-1 km2) of 8 population classes, night-map scale, ribbons, final",
        "countries": {code: [float(f"{v:.3g}") for v in row] for code, row in listed.items()},
    }
    text = json.dumps(law, indent=1).replace("\n   ", " ").replace("\n  ]", "]")
    args.out.write_text(text + "\n", encoding="utf-8")
    for code in ("IT", "FR", "DE", "HR", "RS", "US", "IN", "CN", "EG", "BR"):
        print(code, np.round(table[inputs.countries.index(code)], 4))
    print("world", np.round(default, 4), WIDTH)


if __name__ == "__main__":
    main()
