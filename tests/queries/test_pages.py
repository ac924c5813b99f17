"""Pages of FetchXML, stored queries and SQL: cookies, links, counts. [FX-31] to [FX-36], [SQ-5], [SQL-6]"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

import pytest

from tests.queries.both import FIVE, FOUR, ONE, THREE, TWO, Both
from tests.scenarios.harness import API, Api

pytestmark = pytest.mark.postgresql

COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"
PREFER = f'odata.include-annotations="{COOKIE[1:]},{MORE[1:]}"'
PARTS = "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' link-type='outer' alias='p'>{}</link-entity>"


def page(both: Both, inside: str, number: int, cookie: str = "", size: int = 2) -> dict[str, Any]:
    """One page of gizmos."""
    given = f" paging-cookie={quoteattr(cookie)}" if cookie else ""
    xml = (
        f"<fetch count='{size}' page='{number}'{given}><entity name='new_gizmo'><attribute name='new_name'/>{inside}"
        "</entity></fetch>"
    )
    answer = both.ask("new_gizmos", PREFER, fetchXml=xml)
    assert 200 == answer.status, answer.body
    return dict(answer.json)


def inner(cookie: str) -> str:
    """The part of a cookie that clients send back, as the service's documentation says. [FX-32]"""
    found = re.search('pagingcookie="([^"]*)"', cookie)
    assert found is not None
    return unquote(unquote(found[1]))


def walked(both: Both, inside: str, *, how: str) -> list[list[str]]:
    """The ids of all pages; `how` is what is sent back."""
    pages: list[list[str]] = []
    cookie = ""
    while True:
        found = page(both, inside, len(pages) + 1, cookie)
        pages.append([row["new_gizmoid"] for row in found["value"]])
        if MORE not in found:
            assert COOKIE not in found
            return pages
        assert len(pages) < 20
        if how == "inner":
            cookie = inner(found[COOKIE])
        if how == "whole":
            cookie = found[COOKIE]


ORDERS = [
    ("", [ONE, TWO, THREE, FOUR, FIVE]),
    ("<order attribute='new_name'/>", [FIVE, FOUR, ONE, THREE, TWO]),
    ("<order attribute='new_name' descending='true'/>", [TWO, ONE, THREE, FOUR, FIVE]),
    ("<order attribute='new_color'/>", [FIVE, THREE, TWO, ONE, FOUR]),
    ("<order attribute='new_customerid'/><order attribute='new_at' descending='true'/>", [FIVE, FOUR, ONE, TWO, THREE]),
    ("<order attribute='new_ready' descending='true'/><order attribute='new_price'/>", [ONE, THREE, FOUR, FIVE, TWO]),
    ("<order attribute='new_size'/>", [TWO, THREE, FIVE, FOUR, ONE]),
    ("<order attribute='new_day' descending='true'/>", [ONE, THREE, TWO, FOUR, FIVE]),
]


@pytest.mark.parametrize(("order", "expected"), ORDERS)
@pytest.mark.parametrize("how", ["inner", "whole", "nothing"])
def test_all_pages_are_the_whole(both: Both, order: str, expected: list[str], how: str) -> None:
    """Each row once, in the same order, with a cookie or by number alone. [FX-33], [FX-36]"""
    pages = walked(both, order, how=how)

    assert [2, 2, 1] == [len(found) for found in pages]
    assert expected == [row_id for found in pages for row_id in found]


@pytest.mark.parametrize("how", ["inner", "whole"])
@pytest.mark.parametrize("text", ['line\nbreak & <tag> "quoted" 100%0A é\u2028', "long " * 200])
def test_any_text_can_be_ordered_by(both: Both, how: str, text: str) -> None:
    """Whatever stands in the column at the end of a page. [FX-32], [FX-36]"""
    for api in both.apis:
        for gizmo in (ONE, THREE, FIVE):
            assert 204 == api.patch(f"new_gizmos({gizmo})", {"new_notes": text}).status
    pages = walked(both, "<order attribute='new_notes'/>", how=how)
    for api in both.apis:
        for gizmo in (ONE, THREE, FIVE):
            api.patch(f"new_gizmos({gizmo})", {"new_notes": None})

    assert [[TWO, FOUR], [ONE, THREE], [FIVE]] == pages


def test_rows_that_repeat_are_paged_too(both: Both) -> None:
    """A link that meets several rows makes several rows; a page may end between them. [FX-22], [FX-36]"""
    pages = walked(both, PARTS.format(""), how="inner")

    assert [ONE, ONE, TWO, THREE, FOUR, FIVE] == [row_id for found in pages for row_id in found]
    assert [2, 2, 2] == [len(found) for found in pages]


def test_an_order_by_a_link_has_no_cookie(both: Both) -> None:
    """Only pages by number. [FX-34]"""
    inside = PARTS.format("<order attribute='new_name'/>")
    first, second = page(both, inside, 1), page(both, inside, 2)

    assert (True, False) == (first[MORE], COOKIE in first)
    assert [THREE, FIVE, ONE, ONE] == [row["new_gizmoid"] for row in [*first["value"], *second["value"]]]


def test_rows_of_a_view_that_no_value_names_are_paged_by_number(both: Both) -> None:
    """The rows of a view are looked for again to see whether more follow; there is no cookie then either. [FX-33]"""
    xml = "<fetch distinct='true' count='1' page='{}'><entity name='owner'><attribute name='name'/></entity></fetch>"
    found: dict[str, Any] = {MORE: True}
    names: list[str] = []
    while MORE in found:
        found = both.ask("owners", PREFER, fetchXml=xml.format(len(names) + 1)).json
        assert COOKIE not in found
        names += [row["name"] for row in found["value"]]

    assert names == sorted(set(names), key=str.lower)
    assert len(names) > 1


def test_a_cookie_has_the_service_s_form(both: Both) -> None:
    """[FX-32], [DW-4]"""
    found = page(both, "<order attribute='new_name'/>", 1)[COOKIE]

    assert re.fullmatch(
        r'<cookie pagenumber="2" pagingcookie="%253ccookie%2520page%253d[^"]*" istracking="False" />', found
    )
    assert (
        f'<cookie page="1"><new_name last="Four" firstnull="1" /><new_gizmoid last="{{{FOUR.upper()}}}" '
        f'first="{{{FIVE.upper()}}}" /></cookie>'
    ) == inner(found)


def test_without_the_preference_nothing_is_said(both: Both) -> None:
    """[FX-31]"""
    xml = "<fetch count='2'><entity name='new_gizmo'/></fetch>"

    assert {"@odata.context", "value"} == set(both.ask("new_gizmos", fetchXml=xml).json)


def test_a_full_last_page_announces_nothing(both: Both) -> None:
    """[PG-6], [FX-31]"""
    assert {MORE, COOKIE}.isdisjoint(page(both, "", 1, size=5))


def test_totals_count_all_pages(both: Both) -> None:
    """Also on a page that a cookie led to. [FX-8], [CT-1], [PG-8]"""
    first = page(both, "", 1)
    xml = f"<fetch count='2' page='2' paging-cookie={quoteattr(first[COOKIE])} returntotalrecordcount='true'>"
    answer = both.ask(
        "new_gizmos",
        'odata.include-annotations="*"',
        fetchXml=xml + "<entity name='new_gizmo'/></fetch>",
        _count="true",
    )
    found = answer.json

    assert (5, 5, False) == (
        found["@odata.count"],
        found["@Microsoft.Dynamics.CRM.totalrecordcount"],
        found["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"],
    )


def test_the_page_size_of_the_query_wins(both: Both) -> None:
    """[FX-35]"""
    plain = "<fetch><entity name='new_gizmo'/></fetch>"
    sized = "<fetch count='4'><entity name='new_gizmo'/></fetch>"
    sizes = [len(both.ask("new_gizmos", "odata.maxpagesize=3", fetchXml=xml).json["value"]) for xml in (plain, sized)]

    assert [3, 4] == sizes


# --- links -----------------------------------------------------------------------------------------------------------


def linked(api: Api, target: str) -> list[list[Any]]:
    """The names on all pages that links lead to."""
    pages: list[list[Any]] = []
    while target:
        found = api.get(target, prefer="odata.maxpagesize=2").json
        pages.append([row.get("new_name") for row in found["value"]])
        target = found.get("@odata.nextLink", "").removeprefix(API)
    return pages


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT new_name FROM new_gizmo ORDER BY new_name", [[None, "Four"], ["one", "ONE"], ["two"]]),
        ("SELECT DISTINCT new_name FROM new_gizmo ORDER BY new_name", [[None, "Four"], ["ONE", "two"]]),
        ("SELECT TOP 3 new_name FROM new_gizmo ORDER BY new_name DESC", [["two", "one"], ["ONE"]]),
        (
            "SELECT new_name FROM new_gizmo ORDER BY new_name OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
            [["Four", "one"], ["ONE"]],
        ),
    ],
)
def test_sql_comes_in_pages(both: Both, sql: str, expected: list[list[Any]]) -> None:
    """TOP and FETCH limit the whole, not a page. [SQL-5], [SQL-6]"""
    target = "new_gizmos?sql=" + sql.replace(" ", "%20")

    assert [expected, expected] == [linked(api, target) for api in both.apis]


QUERY = "5f3e0000-0000-4000-8000-0000f0000001"
STORED = "<fetch><entity name='new_gizmo'><attribute name='new_name'/><order attribute='new_name'/></entity></fetch>"


@pytest.fixture(scope="module")
def stored(both: Both) -> Both:
    """Both organizations with a saved and a user's query about gizmos."""
    for api in both.apis:
        for set_name, key in (("savedqueries", "savedqueryid"), ("userqueries", "userqueryid")):
            values = {key: QUERY, "name": "all", "fetchxml": STORED, "returnedtypecode": "new_gizmo", "querytype": 0}
            api.make(set_name, **values)
    return both


@pytest.mark.parametrize("option", ["savedQuery", "userQuery"])
def test_a_stored_query_comes_in_pages(stored: Both, option: str) -> None:
    """[SQ-1], [SQ-5]"""
    expected = [[None, "Four"], ["one", "ONE"], ["two"]]

    assert [expected] * 2 == [linked(api, f"new_gizmos?{option}={QUERY}") for api in stored.apis]


def test_options_are_added_to_a_stored_query(stored: Both) -> None:
    """Filters are joined, a selection and an order take the place of the query's own. [SQ-3]"""
    rows = stored.rows(
        "new_gizmos", savedQuery=QUERY, _select="new_count", _filter="new_count ne null", _orderby="new_count desc"
    )

    assert [7, 2, 2, -4] == [row["new_count"] for row in rows]
    assert {"@odata.etag", "new_gizmoid", "new_count"} == set(rows[0])


@pytest.mark.parametrize(
    ("set_name", "given", "status", "code"),
    [
        ("new_gizmos", "5f3e0000-0000-4000-8000-0000f000dead", 404, "0x80040217"),
        ("contacts", QUERY, 400, "0x80060888"),
        ("new_gizmos", "all", 400, "0x80060888"),
    ],
)
def test_a_stored_query_must_exist_and_fit(stored: Both, set_name: str, given: str, status: int, code: str) -> None:
    """[SQ-4]"""
    answer = stored.ask(set_name, savedQuery=given)

    assert (status, code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("fetchXml=<fetch><entity name='new_gizmo'><filter><condition attribute='new_count' operator='gt' value='0'/>"
         "</filter></entity></fetch>", 3),
        ("sql=SELECT new_name FROM new_gizmo WHERE new_count > 0", 3),
        ("$apply=groupby((new_count))", 4),
    ],
)  # fmt: skip
def test_the_rows_of_a_question_can_be_counted_alone(both: Both, question: str, expected: int) -> None:
    """[CT-2]"""
    name, _, text = question.partition("=")
    answers = [api.get(f"new_gizmos/$count?{name}={quote(text, safe='')}") for api in both.apis]

    assert [(200, str(expected))] * 2 == [(answer.status, answer.body.decode("utf-8-sig")) for answer in answers]


@pytest.mark.parametrize("option", ["fetchXml=x", "savedQuery=x", "userQuery=x", "sql=x", "$apply=x"])
def test_a_single_row_takes_no_question_of_its_own(both: Both, option: str) -> None:
    """[Q-1], [FX-1]"""
    answers = [api.get(f"new_gizmos({ONE})?{option}") for api in both.apis]

    assert [(400, True)] * 2 == [(answer.status, option.partition("=")[0] in answer.message) for answer in answers]


LINKED: dict[str, str] = {
    "by values": "sql=SELECT new_name FROM new_gizmo ORDER BY new_count",
    "by number": "sql=SELECT g.new_name, p.new_name AS part FROM new_gizmo g LEFT JOIN new_part p "
    "ON p.new_gizmoid = g.new_gizmoid ORDER BY part",
    "at most": "sql=SELECT TOP 4 new_name FROM new_gizmo ORDER BY new_count",
    "after some": "sql=SELECT new_name FROM new_gizmo ORDER BY new_count OFFSET 1 ROWS",
    "groups": "$apply=groupby((new_count))",
}


@pytest.mark.parametrize("question", LINKED)
@pytest.mark.parametrize("follow", ["as it is", "rebuilt", "slash", "bare", "smaller"])
def test_a_link_survives_its_clients(both: Both, question: str, follow: str) -> None:
    """As it is, with other encoding, with a slash added, without the preference, with another page size. [CC-26]"""
    name, _, text = LINKED[question].partition("=")
    for api in both.apis:
        target = f"new_gizmos?{name}={quote(text, safe='')}"
        whole = api.get(target).json["value"]
        found, prefer = [], "odata.maxpagesize=3"
        while target:
            answer = api.get(target, prefer=prefer)
            assert 200 == answer.status, answer.body
            found += answer.json["value"]
            link = answer.json.get("@odata.nextLink", "").removeprefix(API)
            prefer = {"bare": "", "smaller": "odata.maxpagesize=1"}.get(follow, prefer)
            target = link + "/" if link and follow == "slash" else link
            if link and follow == "rebuilt":
                head, _, tail = unquote(link).partition("$skiptoken=")
                target = f"{head.replace(' ', '%20')}$skiptoken={quote(tail, safe='<> ')}".replace(" ", "+")
        assert whole == found
        assert len(whole) > 3
