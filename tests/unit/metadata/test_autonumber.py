"""Formats of automatic numbers. [JOB-67]"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.metadata.autonumber import is_counted, parse_number_format, written_number
from verselet.metadata.columns import TextColumn
from verselet.metadata.compiled import load_schema

AT = datetime(2026, 3, 4, 15, 6, 7, 89_000, tzinfo=UTC)


def write(text: str, number: int = 1000) -> str:
    """One number in that format; chance gives the beginning of the alphabet."""
    return written_number(parse_number_format(text), number, AT, lambda length: "ABCDEF"[:length])


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("PRJ-{SEQNUM:5}", 1000, "PRJ-01000"),
        ("PRJ-{SEQNUM:5}", 1234567, "PRJ-1234567"),
        ("{SEQNUM:1}", 7, "7"),
        ("CAR-{SEQNUM:3}-{RANDSTRING:6}", 12, "CAR-012-ABCDEF"),
        ("{RANDSTRING:1}", 12, "A"),
        ("CNR-{RANDSTRING:4}-{SEQNUM:4}-{DATETIMEUTC:yyyyMMddHHmmss}", 12, "CNR-ABCD-0012-20260304150607"),
        ("{DATETIMEUTC:d/M/yy h:m:s tt}/{SEQNUM:2}", 12, "4/3/26 3:6:7 PM/12"),
        (
            "{DATETIMEUTC:dddd, ddd dd MMMM MMM HH:mm hh fff H}{SEQNUM:2}",
            9,
            "Wednesday, Wed 04 March Mar 15:06 03 089 1509",
        ),
        ("{DATETIMEUTC:'week of' yyyy}{SEQNUM:1}", 9, "week of 20269"),
        ("Ünïcode {SEQNUM:2}", 9, "Ünïcode 09"),
    ],
)
def test_a_number_is_written_in_its_format(text: str, number: int, expected: str) -> None:
    """Text stands for itself, numbers are filled up and never cut. [JOB-67]"""
    assert expected == write(text, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no placeholder",
        "{DATETIMEUTC:yyyy}",
        "{SEQNUM}",
        "{SEQNUM:}",
        "{SEQNUM:0}",
        "{SEQNUM:19}",
        "{SEQNUM:-1}",
        "{SEQNUM:٣}",
        "{RANDSTRING:7}",
        "{RANDSTRING:0}",
        "{seqnum:4}",
        "{NUMBER:4}",
        "{SEQNUM:4}}",
        "{{SEQNUM:4}",
        "{SEQNUM:4}{DATETIMEUTC:}",
        "{SEQNUM:4}{DATETIMEUTC:'open}",
    ],
)
def test_another_format_is_refused(text: str) -> None:
    """The refusal names the format. [JOB-67]"""
    with pytest.raises(InvalidArgument, match="AutoNumberFormat"):
        parse_number_format(text)


@pytest.mark.parametrize("word", ["zzz", "yyy", "K", "g", "Q"])
def test_an_unknown_word_of_a_time_is_refused_by_name(word: str) -> None:
    """Nothing of a format is dropped in silence. [invariant 15]"""
    with pytest.raises(NotSupportedHere, match=f"'{word}'"):
        parse_number_format(f"{{SEQNUM:4}}{{DATETIMEUTC:{word}}}")


def test_only_counted_formats_take_numbers() -> None:
    """Chance alone needs no counter. [JOB-67]"""
    assert (True, False) == (
        is_counted(parse_number_format("A{SEQNUM:4}")),
        is_counted(parse_number_format("A{RANDSTRING:4}")),
    )


def test_every_shipped_format_can_be_read() -> None:
    """And leaves room in its column; the registration id of a session registration has one. [JOB-69]"""
    found = {
        (table.name, column.name): column
        for table in load_schema().tables.values()
        for column in table.columns.values()
        if isinstance(column, TextColumn) and column.auto_number_format
    }

    assert ("msevtmgt_sessionregistration", "msevtmgt_name") in found
    for column in found.values():
        assert len(write(column.auto_number_format or "", 10**18)) <= column.max_length
