"""Write TOML: short values on their line, columns as sections, relationships one per line.

In:        a tree of plain values
Out:       a file
Not here:  what the values mean
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_WIDTH = 118


def write_toml(path: Path, tree: dict[str, Any]) -> None:
    """Write one file; sections come after plain keys."""
    lines = [_line(key, value) for key, value in tree.items() if not isinstance(value, dict)]
    for section, content in tree.items():
        if isinstance(content, dict):
            lines += _section(section, content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _section(name: str, content: dict[str, Any]) -> list[str]:
    if name == "columns":
        lines = []
        for column, keys in content.items():
            lines += ["", f"[columns.{_key(column)}]", *(_line(key, value) for key, value in keys.items())]
        return lines
    return ["", f"[{name}]", *(_line(key, value) for key, value in content.items())]


def _line(key: str, value: Any) -> str:
    line = f"{_key(key)} = {_value(value)}"
    if isinstance(value, list) and len(line) > _WIDTH:
        return f"{_key(key)} = [\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"
    return line


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)
