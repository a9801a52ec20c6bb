"""What runs on a worker: one renderer in one thread of its own, kept from frame to frame."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from earthlimb.cluster.parcel import Parcel
from earthlimb.errors import EarthlimbError, WorkError
from earthlimb.output.video import Part, Recipe, render_part

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="earthlimb-gl")
"""A GL context belongs to one thread; Dask may call from several."""
_kept: dict[str, Any] = {}


def render_on_worker(parcel: Parcel, recipe: Recipe, index: int) -> Part:
    """Render and pack one frame.

    Raises
    ------
    WorkError
        The package here is another version than the sender's, or there is no OpenGL.
    UsageError
        The scene asks for something impossible at this frame.
    """
    import earthlimb

    if earthlimb.__version__ != parcel.version:
        raise WorkError(
            f"worker on {socket.gethostname()}: earthlimb {earthlimb.__version__}: {parcel.version} is wanted as on "
            "the sender: install the same version on every machine"
        )
    return _THREAD.submit(_render, parcel, recipe, index).result()


def _render(parcel: Parcel, recipe: Recipe, index: int) -> Part:
    from earthlimb.renderer import Renderer
    from earthlimb.world.timeline import Timeline

    if _kept.get("device") != recipe.device:
        if "renderer" in _kept:
            _kept.pop("renderer").release()
        try:
            _kept["renderer"] = Renderer(device=recipe.device)
        except EarthlimbError as error:
            raise type(error)(f"worker on {socket.gethostname()}: {error}") from None
        _kept["device"] = recipe.device
    if _kept.get("parcel") != parcel:
        scene, folder = parcel.unpack()
        _kept.update(timeline=Timeline(scene), folder=folder, parcel=parcel)
    part = render_part(_kept["renderer"], _kept["timeline"], recipe, index)
    if not parcel.files:
        return part
    sidecar = json.loads(part.sidecar)
    sidecar["scene"] = parcel.with_own_paths(sidecar["scene"])
    return replace(part, sidecar=json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n")
