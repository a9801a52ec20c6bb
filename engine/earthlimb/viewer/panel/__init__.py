"""The panel over the picture: messages and progress."""

from __future__ import annotations

from imgui_bundle import imgui

from earthlimb.viewer.session import Session

_ERROR = imgui.ImVec4(1.0, 0.55, 0.45, 1.0)


def draw(session: Session) -> None:
    """Draw everything that lies over the picture; called once a frame inside of an imgui frame."""
    flags = imgui.WindowFlags_
    plain = flags.no_decoration | flags.no_inputs | flags.always_auto_resize | flags.no_saved_settings | flags.no_nav
    if not session.messages and not session.progress:
        return
    imgui.set_next_window_pos(imgui.ImVec2(12, 12))
    imgui.set_next_window_bg_alpha(0.6)
    imgui.begin("messages", None, plain)
    for message in session.messages:
        if message.kind == "error":
            imgui.text_colored(_ERROR, message.text)
        else:
            imgui.text(message.text)
    for name, share in session.progress.items():
        imgui.progress_bar(share, imgui.ImVec2(320, 0), name)
    imgui.end()
