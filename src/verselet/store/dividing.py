"""Divide tables of a PostgreSQL by month, while servers use them.

In:        where the database is, the names of tables, the time
Out:       `divide`
Not here:  the statements (store.division), months that come later (store.months)

Nobody is held up for longer than a short transaction takes: the rows stay where they are, and what reads all of them
runs beside whatever goes on. Statements that other servers have prepared find the divided table by its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

import msgspec
from psycopg import errors

from verselet.metadata.schema import Schema
from verselet.sql.dialects import quoted
from verselet.store.bookkeeping import stored_format, stored_layout
from verselet.store.division import (
    Division,
    checking,
    division_of,
    keyed_beside_id,
    month_after,
    month_of,
)
from verselet.store.failures import StoreBusy
from verselet.store.generations import hold_schema
from verselet.store.months import (
    MONTHS_AHEAD,
    ONE_DIVIDES,
    act_as_owner,
    analyzing,
    is_divided,
    run_all,
    take_back_left,
)
from verselet.store.postgresql import connect
from verselet.store.postgresql_connection import PostgresqlConnection
from verselet.store.postgresql_session import PostgresqlSession
from verselet.store.preparation import hold_off_others
from verselet.store.refusals import (
    KeyedBesideId,
    does_not_grow,
    left_behind,
    not_allowed,
    nothing_founded,
    something_hangs,
    table_in_use,
)
from verselet.store.session import Session

QUEUES: Final = frozenset({"asyncoperation"})
"""Tables whose rows do not stay, but of which so many come and go that some divide them all the same."""

PATIENCE_S: Final = 3
"""So long a divider waits for a table: whoever comes after it waits as well."""

_TRIES: Final = 20

_HANGING: Final = """
SELECT DISTINCT 'view', v.relname::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = to_regclass(%s)
UNION ALL SELECT 'trigger', tgname::text FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal
UNION ALL SELECT 'foreign key', conname::text FROM pg_constraint WHERE contype = 'f'
AND to_regclass(%s) IN (conrelid, confrelid)
"""
"""What somebody made by hand that would go with the table when it becomes a part."""

_ROOM: Final = timedelta(days=1)
"""So long before the end of a month the one after it is the first that is made: dividing takes its time."""

Tell: TypeAlias = Callable[[int, int, str], None]
"""So much of so much of what is done."""


class Divided(msgspec.Struct, frozen=True):
    """One table: whether it was divided before, and what divides it."""

    table: str
    was_divided: bool
    statements: tuple[str, ...]


def divide(
    url: str, schema: Schema, tables: Sequence[str], now: datetime, tell: Tell, *, dry_run: bool = False
) -> list[Divided]:
    """Divide the tables, one after the other; with `dry_run` only say how. `tell` hears how far it is.

    Raises:
        OperatorError: a table cannot be divided, or is in use without a pause. That one is as it was.
    """
    connection = connect(url)
    try:
        with _transaction(connection) as session:
            if not stored_format(session):
                raise nothing_founded(url.rpartition("@")[2])
            found = [_planned(session, schema, name, now) for name in tables]
        if not dry_run:
            with _alone(connection):
                for number, one in enumerate(found):
                    tell(number, len(found), "tables divided")
                    if not one.was_divided:
                        _divide(connection, one.table, now)
        return found
    finally:
        connection.close()


def _planned(session: Session, schema: Schema, table: str, now: datetime) -> Divided:
    """What would be done.

    Raises:
        OperatorError: it cannot be done.
    """
    layout = stored_layout(session)
    grows = table in QUEUES or (table in schema.tables and schema.tables[table].grows)
    if not grows or table not in layout.tables:
        able = QUEUES | {name for name, one in schema.tables.items() if one.grows}
        raise does_not_grow(table, sorted(able))
    division = division_of(layout, table, _first_months(now))
    _must_stand_alone(session, division)
    is_done = is_divided(session, table)
    statements = () if is_done else _in_order(division)
    return Divided(table, is_done, statements)


def _in_order(division: Division) -> tuple[str, ...]:
    first, second = (("BEGIN", *one, "COMMIT") for one in (division.begin(), division.divide()))
    return (*first, checking(division.table), *second, analyzing(division.table))


def _first_months(now: datetime) -> list[date]:
    first = month_after(month_of(now + _ROOM))
    return [month_after(first, number) for number in range(MONTHS_AHEAD)]


def _must_stand_alone(session: Session, division: Division) -> None:
    """Nothing besides the id is unique, and nothing of somebody else's would stay with the rows of before.

    Raises:
        OperatorError: one of them is not so.
    """
    name = keyed_beside_id(division)
    if name is not None:
        raise KeyedBesideId(division.table, name)
    rows = session.run(_HANGING, (quoted(division.table),) * 3)
    hanging = [f"the {kind!s} {name!s}" for kind, name in rows if name not in division.views]
    if hanging:
        raise something_hangs(division.table, hanging)


@contextlib.contextmanager
def _alone(connection: PostgresqlConnection) -> Iterator[None]:
    """Inside, nobody else divides or makes months; what somebody left who did and died is taken back."""
    ((is_held,),) = connection.run("SELECT pg_try_advisory_lock(%s)", (ONE_DIVIDES,))
    if not is_held:
        raise table_in_use("the database", "another process divides its tables or makes their months")
    try:
        _take_back(connection)
        yield
    finally:
        # It would go with the connection too, but only some time after that is closed.
        if not connection.is_broken:
            connection.run("SELECT pg_advisory_unlock(%s)", (ONE_DIVIDES,))


def _divide(connection: PostgresqlConnection, table: str, now: datetime) -> None:
    """In three steps, the second of which is long and in nobody's way."""
    months = _first_months(now)
    try:
        with _transaction(connection) as session:
            act_as_owner(session, table)
            run_all(session, division_of(stored_layout(session), table, months).begin())
        try:
            connection.run_script(checking(table))
            with _transaction(connection) as session:
                _replace(session, table, months)
        except BaseException:
            _take_back(connection)
            raise
    except errors.InsufficientPrivilege as failure:
        raise not_allowed(table, str(failure).strip().splitlines()[0]) from failure
    except StoreBusy as failure:
        raise table_in_use(f"the table {table}", "transactions that use it did not end in time") from failure
    connection.run_script(analyzing(table))


def _take_back(connection: PostgresqlConnection) -> None:
    """More patient than who begins: what was begun is in the way of ids of times to come."""
    for _ in range(_TRIES):
        with contextlib.suppress(StoreBusy), _transaction(connection) as session:
            take_back_left(session)
            return
    raise left_behind()


def _replace(session: Session, table: str, months: Sequence[date]) -> None:
    """Definitions may have changed meanwhile; until the end of the transaction they do not."""
    hold_off_others(session)
    hold_schema(session)
    act_as_owner(session, table)
    division = division_of(stored_layout(session), table, months)
    _must_stand_alone(session, division)
    run_all(session, [*division.divide(), *_grants(session, table)])


def _grants(session: Session, table: str) -> list[str]:
    """What other roles may do with the table: the divided one is a new one."""
    rows = session.run(
        "SELECT a.privilege_type::text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname::text) END "
        "FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.oid = to_regclass(%s) AND a.grantee <> c.relowner",
        (quoted(table),),
    )
    return [f"GRANT {privilege!s} ON {quoted(table)} TO {role!s}" for privilege, role in rows]


@contextlib.contextmanager
def _transaction(connection: PostgresqlConnection) -> Iterator[Session]:
    connection.run_script(f"BEGIN; SET LOCAL lock_timeout = '{PATIENCE_S}s'")
    try:
        yield PostgresqlSession(connection)
        connection.run_script("COMMIT")
    except BaseException:
        if not connection.is_broken:
            connection.run_script("ROLLBACK")
        raise
