"""Pages, their links and counts."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote

import pytest

from tests.scenarios.harness import API, Answer, Api

NAMES = ["", "alpha", "Beta", "beta", "gamma & delta", "Ü'x", 'q"<>%_', "zeta"]
SIZE = "odata.maxpagesize=3"


@pytest.fixture
def rows(api: Api) -> Api:
    """Gizmos with names that need care in a token, some without a value."""
    for number, name in enumerate(NAMES):
        values: dict[str, object] = {"new_name": name, "new_count": number % 3 or None}
        api.make("new_gizmos", **values, new_size=number / 7, new_ready=number % 2 == 0)
    return api


def walk(api: Api, target: str, prefer: str = SIZE, follow: str = "") -> list[list[str]]:
    """The ids of every page. `follow` is how the link is mistreated, as clients do."""
    pages: list[list[str]] = []
    answer = api.get(target, prefer=prefer)
    while True:
        assert 200 == answer.status, answer.body
        pages.append([row["new_gizmoid"] for row in answer.json["value"]])
        link = answer.json.get("@odata.nextLink")
        if link is None:
            return pages
        assert len(pages) < 20
        answer = _next(api, link.removeprefix(API), prefer, follow)


def joined(pages: list[list[str]]) -> list[list[str]]:
    """All pages as one."""
    return [[row_id for page in pages for row_id in page]]


def _next(api: Api, target: str, prefer: str, follow: str) -> Answer:
    path, _, query = target.partition("?")
    if follow == "rebuilt":
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parse_qsl(query))
    if follow == "slash":
        query += "/"
    return api.get(f"{path}?{query}", prefer="" if follow == "bare" else prefer)


ORDERS = [
    "",
    "new_name",
    "new_name desc",
    "new_count desc,new_name",
    "new_count",
    "new_size desc",
    "new_ready,new_count desc",
    "_new_accountid_value,new_name",
    "new_AccountId/name desc",
]


@pytest.mark.parametrize("order", ORDERS)
def test_pages_together_are_the_whole(rows: Api, order: str) -> None:
    """Each row once, in the same order. [PG-2], [PG-6], [PG-7], [O-3], [O-5], [O-6]"""
    target = "new_gizmos?$select=new_name" + (f"&$orderby={quote(order)}" if order else "")
    whole = walk(rows, target, prefer="")
    pages = walk(rows, target)
    assert [3, 3, 2] == [len(page) for page in pages]
    assert whole == joined(pages)


@pytest.mark.parametrize("follow", ["", "rebuilt", "slash"])
def test_a_link_survives_its_clients(rows: Api, follow: str) -> None:
    """Followed as it is, rebuilt with other encoding, with a slash added. [CC-26], [PG-4]"""
    target = "new_gizmos?$select=new_name&$orderby=new_name%20desc&$filter=new_name%20ne%20'x%26y'"
    assert walk(rows, target, prefer="") == joined(walk(rows, target, follow=follow))


def test_a_link_can_be_followed_without_the_preference(rows: Api) -> None:
    """The rest comes in one page. [CC-26]"""
    assert [3, 5] == [len(page) for page in walk(rows, "new_gizmos?$orderby=new_name", follow="bare")]


def test_a_link_keeps_the_options_as_they_were_written(rows: Api) -> None:
    """[PG-4], [CC-4]"""
    target = "new_gizmos?$select=new_name&tag=%41&$orderby=new_name+desc"
    link = rows.get(target, prefer=SIZE).json["@odata.nextLink"]
    assert link.startswith(f"{API}{target}&$skiptoken=")


def test_a_token_has_the_form_of_the_service(rows: Api) -> None:
    """[PG-5]"""
    link = rows.get("new_gizmos?$orderby=new_count%20desc", prefer=SIZE).json["@odata.nextLink"]
    token = unquote(link.rpartition("$skiptoken=")[2])
    assert token.startswith('<cookie pagenumber="2" pagingcookie="')
    assert token.endswith('" istracking="False" />')
    inner = unquote(token.split('"')[3])
    assert inner.startswith('<cookie page="1"><new_count last="1" first="2" /><new_gizmoid last="{')


DAMAGES: dict[str, tuple[str, str]] = {
    "cut": (r".{30}\Z", ""),
    "another word": ("pagenumber", "page"),
    "rubbish": (r"\A.*\Z", "rubbish"),
    "empty": (r"\A.*\Z", ""),
    "opened twice": ("%253C", "%2541"),
    "no values": (r"\A.*\Z", quote('<cookie pagenumber="2" pagingcookie="" istracking="False" />')),
    "endless": (r"\A.*\Z", "%3Ccookie" * 3000),
    "no number": (r"%2522[12]%2522", "%2522x%2522"),
    "no id": (r"%257B.{8}", "%257Bzzzzzzzz"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_token_is_refused(rows: Api, damage: str) -> None:
    """[PG-9]"""
    link = rows.get("new_gizmos?$orderby=new_count", prefer=SIZE).json["@odata.nextLink"].removeprefix(API)
    link = rows.get(link, prefer=SIZE).json["@odata.nextLink"].removeprefix(API)
    target, _, token = link.rpartition("$skiptoken=")
    damaged = re.sub(*DAMAGES[damage], token)
    assert token != damaged
    answer = rows.get(f"{target}$skiptoken={damaged}", prefer=SIZE)
    assert (400, "0x80060888") == (answer.status, answer.code)


def test_a_token_of_another_order_is_refused(rows: Api) -> None:
    """[PG-9]"""
    link = rows.get("new_gizmos?$orderby=new_count", prefer=SIZE).json["@odata.nextLink"].removeprefix(API)
    answer = rows.get(link.replace("$orderby=new_count", "$orderby=new_count,new_name"), prefer=SIZE)
    assert (400, "0x80060888") == (answer.status, answer.code)


def test_counts_ignore_pages(rows: Api) -> None:
    """The same total on every page. [CT-1], [PG-8], [H-18]"""
    first = rows.get("new_gizmos?$count=true&$filter=new_count%20ne%20null", prefer=SIZE)
    assert (5, SIZE) == (first.json["@odata.count"], first.headers["preference-applied"])
    second = rows.get(first.json["@odata.nextLink"].removeprefix(API), prefer=SIZE)
    assert (5, 2) == (second.json["@odata.count"], len(second.json["value"]))


def test_top_limits_and_has_no_link(rows: Api) -> None:
    """Zero gives no rows; a page size wins over it. [PG-1], [PG-3], [CT-6]"""
    page = rows.get("new_gizmos?$top=2&$count=true").json
    assert (2, 8, False) == (len(page["value"]), page["@odata.count"], "@odata.nextLink" in page)
    assert ([], 8) == ((page := rows.get("new_gizmos?$top=0&$count=true").json)["value"], page["@odata.count"])
    page = rows.get("new_gizmos?$top=2", prefer=SIZE).json
    assert (3, True) == (len(page["value"]), "@odata.nextLink" in page)


def test_an_exact_last_page_has_no_link(rows: Api) -> None:
    """[PG-6]"""
    assert [4, 4] == [len(page) for page in walk(rows, "new_gizmos", prefer="odata.maxpagesize=4")]


def test_totals_come_as_annotations(rows: Api) -> None:
    """Minus one unless they are counted. [CT-3], [P-3]"""
    total = "Microsoft.Dynamics.CRM.totalrecordcount"
    prefer = f'odata.include-annotations="{total},{total}limitexceeded"'
    page = rows.get("new_gizmos?$count=true", prefer=prefer).json
    assert (8, False) == (page[f"@{total}"], page[f"@{total}limitexceeded"])
    page = rows.get("new_gizmos", prefer=prefer).json
    assert (-1, False) == (page[f"@{total}"], page[f"@{total}limitexceeded"])


@pytest.mark.parametrize(
    ("query", "number"), [("", "8"), ("?$filter=new_count%20eq%201", "3"), ("?$filter=new_name%20eq%20'BETA'", "2")]
)
def test_a_bare_count_is_digits(rows: Api, query: str, number: str) -> None:
    """[CT-2], [CC-22]"""
    answer = rows.get(f"new_gizmos/$count{query}")
    assert (200, "text/plain", number) == (answer.status, answer.headers["content-type"], answer.body.decode())


def test_a_collection_of_a_row_has_pages(rows: Api) -> None:
    """Its link leads back to it. [PG-11]"""
    account = rows.make("accounts", name="B")
    for row_id in rows.values("new_gizmos", "new_gizmoid"):
        rows.patch(f"new_gizmos({row_id})", {"new_AccountId@odata.bind": f"/accounts({account})"})
    target = f"accounts({account})/new_account_gizmos?$orderby=new_name"
    assert walk(rows, target, prefer="") == joined(walk(rows, target))


@pytest.mark.parametrize(
    "order", ["new_notes", "new_notes%20desc", "new_count,new_notes%20desc", "new_ready%20desc,new_notes"]
)
def test_long_values_do_not_break_the_link(api: Api, order: str) -> None:
    """An address has an end, so the token then names the row alone. [PG-7], [U-11]"""
    for number in range(7):
        notes = None if number == 3 else "中" * 990 + str(number // 2)
        api.make("new_gizmos", new_notes=notes, new_count=number % 2, new_ready=number > 3)
    target = f"new_gizmos?$select=new_name&$orderby={order}"
    pages = walk(api, target, prefer="odata.maxpagesize=2")
    assert [2, 2, 2, 1] == [len(page) for page in pages]
    assert walk(api, target, prefer="") == joined(pages)
    link = api.get(target, prefer="odata.maxpagesize=2").json["@odata.nextLink"]
    assert len(link) < 32_768


# --- references -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["", "$orderby=new_name desc", "$filter=new_count ge 1&$orderby=new_name"])
def test_references_come_in_pages_like_rows(rows: Api, order: str) -> None:
    """Of a whole set, chosen and ordered in the same way, each link followed as it is. [R-9], [PG-4]"""
    expected = [f"{API}new_gizmos({row_id})" for page in walk(rows, f"new_gizmos?{order}") for row_id in page]

    found: list[str] = []
    answer = rows.get(f"new_gizmos/$ref?{order}", prefer=SIZE)
    while True:
        assert (200, "odata.maxpagesize=3") == (answer.status, answer.headers["preference-applied"]), answer.body
        assert f"{API}$metadata#Collection($ref)" == answer.json["@odata.context"]
        found += [reference["@odata.id"] for reference in answer.json["value"]]
        link = answer.json.get("@odata.nextLink")
        if link is None:
            break
        assert link.startswith(f"{API}new_gizmos/$ref?")
        answer = rows.get(link.removeprefix(API), prefer=SIZE)

    assert expected == found


def test_references_are_counted_and_have_no_columns(rows: Api) -> None:
    """`$count`, `$top` and `$filter` work; `$select` and `$expand` mean nothing here. [R-9]"""
    found = rows.get("new_gizmos/$ref?$count=true&$top=2").json

    assert (len(NAMES), 2) == (found["@odata.count"], len(found["value"]))
    assert "@odata.nextLink" not in found
    assert [400, 400] == [rows.get(f"new_gizmos/$ref?{o}").status for o in ("$select=new_name", "$expand=ownerid")]
    assert 405 == rows.post("new_gizmos/$ref", {}).status


def test_references_of_a_collection_come_in_pages(rows: Api) -> None:
    """Also of the rows that belong to one row. [R-9], [PG-4]"""
    account = rows.make("accounts", name="of many")
    people = {rows.make("contacts", lastname=f"{n}", **_bound(account)) for n in range(4)}

    first = rows.get(f"accounts({account})/contact_customer_accounts/$ref", prefer=SIZE)
    second = rows.get(first.json["@odata.nextLink"].removeprefix(API), prefer=SIZE)

    references = [reference["@odata.id"] for answer in (first, second) for reference in answer.json["value"]]
    assert {f"{API}contacts({row_id})" for row_id in people} == set(references)
    assert (3, 1) == (len(first.json["value"]), len(second.json["value"]))


def _bound(account: str) -> dict[str, object]:
    return {"parentcustomerid_account@odata.bind": f"/accounts({account})"}
