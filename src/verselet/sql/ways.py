"""Choose how the rows of a table are found: from the table, or from what a caller reaches.

In:        the table asked for, the condition on its rows, whether the order of keys is wanted
Out:       `Way`s; each row is found by exactly one of them
Not here:  the texts about reach (sql.reach), other conditions (sql.conditions)

Which way is best hangs on how much a caller reaches, and a statement is written once for all callers. So it holds
several ways, each under a condition that is about no row: the database tries it once, and goes one way. Where an index
serves the question itself, or everything is reached, there is the one way over the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.sql.columns import is_view
from verselet.sql.conditions import Sources, condition_sql
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import mark
from verselet.sql.indexes import first_columns
from verselet.sql.reach import OWNER, UNIT, Grounds

NOTHING: Final = "CAST(0 AS bigint)"
"""A limit of no rows; it says how large another one beside it may be."""


class Way(msgspec.Struct, frozen=True):
    """Where rows come from and what must hold for them.

    The way is gone where `only` holds and none of `unless`, which are about no row. `order` replaces the order asked
    for, where the rows come in it anyway.
    """

    origin: str
    where: str
    unless: tuple[str, ...] = ()
    only: str | None = None
    order: str | None = None

    @property
    def is_one_of_many(self) -> bool:
        """Another way may be gone instead."""
        return self.only is not None or bool(self.unless)

    def limit(self, most: str) -> str:
        """The most rows of this way: none where another one is gone. A database that wants no rows looks at none."""
        if not self.is_one_of_many:
            return most
        others = " ".join([f"WHEN {condition} THEN {NOTHING}" for condition in self.unless])
        if self.only is None:
            return f"CASE {others} ELSE {most} END"
        return f"CASE {others} WHEN {self.only} THEN {most} ELSE {NOTHING} END"


class Asked(msgspec.Struct, frozen=True):
    """The rows of one table of a statement; `binned` ones are in the recycle bin."""

    table: str
    source: int
    where: plan.Condition
    binned: bool = False


def each_way(ways: Sequence[Way], written: Callable[[Way], str]) -> str:
    """One select of all ways; `written` gives that of one."""
    if len(ways) == 1:
        return written(ways[0])
    return " UNION ALL ".join([f"SELECT * FROM ({written(way)}) way" for way in ways])


def everything(dialect: Dialect) -> str:
    """A limit that is none."""
    return "-1" if dialect.name == "sqlite" else "NULL::bigint"


def over_the_table(asked: Asked, sources: Sources) -> Way:
    """Each row of the table is tested."""
    alias = sources.add(asked.source, asked.table)
    return Way(f"{sources.origin(asked.table, binned=asked.binned)} {alias}", condition_sql(asked.where, sources))


def ways_to(asked: Asked, sources: Sources, *, by_key: bool, keys_alone: bool = False) -> tuple[Way, ...]:
    """The ways to the rows; `by_key`: they are wanted in the order of their keys, and perhaps not all of them.

    `keys_alone`: nothing is wanted of the rows but their keys, and what a database finds them by.
    """
    table = sources.schema.tables[asked.table]
    found = _split(asked, table, sources)
    plain = over_the_table(asked, sources)
    if found is None:
        return (plain,)
    grounds, rest = found
    others = _others(rest, sources)
    ways: list[Way] = []
    unless: tuple[str, ...] = ()
    if by_key:
        few = grounds.few_principals()
        ways, unless = [_walk(asked, grounds, rest, sources, keys_alone=keys_alone)], (few,)
    few = grounds.few_rows()
    ways.append(Way(_fetched(grounds.in_any_order(), asked, grounds, sources), others, unless, only=few))
    ways.append(Way(plain.origin, plain.where, (*unless, few)))
    return tuple(ways)


def _walk(asked: Asked, grounds: Grounds, rest: list[plan.Condition], sources: Sources, *, keys_alone: bool) -> Way:
    """What each of a few principals gives, side by side, in the order of the keys."""
    key = quoted(grounds.table.primary_id)
    after, others = _after(rest, plan.ColumnOf(asked.source, grounds.table.primary_id))
    reached, only = grounds.in_order(after), grounds.few_principals()
    if keys_alone and not others:
        alias = sources.add(asked.source, asked.table)
        return Way(f"({reached}) {alias}", "1 = 1", only=only, order=_order_of(f"{alias}.{key}", sources))
    origin = _fetched_in_turn(reached, asked, grounds, sources)
    return Way(origin, _others(others, sources), only=only, order=_order_of(f"reached.{key}", sources))


def way_to_count(asked: Asked, sources: Sources, *, alone: bool) -> Way:
    """The way for counting rows, which ends early where there are many; `alone`: no other table takes part."""
    found = _split(asked, sources.schema.tables[asked.table], sources)
    if found is None:
        return over_the_table(asked, sources)
    grounds, rest = found
    if alone and not rest:
        return Way(f"({grounds.in_any_order()}) reached", "1 = 1")
    return Way(_fetched_in_turn(grounds.in_any_order(), asked, grounds, sources), _others(rest, sources))


def _fetched(reached: str, asked: Asked, grounds: Grounds, sources: Sources) -> str:
    """The rows that are reached, with all their columns."""
    alias = sources.add(asked.source, asked.table)
    same = f"{alias}.{grounds.handle} = reached.{grounds.handle}"
    return f"({reached}) reached {grounds.crossing} {sources.origin(asked.table)} {alias} ON {same}"


def _fetched_in_turn(reached: str, asked: Asked, grounds: Grounds, sources: Sources) -> str:
    """The same, one after another, no further than somebody reads; by itself PostgreSQL may read the whole table."""
    if sources.dialect.name == "sqlite":
        return _fetched(reached, asked, grounds, sources)
    alias = sources.add(asked.source, asked.table)
    same = f"{alias}.{grounds.handle} = reached.{grounds.handle}"
    row = f"SELECT * FROM {sources.origin(asked.table)} {alias} WHERE {same} LIMIT 1"
    return f"({reached}) reached CROSS JOIN LATERAL ({row}) {alias}"


def _order_of(key: str, sources: Sources) -> str:
    """The order in which the rows come; SQLite keeps it unasked."""
    return "" if sources.dialect.name == "sqlite" else f" ORDER BY {key}"


def _others(rest: Sequence[plan.Condition], sources: Sources) -> str:
    return " AND ".join([condition_sql(item, sources) for item in rest]) or "1 = 1"


def conjuncts(condition: plan.Condition) -> list[plan.Condition]:
    """The conditions that must all hold."""
    match condition:
        case plan.Always():
            return []
        case plan.All(items=items):
            return [part for item in items for part in conjuncts(item)]
        case plan.Either(items=(item,)):
            return conjuncts(item)
        case _:
            return [condition]


def _split(asked: Asked, table: Table, sources: Sources) -> tuple[Grounds, list[plan.Condition]] | None:
    """What a caller reaches of the table, and the other conditions; None where rows are better found without."""
    if table.ownership != "user" or is_view(table):
        return None
    parts = conjuncts(asked.where)
    for part in parts:
        grounds = _grounds(part, asked.source, table, sources)
        if grounds is not None:
            rest = [other for other in parts if other is not part]
            first = first_columns(sources.schema, table)
            return None if any(_is_served(other, asked.source, table, first) for other in rest) else (grounds, rest)
    return None


def _grounds(condition: plan.Condition, source: int, table: Table, sources: Sources) -> Grounds | None:
    """The grounds of a row filter; nothing else speaks of shares. (security.rows)"""
    match condition:
        case plan.Either(items=(plan.IsIn(column=owner, values=owners), *between, plan.SharedWith(key=key) as shared)):
            own = owner == plan.ColumnOf(source, OWNER) and key == plan.ColumnOf(source, table.primary_id)
            match between:
                case [] if own:
                    return Grounds(table, owners, None, shared, sources.dialect)
                case [plan.IsIn(column=unit, values=units)] if own and unit == plan.ColumnOf(source, UNIT):
                    return Grounds(table, owners, units, shared, sources.dialect)
                case _:
                    return None
        case _:
            return None


def _is_served(condition: plan.Condition, source: int, table: Table, first: frozenset[str]) -> bool:
    """An index leads to the rows for which the condition holds."""
    match condition:
        case plan.Compare(operator=operator, left=plan.ColumnOf(source=of, column=name), right=plan.Bound()):
            # The order of keys is no help: most rows come later.
            is_equal = operator == "eq" or (operator != "ne" and name != table.primary_id)
            return is_equal and of == source and name in first
        case plan.IsIn(column=column) | plan.InHierarchy(column=column):
            return column.source == source and column.column in first
        case plan.All(items=items):
            return any(_is_served(item, source, table, first) for item in items)
        case plan.Either(items=items):
            return all(_is_served(item, source, table, first) for item in items)
        case _:
            return False


def _after(rest: Sequence[plan.Condition], key: plan.ColumnOf) -> tuple[str | None, list[plan.Condition]]:
    """The key behind which a page begins, and the other conditions."""
    for condition in rest:
        match condition:
            case plan.Compare(operator="gt", left=left, right=plan.Bound(position=position)) if left == key:
                return mark(position), [other for other in rest if other is not condition]
    return None, list(rest)
