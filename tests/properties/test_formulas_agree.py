"""A formula has one value, on SQLite, on PostgreSQL and as arithmetic says. [JOB-61]"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition_bodies import BOX, column
from tests.postgres import PostgresqlServer
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.harness import Api
from verselet.metadata.columns import DecimalColumn, TextColumn, YesNoColumn
from verselet.metadata.formula_text import Binary, Call, Expression, Number, Of, Truth, Unary, Words, parse_formula
from verselet.sql.dialects import Dialect
from verselet.sql.formulas import formula_sql

pytestmark = pytest.mark.postgresql

Known = Decimal | str | bool | None

ROWS: tuple[dict[str, Known], ...] = (
    {"new_count": Decimal(0), "new_price": Decimal(0), "new_code": None, "new_ready": False},
    {"new_count": Decimal(7), "new_price": Decimal("1.25"), "new_code": "abc", "new_ready": True},
    {"new_count": Decimal(-3), "new_price": Decimal("-2.35"), "new_code": "ABC", "new_ready": False},
    {"new_count": None, "new_price": Decimal("1000.01"), "new_code": "x'y%", "new_ready": True},
    {"new_count": Decimal(2_000_000), "new_price": None, "new_code": "?", "new_ready": True},
)
DIGITS = 3
LIMIT = 100_000_000_000

numbers = st.one_of(
    st.sampled_from(["new_count", "new_price"]),
    st.decimals(0, 20, places=2).map(lambda value: f"{value:f}"),
    st.integers(0, 9).map(str),
)
texts = st.sampled_from(["new_code", '"abc"', '""', '"it\'s 5%"'])


def conditions(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Comparisons, and what they are joined to."""
    compared = st.builds("({} {} {})".format, values, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), values)
    alike = st.builds("({} {} {})".format, texts, st.sampled_from(["=", "<>"]), texts)
    blank = st.one_of(values, texts).map(lambda value: f"IsBlank({value})")
    plain = st.one_of(compared, alike, blank, st.sampled_from(["new_ready", "true", "false"]))
    joined = st.builds("({} {} {})".format, plain, st.sampled_from(["&&", "||"]), plain)
    return st.one_of(plain, joined, plain.map(lambda condition: f"!{condition}"))


sums = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner),
        inner.map(lambda value: f"-{value}"),
        st.builds("If({}, {}, {})".format, conditions(inner), inner, inner),
    ),
    max_leaves=6,
)
joined_texts = st.one_of(
    st.builds("{} & {}".format, texts, texts), st.builds("If({}, {}, {})".format, conditions(numbers), texts, texts)
)


@pytest.fixture(scope="module")
def stores(postgresql: PostgresqlServer) -> Iterator[tuple[Api, ...]]:
    """The same rows in memory and in PostgreSQL."""
    url = postgresql.fresh()
    with Place().opened() as memory, Place(url=url).opened() as database:
        for api in (memory, database):
            fill(with_box(api))
        yield memory, database
    postgresql.give_back(url)


def fill(api: Api) -> None:
    """Columns to look at, and rows in a known order."""
    bodies = (
        column("Integer", "new_Count"),
        column("Decimal", "new_Price", Precision=2),
        column("String", "new_Code"),
        column("Boolean", "new_Ready"),
    )
    for body in bodies:
        made(api, f"{BOX}/Attributes", body)
    for number, row in enumerate(ROWS):
        values = {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        if row["new_count"] is not None:
            values["new_count"] = int(Decimal(str(row["new_count"])))
        api.make("new_boxes", new_name=str(number), **values)


def worked_out(api: Api, target: DecimalColumn | TextColumn | YesNoColumn) -> list[Known]:
    """The value of the column's formula in each row, as the store works it out."""
    dialect: Dialect = api.organization.store.dialect
    text = formula_sql(api.organization.schema.tables["new_box"], target, dialect).replace("%", "%%")
    if dialect.name == "sqlite":
        text = text.replace("%%", "%")
    found = [row[0] for row in api.organization.store.fetch(f"SELECT {text} FROM new_box ORDER BY new_name", ())]
    match target:
        case DecimalColumn():
            scale = -DIGITS if dialect.name == "sqlite" else 0
            return [None if value is None else Decimal(str(value)).scaleb(scale) for value in found]
        case YesNoColumn():
            return [None if value is None else bool(value) for value in found]
        case TextColumn():
            return [None if value is None else str(value) for value in found]
        case _:
            assert_never(target)


def model(tree: Expression, row: dict[str, Known]) -> Known:
    """The value by the rules: nothing in, nothing out, but for `If`, `IsBlank`, `&` and what decides a condition."""
    match tree:
        case Number(value) | Truth(value):
            return value
        case Words(text):
            return text
        case Of(name):
            return row[name]
        case Unary(sign, operand):
            found = model(operand, row)
            if found is None:
                return None
            return -Decimal(str(found)) if sign == "-" else not found
        case Binary(sign, left, right):
            return between(sign, model(left, row), model(right, row))
        case Call("IsBlank", (value,)):
            return model(value, row) is None
        case Call(_, (condition, then, otherwise)):
            return model(then, row) if model(condition, row) else model(otherwise, row)
        case _:
            raise AssertionError(tree)


def between(sign: str, left: Known, right: Known) -> Known:
    """The value of two operands."""
    if sign == "&":
        return f"{left or ''}{right or ''}"
    if sign in {"&&", "||"}:
        decides = sign == "||"
        if decides in {left, right} and (left is decides or right is decides):
            return decides
        return None if left is None or right is None else not decides
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str):
        return (left.lower() == right.lower()) == (sign == "=")
    one, two = Decimal(str(left)), Decimal(str(right))
    if sign in {"+", "-", "*"}:
        return {"+": one + two, "-": one - two, "*": one * two}[sign]
    order = {"=": one == two, "<>": one != two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}
    return order[sign]


@settings(max_examples=150, deadline=None)
@given(text=sums)
def test_a_sum_has_one_value(stores: tuple[Api, ...], text: str) -> None:
    """Exact, rounded half away from zero, and empty beyond the bounds of its column. [JOB-61], [T-6]"""
    target = DecimalColumn(name="new_x", schema_name="new_X", precision=DIGITS, formula=text)
    expected: list[Known] = []
    for row in ROWS:
        found = model(parse_formula(text), row)
        rounded = None if found is None else Decimal(str(found)).quantize(Decimal(1).scaleb(-DIGITS), ROUND_HALF_UP)
        expected.append(None if rounded is None or abs(rounded) > LIMIT else rounded)

    assert [expected] * 2 == [worked_out(api, target) for api in stores], text


@settings(max_examples=100, deadline=None)
@given(text=conditions(sums))
def test_a_condition_has_one_value(stores: tuple[Api, ...], text: str) -> None:
    """True, false or neither. [JOB-61]"""
    target = YesNoColumn(name="new_x", schema_name="new_X", formula=text)
    expected = [model(parse_formula(text), row) for row in ROWS]

    assert [expected] * 2 == [worked_out(api, target) for api in stores], text


@settings(max_examples=60, deadline=None)
@given(text=joined_texts)
def test_a_text_has_one_value(stores: tuple[Api, ...], text: str) -> None:
    """An empty text is none. [JOB-61], [T-2]"""
    target = TextColumn(name="new_x", schema_name="new_X", formula=text)
    expected = [model(parse_formula(text), row) or None for row in ROWS]

    assert [expected] * 2 == [worked_out(api, target) for api in stores], text
