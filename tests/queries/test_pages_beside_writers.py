"""A page goes on where it ended, whatever others write while it is read. [PG-5], [FX-31], [DT-2]"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pytest

from tests.postgres import PostgresqlServer
from tests.scenarios.harness import API, Api, new_organization
from verselet.messages.request import Delete, RowKey
from verselet.organization import Organization
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Stored

NAMES = [f"Contact {number:02}" for number in range(12)]
Meddled: TypeAlias = tuple[Api, Callable[[int], None]]

COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
LINKED = {
    "in the order of keys": ("contacts?$select=lastname", "odata.maxpagesize=4", 2),
    "the other way round": ("contacts?$select=lastname&$orderby=contactid desc", "odata.maxpagesize=4", 9),
    "while changes are tracked": ("contacts?$select=lastname", "odata.track-changes,odata.maxpagesize=4", 2),
}
"""What is asked, and which of the rows goes, one of the first page: there, where the next one begins is asked apart."""


class Beside:
    """A store, and somebody who deletes a row as soon as a statement has shown it."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._store: Store = organization.store
        self.deletes = ("", "")

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def fetch(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """What the store finds."""
        return self.seen(self._store.fetch(text, values))

    @contextmanager
    def read(self) -> Iterator[Watched]:
        """A session of the store."""
        with self._store.read() as session:
            yield Watched(session, self)

    def seen(self, rows: list[tuple[Stored, ...]]) -> list[tuple[Stored, ...]]:
        """The rows; one of them is not there any more."""
        shown = b" ".join([cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row])
        name, row_id = self.deletes
        if name and name.encode() in shown:
            self.deletes = ("", "")
            message = Delete("contact", RowKey(row_id))
            administrator = self._organization.administrator
            somebody = threading.Thread(target=self._organization.execute, args=(message, administrator))
            somebody.start()
            somebody.join()
        return rows


class Watched:
    """A session whose rows somebody sees."""

    def __init__(self, session: Session, beside: Beside) -> None:
        self._session = session
        self._beside = beside

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """What the session finds."""
        return self._beside.seen(self._session.run(text, values))


@pytest.fixture(params=["file", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def meddled(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meddled]:
    """An organization with contacts; what says which of them goes while it is shown."""
    server, url = None, f"sqlite:///{tmp_path / 'rows.db'}"
    if request.param == "postgresql":
        server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
        url = server.fresh()
    organization = new_organization(url)
    api = Api(organization)
    ids = [api.make("contacts", lastname=name) for name in NAMES]
    beside = Beside(organization)
    monkeypatch.setattr(organization, "store", beside)
    yield api, lambda number: setattr(beside, "deletes", (NAMES[number], ids[number]))
    assert not beside.deletes[0]
    monkeypatch.undo()
    organization.close()
    if server:
        server.give_back(url)


def names(answer: dict[str, Any]) -> list[str]:
    """Those of the rows that have one; the administrator's own contact has none of ours."""
    return [row["lastname"] for row in answer["value"] if row.get("lastname") in NAMES]


@pytest.mark.parametrize("question", LINKED)
def test_a_row_that_goes_meanwhile_keeps_no_other_one_from_being_shown(meddled: Meddled, question: str) -> None:
    """Behind which row the next page begins is asked of the very state that was shown."""
    api, delete = meddled
    target, prefer, number = LINKED[question]
    delete(number)
    shown, link = [], target
    while link:
        found = api.get(link, prefer=prefer).json
        shown += names(found)
        link = found.get("@odata.nextLink", "").partition(API)[2]

    assert sorted(shown) == NAMES


def test_so_it_is_with_the_cookies_of_fetchxml(meddled: Meddled) -> None:
    """They name the first and the last row that was shown. [FX-31]"""
    api, delete = meddled
    delete(5)
    shown, cookie, number = [], "", 1
    while cookie or number == 1:
        given = f" paging-cookie={quoteattr(cookie)}" if cookie else ""
        body = "<entity name='contact'><attribute name='lastname'/></entity>"
        xml = quote(f"<fetch count='4' page='{number}'{given}>{body}</fetch>")
        found = api.get(f"contacts?fetchXml={xml}", prefer='odata.include-annotations="*"').json
        shown += names(found)
        cookie, number = found.get(COOKIE, ""), number + 1

    assert sorted(shown) == NAMES
