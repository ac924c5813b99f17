"""Write which rows a caller reaches: asked of a row that is there already, or found from what gives the reach.

In:        the parameters of a row filter: whose rows, of which units, shared with whom
Out:       SQL text: the test of one row, the keys of all rows in order or in any, and whether those are few
Not here:  who reaches what (security.standing), which of the texts a statement takes (sql.ways)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.query.binding import Part
from verselet.sql.columns import Kind
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import mark, text_literal
from verselet.sql.shares import SHARES

OWNER: Final = "ownerid"
UNIT: Final = "owningbusinessunit"

_COLUMNS: Final[Mapping[Part, str]] = MappingProxyType({"owners": OWNER, "units": UNIT})
"""The column of a row that names its principal; of a share the share does."""

MOST: Final[Mapping[Part, int]] = MappingProxyType({"owners": 4, "units": 2, "sharees": 5})
"""So many of each are walked side by side: the user, the unit's team and two more; they and everybody have shares."""

SELDOM: Final = 3
"""Where less than one row in so many is reached, it is found from what gives the reach."""

_WHOLE: Final = "(SELECT NULL::bigint)"
"""A limit that is none, of which PostgreSQL does not know that: a select with it stays by itself, and is planned for
its first rows, by the index that leads to them in its order."""


def items(values: plan.Bound, kind: Kind, dialect: Dialect) -> str:
    """The items of a list that is one parameter, as a select."""
    if dialect.name == "sqlite":
        return f"SELECT value FROM json_each({mark(values.position)})"
    item = f"jsonb_array_elements_text({mark(values.position)}::jsonb)"
    if kind in {"text", "code"}:
        return f"SELECT lower({item})"
    if kind in {"integer", "bigint"}:
        # A fraction is in no column of whole numbers, but it may be asked for.
        return f"SELECT {item}::numeric"
    return f"SELECT {item}::{dialect.types[kind]}"


def one_of(values: plan.Bound, dialect: Dialect) -> str:
    """Being one of a list of ids, in a way that an index serves."""
    if dialect.name == "sqlite":
        return f"IN ({items(values, 'guid', dialect)})"
    # A list of a plain form: PostgreSQL looks into it to tell how many rows it means.
    return f"= ANY (translate({mark(values.position)}::text, '[]', '{{}}')::uuid[])"


def shared_sql(condition: plan.SharedWith, key: str, kind: str, dialect: Dialect) -> str:
    """Whether the row with that key is shared: directly, or by what came from related rows. [SEC-59]

    `kind` names the row's table: a constant, or a column of a view.
    """
    who = one_of(condition.sharees, dialect)
    if dialect.name == "sqlite":
        # Found once for all rows, and most callers have no shares at all: whoever has none of this table is not tried.
        of_table = f" AND given.objecttypecode = {kind}" if kind.startswith("'") else ""
        given = f"SELECT 1 FROM {SHARES} given WHERE given.principalid = who.value{of_table}"
        listed = f"({items(condition.sharees, 'guid', dialect)}) who"
        who = f"IN (SELECT who.value FROM {listed} WHERE EXISTS ({given}))"
    return (
        f"EXISTS (SELECT 1 FROM {SHARES} share WHERE share.objectid = {key} AND share.objecttypecode = {kind} "
        f"AND share.principalid {who} AND {_gives('share', condition)})"
    )


class Grounds(msgspec.Struct, frozen=True):
    """Why a caller reaches rows of a table: their unit, who owns them, a share. [SEC-41]

    A row is found by the first of these alone, so nothing is found twice. With a plan that is made once for all callers
    PostgreSQL expects of each principal what is usual; so what one principal gives is a select of its own. (`_WHOLE`)
    """

    table: Table
    owners: plan.Bound
    units: plan.Bound | None
    shared: plan.SharedWith
    dialect: Dialect

    @property
    def handle(self) -> str:
        """The column by which a row that was found is fetched."""
        return "rowid" if self._is_sqlite else self._key

    @property
    def crossing(self) -> str:
        """The join that begins with what stands before it."""
        return "CROSS JOIN" if self._is_sqlite else "JOIN"

    def few_principals(self) -> str:
        """Whether all of them can be walked side by side."""
        # What PostgreSQL can say while it plans, it would plan again for each caller; what it selects, it cannot.
        length = "json_array_length({})" if self._is_sqlite else "(SELECT jsonb_array_length({}::jsonb))"
        lists = self._lists()
        return " AND ".join([f"{length.format(mark(values.position))} <= {MOST[part]}" for part, values in lists])

    def few_rows(self) -> str:
        """Whether each ground gives less than one row in `SELDOM`.

        The rows are counted no further than that, in indexes: a small part of what reading the table would cost.
        """
        seldom = self._seldom()
        found = [self._counted(part, values) for part, values in self._lists()]
        return " AND ".join([f"(SELECT 1 FROM {origin} LIMIT 1 OFFSET {seldom}) IS NULL" for origin in found])

    def in_order(self, after: str | None) -> str:
        """The rows in the order of their keys, none up to `after`: their key, and the `handle` where that is another.

        What one principal gives lies in that order in an index. It is merged, no further than somebody reads.
        """
        found: list[str] = []
        others: list[str] = []
        for part, values in self._lists():
            key = "share.objectid" if part == "sharees" else f"a.{self._key}"
            behind = [] if after is None else [f"{key} > {after}"]
            for place in range(MOST[part]):
                first = self._not_shared_with_first(place) if part == "sharees" else []
                found.append(self._given_by(part, place, [*behind, *others, *first]))
            others.append(self._is_not(part, values))
        if self._is_sqlite:
            # With a limit the order stays, although nobody outside asks for it.
            return f"{' UNION ALL '.join(found)} ORDER BY 1 LIMIT -1"
        return " UNION ALL ".join([f"({select} ORDER BY 1 LIMIT {_WHOLE})" for select in found])

    def in_any_order(self) -> str:
        """The `handle` of the rows, as the indexes give them: what gives most is tried least for what came before."""
        found: list[str] = []
        others: list[str] = []
        for part, values in self._lists():
            found.append(self._shared(others) if part == "sharees" else self._owned(part, values, others))
            others.append(self._is_not(part, values))
        return " UNION ALL ".join(found)

    def _counted(self, part: Part, values: plan.Bound) -> str:
        """What a list gives, found in an index alone."""
        name, key, column = f"{self._name} a", f"a.{self._key}", f"a.{_COLUMNS.get(part)}"
        of_table = ""
        if part == "sharees":
            name, key, column = f"{SHARES} share", "share.objectid", "share.principalid"
            of_table = f" AND share.objecttypecode = {self._kind}"
        if self._is_sqlite:
            return f"{name} WHERE {column} {one_of(values, self.dialect)}{of_table}"
        each = f"{name} WHERE {self._of_one(column, 'who.id::uuid')}{of_table}"
        return f"({self._of_each(values, key, each)}) counted"

    def _given_by(self, part: Part, place: int, conditions: Sequence[str]) -> str:
        """The rows that the principal at that place of a list gives, and for which the conditions hold."""
        item, number, origin = self._item(part, place), ", a.rowid AS rowid", ""
        if not self._is_sqlite:
            origin, item, number = f"(SELECT {item} AS id) who CROSS JOIN ", "who.id", ""
        if part == "sharees":
            key, origin = "share.objectid", f"{origin}{SHARES} share {self._row_of_share()}"
            met = f"{self._of_one('share.principalid', item)} AND {self._is_share}"
        else:
            key, origin, met = f"a.{self._key}", f"{origin}{self._name} a", self._of_one(f"a.{_COLUMNS[part]}", item)
        return f"SELECT {key} AS {self._key}{number} FROM {origin} WHERE {' AND '.join([met, *conditions])}"

    def _owned(self, part: Part, values: plan.Bound, others: Sequence[str]) -> str:
        """The rows that belong to any of a list, and for which the others hold."""
        column = f"a.{_COLUMNS[part]}"
        if self._is_sqlite:
            met = [f"{column} {one_of(values, self.dialect)}", *others]
            return f"SELECT a.rowid AS rowid FROM {self._name} a WHERE {' AND '.join(met)}"
        met = [self._of_one(column, "who.id::uuid"), *others]
        return self._of_each(values, f"a.{self._key}", f"{self._name} a WHERE {' AND '.join(met)}")

    def _shared(self, others: Sequence[str]) -> str:
        """The rows that are shared with any of a list, which may be several times, and for which the others hold."""
        sharees, met = self.shared.sharees, " AND ".join(others)
        if self._is_sqlite:
            given = f"share.principalid {one_of(sharees, self.dialect)} AND {self._is_share}"
            return (
                f"SELECT DISTINCT a.rowid AS rowid FROM {SHARES} share {self._row_of_share()} WHERE {given} AND {met}"
            )
        given = f"{self._of_one('share.principalid', 'who.id::uuid')} AND {self._is_share}"
        keys = self._of_each(sharees, "share.objectid", f"{SHARES} share WHERE {given}", distinct="DISTINCT ")
        shares = f"(SELECT {self._key} AS objectid FROM ({keys}) keys) share"
        return f"SELECT share.objectid AS {self._key} FROM {shares} {self._row_of_share()} WHERE {met}"

    def _of_each(self, values: plan.Bound, key: str, found: str, distinct: str = "") -> str:
        """The keys that are found for each of a list, whose item is `who.id`; in PostgreSQL."""
        each = f"jsonb_array_elements_text({mark(values.position)}::jsonb) who (id)"
        given = f"SELECT {key} AS {self._key} FROM {found} ORDER BY 1 LIMIT {_WHOLE}"
        return f"SELECT {distinct}given.{self._key} FROM {each} CROSS JOIN LATERAL ({given}) given"

    def _of_one(self, column: str, who: str) -> str:
        """The column names that principal, and an index leads there.

        PostgreSQL knows no principal while it plans: where there are few, it expects much of each, and reads the whole
        table. Of the narrowest range it expects little.
        """
        same = f"{column} = {who}"
        return same if self._is_sqlite else f"{same} AND {column} >= {who} AND {column} <= {who}"

    def _row_of_share(self) -> str:
        """The join from a share to its row."""
        same = f"a.{self._key} = share.objectid"
        if self._is_sqlite:
            return f"CROSS JOIN {self._name} a ON {same}"
        names = ", ".join([f"a.{_COLUMNS[part]}" for part, _ in self._lists() if part != "sharees"])
        return f"CROSS JOIN LATERAL (SELECT {names} FROM {self._name} a WHERE {same} LIMIT 1) a"

    def _is_not(self, part: Part, values: plan.Bound) -> str:
        """The row does not belong to any of a list, as far as that is told by the row itself."""
        if part == "sharees":
            return "1 = 1"
        listed = items(values, "guid", self.dialect)
        # PostgreSQL makes an array once for all rows, but takes a list from a parameter apart for each.
        test = f"IN ({listed})" if self._is_sqlite else f"= ANY (ARRAY({listed}))"
        return f"(a.{_COLUMNS[part]} {test}) IS NOT TRUE"

    def _not_shared_with_first(self, count: int) -> list[str]:
        """The row is shared with none of so many at the head of the list."""
        if not count:
            return []
        principals = ", ".join([self._item("sharees", place) for place in range(count)])
        met = (
            f"earlier.principalid IN ({principals}) AND earlier.objecttypecode = {self._kind} "
            f"AND earlier.objectid = share.objectid AND {_gives('earlier', self.shared)}"
        )
        return [f"(SELECT 1 FROM {SHARES} earlier WHERE {met} LIMIT 1) IS NULL"]

    @property
    def _is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    @property
    def _name(self) -> str:
        return quoted(self.table.name)

    @property
    def _key(self) -> str:
        return quoted(self.table.primary_id)

    @property
    def _kind(self) -> str:
        return text_literal(self.table.name)

    def _lists(self) -> list[tuple[Part, plan.Bound]]:
        units: list[tuple[Part, plan.Bound]] = [] if self.units is None else [("units", self.units)]
        return [*units, ("owners", self.owners), ("sharees", self.shared.sharees)]

    def _item(self, part: Part, place: int) -> str:
        values = mark(dict(self._lists())[part].position)
        return f"{values} ->> {place}" if self._is_sqlite else f"({values}::jsonb ->> {place})::uuid"

    @property
    def _is_share(self) -> str:
        """The share is one of this table's rows, and gives the right."""
        return f"share.objecttypecode = {self._kind} AND {_gives('share', self.shared)}"

    def _seldom(self) -> str:
        """One row in `SELDOM`, as far as the database knows without counting."""
        if self._is_sqlite:
            return f"(SELECT coalesce(max(rowid), 0) / {SELDOM} FROM {self._name})"
        known = text_literal(self._name)
        return f"(SELECT greatest(reltuples, 0)::bigint / {SELDOM} FROM pg_class WHERE oid = {known}::regclass)"


def _gives(share: str, condition: plan.SharedWith) -> str:
    """The share has the right, given directly or come from related rows. [SEC-59]"""
    return f"({share}.accessrightsmask | {share}.inheritedaccessrightsmask) & {condition.right} <> 0"
