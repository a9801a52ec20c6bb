"""The pytest plugin `earthlimb`: options, the fixture `earthlimb_render`, the list of what was written.

Every pytest run in an environment with earthlimb loads this module: it imports nothing heavy before a test asks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from earthlimb.testing.current import GOLDEN, PAGE, Running, forget_pages, pop, push, running

if TYPE_CHECKING:
    from earthlimb.renderer import Frame, Renderer

    RenderScene = Callable[..., Frame]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option and two settings."""
    parser.getgroup("earthlimb").addoption(
        "--earthlimb-update", action="store_true", help="make the golden pictures of assert_picture_close anew"
    )
    parser.addini(
        "earthlimb_goldens",
        "folder of golden pictures, relative to the configuration file (default: goldens/ beside the test file)",
        default="",
    )
    parser.addini(
        "earthlimb_report",
        "folder for the pages about pictures that differ, relative to the configuration file",
        default=".pytest_earthlimb",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let the comparisons know in which test they are called."""
    config = item.config
    base = config.inipath.parent if config.inipath else config.rootpath
    goldens = str(config.getini("earthlimb_goldens"))
    test = Running(
        name=item.nodeid,
        folder=item.path.parent,
        goldens=base / goldens if goldens else item.path.parent / "goldens",
        report=base / str(config.getini("earthlimb_report")),
        update=bool(config.getoption("--earthlimb-update")),
        written=item.user_properties,
    )
    forget_pages(test)
    push(test)
    try:
        return (yield)
    finally:
        pop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List goldens made anew and pages about failures, from every worker."""
    found: dict[str, dict[str, None]] = {GOLDEN: {}, PAGE: {}}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, path in getattr(report, "user_properties", ()):
                if name in found:
                    found[name][str(path)] = None
    for name, title in ((GOLDEN, "earthlimb: goldens made anew"), (PAGE, "earthlimb: pictures that differ")):
        if found[name]:
            terminalreporter.section(title)
            for path in found[name]:
                terminalreporter.line(path)


@pytest.fixture(scope="session")
def _earthlimb_renderer() -> Iterator[Renderer]:
    import earthlimb

    with earthlimb.Renderer() as renderer:
        yield renderer


@pytest.fixture(scope="session")
def earthlimb_render(_earthlimb_renderer: Renderer) -> RenderScene:
    """Function that renders a scene without a screen: `earthlimb_render(scene, size=(w, h), **overrides) -> Frame`.

    `scene` is the name of a shipped scene, a path (relative ones from the test file's folder) or a dictionary.
    Overrides write `__` for the dot: `camera__shutter_s=1.0`. One GL context serves all tests of a process.
    """
    from earthlimb.scene import load_scene, resized

    def render(scene: str | Path | Mapping[str, Any], size: tuple[int, int] = (320, 180), **overrides: object) -> Frame:
        if not isinstance(scene, Mapping):
            scene = _beside_the_test(scene)
        values = {name.replace("__", "."): value for name, value in overrides.items()}
        return _earthlimb_renderer.render(resized(load_scene(scene, values), *size))

    return render


def _beside_the_test(scene: str | Path) -> str | Path:
    from earthlimb.scene.shipped import shipped_names

    path = running().folder / scene
    return path if str(scene) not in shipped_names() and path.exists() else scene
