"""Know the tables of a SELECT and whose its columns are.

In:        the names after FROM and JOIN
Out:       for a column, the alias of its link and its name
Not here:  whether the column exists, unless its table must be found (query.fetchxml.resolve)
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlglot import exp

from verselet.errors import FetchRefused
from verselet.metadata.schema import Schema

RESERVED: Final = frozenset(
    {"order", "group", "where", "having", "union", "join", "inner", "left", "on", "from", "select", "top", "distinct"}
)
"""Words that begin a part of a SELECT; the reader would take one with nothing after it for a table's alias."""


class Named(msgspec.Struct, frozen=True):
    """A column as written: `link` is None for the table after FROM."""

    link: str | None
    column: str


class Names:
    """The tables of one SELECT by the names they go by there. Letter case does not matter."""

    def __init__(self, schema: Schema, root: exp.Table) -> None:
        self._schema = schema
        self._links: dict[str, str | None] = {}
        self._tables: dict[str | None, str] = {}
        self.root = table_name(root)
        self._add(root, None)

    def join(self, table: exp.Table) -> str:
        """A joined table; the alias it has as a link."""
        link = alias_of(table)
        self._add(table, link)
        return link

    def of(self, column: exp.Expression) -> Named:
        """Whose column it is.

        Raises:
            FetchRefused: not a plain column, or of no table or of several. [SQL-4]
        """
        if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star) or column.args.get("db"):
            raise FetchRefused(f"'{shown(column)}' is no column; expressions are not supported. [SQL-4]")
        name = column.name.lower()
        if column.table:
            table = column.table.lower()
            if table not in self._links:
                raise FetchRefused(f"The query has no table '{column.table[:100]}'.")
            return Named(self._links[table], name)
        owners = [link for link, table in self._tables.items() if name in self._columns(table)]
        if len(owners) > 1 and None not in owners:
            raise FetchRefused(f"The column '{column.name[:100]}' could be of several tables.")
        return Named(owners[0] if len(owners) == 1 else None, name)

    def _add(self, table: exp.Table, link: str | None) -> None:
        alias = alias_of(table)
        if alias in RESERVED and not _is_quoted(table):
            raise FetchRefused(f"The query ends after '{alias.upper()}', or a table is called so.")
        if alias in self._links:
            raise FetchRefused(f"Two tables of the query go by the name '{alias[:100]}'.")
        self._links[alias] = link
        self._tables[link] = table_name(table)

    def _columns(self, table: str) -> frozenset[str]:
        found = self._schema.tables.get(table)
        return frozenset() if found is None else frozenset(found.columns)


def _is_quoted(table: exp.Table) -> bool:
    alias = table.args.get("alias")
    return isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier) and bool(alias.this.quoted)


def alias_of(table: exp.Table) -> str:
    """The name a table goes by: its alias, or its own."""
    return str(table.alias_or_name).lower()


def table_name(table: exp.Table) -> str:
    """The logical name of a table.

    Raises:
        FetchRefused: another kind of table. [SQL-4]
    """
    allowed = {"this", "alias", "db", "hints"}
    others = [name for name, value in table.args.items() if value and name not in allowed]
    if others or not isinstance(table.this, exp.Identifier) or table.db.lower() not in {"", "dbo"}:
        raise FetchRefused(f"'{shown(table)}' is no table. [SQL-4]")
    return table.name.lower()


def shown(node: exp.Expression | None) -> str:
    """What a piece of the query is, for a refusal: a column by its name, all else by its kind.

    It is not written as SQL again: of a text that is half wrong sqlglot may have parsed what it cannot write.
    """
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return str(node.name)[:100]
    return "nothing" if node is None else type(node).__name__
