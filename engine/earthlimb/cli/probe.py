"""`earthlimb probe`: what a pixel sees, one JSON object a line."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError
from earthlimb.scene import Scene


def parse_pixel(text: str, scene: Scene) -> tuple[int, int]:
    """Column and row of `X,Y`, from the upper left, from 0.

    Raises
    ------
    UsageError
        When it is no pixel of the scene's picture.
    """
    width_px, height_px = scene.image.width_px, scene.image.height_px
    found = re.fullmatch(r"\s*([+-]?\d{1,9})\s*,\s*([+-]?\d{1,9})\s*", text)
    if not found:
        raise UsageError(f"--pixel: {text}: whole pixels X,Y are wanted: write for example --pixel 500,300")
    x, y = int(found[1]), int(found[2])
    if not (0 <= x < width_px and 0 <= y < height_px):
        raise UsageError(
            f"--pixel: {text}: outside of the picture: 0 to {width_px - 1}, 0 to {height_px - 1} is allowed: "
            "choose a pixel of the picture or another --size"
        )
    return x, y


def probe(
    scene: options.SceneName,
    pixels: Annotated[list[str], typer.Option("--pixel", metavar="X,Y", help="Column and row, from 0; may repeat.")],
    size: options.Size = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """What a pixel sees: direction, tangent height, place, colour, airglow, nearest star and town."""
    options.hush(quiet)
    with options.opened(scene, sets, utc, seed, size) as loaded:
        wanted = [parse_pixel(text, loaded) for text in pixels]
        options.say_notes(loaded, quiet)
        from earthlimb import renderer

        for seen in renderer.probe(loaded, wanted, device):
            typer.echo(json.dumps(seen, allow_nan=False))


def register(app: typer.Typer) -> None:
    """Add `probe` to the command line."""
    app.command("probe")(probe)
