"""Derive the names of new definitions, and refuse names that cannot be.

In:        schema names as somebody wrote them
Out:       logical names, set names
Not here:  names of relationships that follow from a table's kind (metadata.system)
"""

from __future__ import annotations

import re
from collections.abc import Container

from verselet.errors import InvalidArgument

_SCHEMA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_PREFIX = re.compile(r"([a-z][a-z0-9]{1,7})_[a-z0-9]", re.IGNORECASE)
LONGEST_NAME = 50
LONGEST_RELATIONSHIP_NAME = 100


def logical_name(schema_name: str, kind: str, longest: int = LONGEST_NAME) -> str:
    """The logical name: the schema name in lower case. [MW-2]

    Any prefix of two to eight letters and digits will do, whether a publisher has it or not; so that a definition can
    be tried out before its publisher is there.

    Raises:
        InvalidArgument: no name, one too long, or one without a publisher's prefix. [MW-14]
    """
    if not _SCHEMA_NAME.match(schema_name) or len(schema_name) > longest:
        raise InvalidArgument(
            f"'{schema_name[:120]}' is not a valid name for a {kind}: a letter, then letters, digits and underscores, "
            f"at most {longest} characters."
        )
    if prefix_of(schema_name) is None:
        raise InvalidArgument(
            f"The name '{schema_name}' of the {kind} must start with a publisher's customization prefix, as new_ is."
        )
    return schema_name.lower()


def prefix_of(name: str) -> str | None:
    """The customization prefix a name starts with, in lower case; `mscrm` belongs to the platform."""
    found = _PREFIX.match(name)
    prefix = found[1].lower() if found else None
    return None if prefix is not None and prefix.startswith("mscrm") else prefix


def set_name_of(name: str, taken: Container[str]) -> str:
    """The plural of a logical name, as the entity set is called. [MW-2]"""
    if name.endswith("y"):
        plural = f"{name[:-1]}ies"
    elif name.endswith(("s", "x", "ch", "sh")):
        plural = f"{name}es"
    else:
        plural = f"{name}s"
    return f"{name}set" if plural in taken else plural
