"""Emission rates against altitude in a CSV file: reading a user's own, writing the model's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_LOW_KM, ALT_LOW_STEP_KM, EMISSIONS
from earthlimb.errors import UsageError
from earthlimb.physics.composition_nodes import high_altitudes_km, low_altitudes_km

Array = NDArray[np.float64]

COLUMNS = ("alt_km", *EMISSIONS)
MOST_PH_CM3_S = 1e12
"""Of a rate: 1e4 R in a layer of 0.1 mm. float32 holds the radiance of such air in any picture."""
ALLOWED_ALT_KM = (-6400.0, 1e6)


@dataclass(frozen=True)
class FileProfile:
    """A file's rates on the emission grids [photon cm-3 s-1]: low (6, 281), high (6, 236)."""

    low: Array
    high: Array


def read_profile(path: Path) -> FileProfile:
    """Read a profile: a line of names, then numbers; linear between altitudes, zero outside.

    Parameters
    ----------
    path : Path
        Columns `alt_km` and any of the emissions, in any order; altitudes increase. A missing emission
        is zero everywhere. What lies below 60 or above 600 km is not used.

    Raises
    ------
    UsageError
        With the line, when the file cannot be read, a name is unknown or doubled, a number is missing,
        negative, not finite or senselessly large, or altitudes do not increase.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UsageError(f"{path}: {reason}: a readable CSV file is needed: check atmosphere.profile") from error
    rows = [(i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise UsageError(f"{path}: an empty file: the first line names the columns {','.join(COLUMNS)}: add them")
    names = _names(path, *rows[0])
    table = np.array([_numbers(path, i, line, names) for i, line in rows[1:]], dtype=np.float64)
    if len(table) < 2:
        raise UsageError(f"{path}: {len(table)} rows of numbers: at least two altitudes are needed: add rows")
    alt_km = table[:, names.index("alt_km")]
    falls = np.flatnonzero(np.diff(alt_km) <= 0.0)
    if falls.size:
        at, line = rows[falls[0] + 2]
        raise UsageError(
            f"{path}:{at}: alt_km = {line.split(',')[names.index('alt_km')]}: altitudes increase: sort rows"
        )
    low, high = low_altitudes_km(), high_altitudes_km()
    out_low, out_high = np.zeros((len(EMISSIONS), low.size)), np.zeros((len(EMISSIONS), high.size))
    for k, name in enumerate(EMISSIONS):
        if name in names:
            ver = table[:, names.index(name)]
            out_low[k], out_high[k] = resampled(alt_km, ver, low), resampled(alt_km, ver, high)
    return FileProfile(out_low, out_high)


def _names(path: Path, line_number: int, line: str) -> list[str]:
    names = [name.strip() for name in line.split(",")]
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            what = "twice" if name in COLUMNS else "unknown"
            raise UsageError(
                f"{path}:{line_number}: column {name!r}: {what}: the columns are {', '.join(COLUMNS)}: "
                "mend the first line"
            )
    if "alt_km" not in names:
        raise UsageError(f"{path}:{line_number}: no column alt_km: altitudes are needed: name that column")
    return names


def _numbers(path: Path, line_number: int, line: str, names: list[str]) -> list[float]:
    cells = line.split(",")
    if len(cells) != len(names):
        raise UsageError(
            f"{path}:{line_number}: {len(cells)} numbers: {len(names)} columns are named: complete the line"
        )
    numbers = []
    for name, cell in zip(names, cells, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        low, high = ALLOWED_ALT_KM if name == "alt_km" else (0.0, MOST_PH_CM3_S)
        if not low <= value <= high:
            raise UsageError(
                f"{path}:{line_number}: {name} = {cell.strip()}: a number from {low:g} to {high:g} is needed: "
                "mend the cell"
            )
        numbers.append(value)
    return numbers


def resampled(alt_km: Array, ver: Array, grid_km: Array) -> Array:
    """The profile on an even grid, with its column.

    Parameters
    ----------
    alt_km, ver : array (m,)
        The profile, linear between rows, zero outside.
    grid_km : array (k,)

    Returns
    -------
    array (k,)
        Zero or more; their integral over the grid, linear between them, is the profile's.

    Notes
    -----
    The profile's own values, and in every cell with a kink or an end of the profile inside what its column lacks
    of the trapezoid between them, given to the cell's two nodes: what is missing so that its centre of gravity stays,
    what is too much by their values, so that none falls below zero. Kinks on the grid make no difference, and
    nothing reaches beyond the next node (a least-squares fit rings behind a sharp end).
    """
    step = grid_km[1] - grid_km[0]
    inside = (alt_km > grid_km[0]) & (alt_km < grid_km[-1])
    edges = np.unique(np.concatenate([grid_km, alt_km[inside]]))
    edges = edges[(edges >= alt_km[0]) & (edges <= alt_km[-1])]
    value = np.interp(grid_km, alt_km, ver, left=0.0, right=0.0)
    column, above = np.zeros((2, grid_km.size - 1))  # of every cell: the integral, and the share of its upper node
    left, right = edges[:-1], edges[1:]
    middle, width = 0.5 * (left + right), right - left
    cell = np.clip(((middle - grid_km[0]) / step).astype(np.intp), 0, grid_km.size - 2)
    for point, weight in ((left, 1.0 / 6.0), (middle, 4.0 / 6.0), (right, 1.0 / 6.0)):  # Simpson: exact for products
        part = np.interp(point, alt_km, ver) * width * weight
        np.add.at(column, cell, part)
        np.add.at(above, cell, part * (point - grid_km[cell]) / step)
    both = value[:-1] + value[1:]
    lacks = column - 0.5 * step * both
    share = np.where(lacks > 0.0, _ratio(above, column), _ratio(value[1:], both))
    given = np.zeros(grid_km.size)
    given[:-1] += lacks * (1.0 - share)
    given[1:] += lacks * share
    given[1:-1] /= step
    given[[0, -1]] /= 0.5 * step
    return np.maximum(value + given, 0.0)  # rounding


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.full_like(whole, 0.5), where=whole > 0.0)


def profile_csv(low: Array, high: Array) -> str:
    """Text of a profile: names, then rows from 60 to 600 km every 0.25 km.

    Parameters
    ----------
    low : array (6, 281)
    high : array (6, 236)
        Rates on the emission grids [photon cm-3 s-1]. At 130 km the low table holds, except for an
        emission that only the high table has.
    """
    n = round((ALT_HIGH_KM[1] - ALT_LOW_KM[0]) / ALT_LOW_STEP_KM) + 1
    alt_km = np.linspace(ALT_LOW_KM[0], ALT_HIGH_KM[1], n)
    rates = np.empty((len(EMISSIONS), n))
    for k in range(len(EMISSIONS)):
        rates[k, : low.shape[1]] = low[k]
        rates[k, low.shape[1] :] = np.interp(alt_km[low.shape[1] :], high_altitudes_km(), high[k])
        if low[k, -1] == 0.0:
            rates[k, low.shape[1] - 1] = high[k, 0]
    rows = [",".join([f"{z:.2f}", *(f"{v:.6g}" for v in row)]) for z, row in zip(alt_km, rates.T, strict=True)]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"
