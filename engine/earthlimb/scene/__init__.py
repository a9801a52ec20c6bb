"""The scene file: schema, strict loading, shipped scenes."""

from __future__ import annotations

from earthlimb.scene.load import load_scene, load_with_origin
from earthlimb.scene.model import Scene
from earthlimb.scene.overrides import parse_override
from earthlimb.scene.shipped import shipped_names, shipped_scenes
from earthlimb.scene.views import check_size, own_files, parse_size, resized, resolved, utc_text
from earthlimb.scene.write import scene_text

__all__ = [
    "Scene",
    "check_size",
    "load_scene",
    "load_with_origin",
    "own_files",
    "parse_override",
    "parse_size",
    "resized",
    "resolved",
    "scene_text",
    "shipped_names",
    "shipped_scenes",
    "utc_text",
]
