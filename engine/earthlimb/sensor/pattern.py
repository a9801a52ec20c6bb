"""Textures of a sensor's fixed pattern and of cosmic rays, kept while they stay the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import texture_from
from earthlimb.physics.fixed_pattern import Crop, cosmic_map, dark_rate_map, pattern_map
from earthlimb.sensor.settings import SensorSettings

Inputs = tuple[dict[str, moderngl.Texture], dict[str, object], dict[str, object]]
"""Textures, uniforms and defines of interface/exposure.glsl."""


class PatternTextures:
    """Uploads what belongs to the sensor itself for pictures of one size."""

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int]) -> None:
        self._ctx = ctx
        self._size = size
        self._kept: dict[str, tuple[object, moderngl.Texture]] = {}

    def _texture(self, name: str, key: object, make: Callable[[], NDArray[np.float64]]) -> moderngl.Texture:
        if name in self._kept:
            old_key, old = self._kept[name]
            if old_key == key:
                return old
            old.release()
        made = make()
        channels = 2 if made.shape[2] == 2 else 4
        texels = np.zeros((*made.shape[:2], channels), np.float32)
        texels[..., : made.shape[2]] = made
        self._kept[name] = (key, texture_from(self._ctx, texels))
        return self._kept[name][1]

    def inputs(self, settings: SensorSettings) -> Inputs:
        """What an exposure with these settings reads; empty without pattern and cosmic rays."""
        textures: dict[str, moderngl.Texture] = {}
        uniforms: dict[str, object] = {}
        defines: dict[str, object] = {}
        crop = Crop(settings.crop, *settings.lens[1:3]) if settings.crop > 1.0 else None
        if (pattern := settings.pattern) is not None:
            textures["pattern"] = self._texture(
                "pattern", (pattern, crop), lambda: pattern_map(pattern, *self._size, crop)
            )
            share, mosaic = settings.channel_share, settings.mosaic
            dark = partial(dark_rate_map, pattern, *self._size, channel_share=share, mosaic=mosaic, crop=crop)
            textures["dark"] = self._texture("dark", (pattern, share, mosaic, crop), dark)
            uniforms["dark_s"] = settings.shutter_s
            uniforms["spread"] = tuple(share**0.5 for share in settings.channel_share)
            defines["PATTERN"] = 1
        if (rays := settings.cosmic) is not None:
            key = (rays, settings.shutter_s, settings.mosaic, crop)
            textures["cosmic"] = self._texture(
                "cosmic",
                key,
                lambda: cosmic_map(
                    rays.body,
                    rate_cm2_s=rays.rate_cm2_s,
                    shutter_s=settings.shutter_s,
                    seed=rays.seed,
                    width_px=self._size[0],
                    height_px=self._size[1],
                    mosaic=settings.mosaic,
                    crop=crop,
                ),
            )
            defines["COSMIC"] = 1
        return textures, uniforms, defines

    def release(self) -> None:
        """Free the textures."""
        while self._kept:
            self._kept.popitem()[1][1].release()
