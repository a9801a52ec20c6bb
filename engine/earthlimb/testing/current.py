"""The test under way: where its goldens and reports lie, and whether goldens are made anew."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

GOLDEN, PAGE = "earthlimb_golden", "earthlimb_page"
"""Names under which a test reports what it has written."""


@dataclass
class Running:
    """What the comparisons need to know of the test that calls them.

    Attributes
    ----------
    name : str
        pytest's node id.
    folder : Path
        Of the test file.
    goldens, report : Path
        Folders of the golden pictures and of the pages about failures.
    update : bool
        Make goldens anew.
    written : list of (GOLDEN or PAGE, path)
        For the summary at the end; under pytest the test's user properties.
    """

    name: str = "comparison"
    folder: Path = field(default_factory=Path.cwd)
    goldens: Path = field(default_factory=lambda: Path.cwd() / "goldens")
    report: Path = field(default_factory=lambda: Path.cwd() / ".pytest_earthlimb")
    update: bool = False
    written: list[tuple[str, object]] = field(default_factory=list)
    n_pages: int = 0


_stack: list[Running] = []


def push(test: Running) -> None:
    """A test begins; it may run inside another one (pytester)."""
    _stack.append(test)


def pop() -> None:
    """The innermost test has ended."""
    _stack.pop()


def running() -> Running:
    """The innermost test; outside of pytest one that lies in the working directory."""
    return _stack[-1] if _stack else _outside()


@cache
def _outside() -> Running:
    return Running()


def forget_pages(test: Running) -> None:
    """Remove what an earlier run has said about this test."""
    if test.report.is_dir():
        for page in test.report.glob(f"{page_stem(test)}-*.html"):
            page.unlink(missing_ok=True)


def page_stem(test: Running) -> str:
    """File name of a test: readable, and its own even where the readable part is not."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", test.name).strip("-")[-80:]
    return f"{readable}-{hashlib.sha256(test.name.encode()).hexdigest()[:8]}"
