"""The sidecar: what a picture shows and how it was made, as strict JSON beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from os import PathLike, fspath
from pathlib import Path, PurePath
from typing import Any

import numpy as np


def sidecar_path(path: str | PathLike[str]) -> Path:
    """Return the sidecar's place: `italy.png` has `italy.png.json`."""
    return Path(fspath(path) + ".json")


def sidecar_json(metadata: Mapping[str, Any]) -> str:
    """Turn a frame's metadata into the sidecar's text.

    Parameters
    ----------
    metadata : mapping
        Python and NumPy numbers, arrays, strings, instants, paths, enumerations, and containers of these.

    Returns
    -------
    str
        JSON that every parser reads: null for a value that does not exist (NaN, infinity), instants in UTC.

    Raises
    ------
    TypeError
        When a value has no meaning in JSON.

    Examples
    --------
    >>> sidecar_json({"iss_itrs_km": np.array([6800.5, np.nan])})
    '{\\n  "iss_itrs_km": [\\n    6800.5,\\n    null\\n  ]\\n}\\n'
    """
    return json.dumps(plain(metadata), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Reduce one value to what JSON knows; see `sidecar_json`."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"sidecar: the instant {value} has no zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    raise TypeError(f"sidecar: {type(value).__name__} {value!r} has no meaning in JSON")
