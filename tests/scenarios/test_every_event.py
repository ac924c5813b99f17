"""Every message that is an event reaches whoever waits for it: on the table of the first seed document, on both stores.

The generated page on messages and events is held against the same list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.scenarios.harness import Api, new_organization
from tests.scenarios.people import NAMESPACE, basic_user, named
from tests.scenarios.stores import STORES, url_of
from tests.seeds import read_session_event
from tests.step_bodies import hook_body
from verselet.jobs.queue import run_due
from verselet.lake import Lake
from verselet.metadata.changes.drafts import TableFacts
from verselet.metadata.changes.tables import update_table
from verselet.metadata.compiled import load_schema
from verselet.operations.step_book import StepBook
from verselet.pipeline.events import EVENT_MESSAGES, SUBSCRIBABLE
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage, refuse

EVENT = "msdyn_sessionevent"
SET = "msdyn_sessionevents"


def address(row_id: str) -> str:
    """A session event as the value of an alias."""
    return f"%7B'@odata.id':'{SET}({row_id})'%7D"


def share(api: Api, row_id: str, message: str) -> None:
    """Give a user something to do with the row."""
    principal = named("systemuser", basic_user(api, f"sharee-{message.lower()}"))
    given = {"Target": named(EVENT, row_id), "PrincipalAccess": {"AccessMask": "ReadAccess", "Principal": principal}}
    assert 204 == api.post(message, given).status


def pair(api: Api, _row_id: str) -> None:
    """Connect a user with a role: rows of an intersect table, registered without a table. [MSG-35]"""
    basic_user(api, "paired")


def unpair(api: Api, _row_id: str) -> None:
    """Take a role back."""
    who = basic_user(api, "unpaired")
    role = api.values(f"systemusers({who})/systemuserroles_association?$select=roleid", "roleid")[0]
    assert 204 == api.delete(f"systemusers({who})/systemuserroles_association({role})/$ref").status


def merge(api: Api, _row_id: str) -> None:
    """Make two accounts one."""
    target, subordinate = api.make("accounts", name="stays"), api.make("accounts", name="goes")
    body = {
        "Target": named("account", target),
        "Subordinate": named("account", subordinate),
        "PerformParentingChecks": False,
    }
    assert 204 == api.post("Merge", body).status


def assign(api: Api, row_id: str) -> None:
    """Give the row another owner."""
    owner = basic_user(api, "assignee")
    assert 204 == api.patch(f"{SET}({row_id})", {"ownerid@odata.bind": f"/systemusers({owner})"}).status


def revoke(api: Api, row_id: str) -> None:
    """Take back what nobody was given, which is no fault."""
    body = {"Target": named(EVENT, row_id), "Revokee": named("systemuser", basic_user(api, "revoked"))}
    assert 204 == api.post("RevokeAccess", body).status


def ask_access(api: Api, row_id: str) -> None:
    """Ask what the administrator may do with the row."""
    who = api.organization.administrator.user_id
    target = f"systemusers({who})/{NAMESPACE}RetrievePrincipalAccess(Target=@t)?@t={address(row_id)}"
    assert 200 == api.get(target).status


def many(api: Api, message: str, row: dict[str, object]) -> None:
    """A message about several rows."""
    body = {"Targets": [{"@odata.type": f"{NAMESPACE}{EVENT}", **row}]}
    assert api.post(f"{SET}/{NAMESPACE}{message}", body).status in {200, 204}


def restore(api: Api, row_id: str) -> None:
    """Bring the row back from the bin."""
    for name in ("organization", EVENT):
        assert api.post("recyclebinconfigs", {"name": name}).status in {204, 400}
    assert 204 == api.delete(f"{SET}({row_id})").status
    target = {"@odata.type": f"{NAMESPACE}{EVENT}", f"{EVENT}id": row_id}
    assert 200 == api.post("Restore", {"Target": target}).status


def retain(api: Api, row_id: str) -> None:
    """Run a policy about the row."""
    condition = f"<condition attribute='{EVENT}id' operator='eq' value='{row_id}'/>"
    criteria = f"<fetch><entity name='{EVENT}'><filter>{condition}</filter></entity></fetch>"
    api.make("retentionconfigs", name="p", uniquename=f"p {row_id}", entitylogicalname=EVENT, criteria=criteria)
    run_due(api.organization)


DEEDS: dict[str, Callable[[Api, str], object]] = {
    "Assign": assign,
    "Associate": pair,
    "BulkRetain": retain,
    "Create": lambda api, _: api.make(SET, msdyn_name="made"),
    "CreateMultiple": lambda api, _: many(api, "CreateMultiple", {"msdyn_name": "made with others"}),
    "Delete": lambda api, row_id: api.delete(f"{SET}({row_id})"),
    "Disassociate": unpair,
    "GrantAccess": lambda api, row_id: share(api, row_id, "GrantAccess"),
    "Merge": merge,
    "ModifyAccess": lambda api, row_id: share(api, row_id, "ModifyAccess"),
    "PurgeRetainedContent": retain,
    "Restore": restore,
    "Retain": retain,
    "RollbackRetain": retain,
    "ValidateRetentionConfig": retain,
    "Retrieve": lambda api, row_id: api.get(f"{SET}({row_id})"),
    "RetrieveMultiple": lambda api, _: api.get(SET),
    "RetrievePrincipalAccess": ask_access,
    "RetrieveSharedPrincipalsAndAccess": lambda api, row_id: api.get(
        f"RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={address(row_id)}"
    ),
    "RevokeAccess": revoke,
    "SetState": lambda api, row_id: api.patch(f"{SET}({row_id})", {"statecode": 1}),
    "SetStateDynamicEntity": lambda api, row_id: api.patch(f"{SET}({row_id})", {"statecode": 1}),
    "Update": lambda api, row_id: api.patch(f"{SET}({row_id})", {"msdyn_name": "changed"}),
    "UpdateMultiple": lambda api, row_id: many(
        api, "UpdateMultiple", {f"{EVENT}id": row_id, "msdyn_name": "changed with others"}
    ),
}
"""Event → something that raises it."""

TABLES = {"Associate": None, "Disassociate": None, "Merge": "account"}
"""Where steps are registered, if not on session events."""

FAILING = frozenset({"RollbackRetain"})
"""Events that are raised only where something else fails: here the deletion of the row."""


@pytest.fixture(scope="module", params=STORES)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An organization whose session events can be retained, on each store."""
    schema = update_table(load_schema(), EVENT, TableFacts(retention=True))
    with url_of(request) as url, Api(new_organization(url, schema)) as opened:
        opened.organization.lake = Lake(tmp_path_factory.mktemp("lake"))
        yield opened


@pytest.mark.parametrize("message", sorted(EVENT_MESSAGES))
def test_whoever_waits_for_an_event_gets_it(api: Api, message: str) -> None:
    """At each of the three stages, once, about the row it is about. [MSG-1], [MSG-2], [EVT-1], [EVT-11]

    Also those of retention. [RET-30], [RET-31], [RET-32], [RET-33], [RET-34]
    """
    solution = Solution("listener")
    heard: list[tuple[str, int]] = []

    def listen(context: Context) -> None:
        heard.append((context.message, context.stage))

    def hold(_context: Context) -> None:
        refuse("It stays.")

    for stage in Stage:
        solution.step(message, TABLES.get(message, EVENT), stage=stage)(listen)
    if message in FAILING:
        solution.step("Delete", EVENT, stage=Stage.PRE_OPERATION)(hold)
    row_id = "" if message in TABLES else api.make(SET, msdyn_name="there")
    organization = api.organization
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()
    try:
        DEEDS[message](api, row_id)
    finally:
        organization.steps = StepBook((), NoPoster(), organization.name)
        organization.read_steps()

    assert [(message, 10), (message, 20), (message, 40)] == heard[:3]


def test_every_event_of_the_seed_is_one_here() -> None:
    """And no other message of the table. [MSG-1], [MSG-2], [EVT-5]"""
    seed = read_session_event()
    events = {message.name for message in (*seed.messages, *seed.events) if message.is_event}
    others = {message.name for message in seed.messages} - events

    assert (set(), set()) == (events - SUBSCRIBABLE, others & SUBSCRIBABLE)
    assert {"DeleteMultiple"} == SUBSCRIBABLE - DEEDS.keys()


def test_steps_may_wait_for_what_only_elastic_tables_raise(api: Api) -> None:
    """The table lists the message, and a step on it can be registered; nothing raises it here. [MSG-24], [EVT-16]"""
    asked = f"sdkmessagefilters?$filter=primaryobjecttypecode eq '{EVENT}' and sdkmessageid/name eq 'DeleteMultiple'"
    (listed,) = api.read(asked)["value"]
    endpoint = hook_body("http://hook.test/")
    made = api.post(
        "sdkmessageprocessingsteps",
        {
            "name": "waiting",
            "stage": 40,
            "sdkmessageid@odata.bind": f"/sdkmessages({listed['_sdkmessageid_value']})",
            "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({listed['sdkmessagefilterid']})",
            "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({api.make('serviceendpoints', **endpoint)})",
        },
    )
    assert (204, True) == (made.status, listed["iscustomprocessingstepallowed"])
    row_id = api.make(SET, msdyn_name="gone")
    assert 204 == api.delete(f"{SET}({row_id})").status
    assert 204 == api.delete(f"sdkmessageprocessingsteps({made.id})").status


def test_the_page_on_events_lists_what_is_shown_here() -> None:
    """docs/reference/messages.md is generated; an event without a deed above would be a claim nobody checked."""
    page = Path(ROOT / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (\w+) \| yes ", page, re.MULTILINE)) == EVENT_MESSAGES == DEEDS.keys()
