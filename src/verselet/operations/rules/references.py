"""Make sure that what lookups point to is there.

In:        rows on their way to the store
Out:       rows whose references exist, all named by id
Not here:  whether a column may point to a table (operations.rules.values)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

import msgspec

from verselet.errors import KeyDoesNotExist, RowDoesNotExist
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect
from verselet.sql.write import keyed_ids_sql, present_sql, values_sql
from verselet.store.codecs import operand
from verselet.store.session import Session
from verselet.values import KeyReference, Reference, Row, Stored, Value

json_text = msgspec.json.Encoder()


def settle_references(rows: Iterable[Row], schema: Schema, session: Session, known: frozenset[Reference]) -> None:
    """Turn key references into references, and refuse those that lead nowhere.

    One statement per table that is pointed to, however many rows point. `known` need not be looked up.

    Raises:
        RowDoesNotExist: no row with that id. [C-6]
        KeyDoesNotExist: no row with those key values. [C-6]
    """
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.values.items():
            if type(value) is Reference:
                if value not in known:
                    wanted.setdefault(value.table, set()).add(value.id)
            elif type(value) is KeyReference:
                row.values[name] = Reference(value.table, find_by_key(schema, session, value))
    for table_name, ids in wanted.items():
        found = present_ids(schema.tables[table_name], ids, session)
        if len(found) != len(ids):
            raise RowDoesNotExist(table_name, min(ids - found))


def present_ids(table: Table, ids: Set[str], session: Session) -> set[str]:
    """Those of the ids that rows of the table have."""
    if len(ids) == 1:
        return present_one(table, next(iter(ids)), session)
    listed = json_text.encode(sorted(ids)).decode()
    return {str(row[0]) for row in session.run(present_sql(table, session.dialect), (listed,))}


def present_one(table: Table, row_id: str, session: Session) -> set[str]:
    """The id, if a row has it."""
    text = values_sql(table, (table.primary_id,), (table.primary_id,), session.dialect)
    return {row_id} if session.run(text, (row_id,)) else set()


def find_by_key(schema: Schema, session: Session, reference: KeyReference) -> str:
    """The id of the row that an alternate key names. [K-1]"""
    table = schema.tables[reference.table]
    found = ids_by_values(table, reference.values, session)
    if found is None:
        raise KeyDoesNotExist(table.name)
    return found


def ids_by_values(table: Table, values: tuple[tuple[str, Value], ...], session: Session) -> str | None:
    """The id of the row with those values in those columns, None where there is none."""
    names = tuple([name for name, _ in values])
    stored = [_operand(table, name, value, session.dialect) for name, value in values]
    rows = session.run(values_sql(table, (table.primary_id,), names, session.dialect), stored)
    return str(rows[0][0]) if rows else None


def ids_by_key(
    table: Table, names: tuple[str, ...], keys: Sequence[tuple[tuple[str, Value], ...]], session: Session
) -> list[str | None]:
    """For each of the keys the id of the row that has its values in those columns, None where there is none."""
    ways = [operand(table, table.columns[name], session.dialect) for name in names]
    listed = [[way(value) for way, (_, value) in zip(ways, values, strict=True)] for values in keys]
    text = keyed_ids_sql(table, names, session.dialect)
    found = {place: str(row_id) for place, row_id in session.run(text, (json_text.encode(listed).decode(),))}
    return [found.get(place) for place in range(len(keys))]


def _operand(table: Table, name: str, value: Value, dialect: Dialect) -> Stored:
    return operand(table, table.columns[name], dialect)(value)
