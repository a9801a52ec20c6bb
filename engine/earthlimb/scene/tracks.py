"""How keyed values move: ease, the course of one value, and values laid over a scene."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earthlimb.scene.model import Scene

Path = tuple[str, ...]


def eased(ease: str, u: float) -> float:
    """Share of the way from one key to the next, 0 to 1, at the share `u` of the time between them.

    Examples
    --------
    >>> eased("smooth", 0.25), eased("linear", 0.25), eased("hold", 0.25)
    (0.15625, 0.25, 0.0)
    """
    if ease == "smooth":
        return u * u * (3.0 - 2.0 * u)  # at rest at both ends, 1.5 times the mean speed in the middle
    return u if ease == "linear" else 0.0


@dataclass(frozen=True)
class Track:
    """The course of one scene value: time [s] and value of each key that names it, and how it goes on from there."""

    at_s: tuple[float, ...]
    values: tuple[float, ...]
    eases: tuple[str, ...]

    def at(self, t_s: float) -> float:
        """Value at a time [s] after the first exposure: the first key's before it, the last key's after it.

        Examples
        --------
        >>> track = Track((0.0, 10.0), (20.0, 40.0), ("smooth", "smooth"))
        >>> track.at(-1.0), track.at(2.5), track.at(5.0), track.at(10.0), track.at(99.0)
        (20.0, 23.125, 30.0, 40.0, 40.0)
        """
        k = bisect_right(self.at_s, t_s) - 1
        if k < 0 or k == len(self.at_s) - 1:
            return self.values[max(k, 0)]
        a, b = self.values[k], self.values[k + 1]
        u = (t_s - self.at_s[k]) / (self.at_s[k + 1] - self.at_s[k])
        # rounding must not carry a value past its key and so out of its range
        return min(max(a + (b - a) * eased(self.eases[k], u), min(a, b)), max(a, b))

    def rate_at(self, t_s: float) -> float:
        """Change of the value per second at a time [s]; a jump has none.

        Examples
        --------
        >>> Track((0.0, 10.0), (20.0, 40.0), ("smooth", "smooth")).rate_at(5.0)
        3.0
        """
        k = bisect_right(self.at_s, t_s) - 1
        if k < 0 or k == len(self.at_s) - 1:
            return 0.0
        length_s = self.at_s[k + 1] - self.at_s[k]
        u = (t_s - self.at_s[k]) / length_s
        slope = {"smooth": 6.0 * u * (1.0 - u), "linear": 1.0}.get(self.eases[k], 0.0)
        return slope * (self.values[k + 1] - self.values[k]) / length_s


def leaves(table: Mapping[str, Any], prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Path and value of everything in nested tables.

    Examples
    --------
    >>> list(leaves({"camera": {"ev": 1.0, "point": {"sky": {"ra_deg": 2.0}}}}))
    [(('camera', 'ev'), 1.0), (('camera', 'point', 'sky', 'ra_deg'), 2.0)]
    """
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def with_values(scene: Scene, values: Iterable[tuple[Path, float]]) -> Scene:
    """The still scene with these values in place of its own; its timeline is left out.

    Raises
    ------
    pydantic.ValidationError
        A value does not exist, is out of its range, or excludes another one.
    """
    data = scene.model_dump(exclude_none=True, exclude={"video"})
    for path, value in values:
        table = data
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = value
    return Scene.model_validate(data)


def laid(scene: Scene, values: Mapping[Path, float]) -> Scene:
    """The scene with values of its tracks, which `tracks_of` has checked: some microseconds each; the timeline stays.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> laid(load_scene("italy"), {("camera", "iso"): 800.0}).camera.iso
    800.0
    """
    tree: dict[str, Any] = {}
    for path, value in values.items():
        table = tree
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = value
    try:
        return _laid(scene, tree)
    except AttributeError:  # a table that the scene itself has not
        return with_values(scene, values.items()).model_copy(update={"video": scene.video})


def _laid(section: Any, tree: Mapping[str, Any]) -> Any:
    update = {n: _laid(getattr(section, n), v) if isinstance(v, dict) else v for n, v in tree.items()}
    return section.model_copy(update=update) if update else section
