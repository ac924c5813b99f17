"""Sizes, counts and promises of the service, held by the Web API on both stores. [LIM-10] to [LIM-45]"""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Answer, Api
from tests.step_bodies import step_body
from verselet.operations.step_book import StepBook
from verselet.outgoing import posting
from verselet.pipeline import firing, remote_context
from verselet.pipeline.execution import MOST_TOLD_BYTES
from verselet.pipeline.posts import NoPoster
from verselet.query.plan import MAX_PAGE
from verselet.sdk import Context, Solution, Stage
from verselet.web import bypassing

__all__ = ["api", "stored_api"]

CRLF = "\r\n"


def batch(api: Api, *requests: str) -> Answer:
    """Requests in one body."""
    parts = [
        CRLF.join(("--b", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "", text, "", ""))
        for text in requests
    ]
    body = (CRLF.join(parts) + CRLF + "--b--" + CRLF).encode()
    return api.send("POST", "$batch", body, headers={"content-type": "multipart/mixed;boundary=b"})


@pytest.mark.parametrize(("count", "status"), [(1_000, 200), (1_001, 400)])
def test_a_batch_holds_a_thousand_requests(api: Api, count: int, status: int) -> None:
    """And not one more. [LIM-12]"""
    answer = batch(api, *["GET /api/data/v9.2/RetrieveVersion() HTTP/1.1"] * count)
    assert status == answer.status
    if status == 200:
        assert count == answer.body.count(b"HTTP/1.1 200 OK")


def test_an_address_may_be_longer_in_a_batch(api: Api) -> None:
    """32 KB as it is, 64 KB in a batch. [LIM-13]"""
    names = " or ".join([f"name eq '{number:0>90}'" for number in range(450)])
    address = f"accounts?$select=name&$filter={quote(names)}"
    assert 32 * 1024 < len(address) < 64 * 1024
    assert api.get(address).status in {400, 414}
    assert b"HTTP/1.1 200 OK" in batch(api, f"GET /api/data/v9.2/{address} HTTP/1.1").body


def test_a_question_expands_fifteen_navigations(api: Api) -> None:
    """[LIM-14]"""
    table = api.organization.schema.tables["contact"]
    names = [name for name, found in api.organization.schema.to_one[table.name].items() if found.referencing_column]
    assert len(names) > 15
    asked = [f"contacts?$select=fullname&$expand={','.join(names[:count])}" for count in (15, 16)]
    assert [200, 400] == [api.get(address).status for address in asked]


def test_a_fetch_has_fifteen_links(api: Api) -> None:
    """[LIM-15]"""
    link = '<link-entity name="contact" from="parentcustomerid" to="accountid" alias="a{}" link-type="outer"/>'
    asked = [
        "".join(["<fetch><entity name='account'>", *[link.format(n) for n in range(count)], "</entity></fetch>"])
        for count in (15, 16)
    ]
    assert [200, 400] == [api.get(f"accounts?fetchXml={quote(text)}").status for text in asked]


def test_a_page_is_five_thousand_rows_at_most(api: Api) -> None:
    """`$top` above that is cut; without `$select` rows have all their columns. [LIM-10], [LIM-17]"""
    item = {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo"}
    targets = [{**item, "new_name": str(number)} for number in range(MAX_PAGE + 1)]
    assert 200 == api.post("new_gizmos/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}).status
    preferred = api.get("new_gizmos?$select=new_name", prefer="odata.maxpagesize=6000").json
    topped = api.get("new_gizmos?$select=new_name&$top=6000").json
    assert (MAX_PAGE, MAX_PAGE) == (len(preferred["value"]), len(topped["value"]))
    whole = api.get("new_gizmos?$top=1").json["value"][0]
    readable = [column for column in api.organization.schema.tables["new_gizmo"].columns.values() if column.read]
    assert len(whole) > len(readable) / 2


def test_what_is_posted_and_run_is_limited_as_the_service_says() -> None:
    """A web hook: 60 seconds and 256 KB; a step: two minutes. [LIM-18], [EVT-8], [EVT-43], [EVT-46]"""
    assert (60.0, 256 * 1024, 120.0) == (posting.TIMEOUT_S, remote_context.MOST_BYTES, firing.STEP_LIMIT_S)


def test_a_message_may_be_too_large_for_a_step_with_code(own_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request of more than 116.85 MB, unless it passes such steps by; a batch counts by its parts. [LIM-16]"""
    assert int(116.85 * 2**20) == MOST_TOLD_BYTES
    monkeypatch.setattr(bypassing, "MOST_TOLD_BYTES", 1_000)
    solution, told = Solution("listener"), []

    def listen(context: Context) -> None:
        told.append(context.target["name"])

    solution.step("Create", "lead", stage=Stage.POST_OPERATION)(listen)
    own_api.organization.steps = StepBook((solution,), NoPoster(), own_api.organization.name)
    plugin = own_api.make("plugintypes", typename="listener: listen", name="listen")
    runs = {"eventhandler_plugintype@odata.bind": f"/plugintypes({plugin})"}
    own_api.make("sdkmessageprocessingsteps", **step_body("Create", "account", None), **runs)
    large, small = [b'{"name":"large"}'.ljust(size) for size in (1_001, 900)]
    refused = own_api.post("accounts", large)
    assert (500, "0x80040216", "Message size exceeded when sending context to Sandbox. Message size: 0.00 Mb") == (
        refused.status,
        refused.code,
        refused.message,
    )
    assert [] == told == own_api.values("accounts?$select=name", "name")
    assert [204, 204] == [
        own_api.post("contacts", large.replace(b"name", b"lastname")).status,
        own_api.post("accounts", small).status,
    ]
    assert 204 == own_api.post("accounts", large, **{"mscrm.bypasscustompluginexecution": "true"}).status
    part = "POST /api/data/v9.2/accounts HTTP/1.1" + CRLF + "Content-Type: application/json" + CRLF * 2 + small.decode()
    assert 2 == batch(own_api, part, part).body.count(b"HTTP/1.1 204")
    assert ["large"] * 3 == told  # Not of the one that passed the step by.


def test_numbers_have_gaps_and_given_ids_are_kept(api: Api) -> None:
    """A row that is taken back keeps its number. [LIM-43], [JOB-67]"""
    made = [api.make("msevtmgt_sessionregistrations") for _ in range(2)]
    refused = api.post("msevtmgt_sessionregistrations", {"msevtmgt_sessionregistrationid": made[0]})
    assert 412 == refused.status
    last = api.make("msevtmgt_sessionregistrations")
    first, second, fourth = [
        int(str(api.read(f"msevtmgt_sessionregistrations({row})")["msevtmgt_name"]).rpartition("-")[2])
        for row in (*made, last)
    ]
    assert (1, True) == (second - first, fourth > second)


def test_a_request_that_is_sent_again_makes_nothing_twice(api: Api) -> None:
    """With an id of the client's own, or as an upsert. [LIM-45], [MSG-10], [MSG-20]"""
    row = "0a000000-0000-4000-8000-000000000001"
    answers = [api.post("accounts", {"accountid": row, "name": "once"}) for _ in range(2)]
    answers += [api.patch(f"accounts({row})", {"name": "once"}) for _ in range(2)]
    assert [204, 412, 204, 204] == [answer.status for answer in answers]
    assert [row] == api.values("accounts?$filter=name eq 'once'", "accountid")


def test_what_was_answered_is_seen_by_the_next_request(api: Api) -> None:
    """Whoever sends it; a message of many rows is there as a whole or not at all. [LIM-40], [MSG-27]"""
    item = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    address = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    refused = api.post(address, {"Targets": [{**item, "name": "a"}, {**item, "name": "b", "statecode": 99}]})
    assert (400, []) == (refused.status, api.values("accounts?$select=name", "name"))
    assert 200 == api.post(address, {"Targets": [{**item, "name": "a"}, {**item, "name": "b"}]}).status
    assert ["a", "b"] == sorted(api.values("accounts?$select=name", "name"))
    assert 2 == json.loads(api.get("accounts?$count=true&$select=name").body)["@odata.count"]
