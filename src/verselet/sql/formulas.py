"""Write formulas as SQL.

In:        a table and one of its columns with a formula; or a condition on rows of a table
Out:       an SQL expression over the stored columns of the row
Not here:  the language (metadata.formula_text), whether types fit (metadata.formulas), CREATE TABLE (store.ddl)

Numbers are exact where nothing is divided: SQLite counts in whole numbers with a known number of digits after the
point, as it stores decimals. Division gives a float there, and a numeric in PostgreSQL.
"""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

import msgspec

from verselet.metadata.columns import Column, DecimalColumn, FloatColumn, IntegerColumn, MemoColumn, TextColumn
from verselet.metadata.formula_text import (
    Binary,
    Call,
    Expression,
    Number,
    Of,
    Truth,
    Unary,
    Words,
    columns_in,
    parse_formula,
)
from verselet.metadata.formulas import kind_in
from verselet.metadata.tables import Table
from verselet.sql.columns import Kind, stored_columns
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import text_literal

MOST_DIGITS = 15
"""Digits after the point up to which SQLite counts in whole numbers."""


class Term(msgspec.Struct, frozen=True):
    """A piece of SQL; a number of SQLite's is whole and stands for itself divided by 10**scale, unless that is None."""

    text: str
    scale: int | None = 0


def formula_sql(table: Table, column: Column, dialect: Dialect) -> str:
    """The value of a column's formula in the form the column is stored in; null outside its bounds. [JOB-61]"""
    assert column.formula is not None
    tree = parse_formula(column.formula)
    term = _Writer(table, dialect).write(tree)
    match column:
        case IntegerColumn() | DecimalColumn() | FloatColumn():
            return _number(term, column, dialect)
        case TextColumn() | MemoColumn():
            return f"NULLIF(substr({term.text}, 1, {column.max_length}), '')"
        case _:
            return term.text


def condition_sql(table: Table, condition: str, dialect: Dialect) -> str:
    """A condition on the rows of a table."""
    return _Writer(table, dialect).write(parse_formula(condition)).text


class _Writer:
    """Writes the parts of one formula."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._table = table
        self._dialect = dialect
        self._counts_whole = dialect.name == "sqlite"

    def write(self, tree: Expression) -> Term:
        """The SQL of a part."""
        match tree:
            case Number(value):
                return self._literal(value)
            case Words(text):
                return Term(text_literal(text))
            case Truth(value):
                return Term(self._dialect.true if value else self._dialect.false)
            case Of(name):
                return self._column(name)
            case Unary(sign, operand):
                found = self.write(operand)
                return Term(f"(- {found.text})" if sign == "-" else f"(NOT {found.text})", found.scale)
            case Binary():
                return self._between(tree)
            case Call("IsBlank", (value,)):
                return Term(f"({self.write(value).text} IS NULL)")
            case Call(_, (condition, then, otherwise)):
                first, second, scale = self._alike(self.write(then), self.write(otherwise))
                return Term(f"(CASE WHEN {self.write(condition).text} THEN {first} ELSE {second} END)", scale)
            case Call():
                raise AssertionError(tree.function)
            case _:
                assert_never(tree)

    def _literal(self, value: Decimal) -> Term:
        digits = max(0, -int(value.as_tuple().exponent))
        if not self._counts_whole:
            return Term(f"{value:f}::numeric")
        return Term(str(int(value.scaleb(digits))), digits) if digits <= MOST_DIGITS else Term(f"{value:f}", None)

    def _column(self, name: str) -> Term:
        stored = stored_columns(self._table, self._table.columns[name])[0]
        is_number = stored.kind in {"integer", "bigint", "float", "decimal"}
        if is_number and not self._counts_whole:
            return Term(f"{quoted(name)}::numeric")
        return Term(quoted(name), None if stored.kind == "float" else stored.scale)

    def _between(self, tree: Binary) -> Term:
        left, right = self.write(tree.left), self.write(tree.right)
        match tree.sign:
            case "&":
                return Term(f"(coalesce({left.text}, '') || coalesce({right.text}, ''))")
            case "&&" | "||":
                return Term(f"({left.text} {'AND' if tree.sign == '&&' else 'OR'} {right.text})")
            case "*":
                return self._product(left, right)
            case "/":
                return Term(f"({self._float(left)} / NULLIF({self._float(right)}, 0))", None)
            case "+" | "-":
                first, second, scale = self._alike(left, right)
                return Term(f"({first} {tree.sign} {second})", scale)
            case _:
                return self._compared(tree, left, right)

    def _compared(self, tree: Binary, left: Term, right: Term) -> Term:
        """Texts are compared without regard to letter case. [F-3]"""
        if kind_in(tree.left, self._table) == "text":
            if self._counts_whole:
                return Term(f"({left.text} {tree.sign} {right.text} COLLATE NOCASE)")
            return Term(f"({self._lower(tree.left, left)} {tree.sign} {self._lower(tree.right, right)})")
        first, second, _ = self._alike(left, right)
        return Term(f"({first} {tree.sign} {second})")

    def _lower(self, tree: Expression, term: Term) -> str:
        """A text in small letters. PostgreSQL takes no `lower` of a constant where a column is worked out."""
        return f"lower({term.text})" if columns_in(tree) else self.write(_in_small_letters(tree)).text

    def _product(self, left: Term, right: Term) -> Term:
        if left.scale is None or right.scale is None or left.scale + right.scale > MOST_DIGITS:
            return Term(f"({self._float(left)} * {self._float(right)})", None)
        return Term(f"({left.text} * {right.text})", left.scale + right.scale)

    def _alike(self, left: Term, right: Term) -> tuple[str, str, int | None]:
        """Both with the same number of digits after the point, or both as floats."""
        if left.scale == right.scale:
            return left.text, right.text, left.scale
        if left.scale is None or right.scale is None:
            return self._float(left), self._float(right), None
        scale = max(left.scale, right.scale)
        return _lifted(left.text, scale - left.scale), _lifted(right.text, scale - right.scale), scale

    def _float(self, term: Term) -> str:
        if not self._counts_whole or term.scale is None:
            return term.text
        return f"({term.text} / {10**term.scale}.0)"


def _in_small_letters(tree: Expression) -> Expression:
    """The same texts in small letters."""
    match tree:
        case Words(text):
            return Words(text.lower())
        case Binary(sign, left, right):
            return Binary(sign, _in_small_letters(left), _in_small_letters(right))
        case Call(function, arguments):
            return Call(function, tuple([_in_small_letters(argument) for argument in arguments]))
        case _:
            return tree


def _number(term: Term, column: IntegerColumn | DecimalColumn | FloatColumn, dialect: Dialect) -> str:
    """A number as its column stores it, rounded, and null outside the column's bounds."""
    digits = 0 if isinstance(column, IntegerColumn) else column.precision
    low, high = Decimal(str(column.min)), Decimal(str(column.max))
    if dialect.name == "postgresql":
        value = f"round({term.text}, {digits})"
        kind = dialect.types[_kind(column)]
        return f"CASE WHEN {value} BETWEEN {low:f} AND {high:f} THEN {value}::{kind} END"
    if isinstance(column, FloatColumn):
        value = term.text if term.scale is None else f"({term.text} / {10**term.scale}.0)"
        value = f"round({value}, {digits})"
        return f"CASE WHEN {value} BETWEEN {low:f} AND {high:f} THEN {value} END"
    if term.scale is None:
        value = f"round({term.text} * {10**digits})"
    else:
        value = _lifted(term.text, digits - term.scale) if digits >= term.scale else _cut(term, term.scale - digits)
    low, high = low.scaleb(digits), high.scaleb(digits)
    return f"CASE WHEN {value} BETWEEN {int(low)} AND {int(high)} THEN CAST({value} AS INTEGER) END"


def _kind(column: IntegerColumn | DecimalColumn | FloatColumn) -> Kind:
    match column:
        case IntegerColumn():
            return "integer"
        case DecimalColumn():
            return "decimal"
        case FloatColumn():
            return "float"
        case _:
            assert_never(column)


def _lifted(text: str, digits: int) -> str:
    return f"({text} * {10**digits})" if digits else text


def _cut(term: Term, digits: int) -> str:
    """Fewer digits after the point, rounded half away from zero as everywhere. [T-6]"""
    factor = 10**digits
    return f"(({term.text} + CASE WHEN {term.text} < 0 THEN -{factor // 2} ELSE {factor // 2} END) / {factor})"
