"""Turn the keys of a column in a table file into a column.

In:        the keys as written, the standard column they differ from, the global choices
Out:       one `Column`; a refusal names the key
Not here:  relationships (metadata.assembly), the shape of the file (metadata.files)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import Column
from verselet.metadata.files import INCOMPLETE, UNKNOWN_NAME, UNKNOWN_OR_WRONG, convert, refuse

_WITH_CHOICE_NAME = frozenset({"choice", "choices", "state", "status", "yesno"})
_WITH_GLOBAL_CHOICE = frozenset({"choice", "choices"})


class ColumnSource(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a column needs to know besides its keys."""

    table: str
    path: Path | str
    choices: Mapping[str, GlobalChoice]
    custom_prefixes: tuple[str, ...] = ()


def read_column(name: str, keys: Mapping[str, Any], standard: Column | None, source: ColumnSource) -> Column:
    """One column from its file.

    Args:
        name: the logical name, which is the key in the file.
        keys: what the file says of it.
        standard: what the table's kind says of it; the file's keys go before it, unless they change the type.
        source: the table, its file, the global choices.

    Raises:
        OperatorError: VS2202 unknown key or wrong type, VS2203 unknown global choice, VS2205 no type.
    """
    key = f"columns.{name}"
    written = dict(keys)
    given: dict[str, Any] = _standard_keys(standard, written.get("type"))
    if "type" not in written and not given:
        refuse(INCOMPLETE, source.path, key, "`type` is missing and no standard column has that name")
    if written.pop("read_only", False):
        written |= {"create": False, "update": False}
    given = {"name": name, "schema_name": name, "custom": name.startswith(source.custom_prefixes or ("\0",))} | given
    given |= written
    _name_choice(given, source, key)
    _spell_out_options(given, source, key)
    if "name" in keys:
        refuse(UNKNOWN_OR_WRONG, source.path, key, "unknown key `name`: the key of the section is the name")
    column: Column = convert(given, Column, path=source.path, key=key)  # type: ignore[arg-type]  # a union is no class
    return column


def _standard_keys(standard: Column | None, kind: str | None) -> dict[str, Any]:
    """The keys of the standard column, if the file does not change its type."""
    if standard is None:
        return {}
    keys: dict[str, Any] = msgspec.to_builtins(standard)
    if kind is None or kind == keys["type"]:
        return keys
    return {"schema_name": keys["schema_name"], "label": keys["label"], "description": keys["description"]}


def _name_choice(keys: dict[str, Any], source: ColumnSource, key: str) -> None:
    """Give a local list its name, or a column the options of its global list. [T-13]"""
    wanted = keys.pop("choice", None)
    if wanted is None:
        if keys["type"] in _WITH_CHOICE_NAME and not keys.get("choice_name"):
            keys["choice_name"] = f"{source.table}_{keys['name']}"
        return
    if keys["type"] not in _WITH_GLOBAL_CHOICE or "options" in keys:
        refuse(UNKNOWN_OR_WRONG, source.path, key, "`choice` is for choice columns without options of their own")
    found = source.choices.get(wanted)
    if found is None:
        refuse(UNKNOWN_NAME, source.path, f"{key}.choice", f"there is no global choice `{wanted}`")
    keys["choice_name"] = wanted
    keys["global_choice"] = True
    keys["options"] = msgspec.to_builtins(found.options)


def _plain(option: list[Any]) -> dict[str, Any]:
    value, label = option
    return {"value": value, "label": label}


def _state(option: list[Any]) -> dict[str, Any]:
    value, label, default_status, *invariant = option
    return {
        "value": value,
        "label": label,
        "default_status": default_status,
        "invariant_name": invariant[0] if invariant else label,
    }


def _status(option: list[Any]) -> dict[str, Any]:
    value, label, state = option
    return {"value": value, "label": label, "state": state}


_OPTION: dict[str, tuple[str, Callable[[list[Any]], dict[str, Any]]]] = {
    "choice": ("[number, label]", _plain),
    "choices": ("[number, label]", _plain),
    "state": ("[number, label, default status, invariant name]", _state),
    "status": ("[number, label, state]", _status),
}


def _spell_out_options(keys: dict[str, Any], source: ColumnSource, key: str) -> None:
    """Turn the short form of options, one list each, into their long form."""
    options = keys.get("options")
    if keys["type"] not in _OPTION or not isinstance(options, list):
        return
    form, spell_out = _OPTION[keys["type"]]
    try:
        keys["options"] = [spell_out(option) if isinstance(option, list) else option for option in options]
    except ValueError:
        refuse(UNKNOWN_OR_WRONG, source.path, f"{key}.options", f"each option is written {form}")
    values = [option["value"] for option in keys["options"]]
    if len(values) != len(set(values)):
        refuse(UNKNOWN_OR_WRONG, source.path, f"{key}.options", "a number occurs twice")
