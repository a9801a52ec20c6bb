"""`earthlimb view`: the loop that turns input, time and worlds into pictures in a window."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from earthlimb.scene import Scene
from earthlimb.viewer.child import Child
from earthlimb.viewer.frames import Frames
from earthlimb.viewer.input import Input
from earthlimb.viewer.quality import Quality
from earthlimb.viewer.session import Session
from earthlimb.viewer.window import Window
from earthlimb.viewer.worlds import Worlds

_IDLE_S = 0.05
"""How long the loop sleeps where nothing moves; events wake it at once."""
_SOON_S = 0.02
"""How long it sleeps where the background is about to finish something, to which it leaves the processor."""
_SWITCH_S = 1e-3
"""How long the background's thread keeps Python once the window's asks for it: it asks several times in a frame."""


def view(
    scene: Scene,
    name: str = "scene",
    *,
    size: tuple[int, int] | None = None,
    n_frames: int | None = None,
    screenshot: Path | None = None,
    child: Child | None = None,
) -> Quality:
    """Open the window and run until it is closed; returns how smoothly it ran.

    Parameters
    ----------
    scene : Scene
    name : str
        What saved scenes are called after.
    size : (width, height) of the framebuffer; the scene's picture by default, made to fit the screen
    n_frames : int, optional
        End after this many frames, the panel hidden and time standing still, once the picture is settled.
    screenshot : Path, optional
        PNG of what the window shows at the end.
    child : the process of `worlds`, if it has been started

    Raises
    ------
    WorkError
        No display or no OpenGL 4.1.
    """
    worlds, image = Worlds(child), scene.image
    try:
        window = Window(size or (image.width_px, image.height_px), Session(scene, name).title, fit=size is None)
    except BaseException:
        worlds.release()
        raise
    try:
        session = Session(scene, name, size_px=window.size_px)
        if n_frames is not None:
            session.paused, session.panel_shown = True, False
        _run(window, session, n_frames, screenshot, worlds)
        return session.quality
    finally:
        worlds.release()
        window.release()


def _run(
    window: Window,
    session: Session,
    n_frames: int | None,
    screenshot: Path | None,
    worlds: Worlds | None = None,
) -> None:
    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    frames = Frames(session, worlds)
    try:
        with_input = Input(window, session)
        from earthlimb.viewer.overlay import Overlay
        from earthlimb.viewer.panel import draw as draw_panel

        overlay = Overlay(window.handle)
        with_input.overlay = overlay
        window.watch_monitors()
        shown, drew, last = 0, True, time.perf_counter()
        try:
            while not (window.closing or session.should_close):
                now = time.perf_counter()
                with_input.poll(0.0 if drew or frames.loading else _SOON_S if frames.restless else _IDLE_S)
                session.size_px, session.scale = window.size_px, window.pixel_ratio
                session.content_scale = window.content_scale
                with_input.apply(now - last)
                last = now
                session.tidy()
                if 0 in session.size_px:
                    window.glfw.wait_events_timeout(_IDLE_S)
                    continue
                drew = frames.advance()
                frames.show()
                window.says(session.title, exact=session.settled)
                if n_frames is None:
                    overlay.draw(session, (with_input.point, draw_panel), loading=frames.loading)
                shown += 1
                if n_frames is not None and frames.failed is not None:
                    raise frames.failed
                if n_frames is not None and shown >= n_frames and session.settled:
                    if screenshot is not None:
                        frames.save_screen(screenshot)
                    break
                window.swap()
        finally:
            overlay.release()
    finally:
        frames.release()
        sys.setswitchinterval(switch_s)
