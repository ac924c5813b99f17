"""Clients follow the changes of a table. [DT-1] to [DT-8]"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.scenarios.harness import API, NOBODY, Api
from tests.scenarios.stores import api

__all__ = ["api"]

TRACK = "odata.track-changes"


def begin(api: Api, target: str = "contacts?$select=lastname") -> str:
    """The delta link of a first answer, relative to the API's address."""
    answer = api.get(target, prefer=TRACK)
    assert 200 == answer.status, answer.body
    return str(answer.json["@odata.deltaLink"]).removeprefix(API)


def changes(api: Api, link: str) -> dict[str, Any]:
    """What a delta link answers."""
    answer = api.get(link.removeprefix(API))
    assert 200 == answer.status, answer.body
    return dict(answer.json)


def names(found: dict[str, Any]) -> list[str]:
    """The rows of an answer by name, the deleted ones by id."""
    return [row.get("lastname") or row["id"] for row in found["value"]]


def test_the_first_answer_has_all_rows_and_a_link(api: Api) -> None:
    """And says that the preference was honoured. [DT-1], [DT-2], [H-18]"""
    api.make("contacts", lastname="Ada")
    answer = api.get("contacts?$select=lastname", prefer=f'{TRACK},odata.include-annotations="*"')

    assert ["Ada"] == names(answer.json)
    assert answer.json["@odata.deltaLink"].startswith(f"{API}contacts?$select=lastname&$deltatoken=")
    assert f"{API}$metadata#contacts(lastname)" == answer.json["@odata.context"]
    assert 'odata.track-changes,odata.include-annotations="*"' == answer.headers["preference-applied"]


def test_nothing_changed_is_an_empty_answer_with_a_new_link(api: Api) -> None:
    """[DT-3]"""
    found = changes(api, begin(api))

    assert ([], f"{API}$metadata#contacts(lastname)/$delta") == (found["value"], found["@odata.context"])
    assert [] == changes(api, found["@odata.deltaLink"])["value"]


def test_made_changed_and_deleted_rows_are_told_once(api: Api) -> None:
    """The newest state of a row, the deleted ones last. [DT-3], [DT-7]"""
    changed, gone = api.make("contacts", lastname="Old"), api.make("contacts", lastname="Gone")
    api.make("contacts", lastname="Still")
    link = begin(api)
    for name in ("Newer", "Newest"):
        api.patch(f"contacts({changed})", {"lastname": name})
    api.delete(f"contacts({gone})")
    api.make("contacts", lastname="New")
    found = changes(api, link)

    assert {"Newest", "New"} == set(names(found)[:2])
    assert {
        "@odata.context": f"{API}$metadata#contacts/$deletedEntity",
        "id": gone,
        "reason": "deleted",
    } == found["value"][2]
    assert [] == changes(api, found["@odata.deltaLink"])["value"]
    assert 3 == len(found["value"])


def test_ordinary_rows_carry_no_context_of_their_own(api: Api) -> None:
    """Clients tell deleted rows by it. [OC-27]"""
    link = begin(api)
    api.make("contacts", lastname="New")

    assert {"@odata.etag", "lastname", "contactid"} == set(changes(api, link)["value"][0])


def test_a_row_that_was_changed_and_then_deleted_is_only_deleted(api: Api) -> None:
    """[DT-7]"""
    row = api.make("contacts", lastname="Ada")
    link = begin(api)
    api.patch(f"contacts({row})", {"lastname": "Eve"})
    api.delete(f"contacts({row})")

    assert [row] == names(changes(api, link))


def test_a_row_that_is_back_under_its_id_is_not_deleted(api: Api) -> None:
    """And when it is deleted again, it is told once. [DT-7]"""
    row = api.make("contacts", lastname="Ada")
    link = begin(api)
    api.delete(f"contacts({row})")
    api.make("contacts", contactid=row, lastname="Back")
    assert ["Back"] == names(changes(api, link))
    api.delete(f"contacts({row})")
    assert [row] == names(changes(api, link))


def test_rows_that_go_with_another_one_are_deleted_too(api: Api) -> None:
    """A cascade leaves the same traces. [DT-3]"""
    account = api.make("accounts", name="Parent")
    task = api.make("tasks", subject="Child", regardingobjectid_account_task__bind=f"/accounts({account})")
    link = begin(api, "tasks?$select=subject")
    api.delete(f"accounts({account})")

    assert [task] == [row["id"] for row in changes(api, link)["value"]]


def test_a_refused_delete_leaves_no_trace(api: Api) -> None:
    """What is undone never happened. [E-21]"""
    row = api.make("contacts", lastname="Ada")
    link = begin(api)
    assert 412 == api.delete(f"contacts({row})", if_match='W/"1"').status

    assert [] == changes(api, link)["value"]


def test_changes_are_counted(api: Api) -> None:
    """Rows that are there and rows that are gone. [DT-4]"""
    row = api.make("contacts", lastname="Ada")
    token = begin(api).partition("$deltatoken=")[2]
    api.delete(f"contacts({row})")
    api.make("contacts", lastname="New")

    assert b"2" == api.get(f"contacts/$count?$deltatoken={token}").body


@pytest.mark.parametrize(
    ("option", "name"),
    [("$filter=lastname eq 'x'", "filter"), ("$orderby=lastname", "orderby"), ("$top=2", "top"),
     ("$expand=createdby($select=fullname)", "expand")],
)  # fmt: skip
def test_an_option_that_does_not_go_with_it_is_refused(api: Api, option: str, name: str) -> None:
    """[DT-5]"""
    answer = api.get(f"contacts?$select=lastname&{option.replace(' ', '%20')}", prefer=TRACK)

    expected = f'The "${name}" query parameter isn\'t supported when Change Tracking is enabled.'
    assert (400, expected) == (answer.status, answer.message)


def test_a_table_without_change_tracking_is_refused(api: Api) -> None:
    """[DT-1]"""
    answer = api.get("systemusers?$select=fullname", prefer=TRACK)

    assert (400, "0x80044351") == (answer.status, answer.code)


def test_an_old_token_expires(api: Api) -> None:
    """After seven days of the organization's time. [DT-6], [JOB-54]"""
    link = begin(api)
    api.organization.clock.advance(timedelta(days=6))
    assert [] == changes(api, link)["value"]
    api.organization.clock.advance(timedelta(days=1, seconds=1))
    answer = api.get(link)

    assert (400, "0x80044352") == (answer.status, answer.code)


def test_the_organization_says_how_long_a_token_is_good(api: Api) -> None:
    """`expirechangetrackingindays`. [DT-6]"""
    api.patch(f"organizations({api.organization.id})", {"expirechangetrackingindays": 30})
    link = begin(api)
    api.organization.clock.advance(timedelta(days=29))

    assert [] == changes(api, link)["value"]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("x", "0x80060888"),
        ("1!13/41/2026%2000:00:00", "0x80060888"),
        ("999999999!03/04/2026%2005:06:07", "0x80044352"),
    ],
)
def test_a_token_of_nobody_is_refused(api: Api, token: str, code: str) -> None:
    """A version nobody reached is of another organization: the client must begin anew. [DT-6]"""
    answer = api.get(f"contacts?$select=lastname&$deltatoken={token}")

    assert (400, code) == (answer.status, answer.code)


def test_the_link_comes_with_the_last_page(api: Api) -> None:
    """And covers what changed while the pages were read. [DT-8]"""
    for name in ("A", "B", "C"):
        api.make("contacts", lastname=name)
    first = api.get("contacts?$select=lastname", prefer=f"{TRACK},odata.maxpagesize=2").json
    api.make("contacts", contactid=NOBODY.replace("dead", "0001"), lastname="Meanwhile")
    second = api.get(first["@odata.nextLink"].removeprefix(API), prefer="odata.maxpagesize=2").json

    assert (["A", "B"], ["C"]) == (names(first), names(second))
    assert "@odata.deltaLink" not in first
    assert ["Meanwhile"] == names(changes(api, second["@odata.deltaLink"]))


def test_changes_come_in_pages_too(api: Api) -> None:
    """Deleted rows after all others, none left out. [DT-8]"""
    gone = [api.make("contacts", lastname=f"Gone {number}") for number in range(4)]
    link = begin(api)
    for name in ("A", "B", "C"):
        api.make("contacts", lastname=name)
    for row in gone:
        api.delete(f"contacts({row})")
    pages: list[list[str]] = []
    target = link
    while "$skiptoken" in target or not pages:
        answer = api.get(target, prefer="odata.maxpagesize=2").json
        pages.append(names(answer))
        target = answer.get("@odata.nextLink", answer.get("@odata.deltaLink")).removeprefix(API)

    assert [["A", "B"], ["C", gone[0]], gone[1:3], gone[3:]] == pages
    assert [] == changes(api, target)["value"]


def test_a_transaction_that_was_open_is_not_missed(api: Api) -> None:
    """A row with an earlier version may be committed after one with a later version. [DT-3]"""
    if api.organization.store.dialect.name == "sqlite":
        # There is one writer at a time: nothing can be committed past an open transaction.
        return
    began, may_end = threading.Event(), threading.Event()

    def slowly() -> None:
        with api.organization.transaction():
            api.make("contacts", lastname="Slow")
            began.set()
            may_end.wait(60)

    thread = threading.Thread(target=slowly)
    thread.start()
    assert began.wait(60)
    api.make("contacts", lastname="Quick")
    link = begin(api)
    may_end.set()
    thread.join()

    assert "Slow" in names(changes(api, link))
