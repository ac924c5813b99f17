"""Groups and aggregates, in FetchXML, `$apply` and SQL. [FX-37] to [FX-40], [A-1] to [A-13], [SQL-3]"""

from __future__ import annotations

from typing import Any

import pytest

from tests.queries.both import ADA, BEN, Both

pytestmark = pytest.mark.postgresql

ALL_METHODS = {"n": 5, "nn": 4, "d": 3, "s": 7, "lo": -4, "hi": 7, "av": 1}


def fetch(attributes: str, more: str = "") -> str:
    """An aggregate query about gizmos."""
    return f"<fetch aggregate='true'><entity name='new_gizmo'>{attributes}{more}</entity></fetch>"


def attribute(name: str, alias: str, method: str, more: str = "") -> str:
    """One aggregate in XML."""
    return f"<attribute name='{name}' alias='{alias}' aggregate='{method}' {more}/>"


def test_every_method_of_fetchxml(both: Both) -> None:
    """Missing values are left out; an average of whole numbers is cut. [FX-37], [FX-40]"""
    methods = [("n", "count"), ("nn", "countcolumn"), ("s", "sum"), ("lo", "min"), ("hi", "max"), ("av", "avg")]
    attributes = "".join([attribute("new_count", alias, method) for alias, method in methods])
    attributes += attribute("new_count", "d", "countcolumn", "distinct='true'")

    assert [ALL_METHODS] == both.fetch(fetch(attributes))


def test_every_method_of_apply(both: Both) -> None:
    """[A-2]"""
    apply = (
        "aggregate($count as n,new_count with sum as s,new_count with min as lo,new_count with max as hi,"
        "new_count with average as av,new_count with countdistinct as d)"
    )

    assert [{name: ALL_METHODS[name] for name in ("n", "s", "lo", "hi", "av", "d")}] == both.rows(
        "new_gizmos", _apply=apply
    )


def test_every_method_of_sql(both: Both) -> None:
    """[SQL-3]"""
    sql = (
        "SELECT COUNT(*) AS n, COUNT(new_count) nn, COUNT(DISTINCT new_count) d, SUM(new_count) s, MIN(new_count) lo, "
        "MAX(new_count) AS hi, AVG(new_count) AS av FROM new_gizmo"
    )

    assert [ALL_METHODS] == both.rows("new_gizmos", sql=sql)


def test_decimals_stay_exact(both: Both) -> None:
    """Sums have the digits of their column, averages some more; floats are floats. [A-6], [FX-40]"""
    attributes = "".join(
        [
            attribute("new_price", "sum", "sum"),
            attribute("new_price", "avg", "avg"),
            attribute("new_ratio", "ratio", "avg"),
            attribute("new_size", "size", "avg"),
        ]
    )

    assert [{"sum": 29.75, "avg": 9.91666666, "ratio": -0.1875, "size": 0.875}] == both.fetch(fetch(attributes))


KEYS = [
    {"new_color": 1, "n": 2},
    {"new_color": 2, "n": 1},
    {"new_color": 9, "n": 1},
    {"n": 1},
]


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order that does not matter to the test."""
    return sorted(rows, key=repr)


def test_groups_are_the_same_in_every_language(both: Both) -> None:
    """Rows without a value form a group, whose key is left out. [FX-38], [A-5]"""
    xml = fetch(
        "<attribute name='new_color' alias='new_color' groupby='true'/>" + attribute("new_gizmoid", "n", "count")
    )
    sql = "SELECT new_color, COUNT(*) AS n FROM new_gizmo GROUP BY new_color"

    assert ordered(KEYS) == ordered(both.fetch(xml))
    assert ordered(KEYS) == ordered(both.rows("new_gizmos", _apply="groupby((new_color),aggregate($count as n))"))
    assert ordered(KEYS) == ordered(both.rows("new_gizmos", sql=sql))


def test_groups_by_lookups_and_through_them(both: Both) -> None:
    """A lookup keeps its name, a column behind one is named by its table. [A-3]"""
    rows = both.rows(
        "new_gizmos",
        _apply="filter(_new_customerid_value ne null)/groupby((_new_customerid_value,new_CustomerId_contact/lastname),"
        "aggregate(new_count with sum as s))",
    )

    assert ordered(
        [
            {"_new_customerid_value": ADA, "contact_lastname": "Ash", "s": 9},
            {"_new_customerid_value": BEN, "contact_lastname": "beech", "s": -4},
        ]
    ) == ordered(rows)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("day", [4, 4, 28, 31]),
        ("week", [9, 10, 10, 53]),
        ("month", [2, 3, 3, 12]),
        ("quarter", [1, 1, 1, 4]),
        ("year", [2025, 2026, 2026, 2026]),
        ("fiscal-period", [1, 1, 1, 4]),
        ("fiscal-year", [2025, 2026, 2026, 2026]),
    ],
)
def test_dates_group_by_their_parts(both: Both, part: str, expected: list[int]) -> None:
    """Numbers; weeks begin on Sunday, the first one has 1 January in it. [FX-39]"""
    key = f"<attribute name='new_at' alias='part' groupby='true' dategrouping='{part}'/>"
    rows = both.fetch(fetch(key + attribute("new_gizmoid", "n", "count"), "<order alias='part'/>"))

    assert expected == [row["part"] for row in rows if "part" in row for _ in range(row["n"])]
    assert [1] == [row["n"] for row in rows if "part" not in row]


def test_aggregates_order_groups(both: Both) -> None:
    """By a result, then by a key, which for choices means the label. [FX-14]"""
    key = "<attribute name='new_color' alias='c' groupby='true'/>"
    orders = "<order alias='n' descending='true'/><order alias='c'/>"
    rows = both.fetch(fetch(key + attribute("new_gizmoid", "n", "count"), orders))

    assert [1, None, 9, 2] == [row.get("c") for row in rows]


def test_readable_values_come_with_keys_and_sums(both: Both) -> None:
    """[A-4]"""
    shown = "@OData.Community.Display.V1.FormattedValue"
    answer = both.ask(
        "new_gizmos",
        'odata.include-annotations="*"',
        _apply="filter(new_color eq 2)/groupby((new_color),aggregate(new_price with sum as s))",
    )
    (row,) = answer.json["value"]

    assert {"new_color": 2, f"new_color{shown}": 'Deep "blue"', "s": 20.25, f"s{shown}": "$20.2500"} == {
        name: value for name, value in row.items() if "AttributeName" not in name
    }
    assert "new_price" == row["s@OData.Community.Display.V1.AttributeName"]


def test_an_aggregate_over_nothing_is_one_row(both: Both) -> None:
    """[A-11]"""
    nothing = "filter(new_count gt 100)/aggregate($count as n,new_count with sum as s)"

    assert [{"n": 0}] == both.rows("new_gizmos", _apply=nothing)


def test_filters_beside_apply_act_before_it(both: Both) -> None:
    """[A-8]"""
    rows = both.rows("new_gizmos", _filter="new_count eq 2", _apply="filter(new_price gt 0)/aggregate($count as n)")

    assert [{"n": 1}] == rows


def test_groups_can_be_ordered_by_a_key(both: Both) -> None:
    """[A-9]"""
    rows = both.rows("new_gizmos", _apply="groupby((new_count))", _orderby="new_count desc")

    assert [7, 2, -4, None] == [row.get("new_count") for row in rows]


def test_groups_come_in_pages(both: Both) -> None:
    """[PG-2], [PG-7]"""
    answer = both.ask("new_gizmos", "odata.maxpagesize=3", _apply="groupby((new_count))")
    token = answer.json["@odata.nextLink"].partition("$skiptoken=")[2]
    target = f"new_gizmos?$apply=groupby((new_count))&$skiptoken={token}"
    rest = [api.get(target, prefer="odata.maxpagesize=3").json for api in both.apis]

    assert (3, [1, 1]) == (len(answer.json["value"]), [len(page["value"]) for page in rest])
    assert [False, False] == ["@odata.nextLink" in page for page in rest]


def test_too_many_rows_are_refused(both: Both) -> None:
    """The limit can be lowered to less than the five rows there are. [FX-10], [FX-40], [A-10]"""
    xml = fetch(attribute("new_count", "s", "sum")).replace("<fetch ", "<fetch aggregatelimit='4' ")
    answer = both.ask("new_gizmos", fetchXml=xml)

    assert (400, "0x8004e023") == (answer.status, answer.code)


def test_texts_have_a_first_and_a_last(both: Both) -> None:
    """In binary order, so that both stores say the same."""
    rows = both.fetch(fetch(attribute("new_name", "lo", "min") + attribute("new_name", "hi", "max")))

    assert [{"lo": "Four", "hi": "two"}] == rows


def test_groups_are_ordered_by_their_first_text_as_by_any_text(both: Both) -> None:
    """Without regard to letter case: of equal ones the smaller key comes first. [O-5], [FX-14]"""
    key = "<attribute name='new_count' alias='count' groupby='true'/>"
    order = "<order alias='first' descending='true'/>"
    rows = both.fetch(fetch(key + attribute("new_name", "first", "min"), order))

    assert ["two", "ONE", "one", "Four"] == [row.get("first") for row in rows]


def test_sums_are_exact_up_to_the_largest_one(both: Both) -> None:
    """Beyond it they are refused, as the service's own money would overflow; smaller ones lose no digit. [A-6]"""
    ids = ["5f3e0000-0000-4000-8000-0000d00000a1", "5f3e0000-0000-4000-8000-0000d00000a2"]
    for api in both.apis:
        for row_id, price in zip(ids, ("461168601842738.1234", "-461168601842738.1233"), strict=True):
            body = f'{{"new_gizmoid":"{row_id}","new_name":"rich","new_price":{price}}}'.encode()
            assert 204 == api.post("new_gizmos", body).status
    rich = "filter(new_name eq 'rich'{})/aggregate(new_price with {} as s)"
    found = [
        both.ask("new_gizmos", _apply=rich.format(more, method)).body.partition(b'"s":')[2].rstrip(b"}]")
        for more, method in (("", "sum"), ("", "average"), (" and new_price lt 0", "average"))
    ]
    for api in both.apis:
        api.make("new_gizmos", new_gizmoid=ids[0].replace("a1", "a3"), new_name="rich", new_price=922337203685477)
    refused = both.ask("new_gizmos", _apply=rich.format(" and new_price gt 0", "sum"))
    for api in both.apis:
        for row_id in (*ids, ids[0].replace("a1", "a3")):
            assert 204 == api.delete(f"new_gizmos({row_id})").status

    assert [b"0.0001", b"0.00005000", b"-461168601842738.12330000"] == found
    assert (400, "0x80040203") == (refused.status, refused.code)
