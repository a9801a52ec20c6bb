"""Makes assets/constellations.csv: the bright stars of every constellation, by Hipparcos number.

A star belongs to the constellation whose boundary (Delporte 1930, as tabulated by Roman 1987) holds its place at J2000;
astropy's `get_constellation` knows them. Kept are the stars to V = 4.0 and at least the three brightest of each.
Run: python assets/bake/constellations.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord, get_constellation

from earthlimb.astro.stars import load_catalogue

VMAG, AT_LEAST = 4.0, 3


def main() -> None:
    """Write the table, brightest star first in each constellation."""
    stars = load_catalogue(6.0)
    known = np.flatnonzero(stars.hip > 0)
    x, y, z = stars.dirs_j2000[known].T
    sky = SkyCoord(x, y, z, representation_type="cartesian", frame="icrs")
    names = np.asarray(get_constellation(sky))
    lines = ["# constellation,HIP numbers, brightest first"]
    for name in sorted(set(names)):
        own = known[names == name]
        n = max(AT_LEAST, int((stars.vmag[own] <= VMAG).sum()))
        lines.append(f"{name}," + " ".join(str(stars.hip[i]) for i in own[:n]))
    (Path(__file__).parents[1] / "constellations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
