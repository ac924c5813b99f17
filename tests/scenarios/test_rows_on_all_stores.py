"""The same talks with every kind of store: what a client sees does not depend on where rows are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.harness import API, NOBODY, Api, new_organization, undone
from tests.scenarios.stores import url_of


@pytest.fixture(scope="module", params=["file", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An organization in a file, and one in PostgreSQL."""
    path: Path = tmp_path_factory.mktemp("organization") / "rows.db"
    with url_of(request) as url, Api(new_organization(url or f"sqlite:///{path}")) as api:
        yield api


@pytest.fixture
def api(kept: Api) -> Iterator[Api]:
    """The same, for one test that writes."""
    with undone(kept.organization):
        yield kept


def test_a_row_lives(api: Api) -> None:
    """Made, read, changed, removed. [C-1], [R-1], [UP-1], [D-1]"""
    made = api.post("accounts", {"name": "Birch", "revenue": 12.345})
    assert f"{API}accounts({made.id})" == made.headers["odata-entityid"]
    assert 204 == api.patch(f"accounts({made.id})", {"name": "Cedar"}).status
    row = api.read(f"accounts({made.id})")
    assert ("Cedar", 12.35, 12.35) == (row["name"], row["revenue"], row["revenue_base"])
    assert 204 == api.delete(f"accounts({made.id})").status
    assert (404, "0x80040217") == ((gone := api.get(f"accounts({made.id})")).status, gone.code)


def test_versions_guard_a_row(api: Api) -> None:
    """[WF-3], [WF-4], [ET-2]"""
    account = api.make("accounts", name="Birch")
    tag = api.get(f"accounts({account})").headers["etag"]
    assert 304 == api.get(f"accounts({account})", if_none_match=tag).status
    assert 204 == api.patch(f"accounts({account})", {"name": "a"}, if_match=tag).status
    stale = api.patch(f"accounts({account})", {"name": "b"}, if_match=tag)
    assert (412, "0x80060882", "a") == (stale.status, stale.code, api.read(f"accounts({account})")["name"])


def test_a_refusal_inside_leaves_the_rest(api: Api) -> None:
    """A violated key, a missing row and a value out of range, one after the other. [E-21], [K-5], [C-6]"""
    api.make("new_gizmos", new_code="A")
    before = api.watched()
    for body, status in (
        ({"new_code": "a"}, 412),
        ({"new_code": "B", "new_AccountId@odata.bind": f"/accounts({NOBODY})"}, 404),
        ({"new_code": "B", "new_ticks": 2**63}, 400),
        ({"new_code": "B", "new_kind": "\0"}, 400),
        ({"new_code": "B", "new_gizmo_parts": [{"new_name": "fine"}, {"new_name": "x" * 101}]}, 400),
    ):
        assert status == api.post("new_gizmos", body).status
        assert before == api.watched()


@pytest.mark.parametrize("key", ["new_code='%00'", "new_code='x'", "new_ticks=99999999999999999999"])
def test_a_key_that_names_nobody(api: Api, key: str) -> None:
    """Refused or not found, in every store. [K-4]"""
    assert api.get(f"new_gizmos({key})").status in {400, 404}


def test_rows_come_and_go_together(api: Api) -> None:
    """Deep insert, cascade, removed links, many-to-many. [C-9], [D-3], [AS-5]"""
    body = {"name": "B", "primarycontactid": {"lastname": "Ash"}, "Account_Tasks": [{"subject": "a"}, {"subject": "b"}]}
    account = api.post("accounts", body).id
    contact = api.read(f"accounts({account})")["_primarycontactid_value"]
    gizmo = api.make("new_gizmos", new_AccountId__bind=f"/accounts({account})")
    assert 204 == api.post(f"new_gizmos({gizmo})/new_gizmo_contact/$ref", {"@odata.id": f"contacts({contact})"}).status
    assert ["Ash"] == api.values(f"new_gizmos({gizmo})/new_gizmo_contact", "lastname")
    assert 204 == api.delete(f"accounts({account})").status
    assert None is api.read(f"new_gizmos({gizmo})")["_new_accountid_value"]
    assert 204 == api.delete(f"contacts({contact})").status
    assert [] == api.values("new_gizmo_contactset", "contactid")


def test_a_page_carries_everything(api: Api) -> None:
    """Annotations, expanded rows with their links, counts, the next page. [J-5], [X-8], [CT-1], [PG-7]"""
    account = api.make("accounts", name="B")
    for number in range(5):
        values = {"new_name": f"g{number}", "new_minutes": 90, "new_price": -1.5, "new_color": 2}
        api.make("new_gizmos", **values, new_AccountId__bind=f"/accounts({account})")
    query = "$select=new_name,new_minutes,new_price,new_color&$orderby=new_AccountId/name,new_name%20desc&$count=true"
    expand = "&$expand=new_AccountId($select=name),new_gizmo_parts($select=new_name;$top=1)"
    prefer = 'odata.include-annotations="*",odata.maxpagesize=3'
    page = api.get(f"new_gizmos?{query}{expand}", prefer=prefer).json
    assert (5, ["g4", "g3", "g2"]) == (page["@odata.count"], [row["new_name"] for row in page["value"]])
    row = page["value"][0]
    formatted = "@OData.Community.Display.V1.FormattedValue"
    shown = [row[name + formatted] for name in ("new_minutes", "new_price", "new_color")]
    assert ["1.5 hours", "($1.5000)", 'Deep "blue"'] == shown
    assert ("B", []) == (row["new_AccountId"]["name"], row["new_gizmo_parts"])
    assert row["new_gizmo_parts@odata.nextLink"].startswith(f"{API}new_gizmos({row['new_gizmoid']})/new_gizmo_parts")
    second = api.get(page["@odata.nextLink"].removeprefix(API), prefer=prefer).json
    assert ["g1", "g0"] == [row["new_name"] for row in second["value"]]


@pytest.mark.parametrize("text", ["O'Hara", '"q"', "100% _", "back\\slash", "\x01\x7f", "é😀", "%s %(a)s $1 ?"])
def test_a_text_comes_back_and_is_found(api: Api, text: str) -> None:
    """Values are parameters. [T-2], [F-4]"""
    gizmo = api.make("new_gizmos", new_code=text)
    assert text == api.read(f"new_gizmos({gizmo})")["new_code"]
    if "\x01" not in text:
        quoted = text.replace("'", "''").replace("%", "%25")
        assert [gizmo] == api.values(f"new_gizmos?$filter=new_code%20eq%20'{quoted}'", "new_gizmoid")


@pytest.mark.parametrize("number", ["99999999999999999999", "1e400", "1.5", "-0.1"])
def test_a_number_no_column_can_hold_is_compared(api: Api, number: str) -> None:
    """[F-14]"""
    for name in ("new_count", "new_ticks", "new_size"):
        assert 200 == api.get(f"new_gizmos?$filter={name}%20lt%20{number}").status


def test_patterns_are_patterns(api: Api) -> None:
    """[F-9]"""
    for name in ("bx", "zx", "-x", "^x"):
        api.make("new_gizmos", new_name=name)
    for pattern, expected in (("[a-c]X", ["bx"]), ("[^a-c]x", ["-x", "^x", "zx"]), ("[z^-]x", ["-x", "^x", "zx"])):
        found = api.values(f"new_gizmos?$filter=startswith(new_name,'{pattern}')", "new_name")
        assert expected == sorted(found)


def test_pages_ordered_by_long_texts_go_on(api: Api) -> None:
    """The token then names the last row alone. [PG-7]"""
    for number in range(5):
        api.make("new_gizmos", new_name=f"g{number}", new_notes=None if number == 2 else "中" * 990 + str(number // 2))
    target = "new_gizmos?$select=new_name&$orderby=new_notes%20desc,new_name%20desc"
    found, link = [], target
    while link:
        page = api.get(link.removeprefix(API), prefer="odata.maxpagesize=2").json
        found += [row["new_name"] for row in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert ["g4", "g3", "g1", "g0", "g2"] == found
