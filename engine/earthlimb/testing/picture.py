"""Comparison of a developed picture with a golden: strict on the driver that made it, by FLIP on any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import WorkError
from earthlimb.output.integer import picture_8bit
from earthlimb.renderer import Frame
from earthlimb.testing.current import running
from earthlimb.testing.diagnosis import diagnose, worst_places
from earthlimb.testing.goldens import Maker, golden_path, read_golden, write_golden
from earthlimb.testing.report import shown, shown_difference, write_page

Pixels = NDArray[np.uint8]

STRICT_STEPS = 1
"""Steps of 255 that are allowed on the same driver: a value on the edge between two steps may fall on either side
with another processor or another NumPy; one driver gives the same bytes whatever its number of threads."""
FLIP_MEAN, FLIP_PATCH, PATCH_PX = 0.03, 0.13, 4
"""Largest mean of FLIP over the picture and over any square of 4 px, on another driver.

Measured on six shipped scenes, November 2026. Between Mesa's llvmpipe and softpipe, 320 x 180: mean at most 0.025,
squares at most 0.081. Defects at 320 x 180 and 96 x 64: a picture moved by one column or row has squares of at least
0.21; without its brightest star at least 0.18 (mean below 0.002: only the squares see it); swapped channels a mean of
at least 0.118.
"""


def assert_picture_close(
    frame: Frame, golden: str, *, flip_mean: float = FLIP_MEAN, flip_patch: float = FLIP_PATCH
) -> None:
    """Fail where the developed picture is not that of the golden; with `--earthlimb-update` make the golden instead.

    Parameters
    ----------
    frame : Frame
        With its developed picture.
    golden : str
        File name (.png) in the folder of goldens.
    flip_mean, flip_patch : float
        Largest mean of FLIP over the picture and over any square of 4 px where another driver made the golden.

    Raises
    ------
    AssertionError
        No golden, a golden that something else has changed, another size or other pixels. On the driver that made the
        golden no channel may differ by more than 1/255; elsewhere FLIP (Andersson et al. 2020, by NVIDIA's evaluator)
        decides. The message says how many pixels differ, where and, where it can tell, why, and names a page.
    UsageError
        No PNG name, a frame without a developed picture, a golden that cannot be read.
    WorkError
        FLIP is needed and not installed.
    """
    __tracebackhide__ = True
    pixels, maker = picture_8bit(frame), Maker.of(frame)
    path = golden_path(golden)
    if running().update:
        write_golden(path, pixels, maker)
        return
    numbers = {"golden": str(path), "picture's driver": str(maker), "earthlimb": maker.earthlimb}
    try:
        want, made_by = read_golden(path)
    except AssertionError as error:
        _fail(golden, str(error), [("picture", pixels)], numbers)
    numbers |= {"golden's driver": str(made_by), "golden's earthlimb": made_by.earthlimb}
    if pixels.shape != want.shape:
        sizes = " and ".join(f"{shape[1]} x {shape[0]}" for shape in (pixels.shape, want.shape))
        _fail(
            golden,
            f"picture {golden}: picture and golden have {sizes} px",
            [("picture", pixels), ("golden", want)],
            numbers,
        )
    if maker.same_driver(made_by):
        _compare_strictly(golden, pixels, want, numbers)
    else:
        _compare_by_flip(golden, pixels, want, numbers, flip_mean, flip_patch)


def flip_map(pixels: Pixels, golden: Pixels) -> NDArray[np.float64]:
    """FLIP (h, w), 0 to 1, of two sRGB pictures at the evaluator's usual 67 px per degree."""
    try:
        from flip_evaluator import evaluate
    except ImportError as error:
        raise WorkError("FLIP: flip_evaluator is missing: pip install 'earthlimb[testing]'") from error
    # The evaluator reads its arrays as contiguous float32.
    reference, test = (np.ascontiguousarray(p, np.float32) / np.float32(255.0) for p in (golden, pixels))
    found = evaluate(reference, test, "LDR", inputsRGB=True, applyMagma=False, computeMeanError=False)[0]
    return np.asarray(found, np.float64).reshape(pixels.shape[:2])


def patch_means(values: NDArray[np.float64], side_px: int = PATCH_PX) -> NDArray[np.float64]:
    """Means over every square of the side (or of the picture's, where that is smaller)."""
    ny, nx = (min(side_px, n) for n in values.shape)
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    return np.asarray((total[ny:, nx:] - total[:-ny, nx:] - total[ny:, :-nx] + total[:-ny, :-nx]) / (ny * nx))


def _compare_strictly(golden: str, pixels: Pixels, want: Pixels, numbers: Mapping[str, object]) -> None:
    __tracebackhide__ = True
    difference = np.abs(pixels.astype(int) - want.astype(int)).max(axis=2)
    mask = difference > STRICT_STEPS
    if not mask.any():
        return
    _differ(
        golden,
        f"picture {golden}: {mask.sum()} of {mask.size} pixels ({mask.sum() / mask.size:.2%}) differ by more than "
        f"{STRICT_STEPS}/255 on the driver that made the golden; largest difference {difference.max()}/255",
        pixels,
        want,
        mask,
        numbers,
    )


def _compare_by_flip(
    golden: str, pixels: Pixels, want: Pixels, numbers: Mapping[str, object], most_mean: float, most_patch: float
) -> None:
    __tracebackhide__ = True
    flip = flip_map(pixels, want)
    patches = patch_means(flip)
    row, column = np.unravel_index(int(patches.argmax()), patches.shape)
    mean, patch = float(flip.mean()), float(patches.max())
    if mean <= most_mean and patch <= most_patch:
        return
    _differ(
        golden,
        f"picture {golden}: FLIP mean {mean:.4f} (at most {most_mean:g}), worst square of {PATCH_PX} px {patch:.4f} "
        f"(at most {most_patch:g}) at column {column}, row {row}; another driver made the golden",
        pixels,
        want,
        flip > most_patch,
        dict(numbers) | {"FLIP mean": f"{mean:.5f}", f"FLIP, worst square of {PATCH_PX} px": f"{patch:.5f}"},
        [("FLIP", shown((flip * 255.0).round().astype(np.uint8)))],
    )


def _differ(
    golden: str,
    text: str,
    pixels: Pixels,
    want: Pixels,
    mask: NDArray[np.bool_],
    numbers: Mapping[str, object],
    more: list[tuple[str, Pixels]] | None = None,
) -> NoReturn:
    __tracebackhide__ = True
    difference = np.abs(pixels.astype(float) - want.astype(float)).max(axis=2)
    lines = [text]
    for row, column in worst_places(difference):
        got, reference = (" ".join(map(str, p[row, column])) for p in (pixels, want))
        lines.append(f"  column {column}, row {row}: {got} instead of {reference}")
    why = diagnose(pixels, want)
    lines += [f"  {why}"] if why else []
    pictures = [
        ("picture", pixels),
        ("golden", want),
        ("difference: lighter where the picture has more", shown_difference(pixels, want)),
        ("mask: white where it is not close", shown(mask)),
    ]
    numbers = dict(numbers) | {
        "pixels that differ": f"{mask.sum()} of {mask.size}",
        "largest difference": f"{difference.max():g}/255",
        "mean difference": f"{difference.mean():.4g}/255",
    }
    _fail(golden, "\n".join(lines), pictures + (more or []), numbers)


def _fail(golden: str, message: str, pictures: list[tuple[str, Pixels]], numbers: Mapping[str, object]) -> NoReturn:
    __tracebackhide__ = True
    page = write_page(f"{golden} differs", message, pictures, numbers)
    raise AssertionError(f"{message}\n  {page}") from None
