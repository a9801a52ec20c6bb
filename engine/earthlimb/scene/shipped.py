"""The scenes that come with earthlimb: their names and titles."""

from __future__ import annotations

import tomllib

from earthlimb import resources


def shipped_names() -> list[str]:
    """Names of the shipped scenes, `italy` first, the others by the alphabet."""
    names = sorted(path.stem for path in resources.scene_root().glob("*.toml"))
    return sorted(names, key=lambda name: name != "italy")


def shipped_scenes() -> list[tuple[str, str]]:
    """(name, title) of every shipped scene."""
    scenes = []
    for name in shipped_names():
        with (resources.scene_root() / f"{name}.toml").open("rb") as file:
            scenes.append((name, str(tomllib.load(file).get("title", ""))))
    return scenes
