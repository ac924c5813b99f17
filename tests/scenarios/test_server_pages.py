"""The pages a browser sees, over a real organization in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.scenarios.harness import Answer
from tests.unit.server.calls import call
from verselet.messages.request import Create, CreateResponse
from verselet.organization import Organization, open_organization
from verselet.server.application import Application
from verselet.server.run import build_application
from verselet.values import Reference, Row

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """Built-in rows, one account with a hostile name, and one contact that refers to it."""
    opened = open_organization("pages")
    account = create(opened, Row("account", None, {"name": HOSTILE, "revenue": None, "creditonhold": True}))
    create(opened, Row("contact", None, {"lastname": "Registrant", "parentcustomerid": Reference("account", account)}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def application(organization: Organization) -> Application:
    """Everything the server answers."""
    return build_application(organization)


def create(organization: Organization, row: Row) -> str:
    """The id of a new row."""
    made = organization.execute(Create(row), organization.administrator)
    assert isinstance(made, CreateResponse)
    return made.id


def page(application: Application, path: str, query: str = "") -> Answer:
    """A page, as a browser asks for it."""
    return call(application, "GET", path, query=query, headers={"accept": "text/html"})


def test_home_shows_addresses_tables_and_programs(application: Application) -> None:
    """With the address the reader used, ready to be copied. product.md §6"""
    text = page(application, "/").body.decode()
    assert text.count("http://127.0.0.1:8765/api/data/v9.2/") >= 3
    assert "AsyncDataverseClient(&#34;http://127.0.0.1:8765&#34;" in text
    assert ("/tables/contacts" in text, "/tables/contacts.json" in text) == (True, True)


def test_an_organization_without_rows_of_its_own_says_what_to_do_next() -> None:
    """Empty states teach the next step; at a port that is not the usual one, the command names it. product.md §6"""
    empty = open_organization("empty")
    try:
        application = build_application(empty)
        text = call(application, "GET", "/", headers={"host": "127.0.0.1:9999"}).body.decode()
    finally:
        empty.close()
    assert "verselet seed demo --port 9999" in text


@pytest.mark.parametrize("path", ["/", "/tables/contacts", "/tables/accounts", "/tables/tasks"])
def test_every_link_of_a_page_leads_somewhere(application: Application, path: str) -> None:
    """And nothing leads off this machine. product.md §6"""
    text = page(application, path).body.decode()
    inner = set(re.findall(r'(?:href|src)="([^"#]+)"', text))
    ids = re.findall(r' id="([^"]+)"', text)
    assert [] == [target for target in inner if not target.startswith("/")]
    sample = [target for target in sorted(inner) if not target.startswith("/tables/")] + sorted(inner)[-8:]
    assert {200} == {call(application, "GET", target.partition("?")[0]).status for target in sample}
    assert sorted(set(ids)) == sorted(ids)


def test_what_a_row_holds_is_never_read_as_markup(application: Application) -> None:
    """Rows come from anywhere. product.md §5"""
    for path in ("/tables/accounts", "/tables/contacts"):
        text = page(application, path).body.decode()
        assert (HOSTILE in text, "&lt;script&gt;alert" in text) == (False, True)


def test_a_lookup_shows_the_name_and_leads_to_the_row(application: Application) -> None:
    """Instead of an id."""
    text = page(application, "/tables/contacts").body.decode()
    link = re.search(r'<a href="(/tables/accounts/[0-9a-f-]{36})"[^>]*>([^<]+)</a>', text)
    assert link is not None
    row = page(application, link.group(1))
    assert (200, True) == (row.status, "creditonhold" in row.body.decode())


def test_the_json_link_is_the_answer_of_the_web_api(application: Application) -> None:
    """A browser sends no token, so the page asks for it. product.md §6"""
    answer = page(application, "/tables/contacts.json")
    assert answer.json["@odata.context"].startswith("http://127.0.0.1:8765/api/data/v9.2/$metadata#contacts")
    assert ["Registrant"] == [row["lastname"] for row in answer.json["value"]]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tables/nothings", 404),
        ("/tables/contacts/00000000-0000-4000-8000-000000000000", 404),
        ("/tables/contacts/not-an-id", 404),
        ("/tables/", 404),
        ("/tables/contacts/1/2", 404),
        ("/static/none.css", 404),
    ],
)
def test_what_is_not_there_is_said_on_a_page(application: Application, path: str, status: int) -> None:
    """A person reads it, so it has a way back."""
    answer = page(application, path)
    assert (status, True) == (answer.status, 'href="/"' in answer.body.decode())


def test_pages_may_load_nothing_from_elsewhere(application: Application) -> None:
    """Scripts and styles are our own files; no page can be framed. product.md §5"""
    policy = page(application, "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/tables/contacts", "/tables/contacts.json"])
def test_foreign_pages_cannot_load_ours(application: Application, path: str) -> None:
    """Not as a script, not as a picture: what needs no token is for our own pages only. product.md §5"""
    headers = page(application, path).headers
    assert ("same-origin", "nosniff", "no-store") == (
        headers["cross-origin-resource-policy"],
        headers["x-content-type-options"],
        headers["cache-control"],
    )


def test_a_page_is_small(application: Application) -> None:
    """No page over 150 kB of script. product.md §6"""
    assert len(call(application, "GET", "/static/verselet.js").body) < 10_000


def test_all_columns_can_be_asked_for(application: Application) -> None:
    """The short view says how many it leaves out."""
    short, full = (page(application, "/tables/systemusers", query).body.decode() for query in ("", "columns=all"))
    assert (False, True) == ("versionnumber" in short, "versionnumber" in full)
    assert re.search(r"\d+ more column", short)
