"""Write down who changed what.

In:        rows as they were and as they are, shares, pairs, privileges of roles
Out:       rows of `audit`, in the transaction of the change; nothing where auditing is off
Not here:  reading them (operations.audit_history), which columns count (metadata.auditing)

A message that is refused or taken back leaves nothing behind, since its audit rows go with it. [JOB-47]
Any number of rows takes one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import msgspec

from verselet.clock import wire_form
from verselet.messages.lifecycle import Merge
from verselet.messages.request import Update
from verselet.metadata.auditing import audited_columns
from verselet.metadata.tables import ManyToMany, Table
from verselet.operations.founding import builtin_id
from verselet.operations.rules.defaults import acting_user
from verselet.pipeline.execution import Execution
from verselet.sql.audits import forget_before_sql
from verselet.sql.write import insert_sql
from verselet.store.codecs import row_encoder
from verselet.store.months import whole_parts
from verselet.values import Reference, Row, Stored, Value

AUDIT: Final = "audit"
KEPT_DAYS: Final = 30
"""How long audit rows are kept, unless the organization says otherwise. [JOB-40]"""

FOR_EVER: Final = -1
SWEEP_EVERY: Final = 256
"""How many versions pass until audit rows that are too old are looked for."""

_PER_CHANGE: Final = 2
"""How many versions a change takes that is written down."""

LONGEST_VALUE: Final = 5 * 1024
"""Longer texts are cut. [JOB-46]"""


class Action(IntEnum):
    """What was done. [JOB-42]"""

    CREATE = 1
    UPDATE = 2
    DELETE = 3
    CASCADE = 11
    MERGE = 12
    ASSIGN = 13
    SHARE = 14
    ASSOCIATE = 33
    DISASSOCIATE = 34
    SET_STATE = 41
    MODIFY_SHARE = 48
    UNSHARE = 49
    ROLE_TO_TEAM = 53
    ROLE_FROM_TEAM = 54
    ROLE_TO_USER = 55
    ROLE_FROM_USER = 56
    ADD_PRIVILEGES = 57
    REMOVE_PRIVILEGES = 58
    REPLACE_PRIVILEGES = 59
    PAGE_ACCESS = 64
    ACCESS = 65
    TABLE_DELETED = 100
    COLUMN_DELETED = 101
    TABLE_SWITCHED = 102
    COLUMN_SWITCHED = 103
    ORGANIZATION_CHANGED = 104
    TABLE_STARTED = 105
    COLUMN_STARTED = 106
    ORGANIZATION_STARTED = 107
    TABLE_STOPPED = 108
    COLUMN_STOPPED = 109
    ORGANIZATION_STOPPED = 110
    AUDITS_DELETED = 111
    ACCESS_STARTED = 112
    ACCESS_STOPPED = 113
    RETAIN = 116
    ROLLBACK_RETAIN = 117
    RESTORE = 120


_OPERATIONS: Final[Mapping[Action, int]] = MappingProxyType(
    {
        Action.CREATE: 1,
        Action.DELETE: 3,
        Action.TABLE_DELETED: 3,
        Action.COLUMN_DELETED: 3,
        Action.AUDITS_DELETED: 3,
        Action.PAGE_ACCESS: 4,
        Action.ACCESS: 4,
        Action.RETAIN: 116,
        Action.ROLLBACK_RETAIN: 117,
        Action.RESTORE: 118,
    }
)
_UPDATED: Final = 2
"""`operation` of an action: what has none of its own is an update. [JOB-41]"""

_SYSTEM: Final = Reference("systemuser", builtin_id("systemuser", "system"))
"""Who does what the server does by itself."""

_WHOLE: Final = frozenset({Action.CREATE, Action.DELETE, Action.RESTORE})
"""Actions that are written down whether they change a column or not."""

_STATES: Final = frozenset({"statecode", "statuscode"})
_ROLES: Final[Mapping[str, tuple[str, Action, Action]]] = MappingProxyType(
    {
        "systemuserroles": ("systemuser", Action.ROLE_TO_USER, Action.ROLE_FROM_USER),
        "teamroles": ("team", Action.ROLE_TO_TEAM, Action.ROLE_FROM_TEAM),
    }
)
"""Intersect table → whose history shows the role, and as what."""

_COLUMNS: Final = (
    "auditid",
    "action",
    "operation",
    "objectid",
    "objecttypecode",
    "userid",
    "callinguserid",
    "createdon",
    "transactionid",
    "attributemask",
    "changedata",
    "versionnumber",
)


class ChangedColumn(msgspec.Struct, frozen=True, rename="camel"):
    """A column with its value before and after, as JSON knows them; a lookup as `table,id`."""

    logical_name: str
    old_value: object = None
    new_value: object = None


class ChangedShare(msgspec.Struct, frozen=True, rename="camel"):
    """What a principal was given on the row, as masks."""

    principal: str
    old_privileges: int
    new_privileges: int


class ChangedPairs(msgspec.Struct, frozen=True, rename="camel"):
    """The row at the other end of a many-to-many relationship, as `table,id`."""

    relationship: str
    target: str


class ChangedPrivileges(msgspec.Struct, frozen=True, rename="camel"):
    """What a role held and holds: id of a privilege → the bit of its depth."""

    old: dict[str, int]
    new: dict[str, int]


class Accessed(msgspec.Struct, frozen=True, rename="camel"):
    """When a user came, and for how many hours that is not written down again."""

    at: str
    interval: int


class ChangeData(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What stands in `changedata`; `about` are columns whose auditing was switched, none where it was the table's."""

    changed_attributes: tuple[ChangedColumn, ...] = ()
    share: ChangedShare | None = None
    pair: ChangedPairs | None = None
    privileges: ChangedPrivileges | None = None
    about: tuple[str, ...] | None = None
    access: Accessed | None = None


class Change(msgspec.Struct, frozen=True):
    """Values of one row, before and after; a column that is missing has none."""

    row_id: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]


_encode = msgspec.json.Encoder(decimal_format="number").encode


def is_audited(run: Execution, table: Table) -> bool:
    """Changes of the table are written down: it wants that, and the organization does. [JOB-40]"""
    return table.audit and run.surroundings.is_auditing(run)


def audited_among(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns whose changes are written down."""
    audited = frozenset(audited_columns(table))
    return tuple([name for name in names if name in audited])


def note_created(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """New rows, with the values they got. [JOB-42]"""
    _note_rows(run, table, Action.CREATE, rows)


def note_restored(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """Rows that come back, with the values they come back with. [JOB-42]"""
    _note_rows(run, table, Action.RESTORE, rows)


def _note_rows(run: Execution, table: Table, action: Action, rows: Sequence[Row]) -> None:
    if is_audited(run, table):
        note_changes(run, table, action, [Change(row.id or "", {}, row.values) for row in rows])


def note_event(run: Execution, table: Table, action: Action, row_id: str) -> None:
    """Something happened to a row that changes none of its columns. [JOB-42]"""
    if is_audited(run, table):
        write_audits(run, table, action, [(row_id, ChangeData(about=()))])


def note_updated(run: Execution, table: Table, changes: Iterable[Change]) -> None:
    """Rows that were changed: as assigned, as merged, as set to a state, or as updated. [JOB-42]"""
    found: dict[Action, list[Change]] = {}
    for change in changes:
        changed = {name for name, value in change.after.items() if change.before.get(name) != value}
        action = Action.UPDATE
        if changed & {"ownerid"}:
            action = Action.ASSIGN
        elif _is_merged(run):
            action = Action.MERGE
        elif changed & _STATES and not changed.difference(_STATES).intersection(audited_columns(table)):
            action = Action.SET_STATE
        found.setdefault(action, []).append(change)
    for action, members in found.items():
        note_changes(run, table, action, members)


def _is_merged(run: Execution) -> bool:
    """The update is what a merge does to one of its two rows, not to those that follow, nor what a step adds."""
    above = run.parent
    while above is not None and isinstance(above.request, Update):
        above = above.parent
    return above is not None and isinstance(above.request, Merge) and above.cause is None and above.level == run.level


def note_changes(run: Execution, table: Table, action: Action, changes: Iterable[Change]) -> None:
    """Write down what differs; a row in which nothing does is left out, unless it came or went. [JOB-43]"""
    audited = audited_columns(table)
    found = []
    for change in changes:
        columns = changed_columns(audited, change.before, change.after)
        if columns or action in _WHOLE:
            found.append((change.row_id, ChangeData(columns)))
    write_audits(run, table, action, found)


def changed_columns(
    names: Iterable[str], before: Mapping[str, Value], after: Mapping[str, Value]
) -> tuple[ChangedColumn, ...]:
    """Those of the columns that differ."""
    return tuple(
        [
            ChangedColumn(name, _wire(before.get(name)), _wire(after.get(name)))
            for name in names
            if (name in before or name in after) and before.get(name) != after.get(name)
        ]
    )


def note_share(run: Execution, table: Table, row_id: str, whom: Reference, masks: tuple[int, int]) -> None:
    """What a principal is given on a row, before and after. [JOB-46]"""
    before, after = masks
    if before != after and is_audited(run, table):
        action = Action.SHARE if not before else Action.MODIFY_SHARE if after else Action.UNSHARE
        write_audits(run, table, action, [(row_id, ChangeData(share=ChangedShare(_named(whom), before, after)))])


def note_pair(run: Execution, pair: ManyToMany, ends: tuple[Reference, Reference], *, made: bool) -> None:
    """Two rows were connected or disconnected: both have that in their history. [JOB-42], [JOB-46]"""
    only, given, taken = _ROLES.get(pair.intersect_table, (None, Action.ASSOCIATE, Action.DISASSOCIATE))
    for end, other in (ends, ends[::-1]):
        table = run.schema.tables[end.table]
        if only in {None, end.table} and is_audited(run, table):
            data = ChangeData(pair=ChangedPairs(pair.schema_name, _named(other)))
            write_audits(run, table, given if made else taken, [(end.id, data)])


def note_privileges(
    run: Execution, role_id: str, action: Action, before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """What a role holds was changed. [JOB-42], [JOB-46]"""
    if before != after:
        data = ChangeData(privileges=ChangedPrivileges(dict(before), dict(after)))
        write_audits(run, run.schema.tables["role"], action, [(role_id, data)])


def write_audits(run: Execution, table: Table, action: Action, entries: Sequence[tuple[str, ChangeData]]) -> None:
    """One statement for all rows of one action."""
    if not entries:
        return
    first = _insert(run, table, action, entries, Reference("systemuser", run.caller.user_id))
    # The row itself took a version of its own: looking at this one alone could miss every turn.
    if first % SWEEP_EVERY < max(len(entries), _PER_CHANGE):
        _forget_old(run)


def _insert(
    run: Execution, table: Table, action: Action, entries: Sequence[tuple[str, ChangeData]], user: Reference
) -> int:
    """The first of the versions they take."""
    audit, dialect = run.schema.tables[AUDIT], run.session.dialect
    encode = row_encoder(audit, _COLUMNS, dialect)
    now, first = run.clock.now_on_wire(), run.session.next_versions(len(entries))
    stored: list[list[Stored]] = []
    for number, ((row_id, data), new_id) in enumerate(zip(entries, run.ids.new_row_ids(len(entries)), strict=True)):
        changed = (*[column.logical_name for column in data.changed_attributes], *(data.about or ()))
        names = "".join([f"{name}," for name in changed])
        values: tuple[Value, ...] = (
            new_id,
            int(action),
            _OPERATIONS.get(action, _UPDATED),
            Reference(table.name, row_id),
            table.name,
            user,
            acting_user(run),
            now,
            run.correlation_id,
            f",{names}" if names else None,
            _encode(data).decode(),
            first + number,
        )
        stored.append(encode(dict(zip(_COLUMNS, values, strict=True))))
    run.session.run_many(insert_sql(audit, _COLUMNS, dialect), stored)
    return first


def kept_since(run: Execution) -> str | None:
    """What was written down before that time goes; None where all of it is kept. [JOB-40]"""
    found = run.read_values("organization", run.facts.id, ("auditretentionperiodv2",)) or {}
    days = found.get("auditretentionperiodv2")
    days = days if isinstance(days, int) else KEPT_DAYS
    return None if days == FOR_EVER else wire_form(run.clock.now() - timedelta(days=days))


def note_forgotten(run: Execution) -> None:
    """Audit rows went because their time was over. [JOB-42]"""
    organization = run.schema.tables["organization"]
    _insert(run, organization, Action.AUDITS_DELETED, [(run.facts.id, ChangeData(about=()))], _SYSTEM)


def _forget_old(run: Execution) -> None:
    """Audit rows go when their time is over; in a divided table those of months go with their month. [JOB-40]"""
    oldest, gone = kept_since(run), 0
    if oldest is not None:
        for part in whole_parts(run.session, AUDIT):
            run.session.run(forget_before_sql(part, run.session.dialect), (oldest,))
            gone += run.session.row_count
    if gone:
        note_forgotten(run)


def _wire(value: Value) -> object:
    if isinstance(value, Reference):
        return _named(value)
    if isinstance(value, str):
        # A character has one byte at least: short texts need no second look.
        return value if len(value) * 4 <= LONGEST_VALUE else value.encode()[:LONGEST_VALUE].decode(errors="ignore")
    return value if isinstance(value, int | float | Decimal) else None


def _named(row: Reference) -> str:
    return f"{row.table},{row.id}"
