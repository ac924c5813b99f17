"""Steps around messages: functions of solutions, and posts to web hooks registered as rows."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from typing_extensions import override

from tests.scenarios.both_stores import stored_api
from tests.scenarios.harness import Api, new_organization
from tests.step_bodies import hook_body, step_body
from verselet.jobs.queue import run_due
from verselet.operations.founding import builtin_id
from verselet.operations.step_book import StepBook
from verselet.outgoing import HttpPoster
from verselet.sdk import Context, Mode, Row, Solution, Stage, refuse

__all__ = ["stored_api"]


class Post(msgspec.Struct, frozen=True):
    """What a receiver was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Receiver:
    """Takes posts on loopback; `statuses` are its answers in turn, the last one for all others."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.statuses = [200]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append(Post(self.path, headers, json.loads(self.rfile.read(length))))
                statuses = receiver.statuses
                self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web hook."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def hooked(stored_api: Api) -> Iterator[Api]:
    """An API whose web hooks may lead to this machine; its steps go afterwards."""
    organization = stored_api.organization
    organization.steps = StepBook((), HttpPoster(allows_private=True), organization.name)
    organization.read_steps()
    yield stored_api
    for kind in ("sdkmessageprocessingstep", "serviceendpoint"):
        for row_id in stored_api.values(f"{kind}s?$select={kind}id", f"{kind}id"):
            stored_api.delete(f"{kind}s({row_id})")


def hook(api: Api, receiver: Receiver, **more: object) -> str:
    """A web hook with a key, unless `more` says otherwise."""
    return api.make("serviceendpoints", **hook_body(receiver.url, **more))


def step(api: Api, endpoint: str, message: str = "Create", table: str = "account", **more: object) -> str:
    """A step after the operation that posts to an endpoint, unless `more` says otherwise."""
    return api.make("sdkmessageprocessingsteps", **step_body(message, table, endpoint, **more))


def test_a_post_tells_what_happened(hooked: Api, receiver: Receiver) -> None:
    """In the words of the service. [EVT-42], [EVT-44], [EVT-45]"""
    step(hooked, hook(hooked, receiver))
    account = hooked.make("accounts", name="posted", numberofemployees=5)

    (post,) = receiver.posts
    body, target = post.body, post.body["InputParameters"][0]["value"]
    assert ("/hook?code=k-1", "account", "Create") == (
        post.path,
        post.headers["x-ms-dynamics-entity-name"],
        post.headers["x-ms-dynamics-request-name"],
    )
    assert ("Create", "account", account, 40, 0, 1) == tuple(
        body[name] for name in ("MessageName", "PrimaryEntityName", "PrimaryEntityId", "Stage", "Mode", "Depth")
    )
    assert {"key": "name", "value": "posted"} in target["Attributes"]
    assert {"key": "numberofemployees", "value": 5} in target["Attributes"]
    assert [{"key": "id", "value": account}] == body["OutputParameters"]


def test_a_post_that_is_not_taken_undoes_the_message(hooked: Api, receiver: Receiver) -> None:
    """[EVT-7], [EVT-46]"""
    step(hooked, hook(hooked, receiver))
    receiver.statuses = [500]
    answer = hooked.post("accounts", {"name": "undone"})
    assert (400, "0x80040265") == (answer.status, answer.code)
    assert [] == hooked.values("accounts?$filter=name eq 'undone'", "accountid")


def test_a_receiver_that_is_away_for_a_moment_is_tried_once_more(hooked: Api, receiver: Receiver) -> None:
    """After 502, 503 and 504, and only once. [EVT-47]"""
    step(hooked, hook(hooked, receiver))
    receiver.statuses = [503, 200]
    assert 204 == hooked.post("accounts", {"name": "again"}).status
    receiver.statuses = [503, 503, 200]
    assert 400 == hooked.post("accounts", {"name": "gone"}).status
    assert 4 == len(receiver.posts)


def test_a_step_waits_for_the_columns_it_names(hooked: Api, receiver: Receiver) -> None:
    """Those that are sent count, changed or not. [EVT-14]"""
    account = hooked.make("accounts", name="filtered", telephone1="1")
    step(hooked, hook(hooked, receiver), "Update", filteringattributes="telephone1")
    for values in ({"name": "other"}, {"telephone1": "1"}):
        assert 204 == hooked.patch(f"accounts({account})", values).status
    assert [{"telephone1"}] == [_sent(post) - {"accountid"} for post in receiver.posts]


def _sent(post: Post) -> set[str]:
    return {pair["key"] for pair in post.body["InputParameters"][0]["value"]["Attributes"]}


def test_images_show_the_row_before_and_after(hooked: Api, receiver: Receiver) -> None:
    """[EVT-10], [EVT-12]"""
    account = hooked.make("accounts", name="before")
    made = step(hooked, hook(hooked, receiver), "Update")
    bind = {"sdkmessageprocessingstepid__bind": f"/sdkmessageprocessingsteps({made})"}
    hooked.make("sdkmessageprocessingstepimages", entityalias="both", imagetype=2, attributes="name", **bind)
    hooked.patch(f"accounts({account})", {"name": "after"})
    (post,) = receiver.posts
    names = [
        pair["value"]
        for images in ("PreEntityImages", "PostEntityImages")
        for pair in post.body[images][0]["value"]["Attributes"]
        if pair["key"] == "name"
    ]
    assert ["before", "after"] == names


def test_an_owner_sent_with_other_columns_is_an_update_of_its_own(hooked: Api, receiver: Receiver) -> None:
    """And an Assign. [EVT-31], [EVT-33]"""
    endpoint = hook(hooked, receiver)
    step(hooked, endpoint, "Update")
    step(hooked, endpoint, "Assign")
    account = hooked.make("accounts", name="owned")
    unit = hooked.organization.administrator.business_unit_id
    team = hooked.make("teams", name="owners", businessunitid__bind=f"/businessunits({unit})")
    role = {"@odata.id": f"roles({builtin_id('role', 'basic-user')})"}
    assert 204 == hooked.post(f"teams({team})/teamroles_association/$ref", role).status
    body = {"telephone1": "7", "ownerid@odata.bind": f"/teams({team})"}
    assert 204 == hooked.patch(f"accounts({account})", body).status
    told = [(post.body["MessageName"], _sent(post) - {"accountid"}) for post in receiver.posts[:2]]
    assert [("Update", {"telephone1"}), ("Update", {"ownerid"})] == told
    assert "Assign" == receiver.posts[2].body["MessageName"]


def test_an_asynchronous_step_is_a_job(hooked: Api, receiver: Receiver) -> None:
    """Written with the message, posted after it, kept as a row. [EVT-2], [EVT-48], [EVT-60]"""
    step(hooked, hook(hooked, receiver), mode=1)
    hooked.make("accounts", name="later")
    assert [] == receiver.posts
    assert 1 == run_due(hooked.organization)
    assert (40, 1) == (receiver.posts[0].body["Stage"], receiver.posts[0].body["Mode"])
    receiver.statuses = [500]
    hooked.make("accounts", name="failing")
    assert 1 == run_due(hooked.organization)
    jobs = "asyncoperations?$filter=operationtype eq 1&$select=statecode,statuscode&$orderby=createdon,asyncoperationid"
    assert [(3, 30), (3, 31)] == [(job["statecode"], job["statuscode"]) for job in hooked.get(jobs).json["value"]]
    for row_id in hooked.values("asyncoperations?$select=asyncoperationid", "asyncoperationid"):
        hooked.delete(f"asyncoperations({row_id})")


def test_a_rolled_back_message_leaves_no_job(hooked: Api, receiver: Receiver) -> None:
    """[EVT-2]"""
    endpoint = hook(hooked, receiver)
    step(hooked, endpoint, mode=1, rank=1)
    step(hooked, endpoint, rank=2)
    receiver.statuses = [500]
    assert 400 == hooked.post("accounts", {"name": "nothing"}).status
    assert [] == hooked.values("asyncoperations?$filter=operationtype eq 1", "asyncoperationid")


def test_the_secret_of_a_hook_is_never_told(hooked: Api, receiver: Receiver) -> None:
    """[EVT-40]"""
    endpoint = hook(hooked, receiver, authtype=5, authvalue='<settings><setting name="x-k" value="v-1"/></settings>')
    row = hooked.read(f"serviceendpoints({endpoint})")
    assert (True, False) == (row["isauthvalueset"], "authvalue" in row)
    step(hooked, endpoint)
    hooked.make("accounts", name="secret")
    assert "v-1" == receiver.posts[0].headers["x-k"]


def test_hooks_do_not_lead_to_private_addresses_unless_they_may(hooked: Api, receiver: Receiver) -> None:
    """The address is checked, and the connection made to the checked one."""
    organization = hooked.organization
    organization.steps = StepBook((), HttpPoster(allows_private=False), organization.name)
    step(hooked, hook(hooked, receiver))
    answer = hooked.post("accounts", {"name": "inside"})
    assert (400, True) == (answer.status, "private network" in answer.message)
    assert [] == receiver.posts


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"url": "http://user:secret@hook.test/"}, "no password"),
        ({"url": "ftp://hook.test/"}, "http://"),
        ({"authtype": 5, "authvalue": '<settings><setting name="Host" value="a"/></settings>'}, "'Host'"),
    ],
)
def test_what_no_post_may_say_cannot_be_registered(hooked: Api, more: dict[str, object], says: str) -> None:
    """[EVT-40]"""
    body = {**hook_body("http://hook.test/"), **more}
    answer = hooked.post("serviceendpoints", body)
    assert (400, True) == (answer.status, says in answer.message)


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"stage": 20, "mode": 1}, "0x80044187"),
    ({"stage": 30}, "0x80040203"),
    ({"message": "Upsert"}, "0x80044187"),
    ({"message": "WhoAmI", "sdkmessagefilterid__bind": None}, "0x80044187"),
    ({"eventhandler_serviceendpoint__bind": None}, "0x80040203"),
]


@pytest.mark.parametrize(("more", "code"), REFUSED)
def test_what_cannot_run_cannot_be_registered(
    hooked: Api, receiver: Receiver, more: dict[str, object], code: str
) -> None:
    """[EVT-2], [EVT-5], [EVT-6]"""
    message = str(more.get("message", "Create"))
    body = {
        "name": "no step",
        "stage": more.get("stage", 40),
        "mode": more.get("mode", 0),
        "sdkmessageid@odata.bind": f"/sdkmessages({builtin_id('sdkmessage', message)})",
    }
    if "sdkmessagefilterid__bind" not in more:
        listed = builtin_id("sdkmessagefilter", f"{message}/account")
        body["sdkmessagefilterid@odata.bind"] = f"/sdkmessagefilters({listed})"
    if "eventhandler_serviceendpoint__bind" not in more:
        body["eventhandler_serviceendpoint@odata.bind"] = f"/serviceendpoints({hook(hooked, receiver)})"
    answer = hooked.post("sdkmessageprocessingsteps", body)
    assert (400, code) == (answer.status, answer.code), answer.body


# --- functions of solutions ------------------------------------------------------------------------------------------


def with_solution(solution: Solution) -> Api:
    """An organization that runs a solution."""
    organization = new_organization()
    organization.steps = StepBook((solution,), HttpPoster(allows_private=False), organization.name)
    organization.read_steps()
    return Api(organization)


def test_a_step_before_the_operation_changes_what_is_stored() -> None:
    """And one before that may refuse. [EVT-7], [EVT-13]"""
    solution = Solution("names")

    @solution.step("Create", "account", stage=Stage.PRE_OPERATION)
    def in_capitals(context: Context) -> None:
        context.target["name"] = str(context.target["name"]).upper()

    @solution.step("Create", "account", stage=Stage.PRE_VALIDATION)
    def no_secrets(context: Context) -> None:
        if context.target["name"] == "secret":
            refuse("Not that name.")

    api = with_solution(solution)
    assert "ADA" == api.read(f"accounts({api.make('accounts', name='ada')})")["name"]
    refused = api.post("accounts", {"name": "secret"})
    assert (400, "0x80040265", "Not that name.") == (refused.status, refused.code, refused.message)
    api.web.close()


def test_a_step_sends_messages_and_what_is_without_end_is_stopped() -> None:
    """One level deeper each; after eight it is a loop, and nothing is left. [EVT-9]"""
    from verselet.messages.request import Create

    solution = Solution("loop")
    depths: list[int] = []

    @solution.step("Create", "account", stage=Stage.POST_OPERATION)
    def another(context: Context) -> None:
        depths.append(context.depth)
        context.send(Create(Row("account", None, {"name": "another"})))

    api = with_solution(solution)
    refused = api.post("accounts", {"name": "first"})
    assert ("0x80044182", list(range(1, 9))) == (refused.code, depths)
    assert [] == api.values("accounts?$select=name", "name")
    api.web.close()


def test_a_step_that_breaks_undoes_the_message() -> None:
    """What broke is said. [EVT-7]"""
    solution = Solution("broken")

    @solution.step("Delete", "account", stage=Stage.PRE_OPERATION)
    def divide(context: Context) -> None:
        context.shared["x"] = 1 // 0

    api = with_solution(solution)
    account = api.make("accounts", name="kept")
    refused = api.delete(f"accounts({account})")
    assert (400, "0x80040224", True) == (refused.status, refused.code, "ZeroDivisionError" in refused.message)
    assert "kept" == api.read(f"accounts({account})")["name"]
    api.web.close()


def test_an_asynchronous_function_runs_as_a_job() -> None:
    """It sees the row and its images, and what it sends happens. [EVT-2], [EVT-10]"""
    from verselet.messages.request import RowKey, Update

    solution = Solution("afterwards")

    @solution.step(
        "Update", "account", stage=Stage.POST_OPERATION, mode=Mode.ASYNC, pre_image={"name"}, columns={"name"}
    )
    def keep_the_old_name(context: Context) -> None:
        values = {"description": f"was {context.pre_image['name']!s}"}
        context.send(Update(Row("account", context.row_id, dict(values)), RowKey(context.row_id)))

    api = with_solution(solution)
    account = api.make("accounts", name="old")
    assert 204 == api.patch(f"accounts({account})", {"name": "new"}).status
    assert 1 == run_due(api.organization)
    assert "was old" == api.read(f"accounts({account})")["description"]
    api.web.close()


@pytest.mark.parametrize(("message", "expected"), [("CreateMultiple", 1), ("Create", 2)])
def test_single_and_multiple_messages_run_each_others_steps(message: str, expected: int) -> None:
    """[EVT-16]"""
    solution = Solution("both")
    seen: list[int] = []

    @solution.step(message, "account", stage=Stage.POST_OPERATION)
    def count(context: Context) -> None:
        seen.append(len(context.inputs.get("Targets", [1])))

    api = with_solution(solution)
    item = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    body = {"Targets": [{**item, "name": "a"}, {**item, "name": "b"}]}
    assert 200 == api.post("accounts/Microsoft.Dynamics.CRM.CreateMultiple", body).status
    assert expected == len(seen)
    api.make("accounts", name="c")
    assert expected + 1 == len(seen)
    api.web.close()


def test_the_return_of_a_row_is_an_event(hooked: Api, receiver: Receiver) -> None:
    """Its target is the row with what it comes back with; a step before it may say otherwise. [BIN-16], [EVT-4]"""
    settings = [hooked.make("recyclebinconfigs", name=name) for name in ("organization", "account")]
    account = hooked.make("accounts", name="Contour")
    hooked.delete(f"accounts({account})")
    step(hooked, hook(hooked, receiver), "Restore")
    target = {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": account, "numberofemployees": 5}
    assert 200 == hooked.post("Restore", {"Target": target}).status
    (post,) = receiver.posts
    (given,) = [item["value"] for item in post.body["InputParameters"] if item["key"] == "Target"]
    shown = {item["key"]: item["value"] for item in given["Attributes"]}
    assert ("Restore", "account", account, 5) == (
        post.body["MessageName"],
        post.body["PrimaryEntityName"],
        given["Id"],
        shown["numberofemployees"],
    )
    for path in [f"accounts({account})", *[f"recyclebinconfigs({found})" for found in settings]]:
        hooked.delete(path)
