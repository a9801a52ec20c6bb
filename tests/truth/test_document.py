"""docs/VALIDATION.md has a row for every truth test and no others, and the tool that compares them can fail."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from tests.support import validation
from tests.support.validation import CHECKOUT, PAGE, Record, differences, fixed_lines, page, page_rows


@pytest.fixture(autouse=True)
def _not_while_writing(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-validation"):
        pytest.skip("the page is being written")


RECORD = Record("test_x.py::test_y", "Section", "validated", "height", 86.51, 84.0, 88.5, "photograph: 86", "km")


def test_every_truth_test_has_rows_and_every_row_a_test() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/truth"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {line.split("tests/truth/")[1] for line in done.stdout.splitlines() if line.startswith("tests/truth/test_")}
    found = {name for name in found if not name.startswith("test_document.py")}
    assert found and found == set(page_rows()), f"write the page: {validation.COMMAND}"


def test_sections_from_data_files_are_up_to_date() -> None:
    assert "\n".join(fixed_lines()) in PAGE.read_text(encoding="utf-8"), f"write the page: {validation.COMMAND}"


def test_every_residual_is_measured() -> None:
    shown = {cells[0] for rows in page_rows().values() for cells in rows}
    assert {entry["what"] for entry in validation.open_points()["residual"].values()} <= shown


def test_page_says_what_it_was_made_from() -> None:
    rows = page_rows(page([RECORD], "a test"))
    assert rows == {RECORD.test: [RECORD.row]}
    assert differences([RECORD], rows, RECORD.test) == []


@pytest.mark.parametrize(
    "change",
    [
        {"claim": "width"},
        {"measured": 87.5},
        {"low": 80.0},
        {"high": 90.0},
        {"unit": "m"},
        {"source": "photograph: 87"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_page_that_says_otherwise_is_caught(change: dict[str, str | float]) -> None:
    rows = page_rows(page([RECORD], "a test"))
    assert differences([dataclasses.replace(RECORD, **change)], rows, RECORD.test)  # type: ignore[arg-type]
    assert differences([RECORD], {}, RECORD.test)
    assert differences([RECORD], {RECORD.test: [*rows[RECORD.test], ("old", *RECORD.row[1:])]}, RECORD.test)


def test_a_difference_between_drivers_is_not_an_error() -> None:
    rows = page_rows(page([RECORD], "a test"))
    assert differences([dataclasses.replace(RECORD, measured=86.6)], rows, RECORD.test) == []
