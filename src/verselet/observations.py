"""Say what happened, as values; write them as JSON lines.

In:        observations from every room
Out:       `observe`, `write_json_lines`
Not here:  answers to callers (web.errors), lines for the person at the terminal (cli)

Library warnings and faults take the same way, so that standard error holds one JSON object per line and nothing else.
"""

from __future__ import annotations

import logging
from typing import TextIO, TypeAlias

import msgspec
from typing_extensions import override

from verselet.clock import Clock, wire_form

LOGGER_NAME = "verselet"

QUIET_S = 1.0
"""So long nothing is said of what was just said."""


class Started(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """The server answers."""

    url: str
    org: str
    seconds: float


class Stopped(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """The server answers no more."""

    org: str


class Answered(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """One request and its status; only when requests are logged. The query text may hold data and is left out."""

    method: str
    path: str
    status: int
    milliseconds: float


class Failed(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """A fault of ours while answering. [E-19]"""

    request_id: str
    method: str
    path: str


class Seeded(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """Rows came from a fixture."""

    name: str
    rows: int
    seconds: float


class PluginLoaded(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """A file with plug-ins is new or changed, and runs from now on."""

    file: str
    steps: int


class PluginRemoved(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """A file with plug-ins is gone, and its steps with it."""

    file: str


class PluginBroken(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """A file with plug-ins changed and cannot be loaded; the version before goes on."""

    file: str
    problem: str


Observation: TypeAlias = Started | Stopped | Answered | Failed | Seeded | PluginLoaded | PluginRemoved | PluginBroken


def observe(observation: Observation, *, error: BaseException | None = None) -> None:
    """Tell whoever listens; `error` brings its traceback."""
    level = logging.INFO if error is None and not isinstance(observation, PluginBroken) else logging.ERROR
    logging.getLogger(LOGGER_NAME).log(level, "%s", observation, exc_info=error)


def write_json_lines(stream: TextIO, *, everything: bool) -> None:
    """Send faults and what libraries warn about to that stream; on request everything that happens."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine(Clock()))
    handler.addFilter(Once(Clock()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOGGER_NAME).setLevel(logging.INFO if everything else logging.WARNING)


class Once(logging.Filter):
    """Lets the same warning pass once in `QUIET_S`: while a disk is full or a database away, each request has the same.

    Faults pass always, and so does whatever is new. Its time is the machine's; seconds are enough.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._last = ("", "")
        self._told_at = clock.now()

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """The record is to be written."""
        if record.levelno != logging.WARNING:
            return True
        now, said = self._clock.now(), (record.name, record.getMessage())
        if said == self._last and (now - self._told_at).total_seconds() < QUIET_S:
            return False
        self._last, self._told_at = said, now
        return True


class JsonLine(logging.Formatter):
    """One log record as one line of JSON: `at`, `level`, then the observation's own members, or `logger` and `text`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {"at": wire_form(self._clock.now()), "level": record.levelname.lower()}
        told = record.args[0] if isinstance(record.args, tuple) and len(record.args) == 1 else None
        if isinstance(told, Observation):
            line.update(msgspec.to_builtins(told))
        else:
            line.update(logger=record.name, text=record.getMessage())
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()
