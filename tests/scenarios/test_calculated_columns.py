"""Columns that follow from others of their row, on both stores. [JOB-60], [JOB-61]"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, key, table
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place, shared_box
from tests.scenarios.harness import Api

__all__ = ["place", "shared_box"]

COLUMNS = f"{BOX}/Attributes"
PLAIN = (
    column("Integer", "new_Count"),
    column("Decimal", "new_Price", Precision=2),
    column("Double", "new_Ratio", Precision=4),
    column("String", "new_Code", MaxLength=20),
    column("Boolean", "new_Ready"),
    column("DateTime", "new_At"),
    column("DateTime", "new_Day", DateTimeBehavior={"Value": "DateOnly"}, Format="DateOnly"),
)


def follows(kind: str, name: str, formula: str, **more: Any) -> dict[str, Any]:
    """A calculated column."""
    return column(kind, name, SourceType=1, FormulaDefinition=formula, **more)


def with_columns(api: Api, *more: dict[str, Any]) -> None:
    """The box with a column of every type a formula can look at, and further ones."""
    for body in (*PLAIN, *more):
        made(api, COLUMNS, body)


@pytest.fixture(scope="module")
def boxes(shared_box: Api) -> Api:
    """The box with plain columns; tests make further ones under names of their own."""
    with_columns(shared_box)
    return shared_box


def shown(api: Api, box: str, name: str) -> Any:
    """One value of a row."""
    return api.read(f"new_boxes({box})?$select={name}")[name]


def test_a_calculated_column_follows_its_source(place: Place) -> None:
    """At once, in rows that were there before too, and beyond a restart. [JOB-61]"""
    with place.opened() as api:
        with_columns(with_box(api))
        before = api.make("new_boxes", new_name="before", new_count=5)
        made(api, COLUMNS, follows("Integer", "new_Double", "new_count * 2"))
        box = api.make("new_boxes", new_name="one", new_count=21)
        assert [10, 42] == [shown(api, one, "new_double") for one in (before, box)]
        api.patch(f"new_boxes({box})", {"new_count": 7})
        assert 14 == shown(api, box, "new_double")
        api.patch(f"new_boxes({box})", {"new_count": None})
        assert None is shown(api, box, "new_double")
    with place.opened() as api:
        assert 10 == shown(api, before, "new_double")
        found = api.read(f"{COLUMNS}(LogicalName='new_double')/{NAMESPACE}.IntegerAttributeMetadata")
        assert (1, "new_count * 2", False, False) == tuple(
            found[name] for name in ("SourceType", "FormulaDefinition", "IsValidForCreate", "IsValidForUpdate")
        )


@pytest.mark.parametrize(
    ("kind", "formula", "values", "expected"),
    [
        ("Integer", "new_count + 1", {"new_count": -3}, -2),
        ("Integer", "new_price", {"new_price": 2.5}, 3),
        ("Integer", "new_price", {"new_price": -2.5}, -3),
        ("Integer", "new_price", {"new_price": 2.49}, 2),
        ("Integer", "-new_count", {"new_count": 4}, -4),
        ("Integer", "new_count * 1000000", {"new_count": 4_000_000}, None),
        ("Integer", "new_count / 0", {"new_count": 4}, None),
        ("Integer", "7 / 2", {}, 4),
        ("Decimal", "new_price * new_count", {"new_price": 1.15, "new_count": 3}, 3.45),
        ("Decimal", "new_price * 0.125", {"new_price": 1.15}, 0.144),
        ("Decimal", "new_price + 0.1 + 0.2", {"new_price": 0}, 0.3),
        ("Decimal", "new_price / new_count", {"new_price": 10, "new_count": 3}, 3.333),
        ("Decimal", "(new_price - 1) * (new_price + 1)", {"new_price": 1.5}, 1.25),
        ("Decimal", "new_ratio * 2", {"new_ratio": 0.25}, 0.5),
        ("Decimal", "new_count", {"new_count": 4}, 4),
        ("Double", "new_price / 8", {"new_price": 1}, 0.125),
        ("Double", "new_ratio + new_count", {"new_ratio": 0.5, "new_count": 2}, 2.5),
        ("Boolean", "new_count > 2 && new_price <> 1", {"new_count": 3, "new_price": 2}, True),
        ("Boolean", "new_count > 2.5", {"new_count": 2}, False),
        ("Boolean", "!new_ready || false", {"new_ready": False}, True),
        ("Boolean", 'new_code = "abc"', {"new_code": "ABC"}, True),
        ("Boolean", 'new_code & "d" = "ABCD"', {"new_code": "abc"}, True),
        ("Boolean", '"AB" & "c" = new_code', {"new_code": "abC"}, True),
        ("Boolean", "IsBlank(new_code)", {}, True),
        ("Boolean", "new_count = 1", {}, None),
        ("Boolean", "new_at < new_at", {"new_at": "2026-01-01T00:00:00Z"}, False),
        ("Boolean", "new_day >= new_day", {"new_day": "2026-01-01"}, True),
        ("Boolean", "statecode = 0", {}, True),
        ("String", 'new_code & "-" & new_name', {"new_code": "a"}, "a-box"),
        ("String", "new_code & \"100% 'x'; ?\"", {}, "100% 'x'; ?"),
        ("String", "new_code", {}, None),
        ("String", 'If(new_count > 10, "many", "few")', {"new_count": 11}, "many"),
        ("String", 'If(new_count > 10, "many", "few")', {}, "few"),
        ("Decimal", "If(new_ready, new_price, 1.5)", {"new_ready": True, "new_price": 0.25}, 0.25),
        ("Decimal", "If(new_ready, new_price, new_count)", {"new_ready": False, "new_count": 3}, 3),
    ],
)
def test_a_formula_gives_the_same_on_both_stores(
    boxes: Api, kind: str, formula: str, values: dict[str, Any], expected: object
) -> None:
    """Numbers are rounded like those that are written; what the column cannot hold is null. [JOB-61], [T-6]"""
    more = {"Precision": 3} if kind in {"Decimal", "Double"} else {}
    made(boxes, COLUMNS, follows(kind, "new_Result", formula, **more))
    found = shown(boxes, boxes.make("new_boxes", new_name="box", **values), "new_result")
    assert 204 == boxes.delete(f"{COLUMNS}(LogicalName='new_result')").status

    assert expected == found


def test_filters_and_orders_see_calculated_values(boxes: Api) -> None:
    """The store works them out, so a query, an aggregate and FetchXML treat them as any others. [JOB-61], [F-16]"""
    made(boxes, COLUMNS, follows("Decimal", "new_Total", "new_price * new_count", Precision=2))
    for name, price, count in (("a", 1.5, 4), ("b", 0.25, 2), ("c", 10, 1)):
        boxes.make("new_boxes", new_name=name, new_code="f", new_price=price, new_count=count)
    fetch = (
        '<fetch aggregate="true"><entity name="new_box"><attribute name="new_total" alias="t" aggregate="sum"/>'
        '<filter><condition attribute="new_total" operator="gt" value="1"/>'
        '<condition attribute="new_code" operator="eq" value="f"/></filter></entity></fetch>'
    )
    asked = "$filter=new_total gt 0.5 and new_code eq 'f'&$orderby=new_total desc"

    assert ["c", "a"] == boxes.values(f"new_boxes?{asked}", "new_name")
    assert [16] == boxes.values(f"new_boxes?fetchXml={quote(fetch)}", "t")
    assert [16.5] == boxes.values("new_boxes?$apply=filter(new_code eq 'f')/aggregate(new_total with sum as t)", "t")


def test_a_calculated_value_cannot_be_written(boxes: Api) -> None:
    """It is left out in silence, as all columns that are only read. [JOB-60], [T-21]"""
    made(boxes, COLUMNS, follows("Integer", "new_A1", "new_count * 2"))
    box = boxes.make("new_boxes", new_name="one", new_count=3, new_a1=99)
    assert 204 == boxes.patch(f"new_boxes({box})", {"new_a1": 1}).status

    assert 6 == shown(boxes, box, "new_a1")


def test_another_formula_counts_at_once(boxes: Api) -> None:
    """PUT of the definition; other columns keep what they hold. [MW-5], [JOB-61]"""
    made(boxes, COLUMNS, follows("Integer", "new_A2", "new_count * 2"))
    box = boxes.make("new_boxes", new_name="one", new_count=3)
    address = f"{COLUMNS}(LogicalName='new_a2')"
    whole = boxes.read(f"{address}/{NAMESPACE}.IntegerAttributeMetadata")
    assert 204 == boxes.put(address, {**whole, "FormulaDefinition": "new_count * 3"}).status
    assert 9 == shown(boxes, box, "new_a2")
    assert 204 == boxes.put(address, {**whole, "FormulaDefinition": None, "MaxValue": 5}).status

    assert (None, "one", 3) == tuple(shown(boxes, box, name) for name in ("new_a2", "new_name", "new_count"))


def test_more_digits_of_a_source_keep_the_formula_right(boxes: Api) -> None:
    """However the store keeps decimals. [MW-5], [T-6]"""
    made(boxes, COLUMNS, column("Decimal", "new_Cost", Precision=2))
    made(boxes, COLUMNS, follows("Decimal", "new_Twice", "new_cost * 2", Precision=2))
    box = boxes.make("new_boxes", new_name="one", new_cost=1.25)
    assert 204 == boxes.put(f"{COLUMNS}(LogicalName='new_cost')", column("Decimal", "new_Cost", Precision=4)).status

    assert (1.25, 2.5) == (shown(boxes, box, "new_cost"), shown(boxes, box, "new_twice"))


def test_what_a_formula_looks_at_cannot_be_deleted(boxes: Api) -> None:
    """Once the calculated column is gone, it can. [MW-7], [JOB-66]"""
    made(boxes, COLUMNS, column("Integer", "new_Source"))
    made(boxes, COLUMNS, follows("Integer", "new_A3", "new_source * 2"))
    refused = boxes.delete(f"{COLUMNS}(LogicalName='new_source')")

    assert (400, "0x8004f01f") == (refused.status, refused.code)
    assert "new_a3" in refused.message
    assert 204 == boxes.delete(f"{COLUMNS}(LogicalName='new_a3')").status
    assert 204 == boxes.delete(f"{COLUMNS}(LogicalName='new_source')").status


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (follows("Integer", "new_X", "new_count *"), 400, "position"),
        (follows("Integer", "new_X", "new_nothing"), 400, "new_nothing"),
        (follows("Integer", "new_X", "new_code"), 400, "gives a text"),
        (follows("Integer", "new_X", "Now()"), 501, "Now"),
        (follows("Integer", "new_X", "<Activity/>"), 501, "XAML"),
        (follows("Money", "new_X", "new_price"), 501, "Money"),
        (column("Integer", "new_X", SourceType=1), 400, "FormulaDefinition"),
        (column("Integer", "new_X", SourceType=3, FormulaDefinition="1"), 501, "SourceType 3"),
    ],
)
def test_a_formula_that_cannot_be_is_refused(boxes: Api, body: dict[str, Any], status: int, says: str) -> None:
    """With its reason, and nothing has changed. [JOB-60], [MW-14]"""
    answer = boxes.post(COLUMNS, body)

    assert (status, True) == (answer.status, says in answer.message), answer.body
    assert 404 == boxes.get(f"{COLUMNS}(LogicalName='new_x')").status


def test_a_calculated_column_stays_one(boxes: Api) -> None:
    """Its kind of source cannot be changed, it cannot be part of a key, and no formula looks at it. [JOB-60], [K-3]"""
    made(boxes, COLUMNS, follows("Integer", "new_A4", "new_count * 2"))
    double = f"{COLUMNS}(LogicalName='new_a4')"
    answers = [
        boxes.put(double, column("Integer", "new_A4", SourceType=0)),
        boxes.put(f"{COLUMNS}(LogicalName='new_count')", follows("Integer", "new_Count", "1")),
        boxes.post(f"{BOX}/Keys", key("new_A4Key", "new_a4")),
        boxes.post(COLUMNS, follows("Integer", "new_A5", "new_a4 * 2")),
    ]

    assert [400, 400, 400, 501] == [answer.status for answer in answers]


def test_a_table_comes_with_calculated_columns(place: Place) -> None:
    """In whatever order the columns are listed. [MW-1], [JOB-60]"""
    with place.opened() as api:
        body = table()
        body["Attributes"] += [follows("Integer", "new_Double", "new_count * 2"), column("Integer", "new_Count")]
        made(api, "EntityDefinitions", body)

        assert 8 == shown(api, api.make("new_boxes", new_name="one", new_count=4), "new_double")
