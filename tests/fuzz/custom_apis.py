"""Calls of custom APIs that take values of every type and answer with what they were sent."""

from __future__ import annotations

import json

from tests.fuzz.requests import Seed
from tests.scenarios.harness import Api
from verselet.messages.custom import Kind
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution

CRM = "Microsoft.Dynamics.CRM"
ACCOUNT = "5f3e0000-0000-4000-8000-0000a0000025"
ROW = {"@odata.type": f"{CRM}.account", "accountid": ACCOUNT}
OPEN = {
    "@odata.type": f"{CRM}.expando", "a": 1, "b@odata.type": "Decimal", "b": 1.5, "c@odata.type": "Collection(String)",
    "c": ["x"], "d": {"@odata.type": f"{CRM}.expando", "e": [{"f": None}]},
}  # fmt: skip

VALUES: dict[Kind, object] = {
    Kind.BOOLEAN: True,
    Kind.DATE_TIME: "2026-05-06T07:08:09.5+01:00",
    Kind.DECIMAL: 12.5,
    Kind.ENTITY: {**ROW, "name": "a", "primarycontactid@odata.bind": f"/contacts({ACCOUNT})"},
    Kind.ENTITY_COLLECTION: [{"@odata.type": f"#{CRM}.new_gizmo", "new_name": "a"}, OPEN],
    Kind.ENTITY_REFERENCE: {"@odata.id": f"accounts({ACCOUNT})"},
    Kind.FLOAT: 0.5,
    Kind.INTEGER: 7,
    Kind.MONEY: 99.95,
    Kind.PICKLIST: 2,
    Kind.STRING: "it's",
    Kind.STRING_ARRAY: ["one", "two"],
    Kind.GUID: ACCOUNT,
}
IN_ADDRESSES = [kind for kind in Kind if kind not in {Kind.ENTITY, Kind.ENTITY_COLLECTION}]
"""Functions take no open objects."""


def load_custom_apis(api: Api) -> None:
    """An action, a function and a message bound to rows, and what does their work."""
    solution = Solution("fuzz")

    def echo(context: Context) -> None:
        context.outputs.update(context.inputs)

    messages: dict[str, dict[str, object]] = {
        "new_FuzzAct": {},
        "new_FuzzFun": {"isfunction": True},
        "new_FuzzRow": {"bindingtype": 1, "boundentitylogicalname": "account"},
    }
    organization = api.organization
    for name, more in messages.items():
        solution.operation(name)(echo)
        kinds = IN_ADDRESSES if more.get("isfunction") else list(Kind)
        members = [{"uniquename": kind.name, "name": kind.name, "type": int(kind)} for kind in kinds]
        work = api.make("plugintypes", name=name, typename="fuzz: echo")
        body = {
            "uniquename": name, "name": name, "displayname": name, "description": name, **more,
            "PluginTypeId@odata.bind": f"/plugintypes({work})",
            "CustomAPIRequestParameters": [{**member, "isoptional": True} for member in members],
            "CustomAPIResponseProperties": members,
        }  # fmt: skip
        answer = api.post("customapis", body)
        assert 204 == answer.status, answer.body
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()


def custom_body_seeds() -> list[Seed]:
    """Bodies of actions, with one value and with all."""
    bodies = [{kind.name: value} for kind, value in VALUES.items()]
    bodies += [{kind.name: value for kind, value in VALUES.items()}, {"ENTITY": OPEN}]
    return [
        Seed(method="POST", path=path, body=json.dumps(body), focus="body")
        for path in ("new_FuzzAct", f"accounts({ACCOUNT})/{CRM}.new_FuzzRow")
        for body in bodies
    ]


def custom_query_seeds() -> list[Seed]:
    """Values of a function's parameters, by alias."""
    return [
        Seed(
            method="GET",
            path=f"new_FuzzFun({kind.name}=@p)",
            options=(("@p", _in_address(VALUES[kind])),),
            focus="option",
        )
        for kind in IN_ADDRESSES
    ]


def custom_path_seeds() -> list[Seed]:
    """The parentheses of a function."""
    by_alias = {Kind.ENTITY_REFERENCE, Kind.STRING_ARRAY}
    texts = [f"{kind.name}={_in_address(VALUES[kind])}" for kind in IN_ADDRESSES if kind not in by_alias]
    return [Seed(method="GET", path=f"new_FuzzFun({text})", focus="path") for text in (*texts, ",".join(texts))]


def _in_address(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value == ACCOUNT or value[:4] == "2026"
    return value if plain else "'" + value.replace("'", "''") + "'"
