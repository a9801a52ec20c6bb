"""Where the scene's timeline is, in the panel: its second, its length, its keys, a slider that moves along it."""

from __future__ import annotations

from imgui_bundle import imgui

from earthlimb.viewer.panel.numbers import number_field, parse_number
from earthlimb.viewer.panel.widgets import tip
from earthlimb.viewer.session import Session

_KEY_PX = 2.0
_TIP = (
    "the scene's [video]: what its keys and manoeuvres do at this second; before its beginning and after its end it "
    "stays as it is there. Marks are keys and manoeuvres"
)


def timeline(session: Session) -> None:
    """A line with the second and the length, and the slider; nothing where the scene has no timeline."""
    if session.timeline is None or not session.timeline.exists:
        return
    video = session.scene.video
    now_s, end_s = video.begin_s, video.duration_s
    imgui.text(f"timeline: {now_s:.1f} s of {end_s:g} s{_beside(now_s, end_s)}")
    imgui.set_next_item_width(-1)
    at_s, clamp = min(max(now_s, 0.0), end_s), imgui.SliderFlags_.always_clamp
    wanted_s = number_field(
        session,
        "##timeline",
        "timeline",
        f"{at_s:.1f}",
        lambda: imgui.slider_float("##timeline", at_s, 0.0, end_s, "%.1f s", clamp),
        lambda text: min(max(parse_number(text, "s"), 0.0), end_s),
    )
    tip(_TIP)
    _marks([*(key.at_s for key in video.key), *(event.at_s for event in video.event)], end_s)
    if wanted_s is not None:
        session.step(float(wanted_s) - now_s)


def _beside(now_s: float, end_s: float) -> str:
    return ", not begun" if now_s < 0.0 else ", over" if now_s >= end_s else ""


def _marks(times_s: list[float], end_s: float) -> None:
    """Small marks at the lower edge of the last item."""
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    colour = imgui.get_color_u32(imgui.Col_.text_disabled)
    inset = 0.5 * imgui.get_style().grab_min_size + 2.0  # the slider's own ends, where its grip stands at 0 and 1
    for share in {time_s / end_s for time_s in times_s if time_s <= end_s}:
        x = low.x + inset + share * (high.x - low.x - 2.0 * inset)
        imgui.get_window_draw_list().add_rect_filled(
            imgui.ImVec2(x - 0.5 * _KEY_PX, high.y - 2.0 * _KEY_PX), imgui.ImVec2(x + 0.5 * _KEY_PX, high.y), colour
        )
