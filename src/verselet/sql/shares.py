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
    """Row, principal, the principal's table, direct and inherited mask of every share of the listed rows."""
    return f"{_told()} WHERE {quoted('objectid')} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=256)
def inherited_below_sql(child: str, key: str, lookup: str, target: str | None, dialect: Dialect) -> str:
    """The same of the shares with something inherited on all rows of a table whose lookup leads anywhere.

    With `target`, which names the stored column beside a polymorphic lookup, its value is the one parameter.
    """
    condition = f"{quoted(lookup)} IS NOT NULL" if target is None else f"{quoted(target)} = {dialect.placeholder}"
    return (
        f"{_told()} WHERE {quoted('inheritedaccessrightsmask')} <> 0 AND {quoted('objectid')} IN "
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
        f"WHERE true ON CONFLICT ({quoted('principalid')}, {quoted('objectid')}) DO UPDATE SET {changes}"
    )


@lru_cache(maxsize=8)
def forget_dead_shares_sql(dialect: Dialect) -> str:
    """Forget the shares of the listed rows that give no right any more. [SEC-59]"""
    return (
        f"DELETE FROM {quoted(SHARES)} WHERE {quoted('objectid')} {listed(dialect, 'uuid')} "
        f"AND coalesce({quoted('accessrightsmask')}, 0) = 0 AND {quoted('inheritedaccessrightsmask')} = 0"
    )


def _told() -> str:
    return f"SELECT {', '.join([quoted(name) for name in _TOLD])} FROM {quoted(SHARES)}"
