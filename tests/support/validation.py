"""Records what the truth tests measure; `--write-validation` writes docs/VALIDATION.md, every run checks it.

A truth test calls the fixture `validated(claim, measured, bound, source, unit)`; it fails when the number leaves its
bound, and also when the page does not say the same. `residual(key, measured)` is for what is known to be off
(`tests/truth/open.toml`): it fails when the number gets worse, and when it has become right and should be a claim.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "VALIDATION.md"
TRUTH = CHECKOUT / "tests" / "truth"
OPEN = TRUTH / "open.toml"
LONG = CHECKOUT / "tests" / "long" / "results.toml"
COMMAND = "./test.sh tests/truth --write-validation"
Bound = float | tuple[float, float]

_PROPERTY = "earthlimb-validated"
_RECORDS = pytest.StashKey[list["Record"]]()


@dataclass(frozen=True)
class Record:
    """One measured number: `kind` is "validated" or "residual", `test` the node id below tests/truth."""

    test: str
    section: str
    kind: str
    claim: str
    measured: float
    low: float
    high: float
    source: str
    unit: str

    @property
    def bound(self) -> str:
        """The bound as the page shows it."""
        if self.low == 0.0:
            return f"at most {number(self.high)}"
        return f"{number(self.low)} to {number(self.high)}"

    @property
    def row(self) -> tuple[str, ...]:
        """Cells of the page's table."""
        unit = f" {self.unit}" if self.unit else ""
        return self.claim, number(self.measured) + unit, self.bound + unit, self.source, f"`{self.test}`"

    def agrees(self, cells: tuple[str, ...]) -> bool:
        """Whether the page's row says the same; drivers may differ by a twentieth of the bound's width."""
        shown = float(cells[1].split()[0])
        last_digit = 10.0 ** (math.floor(math.log10(abs(shown))) - 2) if shown else 0.0
        close = abs(shown - self.measured) <= 0.05 * (self.high - self.low) + last_digit
        return close and cells[0] == self.row[0] and cells[2:] == self.row[2:]


def number(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that writes the page."""
    text = "write docs/VALIDATION.md from what the truth tests measure; all of tests/truth must run and pass"
    parser.addoption("--write-validation", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Collect records where reports arrive: in the one process, or in xdist's controller."""
    if config.getoption("--write-validation") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Writer(config), "earthlimb-validation-writer")


@pytest.fixture
def validated(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`validated(claim, measured, bound, source, unit="")`: assert and record; a plain bound is an upper one from 0."""
    records = request.node.stash.setdefault(_RECORDS, [])

    def record(claim: str, measured: float, bound: Bound, source: str, unit: str = "") -> None:
        low, high = bound if isinstance(bound, tuple) else (0.0, bound)
        one = Record(_node(request), _section(request), "validated", claim, float(measured), low, high, source, unit)
        assert low <= one.measured <= high, f"{claim}: {one.measured:.6g}, bound {one.bound} {unit} ({source})"
        assert claim not in {other.claim for other in records}, f"claimed twice: {claim}"
        records.append(one)

    return record


@pytest.fixture
def residual(request: pytest.FixtureRequest) -> Callable[[str, float], None]:
    """`residual(key, measured)`: record a known deviation; it may not grow, nor vanish unnoticed."""
    records = request.node.stash.setdefault(_RECORDS, [])

    def record(key: str, measured: float) -> None:
        entry = open_points()["residual"][key]
        value, (low, high), (right_low, right_high) = float(measured), entry["bound"], entry["right"]
        claim, source = (
            entry["what"],
            f"{number(right_low)} to {number(right_high)}: {entry['source']}; would mend it: {entry['mend']}",
        )
        unit = entry.get("unit", "")
        assert low <= value <= high, f"{claim}: {value:.6g} is worse than known ({low:g} to {high:g})"
        right = right_low <= value <= right_high
        assert not right, f"{claim}: {value:.6g} is right now: make it a claim and strike {key} from open.toml"
        records.append(Record(_node(request), _section(request), "residual", claim, value, low, high, source, unit))

    return record


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """After a test that recorded: hand the records to the report, and compare them with the page."""
    result = yield
    records = pyfuncitem.stash.get(_RECORDS, [])
    pyfuncitem.user_properties.extend((_PROPERTY, asdict(one)) for one in records)
    if records and not pyfuncitem.config.getoption("--write-validation"):
        wrong = differences(records, page_rows(), records[0].test)
        assert not wrong, "docs/VALIDATION.md is out of date:\n" + "\n".join(wrong) + f"\nwrite it: {COMMAND}"
    return result


def differences(records: list[Record], rows: Mapping[str, list[tuple[str, ...]]], test: str) -> list[str]:
    """What the page's rows of a test do not say as the records do."""
    shown = {cells[0]: cells for cells in rows.get(test, [])}
    measured = {one.claim: one for one in records}
    wrong = [f"it lacks: {claim}" for claim in measured.keys() - shown.keys()]
    wrong += [f"{test} does not measure: {claim}" for claim in shown.keys() - measured.keys()]
    for claim in measured.keys() & shown.keys():
        if not measured[claim].agrees(shown[claim]):
            wrong.append(f"it says {shown[claim][1:]}, measured {measured[claim].row[1:]}: {claim}")
    return wrong


def page_rows(text: str | None = None) -> dict[str, list[tuple[str, ...]]]:
    """Rows of the page's tables by the test that stands in their last cell."""
    if text is None:
        text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    rows: dict[str, list[tuple[str, ...]]] = {}
    for line in text.splitlines():
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))
        if line.startswith("| ") and len(cells) == 5 and cells[4].startswith("`test_"):
            rows.setdefault(cells[4].strip("`"), []).append(cells)
    return rows


def open_points() -> dict[str, Any]:
    """tests/truth/open.toml: known residuals and what is not validated."""
    return tomllib.loads(OPEN.read_text(encoding="utf-8"))


def page(records: list[Record], made_with: str) -> str:
    """The whole page; records in the order in which it shall have them."""
    lines = [
        "# What is validated and what is not",
        "",
        f"Made by `{COMMAND}`; do not edit. Every number is measured by the test that its row names, which",
        "fails when it leaves its bound; every run of the tests checks that this page still says what they measure.",
        "",
        f"Measured with {made_with}.",
        "",
        "## Validated",
    ]
    for section in dict.fromkeys(one.section for one in records if one.kind == "validated"):
        lines += ["", f"### {section}", "", *_table("claim | measured | bound | against | test")]
        lines += [_line(one.row) for one in records if one.kind == "validated" and one.section == section]
    lines += ["", "## Known residuals", "", "Known to be off; the bound only keeps them from growing.", ""]
    lines += _table("what | measured | kept within | right would be | test")
    lines += [_line(one.row) for one in records if one.kind == "residual"]
    return "\n".join([*lines, "", *fixed_lines()]) + "\n"


def fixed_lines() -> list[str]:
    """The sections that come from data files alone: what is not validated or not built, and the long tests."""
    points, long = open_points(), tomllib.loads(LONG.read_text(encoding="utf-8"))
    lines = ["## Not validated", "", *_table("what | why")]
    lines += [_line((entry["what"], entry["why"])) for entry in points["not_validated"]]
    lines += ["", "## Not built", "", *_table("what | what that means")]
    lines += [_line((entry["what"], entry["why"])) for entry in points["not_built"]]
    lines += ["", "## Long tests", "", "`./test.sh --long`, run by whoever changes that part.", ""]
    lines += _table("test | date | result | machine")
    lines += [_line((f"`{r['test']}`", r["date"], r["result"], r["machine"])) for r in long["result"]]
    return lines


def _table(header: str) -> list[str]:
    return [f"| {header} |", "|" + "---|" * (header.count(" | ") + 1)]


def _line(cells: tuple[str, ...]) -> str:
    assert not any("|" in cell or "\n" in cell for cell in cells), f"a cell may not hold | or a line's end: {cells}"
    return "| " + " | ".join(cells) + " |"


def _node(request: pytest.FixtureRequest) -> str:
    return f"{request.path.name}::{request.node.name}"


def _section(request: pytest.FixtureRequest) -> str:
    return (request.module.__doc__ or request.path.name).strip().splitlines()[0].rstrip(".")


class _Writer:
    """Writes the page at the end of a run in which every truth test passed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: list[tuple[str, int, str, list[Record]]] = []
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= report.failed and not report.nodeid.startswith("tests/truth/test_document")
        if report.when == "call":
            records = [Record(**values) for name, values in report.user_properties if name == _PROPERTY]  # type: ignore[arg-type]
            if records:
                file, line, _ = report.location
                self._found.append((Path(file).name, line or 0, report.nodeid, records))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        files = {path.name for path in TRUTH.glob("test_*.py")} - {"test_document.py"}
        missing = files - {file for file, *_ in self._found}
        chosen = any("::" in word for word in self._config.args) or self._config.getoption("keyword")
        if self._failed or missing or chosen:
            why = "a test failed" if self._failed else f"not all ran ({', '.join(sorted(missing)) or 'some chosen'})"
            terminalreporter.write_line(f"docs/VALIDATION.md not written: {why}", red=True)
            return
        records = [one for *_, part in sorted(self._found, key=lambda found: found[:3]) for one in part]
        half = PAGE.with_suffix(".md.part")
        half.write_text(page(records, made_with()), encoding="utf-8")
        os.replace(half, PAGE)
        terminalreporter.write_line(f"docs/VALIDATION.md written: {len(records)} numbers")


def made_with() -> str:
    """Program and GL renderer of this process."""
    import earthlimb
    from earthlimb.gpu import open_context

    with open_context() as gpu:
        return f"earthlimb {earthlimb.__version__} on {gpu.renderer}, {gpu.version}"
