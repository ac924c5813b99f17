"""Write what stands behind FROM for a table: itself, or what the caller sees of it.

In:        a schema, a dialect, the columns that are hidden from the caller
Out:       `Origins`
Not here:  which columns are hidden (security.columns), the statements around it (sql.select, sql.tabular)

This is the one place where a hidden column is spelled. Everything else of a statement reads from here, so there is no
way to a hidden value: not by a filter, an order, a group, an aggregate, a join, a name of a lookup or a page's end.
Both databases dissolve such a subquery, so indexes serve as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import PARENT_OF_ACTIVITIES, Schema
from verselet.metadata.tables import Table
from verselet.query.plan import NOTHING_HIDDEN, USER, Cover, Hidden, Masked
from verselet.sql.bin import bin_source
from verselet.sql.columns import COLUMNS_OF_OWNERS, StoredColumn, kept_name, stored_columns
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import mark, text_literal

ROW = "s"
"""The row inside of the subquery."""

KINDS: Mapping[str, str] = {"owner": "owneridtype", PARENT_OF_ACTIVITIES: "activitytypecode"}
"""View → its column that names the table a row is from."""


class Origins:
    """The tables of one statement, as a caller sees them.

    `names_beside`: the rows are retained ones, and the name a lookup had stands beside it. [RET-6]
    """

    def __init__(
        self,
        schema: Schema,
        dialect: Dialect,
        hidden: frozenset[Cover] = NOTHING_HIDDEN,
        *,
        names_beside: bool = False,
    ) -> None:
        self.schema = schema
        self.dialect = dialect
        self.names_beside = names_beside
        self._hidden: dict[str, list[Cover]] = {}
        for item in sorted(hidden, key=lambda item: (item.table, item.column)):
            self._hidden.setdefault(item.table, []).append(item)

    def of(self, table_name: str, columns: Iterable[str] = (), *, binned: bool = False) -> str:
        """The table, or a subquery with null for what is hidden; `columns` are all that is read, unless empty.

        `binned`: its rows in the recycle bin, none that are alive. [BIN-6]
        """
        table = self.schema.tables.get(table_name)
        plain = bin_source(table, self.dialect) if binned and table is not None else quoted(table_name)
        if table is None or not self._hidden:
            return plain
        wanted = {stored.name: stored for stored in _stored(table, columns)}
        covers = {name: cover for name, cover in self._covers(table).items() if name in wanted}
        if not covers:
            return plain
        shown = [f"{covers.get(name, _plain(name))} AS {quoted(name)}" for name in wanted]
        if self.names_beside:
            # Whoever does not see where a lookup points does not see its name.
            beside = [(kept_name(name), covers.get(name)) for name in _lookups(table) if name in wanted]
            shown += [f"{cover or _plain(name)} AS {quoted(name)}" for name, cover in beside]
        if self.dialect.name == "sqlite" and table_name not in KINDS and not binned:
            # Pages are found by row numbers. (sql.select)
            shown.insert(0, f"{ROW}.rowid AS rowid")
        return f"(SELECT {', '.join(shown)} FROM {plain} {ROW})"

    def _covers(self, table: Table) -> dict[str, str]:
        """Stored name → what stands in its place."""
        found = {
            stored.name: self._cover(stored, table, item)
            for item in self._hidden.get(table.name, ())
            for stored in stored_columns(table, table.columns[item.column])
        }
        if table.name in KINDS:
            self._add_covers_of_parts(table, found)
        return found

    def _cover(self, stored: StoredColumn, table: Table, item: Cover) -> str:
        """Null, or the value where it is shared with the caller; or the value with what is masked in it."""
        if isinstance(item, Masked):
            return self._as_stored(stored, self._masked(_plain(stored.name), item))
        null = "NULL" if self.dialect.name == "sqlite" else f"NULL::{self.dialect.types[stored.kind]}"
        if not item.shared:
            return null
        return self._as_stored(stored, f"CASE WHEN {self._is_shared(table, item)} THEN {_plain(stored.name)} END")

    def _masked(self, value: str, mask: Masked) -> str:
        """A rule is the server's, no value of a request; SQLite has no regular expressions but ours."""
        pattern, sign = text_literal(mask.pattern), mask.sign
        if self.dialect.name == "sqlite":
            return f"verselet_mask({value}, {pattern}, {text_literal(sign)})"
        # A backslash would begin a reference to a part of what was found.
        sign = sign.replace("\\", "\\\\")
        return f"regexp_replace({value}, {pattern}, {text_literal(sign)}, 'g')"

    def _as_stored(self, stored: StoredColumn, expression: str) -> str:
        """An expression that is compared like the column; SQLite forgets letter case else. [F-3]"""
        is_text = self.dialect.name == "sqlite" and stored.kind == "text"
        return f"({expression}) COLLATE NOCASE" if is_text else expression

    def _is_shared(self, table: Table, item: Hidden) -> str:
        """Some share lets the caller, or a team of the caller, read the value of this row. [SEC-106]"""
        return (
            "EXISTS (SELECT 1 FROM principalobjectattributeaccess share "
            f"WHERE share.objectid = {ROW}.{quoted(table.primary_id)} "
            f"AND share.attributeid = {text_literal(item.share_id)} AND share.readaccess = {self.dialect.true} "
            f"AND (share.principalid = {mark(USER)} OR share.principalid IN "
            f"(SELECT member.teamid FROM teammembership member WHERE member.systemuserid = {mark(USER)})))"
        )

    # --- views --------------------------------------------------------------------------------------------------------

    def _add_covers_of_parts(self, view: Table, found: dict[str, str]) -> None:
        """What is hidden in a table is hidden in the view that shows its rows."""
        stored = {item.name: item for item in _stored(view, ())}
        parts: dict[str, list[str]] = {}
        for name in sorted(self._hidden):
            for item in self._hidden[name]:
                for column in _in_view(view, self.schema.tables[name], item):
                    if column in stored and column not in found:
                        cover = self._cover(stored[column], view, item)
                        parts.setdefault(column, []).append(f"WHEN {text_literal(name)} THEN {cover}")
        for column, cases in parts.items():
            value = f"CASE {_plain(KINDS[view.name])} {' '.join(cases)} ELSE {_plain(column)} END"
            found[column] = self._as_stored(stored[column], value)


def _stored(table: Table, columns: Iterable[str]) -> list[StoredColumn]:
    names = tuple(columns) or table.columns
    return [stored for name in names for stored in stored_columns(table, table.columns[name])]


def _lookups(table: Table) -> list[str]:
    return [name for name, column in table.columns.items() if isinstance(column, LookupColumn)]


def _plain(name: str) -> str:
    return f"{ROW}.{quoted(name)}"


def _in_view(view: Table, table: Table, item: Cover) -> list[str]:
    """The columns of the view that show a column of the table."""
    if view.name == "owner":
        names = COLUMNS_OF_OWNERS.get(table.name, {})
        return [name for name in view.columns if names.get(name, name) == item.column] if names else []
    if not table.is_activity or table.name == view.name:
        return []
    return [stored.name for stored in stored_columns(table, table.columns[item.column])]
