"""Which rows go to the lake with another one, on both stores. [RET-5]"""

from __future__ import annotations

from tests.definition_bodies import one_to_many, table
from tests.scenarios.definitions import made
from tests.scenarios.harness import Api
from tests.scenarios.lakes import api, lake_place
from tests.scenarios.test_retention import active, kept, policy, retained
from verselet.jobs.queue import run_due

__all__ = ["api", "lake_place"]


def with_boxes(api: Api, **cascades: str) -> tuple[str, str]:
    """An account that is to be retained, and a box of it; what the relationship between them says."""
    made(api, "EntityDefinitions", table("new_Box"))
    relationship = one_to_many("new_account_boxes", "account", "new_box", "new_AccountId")
    made(api, "RelationshipDefinitions", {**relationship, "CascadeConfiguration": cascades})
    account = api.make("accounts", name="old")
    return account, api.make("new_boxes", new_name="box", new_AccountId__bind=f"/accounts({account})")


def boxes_kept(api: Api) -> list[str]:
    """The names of the retained boxes."""
    return [row["new_name"] for row in retained(api, "new_box", set_name="new_boxes").json["value"]]


def test_children_are_archived_along_where_their_relationship_says_so(api: Api) -> None:
    """Though deleting the row would leave them. [RET-5]"""
    with_boxes(api, Archive="Cascade", Delete="RemoveLink")
    policy(api)
    run_due(api.organization)
    assert ([], []) == (active(api), api.values("new_boxes?$select=new_name", "new_name"))
    assert (["old"], ["box"]) == (kept(api), boxes_kept(api))


def test_children_stay_where_neither_archiving_nor_deleting_takes_them_along(api: Api) -> None:
    """They lose what led to the row. [RET-5], [SEC-77]"""
    _, box = with_boxes(api, Archive="NoCascade", Delete="RemoveLink")
    policy(api)
    run_due(api.organization)
    assert (["old"], []) == (kept(api), active(api))
    assert api.read(f"new_boxes({box})")["_new_accountid_value"] is None


def test_only_active_children_are_archived_where_it_says_active(api: Api) -> None:
    """[RET-5], [SEC-70]"""
    account, box = with_boxes(api, Archive="Active", Delete="RemoveLink")
    api.make("new_boxes", new_name="second", new_AccountId__bind=f"/accounts({account})")
    api.patch(f"new_boxes({box})", {"statecode": 1})
    policy(api)
    run_due(api.organization)
    assert (["second"], ["box"]) == (boxes_kept(api), api.values("new_boxes?$select=new_name", "new_name"))


def test_a_row_with_children_that_restrict_it_stays(api: Api) -> None:
    """With a failure that says why; others go. [RET-5], [RET-24]"""
    account, _ = with_boxes(api, Archive="Restrict", Delete="RemoveLink")
    api.make("accounts", name="old too")
    policy(api)
    run_due(api.organization)
    assert (["old"], ["old too"]) == (active(api), kept(api))
    (failure,) = api.read("retentionfailuredetails")["value"]
    assert (10, account, True) == (failure["operation"], failure["recordid"], "new_box" in failure["message"])
