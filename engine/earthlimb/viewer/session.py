"""What the window shows and how it may change: scene, simulated time, messages; no GL and no window in here."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import EarthlimbError, UsageError
from earthlimb.scene import Scene, resized
from earthlimb.scene.camera import MAX_PICTURE_PX, MAX_SIDE_PX
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.changes import replaced_keys, restarts, with_changes
from earthlimb.viewer.history import History
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.quality import Quality
from earthlimb.viewer.timeline import LiveTimeline
from earthlimb.world import WorldState, lens_of
from earthlimb.world.optics import checked_lens

if TYPE_CHECKING:
    from earthlimb.viewer.aim import Aim

RATES = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 200.0, 600.0)
"""Simulated seconds a second; time runs backwards at the same rates."""
MESSAGE_S = 8.0


@dataclass(frozen=True)
class Message:
    """One line for the user; `at_s` on the monotonic clock."""

    text: str
    kind: Literal["note", "error"]
    at_s: float


@dataclass
class Session:
    """The window's state. The panel reads it and calls `change`, `act` and the methods of time.

    Attributes
    ----------
    scene : Scene
        What is asked for now, time included, in the size of the scene's own picture.
    size_px : (width, height) of the framebuffer; (0, 0) while minimised
    scale : framebuffer pixels per window unit (HiDPI)
    cursor_px : place of the cursor in framebuffer pixels, None outside of the window or over the panel
    world : WorldState or None
        The world of the picture that is shown, in the size that it was drawn in; None until the first one is built.
    exact_of : Scene or None
        The scene, in the window's size, whose exact picture is on the screen; None while that shows another picture.
    paused, rate : rate is signed, simulated seconds a second
    quality : what is drawn how coarsely; `quality.scale`, `quality.frame_ms`
    progress : name to share 0 to 1 of what runs in the background
    panel_shown, help_shown : switches that keys turn
    photo_wanted : the key "take the picture" was pressed; the loop takes it from there
    taking : a picture is being taken; whoever sets it to False cancels that
    photo : the taken picture (h, w, 3) uint8 while it is shown, else None; a change of the scene closes it
    actions : name to function, see `act`
    read_picture : gives what is shown as (h, w, 3) float32 code values, without panel
    read_statistics : histogram and clipped share of what is shown
    full_screen : fills the monitor, or goes back
    to_count : takes the statistics of a moving picture, which the panel asks for by it; None where it does not
    picture_long_px : long side of what is saved, None for the window's
    content_scale : what the desktop wants letters enlarged by, in framebuffer pixels
    panel : what the panel remembers
    aim : where the camera pointed when that was asked last; see `aim_of`
    """

    scene: Scene
    name: str = "scene"
    size_px: tuple[int, int] = (960, 640)
    scale: float = 1.0
    cursor_px: tuple[float, float] | None = None
    world: WorldState | None = None
    exact_of: Scene | None = None
    paused: bool = False
    rate: float = 1.0
    quality: Quality = field(default_factory=Quality)
    progress: dict[str, float] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    panel_shown: bool = True
    help_shown: bool = False
    photo: NDArray[np.uint8] | None = None
    photo_wanted: bool = False
    taking: bool = False
    actions: dict[str, Callable[[], None]] = field(default_factory=dict)
    read_picture: Callable[[], NDArray[np.float32] | None] = lambda: None
    read_statistics: Callable[[], ExposureStatistics | None] = lambda: None
    full_screen: Callable[[], None] = lambda: None
    to_count: Callable[[ExposureStatistics | None], None] | None = None
    picture_long_px: int | None = None
    content_scale: float = 1.0
    panel: PanelState = field(default_factory=PanelState)
    folder: Path = field(default_factory=Path.cwd)
    device: str = ""
    aim: Aim | None = None
    should_close: bool = False

    def __post_init__(self) -> None:
        self._history = History()
        self._good = self.scene, self.name, 0  # the last that a world was built of, and what undo knew then
        self._timeline: LiveTimeline | None = None
        self._impossible: Scene | None = None  # a scene whose timeline could not be made

    # ---- the scene

    def change(self, path: str, value: object) -> bool:
        """Set one value of the scene by its dotted path; False and a message when schema or lens refuse it."""
        return self.change_many({path: value})

    def change_many(self, values: Mapping[str, object], *, quiet: bool = False) -> bool:
        """Set several values together; all or none. `None` removes a value, as deleting its line would."""
        try:
            scene = with_changes(self.scene, values)
            if scene.camera.k1 < 0.0 and not lens_of(self.view_scene()).folds:  # else the way back would be refused
                checked_lens(self._viewed(scene))
        except UsageError as error:
            if not quiet:
                self.say(str(error), "error")
            return False
        for note in scene.notes:
            if note not in self.scene.notes:
                self.say(note)
        utc = scene.time.utc
        changed = scene.model_copy(update={"time": self.scene.time})
        if changed != self.scene or utc != self.utc:
            self.photo = None  # what has changed is to be seen
        if changed != self.scene:
            self._history.remember(self.scene, frozenset(values))
            self._take(changed)
        if utc != self.utc or any(path.startswith("video.") for path in values):  # its keys say what is seen now
            self.utc = utc
        return True

    def replace(self, scene: Scene, name: str | None = None) -> None:
        """Take a whole scene: with a name another one, of a time of its own, else this one with much of it changed."""
        self._history.remember(self.scene, name=None if name is None else self.name)
        self.scene, self._timeline, self.photo = scene, None, None
        self.name = self.name if name is None else name

    def _take(self, scene: Scene) -> None:
        """Take a changed scene of this instant; say whose keys it has lost."""
        before, self.scene = self.scene, scene
        if restarts(before, scene):
            self._timeline = None
        elif self._timeline is not None and scene.camera.point != before.camera.point:
            self._timeline.levelled(before.time.utc)
        self.say_replaced(before)

    def say_replaced(self, before: Scene) -> None:
        """Say which keys of a former scene a value of the user's has taken the place of."""
        gone = replaced_keys(before, self.scene)
        if gone:
            self.say(gone)

    def undo(self) -> None:
        """Take back the last change: of a value, time stays; of the whole scene, its time and name come back, too."""
        former, utc = self._history.back(self.scene), self.utc
        if former is None:
            self.say("nothing to undo")
            return
        self.scene, self._timeline, self.photo = former.scene, None, None
        if former.name is None:
            self.utc = utc
        else:
            self.name = former.name

    def view_scene(self) -> Scene:
        """The scene in the size of the window: what is drawn."""
        return self._viewed(self.scene)

    def _viewed(self, scene: Scene) -> Scene:
        width, height = self.size_px
        return resized(scene, max(width, 1), max(height, 1))

    def picture_size(self) -> tuple[int, int]:
        """Size in which scenes and pictures are saved: the window's, or its shape with another long side."""
        width, height = (max(side, 1) for side in self.size_px)
        if self.picture_long_px is None:
            return width, height
        share = self.picture_long_px / max(width, height)
        share = min(share, MAX_SIDE_PX / max(width, height), math.sqrt(0.999 * MAX_PICTURE_PX / (width * height)))
        return max(round(width * share), 1), max(round(height * share), 1)

    def picture_scene(self) -> Scene:
        """What is drawn, in the size of saved pictures."""
        return resized(self.scene, *self.picture_size())

    def saved_scene(self) -> Scene:
        """That as its file has it: a timeline goes on from here, and one that is over is left out."""
        scene = self.picture_scene()
        return scene if self.timeline is None else self.timeline.to_save(scene)

    def accept(self, world: WorldState) -> None:
        """A world was built: what it was built of is what an impossible change falls back to."""
        self._good = self.scene, self.name, len(self._history)

    def refuse(self, error: EarthlimbError) -> None:
        """No world could be built: back to the last scene that had one, and say why."""
        self.say(str(error), "error")
        scene, name, n_former = self._good
        if self.scene != scene:
            self.scene, self.name, self._timeline = scene, name, None
            self._history.forget_after(n_former)
            self.paused = True

    # ---- time

    @property
    def timeline(self) -> LiveTimeline | None:
        """What moves in the scene while time runs; None where that cannot be, of which a message tells."""
        if self._timeline is None and self._impossible is not self.scene:
            try:
                self._timeline = LiveTimeline(self.scene)
            except EarthlimbError as error:
                self._impossible = self.scene
                self.say(str(error), "error")
        return self._timeline

    @property
    def utc(self) -> datetime:
        """The simulated instant."""
        return self.scene.time.utc

    @utc.setter
    def utc(self, instant: datetime) -> None:
        utc, timeline = instant.astimezone(UTC), self.timeline
        if timeline is not None:
            self.scene = timeline.at(self.scene, utc)
            return
        moved = self.scene.model_copy(update={"time": self.scene.time.model_copy(update={"utc": utc})})
        if self._impossible is self.scene:
            self._impossible = moved
        self.scene = moved

    def tidy(self) -> None:
        """Drop messages that have been read."""
        now = time.monotonic()
        self.messages = [m for m in self.messages if now - m.at_s < MESSAGE_S]

    @property
    def title(self) -> str:
        """What the window is called."""
        return f"earthlimb: {self.scene.title or self.name}"

    @property
    def settled(self) -> bool:
        """Whether the picture shown is the exact one: what `render` makes of the scene as it is now."""
        return self.exact_of is not None and self.exact_of == self.view_scene()

    @property
    def running(self) -> bool:
        """Whether time passes."""
        return not self.paused and self.world is not None and self.photo is None

    def step(self, by_s: float) -> None:
        """Move the simulated time."""
        try:
            self.utc = self.utc + timedelta(seconds=by_s)
        except OverflowError:
            self.paused = True

    def jump(self, text: str) -> bool:
        """To an instant given as in a scene file; False and a message when it is none."""
        return self.change("time.utc", text)

    def faster(self) -> None:
        """The next rate away from standing still, in the present direction."""
        self.rate = np.sign(self.rate) * next((r for r in RATES if r > abs(self.rate)), RATES[-1])

    def slower(self) -> None:
        """The next rate towards standing still."""
        self.rate = np.sign(self.rate) * next((r for r in reversed(RATES) if r < abs(self.rate)), RATES[0])

    def now(self) -> None:
        """Real time: the present instant at rate 1."""
        self.utc, self.rate, self.paused, self.photo = datetime.now(UTC), 1.0, False, None

    # ---- the rest

    def say(self, text: str, kind: Literal["note", "error"] = "note", *, instead: str = "") -> None:
        """Show a line for a few seconds, in place of the last one where that begins with `instead`."""
        if instead and self.messages and self.messages[-1].text.startswith(instead):
            del self.messages[-1]
        if not self.messages or self.messages[-1].text != text:
            self.messages.append(Message(text, kind, time.monotonic()))
            del self.messages[:-5]

    def act(self, name: str) -> None:
        """Do what a key does, by its name in `actions`; a failure that the user can understand becomes a message."""
        try:
            self.actions[name]()
        except EarthlimbError as error:
            self.say(str(error), "error")
