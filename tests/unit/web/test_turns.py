"""Which reads are sent to a thread at once."""

from __future__ import annotations

import pytest

from verselet.web.turns import MAX_SHAPES, LongReads


def test_a_shape_is_known_by_all_its_literals() -> None:
    """Another literal is the same read. (performance.md §3)"""
    reads = LongReads()
    reads.note(b"/accounts", b"$filter=name%20eq%20%27a%27%20and%20n%20gt%205", 1.0)

    assert reads.has(b"/accounts", b"$filter=name%20eq%20%27bc%27%20and%20n%20gt%20700")
    assert not reads.has(b"/contacts", b"$filter=name%20eq%20%27bc%27%20and%20n%20gt%20700")


@pytest.mark.parametrize(("seconds", "expected"), [(0.004, False), (0.006, True)])
def test_only_what_takes_long_is_remembered(seconds: float, expected: bool) -> None:
    """Below five milliseconds a thread costs more than it saves. (performance.md §5)"""
    reads = LongReads()
    reads.note(b"/accounts", b"$top=1", seconds)

    assert expected == reads.has(b"/accounts", b"$top=1")


def test_a_read_that_became_quick_is_forgotten() -> None:
    """The moving average decides, not one time alone. (performance.md §5)"""
    reads = LongReads()
    reads.note(b"/accounts", b"$top=1", 0.016)
    reads.note(b"/accounts", b"$top=1", 0.0)
    assert reads.has(b"/accounts", b"$top=1")

    reads.note(b"/accounts", b"$top=1", 0.0)
    assert not reads.has(b"/accounts", b"$top=1")


def test_no_more_shapes_are_remembered_than_there_is_room_for() -> None:
    """The one that was slow longest ago goes first. (performance.md §10)"""
    reads = LongReads()
    for number in range(MAX_SHAPES + 1):
        reads.note(b"/accounts", b"$orderby=" + b"c" * (number + 1), 1.0)

    assert not reads.has(b"/accounts", b"$orderby=c")
    assert reads.has(b"/accounts", b"$orderby=cc")
