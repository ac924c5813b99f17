"""The language of formulas, and which formulas and rollups fit a table. [JOB-60], [JOB-62]"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.metadata.columns import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    IntegerColumn,
    MoneyColumn,
    Rollup,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.formula_text import Binary, Call, Number, Of, Truth, Unary, Words, columns_in, parse_formula
from verselet.metadata.formulas import check_calculation, parse_rollup, written_rollup
from verselet.metadata.tables import Table

SCHEMA = schema_with_gizmos()
GIZMO = SCHEMA.tables["new_gizmo"]
ACCOUNT = SCHEMA.tables["account"]


def calculated(made: type[Column], formula: str) -> Column:
    """A column of that type with a formula."""
    return made(name="new_x", schema_name="new_X", formula=formula)


def rolled_up(made: type[Column], function: str, column: str, condition: str | None = None) -> Column:
    """A column of accounts, of that type, that adds up their gizmos."""
    text = f"{function}(new_account_gizmos.{column}{', ' + condition if condition else ''})"
    return made(name="new_x", schema_name="new_X", rollup=parse_rollup(text))


def table_of(column: Column) -> Table:
    """Gizmos have formulas, accounts rollups."""
    return GIZMO if column.rollup is None else ACCOUNT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new_count * 2", Binary("*", Of("new_count"), Number(Decimal(2)))),
        ("1 + 2 * 3", Binary("+", Number(Decimal(1)), Binary("*", Number(Decimal(2)), Number(Decimal(3))))),
        ("(1 + 2) * 3", Binary("*", Binary("+", Number(Decimal(1)), Number(Decimal(2))), Number(Decimal(3)))),
        ("1 - 2 - 3", Binary("-", Binary("-", Number(Decimal(1)), Number(Decimal(2))), Number(Decimal(3)))),
        ("-a", Unary("-", Of("a"))),
        ('"say ""hi"""', Words('say "hi"')),
        ("a & b", Binary("&", Of("a"), Of("b"))),
        ("a = b && !c", Binary("&&", Binary("=", Of("a"), Of("b")), Unary("!", Of("c")))),
        ("IsBlank(a) || true", Binary("||", Call("IsBlank", (Of("a"),)), Truth(value=True))),
        (
            "If(a<=2.5,1,0)",
            Call("If", (Binary("<=", Of("a"), Number(Decimal("2.5"))), Number(Decimal(1)), Number(Decimal(0)))),
        ),
    ],
)
def test_a_formula_is_read(text: str, expected: object) -> None:
    """Products bind more than sums, sums more than texts, then comparisons, then conditions. [JOB-60]"""
    assert expected == parse_formula(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "position 0"),
        ("1 +", "the end"),
        ("1 2", "the end is expected, not '2'"),
        ("(1", "')'"),
        ("a b", "position 2"),
        ('"open', "position 0"),
        ("a # b", "position 1"),
        ("If(a, b)", "takes 3 arguments"),
        ("If()", "a value"),
        ("(" * 50 + "1" + ")" * 50, "too deeply"),
        ("-" * 50 + "1", "too deeply"),
        ("+".join("1" * 300), "words and signs"),
        ("1" * 3000, "characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    """The refusal says where and what was expected. [architecture.md §8]"""
    with pytest.raises(InvalidArgument) as refused:
        parse_formula(text)
    assert says in refused.value.message


@pytest.mark.parametrize(("text", "says"), [("Now()", "'Now'"), ("parentid.name", "another table")])
def test_what_one_row_cannot_answer_is_refused_by_name(text: str, says: str) -> None:
    """Nothing is worked out wrongly in silence. [invariant 15]"""
    with pytest.raises(NotSupportedHere, match=says):
        parse_formula(text)


def test_a_formula_tells_what_it_looks_at() -> None:
    """So that nobody deletes it. [JOB-66]"""
    assert {"a", "b", "c"} == columns_in(parse_formula("If(IsBlank(a), -b, 2 * c)"))


@pytest.mark.parametrize(
    "column",
    [
        calculated(IntegerColumn, "new_count * 2"),
        calculated(DecimalColumn, "new_price / new_count + 1.5"),
        calculated(TextColumn, 'new_name & " " & new_code'),
        calculated(YesNoColumn, "new_ready && new_count > 3 || IsBlank(new_accountid)"),
        calculated(TextColumn, 'If(new_color = 1, "red", new_name)'),
        calculated(DateTimeColumn, "If(new_ready, new_at, new_at)"),
        rolled_up(IntegerColumn, "count", "new_gizmoid"),
        rolled_up(DecimalColumn, "AVG", "new_price"),
        rolled_up(IntegerColumn, "COUNT", "new_name", "new_price > 2"),
    ],
)
def test_what_fits_is_accepted(column: Column) -> None:
    """Kinds of values fit each other and the column. [JOB-60], [JOB-62]"""
    check_calculation(SCHEMA, table_of(column), column)


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (calculated(IntegerColumn, "new_name"), "gives a text"),
        (calculated(IntegerColumn, "new_name + 1"), "does not take a text"),
        (calculated(IntegerColumn, "new_nothing"), "'new_nothing'"),
        (calculated(YesNoColumn, "new_name = 1"), "do not fit together"),
        (calculated(YesNoColumn, "new_accountid = new_accountid"), "does not take a other"),
        (calculated(YesNoColumn, "!new_count"), "'!'"),
        (calculated(YesNoColumn, 'new_name < "a"'), "'<'"),
        (calculated(TextColumn, 'If(new_ready, "a", 1)'), "one kind"),
        (calculated(TextColumn, "new_count & new_name"), "'&'"),
        (rolled_up(IntegerColumn, "SUM", "new_name"), "does not fit"),
        (rolled_up(DateTimeColumn, "COUNT", "new_name"), "does not fit"),
        (rolled_up(IntegerColumn, "COUNT", "new_nothing"), "'new_nothing'"),
        (rolled_up(IntegerColumn, "COUNT", "new_name", "new_count"), "condition of a rollup"),
    ],
)
def test_what_does_not_fit_is_refused(column: Column, says: str) -> None:
    """The refusal names what does not fit. [JOB-60], [JOB-62]"""
    with pytest.raises(InvalidArgument) as refused:
        check_calculation(SCHEMA, table_of(column), column)
    assert says in refused.value.message


@pytest.mark.parametrize(
    "column", [calculated(ChoiceColumn, "1"), calculated(MoneyColumn, "1"), rolled_up(MoneyColumn, "SUM", "new_count")]
)
def test_other_types_of_columns_are_refused_by_name(column: Column) -> None:
    """The service has them. [invariant 15]"""
    with pytest.raises(NotSupportedHere, match=r"column of the type (Choice|Money)"):
        check_calculation(SCHEMA, table_of(column), column)


def test_a_rollup_needs_a_relationship_of_its_table() -> None:
    """One-to-many, and from other rows to this one. [JOB-62]"""
    column = IntegerColumn(
        name="new_x", schema_name="new_X", rollup=Rollup("COUNT", "account_new_gizmo", "new_gizmoid")
    )
    with pytest.raises(InvalidArgument, match="no one-to-many relationship"):
        check_calculation(SCHEMA, table_of(column), column)


def test_a_rollup_reads_as_it_is_written() -> None:
    """With and without a condition. [JOB-62]"""
    for text in ("SUM(new_a.new_b)", "COUNT(new_a.new_b, new_c > 1)"):
        assert text == written_rollup(parse_rollup(text))
    for text in ("SUM(new_b)", "MEDIAN(new_a.new_b)", "SUM new_a.new_b", ""):
        with pytest.raises(InvalidArgument, match="FormulaDefinition"):
            parse_rollup(text)
