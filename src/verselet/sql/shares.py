"""Write statements about shares: read, store and forget rows of `principalobjectaccess`.

In:        a dialect
Out:       SQL text; the values are lists that are one JSON text, however many rows they mean
Not here:  what a share means (operations.rules.shares), who sees a row because of one (security.rows)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from verselet.sql.dialects import Dialect, quoted
from verselet.sql.write import listed

SHARES: Final = "principalobjectaccess"
"""The table of shares. [SEC-59]"""

ONE_SHARE: Final = ("principalid", "objecttypecode", "objectid")
"""What tells a share from others: whom, and which row. In the unique index what a principal has of a table lies
together, in the order of the rows' keys."""

_KEYS: Final = (
    ("principalobjectaccessid", "uuid"),
    ("objectid", "uuid"),
    ("objecttypecode", "text"),
    ("principalid", "uuid"),
    ("principaltypecode", "text"),
)
_CHANGES: Final = (
    ("accessrightsmask", "integer"),
    ("inheritedaccessrightsmask", "integer"),
    ("changedon", "timestamptz"),
    ("versionnumber", "bigint"),
)

_TOLD: Final = ("objectid", "principalid", "principaltypecode", "accessrightsmask", "inheritedaccessrightsmask")


@lru_cache(maxsize=8)
def shares_of_listed_sql(dialect: Dialect) -> str:
    """Row, principal, the principal's table, direct and inherited mask of every share of listed rows of a table.

    Rows of several tables may have the same id: the table's name comes after the list.
    """
    return f"{_told()} WHERE {_of_listed(dialect)}"


@lru_cache(maxsize=256)
def inherited_below_sql(child: str, key: str, lookup: str, target: str | None, dialect: Dialect) -> str:
    """The same of the shares with something inherited on all rows of a table whose lookup leads anywhere.

    The first value is the table's name; `target` names the stored column beside a polymorphic lookup, its value is the
    second one then.
    """
    condition = f"{quoted(lookup)} IS NOT NULL" if target is None else f"{quoted(target)} = {dialect.placeholder}"
    return (
        f"{_told()} WHERE {quoted('inheritedaccessrightsmask')} <> 0 "
        f"AND {quoted('objecttypecode')} = {dialect.placeholder} AND {quoted('objectid')} IN "
        f"(SELECT {quoted(key)} FROM {quoted(child)} WHERE {condition})"
    )


@lru_cache(maxsize=8)
def put_shares_sql(dialect: Dialect) -> str:
    """Store the shares of one JSON text: lists of the values of all columns; who has one already keeps its id."""
    columns = (*_KEYS, *_CHANGES)
    names = ", ".join([quoted(name) for name, _ in columns])
    cast = dialect.name == "postgresql"
    values = ", ".join([f"(value->>{at})::{kind}" if cast else f"value->>{at}" for at, (_, kind) in enumerate(columns)])
    each = "jsonb_array_elements" if cast else "json_each"
    given = f"{dialect.placeholder}::jsonb" if cast else dialect.placeholder
    changes = ", ".join([f"{quoted(name)} = excluded.{quoted(name)}" for name, _ in _CHANGES])
    return (
        f"INSERT INTO {quoted(SHARES)} ({names}) SELECT {values} FROM {each}({given}){' AS value' if cast else ''} "
        # SQLite cannot tell ON CONFLICT from a join without a condition before it.
        f"WHERE true ON CONFLICT ({', '.join([quoted(name) for name in ONE_SHARE])}) DO UPDATE SET {changes}"
    )


@lru_cache(maxsize=8)
def forget_shares_of_listed_sql(dialect: Dialect) -> str:
    """Forget all shares of listed rows of a table, whose name comes after the list. [MSG-16]"""
    return f"DELETE FROM {quoted(SHARES)} WHERE {_of_listed(dialect)}"


@lru_cache(maxsize=8)
def forget_shares_with_listed_sql(dialect: Dialect) -> str:
    """Forget what is shared with the listed users or teams."""
    return f"DELETE FROM {quoted(SHARES)} WHERE {quoted('principalid')} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=8)
def forget_dead_shares_sql(dialect: Dialect) -> str:
    """Forget the shares of listed rows of a table that give no right any more. [SEC-59]"""
    return (
        f"{forget_shares_of_listed_sql(dialect)} "
        # One inequality: of several equalities PostgreSQL expects a single row, and walks the list for each one.
        f"AND coalesce({quoted('accessrightsmask')}, 0) + {quoted('inheritedaccessrightsmask')} < 1"
    )


def _of_listed(dialect: Dialect) -> str:
    return f"{quoted('objectid')} {listed(dialect, 'uuid')} AND {quoted('objecttypecode')} = {dialect.placeholder}"


def _told() -> str:
    return f"SELECT {', '.join([quoted(name) for name in _TOLD])} FROM {quoted(SHARES)}"
