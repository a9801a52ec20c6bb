"""What travels to a worker: the resolved scene with the contents of its files; workers need only the package."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_scene, own_files, resolved


@dataclass(frozen=True)
class Parcel:
    """A scene on its way.

    Attributes
    ----------
    scene : dict
        The resolved scene.
    files : dict
        (file name, contents) of every file that the scene names, by its dotted key.
    version : str
        Of the sender's earthlimb.
    """

    scene: dict[str, Any]
    version: str
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, scene: Scene) -> Parcel:
        """Pack a scene."""
        import earthlimb

        parcel = cls(resolved(scene), earthlimb.__version__)
        for key, path in own_files(scene).items():
            try:
                parcel.files[key] = (path.name, path.read_bytes())
            except OSError as error:
                raise UsageError(
                    f"{key} = {path}: {error.strerror}: a readable file is wanted: check the path"
                ) from error
        return parcel

    def unpack(self) -> tuple[Scene, tempfile.TemporaryDirectory[str]]:
        """The scene, and the folder that holds its files for as long as it is needed."""
        folder = tempfile.TemporaryDirectory(prefix="earthlimb-")
        overrides: dict[str, object] = {}
        for key, (name, contents) in self.files.items():
            place = Path(folder.name) / key
            place.mkdir()
            (place / name).write_bytes(contents)
            overrides[key] = str(place / name)
        return load_scene(self.scene_without_files(), overrides), folder

    def scene_without_files(self) -> dict[str, Any]:
        """The scene without the sender's paths."""
        scene = {name: dict(table) if isinstance(table, dict) else table for name, table in self.scene.items()}
        for key in self.files:
            table, name = key.split(".")
            scene[table].pop(name, None)
        return scene

    def with_own_paths(self, sidecar_scene: dict[str, Any]) -> dict[str, Any]:
        """A worker's resolved scene with the sender's paths again."""
        for key in self.files:
            table, name = key.split(".")
            if sidecar_scene[table].get(name) is not None:  # a timeline may have put one element set in its place
                sidecar_scene[table][name] = self.scene[table][name]
        return sidecar_scene
