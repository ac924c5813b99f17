"""Say whether a formula or a rollup fits its table.

In:        a table, a column with a formula or a rollup
Out:       nothing, or a refusal; the kinds of values in a formula
Not here:  reading the text of a formula (metadata.formula_text), working it out (sql.formulas, operations.rollups)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, assert_never, cast, get_args

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FloatColumn,
    IntegerColumn,
    MemoColumn,
    MoneyColumn,
    PartyListColumn,
    Rollup,
    RollupFunction,
    StateColumn,
    StatusColumn,
    TextColumn,
    VirtualColumn,
    YesNoColumn,
)
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
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table

ValueKind: TypeAlias = Literal["number", "text", "yesno", "datetime", "date", "other"]
"""What kind of value a part of a formula has; `other` can only be there or not."""

_NUMBERS = (
    IntegerColumn | BigIntColumn | DecimalColumn | FloatColumn | MoneyColumn | ChoiceColumn | StateColumn | StatusColumn
)
_RESULTS = IntegerColumn | DecimalColumn | FloatColumn | TextColumn | MemoColumn | YesNoColumn | DateTimeColumn
"""The types of columns that a formula can fill."""

_SIGNS: Final[Mapping[str, tuple[frozenset[ValueKind], ValueKind | None]]] = MappingProxyType(
    {
        **dict.fromkeys(("+", "-", "*", "/"), (frozenset({"number"}), "number")),
        "&": (frozenset({"text"}), "text"),
        **dict.fromkeys(("&&", "||"), (frozenset({"yesno"}), "yesno")),
        **dict.fromkeys(("<", "<=", ">", ">="), (frozenset({"number", "datetime", "date"}), "yesno")),
        **dict.fromkeys(("=", "<>"), (frozenset({"number", "text", "yesno", "datetime", "date"}), "yesno")),
    }
)
"""Sign between two operands → the kinds both may have, and the kind of the result."""

FUNCTIONS: Final = get_args(RollupFunction)

_ROLLUP_TEXT = re.compile(r"\s*([A-Za-z]+)\s*\(\s*(\w+)\s*\.\s*(\w+)\s*(?:,(.*))?\)\s*\Z", re.DOTALL)


def kind_of(column: Column) -> ValueKind:
    """The kind of values of a column."""
    match column:
        case DateTimeColumn(behavior=behavior):
            return "date" if behavior == "date_only" else "datetime"
        case TextColumn() | MemoColumn():
            return "text"
        case YesNoColumn():
            return "yesno"
        case _:
            return "number" if isinstance(column, _NUMBERS) else "other"


def kind_in(tree: Expression, table: Table) -> ValueKind:
    """The kind of value a formula has in a row of the table.

    Raises:
        InvalidArgument: an unknown column, or operands that do not fit.
        NotSupportedHere: a column that a formula cannot look at.
    """
    match tree:
        case Number():
            return "number"
        case Words():
            return "text"
        case Truth():
            return "yesno"
        case Of(name):
            return kind_of(_input(table, name))
        case Unary(sign, operand):
            wanted: ValueKind = "number" if sign == "-" else "yesno"
            _must_be(kind_in(operand, table), frozenset({wanted}), sign)
            return wanted
        case Binary(sign, left, right):
            return _between(sign, kind_in(left, table), kind_in(right, table))
        case Call(function, arguments):
            return _called(function, [kind_in(argument, table) for argument in arguments])
        case _:
            assert_never(tree)


def check_calculation(schema: Schema, table: Table, column: Column) -> None:
    """Refuse a formula or a rollup that cannot be worked out. [JOB-60], [JOB-62]

    Raises:
        InvalidArgument: names or types that do not fit.
        NotSupportedHere: something no formula here can say.
    """
    if column.formula is not None:
        _check_formula(table, column, column.formula)
    if column.rollup is not None:
        _check_rollup(schema, table, column, column.rollup)


def parse_rollup(text: str) -> Rollup:
    """A rollup as definitions write it: `SUM(relationship.column)`, with a condition behind a comma. [JOB-62]

    Raises:
        InvalidArgument: it is written otherwise.
    """
    found = _ROLLUP_TEXT.match(text)
    if found is None or found[1].upper() not in FUNCTIONS:
        raise InvalidArgument(
            f"The FormulaDefinition of a rollup is one of {', '.join(FUNCTIONS)} of a relationship's column, such as "
            "SUM(new_project_task.new_hours), with a condition behind a comma."
        )
    function = cast(RollupFunction, found[1].upper())
    return Rollup(function, found[2], found[3], found[4].strip() if found[4] else None)


def written_rollup(rollup: Rollup) -> str:
    """A rollup as definitions write it."""
    condition = f", {rollup.filter}" if rollup.filter else ""
    return f"{rollup.function}({rollup.relationship}.{rollup.column}{condition})"


def inputs_of_formula(column: Column) -> frozenset[str]:
    """The columns of its table a column's formula looks at; none without a formula."""
    return frozenset() if column.formula is None else columns_in(parse_formula(column.formula))


def inputs_of_rollup(rollup: Rollup) -> frozenset[str]:
    """The columns of the referring rows that a rollup looks at."""
    filtered = columns_in(parse_formula(rollup.filter)) if rollup.filter else frozenset()
    return filtered | {rollup.column}


def _check_formula(table: Table, column: Column, text: str) -> None:
    if not isinstance(column, _RESULTS):
        raise NotSupportedHere(f"A calculated column of the type {type(column).__name__.removesuffix('Column')}")
    found, wanted = kind_in(parse_formula(text), table), kind_of(column)
    if found != wanted:
        raise InvalidArgument(f"The formula of '{column.name}' gives a {found}, and the column holds a {wanted}.")


def _check_rollup(schema: Schema, table: Table, column: Column, rollup: Rollup) -> None:
    relationship = next((found for found in schema.relationships if found.schema_name == rollup.relationship), None)
    if relationship is None or relationship.referenced_table != table.name:
        raise InvalidArgument(f"'{rollup.relationship}' is no one-to-many relationship of '{table.name}'.")
    rows = schema.tables[relationship.referencing_table]
    source = _input(rows, rollup.column)
    if source.rollup is not None or source.source_type == "rollup":
        raise InvalidArgument(f"The column '{source.name}' is a rollup itself and cannot be rolled up.")
    if rollup.filter is not None:
        _must_be(kind_in(parse_formula(rollup.filter), rows), frozenset({"yesno"}), "the condition of a rollup")
    if not isinstance(column, IntegerColumn | DecimalColumn | DateTimeColumn):
        raise NotSupportedHere(f"A rollup column of the type {type(column).__name__.removesuffix('Column')}")
    given: ValueKind = "number" if rollup.function == "COUNT" else kind_of(source)
    ordered = rollup.function in {"MIN", "MAX"}
    if given not in {"number", *(("datetime", "date") if ordered else ())} or given != kind_of(column):
        raise InvalidArgument(f"{rollup.function} of '{source.name}' does not fit the column '{column.name}'.")


def _input(table: Table, name: str) -> Column:
    """A column that a formula can look at."""
    column = table.columns.get(name)
    if column is None or isinstance(column, VirtualColumn | PartyListColumn):
        raise InvalidArgument(f"There is no column '{name[:80]}' in '{table.name}' that a formula could look at.")
    if column.formula is not None:
        raise NotSupportedHere(f"A formula over a calculated column ('{name}')")
    return column


def _between(sign: str, left: ValueKind, right: ValueKind) -> ValueKind:
    kinds, result = _SIGNS[sign]
    _must_be(left, kinds, sign)
    if left != right:
        raise InvalidArgument(f"A {left} and a {right} do not fit together beside '{sign}' in a formula.")
    return result or left


def _called(function: str, kinds: list[ValueKind]) -> ValueKind:
    if function == "IsBlank":
        return "yesno"
    condition, then, otherwise = kinds
    _must_be(condition, frozenset({"yesno"}), "If")
    if then != otherwise or then == "other":
        raise InvalidArgument("'If' gives values of one kind in a formula, whichever way it goes.")
    return then


def _must_be(found: ValueKind, wanted: frozenset[ValueKind], where: str) -> None:
    if found not in wanted:
        raise InvalidArgument(f"'{where}' does not take a {found} in a formula.")
