"""Keep the months of divided tables.

In:        the tables that somebody had divided by month
Out:       the next months are there; past months of which nothing must stay are gone
Not here:  how that is done (store.months), when (jobs.hourly)
"""

from __future__ import annotations

import contextlib
from typing import Final

from verselet.messages.request import Response
from verselet.operations.rules.auditing import AUDIT, kept_since, note_forgotten
from verselet.pipeline.execution import Execution
from verselet.sql.audits import kept_conditions
from verselet.store.months import ALL, Staying, analyze_whole, divided_tables, holds_months, let_months_go, make_months
from verselet.store.session import Session, StatementStopped, StoreBusy

BUSY: Final = (StoreBusy, StatementStopped)
"""Somebody is at work with a table."""


def keep_months(run: Execution) -> Response:
    """Make months, and let them go; a table that somebody is at work with waits for the next time. [JOB-40]"""
    session, now = run.session, run.clock.now()
    if _is_mine(session) and not analyze_whole(session):
        for table in divided_tables(session):
            with contextlib.suppress(*BUSY), session.savepoint():
                make_months(session, table, now)
            with contextlib.suppress(*BUSY), session.savepoint():
                if let_months_go(session, table, now, _staying(run, table)) and table == AUDIT:
                    note_forgotten(run)
    return Response()


def _is_mine(session: Session) -> bool:
    try:
        with session.savepoint():
            return holds_months(session)
    except BUSY:
        return False


def _staying(run: Execution, table: str) -> Staying:
    """Which rows a month cannot go with: all, but of audit rows only those whose time is not over."""
    since = kept_since(run) if table == AUDIT else None
    if since is None:
        return ALL
    later, timeless = kept_conditions(run.session.dialect)
    return [(later, (since,)), (timeless, ())]
