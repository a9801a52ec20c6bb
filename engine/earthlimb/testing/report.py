"""The page about one failed comparison: picture, reference, difference, mask and numbers in one HTML file."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from earthlimb.testing.current import PAGE, page_stem, running

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em; background: #16181c; color: #e6e6e6 }
h1 { font-size: 1.15em } pre { white-space: pre-wrap; background: #22252b; padding: 1em }
figure { display: inline-block; margin: 0 1em 1em 0; vertical-align: top } figcaption { color: #a9b1bd }
img { image-rendering: pixelated; width: min(44vw, 640px); display: block; border: 1px solid #444 }
td { padding: .1em 1.5em .1em 0; vertical-align: top } td:first-child { color: #a9b1bd }
"""


def shown(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Make an array (h, w) or (h, w, 3) visible in 8 bits.

    8-bit pictures and masks as they are; radiance under a square root up to its 99.9th percentile; what also goes
    far below zero (heights, longitudes) linearly from least to most. NaN becomes mid-grey.
    """
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype == np.uint8:
        return values.astype(np.uint8)
    v = values.astype(np.float64)
    known = v[np.isfinite(v)]
    if not known.size:
        return np.full(v.shape, 128, np.uint8)
    top = max(float(np.quantile(known, 0.999)), 1e-30)
    low = float(known.min())
    scaled = (
        np.sqrt(np.clip(v / top, 0.0, 1.0)) if low > -0.1 * top else (v - low) / max(float(known.max()) - low, 1e-30)
    )
    return np.asarray(np.nan_to_num(scaled * 255.0, nan=128.0, posinf=255.0, neginf=0.0)).round().astype(np.uint8)


def shown_difference(got: NDArray[np.generic], reference: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Grey where both agree, lighter where the picture has more; a square root lifts small differences."""
    d = np.nan_to_num(got.astype(np.float64) - reference.astype(np.float64), posinf=0.0, neginf=0.0)
    share = d / max(float(np.abs(d).max()), 1e-30)
    return np.asarray(128.0 + 127.0 * np.sign(share) * np.sqrt(np.abs(share))).round().astype(np.uint8)


def curves_svg(x: NDArray[np.float64], curves: Mapping[str, NDArray[np.float64]]) -> str:
    """Curves over tangent height as an SVG drawing, each normalised to the largest value of all."""
    known = [v[np.isfinite(v)] for v in curves.values()]
    top = max((float(np.abs(v).max()) for v in known if v.size), default=1.0) or 1.0
    span = max(float(x.max() - x.min()), 1e-9)
    lines = []
    for (name, values), colour in zip(curves.items(), ("#ffb454", "#59c2ff", "#aad94c"), strict=False):
        ok = np.isfinite(values)
        points = " ".join(
            f"{20 + 600 * (a - x.min()) / span:.1f},{280 - 250 * b / top:.1f}"
            for a, b in zip(x[ok], values[ok], strict=True)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        lines.append(f'<text x="440" y="{20 * len(lines) // 2 + 10}" fill="{colour}">{html.escape(name)}</text>')
    axis = f'<text x="20" y="298" fill="#a9b1bd">{x.min():.0f} to {x.max():.0f} km, up to {top:.6g}</text>'
    return f'<svg viewBox="0 0 640 300" width="640" height="300">{"".join(lines)}{axis}</svg>'


def write_page(
    title: str,
    message: str,
    pictures: Sequence[tuple[str, NDArray[np.uint8]]],
    numbers: Mapping[str, object],
    drawing: str = "",
) -> str:
    """Write the page into the report folder and tell where it is.

    Parameters
    ----------
    title, message : str
    pictures : sequence of (caption, (h, w) or (h, w, 3) uint8)
    numbers : mapping
        Names and values of the table.
    drawing : str
        SVG.

    Returns
    -------
    str
        The line for the assertion's message: the page, or why there is none.
    """
    test = running()
    test.n_pages += 1
    page = test.report / f"{page_stem(test)}-{test.n_pages}.html"
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{_png(pixels)}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        for caption, pixels in pictures
    )
    rows = "".join(
        f"<tr><td>{html.escape(str(name))}</td><td>{html.escape(str(value))}</td></tr>"
        for name, value in ({"test": test.name} | dict(numbers)).items()
    )
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1><pre>{html.escape(message)}</pre>"
        f"{figures}{drawing}<table>{rows}</table></html>\n"
    )
    try:
        test.report.mkdir(parents=True, exist_ok=True)
        (test.report / ".gitignore").write_text("*\n", encoding="utf-8")
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"no page: {test.report}: {error.strerror or error}"
    test.written.append((PAGE, str(page)))
    return f"page: {page}"


def _png(pixels: NDArray[np.uint8]) -> str:
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, format="PNG")
    return b64encode(encoded.getvalue()).decode()
