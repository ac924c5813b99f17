"""Say which rows and cells are wanted of the lake, and write that as the text its engine reads.

In:        tests of cells, an order, a number of rows
Out:       `Scan`, and the text of one
Not here:  running it (lake.delta), what of a question can be said so (operations.retention.narrowing)

Names and values stand in the text, for the engine takes no parameters: names in double quotes, texts in single ones,
each doubled inside, which is all the escaping that it knows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

import msgspec

Cell: TypeAlias = str | int | float | bool | bytes | None

Sign: TypeAlias = Literal["=", "<", "<=", ">", ">="]


class Holds(msgspec.Struct, frozen=True, tag=True):
    """The cell compares so with a value; one without a value does not."""

    column: str
    sign: Sign
    value: str | int | float | bool


class OneOf(msgspec.Struct, frozen=True, tag=True):
    """The cell is one of the values."""

    column: str
    values: tuple[str | int, ...]


class Spelled(msgspec.Struct, frozen=True, tag=True):
    """The cell is one of the texts, whatever the letter case."""

    column: str
    texts: tuple[str, ...]


class Fits(msgspec.Struct, frozen=True, tag=True):
    """The cell fits a pattern with `%` and `_`, whatever the letter case."""

    column: str
    pattern: str


class Number(msgspec.Struct, frozen=True, tag=True):
    """The number that the cell's text spells compares so with a value."""

    column: str
    sign: Sign
    value: float


class Missing(msgspec.Struct, frozen=True, tag=True):
    """The cell has no value."""

    column: str


class Every(msgspec.Struct, frozen=True, tag=True):
    """All tests hold; of none, they do."""

    tests: tuple[Test, ...]


class Some(msgspec.Struct, frozen=True, tag=True):
    """One of the tests holds; of none, none does."""

    tests: tuple[Test, ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The test does not hold; nor does one that cannot be decided."""

    test: Test


Test: TypeAlias = Holds | OneOf | Spelled | Fits | Number | Missing | Every | Some | Not


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """Those cells of the rows that pass the test; the first `most` of an order, or all in any.

    `order` holds names of columns and whether they descend; a cell without a value is the least.
    """

    columns: tuple[str, ...]
    test: Test = Every(())
    order: tuple[tuple[str, bool], ...] = ()
    most: int | None = None

    def text_from(self, source: str) -> str:
        """What the engine is asked."""
        chosen = ", ".join([_name(column) for column in self.columns])
        ends = [f"{_name(column)} {'DESC NULLS LAST' if down else 'ASC NULLS FIRST'}" for column, down in self.order]
        order = f" ORDER BY {', '.join(ends)}" if ends else ""
        limit = "" if self.most is None else f" LIMIT {self.most}"
        return f"SELECT {chosen} FROM {source} WHERE {text_of(self.test)}{order}{limit}"


def text_of(test: Test) -> str:
    """The test as a condition."""
    match test:
        case Holds(column=column, sign=sign, value=value):
            return f"{_name(column)} {sign} {_value(value)}"
        case Number(column=column, sign=sign, value=value):
            return f"CAST({_name(column)} AS DOUBLE) {sign} {_value(value)}"
        case OneOf(column=column, values=values):
            return f"{_name(column)} IN ({_values(values)})" if values else "FALSE"
        case Spelled(column=column, texts=texts):
            listed = ", ".join([f"lower({_value(text)})" for text in texts])
            return f"lower({_name(column)}) IN ({listed})" if texts else "FALSE"
        case Fits(column=column, pattern=pattern):
            return f"{_name(column)} ILIKE {_value(pattern)}"
        case Missing(column=column):
            return f"{_name(column)} IS NULL"
        case Every(tests=tests):
            return "(" + " AND ".join([text_of(item) for item in tests]) + ")" if tests else "TRUE"
        case Some(tests=tests):
            return "(" + " OR ".join([text_of(item) for item in tests]) + ")" if tests else "FALSE"
        case Not(test=inner):
            return f"(({text_of(inner)}) IS NOT TRUE)"
        case _:
            assert_never(test)


def _values(values: Sequence[str | int]) -> str:
    return ", ".join([_value(value) for value in values])


def _value(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    assert math.isfinite(value)
    return repr(value)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
