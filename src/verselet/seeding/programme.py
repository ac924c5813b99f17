"""Say what a conference programme is, and read the compact files that are shipped.

In:        a compact JSON file, written by tools/convert_programme.py from a public schedule
Out:       `Programme`
Not here:  public schedule formats (tools), the rows made of a programme (seeding.conference)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from verselet.clock import wire_form


class Talk(msgspec.Struct, frozen=True, array_like=True):
    """One item of the programme.

    `code` names it inside its conference; `day` counts from 1; `start` is the wall clock of the place,
    `YYYY-MM-DDThh:mm`; `room` and `track` are places in the programme's lists, None where there is none; `speakers`
    are places in its list of speakers.
    """

    code: str
    day: int
    start: str
    minutes: int
    title: str
    subtitle: str
    room: int | None
    track: int | None
    type: str
    language: str
    speakers: tuple[int, ...]

    @property
    def starts_at(self) -> datetime:
        """The start on the wall clock, without a zone."""
        return datetime.fromisoformat(self.start)

    @property
    def ends_at(self) -> datetime:
        """The end on the wall clock, without a zone."""
        return self.starts_at + timedelta(minutes=self.minutes)


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """One conference. [EM-140]

    `utc_offset_minutes` is None where the schedule names neither offset nor time zone.
    """

    attribution: str
    acronym: str
    title: str
    venue: str
    city: str
    days: int
    time_zone: str | None
    utc_offset_minutes: int | None
    rooms: tuple[str, ...]
    tracks: tuple[str, ...]
    speakers: tuple[str, ...]
    talks: tuple[Talk, ...]

    def at_utc(self, wall: datetime) -> str:
        """A time on the wall clock of the place in wire form, in UTC."""
        return on_the_wall(wall - timedelta(minutes=self.utc_offset_minutes or 0))


def on_the_wall(at: datetime) -> str:
    """A time without zone in wire form, as time-zone independent columns hold it. [T-12]"""
    return wire_form(at.replace(tzinfo=UTC))


def read_programme(content: bytes) -> Programme:
    """The programme in a compact file.

    Raises:
        msgspec.DecodeError: the file is damaged; it belongs to the package, so this is a broken installation.
    """
    return msgspec.json.decode(content, type=Programme)
