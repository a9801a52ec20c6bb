"""Labels drawn into a finished picture, for those who ask for them in what is saved."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from earthlimb.renderer.frame import Frame
from earthlimb.viewer.labels import Overlays, declutter, labels_of

LABEL_COLOURS = {
    "star": (190, 215, 255),
    "constellation": (140, 165, 255),
    "town": (255, 205, 140),
    "height": (150, 240, 190),
}


def font_path() -> Path | None:
    """Roboto (Apache 2.0) of the imgui-bundle wheel, which has the letters of European names; None without it."""
    spec = find_spec("imgui_bundle")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "assets" / "fonts" / "Roboto" / "Roboto-Regular.ttf"
    return path if path.is_file() else None


def with_labels(frame: Frame, overlays: Overlays) -> Frame:
    """The frame with the labels of the overlays drawn into its developed picture; the other stages stay.

    Letters are a fiftieth of the picture's height, at least 9 px.
    """
    if frame.picture is None or not overlays.any:
        return frame
    size_px = max(frame.height_px / 50.0, 9.0)
    path = font_path()
    font = ImageFont.load_default(size_px) if path is None else ImageFont.truetype(str(path), size_px)
    layer = Image.new("RGBA", (frame.width_px, frame.height_px), (0, 0, 0, 0))
    paint = ImageDraw.Draw(layer)
    labels = labels_of(frame.world, overlays)
    for line in labels.lines:
        for piece in line.pieces:
            paint.line([tuple(p) for p in piece.tolist()], fill=(*LABEL_COLOURS["height"], 120), width=1)
    mark = 0.25 * size_px
    for label in declutter(labels.points, 0.5 * size_px, 1.2 * size_px, right_px=frame.width_px):
        colour = (*LABEL_COLOURS[label.kind], 235)
        x, y = label.x_px, label.y_px
        if label.kind == "star":
            paint.ellipse((x - mark, y - mark, x + mark, y + mark), outline=colour)
        elif label.kind == "town":
            paint.rectangle((x - 0.5 * mark, y - 0.5 * mark, x + 0.5 * mark, y + 0.5 * mark), outline=colour)
        middle = label.kind == "constellation"
        at, anchor = ((x, y), "mm") if middle else ((x + 2.0 * mark, y), "lm")
        paint.text(at, label.text, fill=colour, font=font, anchor=anchor, stroke_width=1, stroke_fill=(0, 0, 0, 160))
    over = np.asarray(layer, np.float32) / np.float32(255.0)
    share = over[..., 3:]
    picture = frame.picture * (1.0 - share) + over[..., :3] * share
    return replace(frame, picture=picture.astype(np.float32), picture8=None)
