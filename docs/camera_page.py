"""The pictures of docs/CAMERA.md: one view by exposure time, hand-held and tracked, and as an eye sees it.

python docs/camera_page.py            # writes docs/camera/*.jpg
python docs/camera_page.py --only eye
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene

SCENE = "italy"
SIZE = (750, 500)
MAX_BYTES = 300_000
# the same light in every picture: ISO goes down as the time goes up, as far as a photographer would
EXPOSED = {"camera.f_number": 1.4}
PICTURES: dict[str, dict[str, object]] = {
    "15th": EXPOSED | {"camera.shutter_s": 1.0 / 15.0, "camera.iso": 25600.0},
    "fifth": EXPOSED | {"camera.shutter_s": 0.2, "camera.iso": 10000.0},
    "1s": EXPOSED | {"camera.shutter_s": 1.0, "camera.iso": 2000.0},
    "4s": EXPOSED | {"camera.shutter_s": 4.0, "camera.iso": 500.0},
    "1s-hand": EXPOSED | {"camera.shutter_s": 1.0, "camera.iso": 2000.0, "camera.shake": "loose"},
    "4s-hand": EXPOSED | {"camera.shutter_s": 4.0, "camera.iso": 500.0, "camera.shake": "loose"},
    "4s-ground": EXPOSED | {"camera.shutter_s": 4.0, "camera.iso": 500.0, "camera.track": "ground"},
    "4s-stars": EXPOSED | {"camera.shutter_s": 4.0, "camera.iso": 500.0, "camera.track": "stars"},
    "eye": {"eye.enabled": True},
    "eye-dim": {"eye.enabled": True, "eye.cabin_cd_m2": 1.0},
}
"""Name of each picture and what it changes in the scene."""


def small_jpeg(picture: np.ndarray) -> bytes:
    """A JPEG below MAX_BYTES with the highest quality that fits."""
    image = Image.fromarray(np.round(255.0 * picture).astype(np.uint8))
    for quality in (92, 88, 84, 78, 70, 60):
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=quality, optimize=True)
        if encoded.tell() < MAX_BYTES:
            break
    return encoded.getvalue()


def main() -> None:
    """Read the command line, render, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent / "camera", help="folder")
    parser.add_argument("--only", choices=list(PICTURES), nargs="+", help="pictures to make; all without it")
    arguments = parser.parse_args()
    arguments.out.mkdir(exist_ok=True)
    with Renderer(size=SIZE) as renderer:
        for name in arguments.only or PICTURES:
            frame = renderer.render(load_scene(SCENE, PICTURES[name]), layers=False, stage="developed")
            (arguments.out / f"{name}.jpg").write_bytes(small_jpeg(frame.picture))
            clipped = frame.metadata.get("exposure", {}).get("clipped_fraction_any")
            print(f"{name}: clipped {clipped:.2%}" if clipped is not None else name)


if __name__ == "__main__":
    main()
