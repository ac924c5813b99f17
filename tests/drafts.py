"""Drafts of definitions, and the built-in schema with a table made from one."""

from __future__ import annotations

from typing import Any

from verselet.metadata.changes.columns import add_column
from verselet.metadata.changes.drafts import NewColumn, NewRelationship, NewTable
from verselet.metadata.changes.tables import add_table
from verselet.metadata.columns import Column, LookupColumn, TextColumn
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Cascades

PREFIX = 10_000
BUILTIN = load_schema()


def new_table(schema_name: str = "new_Box", **facts: Any) -> NewTable:
    """A user-owned table whose rows are named by `new_Name`."""
    given: dict[str, Any] = {
        "schema_name": schema_name,
        "label": "Box",
        "label_plural": "Boxes",
        "primary_name": "new_Name",
        "columns": (NewColumn(TextColumn(name="", schema_name="new_Name", label="Name")),),
        **facts,
    }
    return NewTable(**given)


def with_box(*columns: Column, **facts: Any) -> Schema:
    """The built-in schema and the table `new_box`, with some more columns."""
    schema = add_table(BUILTIN, new_table(**facts), PREFIX)
    for column in columns:
        schema = add_column(schema, "new_box", NewColumn(column), PREFIX)
    return schema


def text(schema_name: str, max_length: int = 100) -> TextColumn:
    """A column of text."""
    return TextColumn(name="", schema_name=schema_name, max_length=max_length)


def relationship(schema_name: str, to: str, table: str = "new_box", *, delete: str = "RemoveLink") -> NewRelationship:
    """A one-to-many relationship."""
    cascades = Cascades(delete=delete)  # type: ignore[arg-type]  # a word of the wire
    return NewRelationship(schema_name=schema_name, referenced_table=to, referencing_table=table, cascades=cascades)


def lookup(schema_name: str) -> LookupColumn:
    """A lookup column."""
    return LookupColumn(name="", schema_name=schema_name, label=schema_name)
