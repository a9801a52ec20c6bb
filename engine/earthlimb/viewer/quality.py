"""How coarsely a moving view is drawn: the share of the window's resolution that holds the frame rate."""

from __future__ import annotations

from dataclasses import dataclass, field

LADDER = (0.25, 0.35, 0.5, 0.7, 1.0)
GPU_FRAME_MS = 12.0
"""What a picture may cost a graphics card that shows 60 a second: the rest is the panel's and the screen's."""
SOFTWARE_FRAME_MS = 45.0
"""With panel, screen and what loads beside it two thirds of the 100 ms for which the window may stand."""
_CALM_FRAMES = 12
_TRIED_FRAMES = 600
"""After a finer picture was too slow so many pass before it is tried again."""


@dataclass
class Quality:
    """The linear scale of moving pictures, moved by measured frame times.

    Attributes
    ----------
    target_ms : what a drawn frame may take: of the window's thread and of the card
    automatic : False keeps `scale` as the user set it
    frame_ms : smoothed time of drawn frames
    fps : frames shown a second
    longest_s, n_shown : the longest time between two frames once there was a picture, and how many there were
    """

    target_ms: float = GPU_FRAME_MS
    automatic: bool = True
    scale: float = 0.5
    frame_ms: float = 0.0
    fps: float = 0.0
    longest_s: float = 0.0
    n_shown: int = 0
    _calm: int = field(default=0, repr=False)
    _barred: int = field(default=0, repr=False)

    def drawn_on_card(self, ms: float, submit_ms: float) -> None:
        """A frame kept the card busy from its first command to its last for `ms`; sending them took `submit_ms`.

        Notes
        -----
        A card that has done its work as soon as the last command came has waited in between: then the picture's
        size is not what holds the frames up, and a finer one is tried.
        """
        self.drawn(ms if ms > 1.1 * submit_ms + 0.5 else min(ms, 0.4 * self.target_ms))

    def drawn(self, ms: float) -> None:
        """A frame at the present scale took this long.

        Notes
        -----
        Cost grows with the number of pixels at most, so the next step up is taken only when even that would fit
        for a dozen frames; the step down follows at once, since a slow frame is felt.
        """
        self.frame_ms = ms if self.frame_ms == 0.0 else 0.7 * self.frame_ms + 0.3 * ms
        if not self.automatic:
            return
        step = min(range(len(LADDER)), key=lambda i: abs(LADDER[i] - self.scale))
        self._barred = max(self._barred - 1, 0)
        if self.frame_ms > 1.15 * self.target_ms and step > 0:
            self._go(step - 1)
            self._barred = _TRIED_FRAMES
        elif self._barred:
            self._calm = 0
        elif step + 1 < len(LADDER) and self.frame_ms * (LADDER[step + 1] / LADDER[step]) ** 2 < 0.9 * self.target_ms:
            self._calm += 1
            if self._calm >= _CALM_FRAMES:
                self._go(step + 1)
        else:
            self._calm = 0

    def _go(self, step: int) -> None:
        self.frame_ms *= (LADDER[step] / self.scale) ** 2
        self.scale, self._calm = LADDER[step], 0

    def shown(self, seconds: float) -> None:
        """A frame was shown this long after the one before."""
        self.fps += 0.1 * (1.0 / max(seconds, 1e-4) - self.fps)
        self.longest_s = max(self.longest_s, seconds) if self.n_shown else 0.0
        self.n_shown += 1
