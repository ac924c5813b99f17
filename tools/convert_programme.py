"""Turn a public conference schedule into the compact file the server ships.

In:        pentabarf XML of any dialect, or frab JSON (pretalx writes both)
Out:       a compact JSON file (verselet.seeding.programme), and the facts of it on standard output
Not here:  the rows made of it (verselet.seeding.conference)

    python -m tools.convert_programme fosdem-2025-final.pentabarf.xml src/verselet/seeding/data/fosdem-2025.json \
        --attribution "FOSDEM programme, CC BY 2.0 BE"
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from verselet.seeding.programme import Programme, Talk

MAX_NAME = 100
"""Characters the name of a session may have."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One session as a schedule gives it; names still as text, speakers as (id, name)."""

    code: str
    day: int
    start: datetime
    utc_offset_minutes: int | None
    minutes: int
    title: str
    subtitle: str
    room: str
    track: str
    type: str
    language: str
    speakers: tuple[tuple[str, str], ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an import must come to, whatever the dialect."""

    sessions: int
    days: int
    rooms: int
    tracks: int
    persons: int
    engagements: int
    minutes: int
    long_titles: int
    same_room_overlaps: int


def read_schedule(content: bytes, attribution: str) -> Programme:
    """The programme in a schedule file, XML or JSON."""
    if content.lstrip().startswith(b"<"):
        return read_xml(content, attribution)
    return read_json(content, attribution)


def read_xml(content: bytes, attribution: str) -> Programme:
    """The programme in a pentabarf XML file, with or without rooms as elements, dates and time zone. [EM-149]"""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise SystemExit("a schedule with a document type is not read")
    root = ET.fromstring(content)  # noqa: S314  entities are refused above
    conference = root.find("conference")
    if conference is None:
        raise SystemExit("the schedule has no conference")
    head = {child.tag: (child.text or "").strip() for child in conference}
    change = head.get("day_change", "00:00")
    days = root.findall("day")
    items = [
        _xml_item(event, number, day.get("date", ""), change)
        for number, day in enumerate(days, start=1)
        for event in day.iter("event")
    ]
    return _programme(head, len(days), items, attribution)


def read_json(content: bytes, attribution: str) -> Programme:
    """The programme in a frab JSON file."""
    conference = json.loads(content)["schedule"]["conference"]
    items = [
        _json_item(event, number)
        for number, day in enumerate(conference["days"], start=1)
        for events in day["rooms"].values()
        for event in events
    ]
    head = {name: str(value) for name, value in conference.items() if isinstance(value, str)}
    return _programme(head, len(conference["days"]), items, attribution)


def facts(programme: Programme) -> Facts:
    """Count what the data's own description states."""
    talks = programme.talks
    return Facts(
        sessions=len(talks),
        days=programme.days,
        rooms=len({talk.room for talk in talks if talk.room is not None}),
        tracks=len({talk.track for talk in talks if talk.track is not None}),
        persons=len(programme.speakers),
        engagements=sum(len(talk.speakers) for talk in talks),
        minutes=sum(talk.minutes for talk in talks),
        long_titles=sum(len(talk.title) > MAX_NAME for talk in talks),
        same_room_overlaps=sum(1 for _ in _overlaps(talks)),
    )


def _overlaps(talks: Iterable[Talk]) -> Iterator[tuple[Talk, Talk]]:
    """Neighbours in a room of which the second begins before the first is over: imported, and told about. [EM-147]"""
    placed = sorted((talk for talk in talks if talk.room is not None), key=lambda talk: (talk.room, talk.start))
    for first, second in itertools.pairwise(placed):
        if first.room == second.room and second.starts_at < first.ends_at:
            yield first, second


def _xml_item(event: ET.Element, day: int, date: str, change: str) -> Item:
    """One `<event>`."""
    text = {child.tag: (child.text or "").strip() for child in event}
    persons = event.find("persons")
    start, offset = _start(text.get("date", ""), date, text["start"], change)
    return Item(
        code=text.get("slug") or event.get("guid") or event.get("id") or "",
        day=day,
        start=start,
        utc_offset_minutes=offset,
        minutes=_minutes(text["duration"]),
        title=text["title"],
        subtitle=text.get("subtitle", ""),
        room=text.get("room", ""),
        track=text.get("track", ""),
        type=text.get("type", ""),
        language=text.get("language", ""),
        speakers=tuple(
            (one.get("id", ""), (one.text or "").strip()) for one in (persons if persons is not None else ())
        ),
    )


def _json_item(event: Mapping[str, Any], day: int) -> Item:
    """One item of a room's list."""
    start, offset = _start(event["date"], "", event["start"], "00:00")
    return Item(
        code=str(event.get("slug") or event.get("guid") or event["id"]),
        day=day,
        start=start,
        utc_offset_minutes=offset,
        minutes=_minutes(event["duration"]),
        title=event["title"],
        subtitle=event.get("subtitle") or "",
        room=event.get("room") or "",
        track=event.get("track") or "",
        type=event.get("type") or "",
        language=event.get("language") or "",
        speakers=tuple((str(one.get("id", "")), one["public_name"]) for one in event["persons"]),
    )


def _start(date: str, day: str, clock: str, change: str) -> tuple[datetime, int | None]:
    """The start on the wall clock, and the offset if one is given. A date of its own wins over day and clock."""
    if date:
        at = datetime.fromisoformat(date)
        offset = at.utcoffset()
        return at.replace(tzinfo=None), None if offset is None else int(offset.total_seconds()) // 60
    at = datetime.fromisoformat(f"{day}T{clock}")
    # What starts before the day's change belongs to the evening before.
    return at + timedelta(days=1 if clock < change[:5] else 0), None


def _minutes(duration: str) -> int:
    """Minutes of `hh:mm`, which may exceed a day, or of `d:hh:mm`."""
    parts = [int(part) for part in duration.split(":")]
    days, hours, minutes = [0] * (3 - len(parts)) + parts
    return (days * 24 + hours) * 60 + minutes


def _programme(head: Mapping[str, str], days: int, items: list[Item], attribution: str) -> Programme:
    """Names become places in lists, in the order in which they first appear."""
    rooms = list(dict.fromkeys(item.room for item in items if item.room))
    tracks = list(dict.fromkeys(item.track for item in items if item.track))
    persons = dict.fromkeys(person for item in items for person in item.speakers)
    place = {person[0] or person[1]: number for number, person in enumerate(persons)}
    offsets = {item.utc_offset_minutes for item in items}
    return Programme(
        attribution=attribution,
        acronym=head.get("acronym") or re.sub(r"\W+", "-", head["title"].lower()),
        title=head["title"],
        venue=head.get("venue", ""),
        city=head.get("city", ""),
        days=days,
        time_zone=head.get("time_zone_name"),
        utc_offset_minutes=offsets.pop() if len(offsets) == 1 else None,
        rooms=tuple(rooms),
        tracks=tuple(tracks),
        speakers=tuple(name for _, name in persons),
        talks=tuple(
            Talk(
                code=item.code,
                day=item.day,
                start=item.start.isoformat(timespec="minutes"),
                minutes=item.minutes,
                title=item.title,
                subtitle=item.subtitle,
                room=rooms.index(item.room) if item.room else None,
                track=tracks.index(item.track) if item.track else None,
                type=item.type,
                language=item.language,
                speakers=tuple(place[key or name] for key, name in item.speakers),
            )
            for item in items
        ),
    )


def main(arguments: list[str]) -> None:
    """Convert one file."""
    parser = argparse.ArgumentParser(
        description="Turn a public conference schedule into the compact file that is shipped."
    )
    parser.add_argument("schedule", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--attribution", required=True, help="whose programme it is, and under which licence")
    given = parser.parse_args(arguments)
    programme = read_schedule(given.schedule.read_bytes(), given.attribution)
    lines = msgspec.json.encode(programme)
    # One talk per line: the file stays small, and a difference can be read.
    given.target.write_bytes(lines.replace(b'"talks":[[', b'"talks":[\n[').replace(b"]],[", b"]],\n[") + b"\n")
    print(facts(programme))


if __name__ == "__main__":
    main(sys.argv[1:])
