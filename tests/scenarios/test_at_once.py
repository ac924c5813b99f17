"""What may come some time later in the service is there with the answer here, but for what jobs do. [LIM-41]"""

from __future__ import annotations

import json

from tests.definition_bodies import column
from tests.scenarios.harness import Api
from tests.scenarios.people import as_user, user
from tests.scenarios.stores import api
from verselet.jobs.queue import run_due
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Mode, Solution, Stage

__all__ = ["api"]


def test_rights_hold_from_the_next_request_on(api: Api) -> None:
    """The service may take half a minute to notice a role. [LIM-41]"""
    who = user(api, "Ada")
    statuses = [api.send("GET", "accounts", headers=as_user(who)).status]
    api.entitle("systemusers", who)
    statuses.append(api.send("GET", "accounts", headers=as_user(who)).status)
    assert [403, 200] == statuses


def test_columns_are_known_from_the_next_request_on(api: Api) -> None:
    """Whoever remembers definitions learns of it; a row may have it at once. [LIM-41]"""
    made = api.post("EntityDefinitions(LogicalName='account')/Attributes", column("String", "new_Colour", MaxLength=20))
    row = api.make("accounts", name="painted", new_colour="teal")
    assert (204, "teal") == (made.status, api.read(f"accounts({row})?$select=new_colour")["new_colour"])


def test_rows_are_found_and_written_down_with_the_answer(api: Api) -> None:
    """Search and audit are of the same transaction. [LIM-41]"""
    audited = {"@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata", "IsAuditEnabled": {"Value": True}}
    assert 204 == api.put("EntityDefinitions(LogicalName='account')", audited).status
    assert 204 == api.patch(f"organizations({api.organization.id})", {"isauditenabled": True}).status
    row = api.make("accounts", name="Numbat")
    found = json.loads(api.post("searchquery", {"search": "numbat"}).json["response"])
    written = api.values(f"audits?$select=_objectid_value&$filter=_objectid_value eq {row}", "_objectid_value")
    assert ([row], [row]) == ([one["Id"] for one in found["Value"]], written)


def test_asynchronous_steps_come_later(api: Api) -> None:
    """The answer does not wait for them: they are jobs. [LIM-41], [EVT-2]"""
    solution, told = Solution("listener"), []

    @solution.step("Create", "account", stage=Stage.POST_OPERATION, mode=Mode.ASYNC)
    def listen(context: Context) -> None:
        told.append(context.row_id)

    api.organization.steps = StepBook((solution,), NoPoster(), api.organization.name)
    api.organization.read_steps()
    row = api.make("accounts", name="heard of")
    before = list(told)
    assert ([], 1, [row]) == (before, run_due(api.organization), told)
