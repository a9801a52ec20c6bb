"""The station's outside: each part stands where its dimensions say, as rays from the cupola meet it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from earthlimb.world.outside import outside_data, outside_parts
from earthlimb.world.solids import Part

EYE = np.array(outside_data()["eye"]["free_m"])
DAY = date(2021, 9, 20)
five_centimetres = 0.05


def first(parts: Sequence[Part], eye: np.ndarray, way: np.ndarray) -> tuple[str, float]:
    """Name of the part whose visible side a ray meets first, and how far away, m; ("", inf) where it meets none."""
    way = way / np.linalg.norm(way)
    found = ("", np.inf)
    for part in parts:
        a, b, c = part.corners_m[:, 0] - eye, part.corners_m[:, 1] - eye, part.corners_m[:, 2] - eye
        inside = np.stack([np.cross(p, q) @ way for p, q in ((a, b), (b, c), (c, a))])
        normal = np.cross(b - a, c - a)
        slope = normal @ way
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (normal * a).sum(axis=1) / slope
        hit = (inside <= 0.0).all(axis=0) & (slope < 0.0) & (t > 0.0)
        if hit.any() and t[hit].min() < found[1]:
            found = (part.name, float(t[hit].min()))
    return found


def towards(parts: Sequence[Part], place_m: Sequence[float], eye: np.ndarray = EYE) -> tuple[str, float]:
    return first(parts, eye, np.array(place_m, float) - eye)


PARTS = outside_parts(DAY, 0.0)


@pytest.mark.parametrize(
    ("place", "name", "radius"),
    [
        ((6.0, 0.0, -0.6), "PMM Leonardo", 2.25),
        ((0.0, 7.4, 3.0), "Cygnus NG-16", 1.53),
        ((-6.2, 7.4, 2.0), "Rassvet", 1.17),
        ((-19.3, 7.4, 9.0), "Nauka", 2.12),
    ],
)
def test_a_neighbouring_module_stands_where_its_axis_and_radius_say(
    place: tuple[float, float, float], name: str, radius: float
) -> None:
    distance = float(np.linalg.norm(np.array(place) - EYE))
    met, at = towards(PARTS, place)
    assert met == name
    assert distance - 1.5 * radius < at < distance


def test_the_arm_is_its_width_across_and_its_length_long() -> None:
    table = {key: value["value"] for key, value in outside_data()["arm"].items() if key != "name"}
    second = next(part for part in PARTS if part.name == "Canadarm2 1").corners_m.reshape(-1, 3)
    low, high = second[second[:, 2].argmin()], second[second[:, 2].argmax()]
    assert abs(np.linalg.norm(high - low) - table["boom_m"]) < table["diameter_m"]
    middle = second.mean(axis=0)
    name, at = towards(PARTS, middle.tolist())
    assert name.startswith("Canadarm2") and abs(at - np.linalg.norm(middle - EYE)) < 0.5 * table["diameter_m"] + 0.01
    across = np.cross(middle - EYE, high - low)
    across /= np.linalg.norm(across)
    for side in (-1.0, 1.0):
        on, off = ((middle + side * 0.5 * table["diameter_m"] * f * across).tolist() for f in (0.8, 1.2))
        assert towards(PARTS, on)[0].startswith("Canadarm2") and not towards(PARTS, off)[0].startswith("Canadarm2")


def test_arrays_turn_and_end_where_their_length_says() -> None:
    """At 90 degrees the blankets hang down and stand up at the truss, cells forward; between them is the mast."""
    table = {key: value["value"] for key, value in outside_data()["array"].items()}
    y = table["stations_y_m"][0]
    tip = table["axis_z_m"] + table["root_m"] + table["length_m"]
    blanket = y + 0.5 * table["gap_m"] + 2.0
    for angle, name, ahead in (
        (90.0, "arrays.array", True),
        (90.0, "arrays.cell", False),
        (-90.0, "arrays.cell", True),
    ):
        turned = outside_parts(DAY, np.radians(angle))
        eye = np.array([table["axis_x_m"] - 30.0 if ahead else table["axis_x_m"] + 30.0, blanket, 20.0])
        way = np.array([1.0 if ahead else -1.0, 0.0, 0.0])
        met, at = first(turned, eye, way)
        assert met == name and abs(at - 30.0) < five_centimetres
        assert first(turned, np.array([eye[0], blanket, tip - 0.1]), way)[0] == name
        assert first(turned, np.array([eye[0], blanket, tip + 0.1]), way)[0] == ""
        assert first(turned, np.array([eye[0], y, 20.0]), way)[0] == "arrays.shield"
        assert first(turned, np.array([eye[0], y + 0.4 * table["gap_m"], 20.0]), way)[0] == ""
    level = np.concatenate([part.corners_m for part in PARTS if part.name.startswith("arrays.")]).reshape(-1, 3)
    assert np.ptp(level[:, 2]) < five_centimetres
    assert np.isclose(np.ptp(level[:, 0]), 2.0 * (table["root_m"] + table["length_m"]))


def test_radiators_lie_level_at_their_place() -> None:
    """Seen from below; from the cupola itself Node 3 hides them."""
    for table in outside_data()["box"]:
        if table["name"].startswith("radiator"):
            x, y, z = table["centre_m"]
            below = np.array([x, y, 5.0])
            name, at = first(PARTS, below, np.array([0.0, 0.0, -1.0]))
            assert name == table["name"] and np.isclose(at, 5.0 - z - table["half_m"][2])
            beside = np.array([x, y + table["half_m"][1] + 0.1, 5.0])
            assert first(PARTS, beside, np.array([0.0, 0.0, -1.0]))[0] != table["name"]


@pytest.mark.parametrize("name", ["dragon", "cygnus", "soyuz", "nauka"])
def test_a_visitor_stands_at_its_distance_and_draws_near(name: str) -> None:
    table = outside_data()["vehicle"][name]
    dock, away = np.array(table["dock_m"]), np.array(table["away"])
    for distance_m in (20.0, 60.0):
        parts = outside_parts(DAY, 0.0, name, distance_m)
        body = next(part for part in parts if part.name == f"visitor {name}").corners_m.reshape(-1, 3)
        along = (body - dock) @ away
        assert np.isclose(along.min(), distance_m) and np.isclose(np.ptp(along), table["length_m"])
        middle = dock + away * (distance_m + 0.6 * table["length_m"])
        met, at = towards(parts, middle.tolist())
        assert met == f"visitor {name}"
        assert 0.0 < np.linalg.norm(middle - EYE) - at < 6.0


def test_a_visitor_does_not_dock_through_what_holds_its_port() -> None:
    for name, gone in (("soyuz", {"Soyuz on Rassvet"}), ("nauka", {"Nauka"})):
        before = {part.name.split(" cells")[0].split(" panels")[0] for part in PARTS}
        after = {part.name for part in outside_parts(DAY, 0.0, name, 30.0)}
        assert gone <= before and not any(part.startswith(tuple(gone)) for part in after)
        assert {"Rassvet", "Zvezda", "Cygnus NG-16"} <= after


def test_wings_reach_across_their_span() -> None:
    for table in (*outside_data()["module"], *outside_data()["vehicle"].values()):
        if "wings" not in table or "name" not in table or date.fromisoformat(table.get("since", "1998-11-20")) > DAY:
            continue
        cells = next(part for part in PARTS if part.name == f"{table['name']} cells").corners_m.reshape(-1, 3)
        across = cells @ np.array(table["wings"]["across"])
        assert np.isclose(np.ptp(across), table["wings"]["span_m"])
