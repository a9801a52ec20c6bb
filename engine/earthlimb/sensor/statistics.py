"""What an exposure filled: a histogram in electrons and the share that is clipped, for the sidecar and the panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_BINS = 64
"""Bins of the histogram from the first to the last edge; two more hold what lies outside."""
STEPS_PER_STOP = 4
"""Bins a stop: 64 are 16 stops below saturation, more than any sensor's range."""


@dataclass(frozen=True, eq=False)
class ExposureStatistics:
    """Histogram and clipping of one exposure, of photosites.

    Attributes
    ----------
    edges_e
        (N_BINS + 1,) electrons of a photosite, equal ratios, the last one its saturation.
    counts
        (3, N_BINS + 2) image pixels of R, G, B in each bin; the first column holds what lies below the first edge
        (read noise makes some electrons negative), the last one what is saturated.
    clipped_fraction
        (3,) share of the pixels that are saturated, R, G, B.
    clipped_fraction_any
        Share of the pixels that are saturated in at least one channel.
    mean_e, median_e
        (3,) electrons of a photosite.
    """

    edges_e: NDArray[np.float64]
    counts: NDArray[np.int64]
    clipped_fraction: tuple[float, float, float]
    clipped_fraction_any: float
    mean_e: tuple[float, float, float]
    median_e: tuple[float, float, float]

    def for_sidecar(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON."""
        return {
            "edges_e": [float(f"{edge:.6g}") for edge in self.edges_e],
            "counts": {name: row.tolist() for name, row in zip("RGB", self.counts, strict=True)},
            "clipped_fraction": dict(zip("RGB", self.clipped_fraction, strict=True)),
            "clipped_fraction_any": self.clipped_fraction_any,
            "mean_e": dict(zip("RGB", self.mean_e, strict=True)),
            "median_e": dict(zip("RGB", self.median_e, strict=True)),
        }

    @classmethod
    def from_sidecar(cls, data: Mapping[str, Any]) -> ExposureStatistics:
        """What `for_sidecar` has written; the edges are rounded to six figures there."""

        def channels(name: str) -> tuple[float, float, float]:
            return tuple(data[name][channel] for channel in "RGB")

        return cls(
            edges_e=np.array(data["edges_e"]),
            counts=np.array([data["counts"][channel] for channel in "RGB"]),
            clipped_fraction=channels("clipped_fraction"),
            clipped_fraction_any=data["clipped_fraction_any"],
            mean_e=channels("mean_e"),
            median_e=channels("median_e"),
        )


def exposure_statistics(
    electrons: NDArray[Any],
    *,
    saturation_e: float,
    photosites_per_px: float = 1.0,
    channel_share: tuple[float, float, float] = (1.0, 1.0, 1.0),
    mosaic: bool = False,
    every: int = 1,
) -> ExposureStatistics:
    """Histogram and clipped fraction of an exposure.

    Parameters
    ----------
    electrons
        (height, width, 3) electrons of image pixels, as `SensorPipeline.read_electrons` gives them.
    saturation_e
        Of a whole image pixel (`SensorSettings.saturation_e`).
    photosites_per_px
        n, by which a pixel's electrons are divided: the numbers are those of a photosite.
    channel_share
        Share of a pixel's photosites that count in R, G, B (`SensorSettings.channel_share`).
    mosaic
        Every pixel holds one channel and 0 in the others, which are not counted.
    every
        Histogram, mean and median take every n-th row and column (of a mosaic, all); clipping counts all pixels.

    Returns
    -------
    ExposureStatistics

    Examples
    --------
    >>> found = exposure_statistics(np.full((2, 2, 3), 1130.0), saturation_e=1130.0)
    >>> found.clipped_fraction, float(found.edges_e[-1]), int(found.counts[0, -1])
    ((1.0, 1.0, 1.0), 1130.0, 4)
    """
    full_e = saturation_e / photosites_per_px
    edges = full_e * np.exp2(np.arange(-N_BINS, 1) / STEPS_PER_STOP)
    step = 1 if mosaic else every
    counts = np.zeros((3, N_BINS + 2), np.int64)
    shares, means, medians = np.zeros(3), np.zeros(3), np.zeros(3)
    clipped_any = np.zeros(np.shape(electrons)[:2], bool)
    for channel in range(3):  # one at a time: copies of a large picture are large
        # shares are powers of two: a pixel at its limit stays exactly at it
        value = np.asarray(electrons)[..., channel].astype(np.float32) / np.float32(channel_share[channel])
        # a pixel at its limit is exactly float32(saturation_e): the shader's min() and its uniform
        clipped = value >= np.float32(saturation_e)
        clipped_any |= clipped
        own = value != 0.0 if mosaic else np.ones(value.shape, bool)
        if not own.any():
            continue
        shares[channel] = clipped.sum() / own.sum()
        counted = own[::step, ::step]
        photosite = value[::step, ::step][counted] / np.float32(photosites_per_px)
        bins = np.searchsorted(edges[:-1], photosite, side="right")
        bins = np.where(clipped[::step, ::step][counted], N_BINS + 1, bins)
        counts[channel] = np.bincount(bins, minlength=N_BINS + 2)
        means[channel], medians[channel] = photosite.mean(dtype=np.float64), np.median(photosite)
    return ExposureStatistics(
        edges_e=edges,
        counts=counts,
        clipped_fraction=_three(shares),
        clipped_fraction_any=float(clipped_any.mean()) if clipped_any.size else 0.0,
        mean_e=_three(means),
        median_e=_three(medians),
    )


def _three(values: NDArray[Any]) -> tuple[float, float, float]:
    r, g, b = (float(v) for v in values)
    return r, g, b
