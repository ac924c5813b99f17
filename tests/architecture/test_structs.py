"""What travels cannot be changed on the way. [architecture.md §7]"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import msgspec
import pytest

from tests.architecture.sources import modules

CHANGEABLE: frozenset[str] = frozenset({"verselet.values.Row"})
"""The one value that plug-ins change on purpose. [architecture.md §7]"""


def structs() -> Iterator[type[msgspec.Struct]]:
    """Every struct that the product defines."""
    for module in modules():
        if module.name == "verselet.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.name:
                yield value


@pytest.mark.parametrize("struct", list(structs()), ids=lambda struct: f"{struct.__module__}.{struct.__qualname__}")
def test_a_struct_is_frozen(struct: type[msgspec.Struct]) -> None:
    """Schema, Query, Plan, Statement and everything else that travels is immutable. [invariant 2]"""
    name = f"{struct.__module__}.{struct.__qualname__}"

    assert (name in CHANGEABLE) != struct.__struct_config__.frozen
