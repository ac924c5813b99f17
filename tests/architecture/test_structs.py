"""What travels cannot be changed on the way. [architecture.md §7]"""

from __future__ import annotations

import importlib

import msgspec
import pytest

from tests.architecture.sources import modules

CHANGEABLE: frozenset[str] = frozenset({"verselet.values.Row"})
"""The one value that plug-ins change on purpose. [architecture.md §7]"""

NAMES = [module.name for module in modules() if module.name != "verselet.__main__"]


def structs(module: str) -> list[type[msgspec.Struct]]:
    """Every struct that a module defines."""
    values = vars(importlib.import_module(module)).values()
    types = [value for value in values if isinstance(value, type) and issubclass(value, msgspec.Struct)]
    return [struct for struct in types if struct.__module__ == module]


@pytest.mark.parametrize("module", NAMES)
def test_structs_are_frozen(module: str) -> None:
    """Schema, Query, Plan, Statement and everything else that travels is immutable. [invariant 2]"""
    changeable = [
        name
        for struct in structs(module)
        if not struct.__struct_config__.frozen
        and (name := f"{struct.__module__}.{struct.__qualname__}") not in CHANGEABLE
    ]

    assert [] == changeable


def test_the_changeable_value_is_there() -> None:
    """An exception that is no longer needed is no longer made."""
    names = {f"{struct.__module__}.{struct.__qualname__}" for module in NAMES for struct in structs(module)}

    assert set() == CHANGEABLE - names
