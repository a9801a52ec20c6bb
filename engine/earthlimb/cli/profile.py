"""`earthlimb profile`: volume emission rates against altitude, as CSV."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError
from earthlimb.scene import Scene


def parse_place(lat_deg: float | None, lon_deg: float | None) -> tuple[float, float] | None:
    """Latitude and longitude [rad] of `--lat` and `--lon`, or None when neither is given.

    Raises
    ------
    UsageError
        When only one is given or one is out of range.
    """
    if lat_deg is None and lon_deg is None:
        return None
    if lat_deg is None or lon_deg is None:
        given, lacking = ("--lat", "--lon") if lon_deg is None else ("--lon", "--lat")
        raise UsageError(f"{given}: without {lacking}: both or neither are allowed: add {lacking}")
    for option, value, low, high in (("--lat", lat_deg, -90, 90), ("--lon", lon_deg, -180, 360)):
        if not low <= value <= high:
            raise UsageError(f"{option}: {value:g}: {low} to {high} degrees are allowed: change it")
    return math.radians(lat_deg), math.radians(lon_deg)


def one_profile(scene: Scene) -> str:
    """Which profile a scene has everywhere; empty where it has one of its own for each place."""
    if scene.atmosphere.profile is not None:
        return f"that of atmosphere.profile, {scene.atmosphere.profile}"
    if (uniform := scene.atmosphere.uniform) is not None:
        return f"that of atmosphere.uniform: latitude {uniform.lat_deg:.2f}, longitude {uniform.lon_deg:.2f}"
    return ""


def profile(
    scene: options.SceneName,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.csv", help="File to write.")],
    lat: Annotated[float | None, typer.Option("--lat", metavar="D", help="Instead of below the station.")] = None,
    lon: Annotated[float | None, typer.Option("--lon", metavar="D", help="East, degrees.")] = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Volume emission rate of every emission against altitude, photon cm-3 s-1; with airglow factors, without waves."""
    options.hush(quiet)
    with options.opened(scene, sets, utc) as loaded:
        place = parse_place(lat, lon)
        import numpy as np

        from earthlimb.output.atomic import atomic_path, check_target
        from earthlimb.physics.emission import EmissionModel
        from earthlimb.physics.profile_file import profile_csv
        from earthlimb.world.build import atmosphere_inputs, station_of

        check_target(out)
        options.say_notes(loaded, quiet)
        if place is None:
            _, _, warnings, station = station_of(loaded)
            place = (station.lat_rad, station.lon_rad)
            for warning in warnings:
                options.say(f"warning: {warning}", quiet)
        rates = EmissionModel(atmosphere_inputs(loaded)).profiles(np.array([place[0]]), np.array([place[1]]))
        with atomic_path(out) as partial:
            partial.write_text(profile_csv(rates.low[0], rates.high[0]), encoding="utf-8")
        everywhere = one_profile(loaded)
        if everywhere and lat is not None:
            options.say(f"warning: --lat, --lon: without effect: the scene has one profile, {everywhere}", quiet)
        lat_deg, lon_deg = (math.degrees(angle) for angle in place)
        options.say(f"{out}: {everywhere or f'latitude {lat_deg:.2f}, longitude {lon_deg:.2f}'}", quiet)


def register(app: typer.Typer) -> None:
    """Add `profile` to the command line."""
    app.command("profile")(profile)
