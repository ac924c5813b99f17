"""Every action that can be written down here is, by what the service documents of it. [JOB-41], [JOB-42]"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec
import pytest

from tests.definition_bodies import BOX, column, table
from tests.scenarios.definitions import made
from tests.scenarios.family import reference
from tests.scenarios.harness import Api, new_organization
from tests.scenarios.stores import STORES, url_of
from tests.unit.server.calls import call
from verselet.messages.retention import Retain, RollbackRetain
from verselet.metadata.columns import ChoiceColumn
from verselet.metadata.compiled import load_schema
from verselet.operations.founding import builtin_id
from verselet.operations.rules.auditing import Action
from verselet.server.run import build_application
from verselet.values import Reference

AUDITED: Final = ("account", "role", "systemuser", "team")
UNIT: Final = builtin_id("businessunit", "root")
MASK: Final = "ReadAccess"


@pytest.fixture(scope="module", params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization that writes down what happens to rows, definitions and settings; each test goes on with it."""
    schema = load_schema()
    audited = {name: msgspec.structs.replace(schema.tables[name], audit=True) for name in AUDITED}
    schema = msgspec.structs.replace(schema, tables={**schema.tables, **audited})
    with url_of(request) as url, Api(new_organization(url, schema)) as opened:
        switch(opened, isauditenabled=True)
        for name in ("organization", "account"):
            opened.make("recyclebinconfigs", name=name)
        yield opened


def switch(api: Api, **values: object) -> str:
    """Set the organization; its id."""
    assert 204 == api.patch(f"organizations({api.organization.id})", values).status
    return api.organization.id


def account(api: Api, **values: object) -> str:
    """A new account."""
    return api.make("accounts", name="Contour", **values)


def done(api: Api, method: str, address: str, body: object = None) -> None:
    """A request that is answered."""
    answer = api.send(method, address, body)
    assert answer.status in {200, 204}, answer.body


def changed(api: Api, **values: object) -> str:
    """An account that was changed."""
    row_id = account(api)
    done(api, "PATCH", f"accounts({row_id})", values)
    return row_id


def deleted(api: Api) -> str:
    """An account that is gone."""
    row_id = account(api)
    done(api, "DELETE", f"accounts({row_id})")
    return row_id


def left_alone(api: Api) -> str:
    """An account whose parent is gone."""
    parent = account(api)
    child = account(api, parentaccountid__bind=f"/accounts({parent})")
    done(api, "DELETE", f"accounts({parent})")
    return child


def merged(api: Api) -> str:
    """An account that is another one by now."""
    target, subordinate = account(api), account(api)
    named = {"Target": reference("account", target), "Subordinate": reference("account", subordinate)}
    done(api, "POST", "Merge", {**named, "PerformParentingChecks": False})
    return subordinate


def assigned(api: Api) -> str:
    """An account of somebody else."""
    return changed(api, **{"ownerid@odata.bind": f"/systemusers({builtin_id('systemuser', 'representative')})"})


def shared(api: Api, *more: str) -> str:
    """An account that was shared, after which that happened to the share."""
    row_id, somebody = account(api), {"@odata.type": "Microsoft.Dynamics.CRM.systemuser"}
    somebody["systemuserid"] = builtin_id("systemuser", "representative")
    target = {"Target": reference("account", row_id)}
    for message, mask in (("GrantAccess", MASK), *[(name, "WriteAccess") for name in more]):
        given = {"PrincipalAccess": {"AccessMask": mask, "Principal": somebody}}
        done(api, "POST", message, target | (given if message != "RevokeAccess" else {"Revokee": somebody}))
    return row_id


def team(api: Api) -> str:
    """A new team."""
    administrator = f"/systemusers({api.organization.administrator.user_id})"
    unit = f"/businessunits({UNIT})"
    return api.make("teams", name="Registrars", businessunitid__bind=unit, administratorid__bind=administrator)


def role(api: Api, *edits: str) -> str:
    """A new role, after those actions on it."""
    row_id = api.make("roles", name="Registrar", businessunitid__bind=f"/businessunits({UNIT})")
    privilege = api.values("privileges?$filter=name eq 'prvReadAccount'", "privilegeid")[0]
    for edit in edits:
        given: dict[str, object] = {"Privileges": [{"Depth": "Basic", "PrivilegeId": privilege}]}
        body = {"PrivilegeId": privilege} if edit == "RemovePrivilegeRole" else given
        done(api, "POST", f"roles({row_id})/Microsoft.Dynamics.CRM.{edit}", body)
    return row_id


def connected(api: Api, set_name: str, row_id: str, navigation: str, other: str, *, stays: bool) -> str:
    """The row, connected with the other one and perhaps disconnected again."""
    done(api, "POST", f"{set_name}({row_id})/{navigation}/$ref", {"@odata.id": other})
    if not stays:
        other_id = other.partition("(")[2].removesuffix(")")
        done(api, "DELETE", f"{set_name}({row_id})/{navigation}({other_id})/$ref")
    return row_id


def joined(api: Api, *, stays: bool) -> str:
    """A team that somebody joined, and perhaps left."""
    member = f"systemusers({api.organization.administrator.user_id})"
    return connected(api, "teams", team(api), "teammembership_association", member, stays=stays)


def entitled_team(api: Api, *, stays: bool) -> str:
    """A team with a role, and perhaps without it again."""
    return connected(api, "teams", team(api), "teamroles_association", f"roles({role(api)})", stays=stays)


def entitled_user(api: Api, *, stays: bool) -> str:
    """A user with a role, and perhaps without it again."""
    somebody = builtin_id("systemuser", "representative")
    given = f"roles({role(api)})"
    return connected(api, "systemusers", somebody, "systemuserroles_association", given, stays=stays)


def come(api: Api, *, to_pages: bool) -> str:
    """Somebody comes where that is to be known."""
    switch(api, isuseraccessauditenabled=True)
    api.organization.clock.advance(timedelta(hours=5))
    if to_pages:
        assert 200 == call(build_application(api.organization), "GET", "/").status
    else:
        done(api, "GET", "WhoAmI")
    switch(api, isuseraccessauditenabled=False)
    return api.organization.administrator.user_id


def box(api: Api, *switches: tuple[str, bool]) -> str:
    """A table, whose auditing or whose column's is switched like that, as `MetadataId`; it stays not."""
    made(api, "EntityDefinitions", table())
    made(api, f"{BOX}/Attributes", column("Integer", "new_Count"))
    found = str(api.read(f"{BOX}?$select=MetadataId")["MetadataId"])
    for address, to in switches:
        definition = api.read(BOX + address)
        done(api, "PUT", BOX + address, {**definition, "IsAuditEnabled": {"Value": to}})
    done(api, "DELETE", f"{BOX}{COUNT}")
    done(api, "DELETE", BOX)
    return found


def outlived(api: Api) -> str:
    """Audit rows whose time is over, and changes enough for somebody to look for them."""
    account(api)
    api.organization.clock.advance(timedelta(days=31))
    many = [{"@odata.type": "Microsoft.Dynamics.CRM.account", "name": str(number)} for number in range(256)]
    done(api, "POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": many})
    return api.organization.id


def marked(api: Api, *messages: type[Retain | RollbackRetain]) -> str:
    """An account on its way to the lake, and perhaps back."""
    row_id = account(api)
    for message in messages:
        api.organization.execute(message(Reference("account", row_id), "a run"), api.organization.administrator)
    return row_id


def restored(api: Api) -> str:
    """An account that is there again."""
    row_id = deleted(api)
    body = {"Target": reference("account", row_id)}
    done(api, "POST", "Restore", body)
    return row_id


TABLE, COUNT = "", "/Attributes(LogicalName='new_count')"

CASES: Final[Mapping[Action, tuple[str, int, Callable[[Api], str]]]] = MappingProxyType(
    {
        Action.CREATE: ("account", 1, account),
        Action.UPDATE: ("account", 2, lambda api: changed(api, name="Another")),
        Action.DELETE: ("account", 3, deleted),
        Action.CASCADE: ("account", 2, left_alone),
        Action.MERGE: ("account", 2, merged),
        Action.ASSIGN: ("account", 2, assigned),
        Action.SHARE: ("account", 2, shared),
        Action.ASSOCIATE: ("team", 2, lambda api: joined(api, stays=True)),
        Action.DISASSOCIATE: ("team", 2, lambda api: joined(api, stays=False)),
        Action.SET_STATE: ("account", 2, lambda api: changed(api, statecode=1)),
        Action.MODIFY_SHARE: ("account", 2, lambda api: shared(api, "ModifyAccess")),
        Action.UNSHARE: ("account", 2, lambda api: shared(api, "RevokeAccess")),
        Action.ROLE_TO_TEAM: ("team", 2, lambda api: entitled_team(api, stays=True)),
        Action.ROLE_FROM_TEAM: ("team", 2, lambda api: entitled_team(api, stays=False)),
        Action.ROLE_TO_USER: ("systemuser", 2, lambda api: entitled_user(api, stays=True)),
        Action.ROLE_FROM_USER: ("systemuser", 2, lambda api: entitled_user(api, stays=False)),
        Action.ADD_PRIVILEGES: ("role", 2, lambda api: role(api, "AddPrivilegesRole")),
        Action.REMOVE_PRIVILEGES: ("role", 2, lambda api: role(api, "AddPrivilegesRole", "RemovePrivilegeRole")),
        Action.REPLACE_PRIVILEGES: ("role", 2, lambda api: role(api, "ReplacePrivilegesRole")),
        Action.PAGE_ACCESS: ("systemuser", 4, lambda api: come(api, to_pages=True)),
        Action.ACCESS: ("systemuser", 4, lambda api: come(api, to_pages=False)),
        Action.TABLE_DELETED: ("new_box", 3, lambda api: box(api, (TABLE, True))),
        Action.COLUMN_DELETED: ("new_box", 3, lambda api: box(api, (TABLE, True))),
        Action.TABLE_SWITCHED: ("new_box", 2, lambda api: box(api, (TABLE, True))),
        Action.COLUMN_SWITCHED: ("new_box", 2, lambda api: box(api, (COUNT, False))),
        Action.ORGANIZATION_CHANGED: ("organization", 2, lambda api: switch(api, auditretentionperiodv2=29)),
        Action.TABLE_STARTED: ("new_box", 2, lambda api: box(api, (TABLE, True))),
        Action.COLUMN_STARTED: ("new_box", 2, lambda api: box(api, (TABLE, True), (COUNT, False), (COUNT, True))),
        Action.ORGANIZATION_STARTED: ("organization", 2, lambda api: reswitched(api, "isauditenabled")),
        Action.TABLE_STOPPED: ("new_box", 2, lambda api: box(api, (TABLE, True), (TABLE, False))),
        Action.COLUMN_STOPPED: ("new_box", 2, lambda api: box(api, (TABLE, True), (COUNT, False))),
        Action.ORGANIZATION_STOPPED: ("organization", 2, lambda api: reswitched(api, "isauditenabled")),
        Action.AUDITS_DELETED: ("organization", 3, outlived),
        Action.ACCESS_STARTED: ("organization", 2, lambda api: reswitched(api, "isuseraccessauditenabled")),
        Action.ACCESS_STOPPED: ("organization", 2, lambda api: reswitched(api, "isuseraccessauditenabled")),
        Action.RETAIN: ("account", 116, lambda api: marked(api, Retain)),
        Action.ROLLBACK_RETAIN: ("account", 117, lambda api: marked(api, Retain, RollbackRetain)),
        Action.RESTORE: ("account", 118, restored),
    }
)
"""Action → the table of the row it is about, the operation it is, and what it takes; that returns the row's id."""


def reswitched(api: Api, name: str) -> str:
    """The organization, with one of its switches off, on, off and on again."""
    for to in (False, True, False, True):
        switch(api, **{name: to})
    return api.organization.id


@pytest.mark.parametrize("action", Action)
def test_what_happens_is_written_down_as_that(api: Api, action: Action) -> None:
    """Once, about the row it happened to, with its operation. [JOB-41], [JOB-42]"""
    about, operation, do = CASES[action]
    before = newest(api)
    row_id = do(api)
    found = api.read(f"audits?$filter=action eq {int(action)} and versionnumber gt {before}")["value"]
    told = {(row["operation"], row["objecttypecode"], row["_objectid_value"]) for row in found}
    # A pair has two ends.
    assert {(operation, about, row_id)} == {one for one in told if one[1] == about}


def newest(api: Api) -> int:
    """The version of the newest audit row."""
    return int(cast("Any", api.values("audits?$orderby=versionnumber desc&$top=1", "versionnumber")[0]))


def test_every_action_has_a_name() -> None:
    """And so has its operation. [JOB-41], [JOB-42]"""
    columns = load_schema().tables["audit"].columns
    named = [columns[name] for name in ("action", "operation")]
    assert all(isinstance(one, ChoiceColumn) for one in named)
    actions, operations = [{option.value for option in cast("ChoiceColumn", one).options} for one in named]
    assert (set(), set()) == (set(Action) - actions, {operation for _, operation, _ in CASES.values()} - operations)


def test_the_server_itself_deletes_old_audit_rows(api: Api) -> None:
    """Whoever it is whose change makes it look. [JOB-42]"""
    outlived(api)
    (row, *_) = api.read(f"audits?$filter=action eq {int(Action.AUDITS_DELETED)}&$orderby=versionnumber desc")["value"]
    assert builtin_id("systemuser", "system") == row["_userid_value"]


def test_both_rows_of_a_merge_say_so_and_those_that_follow_do_not(api: Api) -> None:
    """The one that takes content over and the one that goes; their children are updated. [JOB-42], [MSG-41]"""
    target, subordinate = account(api), account(api)
    child = account(api, parentaccountid__bind=f"/accounts({subordinate})")
    named = {"Target": reference("account", target), "Subordinate": reference("account", subordinate)}
    content = {"@odata.type": "Microsoft.Dynamics.CRM.account", "description": "one of two"}
    done(api, "POST", "Merge", {**named, "UpdateContent": content, "PerformParentingChecks": False})
    told = [
        api.values(f"audits?$filter=_objectid_value eq {row_id} and action ne 1", "action")
        for row_id in (target, subordinate, child)
    ]
    assert [[12], [12], [2]] == told
