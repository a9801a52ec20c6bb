"""A wheel, installed in a clean environment away from the checkout, renders the same picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SIZE = "120x80"
most_that_pypi_takes_bytes = 100_000_000

# Stops the installed program as soon as it opens a file of the checkout. The dependencies come from the
# environment that runs the tests, which may lie in the checkout too: only our own folders are forbidden.
GUARD = f"""
import os, sys

NAMES = ("engine", "shaders", "assets", "scenes")
FORBIDDEN = tuple(os.path.join({str(CHECKOUT)!r}, name) + os.sep for name in NAMES)

def refuse(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        if os.path.abspath(arguments[0]).startswith(FORBIDDEN):
            raise RuntimeError("the wheel opens " + arguments[0])

sys.addaudithook(refuse)
"""


@dataclass(frozen=True)
class Installation:
    """An environment that holds the wheel, and an empty folder to work in."""

    python: Path
    command: Path
    folder: Path

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command `earthlimb`."""
        return execute([self.command, *words], self.folder)


def execute(words: list[str | Path], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(words, cwd=folder, env=clean | variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    execute([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT], folder)
    (built,) = folder.glob("earthlimb-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("clean")
    environment = folder / "environment"
    execute([sys.executable, "-m", "venv", "--without-pip", environment], folder)
    python = environment / "bin" / "python"
    execute([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel], folder)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # A folder named in a .pth file is searched, but its own .pth files, an editable earthlimb, are not read.
    outer = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site_packages / "outer.pth").write_text("".join(f"{path}\n" for path in outer))
    (site_packages / "checkout_guard.py").write_text(GUARD)
    (site_packages / "checkout_guard.pth").write_text("import checkout_guard\n")
    work = folder / "work"
    work.mkdir()
    return Installation(python, environment / "bin" / "earthlimb", work)


def files_below(folder: str, wheel_folder: str) -> Iterator[str]:
    for path in (CHECKOUT / folder).rglob("*"):
        inner = path.relative_to(CHECKOUT / folder)
        if (
            path.is_file()
            and "__pycache__" not in inner.parts
            and not (folder == "assets" and inner.parts[0] == "bake")
        ):
            yield f"{wheel_folder}/{inner.as_posix()}"


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        largest = max(archive.infolist(), key=lambda info: info.compress_size)
    expected = set(files_below("engine/earthlimb", "earthlimb"))
    for folder in ("shaders", "assets", "scenes"):
        expected |= set(files_below(folder, f"earthlimb/{folder}"))
    assert names == expected | {"earthlimb/docs/SCENE.md"}  # the panel shows what it says of every key
    assert {"earthlimb/scenes/italy.toml", "earthlimb/assets/stars.npz", "earthlimb/passes/stars.py"} <= names
    assert not [name for name in names if re.search(r"(^|/)(bake|tests?)/", name)]
    size_bytes = wheel.stat().st_size
    print(f"wheel: {size_bytes / 1e6:.1f} MB, largest {largest.filename} {largest.compress_size / 1e6:.1f} MB")
    assert size_bytes < most_that_pypi_takes_bytes


def test_the_metadata_are_those_of_the_project(wheel: Path) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (place,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = Parser().parsestr(archive.read(place).decode())
        licences = [name for name in archive.namelist() if name.endswith("LICENSE")]
    assert (about["Name"], about["Version"]) == ("earthlimb", project["version"])
    assert set(about.get_all("Provides-Extra", [])) >= {"msis", "fits", "cluster", "testing", "docs", "all"}
    assert "# earthlimb" in about.get_payload()
    assert licences


def test_the_installed_package_is_the_wheel(installed: Installation) -> None:
    code = (
        "import earthlimb; from earthlimb.resources import asset, scene_root, shader_root\n"
        "print(earthlimb.__file__, asset('stars.npz'), scene_root(), shader_root(), sep='\\n')"
    )
    places = execute([installed.python, "-c", code], installed.folder).stdout.splitlines()
    environment = installed.python.parent.parent
    assert len(places) == 4
    assert [place for place in places if not Path(place).is_relative_to(environment)] == []


def test_the_guard_stops_a_program_that_reads_the_checkout(installed: Installation) -> None:
    code = f"open({str(CHECKOUT / 'scenes' / 'italy.toml')!r})"
    done = subprocess.run([installed.python, "-c", code], cwd=installed.folder, capture_output=True, text=True)
    assert "the wheel opens" in done.stderr


def test_it_tells_its_version_and_scenes(installed: Installation) -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert installed.run("--version").stdout == f"earthlimb {version}\n"
    listed = installed.run("scenes").stdout
    for scene in (CHECKOUT / "scenes").glob("*.toml"):
        assert re.search(rf"^{re.escape(scene.stem)}\b", listed, re.MULTILINE)


@pytest.mark.parametrize("ending", ["png", "exr"])
def test_it_renders_the_same_picture(installed: Installation, ending: str) -> None:
    words = ["render", "italy", "--size", SIZE, "-o"]
    names = [f"wheel.{ending}", f"checkout.{ending}"]
    installed.run(*words, names[0])
    environment = {"PYTHONPATH": str(CHECKOUT / "engine")}
    execute([sys.executable, "-m", "earthlimb", *words, names[1]], installed.folder, **environment)
    assert sorted(installed.folder.glob(f"*.{ending}*")) == sorted(
        installed.folder / f"{name}{more}" for name in names for more in ("", ".json")
    )
    wheel, checkout = ((installed.folder / name).read_bytes() for name in names)
    assert len(wheel) > 1000
    assert wheel == checkout, "if only the version differs: is the checkout installed (pip install -e .)?"
