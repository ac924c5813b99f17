"""Every operator of FetchXML, and the query function of OData that means the same. [FX-44], [QF-10] to [QF-30]"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.queries.both import ADA, BEN, CLEO, DAN, FIVE, FOUR, ONE, THREE, TWO, Both
from verselet.query.fetchxml.conditions import COMPARISONS, NULLS, PATTERNS
from verselet.query.functions import FUNCTIONS
from verselet.query.operators import OPERATORS

ALL = (ONE, TWO, THREE, FOUR, FIVE)
DATED = (ONE, TWO, THREE, FIVE)

CASES: tuple[tuple[str, str, Sequence[str], Sequence[str]], ...] = (
    ("new_name", "eq", ["ONE"], [ONE, THREE]),
    ("new_name", "ne", ["one"], [TWO, FOUR]),
    ("new_count", "neq", ["2"], [ONE, THREE]),
    ("new_count", "gt", ["2"], [ONE]),
    ("new_ratio", "ge", ["-0.5"], [ONE, TWO]),
    ("new_price", "lt", ["10.50001"], [ONE, FIVE]),
    ("new_size", "le", ["0.25"], [FOUR]),
    ("new_ready", "eq", ["1"], [ONE]),
    ("new_color", "eq", ["1"], [ONE, FOUR]),
    ("new_customerid", "eq", ["{" + ADA.upper() + "}"], [ONE, TWO]),
    ("new_at", "ge", ["2026-03-04"], [ONE, FIVE]),
    ("new_at", "gt", ["2026-03-04T06:00:00+01:00"], [FIVE]),
    ("new_day", "eq", ["2025-12-31"], [THREE]),
    ("new_name", "null", [], [FIVE]),
    ("new_name", "not-null", [], [ONE, TWO, THREE, FOUR]),
    ("new_name", "like", ["_N%"], [ONE, THREE]),
    ("new_name", "like", ["[ft]%"], [TWO, FOUR]),
    ("new_name", "not-like", ["%o%"], []),
    ("new_name", "begins-with", ["o"], [ONE, THREE]),
    ("new_name", "not-begin-with", ["o"], [TWO, FOUR]),
    ("new_name", "ends-with", ["E"], [ONE, THREE]),
    ("new_name", "not-end-with", ["e"], [TWO, FOUR]),
    ("new_count", "in", ["7", "-4"], [ONE, THREE]),
    ("new_name", "in", ["TWO", "four"], [TWO, FOUR]),
    ("new_count", "not-in", ["7", "-4"], [TWO, FIVE]),
    ("new_count", "between", ["2", "7"], [ONE, TWO, FIVE]),
    ("new_price", "not-between", ["0", "15"], [TWO, FIVE]),
    ("new_tags", "contain-values", ["2", "9"], [ONE, TWO]),
    ("new_tags", "eq", ["9, 1"], [ONE]),
    ("new_tags", "not-contain-values", ["9"], [TWO, THREE, FOUR, FIVE]),
    ("createdby", "eq-userid", [], ALL),
    ("createdby", "ne-userid", [], []),
    ("createdby", "eq-useroruserteams", [], ALL),
    ("createdby", "eq-userteams", [], []),
    ("createdby", "eq-useroruserhierarchy", [], ALL),
    ("createdby", "eq-useroruserhierarchyandteams", [], ALL),
    ("createdby", "eq-businessid", [], []),
    ("createdby", "ne-businessid", [], ALL),
    ("new_count", "eq-userlanguage", [], []),
    ("new_at", "today", [], [ONE, FIVE]),
    ("new_at", "yesterday", [], []),
    ("new_at", "tomorrow", [], []),
    ("new_at", "last-seven-days", [], [ONE, TWO, FIVE]),
    ("new_at", "next-seven-days", [], [FIVE]),
    ("new_at", "this-week", [], [ONE, FIVE]),
    ("new_at", "last-week", [], [TWO]),
    ("new_at", "next-week", [], []),
    ("new_at", "this-month", [], [ONE, FIVE]),
    ("new_at", "last-month", [], [TWO]),
    ("new_at", "next-month", [], []),
    ("new_at", "this-year", [], [ONE, TWO, FIVE]),
    ("new_at", "last-year", [], [THREE]),
    ("new_at", "next-year", [], []),
    ("new_at", "this-fiscal-period", [], [ONE, TWO, FIVE]),
    ("new_at", "last-fiscal-period", [], [THREE]),
    ("new_at", "next-fiscal-period", [], []),
    ("new_at", "this-fiscal-year", [], [ONE, TWO, FIVE]),
    ("new_at", "last-fiscal-year", [], [THREE]),
    ("new_at", "next-fiscal-year", [], []),
    ("new_at", "last-x-hours", ["1"], [ONE, FIVE]),
    ("new_at", "last-x-days", ["4"], [TWO, ONE, FIVE]),
    ("new_at", "last-x-weeks", ["1"], [ONE, TWO, FIVE]),
    ("new_at", "last-x-months", ["2"], [ONE, TWO, FIVE]),
    ("new_at", "last-x-years", ["1"], DATED),
    ("new_at", "last-x-fiscal-periods", ["1"], DATED),
    ("new_at", "last-x-fiscal-years", ["1"], DATED),
    ("new_at", "next-x-hours", ["3"], [FIVE]),
    ("new_at", "next-x-days", ["3"], [FIVE]),
    ("new_at", "next-x-weeks", ["3"], [FIVE]),
    ("new_at", "next-x-months", ["3"], [FIVE]),
    ("new_at", "next-x-years", ["300000"], [FIVE]),
    ("new_at", "next-x-fiscal-periods", ["3"], [FIVE]),
    ("new_at", "next-x-fiscal-years", ["3"], [FIVE]),
    ("new_at", "olderthan-x-minutes", ["5"], [ONE, TWO, THREE]),
    ("new_at", "olderthan-x-hours", ["1"], [TWO, THREE]),
    ("new_at", "olderthan-x-days", ["4"], [THREE]),
    ("new_at", "olderthan-x-weeks", ["1"], [THREE]),
    ("new_at", "olderthan-x-months", ["1"], [THREE]),
    ("new_at", "olderthan-x-years", ["1"], []),
    ("new_day", "today", [], [ONE]),
    ("new_day", "last-year", [], [THREE]),
    ("new_at", "on", ["2026-03-04"], [ONE, FIVE]),
    ("new_at", "on-or-before", ["2026-02-28"], [TWO, THREE]),
    ("new_at", "on-or-after", ["2026-02-28"], [ONE, TWO, FIVE]),
    ("new_day", "on", ["2026-03-04"], [ONE]),
    ("new_at", "in-fiscal-period", ["4"], [THREE]),
    ("new_at", "in-fiscal-year", ["2026"], [ONE, TWO, FIVE]),
    ("new_at", "in-fiscal-period-and-year", ["1", "2026"], [ONE, TWO, FIVE]),
    ("new_at", "in-or-after-fiscal-period-and-year", ["4", "2025"], DATED),
    ("new_at", "in-or-before-fiscal-period-and-year", ["4", "2025"], [THREE]),
)  # fmt: skip
"""Column, operator, values, the gizmos that satisfy it. Now is 2026-03-04T05:06:07Z, a Wednesday."""

FUNCTION_OF = {operator: (name, parameters) for name, (operator, parameters) in FUNCTIONS.items()}


def condition(column: str, operator: str, values: Sequence[str]) -> str:
    """A condition in XML."""
    items = "".join([f"<value>{value}</value>" for value in values])
    return f"<condition attribute='{column}' operator='{operator}'>{items}</condition>"


def call(column: str, operator: str, values: Sequence[str]) -> str:
    """The same as a query function."""
    name, parameters = FUNCTION_OF[operator]
    given = [f"PropertyName='{column}'"]
    if parameters == ("PropertyValues",):
        given.append("PropertyValues=[" + ",".join([f'"{value}"' for value in values]) + "]")
    else:
        given += [f"{parameter}='{value}'" for parameter, value in zip(parameters, values, strict=True)]
    return f"Microsoft.Dynamics.CRM.{name}({','.join(given)})"


@pytest.mark.postgresql
@pytest.mark.parametrize(("column", "operator", "values", "expected"), CASES)
def test_an_operator_finds_its_rows(
    both: Both, column: str, operator: str, values: Sequence[str], expected: Sequence[str]
) -> None:
    """In FetchXML and, where OData has it, as a query function. [FX-44], [FX-47], [QF-10] to [QF-28]"""
    xml = (
        "<fetch><entity name='new_gizmo'><attribute name='new_gizmoid'/>"
        f"<filter>{condition(column, operator, values)}</filter></entity></fetch>"
    )

    assert sorted(expected) == [row["new_gizmoid"] for row in both.fetch(xml)]
    if operator in FUNCTION_OF:
        found = both.rows("new_gizmos", _select="new_gizmoid", _filter=call(column, operator, values))
        assert sorted(expected) == [row["new_gizmoid"] for row in found]


def test_each_operator_is_tried() -> None:
    """An operator without a case is one nobody has seen at work. [FX-44]"""
    hierarchy = {"above", "eq-or-above", "under", "eq-or-under", "not-under"}
    every = {*COMPARISONS, *PATTERNS, *NULLS, *OPERATORS}

    assert every - hierarchy == {operator for _, operator, _, _ in CASES}


HIERARCHY = (
    ("under", "A", "BCD"),
    ("eq-or-under", "B", "BD"),
    ("above", "D", "AB"),
    ("eq-or-above", "D", "ABD"),
    ("not-under", "B", "ACE"),
)


def hierarchy(both: Both) -> dict[str, str]:
    """The ids of accounts: A stands above B and C, B above D; E stands alone."""
    ids = {name: f"5f3e0000-0000-4000-8000-0000b000000{number}" for number, name in enumerate("ABCDE", start=1)}
    for api in both.apis:
        if api.get(f"accounts({ids['A']})").status != 200:
            for name, parent in zip("ABCDE", ("", "A", "A", "B", ""), strict=True):
                values: dict[str, object] = {"accountid": ids[name], "name": name}
                if parent:
                    values["parentaccountid@odata.bind"] = f"/accounts({ids[parent]})"
                api.make("accounts", **values)
    return ids


@pytest.mark.postgresql
@pytest.mark.parametrize(("operator", "start", "expected"), HIERARCHY)
def test_an_operator_follows_a_hierarchy(both: Both, operator: str, start: str, expected: str) -> None:
    """A stands above B and C, B above D; E stands alone. [QF-30]"""
    ids = hierarchy(both)
    xml = (
        "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>"
        f"<filter>{condition('accountid', operator, [ids[start]])}</filter></entity></fetch>"
    )

    assert list(expected) == [row["name"] for row in both.fetch(xml, "accounts")]
    found = both.rows("accounts", _select="name", _orderby="name", _filter=call("accountid", operator, [ids[start]]))
    assert list(expected) == [row["name"] for row in found]


@pytest.mark.postgresql
def test_children_are_counted(both: Both) -> None:
    """The rows directly below each row. [FX-12]"""
    hierarchy(both)
    xml = (
        "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>"
        "<attribute name='accountid' rowaggregate='CountChildren' alias='below'/></entity></fetch>"
    )

    assert [2, 1, 0, 0, 0] == [row["below"] for row in both.fetch(xml, "accounts")]


@pytest.mark.postgresql
def test_a_ready_read_asks_the_clock_anew(both: Both) -> None:
    """What depends on now is found for each request, also when the read is kept. [QF-10], performance.md §3"""
    option = call("new_at", "next-x-hours", ["1"])
    xml = (
        "<fetch><entity name='new_gizmo'><attribute name='new_gizmoid'/><filter>"
        f"{condition('new_at', 'next-x-hours', ['1'])}</filter></entity></fetch>"
    )
    before = (both.rows("new_gizmos", _filter=option), both.fetch(xml))
    for api in both.apis:
        api.organization.clock.advance(timedelta(seconds=1))
    after = (both.rows("new_gizmos", _filter=option), both.fetch(xml))
    for api in both.apis:
        api.organization.clock.advance(timedelta(seconds=-1))

    assert ([1, 1], [0, 0]) == ([len(rows) for rows in before], [len(rows) for rows in after])


@pytest.mark.postgresql
def test_the_name_behind_a_lookup_can_be_tested(both: Both) -> None:
    """`<lookup>name` is the primary name of the row it points to. [FX-16]"""
    xml = (
        "<fetch><entity name='contact'><attribute name='contactid'/><filter><condition attribute='createdbyname' "
        "operator='like' value='system%'/></filter></entity></fetch>"
    )

    assert [ADA, BEN, CLEO, DAN] == [row["contactid"] for row in both.fetch(xml, "contacts")]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("operator", "other", "expected"),
    [
        ("eq", "nickname", [DAN]),
        ("ne", "nickname", []),
        ("lt", "lastname", [ADA]),
        ("gt", "lastname", [BEN, CLEO, DAN]),
    ],
)
def test_a_column_is_compared_with_another(both: Both, operator: str, other: str, expected: list[str]) -> None:
    """Rows where one of the two is missing do not match. [FX-19], [FX-41]"""
    xml = (
        "<fetch><entity name='contact'><attribute name='contactid'/><filter><condition attribute='firstname' "
        f"operator='{operator}' valueof='{other}'/></filter></entity></fetch>"
    )

    assert expected == [row["contactid"] for row in both.fetch(xml, "contacts")]


@pytest.mark.postgresql
def test_a_column_is_compared_with_one_of_a_link(both: Both) -> None:
    """`valueof` names the alias of the link before the column. [FX-19]"""
    xml = (
        "<fetch><entity name='new_gizmo'><attribute name='new_name'/><link-entity name='contact' from='contactid' "
        "to='new_customerid' alias='c'/><filter><condition attribute='new_count' operator='gt' "
        "valueof='c.numberofchildren'/></filter></entity></fetch>"
    )

    assert ["one"] == [row["new_name"] for row in both.fetch(xml)]
