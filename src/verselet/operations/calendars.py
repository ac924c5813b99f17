"""Read how a user counts days and reads labels: the settings of the user, the fiscal year of the organization.

In:        the id of a user and an open session
Out:       `Calendar`, a language
Not here:  what a calendar means (query.calendar), when it is read anew (organization)
"""

from __future__ import annotations

from datetime import datetime

from verselet.metadata.languages import BASE_LANGUAGE
from verselet.query.calendar import BY_END, FOUR_WEEKS, MONTHS_OF_PERIOD, PLAIN, Calendar, zone_of
from verselet.sql import principals
from verselet.store.session import Session
from verselet.values import Stored


def read_calendar(user_id: str, session: Session) -> Calendar:
    """The calendar by which the user's questions are answered. [QF-12], [QF-14], [QF-32]"""
    zones = session.run(principals.written(principals.ZONE_OF_USER, session.dialect), (user_id,))
    rows = session.run(principals.FISCAL_YEAR)
    week, begins, kind, named = rows[0] if rows else (None, None, None, None)
    starts = _day(begins)
    return Calendar(
        zone=zone_of(zones[0][0]) if zones else PLAIN.zone,
        week_begins=week if isinstance(week, int) and 0 <= week < 7 else PLAIN.week_begins,
        fiscal_month=starts[0],
        fiscal_day=starts[1],
        months=0 if kind == FOUR_WEEKS else _months(kind),
        by_end=named == BY_END,
    )


def read_language(user_id: str, session: Session) -> int:
    """The language the user reads labels in. [MD-9], [QF-29]"""
    rows = session.run(principals.written(principals.LANGUAGE_OF_USER, session.dialect), (user_id,))
    language = rows[0][0] if rows else None
    return language if isinstance(language, int) and language else BASE_LANGUAGE


def _day(stored: Stored) -> tuple[int, int]:
    """Month and day of a stored point in time."""
    if not isinstance(stored, str):
        return PLAIN.fiscal_month, PLAIN.fiscal_day
    at = datetime.fromisoformat(stored)
    return at.month, at.day


def _months(kind: Stored) -> int:
    return MONTHS_OF_PERIOD.get(kind, PLAIN.months) if isinstance(kind, int) else PLAIN.months
