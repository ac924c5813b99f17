"""Turn a conference programme and its attendance into rows.

In:        a programme (seeding.programme), an attendance (seeding.attendance)
Out:       batches of rows (seeding.batches)
Not here:  public schedule formats (tools), writing rows (seeding.writing)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from verselet.ids import name_id, numbered_id
from verselet.seeding.attendance import Attendance, Choice, Registrant
from verselet.seeding.batches import Batch, Links, NewRows
from verselet.seeding.programme import Programme, Talk, on_the_wall
from verselet.values import Reference, Row, Value

MAX_NAME = 100
BASE = 100_000_000
"""The first value of the family's choices."""

ON_SITE, CONFERENCE, YES, NO = BASE + 1, BASE + 2, BASE + 2, BASE + 1
LIVE, CANCELLED = BASE + 3, BASE + 4
ATTENDEE, READY = BASE, BASE + 1
SESSION_DOOR, EVENT_DOOR = BASE, BASE + 1
EXTERNAL = BASE + 1

SESSION_TYPES = (
    (re.compile(r"keynote"), BASE + 1),
    (re.compile(r"workshop|lab\b"), BASE),
    (re.compile(r"training|tutorial"), BASE + 5),
    (re.compile(r"brainstorming|bof"), BASE + 3),
    (re.compile(r"podium|breakout"), BASE + 4),
)
GENERAL = BASE + 2
"""The schedule's word for a kind of session → session type. [EM-140], chapter 14"""

LANGUAGES = {"en": BASE, "fr": BASE + 1, "de": BASE + 2, "es": BASE + 3, "it": BASE + 4, "nl": BASE + 6}

TIME_ZONES = {"Europe/Brussels": (105, "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris")}
"""IANA name → the service's time-zone code and name. [EM-133]"""

CANCELLED_TITLE = re.compile(r"^\s*(?:\[CANCELL?ED\]|\(CANCELL?ED\)|CANCELL?ED\b)\s*:?\s*", re.IGNORECASE)


def split_title(title: str) -> tuple[str, bool]:
    """The title without a leading CANCELLED, and whether it had one. Anywhere else the word says nothing. [EM-146]"""
    found = CANCELLED_TITLE.match(title)
    return (title[found.end() :], True) if found else (title, False)


def shortened(title: str, limit: int = MAX_NAME) -> str:
    """The title cut at a word, with an ellipsis, where it is longer than the limit. [EM-145]"""
    if len(title) <= limit:
        return title
    cut = title[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,:;-–") + "…"


def conference_batches(programme: Programme, attendance: Attendance) -> list[Batch]:
    """All rows of one conference, in an order in which each refers to rows before it. [EM-140]"""
    rows = _Rows(programme, attendance)
    people = attendance.registrants
    talks = programme.talks
    return [
        NewRows("msevtmgt_building", (rows.building(),)),
        NewRows("msevtmgt_venue", (rows.venue(),)),
        NewRows("msevtmgt_event", (rows.event(),)),
        NewRows("msevtmgt_room", tuple(rows.room(place) for place in range(len(programme.rooms)))),
        NewRows("msevtmgt_sessiontrack", tuple(rows.track(place) for place in range(len(programme.tracks)))),
        NewRows("msevtmgt_speaker", tuple(rows.speaker(place) for place in range(len(programme.speakers)))),
        NewRows("msevtmgt_session", tuple(rows.session(talk) for talk in talks)),
        Links(
            "msevtmgt_session", "msevtmgt_sessiontrack_msevtmgt_session", "msevtmgt_sessiontrack", rows.track_links()
        ),
        NewRows("msevtmgt_speakerengagement", tuple(row for talk in talks for row in rows.engagements(talk))),
        NewRows("contact", tuple(rows.contact(one) for one in people)),
        NewRows("msevtmgt_eventregistration", tuple(rows.registration(one) for one in people)),
        NewRows("msevtmgt_sessionregistration", tuple(row for one in people for row in rows.choices(one))),
        NewRows("msevtmgt_checkin", tuple(row for one in people for row in rows.checkins(one))),
    ]


class _Rows:
    """The rows of one conference: knows their ids and how often each session was chosen and visited."""

    def __init__(self, programme: Programme, attendance: Attendance) -> None:
        self._programme = programme
        self._attendance = attendance
        active = [one for one in attendance.registrants if not one.is_canceled]
        chosen = [choice for one in active for choice in one.choices]
        self._registered = Counter(choice.talk.code for choice in chosen)
        self._visited = Counter(choice.talk.code for choice in chosen if choice.arrived_at is not None)
        self._active, self._arrivals = len(active), sum(len(one.arrivals) for one in active)
        self._place = {talk.code: place for place, talk in enumerate(programme.talks, start=1)}
        self._sessions_of_track = Counter(talk.track for talk in programme.talks)

    def building(self) -> Row:
        """The one building of the conference. [EM-140]"""
        values: dict[str, Value] = {
            "msevtmgt_name": shortened(self._programme.venue),
            "msevtmgt_city": self._programme.city,
            "msevtmgt_estimatedcapacity": sum(self._attendance.capacity),
        }
        return Row("msevtmgt_building", self._id("building"), values)

    def venue(self) -> Row:
        """The place as a venue."""
        values: dict[str, Value] = {
            "msevtmgt_name": shortened(self._programme.venue),
            "msevtmgt_city": self._programme.city,
            "msevtmgt_buildingid": self._to("msevtmgt_building", "building"),
            "msevtmgt_estcapacity": sum(self._attendance.capacity),
        }
        return Row("msevtmgt_venue", self._id("venue"), values)

    def event(self) -> Row:
        """The conference itself; attendees choose their sessions. [EM-11]"""
        talks = self._programme.talks
        zone, zone_name = TIME_ZONES.get(self._programme.time_zone or "", (None, self._programme.time_zone))
        values: dict[str, Value] = {
            "msevtmgt_name": shortened(self._programme.title),
            "msevtmgt_readableeventid": self._programme.acronym,
            "msevtmgt_description": f"Source: {self._programme.attribution}. Registrations and check-ins are made up.",
            "msevtmgt_eventtype": CONFERENCE,
            "msevtmgt_eventformat": ON_SITE,
            "msevtmgt_publishstatus": LIVE,
            "msevtmgt_eventstartdate": on_the_wall(min(talk.starts_at for talk in talks)),
            "msevtmgt_eventenddate": on_the_wall(max(talk.ends_at for talk in talks)),
            "msevtmgt_eventtimezone": zone,
            "msevtmgt_eventtimezonename": zone_name,
            "msevtmgt_language": LANGUAGES["en"],
            "msevtmgt_allowcustomagenda": True,
            "msevtmgt_waitlistthisevent": NO,
            "msevtmgt_maximumeventcapacity": sum(self._attendance.capacity),
            "msevtmgt_registrationcount": self._active,
            "msevtmgt_checkincount": self._arrivals,
            "msevtmgt_building": self._to("msevtmgt_building", "building"),
            "msevtmgt_primaryvenue": self._to("msevtmgt_venue", "venue"),
        }
        return Row("msevtmgt_event", self._id("event"), values)

    def room(self, place: int) -> Row:
        """One room."""
        values: dict[str, Value] = {
            "msevtmgt_name": self._programme.rooms[place],
            "msevtmgt_building": self._to("msevtmgt_building", "building"),
            "msevtmgt_capacity": self._attendance.capacity[place],
            "msevtmgt_avsupport": YES,
            "msevtmgt_internetconnection": YES,
        }
        return Row("msevtmgt_room", self._room_id(place), values)

    def track(self, place: int) -> Row:
        """One track."""
        values: dict[str, Value] = {
            "msevtmgt_name": shortened(self._programme.tracks[place]),
            "msevtmgt_eventid": self._to("msevtmgt_event", "event"),
            "msevtmgt_tracktype": EXTERNAL,
            "msevtmgt_publishstatus": LIVE,
            "msevtmgt_sessionsintrack": self._sessions_of_track[place],
        }
        return Row("msevtmgt_sessiontrack", self._track_id(place), values)

    def speaker(self, place: int) -> Row:
        """One speaker of this event. [EM-148]"""
        values: dict[str, Value] = {
            "msevtmgt_name": self._programme.speakers[place],
            "msevtmgt_eventid": self._to("msevtmgt_event", "event"),
            "msevtmgt_type": EXTERNAL,
        }
        return Row("msevtmgt_speaker", self._speaker_id(place), values)

    def session(self, talk: Talk) -> Row:
        """One item of the programme."""
        title, is_cancelled = split_title(talk.title)
        full = title if len(title) > MAX_NAME else None
        values: dict[str, Value] = {
            "msevtmgt_name": shortened(title),
            "msevtmgt_event": self._to("msevtmgt_event", "event"),
            "msevtmgt_sessioncode": talk.code[:100],
            "msevtmgt_sessionsummary": talk.subtitle or None,
            "msevtmgt_detaileddescription": full,
            "msevtmgt_starttime": on_the_wall(talk.starts_at),
            "msevtmgt_endtime": on_the_wall(talk.ends_at),
            "msevtmgt_sessiontype": _session_type(talk.type),
            "msevtmgt_sessionformat": ON_SITE,
            "msevtmgt_publishstatus": CANCELLED if is_cancelled else LIVE,
            "msevtmgt_keywords": talk.type or None,
            "msevtmgt_language": LANGUAGES.get(talk.language),
            "msevtmgt_venue": self._to("msevtmgt_venue", "venue"),
            "msevtmgt_building": self._to("msevtmgt_building", "building"),
            "msevtmgt_waitlistthissession": NO,
            "msevtmgt_registrationcount": self._registered[talk.code],
            "msevtmgt_checkincount": self._visited[talk.code],
        }
        if talk.room is not None:
            values["msevtmgt_room"] = Reference("msevtmgt_room", self._room_id(talk.room))
            values["msevtmgt_sessionmaxcapacity"] = self._attendance.capacity[talk.room]
        if talk.speakers:
            values["msevtmgt_eventspeakerid"] = Reference("msevtmgt_speaker", self._speaker_id(talk.speakers[0]))
        return Row("msevtmgt_session", self._session_id(talk), values)

    def track_links(self) -> tuple[tuple[str, str], ...]:
        """Each session with its track."""
        return tuple(
            (self._session_id(talk), self._track_id(talk.track))
            for talk in self._programme.talks
            if talk.track is not None
        )

    def engagements(self, talk: Talk) -> Iterator[Row]:
        """One row per speaker of the session."""
        title, _ = split_title(talk.title)
        for turn, place in enumerate(talk.speakers):
            values: dict[str, Value] = {
                "msevtmgt_name": shortened(f"{self._programme.speakers[place]}: {title}"),
                "msevtmgt_event": self._to("msevtmgt_event", "event"),
                "msevtmgt_session": Reference("msevtmgt_session", self._session_id(talk)),
                "msevtmgt_speaker": Reference("msevtmgt_speaker", self._speaker_id(place)),
                "msevtmgt_starttime": on_the_wall(talk.starts_at),
                "msevtmgt_endtime": on_the_wall(talk.ends_at),
            }
            yield Row(
                "msevtmgt_speakerengagement",
                self._numbered(self._place[talk.code] << 8 | turn, "engagement", talk.code, place),
                values,
            )

    def contact(self, one: Registrant) -> Row:
        """The registrant, who has a role and a number instead of a name."""
        values: dict[str, Value] = {
            "firstname": "Registrant",
            "lastname": f"{one.number:04}",
            "emailaddress1": f"registrant-{one.number:04}@{self._programme.acronym}.example.org",
        }
        return Row("contact", self._numbered(one.number, "contact"), values)

    def registration(self, one: Registrant) -> Row:
        """The registration for the conference. [EM-20], [EM-110]"""
        values: dict[str, Value] = {
            "msevtmgt_name": self._number(one),
            "msevtmgt_contactid": Reference("contact", self._numbered(one.number, "contact")),
            "msevtmgt_eventid": self._to("msevtmgt_event", "event"),
            "msevtmgt_primaryrole": ATTENDEE,
            "msevtmgt_internalregistrationstatus": READY,
            "msevtmgt_timescheckedin": len(one.arrivals),
            "msevtmgt_originaltimestamp": on_the_wall(one.registered_at),
            "overriddencreatedon": self._utc(one.registered_at),
        }
        return Row("msevtmgt_eventregistration", self._numbered(one.number, "registration"), values | _seat(one))

    def choices(self, one: Registrant) -> Iterator[Row]:
        """The registrations for sessions."""
        for choice in one.choices:
            values: dict[str, Value] = {
                "msevtmgt_name": f"SREG-{one.number:04}-{self._code(choice)}",
                "msevtmgt_contactid": Reference("contact", self._numbered(one.number, "contact")),
                "msevtmgt_event": self._to("msevtmgt_event", "event"),
                "msevtmgt_registrationid": Reference(
                    "msevtmgt_eventregistration", self._numbered(one.number, "registration")
                ),
                "msevtmgt_sessionid": Reference("msevtmgt_session", self._session_id(choice.talk)),
                "msevtmgt_timescheckedin": 0 if choice.arrived_at is None else 1,
                "overriddencreatedon": self._utc(one.registered_at),
            }
            yield Row("msevtmgt_sessionregistration", self._choice_id(one, choice), values | _seat(one))

    def checkins(self, one: Registrant) -> Iterator[Row]:
        """The arrivals: at the door of the conference and at the sessions. [EM-80], [EM-8B]"""
        for place, at in enumerate(one.arrivals):
            yield self._checkin(one, at, EVENT_DOOR, place)
        for choice in one.choices:
            if choice.arrived_at is None:
                continue
            row = self._checkin(one, choice.arrived_at, SESSION_DOOR, choice.talk.code)
            row.values["msevtmgt_sessionattended"] = Reference("msevtmgt_session", self._session_id(choice.talk))
            choice_id = self._choice_id(one, choice)
            row.values["msevtmgt_sessionregistration"] = Reference("msevtmgt_sessionregistration", choice_id)
            row.values["msevtmgt_sessioncode"] = choice.talk.code[:100]
            yield row

    def _checkin(self, one: Registrant, at: datetime, door: int, key: object) -> Row:
        values: dict[str, Value] = {
            "msevtmgt_name": self._number(one),
            "msevtmgt_checkintype": door,
            "msevtmgt_registrationid": Reference(
                "msevtmgt_eventregistration", self._numbered(one.number, "registration")
            ),
            "msevtmgt_event": self._to("msevtmgt_event", "event"),
            "msevtmgt_contact": Reference("contact", self._numbered(one.number, "contact")),
            "msevtmgt_checkintime": self._utc(at),
            "msevtmgt_registrationidfromqr": self._number(one),
            "overriddencreatedon": self._utc(at),
        }
        return Row("msevtmgt_checkin", self._numbered(one.number, "checkin", door, key), values)

    def _id(self, *names: object) -> str:
        return name_id("/".join([self._programme.acronym, *map(str, names)]))

    # The number in front keeps rows in the order of the programme, or of registration.

    def _numbered(self, number: int, *names: object) -> str:
        return numbered_id(number, "/".join([self._programme.acronym, str(number), *map(str, names)]))

    def _room_id(self, place: int) -> str:
        return numbered_id(place, f"{self._programme.acronym}/room/{self._programme.rooms[place]}")

    def _track_id(self, place: int) -> str:
        return numbered_id(place, f"{self._programme.acronym}/track/{self._programme.tracks[place]}")

    def _speaker_id(self, place: int) -> str:
        return numbered_id(place, f"{self._programme.acronym}/speaker/{self._programme.speakers[place]}")

    def _session_id(self, talk: Talk) -> str:
        return numbered_id(self._place[talk.code], f"{self._programme.acronym}/session/{talk.code}")

    def _to(self, table: str, *names: object) -> Reference:
        return Reference(table, self._id(*names))

    def _choice_id(self, one: Registrant, choice: Choice) -> str:
        return self._numbered(one.number << 12 | self._place[choice.talk.code], "choice")

    def _number(self, one: Registrant) -> str:
        """The number that is printed: the end is not to be guessed."""
        return f"REG-{one.number:06}-{self._id('number', one.number)[:6].upper()}"

    def _code(self, choice: Choice) -> str:
        return self._session_id(choice.talk)[-6:].upper()

    def _utc(self, at: datetime) -> str:
        return self._programme.at_utc(at)


def _session_type(word: str) -> int:
    """The session type of a schedule's word."""
    return next((value for pattern, value in SESSION_TYPES if pattern.search(word.lower())), GENERAL)


def _seat(one: Registrant) -> dict[str, Value]:
    """Whether the registration holds a seat. [EM-20]"""
    if one.is_canceled:
        return {"msevtmgt_iscanceled": True, "statecode": 1, "statuscode": 2}
    return {"msevtmgt_iscanceled": False, "statecode": 0, "statuscode": 1}
