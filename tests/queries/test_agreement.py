"""One question in three languages has one answer. [FX-41], [QF-19], [SQL-3], [invariant 9]"""

from __future__ import annotations

from typing import Any, Literal
from xml.sax.saxutils import quoteattr

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.queries.both import Both

pytestmark = pytest.mark.postgresql

VALUES = {
    "new_name": ["one", "TWO", "o'", "50%", ""],
    "new_count": ["2", "-4", "0", "7"],
    "new_price": ["10.5", "20.2501", "-1"],
    "new_ratio": ["0.125", "-0.5"],
    "new_size": ["1.5", "0.1"],
    "new_color": ["1", "9"],
    "new_at": ["2026-02-28T23:30:00Z", "2026-03-04T05:06:07Z"],
    "new_day": ["2025-12-31", "2026-03-04"],
}
"""Column → values worth comparing with."""

SIGNS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


class Single(msgspec.Struct, frozen=True, tag=True):
    """A single condition."""

    column: str
    operator: Literal["eq", "gt", "ge", "lt", "le", "in", "not-in", "between", "null", "not-null"]
    values: tuple[str, ...]


class Group(msgspec.Struct, frozen=True, tag=True):
    """Several conditions."""

    kind: Literal["and", "or"]
    items: tuple[Any, ...]


@some.composite
def single_conditions(draw: some.DrawFn) -> Single:
    """A condition with as many values as its operator takes."""
    column = draw(some.sampled_from(sorted(VALUES)))
    operator = draw(some.sampled_from([*SIGNS, "in", "not-in", "between", "null", "not-null"]))
    number = {"in": 2, "not-in": 2, "between": 2, "null": 0, "not-null": 0}.get(operator, 1)
    values = tuple(draw(some.lists(some.sampled_from(VALUES[column]), min_size=number, max_size=number)))
    return Single(column, operator, values)  # type: ignore[arg-type] # one of the names above


questions = some.recursive(
    single_conditions(),
    lambda inner: some.builds(
        Group, some.sampled_from(["and", "or"]), some.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


def in_xml(question: Any) -> str:
    """The question as a filter of FetchXML."""
    if isinstance(question, Group):
        return f"<filter type='{question.kind}'>{''.join([in_xml(item) for item in question.items])}</filter>"
    items = "".join([f"<value>{value}</value>" for value in question.values])
    return f"<condition attribute={quoteattr(question.column)} operator='{question.operator}'>{items}</condition>"


def in_odata(question: Any) -> str:
    """The question as a `$filter`."""
    if isinstance(question, Group):
        return "(" + f" {question.kind} ".join([in_odata(item) for item in question.items]) + ")"
    column = question.column
    if question.operator in {"null", "not-null"}:
        return f"{column} {'eq' if question.operator == 'null' else 'ne'} null"
    if question.operator in SIGNS:
        return f"{column} {question.operator} {literal(column, question.values[0])}"
    name = {"in": "In", "not-in": "NotIn", "between": "Between"}[question.operator]
    listed = ",".join([f'"{value}"' for value in question.values])
    return f"Microsoft.Dynamics.CRM.{name}(PropertyName='{column}',PropertyValues=[{listed}])"


def in_sql(question: Any) -> str:
    """The question as a WHERE."""
    if isinstance(question, Group):
        return "(" + f" {question.kind.upper()} ".join([in_sql(item) for item in question.items]) + ")"
    column = question.column
    quoted = ["'" + value.replace("'", "''") + "'" for value in question.values]
    match question.operator:
        case "null":
            return f"{column} IS NULL"
        case "not-null":
            return f"NOT ({column} IS NULL)"
        case "in":
            return f"{column} IN ({', '.join(quoted)})"
        case "not-in":
            return f"NOT {column} IN ({', '.join(quoted)})"
        case "between":
            return f"{column} BETWEEN {quoted[0]} AND {quoted[1]}"
        case _:
            return f"{column} {SIGNS[question.operator]} {quoted[0]}"


def literal(column: str, value: str) -> str:
    """A value as OData writes it."""
    return "'" + value.replace("'", "''") + "'" if column == "new_name" else value


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(questions)
def test_three_languages_give_one_answer(both: Both, question: Any) -> None:
    """Both stores, too: `both` compares them. [F-5], [FX-18], [FX-43]"""
    inside = in_xml(question) if isinstance(question, Group) else f"<filter>{in_xml(question)}</filter>"
    xml = f"<fetch><entity name='new_gizmo'><attribute name='new_gizmoid'/>{inside}</entity></fetch>"
    by_xml = [row["new_gizmoid"] for row in both.fetch(xml)]
    by_odata = [
        row["new_gizmoid"] for row in both.rows("new_gizmos", _select="new_gizmoid", _filter=in_odata(question))
    ]
    sql = f"SELECT new_gizmoid FROM new_gizmo WHERE {in_sql(question)}"
    by_sql = [row["new_gizmoid"] for row in both.rows("new_gizmos", sql=sql)]

    assert (by_xml, by_xml) == (by_odata, by_sql)
