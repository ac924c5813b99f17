"""Write what explains the value of a property as JSON, inside the database.

In:        a column, where its value stands, which annotations are wanted
Out:       `annotations_of`
Not here:  the value itself (sql.json_forms), how people read it (sql.formats), the object around it (sql.rows)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import structs

from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.tables import Table
from verselet.query.plan import Annotations
from verselet.sql.columns import target_column
from verselet.sql.conditions import Sources
from verselet.sql.dialects import quoted
from verselet.sql.formats import formatted, json_text
from verselet.sql.fragments import text_literal

OWNER: Final = "owner"

_FORMATTED: Final = "@OData.Community.Display.V1.FormattedValue"
_LOOKUP_TABLE: Final = "@Microsoft.Dynamics.CRM.lookuplogicalname"
_NAVIGATION: Final = "@Microsoft.Dynamics.CRM.associatednavigationproperty"


class Place(msgspec.Struct, frozen=True):
    """Where a value stands: the SQL alias of its row, the name its column has there, the property that shows it."""

    row: str
    stored_as: str
    property: str

    def called(self, annotation: str) -> str:
        """What stands before the JSON of an annotation."""
        return f",{json_text(self.property + annotation)}:"


def annotations_of(table: Table, column: Column, place: Place, wanted: Annotations, sources: Sources) -> list[str]:
    """Pieces for `concatenated`: each an annotation, or several, or nothing where they are absent. [J-5], [J-6]"""
    shown = structs.replace(column, name=place.stored_as)
    found = []
    if Annotations.FORMATTED in wanted:
        text = formatted(shown, place.row, sources.origins)
        if text is not None:
            found.append(f"{text_literal(place.called(_FORMATTED))} || {text}")
    if isinstance(shown, LookupColumn):
        told: dict[str, Mapping[str, str]] = {}
        if Annotations.NAVIGATION in wanted:
            told[place.called(_NAVIGATION)] = _navigations(table, column.name, shown.targets, sources)
        if Annotations.LOOKUP_TABLE in wanted:
            told[place.called(_LOOKUP_TABLE)] = {name: name for name in shown.targets}
        found += _by_target(shown, place.row, told)
    return found if sources.dialect.name == "sqlite" else [f"coalesce({piece}, '')" for piece in found]


def _navigations(table: Table, column: str, targets: tuple[str, ...], sources: Sources) -> dict[str, str]:
    """The navigation property of a lookup to each of its targets."""
    found = {
        relationship.referenced_table: relationship.referencing_navigation
        for relationship in sources.schema.by_column.get((table.name, column), ())
    }
    if OWNER in found:
        # An owner is a user or a team, reached by one navigation for both. [MT-5]
        navigation = found.pop(OWNER)
        found = {"systemuser": navigation, "team": navigation, **found}
    return found or dict.fromkeys(targets[:1], column)


def _by_target(column: LookupColumn, row: str, told: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What is told of a lookup is told together: a text for each table it may point to."""
    texts: dict[str, str] = {}
    for called, by_target in told.items():
        for target, shown in by_target.items():
            texts[target] = texts.get(target, "") + called + json_text(shown)
    if not texts:
        return []
    if not column.is_polymorphic:
        text = text_literal(texts[column.targets[0]])
        return [f"CASE WHEN {row}.{quoted(column.name)} IS NOT NULL THEN {text} END"]
    cases = " ".join([f"WHEN {text_literal(target)} THEN {text_literal(text)}" for target, text in texts.items()])
    return [f"CASE {row}.{quoted(target_column(column.name))} {cases} END"]
