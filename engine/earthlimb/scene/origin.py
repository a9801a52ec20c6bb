"""Where each value of a scene came from, a line or an option: the first part of every message about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from earthlimb.scene.messages import all_keys
from earthlimb.schema.lines import Key, key_lines, line_of

_LEADING_KEY = re.compile(r"([a-z_]+(?:\.[a-z0-9_]+)*)(?=[: ])")


class Origin:
    """The places of one scene's values.

    Parameters
    ----------
    name : str
        What messages call the scene: its file or shipped name.
    text : str
        The scene's TOML, empty for a dict.
    overrides : mapping
        Values laid over it, by dotted path.
    labels : mapping
        How messages call an override, by its path; the empty path stands for the rest.
    """

    def __init__(self, name: str, text: str, overrides: Mapping[str, object], labels: Mapping[str, str]) -> None:
        self.name = name
        self.lines: dict[Key, int] = key_lines(text)
        self.rest = labels.get("", "override")
        self._overrides = {tuple(path.split(".")): labels.get(path, self.rest) for path in overrides}

    def where(self, key: Key) -> str:
        """`file:line` of a key or of what holds it, or the option that gave it."""
        for path, label in self._overrides.items():
            # a table that only an override made is the override's, too
            if key[: len(path)] == path or (key and key == path[: len(key)] and key not in self.lines):
                return label
        line = line_of(self.lines, key)
        return f"{self.name}:{line}" if line else self.name

    def overridden(self, key: Key) -> bool:
        """Whether an override gave the value."""
        return any(key[: len(path)] == path for path in self._overrides)

    def order(self, key: Key) -> int:
        """Overrides first, then the lines of the file: which of several mistakes is reported."""
        return 0 if self.overridden(key) else line_of(self.lines, key) or 0

    def placed(self, message: str) -> str:
        """A later message about a value of the scene, with its place in front.

        Examples
        --------
        >>> Origin("x.toml", "[station]\\ntle = ''", {}, {}).placed("station.tle: line 1: wrong")
        'x.toml:2: station.tle: line 1: wrong'
        >>> Origin("x.toml", "", {}, {}).placed("out.png: no space is left")
        'out.png: no space is left'
        """
        found = _LEADING_KEY.match(message)
        key = tuple(found[1].split(".")) if found else ()
        return f"{self.where(key)}: {message}" if key in set(all_keys()) else message
