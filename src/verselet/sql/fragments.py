"""Write pieces of SQL that carry their parameters with them.

In:        positions of values
Out:       marked text, and the finished `Statement`
Not here:  what the pieces say (the other modules of this room)

While a statement is put together its parameters are marks in the text, so that pieces can be moved and repeated
freely; `finish` turns the marks into placeholders and notes their order.
"""

from __future__ import annotations

import re

from verselet.sql.dialects import Dialect
from verselet.sql.statement import Statement

MARK = re.compile("\x01(\\d+)\x02")


def mark(position: int) -> str:
    """The value at that position, as part of a text that `finish` will see."""
    return f"\x01{position}\x02"


def finish(text: str, dialect: Dialect) -> Statement:
    """The statement: marks become placeholders in textual order."""
    if dialect.doubles_percent:
        text = text.replace("%", "%%")
    order = tuple([int(position) for position in MARK.findall(text)])
    return Statement(MARK.sub(dialect.placeholder.replace("\\", "\\\\"), text), order)


def text_literal(text: str) -> str:
    """A text that the server itself chose (a label, a name of a property) as an SQL literal."""
    return "'" + text.replace("'", "''").replace("\x00", "") + "'"


def concatenated(pieces: list[str], dialect: Dialect) -> str:
    """One text out of many pieces, each an SQL expression; the first is never null, none is with PostgreSQL.

    SQLite's `concat` writes the whole in one pass, without what is null, where `||` would copy it once per piece;
    PostgreSQL's takes 100 arguments at most, its `||` is planned as a chain and costs the same.
    """
    if len(pieces) == 1:
        return pieces[0]
    if dialect.name == "postgresql":
        return "(" + " || ".join(pieces) + ")"
    if len(pieces) > 500:
        halves = len(pieces) // 2
        return f"concat({concatenated(pieces[:halves], dialect)}, {concatenated(pieces[halves:], dialect)})"
    return "concat(" + ", ".join(pieces) + ")"
