"""Say when something runs again.

In:        a recurrence as jobs and policies write it, the last start, now
Out:       the next start
Not here:  queueing it (operations.queueing)
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

PATTERN: Final = re.compile(r"FREQ=(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY);INTERVAL=([1-9]\d{0,2})\Z")


class Recurrence(msgspec.Struct, frozen=True):
    """Every so many hours or months. [EVT-65], [RET-20]"""

    hours: int = 0
    months: int = 0


def read_recurrence(text: str, shortest: Literal["HOURLY", "DAILY"] = "DAILY") -> Recurrence | None:
    """What the pattern says; None for another pattern, and for one that comes more often. [JOB-3], [RET-20]"""
    match = PATTERN.match(text)
    if match is None or (match[1] == "HOURLY" and shortest != "HOURLY"):
        return None
    number = int(match[2])
    return {
        "HOURLY": Recurrence(hours=number),
        "DAILY": Recurrence(hours=24 * number),
        "WEEKLY": Recurrence(hours=7 * 24 * number),
        "MONTHLY": Recurrence(months=number),
        "YEARLY": Recurrence(months=12 * number),
    }[match[1]]


def next_start(first: datetime, recurrence: Recurrence, now: datetime) -> datetime:
    """The first start after now, counted from the first one; a month that is too short ends the day before."""
    if recurrence.hours:
        step = timedelta(hours=recurrence.hours)
        return first + (max(0, (now - first) // step) + 1) * step
    passed = max(0, (now.year - first.year) * 12 + now.month - first.month) // recurrence.months
    found = _months_later(first, passed * recurrence.months)
    while found <= now or found <= first:
        passed += 1
        found = _months_later(first, passed * recurrence.months)
    return found


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
