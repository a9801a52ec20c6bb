"""Comparison along the limb: the mean of a layer against tangent height."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.errors import UsageError
from earthlimb.renderer import Frame
from earthlimb.testing.layers import MAY_BE_MISSING, layer_of, read_reference, unit_of
from earthlimb.testing.report import curves_svg, shown, write_page

Floats = NDArray[np.float64]

_FEWEST_HEIGHTS = 5
_FURTHEST_KM = 15.0


@dataclass(frozen=True)
class LimbProfile:
    """Mean of a layer at tangent heights.

    Attributes
    ----------
    tangent_km : (n,) middle of each step
    values : (n,) or (n, 3), in the layer's unit; NaN at a height that no pixel sees
    """

    tangent_km: Floats
    values: Floats


def limb_profile(
    frame: Frame,
    name: str,
    *,
    from_km: float = 60.0,
    to_km: float = 130.0,
    step_km: float = 2.0,
    columns: slice = slice(None),
) -> LimbProfile:
    """Mean of a layer in steps of tangent height.

    Parameters
    ----------
    frame : Frame
    name : str
        A layer, `rgb_linear` or `electrons`.
    from_km, to_km, step_km : float
        Heights of the profile.
    columns : slice
        The picture's columns that take part.
    """
    return _profile(layer_of(frame, name), _heights(frame), from_km, to_km, step_km, columns)


def assert_limb_profile_close(
    frame: Frame,
    name: str,
    reference: Frame | str | PathLike[str] | LimbProfile | ArrayLike,
    *,
    atol: float,
    rtol: float,
    from_km: float = 60.0,
    to_km: float = 130.0,
    step_km: float = 2.0,
    columns: slice = slice(None),
) -> None:
    """Fail where the mean at a tangent height is further from the reference than `atol + rtol * |reference|`.

    Parameters
    ----------
    frame : Frame
    name : str
        A layer, `rgb_linear` or `electrons`.
    reference : Frame, path of an EXR file, LimbProfile, or array
        A frame or a file is averaged in the same way, with its own tangent heights; it may have another size.
        An array has the columns tangent height (km) and value, or three values for a colour layer, and is taken
        linearly between its heights; heights outside of it do not take part.
    atol, rtol : float
        In the layer's unit, and as a share of the reference.
    from_km, to_km, step_km, columns
        See `limb_profile`.

    Raises
    ------
    AssertionError
        Different values: the message says at which heights and by how much, whether another unit or a shift in
        height explains it, and names a page with the curves.
    UsageError
        Fewer than five heights are seen by both.
    """
    __tracebackhide__ = True
    got = limb_profile(frame, name, from_km=from_km, to_km=to_km, step_km=step_km, columns=columns)
    z = got.tangent_km
    if isinstance(reference, Frame):
        want = limb_profile(reference, name, from_km=from_km, to_km=to_km, step_km=step_km, columns=columns).values
    elif isinstance(reference, str | PathLike):
        heights = read_reference(reference, "geometry.tangent_km")
        want = _profile(read_reference(reference, name), heights, from_km, to_km, step_km, columns).values
    else:
        want = _at_heights(reference, z, got.values.ndim)
    both = np.isfinite(got.values.reshape(len(z), -1)).all(axis=1) & np.isfinite(want.reshape(len(z), -1)).all(axis=1)
    n_bad = int(np.count_nonzero(~np.isfinite(layer_of(frame, name))))
    if n_bad and name not in MAY_BE_MISSING:
        raise AssertionError(f"{name}: {n_bad} values of the frame are NaN or infinite: this layer must not have any")
    if both.sum() < _FEWEST_HEIGHTS:
        raise UsageError(
            f"{name}: only {both.sum()} heights from {from_km:g} to {to_km:g} km are seen by picture and reference: "
            f"at least {_FEWEST_HEIGHTS} are needed: use a longer step_km or other heights"
        )
    z, g, w = z[both], got.values[both], want[both]
    outside = np.asarray((np.abs(g - w) > atol + rtol * np.abs(w)).reshape(len(z), -1).any(axis=1))
    if not outside.any():
        return
    _fail(frame, name, z, g, w, outside, f"{atol:g} {unit_of(name)} + {rtol:g} of the reference")


def _fail(frame: Frame, name: str, z: Floats, g: Floats, w: Floats, outside: NDArray[np.bool_], allowed: str) -> None:
    __tracebackhide__ = True
    unit = unit_of(name)
    excess = np.abs(g - w).reshape(len(z), -1)
    worst = np.argsort(np.where(outside, excess.max(axis=1), -1.0))[::-1][:3]
    lines = [f"{name}: {outside.sum()} of {len(z)} tangent heights differ by more than {allowed}"]
    lines += [f"  {z[i]:g} km: {_values(g[i])} {unit} instead of {_values(w[i])} {unit}" for i in worst if outside[i]]
    why = _why(z, g, w)
    lines += [f"  {why}"] if why else []
    message = "\n".join(lines)
    curves: dict[str, Floats] = {}
    for label, values in (("picture", g), ("reference", w)):
        curves[label] = values if values.ndim == 1 else values.mean(axis=1)
    numbers = {f"{h:g} km [{unit}]": f"{_values(a)} / {_values(b)}" for h, a, b in zip(z, g, w, strict=True)}
    page = write_page(
        f"limb profile of {name} differs",
        message,
        [("picture", shown(layer_of(frame, name)))],
        {"allowed": allowed, "height": "picture / reference"} | numbers,
        curves_svg(z, curves),
    )
    raise AssertionError(f"{message}\n  {page}")


def _why(z: Floats, g: Floats, w: Floats) -> str:
    """A factor or a shift in height that takes at least three quarters of the difference away."""
    g1, w1 = (v if v.ndim == 1 else v.mean(axis=1) for v in (g, w))
    found = []
    total = float(np.dot(w1, w1))
    if total > 0.0:
        factor = float(np.dot(g1, w1)) / total
        found.append((float(np.abs(g1 - factor * w1).sum()), f"the picture has {factor:.4g} times the reference"))
    for shift in np.arange(-_FURTHEST_KM, _FURTHEST_KM + 0.05, 0.1):
        inside = (z - shift >= z[0]) & (z - shift <= z[-1])
        if inside.sum() < _FEWEST_HEIGHTS or abs(shift) < 0.05:
            continue
        left = float(np.abs(g1[inside] - np.interp(z[inside] - shift, z, w1)).mean()) * len(z)
        found.append((left, f"the picture's limb stands {abs(shift):.1f} km {'higher' if shift > 0 else 'lower'}"))
    left, text = min(found, default=(np.inf, ""))
    return text if left < 0.25 * float(np.abs(g1 - w1).sum()) else ""


def _profile(
    layer: NDArray[np.generic],
    heights: NDArray[np.generic],
    from_km: float,
    to_km: float,
    step_km: float,
    columns: slice,
) -> LimbProfile:
    n = round((to_km - from_km) / step_km)
    z = from_km + step_km * (np.arange(n) + 0.5)
    index = np.floor((heights[:, columns].astype(np.float64) - from_km) / step_km)
    inside = (index >= 0) & (index < n)
    pixels = layer[:, columns][inside].astype(np.float64)
    bins = index[inside].astype(int)
    counts = np.bincount(bins, minlength=n)
    sums = [np.bincount(bins, column, minlength=n) for column in pixels.reshape(len(bins), -1).T]
    with np.errstate(invalid="ignore"):
        means = np.asarray(np.stack(sums, axis=1) / counts[:, None], np.float64)
    return LimbProfile(np.asarray(z), means[:, 0] if layer.ndim == 2 else means)


def _heights(frame: Frame) -> NDArray[np.float32]:
    return frame.layer("geometry.tangent_km")


def _at_heights(reference: LimbProfile | ArrayLike, z: Floats, ndim: int) -> Floats:
    if isinstance(reference, LimbProfile):
        table = np.column_stack([reference.tangent_km, reference.values])
    else:
        table = np.asarray(reference, np.float64)
    n_values = 1 if ndim == 1 else 3
    if table.ndim != 2 or table.shape[1] != 1 + n_values:
        raise UsageError(
            f"reference: an array of the shape {table.shape}: (n, {1 + n_values}) is wanted: "
            "give the tangent height (km) and the value in columns"
        )
    table = table[np.isfinite(table).all(axis=1)]
    table = table[np.argsort(table[:, 0])]
    values = [np.interp(z, table[:, 0], column, left=np.nan, right=np.nan) for column in table[:, 1:].T]
    return values[0] if ndim == 1 else np.stack(values, axis=1)


def _values(row: NDArray[np.float64]) -> str:
    return " ".join(f"{float(v):.6g}" for v in np.atleast_1d(row))
