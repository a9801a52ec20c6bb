"""Many element sets of one object in the order of their epochs, and the nearest in time among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.element_set import STATION_NUMBER, Elements
from earthlimb.astro.timescale import DAY_S, Instant
from earthlimb.errors import UsageError

_AROUND = 40


@dataclass(frozen=True, eq=False)
class History:
    """Sets of the station, or of the one object that a source holds.

    Attributes
    ----------
    sets : tuple of Elements
        In the order of their epochs.
    where : str
        What messages begin with.
    """

    sets: tuple[Elements, ...]
    where: str

    @classmethod
    def of(cls, sets: Sequence[Elements], where: str = "station") -> History:
        """The history that a source's sets make; other objects than the station are left out where it is there.

        Raises
        ------
        UsageError
            There is no set, or there are several objects and none of them is the station.

        Examples
        --------
        >>> from earthlimb.astro.elements import shipped_elements
        >>> len(History.of(shipped_elements()).sets)
        69
        """
        numbers = {one.catalogue_number for one in sets}
        if not numbers:
            raise UsageError(f"{where}: no element set: at least one is needed: give tle or omm")
        if STATION_NUMBER in numbers:
            sets = [one for one in sets if one.catalogue_number == STATION_NUMBER]
        elif len(numbers) > 1:
            some = ", ".join(str(number) for number in sorted(numbers)[:3])
            raise UsageError(
                f"{where}: {len(numbers)} objects ({some}{', ...' if len(numbers) > 3 else ''}), none of them the "
                f"station ({STATION_NUMBER}): one object is allowed: take the others out"
            )
        return cls(tuple(sorted(sets, key=lambda one: one.epoch.tai1 + one.epoch.tai2)), where)

    def nearest(self, instant: Instant) -> Elements:
        """The set whose epoch is nearest in time; of two equally near ones the earlier."""
        return self.sets[self._nearest(instant)]

    def around(self, instant: Instant) -> tuple[Elements, ...]:
        """The sets next to the nearest one in time, that one among them: at most 81."""
        k = self._nearest(instant)
        return self.sets[max(k - _AROUND, 0) : k + _AROUND + 1]

    def _nearest(self, instant: Instant) -> int:
        at_s = instant.minus(self.sets[0].epoch)
        k = int(np.searchsorted(self._epochs_s, at_s))
        near = range(max(k - 1, 0), min(k + 1, len(self.sets)))
        return min(near, key=lambda i: abs(self._epochs_s[i] - at_s))

    @cached_property
    def _epochs_s(self) -> NDArray[np.float64]:
        first = self.sets[0].epoch
        days = [(one.epoch.tai1 - first.tai1) + (one.epoch.tai2 - first.tai2) for one in self.sets]
        return np.array(days) * DAY_S
