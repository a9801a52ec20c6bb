"""The numbers in the docstrings' examples are what the code gives."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

ENGINE = Path(__file__).resolve().parents[2] / "engine"
WITH_EXAMPLES = sorted(path for path in ENGINE.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_examples_of_a_module(path: Path) -> None:
    name = ".".join(path.relative_to(ENGINE).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    with np.printoptions(legacy=False):  # colour-science, which a test imports, sets NumPy's old print style
        result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0
