"""Change and tell what roles hold.

In:        a role, privileges with depths
Out:       rows of `roleprivileges`, for the role and all its copies; lists of privileges
Not here:  the role's own row (operations.table_rules.roles), making copies (operations.role_copies)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, cast

import msgspec

from verselet.errors import AdministratorRoleFixed, InheritedRole, InvalidArgument, RowDoesNotExist
from verselet.messages.access import AccessRights
from verselet.messages.principals import (
    AddPrivilegesRole,
    GivenPrivilege,
    RemovePrivilegeRole,
    ReplacePrivilegesRole,
    RetrieveRolePrivilegesRole,
)
from verselet.messages.request import PropertiesResponse, Response, RowKey
from verselet.operations.create import create_rows
from verselet.operations.finding import must_find_id
from verselet.operations.hierarchies import id_of
from verselet.operations.holdings import held_by_role, listed_privileges, must_hold_all
from verselet.operations.privilege_rows import held_row
from verselet.operations.rights import must_reach
from verselet.operations.role_copies import HELD, ROLE
from verselet.operations.rules.auditing import Action, is_audited, note_privileges
from verselet.operations.standings import ADMINISTRATOR_TEMPLATE
from verselet.pipeline.execution import Execution
from verselet.security.privileges import DEPTHS, GLOBAL, Privilege, privileges_by_id
from verselet.sql.roles import copy_held_sql, forget_held_sql
from verselet.values import Reference

OF_EVERY_ROLE: Final = (
    "prvReadSdkMessage",
    "prvReadSdkMessageProcessingStep",
    "prvReadSdkMessageProcessingStepImage",
    "prvReadPluginAssembly",
    "prvReadPluginType",
    "prvReadSharePointData",
    "prvReadSharePointDocument",
    "prvCreateSharePointData",
    "prvWriteSharePointData",
)
"""What a new role holds from the start, everywhere. [SEC-32]"""


def add_privileges(run: Execution) -> Response:
    """The role holds these as well. [SEC-26]

    Raises:
        RowDoesNotExist: the role or a privilege is not there.
        InheritedRole, AdministratorRoleFixed: the role does not change.
        InvalidArgument: a privilege that has no such depth.
        GrantsMoreThanHeld: the caller does not hold it itself. [SEC-29]
    """
    request = cast(AddPrivilegesRole, run.request)
    role_id = _changing_role(run, request.role)
    with _noting(run, role_id, Action.ADD_PRIVILEGES):
        _give(run, role_id, _settled(run, request.privileges))
    return Response()


def replace_privileges(run: Execution) -> Response:
    """The role holds these and nothing else. Refusals as `add_privileges`. [SEC-26]"""
    request = cast(ReplacePrivilegesRole, run.request)
    role_id = _changing_role(run, request.role)
    wanted = _settled(run, request.privileges)
    with _noting(run, role_id, Action.REPLACE_PRIVILEGES):
        _take(run, role_id, held_by_role(run, role_id).keys() - wanted.keys())
        _give(run, role_id, wanted)
    return Response()


def remove_privilege(run: Execution) -> Response:
    """The role holds it no longer; what it did not hold is no fault. Refusals as `add_privileges`. [SEC-26]"""
    request = cast(RemovePrivilegeRole, run.request)
    role_id = _changing_role(run, request.role)
    with _noting(run, role_id, Action.REMOVE_PRIVILEGES):
        _take(run, role_id, (request.privilege_id,))
    return Response()


def retrieve_role_privileges(run: Execution) -> PropertiesResponse:
    """What a role holds. [SEC-26]"""
    request = cast(RetrieveRolePrivilegesRole, run.request)
    role_id = must_find_id(run, run.schema.tables[ROLE], request.role)
    must_reach(run, run.schema.tables[ROLE], (role_id,), AccessRights.ReadAccess)
    unit = (run.read_values(ROLE, role_id, ("businessunitid",)) or {}).get("businessunitid")
    listed = listed_privileges(run, held_by_role(run, role_id), unit)
    return PropertiesResponse("RetrieveRolePrivilegesRoleResponse", {"RolePrivileges": listed})


def give_first_privileges(run: Execution, role_id: str) -> None:
    """What every new role holds. [SEC-32]"""
    known = {privilege.name: privilege for privilege in privileges_by_id(run.schema).values()}
    rows = [held_row(known[name], role_id, GLOBAL) for name in OF_EVERY_ROLE]
    create_rows(run, run.schema.tables[HELD], rows)


def must_change(run: Execution, role_id: str) -> None:
    """The role is no copy, and not System Administrator.

    Raises:
        InheritedRole: a copy changes with its role only. [SEC-13]
        AdministratorRoleFixed: System Administrator never changes. [SEC-28]
    """
    found = run.read_values(ROLE, role_id, ("parentrootroleid", "roletemplateid")) or {}
    if found.get("roletemplateid") == Reference("roletemplate", ADMINISTRATOR_TEMPLATE):
        raise AdministratorRoleFixed
    if id_of(found.get("parentrootroleid")) not in {None, role_id}:
        raise InheritedRole


@contextmanager
def _noting(run: Execution, role_id: str, action: Action) -> Iterator[None]:
    """Write down what the role holds before and after. [JOB-42]"""
    is_noted = is_audited(run, run.schema.tables[ROLE])
    before = held_by_role(run, role_id) if is_noted else {}
    yield
    if is_noted:
        note_privileges(run, role_id, action, before, held_by_role(run, role_id))


def _changing_role(run: Execution, key: RowKey) -> str:
    role_id = must_find_id(run, run.schema.tables[ROLE], key)
    must_reach(run, run.schema.tables[ROLE], (role_id,), AccessRights.WriteAccess)
    must_change(run, role_id)
    return role_id


def _settled(run: Execution, given: Iterable[GivenPrivilege]) -> Mapping[str, tuple[Privilege, int]]:
    """Id of a privilege → the privilege and the bit of its depth."""
    by_id = privileges_by_id(run.schema)
    by_name = {privilege.name.lower(): privilege for privilege in by_id.values()}
    found = {}
    for one in given:
        named = by_id.get((one.id or "").lower()) or by_name.get((one.name or "").lower())
        if named is None:
            raise RowDoesNotExist("privilege", one.id or one.name or "")
        if one.depth != GLOBAL and not named.graded:
            raise InvalidArgument(f"The privilege {named.name} has no depth {DEPTHS[one.depth]}.")
        found[named.id] = (named, one.depth)
    return found


def _give(run: Execution, role_id: str, wanted: Mapping[str, tuple[Privilege, int]]) -> None:
    """The role and its copies hold these, each at its depth, whatever they held of them before."""
    must_hold_all(run, {privilege_id: depth for privilege_id, (_, depth) in wanted.items()})
    _take(run, role_id, wanted)
    rows = [held_row(privilege, role_id, depth) for privilege, depth in wanted.values()]
    if not rows:
        return
    create_rows(run.elevated(), run.schema.tables[HELD], rows)
    give_copies(run, role_id, wanted)


def give_copies(run: Execution, role_id: str, ids: Iterable[str]) -> None:
    """The copies of a role, which lack those privileges, get them as the role has them; one statement."""
    text = copy_held_sql(run.schema.tables[HELD], run.session.dialect, by="privileges")
    run.session.run(text, (run.session.next_versions(), role_id, _listed(ids)))


def take_from_copies(run: Execution, role_id: str, ids: Iterable[str]) -> None:
    """The copies of a role hold those privileges no longer; one statement."""
    run.session.run(forget_held_sql(run.session.dialect, of_copies_only=True), (role_id, _listed(ids)))


def _take(run: Execution, role_id: str, gone: Iterable[str]) -> None:
    run.session.run(forget_held_sql(run.session.dialect, of_copies_only=False), (role_id, _listed(gone)))


def _listed(ids: Iterable[str]) -> str:
    return msgspec.json.encode(list(ids)).decode()
