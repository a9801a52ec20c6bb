"""Every twin and every test that a shader's header names exists, so that headers cannot rot."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from earthlimb import resources

CHECKOUT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((resources.shader_root() / "lib").glob("*.glsl"))
_DOTTED = re.compile(r"Twin: ((?:physics|numpy|world)\.[\w.]+\w)")
_IN_FILE = re.compile(r"Twin: ([\w.]+) in (earthlimb/[\w/]+\.py)")
_TEST = re.compile(r"(tests/[\w/]+\.py)")


def _resolve(path: str) -> object:
    """The object of a dotted path, modules first."""
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:n]))
        except ImportError:
            continue
        for name in parts[n:]:
            # a field of a dataclass without a default is an annotation only
            found = getattr(found, name, None) or getattr(found, "__annotations__", {})[name]
        return found
    raise AssertionError(path)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_named_twins_and_tests_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for dotted in _DOTTED.findall(text):
        assert _resolve(dotted if dotted.startswith("numpy") else f"earthlimb.{dotted}") is not None
    for name, file in _IN_FILE.findall(text):
        module = file.removesuffix(".py").replace("/", ".")
        assert _resolve(f"{module}.{name}") is not None
    for test in _TEST.findall(text):
        assert (CHECKOUT / test).exists(), test


def test_the_check_sees_twins() -> None:
    """A pattern that matches nothing would pass everything."""
    texts = "".join(path.read_text(encoding="utf-8") for path in LIBRARY)
    assert len(_DOTTED.findall(texts)) > 20 and len(_IN_FILE.findall(texts)) >= 4
    with pytest.raises((AssertionError, KeyError)):
        _resolve("earthlimb.physics.geometry.no_such_twin")
