"""Say how somebody counts days, weeks and fiscal years.

In:        a user's time-zone code, the organization's settings
Out:       `Calendar`
Not here:  the rows they stand in (operations.calendars), moments (query.moments)
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from verselet.query.zones import ZONE_OF_CODE

GREENWICH: Final = "UTC"
MONTHS_OF_PERIOD: Final = {2000: 12, 2001: 6, 2002: 3, 2003: 1}
"""`organization.fiscalperiodtype` → months of a fiscal period: years, halves, quarters, months."""

FOUR_WEEKS: Final = 2004
"""`organization.fiscalperiodtype` of periods that are no months."""

BY_END: Final = 2
"""`organization.fiscalyeardisplaycode` where a fiscal year is called after the year in which it ends."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Where days begin, on which weekday weeks begin (0 is Sunday), and what the fiscal year is. [QF-12], [QF-32]

    The fiscal year begins on `fiscal_day` of `fiscal_month`; its periods have `months` each, 0 for periods of four
    weeks. `by_end`: a fiscal year is called after the year in which it ends. [QF-14]
    """

    zone: str = GREENWICH
    week_begins: int = 0
    fiscal_month: int = 1
    fiscal_day: int = 1
    months: int = 3
    by_end: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for calendars that are the same; nothing for that of a new organization."""
        return "" if self == PLAIN else str(msgspec.json.encode(self), "ascii")

    @property
    def tz(self) -> tzinfo:
        """The rules of the zone."""
        return rules_of(self.zone)

    @property
    def shift(self) -> int:
        """By how many years a fiscal year is called later than the year in which it begins."""
        return int(self.by_end and (self.fiscal_month, self.fiscal_day) != (1, 1))


PLAIN: Final = Calendar()


def rules_of(zone: str) -> tzinfo:
    """The rules of a zone of `ZONE_OF_CODE`."""
    return UTC if zone == GREENWICH else ZoneInfo(zone)


def zone_of(code: object) -> str:
    """The IANA name of a time-zone code; UTC for none and for one that is unknown. [JOB-80]"""
    return ZONE_OF_CODE.get(code, GREENWICH) if isinstance(code, int) else GREENWICH


def local_time(stored: str, zone: str) -> str:
    """A stored point in time as clocks show it in the zone, in the same form without `Z`."""
    at = datetime.fromisoformat(stored).astimezone(rules_of(zone))
    return at.replace(tzinfo=None).isoformat(timespec="seconds")
