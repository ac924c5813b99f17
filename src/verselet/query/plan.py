"""The resolved query: every name a known column, every value a numbered parameter.

In:        made by query.resolve, narrowed by security.rows
Out:       frozen nodes that can be compared and hashed; sql.select writes them as SQL
Not here:  names as written (query.tree), values (they travel beside the plan)

A plan never holds a value of the request: `Bound(n)` stands for the n-th value of a list whose first places are the
environment (`API` to `LANGUAGE`) and whose others are the request's literals in the order they were met.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final, Literal, TypeAlias

import msgspec

from verselet.query.calendar import PLAIN, Calendar

API: Final = 0
"""Position of the address the caller used, such as `http://host/api/data/v9.2/`: for links inside rows."""

USER: Final = 1
"""Position of the caller's systemuserid."""

UNIT: Final = 2
"""Position of the caller's businessunitid."""

LIMIT: Final = 3
"""Position of the most rows wanted."""

MAX_PAGE: Final = 5_000
"""The largest page. [P-5], [FX-7]"""

LANGUAGE: Final = 4
"""Position of the language the caller reads in, a number such as 1033."""

FIRST_LITERAL: Final = 5
"""Position of the first value of the request."""


class Annotations(IntFlag):
    """Which annotations of a property the answer carries. [P-2], [P-4]"""

    NONE = 0
    FORMATTED = 1
    LOOKUP_TABLE = 2
    NAVIGATION = 4
    ATTRIBUTE = 8


class Bound(msgspec.Struct, frozen=True, tag=True):
    """The value at a position."""

    position: int


class ColumnOf(msgspec.Struct, frozen=True, tag=True):
    """A column of one of the plan's sources: 0 is the table itself, n the n-th join."""

    source: int
    column: str


class NameOf(msgspec.Struct, frozen=True, tag=True):
    """The primary name of the row a lookup column points to. [O-3]"""

    source: int
    column: str


class LabelOf(msgspec.Struct, frozen=True, tag=True):
    """The label of a choice, in small letters. [FX-16]"""

    source: int
    column: str


DatePart: TypeAlias = Literal["day", "week", "month", "quarter", "year", "fiscal-period", "fiscal-year"]


class PartOf(msgspec.Struct, frozen=True, tag=True):
    """A part of a date by a calendar, as a number: the day of the month, the week of the year, … [FX-39]"""

    source: int
    column: str
    part: DatePart
    calendar: Calendar = PLAIN


class ChildrenOf(msgspec.Struct, frozen=True, tag=True):
    """How many rows of `table`, as source `inner`, have the row as `parent` and satisfy `where`. [FX-12]"""

    source: int
    column: str
    table: str
    parent: str
    inner: int
    where: Condition


Comparable: TypeAlias = ColumnOf | NameOf | LabelOf | PartOf | ChildrenOf
"""What can be compared and sorted by."""

Operator: TypeAlias = Literal["eq", "ne", "gt", "ge", "lt", "le"]


class Always(msgspec.Struct, frozen=True, tag=True):
    """Every row."""


class Never(msgspec.Struct, frozen=True, tag=True):
    """No row."""


class All(msgspec.Struct, frozen=True, tag=True):
    """All items hold."""

    items: tuple[Condition, ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    """One of the items holds."""

    items: tuple[Condition, ...]


class Negate(msgspec.Struct, frozen=True, tag=True):
    """The item is not true; what is unknown counts as not true. [F-7]"""

    item: Condition


class Compare(msgspec.Struct, frozen=True, tag=True):
    """`left operator right`. `ne` also holds where the column is null. [F-6]"""

    operator: Operator
    left: Comparable
    right: Bound | ColumnOf


class IsNull(msgspec.Struct, frozen=True, tag=True):
    """The column has no value. [F-5]"""

    column: Comparable


class Matches(msgspec.Struct, frozen=True, tag=True):
    """The column fits a pattern; `classes` when the pattern uses `[…]`. [F-9]"""

    column: ColumnOf | NameOf
    pattern: Bound
    classes: bool


class IsIn(msgspec.Struct, frozen=True, tag=True):
    """The column is one of a list, which is one parameter however long it is. [QF-20]"""

    column: ColumnOf
    values: Bound


class HasAny(msgspec.Struct, frozen=True, tag=True):
    """A choices column holds one of a list, which is one parameter. [QF-21]"""

    column: ColumnOf
    values: Bound


class InHierarchy(msgspec.Struct, frozen=True, tag=True):
    """The column names a row above or below the row `start` of `table`, whose parent is named by `parent`. [QF-30]

    `itself` says whether `start` counts. The way goes over rows that satisfy `where`, which calls them `source`.
    """

    column: ColumnOf
    table: str
    key: str
    parent: str
    direction: Literal["above", "under"]
    itself: bool
    start: Bound
    source: int
    where: Condition = Always()


class PointsTo(msgspec.Struct, frozen=True, tag=True):
    """A lookup with several targets points to that table. [MT-4]"""

    source: int
    column: str
    table: str


class Related(msgspec.Struct, frozen=True, tag=True):
    """Some row reached over a collection satisfies the condition. [L-1]

    `table` has source number `source`. It belongs to the outer row by `inner_column = outer_column`, or through
    `intersect` (table, column to the inner row, column to the outer row).
    """

    table: str
    source: int
    outer: ColumnOf
    inner_column: str
    intersect: tuple[str, str, str] | None
    points_to: str | None
    joins: tuple[Join, ...]
    where: Condition


class Linked(msgspec.Struct, frozen=True):
    """Rows of a table joined by a condition. [FX-22], [FX-24]

    `inner` leaves out rows without a match, `left` keeps them, `first` joins one match at most: it is looked for as
    the source `candidate`, which is then the one that `on` speaks of.
    """

    source: int
    table: str
    kind: Literal["inner", "left", "first"]
    on: Condition
    candidate: int = 0


class Exists(msgspec.Struct, frozen=True, tag=True):
    """Some row of the table satisfies the condition, which says what it has to do with the outer row. [FX-23]"""

    table: str
    source: int
    links: tuple[Linked, ...]
    where: Condition


class SharedWith(msgspec.Struct, frozen=True, tag=True):
    """The row with that id is shared with one of a list of principals, with that right. [SEC-41], [SEC-59]"""

    key: ColumnOf
    sharees: Bound
    right: int


Condition: TypeAlias = (
    Always
    | Never
    | All
    | Either
    | Negate
    | Compare
    | IsNull
    | Matches
    | IsIn
    | HasAny
    | InHierarchy
    | PointsTo
    | Related
    | Exists
    | SharedWith
)


def all_of(conditions: list[Condition]) -> Condition:
    """All of them; every row where there are none."""
    if not conditions:
        return Always()
    return conditions[0] if len(conditions) == 1 else All(tuple(conditions))


class Join(msgspec.Struct, frozen=True):
    """The row a lookup points to, present or not. `source` is its number in `ColumnOf`; it must satisfy `where`."""

    source: int
    table: str
    inner_column: str
    outer: ColumnOf
    points_to: str | None
    where: Condition = Always()


class OrderBy(msgspec.Struct, frozen=True):
    """One order column; null comes first ascending, last descending. [O-5]"""

    by: Comparable
    descending: bool


class Output(msgspec.Struct, frozen=True):
    """One property of the answer: a column and the name it has on the wire."""

    column: str
    property: str


class Hidden(msgspec.Struct, frozen=True):
    """A column without values for the caller, but for those of rows where some are `shared`. [SEC-103], [SEC-106]

    `share_id` is what shares of its values name the column by.
    """

    table: str
    column: str
    share_id: str
    shared: bool


class Masked(msgspec.Struct, frozen=True):
    """A column of texts in which `sign` stands for whatever fits a pattern, a regular expression. [SEC-108]"""

    table: str
    column: str
    pattern: str
    sign: str


Cover: TypeAlias = Hidden | Masked
"""What the caller sees instead of the values of a column."""

NOTHING_HIDDEN: Final[frozenset[Cover]] = frozenset()


class Nested(msgspec.Struct, frozen=True, kw_only=True):
    """One expanded navigation. [X-1]

    `outer_column` of the parent equals `inner_column` of the nested plan's table, or both meet in `intersect`.
    `link` is the text after the parent's address in `<nav>@odata.nextLink`; None where no link is written. [X-8]
    """

    navigation: str
    single: bool
    reference: bool
    outer_column: str
    inner_column: str
    intersect: tuple[str, str, str] | None
    points_to: str | None
    points_from: str | None
    plan: Plan
    link: str | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one table is asked for, ready to be compiled.

    `outputs` are in the order of the answer. `limit` is the parameter that holds the most rows wanted, None where
    everything is wanted. `annotations` says what else each property shows. `source` is the number of the table itself.
    `hidden`, of the outermost plan, counts for every table that is read.
    """

    table: str
    outputs: tuple[Output, ...]
    joins: tuple[Join, ...] = ()
    where: Condition = Always()
    order: tuple[OrderBy, ...] = ()
    limit: Bound | None = None
    nested: tuple[Nested, ...] = ()
    annotations: Annotations = Annotations.NONE
    source: int = 0
    hidden: frozenset[Cover] = NOTHING_HIDDEN
