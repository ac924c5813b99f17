"""Move users and teams between units, and rows between owners.

In:        a user or team, the unit or the owner that comes next
Out:       roles, memberships and the units of rows, in a fixed number of statements per table
Not here:  the owner of single rows (operations.update)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, cast

import msgspec

from verselet.errors import InvalidArgument
from verselet.messages.access import AccessRights
from verselet.messages.principals import ReassignObjectsOwner, SetBusinessSystemUser
from verselet.messages.request import Response
from verselet.operations.administrators import must_leave_an_administrator
from verselet.operations.create import create_rows
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.holdings import must_hold_named
from verselet.operations.organization_settings import is_on
from verselet.operations.principals import ROLES_OF
from verselet.operations.rewriting import owned_tables, rewrite
from verselet.operations.rights import must_reach
from verselet.operations.rules.defaults import read_unit, set_owner
from verselet.operations.rules.entitled import must_be_able_to_read
from verselet.operations.teams import default_team
from verselet.pipeline.execution import Execution
from verselet.sql.rewriting import forget_pair_sql
from verselet.sql.write import unpair_listed_sql
from verselet.values import KeyReference, Reference, Row, Value

OWNERS: Final = frozenset({"systemuser", "team"})
REPARENTING: Final[Mapping[str, str]] = MappingProxyType({"systemuser": "prvReparentUser", "team": "prvReparentTeam"})
"""Table of a principal → what it takes to give it another unit."""


def set_business(run: Execution) -> Response:
    """A user moves to another unit. [SEC-14]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the user, the unit or the heir is not there.
        LastAdministratorStays: with its roles it would lose System Administrator, which nobody else holds.
    """
    request = cast(SetBusinessSystemUser, run.request)
    user = Reference("systemuser", must_find_id(run, run.schema.tables["systemuser"], request.user))
    must_reach(run, run.schema.tables["systemuser"], (user.id,), AccessRights.WriteAccess)
    unit, heir = _named(run, request.unit, {"businessunit"}), _named(run, request.heir, OWNERS)
    if heir != user:
        reassign_rows(run, user, heir)
    move_principal(run.elevated(), user, unit, leaves_rows=request.leaves_rows)
    rewrite(run, run.schema.tables["systemuser"], {"businessunitid": unit}, "systemuserid", user.id)
    return Response()


def reassign(run: Execution) -> Response:
    """Every row of one owner gets another. [SEC-66]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: one of the two is not there.
        InvalidArgument: one of them is neither user nor team.
    """
    request = cast(ReassignObjectsOwner, run.request)
    if request.table not in OWNERS:
        raise InvalidArgument(f"A row of '{request.table}' owns nothing.")
    owner = Reference(request.table, must_find_id(run, run.schema.tables[request.table], request.owner))
    heir = _named(run, request.heir, OWNERS)
    if owner != heir:
        reassign_rows(run, owner, heir)
    return Response()


def reassign_rows(run: Execution, owner: Reference, heir: Reference) -> None:
    """One statement per table, however many rows.

    Raises:
        OwnedByDisabledUser, OwnedByAccessTeam, PrincipalNotEntitled: the heir cannot own them. [SEC-62]
    """
    unit = read_unit(run, heir)
    inherited = []
    for table in owned_tables(run):
        values: dict[str, Value] = {"ownerid": heir}
        set_owner(values, heir, unit, table)
        if rewrite(run, table, values, "ownerid", owner.id):
            inherited.append(table)
    if inherited:
        must_be_able_to_read(run, heir, inherited)


def move_principal(run: Execution, principal: Reference, unit: Reference, *, leaves_rows: bool = False) -> None:
    """What follows when a user or team gets another unit: roles go, rows and the default team follow. [SEC-4], [SEC-14]

    Nothing follows where the unit stays the same.
    """
    present = (run.read_values(principal.table, principal.id, ("businessunitid",)) or {}).get("businessunitid")
    if present == unit:
        return
    must_hold_named(run, REPARENTING[principal.table])
    if principal.table == "systemuser":
        _change_default_team(run, principal.id, present, unit)
    if not is_on(run, "DoNotRemoveRolesOnChangeBusinessUnit"):
        if principal.table == "systemuser":
            must_leave_an_administrator(run, principal.id)
        table, column = ROLES_OF[principal.table]
        listed = msgspec.json.encode([principal.id]).decode()
        run.session.run(unpair_listed_sql(run.schema.tables[table], column, run.session.dialect), (listed,))
    # Where rows may lie in other units than their owners, they stay unless the organization wants them to follow.
    stays = is_on(run, "EnableOwnershipAcrossBusinessUnits") and not is_on(run, "AlwaysMoveRecordToOwnerBusinessUnit")
    if not leaves_rows and not stays:
        for owned in owned_tables(run):
            values: dict[str, Value] = {}
            set_owner(values, principal, unit, owned)
            rewrite(run, owned, values, "ownerid", principal.id)


def join_default_team(run: Execution, users: Sequence[str], unit_id: str) -> None:
    """Users are in the default team of their unit. [SEC-12]"""
    team = default_team(run, unit_id)
    if team is not None:
        rows = [Row("teammembership", None, {"teamid": team, "systemuserid": user}) for user in users]
        create_rows(run, run.schema.tables["teammembership"], rows)


def _change_default_team(run: Execution, user_id: str, left: Value, joined: Reference) -> None:
    team = default_team(run, left.id) if isinstance(left, Reference) else None
    if team is not None:
        text = forget_pair_sql(run.schema.tables["teammembership"], "teamid", "systemuserid", run.session.dialect)
        run.session.run(text, (team, user_id))
    join_default_team(run, (user_id,), joined.id)


def _named(run: Execution, given: Reference | KeyReference, tables: frozenset[str] | set[str]) -> Reference:
    if given.table not in tables:
        raise InvalidArgument(f"A row of '{given.table}' is none of: {', '.join(sorted(tables))}.")
    table, row_id = named_row(run, given)
    return Reference(table.name, row_id)
