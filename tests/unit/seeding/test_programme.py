"""Public conference schedules come to the numbers their description states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.places import SHARED, SOURCE
from tools.convert_programme import Facts, facts, main, read_schedule
from verselet.seeding.programme import read_programme

FOLDER = SHARED / "data" / "schedules"
ATTRIBUTION = "FOSDEM programme, CC BY 2.0 BE"


def stated_facts() -> list[tuple[str, list[str]]]:
    """The table of facts in the data's description: name → figures in the order of its columns."""
    text = (SHARED / "data" / "README.md").read_text("utf-8")
    table = text.partition("### Facts an importer must reproduce")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return [(row[0], row[1:]) for row in rows if not row[0].startswith(("file", "---"))]


def file_of(name: str) -> Path:
    """The schedule file with that name, whatever its dialect."""
    (path,) = FOLDER.glob(f"{name}.*")
    return path


@pytest.mark.parametrize(("name", "figures"), stated_facts(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_schedule_comes_to_its_facts(name: str, figures: list[str]) -> None:
    """Sessions, days, rooms, tracks, persons, engagements, minutes, long titles, overlaps. [EM-A14]"""
    found = facts(read_schedule(file_of(name).read_bytes(), "x"))
    counted = [getattr(found, field) for field in Facts.__struct_fields__]

    # A dash: nothing is stated about it.
    known = [number for number, figure in enumerate(figures) if figure.isdecimal()]
    assert [int(figures[number]) for number in known] == [counted[number] for number in known]


def test_all_dialects_are_among_the_facts() -> None:
    """The description speaks of seven files; losing one here would go unnoticed."""
    assert 7 == len(stated_facts())


def test_the_shipped_programme_is_the_public_one(tmp_path: Path) -> None:
    """The file in the package is what the tool makes of the schedule, attribution included."""
    target = tmp_path / "fosdem-2025.json"
    main([str(file_of("fosdem-2025-final")), str(target), "--attribution", ATTRIBUTION])

    assert target.read_bytes() == (SOURCE / "seeding" / "data" / "fosdem-2025.json").read_bytes()


def test_the_licence_is_named_beside_the_data() -> None:
    """FOSDEM asks to be named."""
    shipped = SOURCE / "seeding" / "data"

    assert ATTRIBUTION in (shipped / "ATTRIBUTION.md").read_text("utf-8")
    assert ATTRIBUTION == read_programme((shipped / "fosdem-2025.json").read_bytes()).attribution


def test_speakers_are_numbers() -> None:
    """No person is named in what is shipped. [EM-148]"""
    programme = read_programme((SOURCE / "seeding" / "data" / "fosdem-2025.json").read_bytes())

    assert [] == [name for name in programme.speakers if not re.fullmatch(r"Speaker \d{4}", name)]


def small(event: str, *, change: str = "09:00", day: str = "2026-03-01") -> bytes:
    """A schedule with one session."""
    return (
        f"<schedule><conference><title>Small Days</title><day_change>{change}</day_change></conference>"
        f'<day date="{day}">{event}</day></schedule>'
    ).encode()


@pytest.mark.parametrize(
    ("event", "start", "minutes"),
    [
        (
            "<event id='1'><start>10:30</start><duration>00:50</duration><title>A</title></event>",
            "2026-03-01T10:30",
            50,
        ),
        (
            "<event id='1'><start>01:15</start><duration>25:00</duration><title>A</title></event>",
            "2026-03-02T01:15",
            1500,
        ),
        (
            "<event id='1'><start>10:30</start><duration>1:02:00</duration><title>A</title></event>",
            "2026-03-01T10:30",
            1560,
        ),
        (
            "<event id='1'><date>2026-03-02T01:15:00+01:00</date><start>01:15</start><duration>00:10</duration>"
            "<title>A</title></event>",
            "2026-03-02T01:15",
            10,
        ),
    ],
)
def test_times_are_read_as_schedules_write_them(event: str, start: str, minutes: int) -> None:
    """After midnight belongs to the day before; a date of its own wins; a duration may exceed a day. Chapter 14"""
    (talk,) = read_schedule(small(event), "x").talks

    assert (start, minutes, 1) == (talk.start, talk.minutes, talk.day)


def test_a_schedule_with_a_document_type_is_refused() -> None:
    """No entities, whoever wrote the file. [EM-149]"""
    with pytest.raises(SystemExit, match="document type"):
        read_schedule(b'<!DOCTYPE s [<!ENTITY a "b">]>' + small(""), "x")
