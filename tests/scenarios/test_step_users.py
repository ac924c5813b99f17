"""Steps that run as somebody else, on both stores. [EVT-18]"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.family import acting, user
from tests.scenarios.harness import Api
from tests.scenarios.people import NAMESPACE
from tests.scenarios.stores import api
from tests.step_bodies import step_body
from verselet.jobs.queue import run_due
from verselet.messages.request import Create, Delete, RowKey
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Row, Solution, Stage

__all__ = ["api"]


Heard = list[tuple[str, str, str]]


@pytest.fixture
def heard(api: Api) -> Iterator[Heard]:
    """A function that makes a contact called like the account; what it was told of message, user and initiator."""
    solution = Solution("copying")
    told: Heard = []

    @solution.step("Merge", "account", stage=Stage.POST_OPERATION)
    def copy(context: Context) -> None:
        told.append((context.message, context.user_id, context.facts.initiating_user_id))
        if context.message == "Create":
            context.send(Create(Row("contact", None, {"lastname": context.target["name"]})))
        elif context.message == "Update":
            (secret,) = api.values("contacts?$filter=lastname eq 'secret'", "contactid")
            context.send(Delete("contact", RowKey(secret)))

    organization = api.organization
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()
    yield told
    organization.steps = StepBook((), NoPoster(), organization.name)
    organization.read_steps()


def step(api: Api, message: str = "Create", table: str = "account", **more: object) -> str:
    """The function, registered as a row."""
    plugin = api.make("plugintypes", typename="copying: copy", name="copy")
    runs = {"eventhandler_plugintype@odata.bind": f"/plugintypes({plugin})"}
    return api.make("sdkmessageprocessingsteps", **step_body(message, table, None, **more), **runs)


def entitle(api: Api, user_id: str, *privileges: str) -> None:
    """Give a user those privileges, for all rows."""
    role = api.make("roles", name="More", businessunitid__bind=f"/businessunits({_root(api)})")
    given = {"Privileges": [{"Depth": "Global", "PrivilegeName": name} for name in privileges]}
    assert 204 == api.post(f"roles({role})/{NAMESPACE}AddPrivilegesRole", given).status
    held = {"@odata.id": f"roles({role})"}
    assert 204 == api.post(f"systemusers({user_id})/systemuserroles_association/$ref", held).status


def made_by(api: Api, name: str) -> tuple[str, str, str | None]:
    """Owner, creator, and on whose behalf, of the contact."""
    columns = ("_ownerid_value", "_createdby_value", "_createdonbehalfby_value")
    (found,) = api.read(f"contacts?$filter=lastname eq '{name}'&$select={','.join(columns)}")["value"]
    owner, creator, behalf = [found[name] for name in columns]
    return owner, creator, behalf


@pytest.mark.parametrize("mode", [0, 1])
def test_a_step_sends_messages_as_its_user(api: Api, heard: Heard, mode: int) -> None:
    """What it makes is that user's; whoever caused the event is told beside. [EVT-18], [SEC-93], [SEC-94]"""
    (_, anna), (_, ben) = user(api, "Anna"), user(api, "Ben")
    step(api, mode=mode, impersonatinguserid__bind=f"/systemusers({ben})")
    assert 204 == api.post("accounts", {"name": "copied"}, **acting(anna)).status
    run_due(api.organization)
    assert ([("Create", ben, anna)], (ben, ben, anna)) == (heard, made_by(api, "copied"))


@pytest.mark.parametrize("mode", [0, 1])
def test_a_step_without_a_user_sends_messages_as_who_asked(api: Api, heard: Heard, mode: int) -> None:
    """[EVT-18]"""
    _, anna = user(api, "Anna")
    step(api, mode=mode)
    assert 204 == api.post("accounts", {"name": "copied"}, **acting(anna)).status
    run_due(api.organization)
    assert ([("Create", anna, anna)], (anna, anna, None)) == (heard, made_by(api, "copied"))


def test_what_the_user_of_a_step_may_not_the_step_may_not(api: Api, heard: Heard) -> None:
    """Whatever the one who asked may. [EVT-18], [SEC-33]"""
    nobody = api.make("systemusers", lastname="Nobody", businessunitid__bind=f"/businessunits({_root(api)})")
    step(api, impersonatinguserid__bind=f"/systemusers({nobody})")
    refused = api.post("accounts", {"name": "refused"})
    assert (403, [("Create", nobody)]) == (refused.status, [told[:2] for told in heard])
    assert [] == api.values("accounts?$filter=name eq 'refused'", "accountid")


def test_a_step_on_what_the_server_does_by_itself_runs_as_who_asked(api: Api, heard: Heard) -> None:
    """A merge writes both rows with the server's rights; steps around that gain nothing. [EVT-18], [MSG-41]"""
    _, anna = user(api, "Anna")
    api.make("contacts", lastname="secret")
    entitle(api, anna, "prvMerge")
    ids = [api.post("accounts", {"name": name}, **acting(anna)).id for name in ("stays", "goes")]
    step(api, "Update")
    target, subordinate = [{"@odata.type": f"{NAMESPACE}account", "accountid": found} for found in ids]
    body = {"Target": target, "Subordinate": subordinate, "PerformParentingChecks": False}
    refused = api.post("Merge", body, **acting(anna))
    assert (403, [("Update", anna, anna)]) == (refused.status, [told for told in heard if told[0] == "Update"])
    assert ["secret"] == api.values("contacts?$select=lastname", "lastname")


def _root(api: Api) -> str:
    return api.organization.administrator.business_unit_id


def test_a_step_of_a_disabled_user_stops_the_message(api: Api, heard: Heard) -> None:
    """[EVT-7], [EVT-18]"""
    _, ben = user(api, "Ben")
    step(api, impersonatinguserid__bind=f"/systemusers({ben})")
    assert 204 == api.patch(f"systemusers({ben})", {"isdisabled": True}).status
    refused = api.post("accounts", {"name": "refused"})
    assert (403, []) == (refused.status, heard)


def test_who_names_another_user_acts_for_that_user(api: Api, heard: Heard) -> None:
    """That takes the privilege to do so; one's own name takes none. [EVT-18], [SEC-91]"""
    _, anna = user(api, "Anna")
    entitle(api, anna, *[f"prv{verb}SdkMessageProcessingStep" for verb in ("Read", "Write", "Append")])
    made = step(api)
    address, administrator = f"sdkmessageprocessingsteps({made})", api.organization.administrator.user_id
    named = [
        api.patch(address, {"impersonatinguserid@odata.bind": f"/systemusers({whom})"}, **acting(anna))
        for whom in (administrator, anna)
    ]
    assert [403, 204] == [answer.status for answer in named], named[1].body
    assert "prvActOnBehalfOfAnotherUser" in named[0].message
    assert [] == heard
