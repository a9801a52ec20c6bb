"""The station around the cupola as solids: modules of a date, truss, arrays that turn, radiators, arm, a visitor."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb import resources
from earthlimb.world.solids import Part, box, circle, fan, sheet, turned_profile

Array = NDArray[np.float64]

_SIDES = 20


@cache
def outside_data() -> dict[str, Any]:
    """The tables of assets/station/outside.toml."""
    return tomllib.loads(resources.asset("station/outside.toml").read_text(encoding="utf-8"))


def array_angle_rad(sun_dir_body: Array) -> float:
    """Turn of the arrays about the station's +Y that lets the Sun fall on them as squarely as this joint can.

    At 0 the cells look to the zenith (-Z); positive angles turn them forward.

    Examples
    --------
    >>> array_angle_rad(np.array([1.0, 0.0, 0.0])) == np.pi / 2
    True
    """
    return float(np.arctan2(sun_dir_body[0], -sun_dir_body[2]))


@cache
def _fixed(day: date) -> tuple[Part, ...]:
    data = outside_data()
    parts, wings = [], []
    for table in data["module"]:
        since, until = (
            date.fromisoformat(table.get(k, d)) for k, d in (("since", "1998-11-20"), ("until", "2100-01-01"))
        )
        if since <= day < until:
            solid = turned_profile(table["start_m"], table["end_m"], table["profile"], _SIDES)
            parts.append(Part(table["name"], table["material"], solid))
            ends = (np.array(table[k], float) for k in ("start_m", "end_m"))
            wings += _wings(table["name"], table, *ends)
    parts += [Part(t["name"], t["material"], box(t["centre_m"], t["half_m"])) for t in data["box"]]
    return (*parts, *_arm(data["arm"]), *wings)


def _arm(table: dict[str, Any]) -> list[Part]:
    at = np.array(table["base_m"]["value"], float)
    radius = 0.5 * table["diameter_m"]["value"]
    joints = [at]
    for key in ("shoulder_deg", "elbow_deg"):
        azimuth, elevation = np.radians(table[key]["value"])
        way = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), -np.sin(elevation)])
        at = at + way * table["boom_m"]["value"]
        joints.append(at)
    joints.append(at + np.array([0.0, 0.0, table["hand_m"]["value"]]))
    pairs = pairwise(joints)
    return [
        Part(f"{table['name']} {i}", "white", turned_profile(a, b, (radius, radius), 8))
        for i, (a, b) in enumerate(pairs)
    ]


def arrays_turn(angle_rad: float) -> tuple[Array, Array]:
    """Rotation (3, 3) of the arrays by an angle about their axis, and a point (3,) of the axis, m."""
    table = outside_data()["array"]
    axis = np.array([table["axis_x_m"]["value"], 0.0, table["axis_z_m"]["value"]])
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]]), axis


def _arrays(angle_rad: float) -> list[Part]:
    """The arrays turned about their axis by an angle."""
    turn, axis = arrays_turn(angle_rad)
    return [Part(p.name, p.material, (p.corners_m - axis) @ turn.T + axis) for p in _flat_arrays()]


@cache
def _flat_arrays() -> tuple[Part, ...]:
    """Sixteen blankets with masts at angle 0; cells on the side that looks to the Sun, brown Kapton behind."""
    table = {k: v["value"] for k, v in outside_data()["array"].items()}
    half_length, half_width = 0.5 * table["length_m"], 0.25 * (table["width_m"] - table["gap_m"])
    u, v = np.array([half_length, 0.0, 0.0]), np.array([0.0, -half_width, 0.0])  # u x v: up, the cells' side
    sheets: dict[str, list[Array]] = {"cell": [], "array": [], "shield": []}
    for y in table["stations_y_m"]:
        for way in (-1.0, 1.0):
            root = np.array([table["axis_x_m"] + way * (table["root_m"] + half_length), y, table["axis_z_m"]])
            for side in (-1.0, 1.0):
                aside = [0.0, side * (half_width + 0.5 * table["gap_m"]), 0.0]
                front, back = sheet(root + aside, u, v)
                sheets["cell"].append(front)
                sheets["array"].append(back)
            reach = np.array([half_length + 0.5 * table["root_m"], 0.0, 0.0])
            mast = root - [way * 0.5 * table["root_m"], 0.0, 0.0]
            sheets["shield"] += sheet(mast, reach, v * 0.5 * table["mast_m"] / half_width)
    return tuple(Part(f"arrays.{material}", material, np.concatenate(rows)) for material, rows in sheets.items())


def _wings(name: str, table: dict[str, Any], start: Array, end: Array) -> list[Part]:
    """Solar panels of a module or vehicle: one on each side of its body, cells on one face."""
    if "wings" not in table:
        return []
    wings = table["wings"]
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array(wings["across"], float)
    root, outer = start + wings["at"] * (end - start), 0.5 * wings["span_m"]
    fronts = []
    for way in (-1.0, 1.0):
        if wings.get("round", False):
            middle = root + way * (outer - 0.5 * wings["width_m"]) * across
            fronts.append(fan(middle + circle(0.5 * wings["width_m"], 12) @ np.stack([across, along])))
        else:
            half = 0.5 * (outer - wings["root_m"])
            middle = root + way * (outer - half) * across
            fronts.append(sheet(middle, across * half, along * 0.5 * wings["width_m"])[0])
    front = np.concatenate(fronts)
    return [
        Part(f"{name} cells", "cell", front),
        Part(f"{name} panels", "array", front[:, ::-1]),
    ]


def visitor(name: str, distance_m: float) -> list[Part]:
    """A visiting vehicle that far from its port, on the straight line of its approach."""
    table = outside_data()["vehicle"][name]
    away = np.array(table["away"], float)
    start = np.array(table["dock_m"], float) + away * distance_m
    end = start + away * table["length_m"]
    solid = turned_profile(start, end, table["profile"], _SIDES)
    return [Part(f"visitor {name}", table["material"], solid), *_wings(f"visitor {name}", table, start, end)]


def outside_parts(day: date, array_rad: float, vehicle: str = "none", distance_m: float = 0.0) -> list[Part]:
    """Every solid of the station on a day, in the cupola's frame, metres.

    Parameters
    ----------
    day : modules that were not there yet, or are gone, are left out, and those that hold a visitor's port
    array_rad : of the arrays, see `array_angle_rad`
    vehicle : "none" or a name of `[vehicle]`
    distance_m : of the vehicle from its port
    """
    parts = [*_fixed(day), *_arrays(array_rad)]
    if vehicle != "none":
        taken = outside_data()["vehicle"][vehicle].get("instead_of", [])
        parts = [part for part in parts if not part.name.startswith(tuple(taken))] if taken else parts
        parts += visitor(vehicle, distance_m)
    return parts
