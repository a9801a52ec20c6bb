"""`earthlimb doctor`: what of the installation works, and the line to type for what does not."""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from earthlimb.cli.assets import asset_sources, is_installed
from earthlimb.cli.gl_remedy import gl_remedy
from earthlimb.errors import EarthlimbError

MIN_PYTHON = (3, 11)
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")
_NAME = re.compile(r"[\w.-]+")
_OPTIONAL_EXTRAS = ("msis", "fits")


@dataclass(frozen=True)
class Check:
    """One finding. A check that is not `needed` may fail and pictures are rendered all the same."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def doctor(device: str = "auto", as_json: bool = False) -> int:
    """Examine the installation and print what was found on standard output.

    Parameters
    ----------
    device : str
        Where to open the OpenGL context, as in `render --device`.
    as_json : bool
        One JSON object instead of a table: {"ok", "checks": [{"name", "ok", "found", "remedy", "needed"}]}.

    Returns
    -------
    int
        0 when a picture can be rendered here, else 1.
    """
    checks = list(examine(device))
    healthy = all(check.ok for check in checks if check.needed)
    if as_json:
        typer.echo(json.dumps({"ok": healthy, "checks": [asdict(check) for check in checks]}, indent=2))
        return 0 if healthy else 1
    table = Table("", "what", "found", box=None, pad_edge=False)
    for check in checks:
        mark = "[green]ok[/]" if check.ok else "[red]FAILS[/]" if check.needed else "[yellow]absent[/]"
        table.add_row(mark, check.name, check.found)
    Console(highlight=False).print(table)
    # Remedies are lines to copy: they must not be broken at the terminal's width.
    for check in checks:
        if not check.ok:
            typer.echo(f"{check.name}: {check.remedy}")
    typer.echo("Pictures can be rendered here." if healthy else "No picture can be rendered here yet.")
    return 0 if healthy else 1


def examine(device: str) -> Iterator[Check]:
    """Yield every finding, the cheap ones first."""
    yield _python()
    yield from _packages()
    yield from _data()
    yield _encoders()
    context, *rest = _gl(device)
    yield context
    yield from rest
    if context.ok:
        yield _picture(device)


def _python() -> Check:
    wanted = ".".join(str(part) for part in MIN_PYTHON)
    return Check(
        "Python",
        sys.version_info >= MIN_PYTHON,
        f"{platform.python_version()} on {platform.platform()}",
        f"install Python {wanted} or later and earthlimb with it",
    )


def _packages() -> Iterator[Check]:
    try:
        version = metadata.version("earthlimb")
        requirements = metadata.requires("earthlimb") or []
    except metadata.PackageNotFoundError:
        yield Check("earthlimb", False, "runs from a folder, not installed", "pip install .", needed=False)
        return
    yield Check("earthlimb", True, version)
    for requirement in requirements:
        match = _NAME.match(requirement)
        extra = _EXTRA.search(requirement)
        if match is None or (extra and extra.group(1) not in _OPTIONAL_EXTRAS):
            continue
        name = match.group()
        what = f"{name} (extra {extra.group(1)})" if extra else name
        remedy = f"pip install 'earthlimb[{extra.group(1)}]'" if extra else f"pip install {name}"
        try:
            yield Check(what, True, metadata.version(name), needed=not extra)
        except metadata.PackageNotFoundError:
            yield Check(what, False, "not installed", remedy, needed=not extra)


def _data() -> Iterator[Check]:
    try:
        entries = asset_sources()
    except EarthlimbError as error:
        yield Check("data files", False, str(error), "pip install --force-reinstall earthlimb")
        return
    missing = [entry.file for entry in entries if not is_installed(entry)]
    found = f"missing: {', '.join(missing)}" if missing else f"all {len(entries)} there"
    ok = bool(entries) and not missing
    yield Check("data files", ok, found, "pip install --force-reinstall earthlimb")


def _encoders() -> Check:
    """Which of the video encoders this PyAV has; pictures do not need any."""
    try:
        import av.codec

        there = [name for name in ("libx264", "libx265", "libsvtav1") if name in av.codec.codecs_available]
    except ImportError as error:
        return Check("video encoders", False, str(error), "pip install av", needed=False)
    found = ", ".join(there) or "none"
    return Check("video encoders", "libx264" in there, found, "pip install --force-reinstall av", needed=False)


def _gl(device: str) -> Iterator[Check]:
    try:
        from earthlimb.gpu import open_context

        context = open_context(device)
    except (EarthlimbError, ImportError) as error:
        other = "" if device == "auto" else f"try without --device {device}, or "
        yield Check("OpenGL 4.1", False, str(error.__cause__ or error), other + gl_remedy())
        return
    with context:
        kind = "software rasteriser: right but slow" if context.is_software else "graphics processor"
        yield Check("OpenGL 4.1", True, f"{context.renderer}; {context.vendor}; {context.version} ({kind})")
        yield _float_target(context.ctx)


def _float_target(ctx: object) -> Check:
    import moderngl
    import numpy as np

    assert isinstance(ctx, moderngl.Context)
    # From the faintest star to the Sun, and the negative radiance of colours outside the gamut.
    wanted = np.array([1e-10, -2.5, 1e9, 1.0], np.float32)
    remedy = gl_remedy()
    try:
        texture = ctx.texture((2, 2), 4, dtype="f4")
        target = ctx.framebuffer([texture])
        target.clear(*wanted.tolist())
        got = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(4, 4)
        target.release()
        texture.release()
    except moderngl.Error as error:
        return Check("float targets", False, str(error), remedy)
    exact = bool((got == wanted).all())
    found = "32 bit, unclipped" if exact else f"{wanted} came back as {got[0]}"
    return Check("float targets", exact, found, remedy)


def _picture(device: str) -> Check:
    """Render the first shipped scene in a thumbnail's size: the only proof that everything works together."""
    try:
        import earthlimb

        scene = earthlimb.load_scene("italy")
        with earthlimb.Renderer(size=(96, 64), device=device) as renderer:
            frame = renderer.render(scene)
    except Exception as error:  # whatever goes wrong is this check's finding, not the doctor's failure
        found = str(error) if isinstance(error, EarthlimbError) else f"{type(error).__name__}: {error}"
        return Check("test picture", False, found, "see what earthlimb render italy -o x.png --debug says")
    bright = frame.picture is not None and bool(frame.picture.max() > 0.0)
    return Check("test picture", bright, "italy, 96 x 64" if bright else "italy is black", gl_remedy())


def register(app: typer.Typer) -> None:
    """Add `doctor` to the command line."""

    @app.command("doctor")
    def command(
        device: Annotated[str, typer.Option(help="auto, egl:N or native.")] = "auto",
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    ) -> None:
        """GL driver, versions, data, video encoders: what works and how to mend what does not."""
        raise typer.Exit(doctor(device, as_json))
