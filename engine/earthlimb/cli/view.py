"""`earthlimb view`: the interactive renderer in a window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError


def view(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="A scene file or the name of a shipped one.")] = "italy",
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="Size of the picture in the window.")
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option("--frames", metavar="N", help="End after N frames, time standing still and the panel hidden."),
    ] = None,
    screenshot: Annotated[
        Path | None, typer.Option("--screenshot", metavar="FILE", help="PNG of what the window shows; with --frames.")
    ] = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """The interactive renderer in a window; F1 there shows the keys."""
    options.hush(quiet)
    if frames is not None and frames < 1:
        raise UsageError(f"--frames {frames}: 1 or more frames are wanted: write for example --frames 10")
    if screenshot is not None and frames is None:
        raise UsageError("--screenshot: it is taken when --frames have been shown: add for example --frames 1")
    if screenshot is not None:
        from earthlimb.output.atomic import check_target

        if screenshot.suffix.lower() != ".png":
            raise UsageError(f"--screenshot {screenshot}: the screen is saved as PNG: give it the ending .png")
        check_target(screenshot)
    with options.opened(scene, sets, utc, seed, size) as loaded:
        options.say_notes(loaded, quiet)
        from earthlimb.viewer import view as run

        chosen = (loaded.image.width_px, loaded.image.height_px) if size is not None else None
        pace = run(loaded, scene, size=chosen, n_frames=frames, screenshot=screenshot)
        if debug:
            longest_ms = pace.longest_s * 1e3
            options.say(f"{pace.n_shown} frames, at most {longest_ms:.0f} ms apart, scale {pace.scale:g}", quiet)
        if screenshot is not None:
            options.say(f"{screenshot}", quiet)


def register(app: typer.Typer) -> None:
    """Add `view` to the command line."""
    app.command("view")(view)
