"""A search tells nobody of rows and values that are not theirs to read, on both stores. [SEC-44], [SEC-104]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.harness import Api, undone
from tests.scenarios.people import user
from tests.scenarios.test_masking import ALL_BUT_FOUR, mask
from tests.secrets_of_gizmos import Person, give_profile, hire, join_profile, secret_api, share_value

__all__ = ["secret_api"]


@pytest.fixture
def api(secret_api: Api) -> Iterator[Api]:
    """Names of accounts and contacts are secured there; what one test writes is taken back."""
    with undone(secret_api.organization):
        yield secret_api


def found(answer: Any) -> dict[str, Any]:
    """The answer in its text."""
    assert 200 == answer.status, answer.body
    return dict(json.loads(answer.json["response"]))


def search(person: Person, text: str, operation: str = "query", **body: object) -> dict[str, Any]:
    """What a person finds."""
    return found(person.send("POST", f"search{operation}", {"search": text, **body}))


@pytest.fixture
def reader(api: Api) -> Person:
    """Somebody who reads all rows and no secured column."""
    return Person(api, hire(api.organization))


def test_a_secured_column_is_neither_found_nor_shown(api: Api, reader: Person) -> None:
    """Not in results, marks, counts, suggestions, completions, facets, filters and orders. [SEC-103], [SEC-104]"""
    row = api.make("accounts", name="Zyzzyva Ltd", address1_city="Kalgoorlie")
    (seen,) = search(reader, "kalgoorlie", facets='["name"]', orderby='["name"]')["Value"]
    facets = search(reader, "kalgoorlie", facets='["name"]')["Facets"]

    assert [] == search(reader, "zyzzyva")["Value"]
    assert [] == search(reader, "zyz", "suggest")["Value"]
    assert "" == search(reader, "zyz", "autocomplete")["Value"]
    assert [] == search(reader, "kalgoorlie", filter="account:name eq 'Zyzzyva Ltd'")["Value"]
    assert (row, None) == (seen["Id"], seen["Attributes"]["name"])
    assert ({"address1_city"}, []) == (set(seen["Highlights"]), facets["name"])
    assert 1 == search(reader, "-zyzzyva kalgoorlie", count=True, options='{"searchmode":"all"}')["Count"]


def test_a_profile_opens_the_column(api: Api) -> None:
    """Who may read it, finds by it. [SEC-101]"""
    person = Person(api, hire(api.organization))
    join_profile(api, give_profile(api, "account", "name", canread=4), person.user)
    row = api.make("accounts", name="Zyzzyva Inn")

    assert [row] == [item["Id"] for item in search(person, "zyzzyva")["Value"]]
    assert "{crmhit}zyzzyva{/crmhit}" == search(person, "zyz", "autocomplete")["Value"]


def test_a_shared_value_is_found_and_the_others_are_not(api: Api, reader: Person) -> None:
    """A single value of a secured column. [SEC-106]"""
    rows = [api.make("accounts", name=f"Zyzzyva {name}") for name in ("One", "Two")]
    assert (
        204
        == share_value(
            Person(api, "admin"), ("account", "name", rows[0]), f"systemusers({reader.user})", readaccess=True
        ).status
    )

    assert [rows[0]] == [item["Id"] for item in search(reader, "zyzzyva")["Value"]]


def test_what_a_mask_hides_is_not_found(api: Api, reader: Person) -> None:
    """What it shows is. [SEC-108]"""
    mask(api, "name", ALL_BUT_FOUR, table="account")
    join_profile(api, give_profile(api, "account", "name", canread=4), reader.user)
    api.make("accounts", name="123-45-6789")
    (seen,) = search(reader, "6789")["Value"]

    assert [] == search(reader, "123")["Value"]
    assert "" == search(reader, "123", "autocomplete")["Value"]
    assert ("###-##-6789", ["###-##-{crmhit}6789{/crmhit}"]) == (
        seen["Attributes"]["name"],
        seen["Highlights"]["name"],
    )


def test_everybody_finds_their_own_rows(api: Api) -> None:
    """Somebody whose role reaches the own rows only. [SEC-41], [SEC-44]"""
    person = Person(api, user(api, "Searcher"))
    api.entitle("systemusers", person.user)
    mine = api.make("tasks", subject="Dunnart call", ownerid__bind=f"/systemusers({person.user})")
    other = api.make("tasks", subject="Dunnart visit")
    counted = search(person, "dunnart", count=True, facets='["entityname"]')

    assert {mine, other} == {item["Id"] for item in search(Person(api, "admin"), "dunnart")["Value"]}
    assert [mine] == [item["Id"] for item in counted["Value"]]
    assert (1, [{"Type": "Value", "Value": "task", "Count": 1}]) == (counted["Count"], counted["Facets"]["entityname"])
    assert "{crmhit}call{/crmhit}" == search(person, "ca", "autocomplete")["Value"]
    assert "" == search(person, "vis", "autocomplete")["Value"]


def test_who_has_no_role_may_not_search(api: Api) -> None:
    """Nor ask for the state of the search. [SEC-33]"""
    person = Person(api, user(api, "Nobody"))
    answers = [
        person.send("POST", "searchquery", {"search": "x"}),
        person.send("POST", "/api/search/v1.0/suggest", {"search": "abc"}),
        person.get("searchstatistics"),
    ]

    assert [403, 403, 403] == [answer.status for answer in answers]


def test_who_did_not_sign_in_learns_how_to(api: Api) -> None:
    """At every address of the search. [H-14]"""
    for target in ("searchquery", "/api/search/v1.0/query", "/api/search/v2.0/query"):
        answer = api.post(target, {"search": "x"}, authorization="")
        assert (401, True) == (answer.status, "www-authenticate" in answer.headers)
