"""Write down that auditing was switched on or off, and who came when.

In:        definitions before and after, changes of the organization's settings, users who send requests
Out:       rows of `audit`
Not here:  changes of rows (operations.rules.auditing), where users are noticed (organization.accesses)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final, cast

from verselet.clock import wire_form
from verselet.ids import name_id
from verselet.messages.auditing import NoteAccess
from verselet.messages.request import Response
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.rules.auditing import Accessed, Action, ChangeData, changed_columns, write_audits
from verselet.pipeline.execution import Execution
from verselet.sql.audits import came_since_sql
from verselet.values import Value

SWITCHES: Final[Mapping[str, tuple[Action, Action]]] = MappingProxyType(
    {
        "isauditenabled": (Action.ORGANIZATION_STARTED, Action.ORGANIZATION_STOPPED),
        "isuseraccessauditenabled": (Action.ACCESS_STARTED, Action.ACCESS_STOPPED),
    }
)
"""Setting of the organization → what is written down when it is switched on, and when off. [JOB-40], [JOB-42]"""

SETTINGS: Final = (*SWITCHES, "auditretentionperiodv2", "useraccessauditinginterval")
"""All that the organization says about auditing. [JOB-40]"""


def note_settings(run: Execution, before: Mapping[str, Value], after: Mapping[str, Value]) -> None:
    """What changes of auditing itself, then what that starts or stops; whichever way it was. [JOB-42]"""
    table = run.schema.tables["organization"]
    known = {**dict.fromkeys(SWITCHES, False), **{name: value for name, value in before.items() if value is not None}}
    changed = changed_columns([name for name in SETTINGS if name in after], known, after)
    if changed:
        write_audits(run, table, Action.ORGANIZATION_CHANGED, [(run.facts.id, ChangeData(changed))])
    for name, (started, stopped) in SWITCHES.items():
        was, is_on = before.get(name) is True, after.get(name, before.get(name)) is True
        if was != is_on:
            write_audits(run, table, started if is_on else stopped, [(run.facts.id, ChangeData(about=()))])


def note_definitions(run: Execution, before: Schema, after: Schema) -> None:
    """Switches of tables and columns, and audited ones that are gone, where the organization is audited. [JOB-42]"""
    if not run.surroundings.is_auditing(run):
        return
    for name, table in before.tables.items():
        now = after.tables.get(name)
        if now is not table:
            for action, columns in _switches(table, now):
                write_audits(run, table, action, [(name_id("table", name), ChangeData(about=columns))])


def _switches(table: Table, now: Table | None) -> Iterator[tuple[Action, tuple[str, ...]]]:
    """What happened to the auditing of one table, and of which of its columns."""
    if now is None:
        if table.audit:
            yield Action.TABLE_DELETED, ()
        return
    if table.audit != now.audit:
        yield Action.TABLE_SWITCHED, ()
        yield (Action.TABLE_STARTED if now.audit else Action.TABLE_STOPPED), ()
    audited = {name for name, column in table.columns.items() if column.audit}
    after = {name for name, column in now.columns.items() if column.audit}
    gone = audited - now.columns.keys()
    started, stopped = (after - audited) & table.columns.keys(), audited - after - gone
    yield from [(Action.COLUMN_SWITCHED, (name,)) for name in sorted(started | stopped)]
    if table.audit:
        # Where the table is not audited nothing goes, starts or stops by that.
        for action, names in (
            (Action.COLUMN_DELETED, gone),
            (Action.COLUMN_STARTED, started),
            (Action.COLUMN_STOPPED, stopped),
        ):
            yield from [(action, (name,)) for name in sorted(names)]


def note_access(run: Execution) -> Response:
    """The caller came; once in so many hours by each door, whichever process it came to. [JOB-40], [JOB-42]"""
    request = cast(NoteAccess, run.request)
    action = Action.PAGE_ACCESS if request.to_pages else Action.ACCESS
    user, now = run.caller.user_id, run.clock.now()
    since = wire_form(now - timedelta(hours=request.hours))
    if not run.session.run(came_since_sql(run.session.dialect), (user, int(action), since)):
        data = ChangeData(access=Accessed(wire_form(now), request.hours))
        write_audits(run, run.schema.tables["systemuser"], action, [(user, data)])
    return Response()
