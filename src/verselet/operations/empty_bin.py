"""Remove deleted rows for good.

In:        groups of rows in the recycle bin whose time is over, or that somebody does not want to keep
Out:       the rows, their files and what told clients about them are gone
Not here:  when that is done (jobs.hourly)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import msgspec

from verselet.clock import wire_form
from verselet.messages.request import Response
from verselet.operations.rules.cascades import delete_with_children
from verselet.operations.rules.images import holds_files
from verselet.operations.rules.keeping import DAYS, days_by_table
from verselet.pipeline.execution import Execution
from verselet.sql.write import present_sql
from verselet.store.files import forget_files_of
from verselet.store.recycle_bin import REFERENCES, forget_group, ids_of_group, tables_of_group, tops_before

SHORTEST: Final = timedelta(days=1)
json_text = msgspec.json.Encoder().encode


def empty_bin(run: Execution) -> Response:
    """Remove what was kept for as many days as its table says. [BIN-8]"""
    now = run.clock.now()
    days = days_by_table(run)
    over = [
        group
        for group, table, at in tops_before(run.session, wire_form(now - SHORTEST))
        if at < wire_form(now - timedelta(days=days.get(table, DAYS)))
    ]
    for group in over:
        forget_for_good(run, group)
    if over:
        delete_with_children(run, run.schema.tables[REFERENCES], over)
    return Response()


def forget_for_good(run: Execution, group: str) -> None:
    """Remove the rows of a group from the bin, and files that no living row has."""
    gone = {table: ids_of_group(run.session, group, table) for table in tables_of_group(run.session, group)}
    forget_group(run.session, group)
    for name, ids in gone.items():
        table = run.schema.tables.get(name)
        if table is not None and holds_files(table):
            present = run.session.run(present_sql(table, run.session.dialect), (_listed(ids),))
            forget_files_of(run.session, name, _listed(set(ids) - {str(row[0]) for row in present}))


def _listed(ids: Iterable[str]) -> str:
    return json_text(sorted(ids)).decode()
