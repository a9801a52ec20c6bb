"""The result of one rendering: linear radiance, layers, electrons, developed picture, and their meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import UsageError, WorkError

if TYPE_CHECKING:
    from earthlimb.world import WorldState

Stage = Literal["linear", "sensor", "developed"]
"""How far the light has gone: radiance, electrons, or a picture to look at."""

Saver = Callable[["Frame", "str | PathLike[str]", "Stage | None"], None]

_saver: Saver | None = None


def register_saver(saver: Saver) -> None:
    """Let `Frame.save` write files; `earthlimb.output` calls this when it is imported.

    The renderer stands below the outputs and must not import them.
    """
    global _saver
    _saver = saver


@dataclass(frozen=True, eq=False)
class Frame:
    """One rendered picture in every stage that was asked for; rows run from the top.

    Parameters
    ----------
    width_px, height_px : int
        Size of the picture.
    world : WorldState
        Everything at the middle of the exposure, float64.
    rgb_linear : (height_px, width_px, 3) float32, optional
        Linear Rec.709 (D65) radiance of the CIE 1931 observer, cd m-2; negative outside the gamut.
    layers : mapping of str to float32 array, optional
        The CONTRACT's layers by name: (height_px, width_px) such as "airglow.oi558" in rayleigh,
        or (height_px, width_px, 3) such as "stars" in cd m-2.
    electrons : (height_px, width_px, 3) float32, optional
        Noisy electrons per image pixel.
    picture : (height_px, width_px, 3) float32, optional
        Developed picture, sRGB encoded, 0 to 1.
    picture8 : (height_px, width_px, 3) uint8, optional
        The same in 8 bits where the renderer has made them itself; otherwise they are rounded from `picture`.
    metadata : mapping, optional
        What the sidecar holds. Pictures carry `title` of its "scene", "utc" and `earthlimb` of its "versions"
        in their own headers too.

    Raises
    ------
    ValueError
        When an array has another shape or type than the size says.
    """

    width_px: int
    height_px: int
    world: WorldState
    rgb_linear: NDArray[np.float32] | None = None
    layers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    electrons: NDArray[np.float32] | None = None
    picture: NDArray[np.float32] | None = None
    picture8: NDArray[np.uint8] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mono = (self.height_px, self.width_px)
        colour = (*mono, 3)
        for name in ("rgb_linear", "electrons", "picture"):
            _expect(name, getattr(self, name), (colour,), np.float32)
        _expect("picture8", self.picture8, (colour,), np.uint8)
        for name, layer in self.layers.items():
            _expect(f"layer {name}", layer, (mono, colour), np.float32)

    def __repr__(self) -> str:
        """One line, for notebooks: the arrays are thousands."""
        held = [name for name in ("rgb_linear", "electrons", "picture", "picture8") if getattr(self, name) is not None]
        held += [f"{len(self.layers)} layers"] if self.layers else []
        return (
            f"<Frame {self.width_px} x {self.height_px} px, {self.metadata.get('utc', 'no time')}: {', '.join(held)}>"
        )

    def layer(self, name: str) -> NDArray[np.float32]:
        """Return one layer of the linear picture.

        Parameters
        ----------
        name : str
            A layer of the CONTRACT, for example "airglow.oi558".

        Returns
        -------
        (height_px, width_px) or (height_px, width_px, 3) float32
            In the layer's own unit, rows from the top.

        Raises
        ------
        UsageError
            When the frame has no such layer.
        """
        if name in self.layers:
            return self.layers[name]
        if not self.layers:
            raise UsageError(
                f"layer {name}: this frame was rendered without layers: "
                "the linear stage has them: render the frame again with layers"
            )
        near = get_close_matches(str(name), self.layers, n=1)
        advice = f"did you mean {near[0]}?" if near else "choose one of these"
        names = ", ".join(sorted(self.layers))
        raise UsageError(f"layer {name}: not in this frame: it has {names}: {advice}")

    def save(self, path: str | PathLike[str], stage: Stage | None = None) -> None:
        """Write the picture and its sidecar `path` + ".json"; the path's ending chooses the format.

        Parameters
        ----------
        path : path
            `.png`, `.jpg`, `.tiff` (16 bit), `.exr` (float32 with layers) or `.fits` (float32, WCS). The folder must
            exist.
        stage : "linear", "sensor" or "developed", optional
            EXR and FITS default to linear, the others to developed.

        Raises
        ------
        UsageError
            Unknown ending, a stage that the format cannot hold or the frame does not have, or a path that
            cannot be written.
        WorkError
            The disk is full or the writing failed; nothing is left behind.
        """
        if _saver is None:
            raise WorkError("Frame.save: no writer is loaded: earthlimb.output has it: import earthlimb.output first")
        _saver(self, path, stage)


def _expect(
    name: str, array: NDArray[Any] | None, shapes: tuple[tuple[int, ...], ...], dtype: type[np.generic]
) -> None:
    if array is not None and (array.shape not in shapes or array.dtype != dtype):
        raise ValueError(f"frame: {name} is {array.dtype} {array.shape}, expected {np.dtype(dtype)} {shapes}")
