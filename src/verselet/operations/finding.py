"""Find the row a request means.

In:        a key as the request gives it
Out:       the row's id, or a refusal that fits the kind of key
Not here:  reading rows for an answer (operations.reads)
"""

from __future__ import annotations

from verselet.errors import KeyDoesNotExist, RowDoesNotExist
from verselet.messages.request import RowKey
from verselet.metadata.tables import Table
from verselet.operations.rules.references import find_by_key, ids_by_values, present_one
from verselet.pipeline.execution import Execution
from verselet.values import KeyReference, Reference, Value


def find_id(run: Execution, table: Table, key: RowKey) -> str | None:
    """The id of the row, None where there is none. [U-9], [K-7]"""
    if key.id is not None:
        return key.id if present_one(table, key.id, run.session) else None
    return ids_by_values(table, settled_key(run, key), run.session)


def must_find_id(run: Execution, table: Table, key: RowKey) -> str:
    """The id of the row.

    Raises:
        RowDoesNotExist: no row with that id. [E-3]
        KeyDoesNotExist: no row with those key values. [E-4]
    """
    found = find_id(run, table, key)
    if found is None:
        raise missing(table, key)
    return found


def named_row(run: Execution, named: Reference | KeyReference) -> tuple[Table, str]:
    """The table and id of a row that a message names. Refusals as `must_find_id`."""
    table = run.schema.tables[named.table]
    key = RowKey(named.id) if isinstance(named, Reference) else RowKey(None, named.values)
    return table, must_find_id(run, table, key)


def missing(table: Table, key: RowKey) -> RowDoesNotExist | KeyDoesNotExist:
    """The refusal for a row that is not there."""
    return KeyDoesNotExist(table.name) if key.id is None else RowDoesNotExist(table.name, key.id)


def settled_key(run: Execution, key: RowKey) -> tuple[tuple[str, Value], ...]:
    """The key's values, key references among them looked up."""
    return tuple([(name, _settled(run, value)) for name, value in key.values])


def _settled(run: Execution, value: Value) -> Value:
    if isinstance(value, KeyReference):
        return Reference(value.table, find_by_key(run.schema, run.session, value))
    return value


def version_of(run: Execution, table: Table, row_id: str) -> int | None:
    """The row's version, None where the table has none or the row is not there."""
    if "versionnumber" not in table.columns:
        return None
    found = run.read_values(table.name, row_id, ("versionnumber",))
    version = None if found is None else found["versionnumber"]
    return version if isinstance(version, int) else None
