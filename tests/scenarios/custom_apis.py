"""Custom APIs in an organization on each store, with plug-ins that do their work; all of them go after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.both_stores import stored_api
from tests.scenarios.harness import Api
from verselet.messages.custom import Kind
from verselet.operations.step_book import StepBook
from verselet.outgoing import HttpPoster
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Solution

__all__ = ["api", "stored_api"]

NAMESPACE = "Microsoft.Dynamics.CRM."
REGISTERED = ("sdkmessageprocessingstep", "serviceendpoint", "customapi", "plugintype")


@pytest.fixture
def api(stored_api: Api) -> Iterator[Api]:
    """An organization without custom APIs, and without those it had when the test ends."""
    yield stored_api
    for kind in REGISTERED:
        for row_id in stored_api.values(f"{kind}s?$select={kind}id", f"{kind}id"):
            assert 204 == stored_api.delete(f"{kind}s({row_id})").status
    run_solutions(stored_api)


def run_solutions(api: Api, *solutions: Solution, posts: bool = False) -> None:
    """Let the plug-ins of those solutions run, and no others."""
    organization = api.organization
    poster = HttpPoster(allows_private=True) if posts else NoPoster()
    organization.steps = StepBook(solutions, poster, organization.name)
    organization.read_steps()


def plugin_type(api: Api, name: str) -> str:
    """What binds a custom API to a function; the address of its row."""
    return f"/plugintypes({api.make('plugintypes', typename=name, name=name)})"


def custom_api(api: Api, name: str, *, does: str = "", **more: object) -> str:
    """A custom API, an action bound to nothing unless `more` says otherwise; `does` names the function of its work."""
    work = {"PluginTypeId__bind": plugin_type(api, does)} if does else {}
    told = {"uniquename": name, "name": name, "displayname": name, "description": f"What {name} does."}
    return api.make("customapis", **{**told, **work, **more})


def parameter(api: Api, custom: str, name: str, kind: Kind = Kind.STRING, **more: object) -> str:
    """A request parameter; it must be given unless `isoptional`."""
    return api.make("customapirequestparameters", **member(custom, name, kind), **more)


def response(api: Api, custom: str, name: str, kind: Kind = Kind.STRING, **more: object) -> str:
    """A response property."""
    return api.make("customapiresponseproperties", **member(custom, name, kind), **more)


def member(custom: str, name: str, kind: Kind) -> dict[str, object]:
    """The columns of a parameter or a property."""
    return {
        "uniquename": name,
        "name": name,
        "displayname": name,
        "description": f"The {name}.",
        "type": int(kind),
        "CustomAPIId__bind": f"/customapis({custom})",
    }
