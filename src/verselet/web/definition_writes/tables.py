"""Read tables and keys.

In:        a JSON object as clients send it
Out:       `NewTable`, `TableFacts`, `NewKey`
Not here:  columns (columns), what a table gets from its kind (metadata.changes.tables)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.metadata.changes.drafts import NewKey, NewTable, TableFacts
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Ownership
from verselet.web.definition_writes.columns import read_new_column
from verselet.web.definition_writes.members import Body, choose, label, members, needed, text, texts, type_of, yes_no

_OWNERSHIPS = {"UserOwned": "user", "OrganizationOwned": "organization"}


def read_new_table(schema: Schema, body: Body) -> NewTable:
    """The table a client wants to make. [MW-1], [PS-14]

    Raises:
        InvalidArgument: a member that is missing or cannot be.
        NotSupportedHere: an elastic or virtual table.
    """
    if type_of(body) not in {"", "EntityMetadata"}:
        raise InvalidArgument(f"'{type_of(body)}' is no EntityMetadata.")
    kind = text(body, "TableType") or "Standard"
    if kind != "Standard":
        raise NotSupportedHere(f"A table of the type {kind}")
    columns = members(body, "Attributes")
    is_activity = yes_no(body, "IsActivity") or False
    named = [needed(column, "SchemaName") for column in columns if yes_no(column, "IsPrimaryName")]
    if len(named) > 1:
        raise InvalidArgument("Only one column can have IsPrimaryName.")
    default = "Subject" if is_activity else ""
    return NewTable(
        schema_name=needed(body, "SchemaName"),
        label=label(body, "DisplayName") or "",
        label_plural=label(body, "DisplayCollectionName") or "",
        description=label(body, "Description") or "",
        primary_name=named[0] if named else text(body, "PrimaryNameAttribute") or default,
        columns=tuple(read_new_column(schema, column) for column in columns),
        ownership=cast(Ownership, choose(text(body, "OwnershipType"), _OWNERSHIPS, "OwnershipType") or "user"),
        set_name=text(body, "EntitySetName"),
        is_activity=is_activity,
        has_activities=yes_no(body, "HasActivities") or False,
        has_notes=yes_no(body, "HasNotes") or False,
        change_tracking=yes_no(body, "ChangeTrackingEnabled") or False,
        audit=yes_no(body, "IsAuditEnabled") or False,
        searched=yes_no(body, "SyncToExternalSearchIndex") or False,
        enforces_transitions=yes_no(body, "EnforceStateTransitions") or False,
    )


def read_facts(body: Body) -> TableFacts:
    """What a client wants to change of a table. [MW-5]

    Raises:
        InvalidArgument: a member that cannot be.
    """
    return TableFacts(
        label=label(body, "DisplayName"),
        label_plural=label(body, "DisplayCollectionName"),
        description=label(body, "Description"),
        change_tracking=yes_no(body, "ChangeTrackingEnabled"),
        audit=yes_no(body, "IsAuditEnabled"),
        searched=yes_no(body, "SyncToExternalSearchIndex"),
        retention=yes_no(body, "IsRetentionEnabled"),
        enforces_transitions=yes_no(body, "EnforceStateTransitions"),
        has_notes=yes_no(body, "HasNotes"),
        has_activities=yes_no(body, "HasActivities"),
    )


def read_key(body: Body) -> NewKey:
    """The alternate key a client wants to make. [MW-10]

    Raises:
        InvalidArgument: a member that is missing or cannot be.
    """
    columns = tuple(name.lower() for name in texts(body, "KeyAttributes"))
    return NewKey(needed(body, "SchemaName"), columns, label(body, "DisplayName") or "")
