"""The options that commands share, and the scene that they make together."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_with_origin, parse_override, parse_size, resized

SceneName = Annotated[str, typer.Argument(metavar="SCENE", help="A scene file or the name of a shipped one.")]
Size = Annotated[str | None, typer.Option("--size", metavar="WxH", help="The same view in another size.")]
Utc = Annotated[str | None, typer.Option("--utc", metavar="TIME", help="Instead of the scene's time.utc.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="path.to.key=VALUE", help="Another value of the scene; may repeat."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of the exposure's noise and shake.")]
Device = Annotated[str, typer.Option("--device", metavar="NAME", help="auto, egl:N, native or window.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")]


@contextmanager
def opened(
    name: str,
    sets: list[str] | None = None,
    utc: str | None = None,
    seed: int | None = None,
    size: str | None = None,
) -> Iterator[Scene]:
    """Load the scene with everything that the command line says about it, and work with it.

    Raises
    ------
    UsageError
        From `load_scene`, or for an option that is no size, time, seed or assignment; from the work with the
        scene, then with the line or the option that gave the wrong value.
    """
    overrides: dict[str, object] = {}
    for text in sets or ():
        path, value = parse_override(text)
        overrides[path] = value
    labels = {"": "--set"}
    for path, option, given in (("time.utc", "--utc", utc), ("seed", "--seed", seed)):
        if given is not None:
            overrides[path] = given
            labels[path] = option
    wanted = parse_size(size) if size is not None else None
    scene, origin = load_with_origin(name, overrides, labels)
    if wanted is not None:
        try:
            scene = resized(scene, *wanted)
        except UsageError as error:
            raise UsageError(f"--{error}") from None
    try:
        yield scene
    except UsageError as error:
        raise UsageError(origin.placed(str(error))) from error


def text_of(option: str, path: str) -> str:
    """The text of a file that an option names; `-` is standard input.

    Raises
    ------
    UsageError
        It cannot be read as text.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UsageError(f"{option} {path}: {reason}: a readable file, or - for standard input, is wanted") from None


def say(message: str, quiet: bool = False) -> None:
    """Progress or a warning, on standard error."""
    if not quiet:
        print(message, file=sys.stderr, flush=True)


def say_notes(scene: Scene, quiet: bool = False) -> None:
    """What was asked of a scene without an effect, on standard error."""
    for note in scene.notes:
        say(f"warning: {note}", quiet)


def hush(quiet: bool) -> None:
    """Keep Python's own warnings from a quiet run."""
    if quiet:
        warnings.simplefilter("ignore")
