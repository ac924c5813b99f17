"""What was begun at one server goes on at the other: sign-in, pages of rows, changes, uploads, jobs."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.definition_bodies import BOX, column, table
from tests.faults.sink import Sink
from tests.processes.pairs import Client, Pair, agree
from tests.scenarios.server_process import STOP_LIMIT_S
from tests.sign_in_world import CHALLENGE, PUBLIC_CLIENT, REDIRECT, REGISTRAR, VERIFIER, hidden_fields
from tests.step_bodies import hook_body, step_body

pytestmark = pytest.mark.slow

AUTHORIZE = "/common/oauth2/v2.0/authorize"
TOKEN_ENDPOINT = "/common/oauth2/v2.0/token"
DEVICE = "/common/oauth2/deviceauth"
DEVICE_GRANT = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": PUBLIC_CLIENT}


def page_of(at: Client, address: str) -> tuple[dict[str, str], dict[str, str]]:
    """The hidden fields of a page, and the headers with which a browser sends its form."""
    page = at.server.ask("GET", address)
    assert 200 == page.status, page.body
    cookie = page.headers["set-cookie"].partition(";")[0]
    return hidden_fields(page), {"cookie": cookie, "origin": at.server.base_url}


def redeemed(at: Client, **form: str) -> Any:
    """What the token endpoint answers."""
    return at.form(TOKEN_ENDPOINT, {"client_id": PUBLIC_CLIENT, **form}).json


def test_a_sign_in_begun_at_one_ends_at_the_other(pair: Pair) -> None:
    """The page, the code, the tokens and the refresh token each at another one; a code is good once. [SEC-123]"""
    asked = {
        "client_id": PUBLIC_CLIENT,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": f"{pair.a.server.base_url}/.default openid offline_access",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    fields, headers = page_of(pair.a, f"{AUTHORIZE}?{urlencode(asked)}")
    headers["origin"] = pair.b.server.base_url
    answer = pair.b.form(AUTHORIZE, {**fields, "user": REGISTRAR}, **headers)
    assert 303 == answer.status, answer.body
    (code,) = parse_qs(urlsplit(answer.headers["location"]).query)["code"]

    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    tokens = redeemed(pair.a, **given)
    kept = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert REGISTRAR == pair.b.acting(tokens["access_token"]).get("WhoAmI")["UserId"]
    renewed = redeemed(pair.b, **kept)
    assert REGISTRAR == pair.a.acting(renewed["access_token"]).get("WhoAmI")["UserId"]

    assert "invalid_grant" == redeemed(pair.b, **given)["error"]
    # Somebody else may have the code, so what it led to ends everywhere.
    assert "invalid_grant" == redeemed(pair.a, **kept)["error"]


def test_a_device_that_asks_one_is_let_in_at_the_other(pair: Pair) -> None:
    """The device asks the first one, its person meets the second one. [SEC-124]"""
    scope = f"{pair.a.server.base_url}/.default"
    asked = pair.a.form("/common/oauth2/v2.0/devicecode", {"client_id": PUBLIC_CLIENT, "scope": scope}).json
    poll = {**DEVICE_GRANT, "device_code": asked["device_code"]}
    assert "authorization_pending" == redeemed(pair.a, **poll)["error"]

    fields, headers = page_of(pair.b, DEVICE)
    listed = pair.b.form(DEVICE, {**fields, "user_code": asked["user_code"]}, **headers)
    pair.b.form(DEVICE, {**hidden_fields(listed), "user_code": asked["user_code"], "user": REGISTRAR}, **headers)

    token = redeemed(pair.a, **poll)["access_token"]
    assert REGISTRAR == pair.b.acting(token).get("WhoAmI")["UserId"]


def test_pages_and_changes_go_on_at_the_other(pair: Pair) -> None:
    """Links hold all that is needed to follow them. [PG-5], [DT-2]"""
    wanted = sorted(pair.a.make("accounts", name=f"paged {number}") for number in range(5))
    asked = "accounts?$select=accountid,name&$filter=startswith(name,'paged')&$orderby=name"
    first = pair.a.get(asked, Prefer="odata.maxpagesize=2")
    second = _followed(pair.b, first["@odata.nextLink"])
    third = _followed(pair.a, second["@odata.nextLink"])
    assert wanted == sorted(row["accountid"] for page in (first, second, third) for row in page["value"])
    assert "@odata.nextLink" not in third

    link = pair.a.get("accounts?$select=name", Prefer="odata.track-changes")["@odata.deltaLink"]
    made = pair.b.make("accounts", name="changed since")
    pair.a.done("DELETE", f"accounts({wanted[0]})")
    agree(lambda: {row.get("accountid") or row["id"] for row in pair.b.follow(link)["value"]}, {made, wanted[0]})


def _followed(at: Client, link: str) -> Any:
    parts = urlsplit(link)
    return at.get(f"{parts.path}?{parts.query}", Prefer="odata.maxpagesize=2")


def test_an_upload_begun_at_one_ends_at_the_other(pair: Pair) -> None:
    """Each piece may come to another one. [FL-1]"""
    pair.a.done("POST", "EntityDefinitions", table())
    pair.a.done("POST", f"{BOX}/Attributes", column("File", "new_Plan", MaxSizeInKB=1024))
    agree(lambda: pair.b.status("new_boxes?$select=new_plan_name"), 200)
    row = pair.a.make("new_boxes", new_name="with a plan")
    content = bytes(range(256)) * 20

    place = f"new_boxes({row})/new_plan"
    begun = pair.a.done("PATCH", f"{place}?x-ms-file-name=plan.bin", b"", x_ms_transfer_mode="chunked")
    parts = urlsplit(begun.headers["location"])
    address = f"{parts.path}?{parts.query}"
    for at, start in ((pair.b, 0), (pair.a, 2560)):
        piece = content[start : start + 2560]
        told = f"bytes {start}-{start + len(piece) - 1}/{len(content)}"
        given = {"content_range": told, "x_ms_file_name": "plan.bin", "content_type": "application/octet-stream"}
        at.done("PATCH", address, piece, **given)

    assert content == pair.b.done("GET", f"{place}/$value").body
    pair.a.done("DELETE", BOX)


def test_each_job_is_done_once(pair: Pair) -> None:
    """Both have workers, and writes come to both; the receiver is told once of each row. [EVT-60], [EVT-64]"""
    sink = Sink()
    endpoint = pair.a.make("serviceendpoints", **hook_body(sink.url))
    step = pair.a.make("sdkmessageprocessingsteps", **step_body("Create", "contact", endpoint, mode=1))

    def queues() -> bool:
        pair.b.make("contacts", lastname="a probe")
        return bool(pair.b.get("asyncoperations?$filter=operationtype eq 1&$select=name")["value"])

    agree(queues, True)

    with ThreadPoolExecutor(4) as several:
        made = set(several.map(lambda n: (pair.a, pair.b)[n % 2].make("contacts", lastname=f"c{n}"), range(40)))

    assert set() == sink.wait_for("Create", made)
    assert {1} == set(sink.operations.values())
    # Whoever deletes the step while a worker ends one of its jobs may be told to come again.
    until, unfinished = time.monotonic() + STOP_LIMIT_S, "asyncoperations?$filter=operationtype eq 1 and statecode ne 3"
    while pair.a.get(unfinished)["value"]:
        assert time.monotonic() < until
    pair.a.done("DELETE", f"sdkmessageprocessingsteps({step})")
    sink.close()


def test_automatic_numbers_of_both_are_different(pair: Pair) -> None:
    """Whoever takes a number, nobody else takes it. [JOB-67]"""
    pair.a.done("POST", "EntityDefinitions", table("new_Ticket"))
    ticket = "EntityDefinitions(LogicalName='new_ticket')"
    number = column("String", "new_Number", MaxLength=20, AutoNumberFormat="T-{SEQNUM:5}")
    agree(lambda: pair.b.status("new_tickets"), 200)
    pair.b.done("POST", f"{ticket}/Attributes", number)
    agree(lambda: pair.a.status("new_tickets?$select=new_number"), 200)

    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda n: (pair.a, pair.b)[n % 2].make("new_tickets", new_name=str(n)), range(20)))

    numbers = [row["new_number"] for row in pair.a.get("new_tickets?$select=new_number")["value"]]
    assert (20, 20) == (len(numbers), len(set(numbers)))
    pair.a.done("DELETE", ticket)


def test_versions_of_rows_grow_across_both(pair: Pair) -> None:
    """Whoever writes, the number is larger than all before. [ET-7]"""
    row = pair.a.make("accounts", name="counted")
    seen: list[int] = []
    for at in (pair.a, pair.b) * 5:
        at.done("PATCH", f"accounts({row})", {"name": f"counted {len(seen)}"})
        seen.append(int(pair.a.get(f"accounts({row})?$select=versionnumber")["versionnumber"]))
    assert sorted(set(seen)) == seen


def test_a_stale_etag_is_refused_whoever_wrote(pair: Pair) -> None:
    """Optimistic concurrency is the rows' affair, not a process's. [ET-3]"""
    row = pair.a.make("accounts", name="first")
    etag = pair.a.get(f"accounts({row})?$select=name")["@odata.etag"]
    pair.b.done("PATCH", f"accounts({row})", {"name": "second"})
    assert 412 == pair.a.send("PATCH", f"accounts({row})", {"name": "third"}, If_Match=etag).status


def test_connections_that_stay_open_see_what_is_new(pair: Pair) -> None:
    """It is each request that looks, not each connection."""
    kept = HTTPConnection("127.0.0.1", pair.b.port, timeout=STOP_LIMIT_S)

    def names() -> int:
        kept.request("GET", "/api/data/v9.2/accounts?$filter=name%20eq%20'kept'&$count=true&$top=1", headers={
            "Authorization": "Bearer dev-admin"
        })  # fmt: skip
        return len(kept.getresponse().read().split(b"accountid")) - 1

    before = names()
    pair.a.make("accounts", name="kept")
    agree(lambda: names() > before, True)
    kept.close()
