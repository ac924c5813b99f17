"""Read and answer the operations that prepare, merge and restore rows, or ask about their states.

In:        a call
Out:       an `Answer`
Not here:  what they do (operations.initialize, operations.merge, operations.restore, operations.states)
"""

from __future__ import annotations

from typing import Final, cast, get_args

from verselet.errors import BadRequest
from verselet.messages.lifecycle import FieldType, InitializeFrom, Merge, Restore, UnsavedRow
from verselet.messages.states import IsValidStateTransition
from verselet.metadata.schema import Schema
from verselet.values import KeyReference, Reference, Row
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import PREFIX, number_of, object_of, text_of

FIELD_TYPES: Final = cast(tuple[FieldType, ...], get_args(FieldType))


def is_valid_state_transition(call: Call) -> Answer:
    """May the row take that state? [FN-20], [MSG-50]"""
    message = IsValidStateTransition(
        call.row("Entity"), text_of(call.given, "NewState"), number_of(call.given, "NewStatus")
    )
    return call.properties(message)


def initialize_from(call: Call) -> Answer:
    """The row that somebody who starts from another one would begin with. [FN-19]"""
    wanted = call.given.get("TargetFieldType", "All")
    if type(wanted) is int and 0 <= wanted < len(FIELD_TYPES):
        wanted = FIELD_TYPES[wanted]
    columns = next((name for name in FIELD_TYPES if name == wanted), None)
    if columns is None:
        raise BadRequest(f"'{str(wanted)[:80]}' is no member of TargetFieldType.")
    name = text_of(call.given, "TargetEntityName")
    message = InitializeFrom(call.row("EntityMoniker"), name, columns)
    row = cast(UnsavedRow, call.execute(message)).row
    set_name = call.schema.tables[row.table].set_name
    return call.written(
        f"{set_name}/$entity", {"@odata.type": f"#{PREFIX}{row.table}", **wire_members(call.schema, row)}
    )


def merge(call: Call) -> Answer:
    """Make two rows one. [FN-21], [MSG-40]"""
    target = call.row("Target")
    checks = call.given.get("PerformParentingChecks", False)
    if not isinstance(checks, bool):
        raise BadRequest("The parameter 'PerformParentingChecks' must be true or false.")
    message = Merge(target, call.row("Subordinate"), _content(call, target), checks)
    return call.done(message)


def restore(call: Call) -> Answer:
    """Bring a deleted row back. [BIN-10]"""
    named = call.row("Target")
    if isinstance(named, KeyReference):
        # The key is free for other rows since it went. [BIN-12]
        raise BadRequest("A deleted row is named by its id, not by an alternate key.")
    table = call.schema.tables[named.table]
    naming = {"@odata.id", "@odata.type", table.primary_id}
    body = {name: value for name, value in object_of(call.given, "Target").items() if name not in naming}
    values = call.organization.row_reader(table, creating=False).read(body).values
    return call.properties(Restore(Row(table.name, named.id, values)))


def _content(call: Call, target: Reference | KeyReference) -> Row | None:
    if call.given.get("UpdateContent") is None:
        return None
    body = object_of(call.given, "UpdateContent")
    declared = body.get("@odata.type")
    if isinstance(declared, str) and declared.removeprefix("#") != PREFIX + target.table:
        raise BadRequest(f"The parameter 'UpdateContent' must be of the type of the target, '{PREFIX}{target.table}'.")
    table = call.schema.tables[target.table]
    row = call.organization.row_reader(table, creating=False).read(body)
    return Row(row.table, None, row.values)


def wire_members(schema: Schema, row: Row) -> dict[str, object]:
    """The members of a row that can be sent back to make it: lookups as binds. [C-5]"""
    table = schema.tables[row.table]
    found: dict[str, object] = {}
    for name, value in row.values.items():
        if isinstance(value, Reference):
            for relationship in schema.by_column[table.name, name]:
                if relationship.referenced_table in {value.table, "owner"}:
                    address = f"{schema.tables[value.table].set_name}({value.id})"
                    found[f"{relationship.referencing_navigation}@odata.bind"] = address
                    break
        else:
            found[name] = value
    return found
