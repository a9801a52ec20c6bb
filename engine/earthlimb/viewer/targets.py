"""What the view turns to by name or number: stars, towns, the cupola's windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from earthlimb.astro.places import find_place
from earthlimb.astro.stars import directions_at, find_star, load_catalogue
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.viewer import look
from earthlimb.viewer.aim import aim_of
from earthlimb.viewer.session import Session
from earthlimb.world.cupola import Cupola
from earthlimb.world.cupola_eye import nearest_window


def follow_named(session: Session, name: str) -> None:
    """Follow a star or a town by its name, or `HIP 32349`; a star where both have it.

    Raises
    ------
    UsageError
        Nothing has that name.
    """
    stars = load_catalogue()
    try:
        star = find_star(stars, name)
    except UsageError:
        try:
            place = find_place(name)
        except UsageError:
            raise UsageError(
                f"follow: {name!r}: neither a star nor a town has this name: a town or village of GeoNames, a proper "
                "name of the IAU's list of stars or HIP 32349 is allowed: check its spelling"
            ) from None
        lat, lon = math.degrees(place.lat_rad), math.degrees(place.lon_rad)
        session.change("camera.point.ground", {"lat_deg": lat, "lon_deg": lon, "alt_km": 0.0})
        return
    x, y, z = directions_at(stars, Instant.from_datetime(session.utc), np.array([star.index]))[0]
    below_rad = 0.0 if session.world is None else look.behind_earth_rad(session.world, np.array([x, y, z]))
    if below_rad > 0.0:
        raise UsageError(
            f"follow: {name}: this star stands {math.degrees(below_rad):.1f} deg below the Earth's edge, behind it: it "
            "must be in view: choose another time or star"
        )
    ra, dec = math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.asin(max(-1.0, min(1.0, float(z)))))
    session.change("camera.point.sky", {"ra_deg": ra, "dec_deg": dec})


def choose_window(session: Session, number: int) -> None:
    """Behind one of the cupola's windows, looking out of it; a view that looks out of it already stays as it is."""
    session.change_many({"camera.mount": "cupola", "camera.window": number, **_out_of_window(session, number)})


def _out_of_window(session: Session, number: int) -> dict[str, Any]:
    """Scene values that look out of a window of the cupola, along its axis; none where the view does already."""
    if session.world is not None:
        aim = aim_of(session)
        if nearest_window(aim.rot_body_from_gcrs @ aim.axes[2]) == number:
            return {}
    x, y, z = Cupola.load().windows[number - 1].normal
    azimuth = math.degrees(math.atan2(y, x)) if math.hypot(x, y) > 1e-6 else 0.0
    elevation = math.degrees(math.asin(max(-1.0, min(1.0, -z))))
    return {"camera.point.body": {"azimuth_deg": azimuth, "elevation_deg": elevation}, "camera.roll_deg": 0.0}
