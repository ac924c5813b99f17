"""Write the rows of a page as one value, alone or with what tells where the page begins and ends.

In:        SQL of the rows of a page
Out:       SQL that gives one row
Not here:  which rows (sql.select, sql.tabular), the JSON of one row (sql.rows, sql.tabular_rows)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.query.plan import LIMIT
from verselet.sql.columns import is_view
from verselet.sql.conditions import Sources
from verselet.sql.dialects import Dialect
from verselet.sql.fragments import finish, mark
from verselet.sql.rows import joined_rows
from verselet.sql.statement import Statement

MOST_SELECTS: Final = 400
"""SQLite takes a thousand in a statement; the rest is for the JSON of the rows."""


def as_bytes(text: str, dialect: Dialect) -> str:
    """A text as the bytes of its UTF-8."""
    return f"convert_to({text}, 'UTF8')" if dialect.name == "postgresql" else f"cast({text} as blob)"


def joined(sources: Sources) -> str:
    """The JSON of rows, each called `j`, joined by commas."""
    return as_bytes(f"coalesce({joined_rows(sources)}, '')", sources.dialect)


def is_small(picked: str, ends: Sequence[str], sources: Sources) -> bool:
    """Whether a database may look at what is picked several times: SQLite copies it for each, with all of its views."""
    often = 2 + 2 * len(ends)
    return often * picked.count("SELECT ") <= MOST_SELECTS and not any(
        is_view(found) for found in sources.tables.values()
    )


def told_with_ends(picked: str, rows: str, beside: Sequence[str], ends: Sequence[str], sources: Sources) -> Statement:
    """What a page shows, and where it begins and ends, from rows that are found once.

    `picked` finds one row more than are shown, in order; `rows` makes the JSON of those that are shown from `picked`.
    The statement gives the JSON, the number of rows picked, what is told `beside`, and the values named `ends` of the
    first row and of the last one shown.
    """
    greater = "greatest" if sources.dialect.name == "postgresql" else "max"
    last = f"OFFSET {greater}({mark(LIMIT)} - 1, 0)"
    told = [
        f"(SELECT {joined(sources)} FROM ({rows}) page)",
        "(SELECT count(*) FROM picked)",
        *beside,
        *[f"(SELECT {end} FROM picked LIMIT 1)" for end in ends],
        *[f"(SELECT {end} FROM picked LIMIT 1 {last})" for end in ends],
    ]
    return finish(f"WITH picked AS MATERIALIZED ({picked}) SELECT {', '.join(told)}", sources.dialect)
