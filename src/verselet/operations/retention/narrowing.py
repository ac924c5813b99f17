"""Say of a question what the lake itself can decide.

In:        a plan about retained rows, its values, the cells that the lake has
Out:       `scan_of`: the cells that are needed of the rows that may be asked for
Not here:  reading the lake (lake), asking what was read (operations.retention.reading)

The lake knows other texts and numbers than the database: it folds more letters, and keeps decimals as texts. So a test
is either the same in both, or lets more rows pass; what was read is asked the whole question again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

import msgspec

from verselet.errors import FetchRefused, NotSupportedHere
from verselet.lake.scan import Every, Fits, Holds, Missing, Not, Number, OneOf, Scan, Sign, Some, Spelled, Test
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.query.tabular import Aggregated, Tabular
from verselet.sql.columns import StoredColumn, kept_name, stored_columns, target_column
from verselet.values import Stored

MOST_LISTED: Final = 1_000
"""A longer list is not handed to the lake."""

LARGEST: Final = 2**53
"""Up to here whole numbers and numbers with a fraction compare in the same way everywhere."""

SIGNS: Final[dict[plan.Operator, Sign]] = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}

SAME: Final = frozenset({"guid", "datetime", "date", "integer", "bigint", "float", "yesno"})
"""Forms of values that the lake keeps and compares as the database does."""


class Decided(msgspec.Struct, frozen=True):
    """A test that lets pass what a condition lets pass; `exactly`: and nothing else."""

    test: Test
    exactly: bool


OPEN: Final = Decided(Every(()), exactly=False)
"""The lake cannot tell."""


def must_stand_alone(asked: Tabular) -> None:
    """Refuse what other rows would have to be read for. [RET-41]

    Raises:
        FetchRefused: the question follows a lookup.
        NotSupportedHere: a condition speaks of rows of other tables.
    """
    if asked.links:
        raise FetchRefused("Retained rows can be asked for only alone, without links and aggregates. [RET-41]")
    for condition in _conditions(asked.where):
        if _reads_rows(condition) and not _reads_own(condition, asked.table):
            raise NotSupportedHere("Conditions on retained rows that speak of rows of other tables")


def scan_of(asked: Tabular, table: Table, values: Sequence[Stored], present: frozenset[str], wanted: Wanted) -> Scan:
    """What is to be read of a table for a question."""
    reader = _Deciding(asked, table, values, present)
    columns = tuple([name for name in cells_of(table, wanted.texts) if name in present])
    if any(_reads_rows(condition) for condition in _conditions(asked.where)):
        # Whether a row is above another one is seen only with those between them.
        return Scan(columns=columns)
    where = reader.decide(asked.where)
    order = reader.order()
    if wanted.most is not None and where.exactly and order is not None:
        after = reader.decide(asked.after)
        if after.exactly:
            test = where.test if isinstance(asked.after, plan.Always) else Every((where.test, after.test))
            return Scan(columns=columns, test=test, order=order, most=wanted.most)
    return Scan(columns=columns, test=where.test)


class Wanted(msgspec.Struct, frozen=True):
    """The statements that the rows are read for, and how many rows of their order they need; None for all."""

    texts: tuple[str, ...]
    most: int | None


def cells_of(table: Table, texts: Iterable[str]) -> list[str]:
    """The cells that statements speak of, with the primary key; where one reckons, all it may reckon with."""
    said = "".join(texts)
    reckons = any(column.formula is not None and f'"{name}"' in said for name, column in table.columns.items())
    found = []
    for name, column in table.columns.items():
        cells = [] if column.formula is not None else [part.name for part in stored_columns(table, column)]
        cells += [kept_name(name)] if cells and isinstance(column, LookupColumn) else []
        if reckons or name == table.primary_id or any(f'"{cell}"' in said for cell in cells):
            found += cells
    return found


class _Deciding:
    """Turns conditions of one question into tests."""

    def __init__(self, asked: Tabular, table: Table, values: Sequence[Stored], present: frozenset[str]) -> None:
        self._asked = asked
        self._table = table
        self._values = values
        # What is hidden from the caller must not decide either. [SEC-103]
        covered = {item.column for item in asked.hidden if item.table == table.name}
        self._seen = present - covered - {target_column(name) for name in covered}

    def decide(self, condition: plan.Condition) -> Decided:
        """The test for a condition."""
        match condition:
            case plan.Always():
                return Decided(Every(()), exactly=True)
            case plan.Never():
                return Decided(Some(()), exactly=True)
            case plan.All(items=items):
                parts = [self.decide(item) for item in items]
                return Decided(Every(tuple([part.test for part in parts])), all(part.exactly for part in parts))
            case plan.Either(items=items):
                parts = [self.decide(item) for item in items]
                return Decided(Some(tuple([part.test for part in parts])), all(part.exactly for part in parts))
            case plan.Negate(item=item):
                found = self.decide(item)
                return Decided(Not(found.test), exactly=True) if found.exactly else OPEN
            case _:
                return self._decide_one(condition)

    def _decide_one(self, condition: plan.Condition) -> Decided:
        """The test for a condition on one column."""
        match condition:
            case plan.IsNull(column=plan.ColumnOf() as column) if self._stored(column) is not None:
                return Decided(Missing(column.column), exactly=True)
            case plan.PointsTo(column=name, table=target) if target_column(name) in self._seen:
                return Decided(Holds(target_column(name), "=", target), exactly=True)
            case plan.Compare(left=plan.ColumnOf() as column, right=plan.Bound() as bound):
                return self._compared(condition.operator, column, self._values[bound.position])
            case plan.IsIn(column=column, values=bound):
                return self._listed(column, self._values[bound.position])
            case plan.Matches(column=plan.ColumnOf() as column, classes=False):
                return self._fitting(column, self._values[condition.pattern.position])
            case _:
                return OPEN

    def order(self) -> tuple[tuple[str, bool], ...] | None:
        """The order, where the lake has the same; None where it has another one."""
        found = []
        for item in self._asked.order:
            if isinstance(item.by, Aggregated) or not isinstance(item.by, plan.ColumnOf):
                return None
            stored = self._stored(item.by)
            if stored is None or stored.kind not in SAME:
                return None
            found.append((stored.name, item.descending))
        return tuple(found) or None

    def _stored(self, column: plan.ColumnOf) -> StoredColumn | None:
        """How the cell of a column is stored; None for one that the lake has not, or the caller not."""
        if column.source != self._asked.source or column.column not in self._seen:
            return None
        found = self._table.columns[column.column]
        return stored_columns(self._table, found)[0] if found.formula is None else None

    def _compared(self, operator: plan.Operator, column: plan.ColumnOf, value: Stored) -> Decided:
        stored = self._stored(column)
        if stored is None or value is None:
            return OPEN
        if stored.kind in SAME:
            fitting = _fitting_value(stored, value)
            if fitting is None:
                return OPEN
            if operator == "ne":
                # A row without a value differs too. [F-6]
                return Decided(Not(Holds(stored.name, "=", fitting)), exactly=True)
            return Decided(Holds(stored.name, SIGNS[operator], fitting), exactly=True)
        if operator == "ne":
            return OPEN
        if stored.kind in {"text", "code"}:
            return _spelled(stored, [value]) if operator == "eq" else OPEN
        if stored.kind == "decimal" and isinstance(value, int | float) and abs(value) < 2**63:
            # Rounding keeps the order, though it may make neighbours equal.
            sign = cast("Sign", SIGNS[operator].rstrip("=") + "=") if operator != "eq" else "="
            return Decided(Number(stored.name, sign, value / 10**stored.scale), exactly=False)
        return OPEN

    def _listed(self, column: plan.ColumnOf, value: Stored) -> Decided:
        stored = self._stored(column)
        decoded: Any = msgspec.json.decode(value) if isinstance(value, str) else None
        if stored is None or not isinstance(decoded, list) or len(decoded) > MOST_LISTED:
            return OPEN
        listed = cast("list[Stored]", decoded)
        if stored.kind in {"text", "code"}:
            return _spelled(stored, listed)
        kind = {"guid": str, "integer": int, "bigint": int}.get(stored.kind)
        fitting = [_fitting_value(stored, item) for item in listed if type(item) is kind]
        found = tuple([item for item in fitting if isinstance(item, str | int)])
        return Decided(OneOf(stored.name, found), exactly=True) if len(found) == len(listed) else OPEN

    def _fitting(self, column: plan.ColumnOf, pattern: Stored) -> Decided:
        stored = self._stored(column)
        if stored is None or stored.kind not in {"text", "code"} or not isinstance(pattern, str):
            return OPEN
        # The lake takes a backslash for a sign of its own.
        if "\\" in pattern or "\0" in pattern:
            return OPEN
        return Decided(Fits(stored.name, pattern), exactly=False)


def _spelled(stored: StoredColumn, texts: Sequence[object]) -> Decided:
    found = tuple([text for text in texts if isinstance(text, str) and "\0" not in text])
    return Decided(Spelled(stored.name, found), exactly=False) if len(found) == len(texts) else OPEN


def _fitting_value(stored: StoredColumn, value: Stored) -> str | int | float | bool | None:
    """The value as the lake compares its cells with it; None for one that it has no cells of."""
    if stored.kind in {"guid", "datetime", "date"}:
        return value if isinstance(value, str) else None
    if stored.kind == "yesno":
        return bool(value) if value in {0, 1} else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if stored.kind in {"integer", "bigint"}:
        return value if isinstance(value, int) and abs(value) < 2**63 else None
    return value if abs(value) < LARGEST else None


def _conditions(condition: plan.Condition) -> Iterator[plan.Condition]:
    """The conditions that a condition is made of."""
    match condition:
        case plan.All(items=items) | plan.Either(items=items):
            for item in items:
                yield from _conditions(item)
        case plan.Negate(item=item):
            yield from _conditions(item)
        case _:
            yield condition


def _reads_rows(condition: plan.Condition) -> bool:
    """To decide about a row, others are read."""
    if isinstance(condition, plan.Compare):
        return isinstance(condition.left, plan.ChildrenOf)
    return isinstance(condition, plan.InHierarchy | plan.Exists | plan.Related | plan.SharedWith)


def _reads_own(condition: plan.Condition, table: str) -> bool:
    """The others are of the same table."""
    return isinstance(condition, plan.InHierarchy) and condition.table == table
