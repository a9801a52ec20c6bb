"""`earthlimb bench`: frame time by pass, start-up and memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from earthlimb.cli import options


def table_text(result: Mapping[str, Any]) -> str:
    """The result of `renderer.bench` as lines for a person: passes in ms and as a share of the frame."""
    size, frame_ms = result["size_px"], float(result["frame_ms"])
    rows = [(f"  {name}", float(ms)) for name, ms in result["passes_ms"].items()]
    rows += [("whole frame", frame_ms), ("floor (1,000 dependent multiply-adds)", float(result["floor_ms"]))]
    lines = [f"{size[0]} x {size[1]} px on {result['renderer']}, medians of {result['frames']} frames"]
    lines += [f"{name:<40s}{ms:10.2f} ms {100.0 * ms / frame_ms:6.1f} %" for name, ms in rows]
    lines += [f"{'start to first picture':<40s}{float(result['startup_s']):10.2f} s"]
    lines += [f"{'most memory':<40s}{float(result['peak_rss_mb']):10.0f} MB"]
    return "\n".join(lines)


def bench(
    scene: options.SceneName,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    size: options.Size = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Frame time by pass, start-up, memory."""
    options.hush(quiet)
    with options.opened(scene, sets, utc, seed, size) as loaded:
        options.say_notes(loaded, quiet)
        from earthlimb import renderer

        result = renderer.bench(loaded, device)
        typer.echo(json.dumps(result, allow_nan=False) if as_json else table_text(result))


def register(app: typer.Typer) -> None:
    """Add `bench` to the command line."""
    app.command("bench")(bench)
