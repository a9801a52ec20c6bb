"""docs/SCENE.md says of every key what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from earthlimb.scene.messages import all_keys, field_at, range_text, submodel
from earthlimb.schema.text import toml_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SCENE.md"
ROW = re.compile(r"^\| `([\w.]+)` \|(?: `(.*?)`)? \|(?: (.*?))? \| ?(.*?) ?\|$", re.MULTILINE)


def test_the_page_has_every_key_with_its_default_and_range() -> None:
    rows = {found[1]: found for found in ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    keys = {".".join(key): key for key in all_keys()}
    values = {}
    for name, key in keys.items():
        field = field_at(key)
        assert field is not None
        if submodel(field) is None:
            values[name] = field
    assert list(rows) == list(values)
    for name, field in values.items():
        if not field.is_required() and field.default is not None:
            assert rows[name][2] == toml_text(field.default), name
        if limits := range_text(keys[name]):
            assert rows[name][3] == limits, name
