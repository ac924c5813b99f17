"""Merging as somebody who may not everything, with what hangs on the rows. [MSG-40], [MSG-41], [SEC-45], [SEC-70]"""

from __future__ import annotations

from tests.scenarios.family import acting, api, family_api, masks, reference, user
from tests.scenarios.harness import Answer, Api
from tests.scenarios.test_assigning import counted
from verselet.messages.request import WhoAmI
from verselet.operations.create import create_rows
from verselet.operations.founding import builtin_id
from verselet.values import Row

__all__ = ["api", "family_api"]


def merge(api: Api, target: str, subordinate: str, **headers: str) -> Answer:
    """Merge two accounts."""
    return api.post(
        "Merge",
        {
            "Target": reference("account", target),
            "Subordinate": reference("account", subordinate),
            "PerformParentingChecks": False,
        },
        **headers,
    )


def let_basic_users_merge(api: Api) -> None:
    """The role Basic User gets the privilege that is about no table."""
    (privilege,) = api.values("privileges?$filter=name%20eq%20'prvMerge'", "privilegeid")
    values = {"roleid": builtin_id("role", "basic-user"), "privilegeid": privilege, "privilegedepthmask": 8}
    with api.organization.store.begin() as session:
        run = api.organization.opened(WhoAmI(), session)
        create_rows(run, run.schema.tables["roleprivileges"], (Row("roleprivileges", None, dict(values)),))


def test_both_rows_must_be_the_callers_to_write(api: Api) -> None:
    """What hangs on them is the server's business. [SEC-45], [MSG-41]"""
    let_basic_users_merge(api)
    ben = user(api, "Ben")
    own = {"ownerid__bind": f"/systemusers({ben[1]})"}
    target, mine = (api.make("accounts", name=name, **own) for name in ("a", "b"))
    foreign = api.make("accounts", name="c")
    contact = api.make("contacts", lastname="d", parentcustomerid_account__bind=f"/accounts({mine})")
    for first, second in ((target, foreign), (foreign, target)):
        refused = merge(api, first, second, **acting("ben"))
        assert (403, "0x80048306", True) == (refused.status, refused.code, "WriteAccess" in refused.message)
    assert 204 == merge(api, target, mine, **acting("ben")).status
    assert target == api.read(f"contacts({contact})")["_parentcustomerid_value"]
    assert (1, True, target) == tuple(
        api.read(f"accounts({mine})")[name] for name in ("statecode", "merged", "_masterid_value")
    )


def test_children_change_what_they_inherit(api: Api) -> None:
    """They lose what the subordinate gave and get what the target gives. [SEC-74]"""
    ben = user(api, "Ben")
    target, subordinate = api.make("accounts", name="a"), api.make("accounts", name="b")
    contact = api.make("contacts", lastname="c", parentcustomerid_account__bind=f"/accounts({subordinate})")
    for account, rights in ((target, "ReadAccess"), (subordinate, "WriteAccess")):
        access = {"AccessMask": rights, "Principal": reference(*ben)}
        api.post("GrantAccess", {"Target": reference("account", account), "PrincipalAccess": access})
    assert (0, 2) == masks(api, contact, ben)
    assert 204 == merge(api, target, subordinate).status
    assert (0, 1) == masks(api, contact, ben)


def test_as_many_statements_for_many_children_as_for_one(api: Api) -> None:
    """[MSG-41], [SEC-79]"""
    counts = []
    for children in (1, 12):
        target, subordinate = api.make("accounts", name="a"), api.make("accounts", name="b")
        for _ in range(children):
            api.make("contacts", lastname="c", parentcustomerid_account__bind=f"/accounts({subordinate})")
        with counted(api) as statements:
            assert 204 == merge(api, target, subordinate).status
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_children_that_would_have_one_key_stop_the_merge(api: Api) -> None:
    """Nothing is changed. [K-5], [SEC-79]"""
    target, subordinate = api.make("accounts", name="a"), api.make("accounts", name="b")
    for account in (target, subordinate):
        api.make("fam_cards", fam_name="one", fam_account__bind=f"/accounts({account})")
    refused = merge(api, target, subordinate)
    assert (412, "0x80060892") == (refused.status, refused.code)
    assert 0 == api.read(f"accounts({subordinate})")["statecode"]
    assert {target, subordinate} == set(api.values("fam_cards", "_fam_account_value"))
