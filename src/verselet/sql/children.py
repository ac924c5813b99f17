"""Write statements about many rows of one table, and about the rows that point to them.

In:        tables, the columns that are asked for or written, a dialect
Out:       SQL text; lists of ids are one JSON text
Not here:  which rows a cascade means (operations.rules.following), single rows (sql.write)
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.write import listed, stored_names


class Pointing(msgspec.Struct, frozen=True):
    """Rows of one table whose lookup points to rows of another.

    `target` is the stored column beside a polymorphic lookup; its value comes after the ids. `active` asks for rows in
    the first state only, `same_owner` for rows whose owner is that of the row they point to. [SEC-70]
    """

    child: Table
    lookup: str
    parent: Table
    target: str | None = None
    active: bool = False
    same_owner: bool = False


@lru_cache(maxsize=4096)
def pointing_rows_sql(asked: Pointing, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Id and parent of the rows that point to the listed ids, then those columns."""
    child = asked.child
    names = [child.primary_id, asked.lookup, *stored_names(child, columns)]
    text = f"SELECT {', '.join([f'c.{quoted(name)}' for name in names])} FROM {quoted(child.name)} AS c"
    if asked.same_owner:
        text += (
            f" JOIN {quoted(asked.parent.name)} AS p ON p.{quoted(asked.parent.primary_id)} = c.{quoted(asked.lookup)}"
            f" AND p.{quoted('ownerid')} = c.{quoted('ownerid')}"
        )
    text += f" WHERE c.{quoted(asked.lookup)} {listed(dialect, 'uuid')}"
    if asked.target is not None:
        text += f" AND c.{quoted(asked.target)} = {dialect.placeholder}"
    return f"{text} AND c.{quoted('statecode')} = 0" if asked.active else text


@lru_cache(maxsize=4096)
def listed_rows_sql(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Those columns of the listed rows."""
    names = ", ".join([quoted(name) for name in stored_names(table, columns)])
    return f"SELECT {names} FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=4096)
def update_listed_sql(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Give those columns the same values in all listed rows; the ids come last."""
    changes = ", ".join([f"{quoted(name)} = {dialect.placeholder}" for name in stored_names(table, columns)])
    return f"UPDATE {quoted(table.name)} SET {changes} WHERE {quoted(table.primary_id)} {listed(dialect, 'uuid')}"
