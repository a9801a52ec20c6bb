"""`earthlimb render`: one picture, without a window."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from earthlimb.cli import options
from earthlimb.cli.options import say


def render(
    scene: options.SceneName,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help="Picture to write: .png, .jpg, .tiff, .exr or .fits.")
    ],
    stage: Annotated[
        str | None,
        typer.Option("--stage", help="linear (EXR's and FITS's default), sensor or developed (the others')."),
    ] = None,
    size: options.Size = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """One picture, without a window; its sidecar OUT.json says what it shows."""
    options.hush(quiet)
    start = time.perf_counter()
    with options.opened(scene, sets, utc, seed, size) as loaded:
        from earthlimb.output import check_output, save

        chosen = check_output(out, stage)
        from earthlimb.renderer import Renderer

        with Renderer(device=device) as renderer:
            frame = renderer.render(loaded, layers=chosen == "linear", stage=chosen)
            for warning in getattr(frame.world, "warnings", ()):
                say(f"warning: {warning}", quiet)
            save(frame, out, stage=chosen)
        say(f"{out}: {frame.width_px} x {frame.height_px}, {time.perf_counter() - start:.1f} s", quiet)


def register(app: typer.Typer) -> None:
    """Add `render` to the command line."""
    app.command("render")(render)
