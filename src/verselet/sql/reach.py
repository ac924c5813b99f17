"""Write which rows a caller reaches: asked of a row that is there already, or found from what gives the reach.

In:        the parameters of a row filter: whose rows, of which units, shared with whom
Out:       SQL text: the test of one row, the keys of all rows in order or in any, and whether those are few
Not here:  who reaches what (security.standing), which of the texts a statement takes (sql.ways)
"""

from __future__ import annotations

from collections.abc import Mapping
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

MOST: Final[Mapping[Part, int]] = MappingProxyType({"owners": 4, "units": 2, "sharees": 5})
"""So many of each are walked side by side: the user, the unit's team and two more; they and everybody have shares."""

SELDOM: Final = 3
"""Where less than one row in so many is reached, it is found from what gives the reach."""


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
        f"AND share.principalid {who} AND {_gives(condition)})"
    )


class Grounds(msgspec.Struct, frozen=True):
    """Why a caller reaches rows of a table: who owns them, their unit, a share. [SEC-41]"""

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
        length = "json_array_length({})" if self._is_sqlite else "jsonb_array_length({}::jsonb)"
        lists = self._lists()
        return " AND ".join([f"{length.format(mark(values.position))} <= {MOST[part]}" for part, values in lists])

    def few_rows(self) -> str:
        """Whether each ground gives less than one row in `SELDOM`.

        The rows are counted no further than that, in indexes: a small part of what reading the table would cost.
        """
        found = [f"{self._name} a WHERE a.{OWNER} {one_of(self.owners, self.dialect)}"]
        if self.units is not None:
            found.append(f"{self._name} a WHERE a.{UNIT} {one_of(self.units, self.dialect)}")
        found.append(f"{SHARES} share WHERE {self._of_table(one_of(self.shared.sharees, self.dialect))}")
        seldom = self._seldom()
        return " AND ".join([f"(SELECT 1 FROM {origin} LIMIT 1 OFFSET {seldom}) IS NULL" for origin in found])

    def in_order(self, after: str | None) -> str:
        """The keys `k` of the rows in their order, each once; none up to `after`.

        What one principal gives lies in that order in an index. It is merged, no further than somebody reads.
        """
        parts = []
        for part, values in self._lists():
            for place in range(MOST[part]):
                who = f"= {self._item(values, place)}"
                if part == "sharees":
                    key = "share.objectid"
                    found = f"{SHARES} share WHERE {self._of_table(who)} AND {_gives(self.shared)}"
                else:
                    key = f"a.{self._key}"
                    found = f"{self._name} a WHERE a.{OWNER if part == 'owners' else UNIT} {who}"
                parts.append(f"SELECT {key} AS k FROM {found}{'' if after is None else f' AND {key} > {after}'}")
        if self._is_sqlite:
            # With a limit the order stays, although nobody outside asks for it.
            return f"{' UNION '.join(parts)} ORDER BY 1 LIMIT -1"
        # Of a plain union PostgreSQL would gather all keys before it gives the first one.
        return f"SELECT DISTINCT ON (k) k FROM ({' UNION ALL '.join(parts)}) every ORDER BY k"

    def in_any_order(self) -> str:
        """The rows `r`, each once, as the indexes give them: what gives most is tried least for what came before."""
        shown, name = f"a.{self.handle} AS r", self._name
        parts, others = [], ""
        if self.units is not None:
            of_unit = f"a.{UNIT} {one_of(self.units, self.dialect)}"
            parts.append(f"{shown} FROM {name} a WHERE {of_unit}")
            others = f" AND ({of_unit}) IS NOT TRUE"
        owned = f"a.{OWNER} {one_of(self.owners, self.dialect)}"
        parts.append(f"{shown} FROM {name} a WHERE {owned}{others}")
        others += f" AND ({owned}) IS NOT TRUE"
        given = f"{self._of_table(one_of(self.shared.sharees, self.dialect))} AND {_gives(self.shared)}"
        joined = f"{SHARES} share {self.crossing} {name} a ON a.{self._key} = share.objectid"
        # A row may be shared with several principals.
        parts.append(f"DISTINCT {shown} FROM {joined} WHERE {given}{others}")
        return " UNION ALL ".join([f"SELECT {part}" for part in parts])

    @property
    def _is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    @property
    def _name(self) -> str:
        return quoted(self.table.name)

    @property
    def _key(self) -> str:
        return quoted(self.table.primary_id)

    def _lists(self) -> list[tuple[Part, plan.Bound]]:
        units: list[tuple[Part, plan.Bound]] = [] if self.units is None else [("units", self.units)]
        return [("owners", self.owners), *units, ("sharees", self.shared.sharees)]

    def _item(self, values: plan.Bound, place: int) -> str:
        if self._is_sqlite:
            return f"{mark(values.position)} ->> {place}"
        return f"({mark(values.position)}::jsonb ->> {place})::uuid"

    def _of_table(self, who: str) -> str:
        return f"share.principalid {who} AND share.objecttypecode = {text_literal(self.table.name)}"

    def _seldom(self) -> str:
        """One row in `SELDOM`, as far as the database knows without counting."""
        if self._is_sqlite:
            return f"(SELECT coalesce(max(rowid), 0) / {SELDOM} FROM {self._name})"
        known = text_literal(self._name)
        return f"(SELECT greatest(reltuples, 0)::bigint / {SELDOM} FROM pg_class WHERE oid = {known}::regclass)"


def _gives(condition: plan.SharedWith) -> str:
    """The share has the right, given directly or come from related rows. [SEC-59]"""
    return f"(share.accessrightsmask | share.inheritedaccessrightsmask) & {condition.right} <> 0"
