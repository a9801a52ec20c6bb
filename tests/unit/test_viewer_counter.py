"""When moving pictures are counted for the panel: instead of one in software, beside them on a card."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from earthlimb.scene import load_scene
from earthlimb.sensor import ExposureStatistics, exposure_statistics
from earthlimb.viewer.counter import Counter
from earthlimb.viewer.gpu_clock import IN_FLIGHT
from earthlimb.viewer.session import Session

COUNTED = exposure_statistics(np.full((2, 2, 3), 10.0), saturation_e=100.0)


@pytest.fixture
def session() -> Session:
    """One whose time passes: it has a world."""
    return Session(load_scene("italy"), world=SimpleNamespace(), read_statistics=lambda: COUNTED)  # type: ignore[arg-type]


def test_in_software_a_count_takes_the_place_of_a_picture(session: Session) -> None:
    taken: list[ExposureStatistics | None] = []
    counter = Counter(session, SimpleNamespace())  # type: ignore[arg-type]
    assert not counter.instead()
    session.to_count = taken.append
    assert counter.instead() and taken == [COUNTED]
    assert not counter.instead()
    session.to_count, session.paused = taken.append, True
    assert not counter.instead() and session.to_count is None and len(taken) == 1


def test_on_a_card_a_count_is_taken_pictures_later_and_once(session: Session) -> None:
    asked: list[int] = []
    taken: list[ExposureStatistics | None] = []
    drawn = 0

    def start() -> Any:
        asked.append(drawn)
        return SimpleNamespace(finish=lambda: COUNTED)

    counter = Counter(session, SimpleNamespace(start_statistics=start))  # type: ignore[arg-type]
    counter.beside(drawn)
    assert asked == []
    when = []
    for drawn in range(1, 2 * IN_FLIGHT):
        if not taken:
            session.to_count = taken.append  # the panel asks again in each frame until it has them
        counter.beside(drawn)
        when.append(len(taken))
    assert asked == [1] and taken == [COUNTED]
    assert when.index(1) == IN_FLIGHT  # after the pictures that the card may be behind


def test_without_electrons_the_panel_is_told_at_once(session: Session) -> None:
    taken: list[ExposureStatistics | None] = []
    counter = Counter(session, SimpleNamespace(start_statistics=lambda: None))  # type: ignore[arg-type]
    session.to_count = taken.append
    counter.beside(1)
    assert taken == [None] and session.to_count is None
