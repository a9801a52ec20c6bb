"""Pictures as the planes that encoders take: Y'CbCr 4:2:0 after ITU-R BT.709, limited range."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

_SCALER = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
"""The same bytes whatever vector instructions a machine has: a resumed video may be made on several."""


def planes_of(rgb: NDArray[Any], pix_fmt: str) -> NDArray[Any]:
    """Convert a picture to planes.

    Parameters
    ----------
    rgb : (height, width, 3) uint8 or uint16
        sRGB code values, rows from the top. An odd last row or column is left out: 4:2:0 has none.
    pix_fmt : "yuv420p" or "yuv420p10le"

    Returns
    -------
    (1.5 x height, width) uint8 or uint16
        The rows of Y', then those of Cb and Cr.

    Notes
    -----
    With 8 bits Y' = 16 + 219 (0.2126 R' + 0.7152 G' + 0.0722 B') / 255: ITU-R BT.709-6, items 3.2 and 3.4.

    Examples
    --------
    >>> planes_of(np.full((2, 2, 3), 255, np.uint8), "yuv420p").tolist()
    [[235, 235], [235, 235], [128, 128]]
    """
    height, width = (side - side % 2 for side in rgb.shape[:2])
    source = "rgb24" if rgb.dtype == np.uint8 else "rgb48le"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[:height, :width]), format=source)
    planes = VideoReformatter().reformat(
        frame,
        format=pix_fmt,
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=_SCALER,
    )
    return planes.to_ndarray()
