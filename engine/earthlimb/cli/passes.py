"""`earthlimb passes`: when the station passes a place, a region or a star in darkness."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError
from earthlimb.scene import scene_text
from earthlimb.scene.section import parse_utc

if TYPE_CHECKING:
    from earthlimb.astro.history import History
    from earthlimb.world.passes import Pass, Target

_KEYS = (
    "start_utc", "best_utc", "end_utc", "azimuth_deg", "tangent_km", "range_km", "sun_elevation_deg", "moon_fraction",
    "window", "elevation_deg", "moon_elevation_deg", "lat_deg", "lon_deg",
)  # fmt: skip
_WARN_AGE_DAYS, _MAX_AGE_DAYS = 3.0, 400.0
"""A plan for a year needs elements a year old; beyond that nothing is left of the orbit's phase."""
_LONGEST_DAYS = 3700.0


def _time(option: str, text: str) -> datetime:
    try:
        return parse_utc(text)
    except ValueError as error:
        raise UsageError(f"{option}: {text}: {error}") from None


def _target(place: str | None, star: str | None, region: str | None) -> Target:
    import numpy as np

    from earthlimb.astro.places import find_place
    from earthlimb.astro.regions import region_places
    from earthlimb.astro.stars import find_star, load_catalogue
    from earthlimb.world.passes import Target

    given = [name for name, value in (("--place", place), ("--star", star), ("--region", region)) if value is not None]
    if len(given) != 1:
        raise UsageError(
            f"passes: {' and '.join(given) or 'nothing to pass'}: exactly one of --place, --star, --region is wanted: "
            "write for example --place Rome"
        )
    if star is not None:
        try:
            found = find_star(load_catalogue(), star)
        except UsageError as error:
            raise UsageError(f"--{error}") from None
        return Target(found.name, star=found.index)
    if region is not None:
        lat_rad, lon_rad = region_places(region)
        return Target(region, lat_rad, lon_rad)
    assert place is not None
    numbers = re.fullmatch(r"\s*([+-]?\d+(?:\.\d*)?)\s*,\s*([+-]?\d+(?:\.\d*)?)\s*", place)
    if numbers:
        lat, lon = float(numbers[1]), float(numbers[2])
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 360.0):
            raise UsageError(f"--place: {place}: latitude -90 to 90, longitude -180 to 360 is allowed: change it")
        return Target(place.strip(), np.radians([lat]), np.radians([lon]))
    try:
        town = find_place(place)
    except UsageError as error:
        raise UsageError(f"--{error}") from None
    return Target(f"{town.name}, {town.country}", np.array([town.lat_rad]), np.array([town.lon_rad]))


def _elements(tle: str | None) -> History:
    from earthlimb.astro.elements import parse_elements, shipped_history
    from earthlimb.astro.history import History

    if tle is None:
        return shipped_history()
    return History.of(parse_elements(options.text_of("--tle", tle), f"--tle {tle}"), f"--tle {tle}")


def _ages(history: History, start: datetime, end: datetime, quiet: bool) -> None:
    from earthlimb.astro.elements import DRIFT_KM_DAY2
    from earthlimb.astro.timescale import Instant

    worst_days, span_s = 0.0, (end - start).total_seconds()
    first = Instant.from_datetime(start)
    for k in range(101):
        instant = first.shifted(span_s * k / 100)
        worst_days = max(worst_days, abs(history.nearest(instant).age_days(instant)))
    if worst_days > _MAX_AGE_DAYS:
        raise UsageError(
            f"{history.where}: the elements nearest in time are up to {worst_days:.0f} days from the span: "
            f"{_MAX_AGE_DAYS:g} is allowed: give elements of that time (--tle)"
        )
    if worst_days > _WARN_AGE_DAYS:
        drift_s = DRIFT_KM_DAY2 * worst_days**2 / 7.66
        options.say(
            f"warning: {history.where}: used up to {worst_days:.1f} days from their epoch: the station may pass "
            f"{drift_s:.0f} s and more earlier or later, and further away",
            quiet,
        )


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir():
        raise UsageError(f"--scene-dir: {text}: no such folder: an existing one is wanted: make it first")
    return folder


def _table(found: list[Pass], target: Target) -> list[str]:
    height = "above limb" if target.star is not None else "elevation"
    several = target.lat_rad is not None and len(target.lat_rad) > 1
    rows = [["start", "best", "end", "azimuth", height, "range km", "Sun", "Moon", "Moon lit", "window"]]
    rows[0] += ["over"] if several else []
    for one in found:
        clock = [one.start_utc[:19].replace("T", " "), one.best_utc[11:19], one.end_utc[11:19]]
        numbers = [one.azimuth_deg, one.elevation_deg, one.range_km, one.sun_elevation_deg, one.moon_elevation_deg]
        texts = [f"{number:.0f}" if k == 2 else f"{number:.1f}" for k, number in enumerate(numbers)]
        over = [f"{one.lat_deg:.1f},{one.lon_deg:.1f}"] if several else []
        rows.append([*clock, *texts, f"{100 * one.moon_fraction:.0f} %", str(one.window), *over])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{text:>{width}s}" for text, width in zip(row, widths, strict=True)) for row in rows]


def passes(
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="First instant, with its zone.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Last instant.")],
    place: Annotated[
        str | None, typer.Option("--place", metavar="NAME|LAT,LON", help="A town (the most populous) or degrees.")
    ] = None,
    star: Annotated[str | None, typer.Option("--star", metavar="NAME", help="A star near the limb.")] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="NAME", help="A continent or a country's two letters.")
    ] = None,
    tle: Annotated[
        str | None, typer.Option("--tle", metavar="FILE", help="Element sets, TLE or OMM; - is standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    scene_dir: Annotated[
        str | None, typer.Option("--scene-dir", metavar="FOLDER", help="Write a scene file for each pass there.")
    ] = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """When the station passes in darkness: start, best moment, end, direction, Sun, Moon, window."""
    options.hush(quiet)
    first, last = _time("--from", start), _time("--to", end)
    if not 0.0 < (last - first).total_seconds() <= _LONGEST_DAYS * 86400.0:
        raise UsageError(f"--to: {end}: a time after --from {start}, at most ten years later, is wanted: change it")
    folder = None if scene_dir is None else _folder(scene_dir)
    target = _target(place, star, region)
    history = _elements(tle)
    _ages(history, first, last, quiet)
    from earthlimb.astro.timescale import Instant
    from earthlimb.astro.track import Track
    from earthlimb.output.atomic import atomic_path
    from earthlimb.world.passes import find_passes, pass_scene, why_none

    begin = Instant.from_datetime(first)
    track = Track(history, begin, Instant.from_datetime(last).minus(begin))
    found = find_passes(track, target)
    if as_json:
        for one in found:
            row = asdict(one)
            typer.echo(json.dumps({key: row[key] for key in _KEYS}, allow_nan=False))
    elif found:
        typer.echo("\n".join(_table(found, target)))
    else:
        reason = why_none(track, target)
        options.say(
            f"{target.name}: no pass in darkness between {start} and {end}" + (f": {reason}" if reason else ""), quiet
        )
    if folder is not None:
        for one in found:
            stamp = re.sub(r"[-:]|\.\d+", "", one.best_utc)
            path = folder / f"pass_{stamp}.toml"
            age_days = abs(one.elements.age_days(Instant.from_iso(one.best_utc)))
            text = scene_text(pass_scene(one, target, max(30.0, math.ceil(age_days))))
            with atomic_path(path) as partial:
                partial.write_text(text, encoding="utf-8")
        options.say(f"{folder}: {len(found)} scenes", quiet)
    sys.stdout.flush()


def register(app: typer.Typer) -> None:
    """Add `passes` to the command line."""
    app.command("passes")(passes)
