"""How a refusal is written: body, hint, details, challenge."""

from __future__ import annotations

import pytest

from tests.scenarios.harness import NOBODY, Api


@pytest.mark.parametrize("target", ["accounts?$select=nam", "accoun", "accounts?$selct=name"])
def test_a_hint_names_what_may_have_been_meant(shared_api: Api, target: str) -> None:
    """In a header, so that the body stays as the service writes it. [E-20]"""
    assert shared_api.get(target).headers["x-verselet-hint"].startswith("Did you mean '")


def test_a_hint_is_one_line_of_plain_characters(shared_api: Api) -> None:
    """Nothing from an address can begin a header of its own."""
    hint = shared_api.get(f"accounts({NOBODY})/a%0d%0aset-cookie:x%c3%84(").headers["x-verselet-hint"]
    assert hint.isprintable()
    assert hint.isascii()


def test_details_of_a_refusal_come_when_everything_is_asked_for(shared_api: Api) -> None:
    """[E-2]"""
    answer = shared_api.get("nothings", prefer='odata.include-annotations="*"')
    prefix = "@Microsoft.PowerApps.CDS."
    expected = {"code", "message", *(prefix + name for name in DETAILS)}
    assert expected == set(answer.json["error"])
    assert {"code", "message"} == set(shared_api.get("nothings").json["error"])


DETAILS = ("ErrorDetails.OperationStatus", "ErrorDetails.SubErrorCode", "HelpLink", "TraceText", "InnerError.Message")


def test_processes_are_refused_by_name_business_rules_among_them(shared_api: Api) -> None:
    """Rules with scope Entity would run on the server: who makes one must not believe that it does here. [JOB-85]"""
    rule = {"name": "A session ends after it begins", "category": 2, "scope": 4, "primaryentity": "appointment"}
    answer = shared_api.post("workflows", rule)
    assert (501, True) == (answer.status, "Business rules" in answer.message)


def test_the_catalogs_of_business_events_are_refused_by_name(shared_api: Api) -> None:
    """Their events are there, for steps and web hooks; a catalog would only list them for makers of flows. [EVT-56]"""
    root = {"name": "Registrations", "uniquename": "new_Registrations", "displayname": "Registrations"}
    answers = [shared_api.post("catalogs", root), shared_api.get("catalogassignments")]
    assert [(501, True)] * 2 == [(answer.status, "business events" in answer.message) for answer in answers]


def test_a_missing_token_is_told_where_to_get_one(shared_api: Api) -> None:
    """[H-14], [AU-1]"""
    answer = shared_api.get("accounts", authorization="")
    assert 401 == answer.status
    assert answer.headers["www-authenticate"].startswith("Bearer authorization_uri=")
    assert "resource_id=" in answer.headers["www-authenticate"]


def test_a_body_that_is_too_large_is_refused(shared_api: Api) -> None:
    """By what it says of itself, before it is read. [LM-4], [LM-5]"""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/api/data/v9.2/accounts",
        "raw_path": b"/api/data/v9.2/accounts",
        "query_string": b"",
        "headers": [(b"content-length", b"134217729"), (b"authorization", b"Bearer dev-admin")],
    }
    running = shared_api.web(scope, receive, send)
    with pytest.raises(StopIteration):
        running.send(None)
    assert 413 == sent[0]["status"]
    assert b'"0x8004418a"' in bytes(str(sent[1]["body"]), "utf-8")
