"""Bake assets/ut1.csv: UT1 - TAI and polar motion every five days from the IERS file finals2000A.all.

The file comes with the PyPI package astropy-iers-data (folder `astropy_iers_data/data`):

    python assets/bake/ut1.py --source FOLDER_OF_finals2000A.all
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import erfa

FIRST_MJD = 50814  # 1998-01-01: the station's first module flew in November 1998
STEP_DAYS = 5


def rows(text: str) -> list[tuple[int, float, float, float]]:
    """(MJD, UT1 - TAI [s], pole x ["], pole y ["]) of the wanted days; columns as ReadMe.finals2000A says."""
    found = []
    for line in text.splitlines():
        mjd = int(float(line[7:15]))
        if mjd < FIRST_MJD or (mjd - FIRST_MJD) % STEP_DAYS or not line[58:68].strip():
            continue
        year, month, day, fraction = erfa.jd2cal(2400000.5, float(mjd))
        tai_utc_s = float(erfa.dat(year, month, day, fraction))
        found.append((mjd, float(line[58:68]) - tai_utc_s, float(line[18:27]), float(line[37:46])))
    return found


def main() -> None:
    """Write the table beside this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "ut1.csv")
    arguments = parser.parse_args()
    text = (arguments.source / "finals2000A.all").read_text(encoding="ascii")
    days = rows(text)
    predicted = next((line for line in text.splitlines() if line[57:58] == "P"), "")
    with arguments.out.open("w", encoding="ascii") as out:
        out.write("# UT1 - TAI and polar motion, IERS Rapid Service, finals2000A.all (Bulletin A values)\n")
        out.write(f"# prediction from MJD {int(float(predicted[7:15])) if predicted else days[-1][0]} on\n")
        out.write("# mjd_utc, ut1_minus_tai_s, pole_x_arcsec, pole_y_arcsec\n")
        for mjd, ut1_tai_s, pole_x, pole_y in days:
            out.write(f"{mjd},{ut1_tai_s:.5f},{pole_x:.4f},{pole_y:.4f}\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore", erfa.ErfaWarning)
    main()
