"""A contact sheet: evenly spread exposures of a scene's timeline in one PNG.

python docs/contact_sheet.py docking -o docs/docking.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene
from earthlimb.world.timeline import Timeline


def contact_sheet(scene: str, n_frames: int, n_columns: int, width_px: int) -> Image.Image:
    """Exposures from the first to the last in reading order, each `width_px` wide."""
    timeline = Timeline(load_scene(scene))
    image = timeline.scene.image
    height_px = round(width_px * image.height_px / image.width_px)
    frames = np.linspace(0, timeline.n_frames - 1, n_frames).round().astype(int).tolist()
    sheet = Image.new("RGB", (n_columns * width_px, -(-n_frames // n_columns) * height_px))
    with Renderer(size=(2 * width_px, 2 * height_px)) as renderer:
        for place, i in enumerate(frames):
            picture = renderer.render(timeline.scene_at(i), layers=False, stage="developed", frame=i).picture
            tile = Image.fromarray(np.round(255.0 * picture).astype(np.uint8)).resize(
                (width_px, height_px), Image.Resampling.BOX
            )
            sheet.paste(tile, (place % n_columns * width_px, place // n_columns * height_px))
    return sheet


def main() -> None:
    """Read the command line, render, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scene", help="a scene file or the name of a shipped one")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the PNG")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--width", type=int, default=320, help="of one picture, px")
    arguments = parser.parse_args()
    sheet = contact_sheet(arguments.scene, arguments.frames, arguments.columns, arguments.width)
    # noise does not compress: 256 colours of the sheet's own make the file a fifth
    few = sheet.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(arguments.out, optimize=True)


if __name__ == "__main__":
    main()
