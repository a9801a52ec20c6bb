"""Histogram in electrons and clipped fraction of an exposure."""

from __future__ import annotations

import json

import numpy as np

from earthlimb.physics.demosaic import channel_of
from earthlimb.physics.sensor_model import expose
from earthlimb.sensor.statistics import N_BINS, ExposureStatistics, exposure_statistics


def test_every_pixel_is_counted_once() -> None:
    rng = np.random.default_rng(2)
    electrons = rng.normal(0.0, 2.0, (40, 50, 3)) + rng.exponential(400.0, (40, 50, 3))
    found = exposure_statistics(np.minimum(electrons, 1130.0), saturation_e=1130.0)
    assert (found.counts.sum(axis=1) == 2000).all()
    assert found.counts[:, 0].min() > 0  # negative or nearly dark
    expected = (electrons >= 1130.0).mean(axis=(0, 1))
    assert np.allclose(found.clipped_fraction, expected)
    assert found.counts[:, -1].tolist() == (electrons >= 1130.0).sum(axis=(0, 1)).tolist()


def test_bins_lie_where_their_edges_say() -> None:
    value = np.float32(100.0)
    found = exposure_statistics(np.full((3, 3, 3), value), saturation_e=1130.0)
    (bin_of,) = np.flatnonzero(found.counts[0])
    assert found.edges_e[bin_of - 1] <= value < found.edges_e[bin_of]
    assert len(found.edges_e) == N_BINS + 1


def test_numbers_are_a_photosites_at_any_resolution() -> None:
    """A binned pixel of 31 photosites counts like one of them, up to its smaller noise."""
    for n in (1.0, 31.0):
        drawn = expose(
            np.full((200, 200, 3), 300.0 * n), photosites_per_px=n, read_noise_e=1.9, saturation_e=1130.0, seed=1
        )
        found = exposure_statistics(drawn, saturation_e=1130.0 * n, photosites_per_px=n)
        assert np.allclose(found.mean_e, 300.0, rtol=2e-3)
        assert np.allclose(found.median_e, 300.0, rtol=4e-3)
        assert found.clipped_fraction_any == 0.0


def test_any_channel_counts_for_the_picture() -> None:
    electrons = np.zeros((1, 4, 3))
    electrons[0, 0, 0] = electrons[0, 1, 1] = electrons[0, 1, 2] = 500.0
    found = exposure_statistics(electrons, saturation_e=500.0)
    assert found.clipped_fraction == (0.25, 0.25, 0.25)
    assert found.clipped_fraction_any == 0.5
    assert json.loads(json.dumps(found.for_sidecar()))["counts"]["R"][-1] == 1


def test_a_mosaic_is_counted_by_its_own_photosites() -> None:
    """Half of the pixels are green; a binned mosaic saturates at its share of the photosites."""
    rng = np.random.default_rng(4)
    full = np.minimum(rng.uniform(1.0, 1500.0, (40, 60, 3)), 1130.0)
    y, x = np.mgrid[:40, :60]
    one = full * (np.arange(3) == channel_of(x, y)[..., None])
    found = exposure_statistics(one, saturation_e=1130.0, mosaic=True)
    assert found.counts.sum(axis=1).tolist() == [600, 1200, 600]
    assert np.allclose(found.clipped_fraction, 370.0 / 1499.0, atol=0.05)
    share = (0.25, 0.5, 0.25)
    binned = exposure_statistics(
        16.0 * full * share, saturation_e=16.0 * 1130.0, photosites_per_px=16.0, channel_share=share
    )
    plain = exposure_statistics(full, saturation_e=1130.0)
    assert np.array_equal(binned.counts, plain.counts) and binned.clipped_fraction == plain.clipped_fraction


def test_a_coarser_histogram_still_counts_every_clipped_pixel() -> None:
    electrons = np.full((30, 45, 3), 100.0)
    electrons[1, 1] = 1130.0  # between the rows and columns that a step of three takes
    found = exposure_statistics(electrons, saturation_e=1130.0, every=3)
    assert found.counts.sum(axis=1).tolist() == [150, 150, 150] and found.counts[:, -1].tolist() == [0, 0, 0]
    assert found.clipped_fraction == (1 / 1350, 1 / 1350, 1 / 1350) == (found.clipped_fraction_any,) * 3


def test_the_sidecar_s_numbers_are_the_statistics_again() -> None:
    """The window's histogram of an exact picture comes from what the background wrote."""
    electrons = np.minimum(np.random.default_rng(3).exponential(400.0, (40, 50, 3)), 1130.0)
    found = exposure_statistics(electrons, saturation_e=1130.0)
    again = ExposureStatistics.from_sidecar(json.loads(json.dumps(found.for_sidecar())))
    assert np.array_equal(again.counts, found.counts) and np.allclose(again.edges_e, found.edges_e, rtol=1e-5)
    assert (again.clipped_fraction, again.median_e) == (found.clipped_fraction, found.median_e)
    assert again.for_sidecar() == found.for_sidecar()
