"""The photograph that a key takes: ordered from the darkroom, shown when it is done, cancelled by another key."""

from __future__ import annotations

from earthlimb.errors import EarthlimbError
from earthlimb.output.atomic import check_target
from earthlimb.scene import Scene
from earthlimb.scene.camera import AutoShutter
from earthlimb.viewer.actions import free_path
from earthlimb.viewer.darkroom import Darkroom, Print
from earthlimb.viewer.session import Session


class Photo:
    """One at a time; `session.taking` says to everyone that one is being made."""

    def __init__(self, session: Session, darkroom: Darkroom) -> None:
        self._session, self._darkroom = session, darkroom
        self._scene: Scene | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being made."""
        return self._scene is not None

    def advance(self, *, ready: bool) -> None:
        """Begin what a key has asked for, give up what a key has cancelled, tell how far it is.

        `ready`: there is something to take a picture of.
        """
        session, darkroom = self._session, self._darkroom
        if self._scene is not None and not session.taking:
            self._cancel(self._scene)
        if session.photo_wanted and not ready:
            session.say("there is nothing to take a picture of yet")
        elif session.photo_wanted and self._scene is None:
            self._scene, session.taking = session.picture_scene(), True
        session.photo_wanted = False
        if self._scene is None:
            return
        if not darkroom.busy:
            path = free_path(session, ".png")
            try:
                check_target(path)
            except EarthlimbError as error:
                session.say(str(error), "error")
                self._over()
                return
            asked = session.panel.overlays if session.panel.labels_in_pictures else None
            darkroom.order(self._scene, path, asked, session.size_px)
        shutter = self._scene.camera.shutter_s
        share = darkroom.share if darkroom.scene is self._scene else 0.0
        long = "auto" if isinstance(shutter, AutoShutter) else f"{shutter:g} s"
        session.progress[f"taking the picture: {long}, Esc cancels"] = share

    def take(self, made: Print | EarthlimbError) -> None:
        """Show what the darkroom has made, or say why it could not."""
        self._over()
        if isinstance(made, EarthlimbError):
            self._session.say(str(made), "error")
            return
        self._session.photo = made.picture
        self._session.say(f"saved {made.path}: Enter, Esc or Space goes on")

    def _cancel(self, scene: Scene) -> None:
        if self._darkroom.scene is scene and not self._darkroom.cancel():
            self._session.taking = True
            self._session.say("the picture is being saved already")
            return
        self._over()
        self._session.say("the picture was cancelled: nothing was saved")

    def _over(self) -> None:
        self._scene, self._session.taking = None, False
