"""`earthlimb assets`: which data files are installed, where their numbers come from, and their licences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from earthlimb.errors import WorkError
from earthlimb.resources import AssetSource, asset, asset_sources


def is_installed(entry: AssetSource) -> bool:
    """Return whether the entry's file is there and not empty."""
    try:
        return asset(entry.file).stat().st_size > 0
    except WorkError:
        return False


def list_assets() -> None:
    """Print what data is installed: file, size, content, source and licence."""
    for entry in asset_sources():
        size = f"{asset(entry.file).stat().st_size / 1000:.0f} kB" if is_installed(entry) else "MISSING"
        typer.echo(f"{entry.file}, {size}: {entry.what}")
        typer.echo(f"    source: {entry.source}")
        typer.echo(f"    licence: {entry.licence}")


def print_credits() -> None:
    """Print the credit line of every source once, as a picture's caption or a publication needs them."""
    for line in dict.fromkeys(f"{entry.credit} ({entry.licence})" for entry in asset_sources()):
        typer.echo(line)


def save_cupola(
    out: Annotated[Path, typer.Argument(help="File to write, .glb or .gltf.")],
    shutters: Annotated[float, typer.Option(min=0.0, max=1.0, help="0 closed to 1 open.")] = 1.0,
) -> None:
    """Write the cupola's model as glTF: metres, forward +Z, up +Y."""
    from earthlimb.world.cupola import Cupola  # the other commands of this file answer at once
    from earthlimb.world.model_file import save_model

    cupola = Cupola.load()
    save_model(out, cupola.parts(shutters), cupola.data["material"])


def register(app: typer.Typer) -> None:
    """Add `assets`, `assets list`, `assets credits` and `assets model` to the command line."""
    assets = typer.Typer(help="What data is installed, its sources and licences.", no_args_is_help=False)
    assets.command("list")(list_assets)
    assets.command("credits")(print_credits)
    assets.command("model")(save_cupola)

    @assets.callback(invoke_without_command=True)
    def default(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            list_assets()

    app.add_typer(assets, name="assets")
