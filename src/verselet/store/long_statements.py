"""Keep long statements of SQLite prepared: those its driver would prepare anew each time they are run.

In:        the text of a statement and its values
Out:       `LongStatements`: what is run in their place
Not here:  running it (store.sqlite_session), what statements say (sql)

The driver remembers no statement of more than some thousand bytes, and a page of a wide table takes many more. What
such a statement says becomes a view of its connection, which takes its values from a function; what is run is a short
question to the view, and that is remembered. To make a view has every other statement of the connection prepared
once more, so a text must come a second time before it is worth one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import Final

import apsw

from verselet.values import Stored

SURELY_SHORT: Final = 4_096
"""So many characters are no more bytes than the driver takes, whatever letters they are."""

MOST_TEXTS: Final = 500
MOST_BYTES: Final = 1_000_000
"""What the views of a connection may say in all: prepared they take some seven times as much memory."""

VALUE: Final = "verselet_value"
NAME: Final = "verselet_long_"

AS_IT_IS: Final = ""
"""Nothing else is run in the place of a statement."""

_PIECE: Final = re.compile(r"""'[^']*'|"[^"]*"|[()?]""")


class _Values:
    """The values of the statement that runs."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now: Sequence[Stored] = ()

    def of(self, *given: apsw.SQLiteValue) -> Stored:
        """The value that stands where the question mark of that number stood."""
        (number,) = given
        return self.now[int(str(number))]


class LongStatements:
    """The long statements of one connection: at most so many, of at most so many bytes; then all are forgotten."""

    __slots__ = ("_bytes", "_connection", "_instead", "_is_used", "_longest", "_made", "_seen", "_values")

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._values = _Values()
        self._longest: int = connection.cache_stats()["max_cacheable_bytes"]
        self._seen: set[str] = set()
        self._instead: dict[str, str] = {}
        self._made = 0
        self._is_used = False
        self._bytes = 0
        connection.create_scalar_function(VALUE, self._values.of, 1, deterministic=True)

    def instead_of(self, text: str, values: Sequence[Stored]) -> tuple[str, Sequence[Stored]]:
        """What to run in the place of a statement of more than `SURELY_SHORT` characters."""
        found = self._instead.get(text)
        if found is None:
            found = self._look_at(text)
        if found == AS_IT_IS:
            return text, values
        self._values.now = values
        return found, ()

    def forget(self) -> None:
        """Drop all views: no table can be changed while one says something of it."""
        self._seen.clear()
        self._instead.clear()
        # Names come again: the driver then remembers one question to a view for each, not one for all there were.
        self._bytes = self._made = 0
        if self._is_used:
            # Those that an undone transaction had dropped are there again.
            made = self._connection.execute(f"SELECT name FROM temp.sqlite_schema WHERE name GLOB '{NAME}*'").fetchall()
            for (name,) in made:
                self._connection.execute(f"DROP VIEW temp.{name}")

    def _look_at(self, text: str) -> str:
        if self._connection.in_transaction or not text.startswith(("SELECT ", "WITH ")):
            # What a transaction makes would be gone when that fails.
            return AS_IT_IS
        if len(self._instead) + len(self._seen) > MOST_TEXTS:
            self.forget()
        if len(text.encode()) < self._longest:
            self._instead[text] = AS_IT_IS
            return AS_IT_IS
        if text in self._seen:
            return self._make(text)
        self._seen.add(text)
        return AS_IT_IS

    def _make(self, text: str) -> str:
        if self._bytes + len(text) > MOST_BYTES:
            self.forget()
        self._bytes += len(text)
        self._made += 1
        self._is_used = True
        name = f"{NAME}{self._made}"
        says, instead = _apart(text, name)
        self._connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
        self._connection.execute(f"CREATE TEMP VIEW {name} AS {_with_numbers(says)}")
        self._instead[text] = instead
        return instead


def _apart(text: str, name: str) -> tuple[str, str]:
    """What the view of that name says, and what is run to ask it.

    SQLite copies what such a view gives, unless it can dissolve it; of a page that is much. So the view gives the rows
    that a statement puts together, not the whole; and one that reads from nothing is made to read from something.
    """
    outermost = _parentheses(text)
    if text.startswith("SELECT "):
        for begins, ends in outermost:
            before, after = text[:begins], text[ends:]
            if before.endswith(" FROM ") and len(before) + len(after) < SURELY_SHORT and "?" not in before + after:
                return text[begins + 1 : ends - 1], f"{before}temp.{name}{after}"
    places = [0, *[place for pair in outermost for place in pair], len(text)]
    between = [text[begins:ends] for begins, ends in zip(places[::2], places[1::2], strict=True)]
    reads = any(" FROM " in piece for piece in between)
    return text if reads else f"{text} FROM (SELECT 1)", f"SELECT * FROM temp.{name}"


def _parentheses(text: str) -> list[tuple[int, int]]:
    """Where those of a statement begin and end that are in no others."""
    found: list[tuple[int, int]] = []
    depth = begins = 0
    for match in _PIECE.finditer(text):
        if match[0] == "(":
            begins = begins if depth else match.start()
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if not depth:
                found.append((begins, match.end()))
    return found


def _with_numbers(text: str) -> str:
    """A view has no question marks: the function is asked for the value with the number of each."""
    numbers = count()

    def piece(match: re.Match[str]) -> str:
        return f"{VALUE}({next(numbers)})" if match[0] == "?" else match[0]

    return _PIECE.sub(piece, text)
