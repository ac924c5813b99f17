"""Every message that is an event reaches whoever waits for it, on the table of the first seed document."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios.harness import Api
from tests.scenarios.test_explaining import user
from tests.scenarios.test_steps import with_solution
from verselet.pipeline.events import EVENT_MESSAGES
from verselet.sdk import Context, Solution, Stage

NAMESPACE = "Microsoft.Dynamics.CRM."
EVENT = "msdyn_sessionevent"
SET = "msdyn_sessionevents"


def named(table: str, row_id: str) -> dict[str, object]:
    """A row as a parameter of an action."""
    return {"@odata.type": f"{NAMESPACE}{table}", f"{table}id": row_id}


def address(row_id: str) -> str:
    """A session event as the value of an alias."""
    return f"%7B'@odata.id':'{SET}({row_id})'%7D"


def share(api: Api, row_id: str, message: str) -> None:
    """Give a user something to do with the row."""
    principal = named("systemuser", user(api, f"sharee-{message.lower()}"))
    given = {"Target": named(EVENT, row_id), "PrincipalAccess": {"AccessMask": "ReadAccess", "Principal": principal}}
    assert 204 == api.post(message, given).status


def pair(api: Api, _row_id: str) -> None:
    """Connect a user with a role: rows of an intersect table, registered without a table. [MSG-35]"""
    user(api, "paired")


def unpair(api: Api, _row_id: str) -> None:
    """Take a role back."""
    who = user(api, "unpaired")
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
    owner = user(api, "assignee")
    assert 204 == api.patch(f"{SET}({row_id})", {"ownerid@odata.bind": f"/systemusers({owner})"}).status


def revoke(api: Api, row_id: str) -> None:
    """Take back what nobody was given, which is no fault."""
    body = {"Target": named(EVENT, row_id), "Revokee": named("systemuser", user(api, "revoked"))}
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


DEEDS: dict[str, Callable[[Api, str], object]] = {
    "Assign": assign,
    "Associate": pair,
    "Create": lambda api, _: api.make(SET, msdyn_name="made"),
    "CreateMultiple": lambda api, _: many(api, "CreateMultiple", {"msdyn_name": "made with others"}),
    "Delete": lambda api, row_id: api.delete(f"{SET}({row_id})"),
    "Disassociate": unpair,
    "GrantAccess": lambda api, row_id: share(api, row_id, "GrantAccess"),
    "Merge": merge,
    "ModifyAccess": lambda api, row_id: share(api, row_id, "ModifyAccess"),
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

LATER = frozenset(
    {"Restore", "BulkRetain", "PurgeRetainedContent", "Retain", "RollbackRetain", "ValidateRetentionConfig"}
)
"""Events that the tests of the recycle bin and of retention raise."""


@pytest.mark.parametrize("message", sorted(EVENT_MESSAGES - LATER))
def test_whoever_waits_for_an_event_gets_it(message: str) -> None:
    """At each of the three stages, once, about the row it is about. [MSG-1], [EVT-1], [EVT-11]"""
    solution = Solution("listener")
    heard: list[tuple[str, int]] = []

    def listen(context: Context) -> None:
        heard.append((context.message, context.stage))

    for stage in Stage:
        solution.step(message, TABLES.get(message, EVENT), stage=stage)(listen)
    api = with_solution(solution)
    row_id = "" if message in TABLES else api.make(SET, msdyn_name="there")
    heard.clear()

    DEEDS[message](api, row_id)

    assert [(message, 10), (message, 20), (message, 40)] == heard[:3]
    api.web.close()
