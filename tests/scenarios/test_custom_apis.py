"""Custom APIs: messages of one's own, defined as rows, called as functions and actions, on both stores. [FN-28]"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from tests.scenarios.custom_apis import NAMESPACE, api, custom_api, parameter, response, run_solutions, stored_api
from tests.scenarios.harness import NOBODY, Api
from verselet.messages.custom import Kind
from verselet.messages.request import Create
from verselet.sdk import Context, Reference, Row, Solution, refuse

__all__ = ["api", "stored_api"]


def test_an_action_takes_what_it_declares_and_answers_with_what_was_set(api: Api) -> None:
    """The function reads inputs and sets outputs; the answer is of the API's own type. [FN-4], [FN-5], [FN-28]"""
    solution = Solution("greetings")

    @solution.operation("new_Greet")
    def greet(context: Context) -> None:
        context.outputs["Greeting"] = f"Good {context.inputs['Time']}, {context.inputs.get('Name', 'everybody')}"

    run_solutions(api, solution)
    made = custom_api(api, "new_Greet", does="greetings: greet")
    parameter(api, made, "Time")
    parameter(api, made, "Name", isoptional=True)
    response(api, made, "Greeting")
    response(api, made, "Length", Kind.INTEGER)
    told = [api.post("new_Greet", body) for body in ({"Time": "evening"}, {"Time": "day", "Name": "registrant"})]
    assert [200, 200] == [answer.status for answer in told], told[0].body
    assert {
        "@odata.context": f"http://127.0.0.1:8765/api/data/v9.2/$metadata#{NAMESPACE}new_GreetResponse",
        "Greeting": "Good evening, everybody",
        "Length": None,
    } == told[0].json
    assert "Good day, registrant" == told[1].json["Greeting"]


def test_a_function_is_called_with_values_in_the_address(api: Api) -> None:
    """In the parentheses or by alias; it takes GET only. [FN-2], [FN-4], [FN-28]"""
    solution = Solution("sums")

    @solution.operation("new_Sum")
    def add(context: Context) -> None:
        context.outputs["Sum"] = context.inputs["One"] + context.inputs["Other"]

    run_solutions(api, solution)
    made = custom_api(api, "new_Sum", does="sums: add", isfunction=True)
    for name in ("One", "Other"):
        parameter(api, made, name, Kind.DECIMAL)
    response(api, made, "Sum", Kind.DECIMAL)
    answers = [api.get("new_Sum(One=1.25,Other=2)"), api.get("new_Sum(One=@a,Other=@b)?@a=0.1&@b=0.2")]
    assert [Decimal("3.25"), Decimal("0.3")] == [json.loads(a.body, parse_float=Decimal)["Sum"] for a in answers]
    assert 405 == api.post("new_Sum", {"One": 1, "Other": 2}).status


VALUES: dict[Kind, tuple[object, object]] = {
    Kind.BOOLEAN: (True, "true"),
    Kind.DATE_TIME: ("2026-05-06T07:08:09Z", 1),
    Kind.DECIMAL: (12.5, "12.5"),
    Kind.ENTITY: ({"@odata.type": f"#{NAMESPACE}account", "name": "inside"}, "text"),
    Kind.ENTITY_COLLECTION: ([{"@odata.type": f"#{NAMESPACE}account", "name": "inside"}], {"name": "one"}),
    Kind.ENTITY_REFERENCE: ({"@odata.type": f"#{NAMESPACE}account", "accountid": NOBODY}, NOBODY),
    Kind.FLOAT: (0.5, "0.5"),
    Kind.INTEGER: (7, 7.5),
    Kind.MONEY: (99.95, "much"),
    Kind.PICKLIST: (100000001, "first"),
    Kind.STRING: ("a text", 5),
    Kind.STRING_ARRAY: (["one", "two"], ["one", 2]),
    Kind.GUID: (NOBODY, "no-guid"),
}


def test_values_of_each_type_come_back_as_they_were_sent(api: Api) -> None:
    """All thirteen types, in and out. [FN-6], [FN-28]"""
    solution = Solution("echoes")
    seen: dict[str, Any] = {}

    @solution.operation("new_Echo")
    def echo(context: Context) -> None:
        seen.update(context.inputs)
        context.outputs.update(context.inputs)

    run_solutions(api, solution)
    made = custom_api(api, "new_Echo", does="echoes: echo")
    for kind in Kind:
        parameter(api, made, kind.name, kind, isoptional=True)
        response(api, made, kind.name, kind)
    sent = {kind.name: good for kind, (good, _) in VALUES.items()}
    answer = api.post("new_Echo", sent)
    assert 200 == answer.status, answer.body
    assert sent == {name: value for name, value in answer.json.items() if "@" not in name}
    assert (Decimal("12.5"), Decimal("99.95"), 0.5) == (seen["DECIMAL"], seen["MONEY"], seen["FLOAT"])
    assert (Row("account", None, {"name": "inside"}), Reference("account", NOBODY)) == (
        seen["ENTITY"],
        seen["ENTITY_REFERENCE"],
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_a_value_of_another_type_is_refused(api: Api, kind: Kind) -> None:
    """As a body that cannot be read. [E-8], [FN-28]"""
    made = custom_api(api, "new_Typed")
    parameter(api, made, "Given", kind)
    good, bad = VALUES[kind]
    refused = api.post("new_Typed", {"Given": bad})
    assert (400, "0x80048d19") == (refused.status, refused.code), refused.body
    assert "'Given'" in refused.message
    assert 204 == api.post("new_Typed", {"Given": good}).status


def test_a_parameter_that_is_missing_or_unknown_is_refused(api: Api) -> None:
    """Null is as good as missing. [FN-8]"""
    made = custom_api(api, "new_Asking")
    parameter(api, made, "Needed")
    for body in ({}, {"Needed": None}):
        refused = api.post("new_Asking", body)
        assert (400, "The parameter 'Needed' is required.") == (refused.status, refused.message)
    refused = api.post("new_Asking", {"Needed": "x", "Other": 1})
    assert (400, "0x80048d19") == (refused.status, refused.code)
    assert "'Other'" in refused.message
    assert 204 == api.post("new_Asking", {"Needed": "x"}).status


def test_a_message_bound_to_a_row_is_told_which(api: Api) -> None:
    """As the input `Target`; the row must be there, and the namespace in the address. [FN-3], [FN-28]"""
    solution = Solution("approvals")
    seen: list[tuple[object, str, str]] = []

    @solution.operation("new_Approve")
    def approve(context: Context) -> None:
        seen.append((context.inputs["Target"], context.table, context.row_id))

    run_solutions(api, solution)
    custom_api(api, "new_Approve", does="approvals: approve", bindingtype=1, boundentitylogicalname="account")
    account = api.make("accounts", name="to be approved", accountnumber="A-7")
    assert 204 == api.post(f"accounts({account})/{NAMESPACE}new_Approve").status
    assert [(Reference("account", account), "account", account)] == seen
    for address, status in {
        f"accounts({NOBODY})/{NAMESPACE}new_Approve": 404,
        f"accounts/{NAMESPACE}new_Approve": 404,
        f"contacts({account})/{NAMESPACE}new_Approve": 404,
        "new_Approve": 404,
    }.items():
        assert status == api.post(address).status, address
    assert 1 == len(seen)


def test_a_message_bound_to_a_table_is_called_on_its_set(api: Api) -> None:
    """It has no target. [FN-3], [FN-28]"""
    solution = Solution("counts")

    @solution.operation("new_CountWords")
    def count(context: Context) -> None:
        context.outputs["Told"] = f"{context.table}:{context.inputs['Of']}:{'Target' in context.inputs}"

    run_solutions(api, solution)
    made = custom_api(
        api, "new_CountWords", does="counts: count", isfunction=True, bindingtype=2, boundentitylogicalname="account"
    )
    parameter(api, made, "Of")
    response(api, made, "Told")
    assert "account:names:False" == api.read(f"accounts/{NAMESPACE}new_CountWords(Of='names')")["Told"]


def test_one_row_or_rows_are_the_whole_answer(api: Api) -> None:
    """A single property of those types is not wrapped. [FN-5], [FN-28]"""
    solution = Solution("rows")
    contact = Reference("contact", NOBODY)

    @solution.operation("new_One")
    def one(context: Context) -> None:
        context.outputs["Found"] = Row("account", NOBODY, {"name": "found", "primarycontactid": contact})

    @solution.operation("new_Many")
    def many(context: Context) -> None:
        context.outputs["Found"] = [Row("account", None, {"name": name}) for name in ("a", "b")]

    run_solutions(api, solution)
    for name, does, kind in (("new_One", "one", Kind.ENTITY), ("new_Many", "many", Kind.ENTITY_COLLECTION)):
        made = custom_api(api, name, does=f"rows: {does}", isfunction=True)
        response(api, made, "Found", kind, logicalentityname="account")
    assert {
        "@odata.context": "http://127.0.0.1:8765/api/data/v9.2/$metadata#accounts/$entity",
        "@odata.type": f"#{NAMESPACE}account",
        "accountid": NOBODY,
        "name": "found",
        "_primarycontactid_value": NOBODY,
    } == api.read("new_One()")
    found = api.read("new_Many")
    assert "http://127.0.0.1:8765/api/data/v9.2/$metadata#accounts" == found["@odata.context"]
    assert ["a", "b"] == [row["name"] for row in found["value"]]


def test_a_row_of_any_table_says_of_which(api: Api) -> None:
    """Where the property names none. [FN-5], [FN-28]"""
    solution = Solution("any")

    @solution.operation("new_Any")
    def any_row(context: Context) -> None:
        context.outputs["Found"] = Row("contact", NOBODY, {"lastname": "found"})

    run_solutions(api, solution)
    response(api, custom_api(api, "new_Any", does="any: any_row"), "Found", Kind.ENTITY)
    found = api.post("new_Any").json
    assert ("$metadata#contacts/$entity", f"#{NAMESPACE}contact", NOBODY) == (
        found["@odata.context"].rpartition("/v9.2/")[2],
        found["@odata.type"],
        found["contactid"],
    )


def test_an_open_object_has_the_members_that_were_sent(api: Api) -> None:
    """Where no table is named, an `expando` of any shape goes in and out. [FN-28]"""
    solution = Solution("open")
    seen: list[Any] = []

    @solution.operation("new_Open")
    def keep(context: Context) -> None:
        seen.append(context.inputs["Settings"])
        context.outputs["Settings"] = {"list": ["a"], "price": Decimal("1.50"), "inner": {"deep": True}, "none": None}

    run_solutions(api, solution)
    made = custom_api(api, "new_Open", does="open: keep")
    parameter(api, made, "Settings", Kind.ENTITY)
    response(api, made, "Settings", Kind.ENTITY)
    sent = {
        "@odata.type": f"{NAMESPACE}expando",
        "name@odata.type": "String",
        "name": "a",
        "price@odata.type": "Decimal",
        "price": 1.5,
        "ratio": 0.5,
        "address": {"@odata.type": f"{NAMESPACE}expando", "city": "b", "lines@odata.type": "Collection(String)",
                    "lines": ["1", "2"]},
    }  # fmt: skip
    answer = api.post("new_Open", {"Settings": sent})
    assert 200 == answer.status, answer.body
    address = {"city": "b", "lines": ["1", "2"]}
    assert [{"name": "a", "price": Decimal("1.5"), "ratio": 0.5, "address": address}] == seen
    assert isinstance(seen[0]["price"], Decimal)
    assert {
        "@odata.context": f"http://127.0.0.1:8765/api/data/v9.2/$metadata#{NAMESPACE}expando",
        "@odata.type": f"#{NAMESPACE}expando",
        "list@odata.type": "#Collection(String)",
        "list": ["a"],
        "price@odata.type": "#Decimal",
        "price": 1.5,
        "inner": {"@odata.type": f"#{NAMESPACE}expando", "deep": True},
        "none": None,
    } == answer.json


def test_a_function_that_sets_nothing_answers_with_no_content(api: Api) -> None:
    """And one that declares nothing to answer with is not there at all. [FN-28], [FN-29]"""
    made = custom_api(api, "new_Silent", isfunction=True)
    assert (404, "0x80060888") == (api.get("new_Silent()").status, api.get("new_Silent()").code)
    response(api, made, "Word")
    assert 204 == api.get("new_Silent()").status


def test_what_is_set_of_another_type_is_a_failure_of_the_plug_in(api: Api) -> None:
    """[EVT-7], [FN-28]"""
    solution = Solution("wrong")

    @solution.operation("new_Wrong")
    def wrong(context: Context) -> None:
        context.outputs["Number"] = "text"

    run_solutions(api, solution)
    response(api, custom_api(api, "new_Wrong", does="wrong: wrong"), "Number", Kind.INTEGER)
    refused = api.post("new_Wrong")
    assert (400, "0x80040224") == (refused.status, refused.code)
    assert "'Number'" in refused.message


def test_what_an_operation_refuses_is_undone_as_a_whole(api: Api) -> None:
    """The caller gets the text. [EVT-7], [FN-28]"""
    solution = Solution("refusing")

    @solution.operation("new_Refuse")
    def stop(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "undone"})))
        refuse("Not today.")

    run_solutions(api, solution)
    custom_api(api, "new_Refuse", does="refusing: stop")
    refused = api.post("new_Refuse")
    assert (400, "0x80040265", "Not today.") == (refused.status, refused.code, refused.message)
    assert [] == api.values("accounts?$filter=name eq 'undone'", "accountid")


def test_one_function_does_the_work_of_several_messages(api: Api) -> None:
    """It sees which one is called. [FN-28]"""
    solution = Solution("several")

    @solution.operation("new_First")
    @solution.operation("new_Second")
    def work(context: Context) -> None:
        context.outputs["Called"] = context.message

    run_solutions(api, solution)
    for name in ("new_First", "new_Second"):
        response(api, custom_api(api, name, does="several: work"), "Called")
        assert name == api.post(name).json["Called"]


def test_work_that_is_not_here_is_refused_by_name(api: Api) -> None:
    """A plug-in type whose function no solution has. [FN-28]"""
    custom_api(api, "new_Absent", does="elsewhere: work")
    refused = api.post("new_Absent")
    assert (400, "0x80040224") == (refused.status, refused.code)
    assert "elsewhere: work" in refused.message


def test_a_row_is_named_in_an_address_by_alias(api: Api) -> None:
    """The parameters of a function that are rows come as JSON. [FN-2], [FN-28]"""
    solution = Solution("names")

    @solution.operation("new_NameOf")
    def name_of(context: Context) -> None:
        row = context.inputs["Row"]
        context.outputs["Told"] = f"{row.table} {row.id} {context.inputs['At']}"

    run_solutions(api, solution)
    made = custom_api(api, "new_NameOf", does="names: name_of", isfunction=True)
    parameter(api, made, "Row", Kind.ENTITY_REFERENCE, logicalentityname="account")
    parameter(api, made, "At", Kind.DATE_TIME)
    response(api, made, "Told")
    row = quote(json.dumps({"@odata.id": f"accounts({NOBODY})"}))
    found = api.read(f"new_NameOf(Row=@r,At=2026-05-06T07:08:09Z)?@r={row}")
    assert f"account {NOBODY} 2026-05-06T07:08:09Z" == found["Told"]
    other = quote(json.dumps({"@odata.id": f"contacts({NOBODY})"}))
    assert 400 == api.get(f"new_NameOf(Row=@r,At=2026-05-06T07:08:09Z)?@r={other}").status
