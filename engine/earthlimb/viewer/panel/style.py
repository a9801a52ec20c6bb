"""Letters and colours of the panel: sharp at any density of pixels, dim enough for a night picture."""

from __future__ import annotations

from imgui_bundle import imgui, implot

from earthlimb.viewer.label_paint import font_path
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.session import Session

FONT_PX = 15.0


def apply(session: Session, state: PanelState) -> None:
    """Once for each imgui context the font, colours and the plots' context; in every frame the size of letters."""
    context = id(imgui.get_current_context())
    # a new context may have a former one's number, but not its plots
    if state.cache.get("style", (None, None))[0] != context or implot.get_current_context() is None:
        state.cache["style"] = (context, None)
        _start()
    wanted = min(max(state.ui_scale * session.content_scale / max(session.scale, 1e-3), 0.5), 6.0)
    if state.cache["style"][1] != wanted:
        state.cache["style"] = (context, wanted)
        _grow(wanted)


def _grow(scale: float) -> None:
    """Letters, and with them what lies between and around them."""
    style, plain = imgui.get_style(), imgui.Style()
    style.font_scale_main = scale
    for name in ("window_padding", "frame_padding", "item_spacing", "item_inner_spacing", "cell_padding"):
        size = getattr(plain, name)
        setattr(style, name, imgui.ImVec2(round(size.x * scale), round(size.y * scale)))
    for name in ("indent_spacing", "scrollbar_size", "grab_min_size"):
        setattr(style, name, round(getattr(plain, name) * scale))
    style.window_rounding = style.frame_rounding = 3.0 * scale


def _start() -> None:
    fonts = imgui.get_io().fonts
    path = font_path()
    if path is not None:
        imgui.get_io().font_default = fonts.add_font_from_file_ttf(str(path), FONT_PX)
    if implot.get_current_context() is None:
        implot.create_context()
    imgui.style_colors_dark()
    style = imgui.get_style()
    style.window_border_size = 0.0
    for name, colour in (
        (imgui.Col_.window_bg, (0.04, 0.05, 0.06, 1.0)),
        (imgui.Col_.header, (0.16, 0.20, 0.24, 1.0)),
        (imgui.Col_.header_hovered, (0.22, 0.28, 0.33, 1.0)),
        (imgui.Col_.frame_bg, (0.12, 0.14, 0.17, 1.0)),
        (imgui.Col_.text, (0.86, 0.86, 0.84, 1.0)),
        (imgui.Col_.text_disabled, (0.58, 0.60, 0.62, 1.0)),
    ):
        style.set_color_(name, imgui.ImVec4(*colour))
