"""Golden pictures: a PNG and a small JSON that says which driver made it, in a folder of the user's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from earthlimb.errors import UsageError
from earthlimb.output.atomic import atomic_paths
from earthlimb.output.sidecar import sidecar_path
from earthlimb.renderer import Frame
from earthlimb.testing.current import GOLDEN, running


@dataclass(frozen=True)
class Maker:
    """What made a picture; pixels are the same only on the same driver.

    Attributes
    ----------
    gl_renderer, gl_version : str
        What the driver calls itself.
    earthlimb : str
        Version of the renderer.
    """

    gl_renderer: str
    gl_version: str
    earthlimb: str

    @classmethod
    def of(cls, frame: Frame) -> Maker:
        """The maker of a frame."""
        about = frame.metadata
        return cls(
            str(about.get("gl_renderer", "unknown")),
            str(about.get("gl_version", "unknown")),
            str(about.get("versions", {}).get("earthlimb", "unknown")),
        )

    def same_driver(self, other: Maker) -> bool:
        """Whether both have the same driver in the same version."""
        return (self.gl_renderer, self.gl_version) == (other.gl_renderer, other.gl_version)

    def __str__(self) -> str:
        return f"{self.gl_renderer}, {self.gl_version}"


def golden_path(golden: str) -> Path:
    """Place of a golden in the test's folder of goldens.

    Raises
    ------
    UsageError
        When it is no PNG or lies outside of that folder.
    """
    inner = PurePath(golden)
    if inner.suffix != ".png" or inner.is_absolute() or ".." in inner.parts:
        raise UsageError(f"golden {golden}: a .png file name inside the folder of goldens is wanted: italy.png")
    return running().goldens / inner


def write_golden(path: Path, pixels: NDArray[np.uint8], maker: Maker) -> None:
    """Write the picture and its JSON, both or neither."""
    path.parent.mkdir(parents=True, exist_ok=True)
    about = asdict(maker) | {"pixels_sha256": _fingerprint(pixels)}
    with atomic_paths(path, sidecar_path(path)) as (picture, sidecar):
        Image.fromarray(pixels).save(picture, format="PNG", optimize=True)
        sidecar.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    running().written.append((GOLDEN, str(path)))


def read_golden(path: Path) -> tuple[NDArray[np.uint8], Maker]:
    """The picture (h, w, 3) and what made it.

    Raises
    ------
    AssertionError
        No such golden, or its pixels are not those that `--earthlimb-update` wrote.
    UsageError
        A file that cannot be read.
    """
    about = sidecar_path(path)
    missing = [place for place in (path, about) if not place.is_file()]
    if missing:
        raise AssertionError(
            f"golden {path.name}: {missing[0]} does not exist: pytest --earthlimb-update makes it: look at it, keep it"
        )
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
        known = json.loads(about.read_text(encoding="utf-8"))
        maker = Maker(known["gl_renderer"], known["gl_version"], known["earthlimb"])
        fingerprint = known["pixels_sha256"]
    except (UnidentifiedImageError, OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"golden {path}: {error!r}: make it anew with pytest --earthlimb-update") from None
    if fingerprint != _fingerprint(pixels):
        raise AssertionError(
            f"golden {path.name}: its pixels are not those that its JSON was written for: "
            "only pytest --earthlimb-update makes goldens: restore the file or make it anew"
        )
    return pixels, maker


def _fingerprint(pixels: NDArray[np.uint8]) -> str:
    return hashlib.sha256(f"{pixels.shape}".encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
