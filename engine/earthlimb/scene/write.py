"""A scene as the text of a scene file: what is saved can be rendered, checked and edited like a shipped one."""

from __future__ import annotations

import json
import re
from typing import Any

from earthlimb.scene.model import Scene
from earthlimb.scene.views import resolved

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def scene_text(scene: Scene) -> str:
    """TOML of a scene with every value written out, so that a later default does not change the picture.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    str
        `load_scene` of a file with this text gives an equal scene; the folder of the file does not matter, since
        paths are absolute.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> print(scene_text(load_scene("italy")).splitlines()[0])
    title = "Italy and the Balkans, 9 September 2021 (ISS065-E-394522)"
    """
    return "\n".join(_table(resolved(scene), "")).strip() + "\n"


def _table(table: dict[str, Any], path: str) -> list[str]:
    """Lines of a table: its own values first, then its sub-tables under their headings."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_table(value)]
    for key, value in table.items():
        name = f"{path}.{_key(key)}".lstrip(".")
        if isinstance(value, dict) and value:
            own = any(not _is_table(v) for v in value.values())
            lines += ["", f"[{name}]"] if own else []
            lines += _table(value, name)
        elif _is_table(value):
            for item in value:
                lines += ["", f"[[{name}]]", *_table(item, name)]
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, str):
        lines = [_quoted(line) for line in value.split("\n")]
        # element sets keep their two lines
        return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def _quoted(text: str) -> str:
    """The inside of a TOML string; JSON escapes all that TOML wants but DEL."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
