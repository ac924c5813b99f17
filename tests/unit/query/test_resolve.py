"""Names become columns, literals become typed parameters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.errors import QueryRefused, ServiceError
from verselet.query import plan
from verselet.query.binding import Resolved
from verselet.query.odata.options import build_query, parse_options
from verselet.query.ordering import MAX_ORDERS, effective
from verselet.query.plan import (
    FIRST_LITERAL,
    All,
    Bound,
    ColumnOf,
    Compare,
    Either,
    IsIn,
    IsNull,
    Matches,
    Negate,
    Never,
)
from verselet.query.resolve import Reading, resolve

ID = "00000000-0000-4000-8000-00000000000a"


def resolved(options: str) -> Resolved:
    """The plan and values of a question about gizmos."""
    return resolve(build_query("new_gizmo", parse_options(options)), schema_with_gizmos(), Reading())


def where(condition: str, more: str = "") -> tuple[plan.Condition, list[Any]]:
    """The condition of a filter, and its values."""
    found = resolved(f"$filter={condition}{more}")
    return found.plan.where, [binding.value for binding in found.bindings]


def column(name: str, source: int = 0) -> ColumnOf:
    """A column of the table or of a join."""
    return ColumnOf(source, name)


FIRST, SECOND = Bound(FIRST_LITERAL), Bound(FIRST_LITERAL + 1)

CONDITIONS: list[tuple[str, plan.Condition, list[object]]] = [
    ("new_name eq 'a''b'", Compare("eq", column("new_name"), FIRST), ["a'b"]),
    ("5 lt new_count", Compare("gt", column("new_count"), FIRST), [5]),
    ("5 ge new_count", Compare("le", column("new_count"), FIRST), [5]),
    ("new_ratio ne 1.50", Compare("ne", column("new_ratio"), FIRST), [Decimal("1.50")]),
    ("new_size gt 1e2", Compare("gt", column("new_size"), FIRST), [100.0]),
    ("new_count eq 1.5", Compare("eq", column("new_count"), FIRST), [1.5]),
    ("new_ticks lt 9223372036854775807", Compare("lt", column("new_ticks"), FIRST), [2**63 - 1]),
    ("new_ticks lt 9223372036854775808", Compare("lt", column("new_ticks"), FIRST), [2.0**63]),
    ("new_at ge 2024-01-01", Compare("ge", column("new_at"), FIRST), ["2024-01-01T00:00:00Z"]),
    ("new_at ge 2024-01-01T01:00:00.9%2B02:00", Compare("ge", column("new_at"), FIRST), ["2023-12-31T23:00:00Z"]),
    ("new_day eq 2024-02-29", Compare("eq", column("new_day"), FIRST), ["2024-02-29"]),
    ("new_ready eq true", Compare("eq", column("new_ready"), FIRST), [True]),
    ("new_color eq 2", Compare("eq", column("new_color"), FIRST), [2]),
    ("new_tags eq '1,9'", Compare("eq", column("new_tags"), FIRST), ["1,9"]),
    (f"_new_accountid_value eq {ID.upper()}", Compare("eq", column("new_accountid"), FIRST), [ID]),
    (f"_new_accountid_value eq '{ID}'", Compare("eq", column("new_accountid"), FIRST), [ID]),
    (f"new_AccountId/accountid eq {ID}", Compare("eq", column("new_accountid"), FIRST), [ID]),
    ("new_AccountId/name eq 'x'", Compare("eq", column("name", 1), FIRST), ["x"]),
    ("new_AccountId/parentaccountid/name eq 'x'", Compare("eq", column("name", 2), FIRST), ["x"]),
    ("new_name eq null", IsNull(column("new_name")), []),
    ("null ne new_name", Negate(IsNull(column("new_name"))), []),
    ("new_count gt null", Never(), []),
    ("new_name eq new_code", Compare("eq", column("new_name"), column("new_code")), []),
    ("not new_ready eq true", Negate(Compare("eq", column("new_ready"), FIRST)), [True]),
    ("contains(new_name,'a%25')", Matches(column("new_name"), FIRST, classes=False), ["a%"]),
    ("endswith(new_name,'[a]')", Matches(column("new_name"), FIRST, classes=True), ["[a]"]),
    ("contains(new_name,null)", Never(), []),
    (
        "new_name eq 'a' or new_name eq 'b'",
        Either((Compare("eq", column("new_name"), FIRST), Compare("eq", column("new_name"), SECOND))),
        ["a", "b"],
    ),
    (
        "Microsoft.Dynamics.CRM.In(PropertyName='new_accountid',PropertyValues=['" + ID.upper() + "'])",
        IsIn(column("new_accountid"), FIRST),
        [(ID,)],
    ),
    (
        'Microsoft.Dynamics.CRM.NotIn(PropertyName=\'new_count\',PropertyValues=["1","2"])',
        All((Negate(IsNull(column("new_count"))), Negate(IsIn(column("new_count"), FIRST)))),
        [(1, 2)],
    ),
    (
        "Microsoft.Dynamics.CRM.Between(PropertyName='new_day',PropertyValues=['2024-01-01','2024-02-01'])",
        All((Compare("ge", column("new_day"), FIRST), Compare("le", column("new_day"), SECOND))),
        ["2024-01-01", "2024-02-01"],
    ),
]


@pytest.mark.parametrize(("text", "condition", "values"), CONDITIONS, ids=[text for text, *_ in CONDITIONS])
def test_a_condition_is_resolved(text: str, condition: plan.Condition, values: list[object]) -> None:
    """Names, types, operators turned round, columns beside columns. [F-1] to [F-13], [QF-19], [QF-20], [CC-19]"""
    found, bound = where(text)
    assert (condition, values) == (found, bound)
    assert [type(value) for value in values] == [type(value) for value in bound]


@pytest.mark.parametrize(
    ("text", "more", "condition", "values"),
    [
        ("new_name eq @p", "&@p='x'", Compare("eq", column("new_name"), FIRST), ["x"]),
        ("@p eq 'x'", "&@p=new_name", Compare("eq", column("new_name"), FIRST), ["x"]),
        ("new_name eq @nobody", "", IsNull(column("new_name")), []),
        ("contains(@p,@q)", "&@p=new_name&@q='x'", Matches(column("new_name"), FIRST, classes=False), ["x"]),
    ],
)
def test_an_alias_stands_for_a_value_or_a_name(
    text: str, more: str, condition: plan.Condition, values: list[object]
) -> None:
    """One without a value is null. [Q-7], [CC-29]"""
    assert (condition, values) == where(text, more)


def test_a_row_that_is_reached_twice_is_joined_once() -> None:
    """A filter and an order over the same lookup share it. [F-10], [O-2]"""
    found = resolved(
        "$filter=new_AccountId/name eq 'x' and new_AccountId/revenue gt 1&$orderby=new_AccountId/name"
    ).plan
    assert [("account", column("new_accountid"), None)] == [(j.table, j.outer, j.points_to) for j in found.joins]


def test_a_lookup_with_several_targets_is_joined_for_one() -> None:
    """[MT-4]"""
    found = resolved("$filter=new_CustomerId_contact/lastname eq 'x'").plan
    assert [("contact", "contact")] == [(join.table, join.points_to) for join in found.joins]


def test_an_order_ends_in_the_key() -> None:
    """Once; a lookup is ordered by its name. [O-3], [O-6]"""
    key = column("new_gizmoid")
    name = plan.NameOf(0, "new_accountid")
    assert [(name, True), (key, False)] == orders("_new_accountid_value desc")
    assert [(key, True)] == orders("new_gizmoid desc")
    assert [(key, False)] == orders("")


def test_what_rows_are_sorted_by_already_sorts_them_no_further() -> None:
    """A database takes so many terms and no more; a client that repeats itself needs one. [O-3]"""
    name, key = column("new_name"), column("new_gizmoid")
    assert [(name, False), (key, False)] == orders(",".join(["new_name", "new_name desc"] * 2_000))


def test_rows_are_sorted_by_so_many_columns_at_most() -> None:
    """[O-7]"""
    found = [plan.OrderBy(column(f"new_{number}"), descending=False) for number in range(MAX_ORDERS + 2)]
    assert MAX_ORDERS + 1 == len(effective(found[:-1]))
    with pytest.raises(QueryRefused, match=str(MAX_ORDERS)):
        effective(found)


def orders(text: str) -> list[tuple[object, bool]]:
    """What rows are ordered by."""
    found = resolved(f"$orderby={text}" if text else "").plan
    return [(item.by, item.descending) for item in found.order]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("new_name,new_name", ["new_name", "new_gizmoid"]),
        ("_new_accountid_value", ["_new_accountid_value", "new_gizmoid"]),
        ("new_gizmoid,new_name", ["new_gizmoid", "new_name"]),
    ],
)
def test_the_key_is_always_shown(select: str, expected: list[str]) -> None:
    """[Q-4], [Q-5]"""
    assert expected == [output.property for output in resolved(f"$select={select}").plan.outputs]


def test_a_plan_holds_no_value() -> None:
    """Other literals give an equal plan. [architecture.md §5, 3]"""
    listed = "Microsoft.Dynamics.CRM.In(PropertyName='new_code',PropertyValues=[{}])"
    text = "$filter=new_name eq '{}' and new_count gt {} and " + listed
    first = resolved(text.format("a", 1, '"x"'))
    second = resolved(text.format("b", 2, '"y","z"'))
    assert first.plan == second.plan
    assert hash(first.plan) == hash(second.plan)
    assert first.bindings != second.bindings


@pytest.mark.parametrize("number", [500, 501])
def test_conditions_are_counted(number: int) -> None:
    """[F-15]"""
    text = "$filter=" + " or ".join(["new_count eq 1"] * number)
    if number == 500:
        assert 500 == len(resolved(text).bindings)
        return
    with pytest.raises(ServiceError) as refused:
        resolved(text)
    assert 0x8004430C == refused.value.code
