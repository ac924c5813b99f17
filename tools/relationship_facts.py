"""Turn the facts of one relationship into the keys of a table file.

In:        one relationship of a facts file, and the column it starts from
Out:       the keys that have to be written
Not here:  which relationships there are (tools/reference.py), columns (tools/column_facts.py)
"""

from __future__ import annotations

import msgspec

from tools.reference import Facts, prefixes_of
from verselet.metadata import system
from verselet.metadata.children import GROUPS, child_relationship
from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.system import Kind
from verselet.metadata.tables import Cascades

HIERARCHICAL = {
    ("account", "parentaccountid"),
    ("systemuser", "parentsystemuserid"),
    ("businessunit", "parentbusinessunitid"),
}


def child_word(row: Facts, kind: Kind) -> str | None:
    """The word with which the referenced table's file can name the relationship, if there is one."""
    for word, children in GROUPS.items():
        child = children[0]
        if word == "activity_parties" and not kind.is_activity:
            continue  # The parties of `activitypointer` itself decide what the column's targets are.
        if word != child.word or (child.table, child.column) != (row["table"], row["referencing_attribute"]):
            continue
        made = child_relationship(child, kind)
        known = {
            "schema_name": made.schema_name,
            "navigation_property": made.referencing_navigation,
            "referenced_navigation_property": made.referenced_navigation,
        }
        cascades = msgspec.convert(row["cascade"], Cascades) if "cascade" in row else made.cascades
        if cascades == made.cascades and all(row.get(key, value) == value for key, value in known.items()):
            return word
    return None


def inline_keys(kind: Kind, column: Column, row: Facts) -> Facts:
    """The keys of a column that speak of its only relationship."""
    name, collection = names(kind, row)
    to = row["referenced_entity"]
    found = {
        "relationship": different(name, system.relationship_name(kind, column.name, to)),
        "navigation": different(row["navigation_property"], system.navigation_name(kind, column, to, alone=True)),
        "collection": different(collection, name),
        "cascade": cascade(row),
        "hierarchical": True if (kind.name, column.name) in HIERARCHICAL else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def listed_keys(kind: Kind, column: Column, row: Facts) -> Facts:
    """One line of `[relationships]`, by schema name."""
    name, collection = names(kind, row)
    to = row["referenced_entity"]
    found = {
        "column": column.name,
        "to": to,
        "navigation": different(row["navigation_property"], system.navigation_name(kind, column, to, alone=False)),
        "collection": different(collection, name),
        "cascade": cascade(row),
    }
    return {name: {key: value for key, value in found.items() if value is not None}}


def names(kind: Kind, row: Facts) -> tuple[str, str]:
    """Schema name and collection of a relationship, by pattern where the facts have none."""
    column, to = row["referencing_attribute"], row["referenced_entity"]
    pattern = system.relationship_name(kind, column, to)
    if (kind.name, column) == ("queueitem", "objectid"):
        pattern = f"{to}_QueueItems"
    name = row.get("schema_name") or pattern
    return name, row.get("referenced_navigation_property") or name


def cascade(row: Facts) -> Facts | str | None:
    """The cascades as a word, or as a table of what is not the default."""
    if "cascade" not in row:
        return None
    found = msgspec.convert(row["cascade"], Cascades)
    if found == system.cascades_of(row["referencing_attribute"]):
        return None
    for word, cascades in system.CASCADES.items():
        if found == cascades:
            return word
    default: Facts = msgspec.to_builtins(system.REMOVE_LINK)
    written: Facts = msgspec.to_builtins(found)
    return {key: value for key, value in written.items() if value != default[key]}


def shape_of(table: str, fact: Facts, keys: Facts, standard: Column | None) -> Column:
    """A column that is right in what decides a navigation name."""
    name = fact["logical_name"]
    schema_name = keys.get("schema_name") or (standard.schema_name if standard else name)
    return LookupColumn(name=name, schema_name=schema_name, custom=name.startswith(prefixes_of(table)))


def different(value: str, default: str) -> str | None:
    """The value, or None when it need not be written."""
    return None if value == default else value
