"""Change many rows of one table in one statement, as the server does by itself.

In:        a table, the values to write, the column and value by which rows are meant
Out:       the rows changed, with the stamps of a change
Not here:  messages that change one row, with its rules (operations.update)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verselet.metadata.tables import Table
from verselet.operations.rules.auditing import Change, audited_among, is_audited, note_updated
from verselet.operations.rules.defaults import acting_user
from verselet.operations.rules.listed import read_listed
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view
from verselet.sql.rewriting import has_any_sql, rewrite_sql
from verselet.sql.write import values_sql
from verselet.store.codecs import row_encoder
from verselet.values import Reference, Value


def rewrite(run: Execution, table: Table, values: Mapping[str, Value], by: str, value: str) -> int:
    """Write the values into all rows that hold `value` in the column `by`; how many there were."""
    stamps: dict[str, Value] = {
        "modifiedon": run.clock.now_on_wire(),
        "modifiedby": Reference("systemuser", run.caller.user_id),
        "modifiedonbehalfby": acting_user(run),
        "versionnumber": run.session.next_versions(),
    }
    written = {**values, **{name: stamp for name, stamp in stamps.items() if name in table.columns}}
    columns, dialect = tuple(written), run.session.dialect
    changes = _watched(run, table, values, by, value)
    stored = row_encoder(table, columns, dialect)(written)
    run.session.run(rewrite_sql(table, columns, by, dialect), (*stored, value))
    count = run.session.row_count
    note_updated(run, table, changes)
    return count


def _watched(run: Execution, table: Table, values: Mapping[str, Value], by: str, value: str) -> list[Change]:
    """The changes that are to be written down, read before they happen. [JOB-43]"""
    columns = audited_among(table, values) if is_audited(run, table) else ()
    if not columns:
        return []
    ids = [
        str(row[0])
        for row in run.session.run(values_sql(table, (table.primary_id,), (by,), run.session.dialect), (value,))
    ]
    return [
        Change(row_id, before, {**before, **values}) for row_id, before in read_listed(run, table, columns, ids).items()
    ]


def owned_tables(run: Execution) -> Iterator[Table]:
    """The tables whose rows users and teams own."""
    for table in run.schema.tables.values():
        if table.ownership == "user" and "ownerid" in table.columns and not is_view(table):
            yield table


def owns_rows(run: Execution, owner_id: str) -> bool:
    """The user or team owns a row of whatever table. [SEC-38]"""
    dialect = run.session.dialect
    return any(run.session.run(has_any_sql(table, "ownerid", dialect), (owner_id,)) for table in owned_tables(run))
