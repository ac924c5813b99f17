"""List all types of definitions.

In:        the modules that describe them
Out:       `WIRE_TYPES`, `SET_TYPES`, `derived`
Not here:  what they consist of (tables, columns, column_types, choices, keys, relationships)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.web.definitions.choices import BOOLEAN_OPTION_SET, OPTION_SET, OPTION_SET_BASE
from verselet.web.definitions.column_types import ENUM, KINDS
from verselet.web.definitions.columns import ATTRIBUTE
from verselet.web.definitions.keys import ENTITY_KEY
from verselet.web.definitions.relationships import MANY_TO_MANY, ONE_TO_MANY, RELATIONSHIP
from verselet.web.definitions.tables import ENTITY
from verselet.web.definitions.wire import METADATA_BASE, WireType

_COLUMN_TYPES = {exact.name: exact for exact, _, _ in KINDS.values() if exact is not ATTRIBUTE}

WIRE_TYPES: tuple[WireType, ...] = (
    METADATA_BASE,
    ENTITY,
    ATTRIBUTE,
    ENUM,
    *_COLUMN_TYPES.values(),
    ENTITY_KEY,
    RELATIONSHIP,
    ONE_TO_MANY,
    MANY_TO_MANY,
    OPTION_SET_BASE,
    OPTION_SET,
    BOOLEAN_OPTION_SET,
)
"""Every type once, each behind the one it derives from."""

SET_TYPES: Mapping[str, WireType] = {
    "EntityDefinitions": ENTITY,
    "RelationshipDefinitions": RELATIONSHIP,
    "GlobalOptionSetDefinitions": OPTION_SET_BASE,
}
"""Set in the address → the declared type of its members. [MD-1]"""


def derived(declared: WireType, name: str) -> WireType | None:
    """The type of that name, when it is `declared` or derives from it: what a cast may name. [MD-5]"""
    return next((found for found in WIRE_TYPES if found.name == name and found.is_a(declared)), None)
