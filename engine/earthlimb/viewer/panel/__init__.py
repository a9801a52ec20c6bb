"""Everything that lies over the picture: labels, read-out, panel, help, about, messages and progress."""

from __future__ import annotations

from imgui_bundle import imgui

from earthlimb.viewer.panel import over, pages, sections, style
from earthlimb.viewer.session import Session

_MARGIN = 12.0
_ERROR = imgui.ImVec4(1.0, 0.55, 0.45, 1.0)


def draw(session: Session) -> None:
    """Draw everything that lies over the picture; called once a frame inside of an imgui frame."""
    state = session.panel
    style.apply(session, state)
    over.draw_labels(session, state)
    readout = over.read_cursor(session, state) if session.panel_shown else None
    if session.panel_shown:
        beside = over.draw_readout(session, state, readout)
        _panel(session, None if beside or not state.readout_shown else readout, readout)
    else:
        state.free_width = None
    pages.draw_help(session)
    pages.draw_about(session, state)
    _messages(session)


def _panel(session: Session, inside: over.Readout | None, readout: over.Readout | None) -> None:
    """The panel itself, at the right edge over the whole height; its left edge can be dragged."""
    screen = imgui.get_io().display_size
    wide = min(session.panel.wide or over.PANEL_EM * imgui.get_font_size(), 0.6 * screen.x)
    room = screen.x, imgui.get_font_size()
    fresh = session.panel.room != room  # then the panel gets the width that is wished for, as far as there is room
    imgui.set_next_window_pos(imgui.ImVec2(screen.x, 0.0), imgui.Cond_.always, imgui.ImVec2(1.0, 0.0))
    imgui.set_next_window_size(imgui.ImVec2(wide, screen.y), imgui.Cond_.always if fresh else imgui.Cond_.once)
    least = imgui.ImVec2(min(12.0 * imgui.get_font_size(), 0.6 * screen.x), screen.y)
    imgui.set_next_window_size_constraints(least, imgui.ImVec2(max(0.6 * screen.x, least.x), screen.y))
    imgui.set_next_window_bg_alpha(0.88)
    flags = imgui.WindowFlags_
    bare = flags.no_title_bar | flags.no_move | flags.no_saved_settings | flags.no_collapse
    imgui.begin("panel", None, bare)
    imgui.text_disabled("Tab hides, F1 keys, F2 about")
    session.panel.free_width = imgui.get_window_pos().x
    now = imgui.get_window_size().x
    if not fresh and abs(now - session.panel.shown_wide) > 0.5:
        session.panel.wide = now  # its edge was dragged
    session.panel.room, session.panel.shown_wide = room, now
    if inside is not None:  # the window is too narrow for both
        over.readout_table(inside, beside=False)
    sections.draw(session, session.panel, readout)
    imgui.end()


def _messages(session: Session) -> None:
    if not session.messages and not session.progress:
        return
    flags = imgui.WindowFlags_
    plain = flags.no_decoration | flags.no_inputs | flags.always_auto_resize | flags.no_saved_settings | flags.no_nav
    imgui.set_next_window_pos(imgui.ImVec2(_MARGIN, _MARGIN))
    imgui.set_next_window_bg_alpha(0.7)
    imgui.begin("messages", None, plain | flags.no_focus_on_appearing)
    inner = imgui.get_style().window_padding.x
    wide = max(min(0.6 * imgui.get_io().display_size.x, over.free_width(session) - 2.0 * _MARGIN - inner), 100.0)
    imgui.push_text_wrap_pos(wide)
    for message in session.messages:
        if message.kind == "error":
            imgui.push_style_color(imgui.Col_.text, _ERROR)
            imgui.text_unformatted(message.text)
            imgui.pop_style_color()
        else:
            imgui.text_unformatted(message.text)
    bar = min(20.0 * imgui.get_font_size(), wide - inner)
    for name, share in session.progress.items():
        if imgui.calc_text_size(name).x > bar:  # it would be cut at both ends
            imgui.text_unformatted(name)
        imgui.progress_bar(share, imgui.ImVec2(bar, 0), name if imgui.calc_text_size(name).x <= bar else "")
    imgui.pop_text_wrap_pos()
    imgui.end()
