"""Comparison of one layer of the linear picture, in its own unit, with an array, a frame or an EXR file."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenEXR
from numpy.typing import ArrayLike, NDArray

from earthlimb.errors import UsageError
from earthlimb.renderer import Frame
from earthlimb.testing.diagnosis import diagnose, worst_places
from earthlimb.testing.report import shown, shown_difference, write_page

Reference = Frame | str | PathLike[str] | ArrayLike

MAY_BE_MISSING: Final = ("geometry.range_km",)
"""Layers in which NaN says that there is nothing: the ray misses the ground."""
_TURNS: Final = {"geometry.lon_deg": 360.0}


def unit_of(name: str) -> str:
    """Unit of a layer, of `rgb_linear` or of `electrons`.

    Examples
    --------
    >>> unit_of("airglow.oi558"), unit_of("geometry.lat_deg"), unit_of("stars")
    ('rayleigh', 'deg', 'cd m-2')
    """
    if name.startswith("airglow."):
        return "rayleigh"
    if name == "electrons":
        return "electrons"
    if name.startswith("geometry."):
        return name.rpartition("_")[2]
    return "cd m-2"


def layer_of(frame: Frame, name: str) -> NDArray[np.float32]:
    """A layer of the frame by its name, or its `rgb_linear` or `electrons`."""
    if name in ("rgb_linear", "electrons"):
        array: NDArray[np.float32] | None = getattr(frame, name)
        if array is None:
            raise UsageError(f"{name}: this frame was rendered without it: render the frame again with that stage")
        return array
    return frame.layer(name)


def read_reference(reference: Reference, name: str) -> NDArray[Any]:
    """The reference as an array: taken from a frame or an EXR file by the layer's name."""
    if isinstance(reference, Frame):
        return layer_of(reference, name)
    if isinstance(reference, str | PathLike):
        return _from_exr(Path(reference), name)
    return np.asarray(reference)


def assert_layer_close(frame: Frame, name: str, reference: Reference, *, atol: float, rtol: float) -> None:
    """Fail where a layer is further from the reference than `atol + rtol * |reference|`.

    Parameters
    ----------
    frame : Frame
    name : str
        A layer of the linear picture, `rgb_linear` or `electrons`.
    reference : Frame, path of an EXR file, or array
        (h, w) or (h, w, 3) in the layer's unit, rows from the top.
    atol : float
        In the layer's unit.
    rtol : float
        Share of the reference.

    Raises
    ------
    AssertionError
        Another shape or different values: the message says how many, where, by how much and, where it can tell, why
        (shifted, flipped, swapped, another unit), and names a page with the pictures. NaN fails except in
        `geometry.range_km`, where it must stand in the same places; infinity always fails. Longitudes are compared
        around the circle.
    UsageError
        The frame or the file has no such layer.
    """
    __tracebackhide__ = True
    got, want = layer_of(frame, name), read_reference(reference, name)
    unit = unit_of(name)
    if got.shape != want.shape:
        message = f"{name}: {_shape_text(got.shape, want.shape)}"
        page = write_page(f"{name} differs", message, [("picture", shown(got))], {"layer": f"{name} [{unit}]"})
        raise AssertionError(f"{message}\n  {page}")
    with np.errstate(invalid="ignore"):  # infinity in both
        difference = got.astype(np.float64) - want.astype(np.float64)
    if name in _TURNS:
        difference -= _TURNS[name] * np.round(difference / _TURNS[name])
    allowed = atol + rtol * np.nan_to_num(np.abs(want.astype(np.float64)), posinf=0.0)
    both_missing = np.isnan(got) & np.isnan(want) if name in MAY_BE_MISSING else np.zeros(got.shape, bool)
    bad = ~((np.abs(difference) <= allowed) | both_missing)
    if not bad.any():
        return
    mask = bad.any(axis=2) if bad.ndim == 3 else bad
    _fail(name, unit, got, want, difference, mask, f"{atol:g} {unit} + {rtol:g} of the reference")


def _fail(
    name: str,
    unit: str,
    got: NDArray[np.float32],
    want: NDArray[Any],
    difference: NDArray[np.float64],
    mask: NDArray[np.bool_],
    allowed: str,
) -> None:
    __tracebackhide__ = True
    size = np.where(np.isfinite(difference), np.abs(difference), 0.0)
    excess = np.where(np.isfinite(difference), size, np.inf)
    ranked = np.where(mask, excess.max(axis=2) if excess.ndim == 3 else excess, 0.0)
    share = mask.sum() / mask.size
    lines = [
        f"{name}: {mask.sum()} of {mask.size} pixels ({share:.2%}) differ by more than {allowed}; "
        f"largest difference {size.max():.6g} {unit}, mean {size.mean():.6g} {unit}"
    ]
    lines += [
        f"  column {column}, row {row}: {_value(got[row, column])} {unit} instead of {_value(want[row, column])} {unit}"
        for row, column in worst_places(ranked)
    ]
    for who, array in (("the frame", got), ("the reference", want)):
        n_bad = int(np.count_nonzero(np.isinf(array) if name in MAY_BE_MISSING else ~np.isfinite(array)))
        if n_bad:
            lines.append(f"  {who} has {n_bad} values that are NaN or infinite: this layer must not have any")
    n_missing = int(np.count_nonzero(np.isnan(got) != np.isnan(want)))
    if name in MAY_BE_MISSING and n_missing:
        lines.append(f"  NaN (the ray misses the ground) stands in one and not in the other at {n_missing} pixels")
    why = diagnose(got, want)
    lines += [f"  {why}"] if why else []
    message = "\n".join(lines)
    page = write_page(
        f"{name} differs",
        message,
        [
            ("picture", shown(got)),
            ("reference", shown(want)),
            ("difference: lighter where the picture has more", shown_difference(got, want)),
            ("mask: white where it is not close", shown(mask)),
        ],
        {
            "layer": f"{name} [{unit}]",
            "allowed": allowed,
            "pixels that differ": f"{mask.sum()} of {mask.size}",
            f"largest difference [{unit}]": f"{size.max():.6g}",
            f"mean difference [{unit}]": f"{size.mean():.6g}",
            f"mean of picture, of reference [{unit}]": ", ".join(f"{_mean(array):.6g}" for array in (got, want)),
        },
    )
    raise AssertionError(f"{message}\n  {page}")


def _mean(array: NDArray[Any]) -> float:
    known = array[np.isfinite(array)]
    return float(known.mean(dtype=np.float64)) if known.size else np.nan


def _value(pixel: NDArray[Any]) -> str:
    return " ".join(f"{float(v):.6g}" for v in np.atleast_1d(pixel))


def _shape_text(got: tuple[int, ...], want: tuple[int, ...]) -> str:
    text = f"the picture has the shape {got} (rows, columns), the reference {want}"
    if len(want) >= 2 and want[:2] == got[1::-1]:
        return f"{text}: the reference's rows and columns are exchanged"
    if want[:2] == got[:2]:
        return f"{text}: the number of channels differs"
    return f"{text}: render both in the same size"


def _from_exr(path: Path, name: str) -> NDArray[np.float32]:
    if not path.is_file():
        raise UsageError(f"{path}: no such file: the reference of {name} is wanted: save it with Frame.save")
    try:
        channels = OpenEXR.File(str(path), separate_channels=True).channels()
    except RuntimeError as error:
        raise UsageError(f"{path}: {error}: an OpenEXR file is wanted") from None
    stem = "" if name in ("rgb_linear", "electrons") else f"{name}."
    if name in channels:
        return np.asarray(channels[name].pixels)
    colour = [f"{stem}{letter}" for letter in "RGB"]
    if all(channel in channels for channel in colour):
        return np.stack([channels[channel].pixels for channel in colour], axis=-1)
    raise UsageError(f"{path}: no layer {name}: it has the channels {', '.join(sorted(channels))}: choose one of them")
