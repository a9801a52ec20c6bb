"""`earthlimb solve`: pose, lens and clock error from a photograph, as one JSON object, and its scene."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError

if TYPE_CHECKING:
    from earthlimb.solve.solution import Tell


@contextmanager
def _progress(quiet: bool) -> Iterator[Tell]:
    """A bar on a terminal, which a picture that nothing fits keeps for a minute or two."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet or not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("sources", total=None)

        def tell(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield tell


def solve(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A night photograph: JPEG, PNG, TIFF.")],
    tle: Annotated[Path, typer.Option("--tle", metavar="FILE", help="The station's elements: TLE or OMM.")],
    utc: Annotated[
        str | None, typer.Option("--utc", metavar="TIME", help="Instead of the photograph's own time; to 15 minutes.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="SCENE.toml", help="Scene file to write.")] = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Camera pose, lens and clock error from the stars and the limb in a photograph.

    utc = the camera's time + clock_error_s: positive where the clock is slow.
    """
    options.hush(quiet)
    from earthlimb.astro.elements import check_age, nearest_elements, parse_elements
    from earthlimb.astro.timescale import Instant
    from earthlimb.output.atomic import atomic_path, check_target
    from earthlimb.scene import scene_text
    from earthlimb.solve.photo import read_photo
    from earthlimb.solve.solution import explain, solve_photo
    from earthlimb.solve.solved_scene import solved_scene

    if out is not None:
        if out.suffix.lower() != ".toml":
            raise UsageError(f"-o {out}: a scene file ends in .toml: name it for example {out.stem or 'scene'}.toml")
        check_target(out)
    try:
        text = tle.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UsageError(f"--tle {tle}: {reason}: a readable TLE or OMM file is wanted: check the path") from None
    sets = parse_elements(text, f"--tle {tle}")
    given = None
    if utc is not None:
        try:
            given = Instant.from_iso(utc)
        except UsageError as error:
            raise UsageError(f"--utc: {error}") from None
    picture = read_photo(photo)
    instant = given if given is not None else picture.instant
    if instant is None:
        raise UsageError(
            f"{photo}: the file holds no time of the exposure (EXIF): the time to 15 minutes is needed: give --utc"
        )
    elements = nearest_elements(sets, instant)
    for warning in check_age(elements, instant, 30.0, f"--tle {tle}"):
        options.say(f"warning: {warning}", quiet)
    with _progress(quiet) as tell:
        solution = solve_photo(picture, elements, instant, tell)
    options.say(f"{photo}: {solution.stars_matched} stars, rms {solution.rms_px:.2f} px; {explain(solution)}", quiet)
    if out is not None:
        scene = solved_scene(picture, solution, elements, photo.stem, tle.resolve())
        with atomic_path(out) as partial:
            partial.write_text(scene_text(scene), encoding="utf-8")
        options.say(f"{out}: written", quiet)
    typer.echo(json.dumps(solution.as_json(), allow_nan=False))


def register(app: typer.Typer) -> None:
    """Add `solve` to the command line."""
    app.command("solve")(solve)
