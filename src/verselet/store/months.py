"""Make the months of divided tables ahead, and let months go that are over.

In:        a session of a PostgreSQL, the time
Out:       `holds_months`, `is_divided`, `divided_tables`, `make_months`, `let_months_go`, `whole_parts`,
           `analyze_whole`, `take_back_left` for what a divider that died left behind
Not here:  dividing a table (store.dividing), when this is done and what of audit rows is over (operations.months)

All of it takes a table away from everybody for a moment. Whoever is at work with it for longer is not waited for: there
is time until the next look, and rows whose month was not made lie among the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeAlias

from verselet.sql.dialects import quoted
from verselet.store.bookkeeping import stored_layout
from verselet.store.division import (
    AHEAD,
    BEFORE,
    MONTHS,
    OTHERS,
    division_of,
    month_after,
    month_name,
    month_of,
    part_name,
)
from verselet.store.session import Session
from verselet.values import Stored

MONTHS_AHEAD: Final = 2

ONE_DIVIDES: Final = 8377356
"""Who divides, makes months or lets them go holds this lock; the number is no other lock's."""

_LIMITS: Final = ("SET LOCAL lock_timeout = '500ms'", "SET LOCAL statement_timeout = '5s'")
"""Everybody else waits as long as that."""

Staying: TypeAlias = Sequence[tuple[str, tuple[Stored, ...]]]
"""Conditions that each row meets which must stay, with their values."""

ALL: Final[Staying] = (("true", ()),)

_SEEN: Final = (
    "SELECT 1 FROM pg_stat_all_tables WHERE relid = to_regclass(%s) AND last_analyze > now() - interval '7 days'"
)

_MONTH: Final = re.compile(r"__(\d{4})_(\d\d)\Z")
_FIRST_ID: Final = re.compile(r"FROM \('([0-9a-f]{8})-([0-9a-f]{4})-")


def holds_months(session: Session) -> bool:
    """Nobody else divides tables, makes months or lets them go until the transaction ends.

    What a divider that died left behind is taken back.
    """
    if session.dialect.name == "sqlite":
        return False
    ((is_held,),) = session.run("SELECT pg_try_advisory_xact_lock(%s)", (ONE_DIVIDES,))
    if is_held:
        for limit in _LIMITS:
            session.run(limit)
        take_back_left(session)
    return bool(is_held)


def is_divided(session: Session, table: str) -> bool:
    """The table is divided by month."""
    if session.dialect.name == "sqlite":
        return False
    name = quoted(part_name(table, MONTHS))
    return bool(session.run("SELECT 1 WHERE to_regclass(%s) IS NOT NULL", (name,)))


def take_back_left(session: Session) -> None:
    """Undo what a divider began that died; the lock of those who divide is held."""
    rows = session.run(
        "SELECT t.relname::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
        "WHERE c.conname = %s AND t.relnamespace = current_schema()::regnamespace",
        (AHEAD,),
    )
    for (name,) in rows:
        act_as_owner(session, str(name))
        run_all(session, division_of(stored_layout(session), str(name)).undo())


def analyze_whole(session: Session) -> bool:
    """Have the database look at one divided table as a whole, if it has not for a week; whether it has now.

    It looks at the parts by itself, and at the whole only when it is told to. That is long, and in nobody's way.
    """
    for table in divided_tables(session):
        if not session.run(_SEEN, (quoted(table),)):
            session.run("SET LOCAL statement_timeout = 0")
            session.run(analyzing(table))
            return True
    return False


def analyzing(table: str) -> str:
    """Look at all parts, and at the whole."""
    return f"ANALYZE {quoted(table)}"


def divided_tables(session: Session) -> list[str]:
    """The tables that are divided by month, by name."""
    ends = f"__{MONTHS}"
    rows = session.run(
        "SELECT relname::text FROM pg_class WHERE relkind = 'p' AND right(relname, %s) = %s "
        "AND relnamespace = current_schema()::regnamespace ORDER BY relname",
        (len(ends), ends),
    )
    return [str(row[0]).removesuffix(ends) for row in rows]


def make_months(session: Session, table: str, now: datetime) -> None:
    """See to it that there are parts for the next months. A month that has begun is not made any more."""
    known = _months(session, table)
    next_month = max(month_after(month_of(now)), _first_month(session, table))
    missing = [month for month in (month_after(next_month, n) for n in range(MONTHS_AHEAD)) if month not in known]
    if missing:
        _lock(session, table)
        division = division_of(stored_layout(session), table)
        run_all(session, [text for month in missing for text in division.new_month(month)])


def let_months_go(session: Session, table: str, now: datetime, stays: Staying = ALL) -> bool:
    """Let past months go of which nothing must stay: no row that meets one of the conditions. Whether rows went."""
    past = [part_name(table, month_name(month)) for month in _months(session, table) if month < month_of(now)]
    over = [part for part in past if not _has(session, part, stays)]
    have_gone = False
    if over:
        _lock(session, table)
        for part in over:
            # Somebody may have written there until now.
            if not _has(session, part, stays):
                have_gone = have_gone or _has(session, part, ALL)
                session.run_script(f"DROP TABLE {quoted(part)}")
    return have_gone


def whole_parts(session: Session, table: str) -> tuple[str, ...]:
    """The tables out of which rows go one by one: the table, or those of its parts that never go as a whole."""
    if not is_divided(session, table):
        return (table,)
    return (part_name(table, BEFORE), part_name(table, OTHERS))


def act_as_owner(session: Session, table: str) -> None:
    """What is made belongs to whom the table belongs to: the servers, whoever divides it."""
    ((owner,),) = session.run(
        "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = to_regclass(%s)", (quoted(table),)
    )
    session.run_script(f"SET LOCAL ROLE {quoted(str(owner))}")


def run_all(session: Session, statements: Sequence[str]) -> None:
    """One after the other, on one way there and back."""
    session.run_script(";".join(statements))


def _has(session: Session, part: str, rows: Staying) -> bool:
    """The part has such a row."""
    return any(session.run(f"SELECT 1 FROM {quoted(part)} WHERE {text} LIMIT 1", values) for text, values in rows)


def _lock(session: Session, table: str) -> None:
    """All parts with ids of times to come; the rows of before are nobody's business here."""
    session.run_script(f"LOCK TABLE {quoted(part_name(table, MONTHS))} IN ACCESS EXCLUSIVE MODE")


def _months(session: Session, table: str) -> list[date]:
    """The months that have parts."""
    rows = session.run(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = to_regclass(%s) ORDER BY 1",
        (quoted(part_name(table, MONTHS)),),
    )
    found = [_MONTH.search(str(row[0])) for row in rows]
    return [date(int(one[1]), int(one[2]), 1) for one in found if one is not None]


def _first_month(session: Session, table: str) -> date:
    """The month from which on the table is divided."""
    ((bounds,),) = session.run(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass(%s)",
        (quoted(part_name(table, MONTHS)),),
    )
    found = _FIRST_ID.search(str(bounds))
    assert found is not None
    return month_of(datetime.fromtimestamp(int(found[1] + found[2], 16) / 1000, UTC))
