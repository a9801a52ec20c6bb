"""The contact sheets of the README and the script that makes them."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_script_lays_out_exposures_in_reading_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "sheet.png"
    options = ["--frames", "3", "--columns", "2", "--width", "64"]
    monkeypatch.setattr(sys, "argv", ["contact_sheet.py", "docking", "-o", str(out), *options])
    runpy.run_path(str(DOCS / "contact_sheet.py"), run_name="__main__")
    sheet = np.asarray(Image.open(out).convert("RGB")).astype(float).mean(axis=-1)
    assert sheet.shape == (72, 128)
    first, second, third, rest = sheet[:36, :64], sheet[:36, 64:], sheet[36:, :64], sheet[36:, 64:]
    assert rest.max() < 8.0  # no exposure stands there
    # the first looks at the cities of China, the last at the sky above the limb
    assert first[18:, :32].mean() > 3.0 * third[18:, :32].mean()
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", ["docking", "orbit", "timelapse-europe"])
def test_the_shipped_sheets_are_small(name: str) -> None:
    path = DOCS / f"{name}.png"
    with Image.open(path) as sheet:
        assert sheet.size == (1280, 540)
    assert path.stat().st_size <= 400_000
