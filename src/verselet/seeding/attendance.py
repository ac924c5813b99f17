"""Make up who registers for a conference and who comes.

In:        a programme, the number of registrants
Out:       `Attendance`: registrations with sessions, cancellations and arrivals
Not here:  the rows made of it (seeding.conference)

Everything follows from names through `named_chance`: the same programme has the same registrants every time. The shape
is that of [EM-171]: half of the registrations come in the last quarter of the time, sessions are popular by Zipf's law
within an hour, 12 % cancel, 35 % of the others do not come, 8 % of those who came come in a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from verselet.ids import named_chance
from verselet.seeding.programme import Programme, Talk

OPEN_FOR = timedelta(days=60)
HALF_IN_LAST_QUARTER = 2.41
"""The exponent p for which 0.75 to the power of p is one half."""

CHOOSES_AN_HOUR = 0.4
CANCELS = 0.12
STAYS_AWAY = 0.35
SKIPS_A_SESSION = 0.15
COMES_AGAIN = 0.08
LARGE = frozenset({"keynote", "maintrack"})


class Choice(msgspec.Struct, frozen=True):
    """One registrant in one session; `arrived_at` on the wall clock, None for who did not come."""

    talk: Talk
    arrived_at: datetime | None


class Registrant(msgspec.Struct, frozen=True, kw_only=True):
    """One registration for the conference. `number` counts from 1; times are on the wall clock."""

    number: int
    registered_at: datetime
    is_canceled: bool
    arrivals: tuple[datetime, ...]
    choices: tuple[Choice, ...]


class Attendance(msgspec.Struct, frozen=True):
    """Who registered. `capacity` holds the seats of each room, by its place in the programme."""

    registrants: tuple[Registrant, ...]
    capacity: tuple[int, ...]


def make_up_attendance(programme: Programme, registrants: int) -> Attendance:
    """The registrants in the order of their registration; no session gets more than its room can hold."""
    chance = partial(_chance, programme.acronym)
    opening = min(talk.starts_at for talk in programme.talks)
    capacity = _capacities(programme)
    hours = _hours(programme)
    taken: dict[str, int] = {}
    known = sorted((_registered_at(opening, chance("when", number)), number) for number in range(1, registrants + 1))
    found = []
    for place, (registered_at, number) in enumerate(known, start=1):
        is_canceled = chance("cancels", number) < CANCELS
        talks = _choose(hours, partial(chance, number), taken, capacity)
        if not is_canceled:
            for talk in talks:
                taken[talk.code] = taken.get(talk.code, 0) + 1
        comes = not is_canceled and chance("stays away", number) >= STAYS_AWAY
        choices = tuple(Choice(talk, _arrival(talk, partial(chance, number)) if comes else None) for talk in talks)
        found.append(
            Registrant(
                number=place,
                registered_at=registered_at,
                is_canceled=is_canceled,
                arrivals=_doors(choices, partial(chance, number)),
                choices=choices,
            )
        )
    return Attendance(tuple(found), capacity)


def _chance(*names: object) -> float:
    """A number from 0 to below 1 that belongs to the names."""
    return named_chance("/".join(map(str, names)))


def _registered_at(opening: datetime, chance: float) -> datetime:
    """Later is likelier. [EM-171]"""
    share = float(chance ** (1 / HALF_IN_LAST_QUARTER))
    return (opening - OPEN_FOR * (1 - share)).replace(microsecond=0)


def _capacities(programme: Programme) -> tuple[int, ...]:
    """Seats per room: many where the large talks are."""
    large = {talk.room for talk in programme.talks if talk.type in LARGE}
    chances = [_chance(programme.acronym, "seats", room) for room in programme.rooms]
    return tuple(800 if room in large else 40 + int(chance * 14) * 20 for room, chance in enumerate(chances))


def _hours(programme: Programme) -> Sequence[Sequence[Talk]]:
    """The talks of each hour, the most popular first."""
    found: dict[str, list[Talk]] = {}
    for talk in programme.talks:
        if talk.room is not None:
            found.setdefault(talk.start[:13], []).append(talk)
    for talks in found.values():
        talks.sort(key=lambda talk: _chance(programme.acronym, "popular", talk.code))
    return [found[hour] for hour in sorted(found)]


def _choose(
    hours: Sequence[Sequence[Talk]], chance: partial[float], taken: Mapping[str, int], capacity: Sequence[int]
) -> list[Talk]:
    """The sessions one registrant picks: at most one an hour, none that overlap, none that are full. [EM-13]"""
    chosen: list[Talk] = []
    for number, talks in enumerate(hours):
        if chance("hour", number) >= CHOOSES_AN_HOUR:
            continue
        talk = talks[_zipf(len(talks), chance("rank", number))]
        is_free = not chosen or chosen[-1].ends_at <= talk.starts_at
        if is_free and talk.room is not None and taken.get(talk.code, 0) < capacity[talk.room]:
            chosen.append(talk)
    return chosen


def _zipf(count: int, chance: float) -> int:
    """A place below `count`: the n-th is chosen n times less often than the first."""
    left = chance * sum(1 / rank for rank in range(1, count + 1))
    for rank in range(1, count + 1):
        left -= 1 / rank
        if left < 0:
            return rank - 1
    return count - 1


def _arrival(talk: Talk, chance: partial[float]) -> datetime | None:
    """Between 20 minutes before the start and 10 after, most of them shortly before."""
    if chance("skips", talk.code) < SKIPS_A_SESSION:
        return None
    both = (chance("arrives", talk.code) + chance("door", talk.code)) / 2
    return talk.starts_at + timedelta(seconds=int(-20 * 60 + both * 30 * 60))


def _doors(choices: Sequence[Choice], chance: partial[float]) -> tuple[datetime, ...]:
    """When the registrant passes the door of the conference: before the first session, and for some once more."""
    arrivals = [choice.arrived_at for choice in choices if choice.arrived_at is not None]
    if not arrivals:
        return ()
    first = arrivals[0] - timedelta(seconds=int(300 + chance("first door") * 3000))
    if chance("comes again") >= COMES_AGAIN:
        return (first,)
    return (first, arrivals[-1] + timedelta(seconds=int(600 + chance("second door") * 3000)))
