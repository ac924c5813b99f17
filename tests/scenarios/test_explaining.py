"""Why a user may, or may not: the value that decided, in words."""

from __future__ import annotations

from functools import partial

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Api
from tests.scenarios.people import basic_user, user
from verselet.errors import ResourceNotFound, RowDoesNotExist
from verselet.messages.explaining import RightExplained
from verselet.organization import explain_access

__all__ = ["api", "stored_api"]


def right(api: Api, who: str, account: str, name: str = "ReadAccess") -> RightExplained:
    """One right of a user on an account."""
    told = explain_access(api.organization, who, "accounts", account)
    return next(found for found in told.rights if found.right == name)


def test_the_owner_is_told_so(stored_api: Api) -> None:
    """With the role that gives the privilege, and its depth. [SEC-41]"""
    owner = basic_user(stored_api, "owner-told")
    account = stored_api.make("accounts", name="told", ownerid__bind=f"/systemusers({owner})")

    told = right(stored_api, owner, account)

    assert (True, ("the user owns the row",)) == (told.allowed, told.because)
    assert [("Basic User", "Basic", "the user")] == [(held.role, held.depth, held.through) for held in told.held]


def test_what_is_missing_is_said(stored_api: Api) -> None:
    """The privilege, or that it does not reach the row. [SEC-40], [SEC-42]"""
    account = stored_api.make("accounts", name="of others")

    other = right(stored_api, basic_user(stored_api, "other-told"), account)
    nobody = right(stored_api, user(stored_api, "nobody-told"), account)

    assert (False, True) == (other.allowed, "does not reach this row" in other.because[0])
    assert (False, ("no role of the user or of the user's teams holds prvReadAccount",)) == (
        nobody.allowed,
        nobody.because,
    )


def test_a_share_is_a_ground(stored_api: Api) -> None:
    """Of the right that was shared, and no other. [SEC-43], [SEC-50]"""
    sharee = basic_user(stored_api, "sharee-told")
    account = stored_api.make("accounts", name="shared")
    granted = {
        "Target": {"accountid": account, "@odata.type": "Microsoft.Dynamics.CRM.account"},
        "PrincipalAccess": {
            "AccessMask": "ReadAccess",
            "Principal": {"systemuserid": sharee, "@odata.type": "Microsoft.Dynamics.CRM.systemuser"},
        },
    }
    assert 204 == stored_api.send("POST", "GrantAccess", granted).status

    assert ("the row is shared with the user",) == right(stored_api, sharee, account).because
    assert not right(stored_api, sharee, account, "WriteAccess").allowed


def test_the_explanation_is_what_decides(stored_api: Api) -> None:
    """A user may read exactly the rows of which the explanation says so. [SEC-41], [SEC-44]"""
    who = basic_user(stored_api, "decided")
    own = stored_api.make("accounts", name="decided", ownerid__bind=f"/systemusers({who})")
    other = stored_api.make("accounts", name="decided")
    headers = {"authorization": f"Bearer dev:{who}"}

    listed = stored_api.send("GET", "accounts?$select=name&$filter=name eq 'decided'", headers=headers).json["value"]

    assert {own} == {row["accountid"] for row in listed}
    assert (True, False) == (right(stored_api, who, own).allowed, right(stored_api, who, other).allowed)
    statuses = [stored_api.send("GET", f"accounts({row})", headers=headers).status for row in (own, other)]
    assert [200, 403] == statuses


def test_who_or_what_is_not_there_is_refused(stored_api: Api) -> None:
    """By name. [E-3]"""
    account = stored_api.make("accounts", name="there")
    who = stored_api.organization.administrator.user_id
    explain = partial(explain_access, stored_api.organization)
    with pytest.raises(ResourceNotFound, match="nobody"):
        explain("nobody", "account", account)
    with pytest.raises(ResourceNotFound, match="acount"):
        explain(who, "acount", account)
    with pytest.raises(RowDoesNotExist):
        explain(who, "account", who)
