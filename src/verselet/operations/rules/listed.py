"""Read and write many rows of one table at once.

In:        ids of rows, the columns that are meant
Out:       their values; the same values written to all of them; one statement each, however many rows
Not here:  which rows (operations.rules.following), one row (pipeline.execution, operations.update)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import msgspec

from verselet.metadata.tables import Table
from verselet.operations.rules.auditing import Change, audited_among, is_audited, note_updated
from verselet.operations.rules.defaults import acting_user
from verselet.pipeline.execution import Execution
from verselet.sql.children import listed_rows_sql, update_listed_sql
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import Dialect
from verselet.store.codecs import Decode, decoder, row_encoder
from verselet.values import Reference, Value

json_text = msgspec.json.Encoder()


def read_listed(
    run: Execution, table: Table, columns: tuple[str, ...], ids: Iterable[str]
) -> dict[str, dict[str, Value]]:
    """Those columns of those rows, by id; a row that is not there is left out. One statement."""
    ways = readers(table, (table.primary_id, *columns), run.session.dialect)
    text = listed_rows_sql(table, (table.primary_id, *columns), run.session.dialect)
    found = {}
    for line in run.session.run(text, (as_list(ids),)):
        values = {name: decode(line[start:stop]) for name, start, stop, decode in ways}
        found[str(values[table.primary_id])] = values
    return found


@lru_cache(maxsize=1024)
def readers(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[tuple[str, int, int, Decode], ...]:
    """Where the stored values of each column begin and end, and how they are read."""
    found = []
    at = 0
    for name in columns:
        column = table.columns[name]
        width = len(stored_columns(table, column))
        found.append((name, at, at + width, decoder(table, column, dialect)))
        at += width
    return tuple(found)


def update_listed(run: Execution, table: Table, values: Mapping[str, Value], ids: Collection[str]) -> None:
    """Give those rows the same values in some columns, and note who changed them and when. One statement."""
    audited = audited_among(table, values) if is_audited(run, table) else ()
    before = read_listed(run, table, audited, ids) if audited else {}
    stamps: dict[str, Value] = {
        "modifiedon": run.clock.now_on_wire(),
        "modifiedby": Reference("systemuser", run.caller.user_id),
        "modifiedonbehalfby": acting_user(run),
        "versionnumber": run.session.next_versions(),
    }
    written = {**values, **{name: value for name, value in stamps.items() if name in table.columns}}
    columns = tuple(written)
    stored = row_encoder(table, columns, run.session.dialect)(written)
    run.session.run(update_listed_sql(table, columns, run.session.dialect), (*stored, as_list(ids)))
    note_updated(run, table, [Change(row_id, found, {**found, **values}) for row_id, found in before.items()])


def as_list(ids: Iterable[str]) -> str:
    """Ids as one parameter."""
    return json_text.encode(list(ids)).decode()
