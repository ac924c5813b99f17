"""The resolved query whose rows are no rows of a table: joined, renamed, grouped, computed.

In:        made by query.fetchxml.resolve, query.apply and query.sql_text, narrowed by security.rows
Out:       frozen nodes; sql.tabular writes them as SQL
Not here:  rows as the table has them (query.plan)

As in a plan, no value of the request stands in it: `Bound(n)` is the n-th one.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from verselet.query.binding import Binding
from verselet.query.plan import NOTHING_HIDDEN, Always, Annotations, ColumnOf, Comparable, Condition, Cover, Linked

Method: TypeAlias = Literal["count", "countcolumn", "sum", "avg", "min", "max"]
"""`count` counts rows, `countcolumn` those with a value. [FX-37]"""


class Aggregated(msgspec.Struct, frozen=True, tag=True):
    """A value computed from all rows of a group; `of` is None for `count` only. [FX-37], [A-2]"""

    method: Method
    of: ColumnOf | None
    distinct: bool = False


Expression: TypeAlias = Comparable | Aggregated


class Shown(msgspec.Struct, frozen=True):
    """One property of the answer, left out of rows without a value. [J-9]"""

    by: Expression
    name: str


class OrderedBy(msgspec.Struct, frozen=True):
    """One item of the order; null comes first ascending, last descending. [O-5]"""

    by: Expression
    descending: bool


class Tabular(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a table and of those linked to it.

    `grouped`: rows that agree in all outputs are one, and aggregates are computed over them. `tagged`: each row shows
    its entity tag. `paged_by_values`: the order names each row, so a page can begin after the values of the last one;
    otherwise rows are counted. [FX-34] `after` leaves out the pages before; they are counted all the same.
    `hidden` counts for every table that is read. `from_bin`: the rows of `table` are those in the recycle bin. [BIN-6]
    `from_lake`: they are those that were retained, with the names their lookups had. [RET-6], [RET-40]
    """

    table: str
    outputs: tuple[Shown, ...]
    links: tuple[Linked, ...] = ()
    where: Condition = Always()
    after: Condition = Always()
    grouped: bool = False
    order: tuple[OrderedBy, ...] = ()
    annotations: Annotations = Annotations.NONE
    tagged: bool = False
    paged_by_values: bool = False
    source: int = 0
    hidden: frozenset[Cover] = NOTHING_HIDDEN
    from_bin: bool = False
    from_lake: bool = False

    @property
    def is_aggregate(self) -> bool:
        """Something is computed over the rows of a group."""
        return any(isinstance(output.by, Aggregated) for output in self.outputs)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of the whole are wanted.

    `size` is the most rows of a page, None where the request says nothing; `top` limits the whole. `skipped` rows come
    before the first one wanted. `number` is that of the page, from 1; `before` is how many rows the pages before had,
    None where nobody tells and all had `size`. `totals` asks for the number of all rows.
    """

    size: int | None = None
    top: int | None = None
    number: int = 1
    skipped: int = 0
    before: int | None = None
    by_cookie: bool = False
    totals: bool = False
    aggregate_limit: int = 50_000


class ResolvedTabular(msgspec.Struct, frozen=True):
    """A plan, what it binds after the environment, in order, and the page that is wanted of it."""

    plan: Tabular
    bindings: tuple[Binding, ...]
    page: Page
    context: str = ""
