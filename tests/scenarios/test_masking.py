"""Texts of secured columns with what is masked in them, on both stores. [SEC-108]"""

from __future__ import annotations

import pytest

from tests.scenarios.harness import Answer, Api
from tests.secrets_of_gizmos import Person, give_profile, hire, join_profile, secret_api

__all__ = ["secret_api"]

NUMBER = "123-45-6789"
ALL_BUT_FOUR = r"\d(?=[\d-]*-\d{4})"
PLAIN = {"mscrm.unmaskeddata": "true"}


@pytest.fixture(scope="module")
def api(secret_api: Api) -> Api:
    """The administrator of an organization in which the notes of gizmos are masked."""
    mask(secret_api, "new_notes", ALL_BUT_FOUR)
    return secret_api


def mask(api: Api, column: str, pattern: str, table: str = "new_gizmo", **values: str) -> str:
    """A rule, and the column it is for; the id of the place."""
    rule = api.make("maskingrules", name=f"{column} {pattern}", regularexpression=pattern, **values)
    return api.make(
        "attributemaskingrules",
        uniquename=f"{table}_{column}",
        entityname=table,
        attributelogicalname=column,
        maskingruleid__bind=f"maskingrules({rule})",
    )


@pytest.fixture
def gizmo(api: Api) -> str:
    """A gizmo with a number in its notes."""
    return api.make("new_gizmos", new_notes=NUMBER)


def reader(api: Api, unmasked: int) -> Person:
    """Somebody who may read notes, and without masks as far as is said."""
    person = Person(api, hire(api.organization))
    profile = give_profile(api, "new_gizmo", "new_notes", canread=4, canreadunmasked=unmasked)
    join_profile(api, profile, person.user)
    return person


def notes(answer: Answer) -> object:
    """The notes of the row, or of the only row."""
    assert 200 == answer.status, answer.body
    return answer.json.get("value", [answer.json])[0]["new_notes"]


@pytest.mark.parametrize(
    ("unmasked", "one", "many"),
    [(0, "###-##-6789", "###-##-6789"), (1, NUMBER, "###-##-6789"), (3, NUMBER, NUMBER)],
)
def test_a_mask_lifts_for_who_asks_and_may(api: Api, gizmo: str, unmasked: int, one: str, many: str) -> None:
    """Everybody reads through it, who asks for more gets what the profile gives: one row, or many. [SEC-108]"""
    person = reader(api, unmasked)
    row, rows = f"new_gizmos({gizmo})", f"new_gizmos?$filter=new_gizmoid eq {gizmo}"

    assert "###-##-6789" == notes(person.get(row)) == notes(person.get(rows))
    assert (one, many) == (notes(person.get(row, **PLAIN)), notes(person.get(rows, **PLAIN)))
    assert "###-##-6789" == notes(person.get(row, **{"mscrm.unmaskeddata": "false"}))


def test_rows_beside_the_row_are_many(api: Api, gizmo: str) -> None:
    """Who may see one row without masks does not get others with it. [SEC-108]"""
    person = reader(api, 1)
    part = api.make("new_parts", new_GizmoId__bind=f"new_gizmos({gizmo})")
    asked = f"new_parts({part})?$select=new_partid&$expand=new_GizmoId($select=new_notes)"

    assert "###-##-6789" == person.get(asked, **PLAIN).json["new_GizmoId"]["new_notes"]


def test_an_administrator_asks_too(api: Api, gizmo: str) -> None:
    """Nobody sees a masked value by accident. [SEC-102], [SEC-108]"""
    administrator = Person(api, "admin")

    assert "###-##-6789" == notes(administrator.get(f"new_gizmos({gizmo})"))
    assert NUMBER == notes(administrator.get(f"new_gizmos?$filter=new_gizmoid eq {gizmo}", **PLAIN))


def test_a_question_sees_what_the_answer_shows(api: Api, gizmo: str) -> None:
    """A filter, an order and a group read the masked text, so that nobody finds a value by guessing. [SEC-108]"""
    person = reader(api, 0)
    own = f"new_gizmoid eq {gizmo} and "

    assert [] == person.get(f"new_gizmos?$filter={own}new_notes eq '{NUMBER}'").json["value"]
    assert 1 == len(person.get(f"new_gizmos?$filter={own}endswith(new_notes,'-6789')").json["value"])
    grouped = person.get(f"new_gizmos?$apply=filter(new_gizmoid eq {gizmo})/groupby((new_notes))")
    assert "###-##-6789" == notes(grouped)


def test_an_empty_value_is_empty(api: Api) -> None:
    """A mask makes nothing out of nothing. [SEC-108]"""
    row_id = api.make("new_gizmos", new_share=1)

    assert None is notes(reader(api, 0).get(f"new_gizmos({row_id})"))


def test_who_may_not_read_sees_no_mask(api: Api, gizmo: str) -> None:
    """Null, as without a rule. [SEC-103]"""
    person = Person(api, hire(api.organization))

    assert None is notes(person.get(f"new_gizmos({gizmo})", **PLAIN))


def test_a_rule_counts_from_the_next_request_and_goes_again(api: Api) -> None:
    """Its own sign stands for what fits; without the rule everything is there. [SEC-108], [SEC-109]"""
    row_id = api.make("new_gizmos", new_name="secret", new_notes=NUMBER)
    assert "secret" == api.read(f"new_gizmos({row_id})")["new_name"]

    place = mask(api, "new_name", "[cr]", maskedcharacter="\\")
    assert "se\\\\et" == api.read(f"new_gizmos({row_id})")["new_name"]
    assert 204 == api.delete(f"attributemaskingrules({place})").status
    assert "secret" == api.read(f"new_gizmos({row_id})")["new_name"]


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("[", 400),
        ("", 400),
        ("a*", 400),
        ("(?P<name>a)", 501),
        ("a+?", 501),
        (r"\bword", 501),
        (r"(a)\1", 501),
        ("[[:alpha:]]", 501),
        (r"(?<=a)b|[^c-e]{2,3}|\.|\s", 204),
        (r"\\d", 204),
    ],
)
def test_a_pattern_means_the_same_everywhere(api: Api, pattern: str, status: int) -> None:
    """What one database would read otherwise is refused by name. [SEC-108]"""
    assert status == api.post("maskingrules", {"name": "r", "regularexpression": pattern}).status


@pytest.mark.parametrize(("column", "status"), [("new_share", 400), ("new_price", 501), ("new_kind", 501)])
def test_a_mask_is_for_a_secured_text(api: Api, column: str, status: int) -> None:
    """Others show everything to everybody, or hold no text. [SEC-108]"""
    rule = api.make("maskingrules", name="r", regularexpression="a")
    body = {
        "uniquename": "u",
        "entityname": "new_gizmo",
        "attributelogicalname": column,
        "maskingruleid@odata.bind": f"maskingrules({rule})",
    }

    assert status == api.post("attributemaskingrules", body).status
    without = {**body, "attributelogicalname": "new_notes", "maskingruleid@odata.bind": None}
    assert 400 == api.post("attributemaskingrules", without).status
