"""`earthlimb check` and `earthlimb scenes`: what a scene says, without rendering it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from earthlimb.cli import options
from earthlimb.errors import UsageError
from earthlimb.scene import Scene, resolved, shipped_scenes, utc_text
from earthlimb.scene.camera import AutoShutter
from earthlimb.scene.tracks import leaves
from earthlimb.scene.video import tracks_of

if TYPE_CHECKING:
    from earthlimb.world import WorldState
    from earthlimb.world.timeline import Timeline

_UNITS = {
    "deg": "deg", "km": "km", "mm": "mm", "s": "s", "k": "K", "px": "px", "days": "days", "vmag": "mag"
}  # fmt: skip
_CHECKED = 2000
"""Most exposures of a timeline that `check` points, in two seconds."""
_UNITS_BY_NAME = {"f107": "sfu", "f107a": "sfu", "ev": "EV", "fps": "1/s"}


def unit_of(key: str) -> str:
    """Unit of a scene key, from its suffix.

    Examples
    --------
    >>> unit_of("tangent_km"), unit_of("white_balance_k"), unit_of("iso")
    ('km', 'K', '')
    """
    if key.endswith("_deg_s"):
        return "deg/s"
    name, _, suffix = key.rpartition("_")
    return _UNITS_BY_NAME.get(key, _UNITS.get(suffix, "") if name else "")


def value_lines(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, value, unit) of every value of a resolved scene."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from value_lines(value, f"{prefix}{key}.")
        else:
            text = " / ".join(value.strip().splitlines()) if isinstance(value, str) else str(value)
            yield f"{prefix}{key}", text, "" if text == "auto" else unit_of(key)


def timeline_of(scene: Scene) -> tuple[Timeline | None, str]:
    """The scene's timeline, and how many frames it has and how long they run.

    Raises
    ------
    UsageError
        The scene's own `[video]` is impossible; where it has none, the text says why there is no timeline.
    """
    from earthlimb.world.timeline import Timeline

    try:
        timeline = Timeline(scene)
        if "video" in scene.model_fields_set:
            timeline.check_pointing(_CHECKED)
    except UsageError as error:
        if "video" in scene.model_fields_set:
            raise
        return None, f"none: {error}"
    video, seconds = scene.video, timeline.n_frames / scene.video.fps
    left_s = video.duration_s - video.begin_s
    return timeline, (
        f"{timeline.n_frames} frames, {left_s:g} s of the scene every {video.interval_s:g} s, "
        f"{seconds:.1f} s at {video.fps:g} frames a second"
    )


def key_rows(scene: Scene) -> list[list[str]]:
    """The table of the timeline's keys: time, value and its unit, how it moves to the value's next key."""
    rows = [["key at_s", "value", "towards the next"]]
    tracks = tracks_of(scene)
    for key in scene.video.key:
        for path, value in leaves(key.model_extra or {}):
            text = f"{'.'.join(path)} = {value:g} {unit_of(path[-1])}".rstrip()
            rows.append([f"{key.at_s:g}", text, key.ease if key.at_s < tracks[path].at_s[-1] else "stays"])
    return rows


def event_rows(timeline: Timeline) -> list[list[str]]:
    """The table of the manoeuvres: from when to when, to what, and the highest rate beyond that of the frames."""
    rows = [["event at_s", "until", "manoeuvre to", "at most, deg/s"]]
    for turn, hold in timeline.attitude.turns:
        peak_deg_s = math.degrees(1.5 * math.hypot(*turn.across_rad) / turn.duration_s)
        rows.append([f"{turn.start_s:g}", f"{turn.end_s:g}", hold.name, f"{peak_deg_s:.3f}"])
    return rows


def frame_rows(timeline: Timeline) -> list[list[str]]:
    """The table of some frames: when, where, the Sun, and what the keys make of their values."""
    names = [".".join(path) for path in timeline.tracks]
    rows = [["frame", "at_s", "utc", "latitude", "longitude", "Sun", "attitude", "dome-nadir", "deg/s", *names]]
    for row in timeline.rows():
        place = [f"{angle:.2f}" for angle in (row.lat_deg, row.lon_deg)]
        values = [f"{value:.6g}" for value in row.values.values()]
        rows.append(
            [
                str(row.frame),
                f"{row.at_s:g}",
                utc_text(row.utc),
                *place,
                f"{row.sun_elevation_deg:.1f}",
                row.attitude,
                f"{row.dome_from_nadir_deg:.1f}",
                f"{row.turn_deg_s:.3f}",
                *values,
            ]
        )
    return rows


def table_lines(rows: list[list[str]]) -> list[str]:
    """Rows of texts in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{text:<{width}s}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def derived_lines(scene: Scene, world: WorldState, timeline: str) -> list[tuple[str, str, str]]:
    """What follows from the scene: place and light of the station, age of its elements, lens, timeline."""
    from earthlimb.astro.frames import yaw_pitch_roll
    from earthlimb.physics.exposure import CameraBody

    elements, instant, lens = world.elements, world.instant, world.lens
    x, y, z = (float(part) for part in world.rot_cam_from_gcrs[2])
    up = world.pos_iss_gcrs_km / math.hypot(*world.pos_iss_gcrs_km)
    moon_rad = math.asin(float(up @ world.moon_dir_gcrs))
    auto = isinstance(scene.camera.shutter_s, AutoShutter)
    meter = [("exposure time", "metered when the picture is made, at the first frame of a video", "")] if auto else []
    pixel_um = CameraBody.load(scene.camera.body).pixel_um(lens.width_px, lens.height_px, lens.crop)
    cut = f"{lens.crop:.4g} times narrower than what a {scene.camera.focal_mm:g} mm lens shows on the whole sensor"
    crop = [("crop", cut, "")] if lens.crop > 1.0 else []
    lon_deg = (math.degrees(world.lon_rad) + 180.0) % 360.0 - 180.0
    body_from_lvlh = world.rot_body_from_gcrs @ world.rot_lvlh_from_gcrs.T
    ypr = [math.degrees(angle) for angle in yaw_pitch_roll(body_from_lvlh)]
    dome = max(float(body_from_lvlh[2, 2]), -1.0)
    return [
        ("station latitude", f"{math.degrees(world.lat_rad):.2f}", "deg"),
        ("station longitude", f"{lon_deg:.2f}", "deg"),
        ("station altitude", f"{world.alt_km:.1f}", "km"),
        ("element epoch", elements.epoch.utc_iso(0), ""),
        ("element age", f"{elements.age_days(instant):.2f}", "days"),
        ("Sun above the ground below", f"{math.degrees(world.sun_elevation_rad):.1f}", "deg"),
        ("Moon above the ground below", f"{math.degrees(moon_rad):.1f}", "deg"),
        ("station yaw, pitch, roll", ", ".join(f"{angle:.2f}" for angle in ypr), "deg"),
        ("dome's axis to the nadir", f"{math.degrees(math.acos(min(dome, 1.0))):.2f}", "deg"),
        ("station turns", f"{math.degrees(math.hypot(*world.omega_body_gcrs_rad_s)):.4f}", "deg/s"),
        ("optical axis, right ascension", f"{math.degrees(math.atan2(y, x)) % 360.0:.3f}", "deg"),
        ("optical axis, declination", f"{math.degrees(math.asin(z)):.3f}", "deg"),
        ("lens f, cx, cy", f"{lens.f_px:.3f}, {lens.cx_px:.3f}, {lens.cy_px:.3f}", "px"),
        ("pixel on the sensor", f"{pixel_um:.3f}", "um"),
        *crop,
        *meter,
        *profile_lines(scene),
        ("timeline", timeline, ""),
    ]


def profile_lines(scene: Scene) -> list[tuple[str, str, str]]:
    """What is laid over emission rates of the user's own."""
    if scene.atmosphere.profile is None:
        return []
    factors = [(name, value) for name, value in scene.airglow.model_dump().items() if name != "shift_km"]
    changed = [f"airglow.{name} = {value:g}" for name, value in factors if value != 1.0]
    if scene.airglow.shift_km:
        changed.append(f"airglow.shift_km = {scene.airglow.shift_km:g}")
    if scene.atmosphere.waves:
        changed.append(f"atmosphere.waves = {scene.atmosphere.waves:g} (horizontal structure; 0 leaves it out)")
    return [("profile", f"used everywhere, changed by {', '.join(changed)}" if changed else "used as given", "")]


def check(
    scene: options.SceneName,
    size: options.Size = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Validate a scene; print its resolved values with their units, and the timeline."""
    options.hush(quiet)
    with options.opened(scene, sets, utc, seed, size) as loaded:
        from earthlimb.world import build_world

        world = build_world(loaded)
        timeline, timeline_text = timeline_of(loaded)
        values = [line for line in value_lines(resolved(loaded)) if line[0] not in ("video.key", "video.event")]
        derived = derived_lines(loaded, world, timeline_text)
        width = max(len(name) for name, _, _ in values + derived)
        for rows in (values, [("", "", "")], derived):
            for name, text, unit in rows:
                typer.echo(f"{name:<{width}s}  {text} {unit}".rstrip())
        if timeline and "video" in loaded.model_fields_set:
            for table in (key_rows(loaded), event_rows(timeline), frame_rows(timeline)):
                for line in ["", *table_lines(table)] if len(table) > 1 else []:
                    typer.echo(line)
        for warning in world.warnings:
            options.say(f"warning: {warning}", quiet)


def scenes(debug: options.Debug = False) -> None:
    """The shipped scenes, one line each."""
    rows = shipped_scenes()
    width = max(len(name) for name, _ in rows)
    for name, title in rows:
        typer.echo(f"{name:<{width}s}  {title}")


def register(app: typer.Typer) -> None:
    """Add `check` and `scenes` to the command line."""
    app.command("check")(check)
    app.command("scenes")(scenes)
