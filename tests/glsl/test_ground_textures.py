"""The Earth window on the GPU: what the textures hold, factors, and that all of it is freed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from earthlimb.gpu.mip_levels import mip_levels
from earthlimb.passes.earth_textures import SAMPLERS, EarthArrays, EarthTextures
from earthlimb.physics import city_lights as cl
from earthlimb.physics import lights_filter as lf
from earthlimb.world.earth_maps import FADE_TEXELS, MAP_WIDTH, EarthWindow, lamp_classes, load_window
from tests.support.glsl import context

# a half float has 11 bits
HALF_FLOAT = 2.0**-11


@pytest.fixture(scope="module")
def window() -> EarthWindow:
    return load_window(np.deg2rad(42.0), np.deg2rad(12.5), 0.06)


def upload(window: EarthWindow) -> EarthTextures:
    slant = cl.slant_table(lambda e, _: np.exp(-0.2 / np.maximum(np.sin(e), 1e-3)), [550.0], np.ones((4, 1)))
    return EarthTextures.upload(context().ctx, window, np.ones((len(lamp_classes()), 4)), slant)


def read(textures: EarthTextures, name: str) -> np.ndarray:
    texture = textures.textures[name]
    kind = np.float16 if texture.dtype == "f2" else np.float32
    return np.frombuffer(texture.read(), kind).reshape(texture.height, texture.width, -1)


def test_lights_and_halo_share_the_flux(window: EarthWindow) -> None:
    earth = upload(window)
    assert set(earth.textures) == set(SAMPLERS)
    lights = read(earth, "earth_lights")[..., 0]
    inside = slice(FADE_TEXELS, -FADE_TEXELS)
    np.testing.assert_allclose(lights[inside, inside], window.radiance()[inside, inside], rtol=HALF_FLOAT)
    np.testing.assert_allclose(read(earth, "earth_tint"), 1.0 - cl.HALO_FRACTION, rtol=1e-6)
    rows = window.cos_lat[:, None]
    coarse = lights.astype(float).reshape(len(rows), lf.COARSE, -1, lf.COARSE).mean(axis=(1, 3))
    scattered = read(earth, "earth_halo")[..., 1]
    share = (scattered * rows).sum() / (coarse * rows).sum()
    # the halo of cities near the edge leaves the window: up to a fifth of it in a window of 700 km
    assert 0.8 * cl.HALO_FRACTION < share <= cl.HALO_FRACTION * 1.001
    earth.release()
    assert not earth.textures


def test_beyond_the_edge_it_is_dark_at_every_level(window: EarthWindow) -> None:
    """What a clamped lookup outside finds are the outermost texels; the lights inside are as they were."""
    arrays = EarthArrays.of(window, np.ones((len(lamp_classes()), 4)))
    whole = mip_levels(window.radiance_of_code.astype(np.float16)[window.code], lf.MAX_LEVEL)
    for level, array in enumerate((arrays.lights, *arrays.levels)):
        edge = (array[0], array[-1], array[:, 0], array[:, -1])
        assert all(not part.any() for part in edge) and array.any()
        n = max(FADE_TEXELS >> level, 1)
        if level:
            assert np.array_equal(array[n:-n, n:-n], whole[level - 1][n:-n, n:-n])
        half = array.shape[0] // 2
        row = (whole[level - 1] if level else window.radiance())[half, : 2 * n].astype(float)
        share = np.minimum(np.arange(2 * n) / n, 1.0)
        np.testing.assert_allclose(array[half, : 2 * n], row * share, rtol=2.0 * HALF_FLOAT, atol=1e-4)
    assert not arrays.halo[0].any() and not arrays.halo[:, -1].any() and arrays.halo.any()
    world = replace(window, code=np.ones((64, MAP_WIDTH), np.uint8), row0=0)
    band = np.ones((64, MAP_WIDTH))
    world.fade(band, 1)  # neither the pole nor the seam of all longitudes is an edge
    assert (band[:32] == 1.0).all() and (band[-1] == 0.0).all()


def test_wrong_number_of_lamps_is_refused(window: EarthWindow) -> None:
    with pytest.raises(ValueError, match="lamp_response"):
        EarthTextures.upload(context().ctx, window, np.ones((2, 4)), np.ones((3, 8, 4), np.float32))
