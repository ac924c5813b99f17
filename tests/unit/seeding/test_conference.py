"""A conference programme becomes rows that make sense to a person who looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.places import SOURCE
from verselet.metadata.columns import MemoColumn, TextColumn
from verselet.metadata.compiled import load_schema
from verselet.seeding.attendance import make_up_attendance
from verselet.seeding.batches import Links, NewRows
from verselet.seeding.conference import conference_batches, shortened, split_title
from verselet.seeding.programme import read_programme
from verselet.values import Reference, Row

SCHEMA = load_schema()
PROGRAMME = read_programme((SOURCE / "seeding" / "data" / "fosdem-2025.json").read_bytes())
ATTENDANCE = make_up_attendance(PROGRAMME, 400)
BATCHES = conference_batches(PROGRAMME, ATTENDANCE)
ROWS = {batch.table: batch.rows for batch in BATCHES if isinstance(batch, NewRows)}
OPENING = min(talk.starts_at for talk in PROGRAMME.talks)


def test_the_rows_are_as_many_as_the_programme_has() -> None:
    """One event, and what the schedule counts. [EM-A14]"""
    names = ("event", "room", "sessiontrack", "session", "speaker", "speakerengagement")
    found = {name: len(ROWS[f"msevtmgt_{name}"]) for name in names}

    assert {
        "event": 1, "room": 35, "sessiontrack": 78, "session": 1105, "speaker": 1193, "speakerengagement": 1455
    } == found  # fmt: skip


def test_every_session_is_linked_to_its_track() -> None:
    """Tracks are connected many to many. [EM-140]"""
    (links,) = [batch for batch in BATCHES if isinstance(batch, Links)]

    assert {row.id for row in ROWS["msevtmgt_session"]} == {one for one, _ in links.pairs}
    assert {row.id for row in ROWS["msevtmgt_sessiontrack"]} == {other for _, other in links.pairs}
    assert links.navigation in SCHEMA.across[links.table]


def test_a_session_keeps_the_wall_clock_of_its_place() -> None:
    """Start and end are independent of time zones. [T-12]"""
    first = ROWS["msevtmgt_session"][0].values

    assert ("Welcome to FOSDEM 2025", "2025-02-01T09:30:00Z", "2025-02-01T09:50:00Z") == (
        first["msevtmgt_name"],
        first["msevtmgt_starttime"],
        first["msevtmgt_endtime"],
    )


def test_a_checkin_is_a_point_in_time() -> None:
    """Brussels is an hour ahead of UTC in February: doors that open at half past nine open at 08:30 UTC."""
    times = [str(row.values["msevtmgt_checkintime"]) for row in ROWS["msevtmgt_checkin"]]

    assert "2025-02-01T06" < min(times) < "2025-02-01T10"
    assert max(times) < "2025-02-02T19"


def test_values_fit_their_columns() -> None:
    """Nothing is too long, unknown or not to be written."""
    wrong = set()
    for rows in ROWS.values():
        for row in rows:
            for name, value in row.values.items():
                column = SCHEMA.table(row.table).columns[name]
                fits = not isinstance(column, TextColumn | MemoColumn) or len(str(value or "")) <= column.max_length
                if not (fits and column.create):
                    wrong.add((row.table, name))

    assert set() == wrong


def test_rows_refer_to_rows_that_come_before_them() -> None:
    """The batches can be written in their order."""
    seen: set[Reference] = set()
    missing = []
    for batch in BATCHES:
        rows = [row for row in batch.rows if isinstance(row, Row)]
        seen.update(Reference(row.table, str(row.id)) for row in rows)
        missing += [
            (row.table, name)
            for row in rows
            for name, value in row.values.items()
            if isinstance(value, Reference) and value not in seen
        ]

    assert [] == missing


def test_ids_are_unique_and_the_same_every_time() -> None:
    """The demo of today is the demo of tomorrow. [EM-141]"""

    def ids() -> list[str | None]:
        batches = conference_batches(PROGRAMME, make_up_attendance(PROGRAMME, 400))
        return [row.id for batch in batches if isinstance(batch, NewRows) for row in batch.rows]

    assert ids() == ids()
    assert len(ids()) == len(set(ids()))


def test_no_session_has_more_registrations_than_seats() -> None:
    """Nobody stands, and the session's own count is the number of seats taken. [EM-10], [EM-13]"""
    chosen = [
        row.values["msevtmgt_sessionid"]
        for row in ROWS["msevtmgt_sessionregistration"]
        if row.values["msevtmgt_iscanceled"] is False
    ]
    taken = Counter(one for one in chosen if isinstance(one, Reference))
    sessions = {Reference(row.table, str(row.id)): row.values for row in ROWS["msevtmgt_session"]}

    assert {} == {one: count for one, count in taken.items() if count > _seats(sessions[one])}
    assert {one: values["msevtmgt_registrationcount"] for one, values in sessions.items()} == {
        one: taken[one] for one in sessions
    }


def _seats(values: Mapping[str, object]) -> int:
    found = values["msevtmgt_sessionmaxcapacity"]
    assert isinstance(found, int)
    return found


def test_nobody_is_in_two_sessions_at_once() -> None:
    """The sessions of one registrant follow each other. [EM-49]"""
    overlaps = [
        (one.number, first.talk.code)
        for one in ATTENDANCE.registrants
        for first, second in zip(one.choices, one.choices[1:], strict=False)
        if first.talk.ends_at > second.talk.starts_at
    ]

    assert [] == overlaps


def test_who_canceled_did_not_come() -> None:
    """A canceled registration is inactive and has no check-in. [EM-20]"""
    canceled = [one for one in ATTENDANCE.registrants if one.is_canceled]
    rows = [row.values for row in ROWS["msevtmgt_eventregistration"] if row.values["msevtmgt_iscanceled"]]

    assert [] != canceled
    assert {((), None)} == {(one.arrivals, choice.arrived_at) for one in canceled for choice in one.choices}
    assert {(1, 2, 0)} == {(row["statecode"], row["statuscode"], row["msevtmgt_timescheckedin"]) for row in rows}


def test_times_checked_in_are_the_checkins() -> None:
    """A registration counts its arrivals at the door of the event. [EM-88]"""
    arrivals = Counter(
        row.values["msevtmgt_registrationid"]
        for row in ROWS["msevtmgt_checkin"]
        if row.values["msevtmgt_checkintype"] == 100_000_001
    )
    told = {
        Reference(row.table, str(row.id)): row.values["msevtmgt_timescheckedin"]
        for row in ROWS["msevtmgt_eventregistration"]
    }

    assert told == {one: arrivals[one] for one in told}


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [("canceled", 0.08, 0.16), ("stayed away", 0.28, 0.42), ("came again", 0.04, 0.12), ("last quarter", 0.42, 0.58)],
)
def test_the_made_up_registrants_behave_as_described(share: str, low: float, high: float) -> None:
    """12 % cancel, 35 % do not come, 8 % come again, half register in the last quarter. [EM-171]"""
    everybody = ATTENDANCE.registrants
    active = [one for one in everybody if not one.is_canceled]
    came = [one for one in active if one.arrivals]
    late = [one for one in everybody if one.registered_at > OPENING - timedelta(days=15)]
    found = {
        "canceled": 1 - len(active) / len(everybody),
        "stayed away": 1 - len(came) / len(active),
        "came again": sum(len(one.arrivals) == 2 for one in came) / len(came),
        "last quarter": len(late) / len(everybody),
    }

    assert low < found[share] < high


def test_registrants_come_in_the_order_of_their_numbers() -> None:
    """The first number registered first, and everybody before the doors opened."""
    times = [one.registered_at for one in ATTENDANCE.registrants]

    assert sorted(times) == times
    assert times[-1] < OPENING


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("CANCELLED: Talk", ("Talk", True)),
        ("(CANCELLED) Talk", ("Talk", True)),
        ("[CANCELED] Talk", ("Talk", True)),
        ("canceled Talk", ("Talk", True)),
        ("Talk - CANCELLED, replaced by another", ("Talk - CANCELLED, replaced by another", False)),
        ("Talk (TALK REPLACES CANCELLED TALK)", ("Talk (TALK REPLACES CANCELLED TALK)", False)),
        ("Cancelling POSIX syscalls in glibc", ("Cancelling POSIX syscalls in glibc", False)),
    ],
)
def test_only_a_title_that_begins_with_the_word_is_cancelled(title: str, found: tuple[str, bool]) -> None:
    """Bare, in [ ] or in ( ), with or without colon. [EM-146]"""
    assert found == split_title(title)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("short enough", "short enough"),
        ("word " * 30, ("word " * 19).strip() + "…"),
        ("x" * 150, "x" * 99 + "…"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_long_title_is_cut_at_a_word(title: str, found: str) -> None:
    """At most 100 characters, the ellipsis included. [EM-145]"""
    assert found == shortened(title)
    assert len(found) <= 100


def test_a_long_title_is_kept_whole_in_the_description() -> None:
    """41 titles of the programme are longer than a name may be. [EM-145]"""
    whole = [row.values["msevtmgt_detaileddescription"] for row in ROWS["msevtmgt_session"]]

    assert 41 == sum(one is not None for one in whole)
