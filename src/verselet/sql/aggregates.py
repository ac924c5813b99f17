"""Write what is computed over the rows of a group.

In:        aggregates of query.tabular
Out:       SQL expressions: the value, what groups are ordered by, whether a sum is too large
Not here:  the groups (sql.tabular), how the value is shown (sql.tabular_rows)

SQLite keeps decimals as scaled whole numbers, so sums and averages are exact there as they are in PostgreSQL.
"""

from __future__ import annotations

from typing import Final

from verselet.metadata.columns import BigIntColumn, Column, DecimalColumn, FloatColumn, IntegerColumn, MoneyColumn
from verselet.query.plan import ColumnOf
from verselet.query.tabular import Aggregated
from verselet.sql.conditions import Sources

MORE_DIGITS: Final = 4
"""Digits after the point that an average has more than its column."""

LARGEST: Final = 2**63 - 1
"""What a sum may reach, counted in the last digit of its column; the service's money ends there too."""

HALF: Final = 10**9


def aggregate_sql(by: Aggregated, sources: Sources) -> str:
    """The value, in the stored form of its column; the average of decimals as a text. [FX-40], [A-6]"""
    if by.of is None or by.method == "count":
        return "count(*)"
    value = sources.text(by.of)
    match by.method:
        case "countcolumn":
            return f"count(DISTINCT {sources.comparable(by.of)})" if by.distinct else f"count({value})"
        case "min" | "max" if sources.kind(by.of) in {"text", "code"}:
            binary = '"C"' if sources.dialect.name == "postgresql" else "BINARY"
            return f"{by.method}({value} COLLATE {binary})"
        case "avg":
            return _average(by.of, sources)
        case "sum":
            return _sum(by.of, sources)
        case _:
            return f"{by.method}({value})"


def aggregate_order(by: Aggregated, sources: Sources) -> str:
    """What groups are ordered by."""
    if by.of is not None and by.method == "avg":
        return f"avg({sources.text(by.of)})"
    found = aggregate_sql(by, sources)
    if by.of is None or by.method not in {"min", "max"} or sources.kind(by.of) not in {"text", "code"}:
        return found
    # As any text, without regard to letter case. [O-5]
    return f'lower({found}) COLLATE "C"' if sources.dialect.name == "postgresql" else f"{found} COLLATE NOCASE"


def too_large(by: Aggregated, sources: Sources) -> str | None:
    """The condition that a sum, or that of an average, leaves its column's range; None where it cannot."""
    if by.of is None or by.method not in {"sum", "avg"} or isinstance(sources.column(by.of), FloatColumn):
        return None
    if sources.dialect.name == "sqlite":
        return f"typeof({_sum(by.of, sources)}) = 'real'"
    scale = _scale(sources.column(by.of))
    return f"coalesce(abs(sum({sources.text(by.of)})), 0) * {10**scale} > {LARGEST}"


def _sum(of: ColumnOf, sources: Sources) -> str:
    value = sources.text(of)
    if sources.dialect.name == "postgresql" or isinstance(sources.column(of), FloatColumn):
        return f"sum({value})"
    # In halves, because SQLite's own sum fails where it leaves 64 bits; this one becomes a float there.
    return f"(sum({value} / {HALF}) * {HALF} + sum({value} % {HALF}))"


def _average(of: ColumnOf, sources: Sources) -> str:
    """The average, cut to a whole number for whole numbers, with some more digits for decimals. [A-6], [FX-40]"""
    column, value = sources.column(of), sources.text(of)
    if isinstance(column, FloatColumn):
        return f"avg({value})"
    scale = _scale(column)
    if sources.dialect.name == "postgresql":
        digits = 0 if isinstance(column, IntegerColumn | BigIntColumn) else scale + MORE_DIGITS
        return f"trunc(sum({value})::numeric(60, 20) / nullif(count({value}), 0), {digits})"
    total, number = _sum(of, sources), f"count({value})"
    if isinstance(column, IntegerColumn | BigIntColumn):
        return f"({total} / {number})"
    whole, rest = f"(abs({total}) / {number})", f"(abs({total}) % {number})"
    unit, more = 10**scale, 10**MORE_DIGITS
    digits_at_scale = (
        f"printf('%d.%0{scale}d', {whole} / {unit}, {whole} % {unit})" if scale else f"printf('%d.', {whole})"
    )
    return (
        f"iif({number} = 0, NULL, iif({total} < 0, '-', '') || {digits_at_scale} || "
        f"printf('%0{MORE_DIGITS}d', {rest} * {more} / {number}))"
    )


def _scale(column: Column) -> int:
    return column.precision if isinstance(column, DecimalColumn | MoneyColumn) else 0
