"""Custom APIs as events: steps around them, posts, jobs, other messages inside, on both stores. [FN-28]"""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.scenarios.custom_apis import NAMESPACE, api, custom_api, parameter, response, run_solutions, stored_api
from tests.scenarios.harness import NOBODY, Api
from tests.scenarios.test_steps import Receiver, hook, receiver
from tests.unit.server.calls import call
from verselet.jobs.queue import run_due
from verselet.messages.custom import Kind
from verselet.messages.request import Create
from verselet.sdk import Context, Mode, Reference, Row, Solution, Stage

__all__ = ["api", "receiver", "stored_api"]


def registered(api: Api, name: str, endpoint: str, *, mode: int = 0, table: str = "", **more: object) -> dict[str, Any]:
    """The body of a step that posts the message."""
    (message,) = api.values(f"sdkmessages?$filter=name eq '{name}'", "sdkmessageid")
    body = {
        "name": f"post {name}",
        "stage": 40,
        "mode": mode,
        "sdkmessageid@odata.bind": f"/sdkmessages({message})",
        "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})",
        **more,
    }
    if table:
        asked = f"sdkmessagefilters?$filter=primaryobjecttypecode eq '{table}' and sdkmessageid/name eq '{name}'"
        (listed,) = api.values(asked, "sdkmessagefilterid")
        body["sdkmessagefilterid@odata.bind"] = f"/sdkmessagefilters({listed})"
    return body


def test_steps_run_around_the_operation(api: Api) -> None:
    """Before it they change inputs, after it outputs; it is stage 30 itself. [EVT-1], [EVT-3], [FN-28]"""
    solution = Solution("prices")
    heard: list[tuple[str, int, str]] = []

    @solution.operation("new_Price")
    def price(context: Context) -> None:
        heard.append((context.message, context.stage, context.table))
        context.outputs["Price"] = context.inputs["Pieces"] * 10

    def note(context: Context) -> None:
        heard.append((context.message, context.stage, context.table))
        if context.stage == Stage.POST_OPERATION:
            context.outputs["Price"] += 1

    for stage in Stage:
        solution.step("new_Price", "account", stage=stage)(note)
    run_solutions(api, solution)
    made = custom_api(
        api,
        "new_Price",
        does="prices: price",
        bindingtype=2,
        boundentitylogicalname="account",
        allowedcustomprocessingsteptype=2,
    )
    parameter(api, made, "Pieces", Kind.INTEGER)
    response(api, made, "Price", Kind.INTEGER)
    assert 31 == api.post(f"accounts/{NAMESPACE}new_Price", {"Pieces": 3}).json["Price"]
    assert [("new_Price", stage, "account") for stage in (10, 20, 30, 40)] == heard


def test_a_message_without_work_of_its_own_answers_with_what_steps_set(api: Api) -> None:
    """It is an event, and nothing else. [FN-28]"""
    solution = Solution("listening")

    @solution.step("new_Happened", stage=Stage.POST_OPERATION)
    def answer(context: Context) -> None:
        context.outputs["Heard"] = context.inputs["What"]

    run_solutions(api, solution)
    made = custom_api(api, "new_Happened", allowedcustomprocessingsteptype=2)
    parameter(api, made, "What")
    response(api, made, "Heard")
    assert "a knock" == api.post("new_Happened", {"What": "a knock"}).json["Heard"]


@pytest.mark.parametrize(
    ("allows", "mode", "status"), [(0, 0, 400), (0, 1, 400), (1, 0, 400), (1, 1, 204), (2, 0, 204), (2, 1, 204)]
)
def test_a_message_says_which_steps_it_takes(api: Api, receiver: Receiver, allows: int, mode: int, status: int) -> None:
    """None, asynchronous ones only, or all. [EVT-5], [EVT-6], [FN-28]"""
    custom_api(api, "new_Watched", allowedcustomprocessingsteptype=allows)
    answer = api.post("sdkmessageprocessingsteps", registered(api, "new_Watched", hook(api, receiver), mode=mode))
    assert status == answer.status, answer.body
    if status == 400:
        assert "0x80044187" == answer.code


@pytest.mark.parametrize("mode", [0, 1])
def test_a_web_hook_is_told_what_was_called(api: Api, receiver: Receiver, mode: int) -> None:
    """With the values as the service writes them; at once, or by a job. [EVT-44], [EVT-45], [FN-28]"""
    solution = Solution("orders")

    @solution.operation("new_Order")
    def order(context: Context) -> None:
        context.outputs["Number"] = "O-1"
        context.outputs["Undeclared"] = Row("made_up", None, {"column": 5})

    run_solutions(api, solution, posts=True)
    made = custom_api(
        api,
        "new_Order",
        does="orders: order",
        bindingtype=1,
        boundentitylogicalname="account",
        allowedcustomprocessingsteptype=2,
    )
    sent: dict[Kind, object] = {
        Kind.PICKLIST: 2,
        Kind.MONEY: 9.5,
        Kind.DATE_TIME: "1970-01-01T00:00:01Z",
        Kind.STRING: "text",
        Kind.ENTITY: {"@odata.type": f"{NAMESPACE}expando", "colour": "green"},
        Kind.ENTITY_REFERENCE: {"@odata.type": f"{NAMESPACE}contact", "contactid": NOBODY},
    }
    for kind in sent:
        parameter(api, made, kind.name, kind)
    response(api, made, "Number")
    step = registered(api, "new_Order", hook(api, receiver), mode=mode, table="account")
    assert 204 == api.post("sdkmessageprocessingsteps", step).status
    account = api.make("accounts", name="customer")
    body = {kind.name: value for kind, value in sent.items()}
    answer = api.post(f"accounts({account})/{NAMESPACE}new_Order", body).json
    assert ("O-1", False) == (answer["Number"], "Undeclared" in answer)
    run_due(api.organization)
    (post,) = receiver.posts
    assert ("new_Order", "account", account, mode, 40) == tuple(
        post.body[name] for name in ("MessageName", "PrimaryEntityName", "PrimaryEntityId", "Mode", "Stage")
    )
    number, undeclared = post.body["OutputParameters"]
    assert {"key": "Number", "value": "O-1"} == number
    assert [{"key": "column", "value": 5}] == undeclared["value"]["Attributes"]
    inputs = {pair["key"]: pair["value"] for pair in post.body["InputParameters"]}
    contracts = "http://schemas.microsoft.com/xrm/2011/Contracts"
    assert ({"__type": f"OptionSetValue:{contracts}", "Value": 2}, "/Date(1000)/", "text") == (
        inputs["PICKLIST"],
        inputs["DATE_TIME"],
        inputs["STRING"],
    )
    assert {"__type": f"Money:{contracts}", "Value": 9.5} == inputs["MONEY"]
    assert [{"key": "colour", "value": "green"}] == inputs["ENTITY"]["Attributes"]
    assert (account, NOBODY) == (inputs["Target"]["Id"], inputs["ENTITY_REFERENCE"]["Id"])


def test_a_post_that_is_not_taken_undoes_what_the_operation_did(api: Api, receiver: Receiver) -> None:
    """[EVT-7], [FN-28]"""
    solution = Solution("orders")

    @solution.operation("new_Order")
    def order(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "ordered"})))

    run_solutions(api, solution, posts=True)
    custom_api(api, "new_Order", does="orders: order", allowedcustomprocessingsteptype=2)
    assert 204 == api.post("sdkmessageprocessingsteps", registered(api, "new_Order", hook(api, receiver))).status
    receiver.statuses = [500]
    assert (400, "0x80040265") == (api.post("new_Order").status, api.post("new_Order").code)
    assert [] == api.values("accounts?$filter=name eq 'ordered'", "accountid")


def test_an_asynchronous_function_hears_of_a_message_after_it(api: Api) -> None:
    """With what went in and what came out. [EVT-2], [FN-28]"""
    solution = Solution("later")
    heard: list[tuple[int, dict[str, Any], dict[str, Any]]] = []

    @solution.operation("new_Done")
    def work(context: Context) -> None:
        context.outputs["Out"] = ["a", "b"]

    @solution.step("new_Done", stage=Stage.POST_OPERATION, mode=Mode.ASYNC)
    def hear(context: Context) -> None:
        heard.append((context.mode, dict(context.inputs), dict(context.outputs)))

    run_solutions(api, solution)
    made = custom_api(api, "new_Done", does="later: work", allowedcustomprocessingsteptype=1)
    parameter(api, made, "In", Kind.ENTITY_REFERENCE)
    response(api, made, "Out", Kind.STRING_ARRAY)
    row = {"@odata.type": f"{NAMESPACE}account", "accountid": NOBODY}
    assert ["a", "b"] == api.post("new_Done", {"In": row}).json["Out"]
    assert [] == heard
    run_due(api.organization)
    assert [(1, {"In": Reference("account", NOBODY)}, {"Out": ["a", "b"]})] == heard


def test_no_request_passes_by_the_operation(api: Api) -> None:
    """What a message is for is no extra, as steps are. [EVT-17], [FN-28]"""
    solution = Solution("bypassed")

    @solution.operation("new_Sure")
    def sure(context: Context) -> None:
        context.outputs["Done"] = True

    run_solutions(api, solution)
    response(api, custom_api(api, "new_Sure", does="bypassed: sure"), "Done", Kind.BOOLEAN)
    told = api.send("POST", "new_Sure", {}, headers={"mscrm.bypasscustompluginexecution": "true"})
    assert (200, True) == (told.status, told.json["Done"])


def test_a_message_with_steps_cannot_be_deleted(api: Api, receiver: Receiver) -> None:
    """They would wait for nothing. [FN-28], [MW-7]"""
    made = custom_api(api, "new_Watched", allowedcustomprocessingsteptype=2)
    step = api.post("sdkmessageprocessingsteps", registered(api, "new_Watched", hook(api, receiver)))
    refused = api.delete(f"customapis({made})")
    assert (400, "0x8004f01f") == (refused.status, refused.code)
    assert 204 == api.delete(f"sdkmessageprocessingsteps({step.id})").status
    assert 204 == api.delete(f"customapis({made})").status
    assert [] == api.values("sdkmessages?$filter=name eq 'new_Watched'", "name")


def test_a_job_calls_messages_too(api: Api) -> None:
    """An asynchronous function sends what synchronous ones send. [EVT-2], [FN-28]"""
    solution = Solution("jobs")
    heard: list[object] = []

    @solution.operation("new_Inner")
    def inner(context: Context) -> None:
        context.outputs["Said"] = f"{context.inputs['Word']} {context.depth}"

    @solution.step("new_Outer", stage=Stage.POST_OPERATION, mode=Mode.ASYNC)
    def later(context: Context) -> None:
        heard.append(context.call("new_Inner", Word="later")["Said"])

    run_solutions(api, solution)
    called = custom_api(api, "new_Inner", does="jobs: inner")
    parameter(api, called, "Word")
    response(api, called, "Said")
    custom_api(api, "new_Outer", allowedcustomprocessingsteptype=1)
    assert 204 == api.post("new_Outer").status
    run_due(api.organization)
    assert ["later 1"] == heard


def test_an_operation_that_takes_too_long_is_stopped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """As any step is, and nothing of it is left. [EVT-8], [FN-28]"""
    solution = Solution("endless")

    @solution.operation("new_Hang")
    def hang(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "never"})))
        while True:
            pass

    run_solutions(api, solution)
    custom_api(api, "new_Hang", does="endless: hang")
    monkeypatch.setattr("verselet.pipeline.firing.STEP_LIMIT_S", 0.05)
    stopped = api.post("new_Hang")
    assert (400, "0x80081111") == (stopped.status, stopped.code)
    assert [] == api.values("accounts?$filter=name eq 'never'", "accountid")


def test_what_an_operation_sends_is_one_level_deeper(api: Api) -> None:
    """And its parent is the call. [EVT-9], [EVT-35], [FN-28]"""
    solution = Solution("deep")
    heard: list[tuple[str, int, str, int]] = []

    @solution.operation("new_Make")
    def make(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "made"})))

    @solution.step("Create", "account", stage=Stage.POST_OPERATION)
    def hear(context: Context) -> None:
        parent = context.parent
        assert parent is not None
        heard.append((context.message, context.depth, parent.message, parent.depth))

    run_solutions(api, solution)
    custom_api(api, "new_Make", does="deep: make")
    assert 204 == api.post("new_Make").status
    assert [("Create", 2, "new_Make", 1)] == heard


def test_an_operation_calls_another_message_by_its_name(api: Api) -> None:
    """With values as plug-ins have them; one without end is stopped. [EVT-9], [FN-28]"""
    solution = Solution("calling")

    @solution.operation("new_Outer")
    def outer(context: Context) -> None:
        account = Reference("account", context.inputs["Which"])
        context.outputs["Told"] = context.call("new_Inner", account, Word="inside")["Said"]

    @solution.operation("new_Inner")
    def inner(context: Context) -> None:
        context.outputs["Said"] = f"{context.inputs['Word']} {context.depth} {context.row_id}"

    @solution.operation("new_Endless")
    def endless(context: Context) -> None:
        context.call("new_Endless")

    run_solutions(api, solution)
    called = custom_api(api, "new_Inner", does="calling: inner", bindingtype=1, boundentitylogicalname="account")
    parameter(api, called, "Word")
    response(api, called, "Said")
    calls = custom_api(api, "new_Outer", does="calling: outer", isfunction=True)
    parameter(api, calls, "Which", Kind.GUID)
    response(api, calls, "Told")
    custom_api(api, "new_Endless", does="calling: endless")
    account = api.make("accounts", name="called for")
    assert f"inside 2 {account}" == api.read(f"new_Outer(Which={account})")["Told"]
    assert 404 == api.get(f"new_Outer(Which={NOBODY})").status
    stopped = api.post("new_Endless")
    assert (400, "0x80044182") == (stopped.status, stopped.code)


@pytest.mark.parametrize(
    ("name", "target", "inputs", "says"),
    [
        ("new_Nothing", None, {}, "no message 'new_Nothing'"),
        ("new_Told", None, {}, "'Word' is required"),
        ("new_Told", None, {"Word": "a", "Other": 1}, "no parameter 'Other'"),
        ("new_Told", Reference("account", NOBODY), {"Word": "a"}, "bound to something else"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    api: Api, name: str, target: Reference | None, inputs: dict[str, Any], says: str
) -> None:
    """As one of a client would be. [FN-8], [FN-28]"""
    solution = Solution("wrong")

    @solution.operation("new_Calling")
    def calling(context: Context) -> None:
        context.call(name, target, **inputs)

    run_solutions(api, solution)
    parameter(api, custom_api(api, "new_Told"), "Word")
    custom_api(api, "new_Calling", does="wrong: calling")
    refused = api.post("new_Calling")
    assert (400, "0x80040203") == (refused.status, refused.code)
    assert says in refused.message


def test_functions_write_as_well_and_wait_for_nobody_until_then(api: Api) -> None:
    """What their plug-ins send is committed as that of actions. [EVT-1], [FN-28]"""
    solution = Solution("writing")

    @solution.operation("new_Written")
    def write(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "written by a function"})))
        context.outputs["Done"] = True

    run_solutions(api, solution)
    response(api, custom_api(api, "new_Written", does="writing: write", isfunction=True), "Done", Kind.BOOLEAN)
    assert api.read("new_Written()")["Done"] is True
    (found,) = api.values("accounts?$filter=name eq 'written by a function'", "accountid")
    assert 204 == api.delete(f"accounts({found})").status


@pytest.mark.parametrize(("method", "is_function"), [("POST", False), ("GET", True)])
def test_no_operation_holds_up_other_requests(api: Api, method: str, is_function: bool) -> None:
    """Its function runs beside the event loop, and once. [EVT-8], [FN-28]"""
    solution = Solution("slow")
    threads: list[threading.Thread] = []

    @solution.operation("new_Slow")
    def slow(context: Context) -> None:
        threads.append(threading.current_thread())
        context.outputs["Done"] = True

    run_solutions(api, solution)
    made = custom_api(api, "new_Slow", does="slow: slow", isfunction=is_function)
    response(api, made, "Done", Kind.BOOLEAN)
    headers = {"authorization": "Bearer dev-admin", "content-type": "application/json"}
    answer = call(api.web, method, "/api/data/v9.2/new_Slow", headers=headers, body=b"{}" if method == "POST" else b"")
    assert 200 == answer.status, answer.body
    assert 1 == len(threads)
    assert threading.main_thread() not in threads
