"""Objects that are made once and used again while their key stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """One object for each name; another key frees the old object and makes a new one.

    An object that owns GL memory has a `release` method; plain values need none.
    """

    def __init__(self) -> None:
        self._objects: dict[str, tuple[Any, Any]] = {}

    def get(self, name: str, key: object, make: Callable[[], T]) -> T:
        """The object of this name and key; keys are compared with `==`."""
        if name in self._objects:
            old_key, old = self._objects[name]
            if old_key == key:
                kept: T = old
                return kept
            del self._objects[name]
            _release(old)
        made = make()
        self._objects[name] = (key, made)
        return made

    def has(self, name: str, key: object) -> bool:
        """Whether `get` would make nothing."""
        return name in self._objects and bool(self._objects[name][0] == key)

    def put(self, name: str, key: object, made: object) -> None:
        """Keep an object that was made elsewhere in the place of the former."""
        if name in self._objects:
            _release(self._objects.pop(name)[1])
        self._objects[name] = (key, made)

    def release(self) -> None:
        """Free everything."""
        while self._objects:
            _release(self._objects.popitem()[1][1])


def _release(thing: object) -> None:
    release = getattr(thing, "release", None)
    if release is not None:
        release()
