"""A project that only installs the wheel has the fixture, the comparisons and the option, with workers too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.packaging.test_wheel import Installation, execute, installed, wheel  # noqa: F401  (fixtures)

TESTS = """
import os
import pytest
from earthlimb.testing import assert_layer_close, assert_limb_profile_close, assert_picture_close


@pytest.mark.parametrize("azimuth_deg", [20, 30])
def test_limb(earthlimb_render, azimuth_deg):
    limb = {"azimuth_deg": azimuth_deg, "tangent_km": 90}
    frame = earthlimb_render("italy", size=(60, 40), camera__point__limb=limb)
    assert_picture_close(frame, f"limb-{azimuth_deg}.png")
    assert_layer_close(frame, "airglow.oi558", frame.layer("airglow.oi558"), atol=1.0, rtol=0.0)
    assert_limb_profile_close(frame, "airglow.oi558", frame, atol=1.0, rtol=0.0)
"""


def run(installed: Installation, folder: Path, *options: str) -> str:  # noqa: F811
    command = [installed.python, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return done.stdout + done.stderr


@pytest.mark.long
def test_a_project_with_the_wheel_alone(installed: Installation, tmp_path: Path) -> None:  # noqa: F811
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "tests" / "test_pictures.py").write_text(TESTS)
    goldens = project / "tests" / "goldens"
    place = execute([installed.python, "-c", "import earthlimb.testing.plugin as p; print(p.__file__)"], project).stdout
    assert Path(place.strip()).is_relative_to(installed.python.parent.parent)

    without = run(installed, project, "-n", "2")
    assert "2 failed" in without and "pytest --earthlimb-update makes it" in without, without
    assert not goldens.exists()
    pages = sorted(project.glob(".pytest_earthlimb/*.html"))
    assert len(pages) == 2 and all(str(page) in without for page in pages)

    made = run(installed, project, "-n", "2", "--earthlimb-update")
    assert "2 passed" in made and "goldens made anew" in made, made
    names = [f"limb-{azimuth}.png{more}" for azimuth in (20, 30) for more in ("", ".json")]
    assert sorted(path.name for path in goldens.iterdir()) == names
    assert all(str(goldens / name) in made for name in names if name.endswith(".png"))

    for made_for_30, place in zip(names[2:], names[:2], strict=True):
        (goldens / place).write_bytes((goldens / made_for_30).read_bytes())
    again = run(installed, project, "-n", "2")
    assert "1 failed, 1 passed" in again and "goldens made anew" not in again, again
    (said,) = re.findall(r"limb-20.png: (\d+) of 2400 pixels .* differ by more than 1/255", again)[:1]
    assert int(said) > 100


def test_the_plugin_costs_other_projects_nothing(installed: Installation) -> None:  # noqa: F811
    """pytest loads it in every run: neither NumPy nor a GL library comes with it."""
    code = "import sys, earthlimb.testing.plugin; print([m for m in ('numpy', 'moderngl', 'PIL') if m in sys.modules])"
    assert execute([installed.python, "-c", code], installed.folder).stdout.strip() == "[]"


@pytest.mark.parametrize("option", ["--earthlimb-update", "earthlimb_goldens", "earthlimb_report", "earthlimb_render"])
def test_pytest_explains_what_there_is(installed: Installation, option: str) -> None:  # noqa: F811
    said = run(installed, installed.folder, "--fixtures" if option == "earthlimb_render" else "--help")
    assert option in said
