"""What happened, as values and as lines."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from verselet.clock import Clock
from verselet.observations import Answered, Once, Seeded, observe, write_json_lines


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    """The process's loggers belong to pytest."""
    root, ours = logging.getLogger(), logging.getLogger("verselet")
    handlers, levels = root.handlers, (root.level, ours.level)
    yield
    root.handlers = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """What was written, decoded; the time is checked and taken off."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert all(line.pop("at").endswith("Z") for line in found)
    return found


def test_an_observation_is_one_line_of_json() -> None:
    """Its members are the line's members."""
    stream = io.StringIO()
    write_json_lines(stream, everything=True)
    observe(Answered("GET", "/api/data/v9.2/accounts", 200, 0.25))
    expected = {"level": "info", "what": "Answered", "method": "GET", "path": "/api/data/v9.2/accounts", "status": 200}
    assert [{**expected, "milliseconds": 0.25}] == lines(stream)


def test_requests_are_not_logged_unless_asked_for() -> None:
    """The request log is off by default."""
    stream = io.StringIO()
    write_json_lines(stream, everything=False)
    observe(Answered("GET", "/", 200, 0.25))
    assert [] == lines(stream)


def test_a_fault_brings_its_traceback() -> None:
    """Also with everything else switched off. [E-19]"""
    stream = io.StringIO()
    write_json_lines(stream, everything=False)
    try:
        raise ZeroDivisionError("by chance")
    except ZeroDivisionError as error:
        observe(Seeded("demo", 1, 0.1), error=error)
    (line,) = lines(stream)
    assert ("error", "Seeded", True) == (
        line["level"],
        line["what"],
        "ZeroDivisionError: by chance" in line["traceback"],
    )


def test_what_libraries_say_is_a_line_too() -> None:
    """Standard error holds one JSON object per line and nothing else."""
    stream = io.StringIO()
    write_json_lines(stream, everything=False)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request %s.", "received")
    logging.getLogger("uvicorn.error").info("not worth a line")
    assert [{"level": "warning", "logger": "uvicorn.error", "text": "Invalid HTTP request received."}] == lines(stream)


def test_the_stream_is_the_one_given() -> None:
    """Nothing is written to standard output, which holds the banner."""
    write_json_lines(sys.stderr, everything=True)
    assert sys.stderr is getattr(logging.getLogger().handlers[0], "stream", None)


def test_the_same_warning_is_said_once_in_a_while() -> None:
    """A disk that is full for an hour does not fill the log; what is new, or a fault, is said at once. [S-2]"""
    stream = io.StringIO()
    write_json_lines(stream, everything=False)
    log = logging.getLogger("verselet.store")
    for _ in range(100):
        log.warning("%s", "There is no room left.")
    log.warning("%s", "The database is away.")
    log.error("a fault")
    log.error("a fault")
    said = [line["text"] for line in lines(stream)]
    assert ["There is no room left.", "The database is away.", "a fault", "a fault"] == said


def test_what_goes_on_is_said_again() -> None:
    """After a moment, so that nobody takes it for over. [S-2]"""
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    once = Once(clock)
    record = logging.LogRecord("verselet.store", logging.WARNING, "", 0, "There is no room left.", None, None)
    assert (True, False) == (once.filter(record), once.filter(record))
    clock.advance(timedelta(seconds=1))
    assert once.filter(record)
