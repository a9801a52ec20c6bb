"""Models as glTF files: parts to and from a trimesh scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earthlimb.errors import UsageError, WorkError
from earthlimb.world.solids import Part

_GLTF_FROM_BODY = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""glTF has +Y up and +Z forward; the station's body +X forward and +Z down."""
SUFFIXES = (".glb", ".gltf")


def to_trimesh(parts: Sequence[Part], reflectance: Mapping[str, Sequence[float]]) -> Any:
    """A trimesh.Scene with one mesh for each part, named alike, in the body's axes, metres.

    Materials that have no reflectance (glass, the hatch) become a clear and a black one.
    """
    import trimesh  # only files need it: it takes a second to import

    scene = trimesh.Scene()
    for part in parts:
        colour = list(reflectance.get(part.material, (0.0, 0.0, 0.0)))
        alpha = 0.15 if part.material == "glass" else 1.0
        material = trimesh.visual.material.PBRMaterial(
            name=part.material,
            baseColorFactor=[*colour, alpha],
            metallicFactor=0.0,
            roughnessFactor=0.9,
            alphaMode="BLEND" if alpha < 1.0 else "OPAQUE",
        )
        corners = part.corners_m.reshape(-1, 3)
        mesh = trimesh.Trimesh(corners, np.arange(len(corners)).reshape(-1, 3), process=False)
        mesh.visual = trimesh.visual.TextureVisuals(material=material)
        scene.add_geometry(mesh, node_name=part.name, geom_name=part.name)
    return scene


def save_model(path: str | Path, parts: Sequence[Part], reflectance: Mapping[str, Sequence[float]]) -> None:
    """Write parts as binary glTF (.glb) or as .gltf with its buffer inside.

    Raises
    ------
    UsageError
        Another ending, or the folder is missing.
    WorkError
        The file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: ending {path.suffix or '(none)'}: a model is .glb or .gltf: choose one of them")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: no such folder as {path.parent}: it must exist: make it first")
    turned = [Part(p.name, p.material, p.corners_m @ _GLTF_FROM_BODY.T) for p in parts]
    scene = to_trimesh(turned, reflectance)
    if path.suffix.lower() == ".glb":
        data = scene.export(file_type="glb")
    else:
        from trimesh.exchange.gltf import export_gltf

        data = export_gltf(scene, embed_buffers=True)["model.gltf"]
    try:
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise WorkError(f"{path}: {error.strerror}: a place that can be written is wanted") from error


def load_model(path: str | Path) -> list[Part]:
    """Read parts that `save_model` wrote, or any glTF with triangles; float32 as files hold them.

    Raises
    ------
    UsageError
        It is no glTF file.
    """
    import trimesh

    try:
        scene = trimesh.load_scene(Path(path), process=False)
    except Exception as error:  # trimesh raises whatever its parsers raise
        raise UsageError(f"{path}: {error}: a glTF file (.glb, .gltf) is wanted: check the path") from error
    parts = []
    for node in sorted(scene.graph.nodes_geometry):
        transform, geometry = scene.graph[node]
        mesh = scene.geometry[geometry]
        material = getattr(getattr(mesh.visual, "material", None), "name", None) or "frame"
        corners = np.asarray(mesh.triangles, float) @ transform[:3, :3].T + transform[:3, 3]
        parts.append(Part(str(geometry), str(material), corners @ _GLTF_FROM_BODY))
    return parts
