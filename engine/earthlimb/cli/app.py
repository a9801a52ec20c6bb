"""The command `earthlimb`: its subcommands, and how a failure ends: one message, a status, no traceback."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from typing import Annotated, Any, NoReturn

import typer

from earthlimb.cli import assets, bench, check, doctor, passes, probe, profile, render, solve, video, view
from earthlimb.errors import EarthlimbError

app = typer.Typer(
    name="earthlimb",
    help="Earth's night limb as photographed from the Space Station, rendered from physics.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_PARSER_ERROR: type[Any] = typer.BadParameter.__mro__[2]
"""click's ClickException: what the command line's parser raises."""

_INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended."""


def _print_version(wanted: bool) -> None:
    if wanted:
        import earthlimb

        typer.echo(f"earthlimb {earthlimb.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for module in (view, render, video, passes, check, probe, profile, solve, bench, assets, doctor):
    module.register(app)


def run(arguments: list[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : list of str
        What follows `earthlimb`.

    Returns
    -------
    int
        0 done; 1 the work failed; 2 the command or the scene is wrong; 130 interrupted.
    """
    debug = "--debug" in arguments
    try:
        status = typer.main.get_command(app).main(arguments, prog_name="earthlimb", standalone_mode=False)
        sys.stdout.flush()
        if status == _INTERRUPTED:  # some versions of typer turn Ctrl-C into this status and say nothing
            raise KeyboardInterrupt
        return status if isinstance(status, int) else 0
    except EarthlimbError as error:
        return _fail(str(error), error.exit_status, debug)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("earthlimb: interrupted", _INTERRUPTED, debug)
    except BrokenPipeError:
        # the reader of the pipe has gone: nothing to tell it, and Python must not complain while it exits
        sys.stdout = open(os.devnull, "w")
        return 1
    except MemoryError as error:
        said = f"earthlimb: not enough memory{_notes(error)}: choose a smaller --size or end other programs"
        return _fail(said, 1, debug)
    except Exception as error:
        # newer typer carries its own copy of click, so the class has no name that all versions share
        if isinstance(error, _PARSER_ERROR):
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "earthlimb"
            message = error.format_message().rstrip(".")
            return _fail(f"{command}: {message}: see `{command} --help`", 2, debug)
        text = " ".join(f"{type(error).__name__}: {error}".split())
        advice = "" if debug else ": a defect of earthlimb: run with --debug and report what it prints"
        return _fail(f"earthlimb: internal error: {text}{_notes(error)}{advice}", 1, debug)


def _notes(error: Exception) -> str:
    """What the work has noted on an error on its way: `(exposure 3, ...)`, `; 3 of 9 frames are kept ...`."""
    return "".join(note if note.startswith(";") else f" {note}" for note in getattr(error, "__notes__", ()))


def _fail(message: str, status: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(message, file=sys.stderr)
    return status


def _terminated(_number: int, _frame: object) -> NoReturn:
    sys.exit(143)


def main() -> NoReturn:
    """Entry point of the command; ends the process with the status of `run`."""
    # an orderly end lets the outputs remove their partial files
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
