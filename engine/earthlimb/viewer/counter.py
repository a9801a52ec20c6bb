"""Counts moving pictures for the panel's histogram, so that no picture waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from earthlimb.renderer.in_flight import CountInFlight
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.canvas import Canvas
from earthlimb.viewer.gpu_clock import IN_FLIGHT
from earthlimb.viewer.session import Session


@dataclass(frozen=True)
class _Asked:
    """Electrons on their way from the card since a picture, and who takes their statistics."""

    n_drawn: int
    counting: CountInFlight
    take: Callable[[ExposureStatistics | None], None]


class Counter:
    """Serves `Session.to_count`."""

    def __init__(self, session: Session, canvas: Canvas) -> None:
        self._session, self._canvas = session, canvas
        self._asked: _Asked | None = None

    def instead(self) -> bool:
        """Count what the panel asks for now, in the place of the next picture; whether that was done.

        For a software rasteriser, which exposes and counts on the processor that draws: no frame does both.
        """
        take, self._session.to_count = self._session.to_count, None
        if take is None or not self._session.running:
            return False
        take(self._session.read_statistics())
        return True

    def beside(self, n_drawn: int) -> None:
        """Go on with counting after a picture: take what was asked for when the card has it for certain, or ask.

        `n_drawn` is how many pictures there were.
        """
        asked, take = self._asked, self._session.to_count
        if asked is not None and n_drawn - asked.n_drawn >= IN_FLIGHT:
            self._asked = self._session.to_count = None
            asked.take(asked.counting.finish())
        elif asked is None and take is not None:
            self._session.to_count = None
            counting = self._canvas.start_statistics()
            if counting is None:
                take(None)
            else:
                self._asked = _Asked(n_drawn, counting, take)
