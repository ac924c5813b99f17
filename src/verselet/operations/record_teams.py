"""Give users access to one row through a team that is made for it, by a template.

In:        a user, a row, a template
Out:       the team of the row, its share and its members
Not here:  shares by hand (operations.access), other teams (operations.teams)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from verselet.errors import InvalidArgument, MessageNotForTable
from verselet.messages.access import ALL_RIGHTS, AccessRights
from verselet.messages.principals import AddUserToRecordTeam, RemoveUserFromRecordTeam
from verselet.messages.request import PropertiesResponse
from verselet.metadata.tables import Table
from verselet.operations.access import share_row
from verselet.operations.asking import rows_where
from verselet.operations.create import create_rows
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.holdings import held_by_user
from verselet.operations.organization_settings import number_of
from verselet.operations.rights import must_reach
from verselet.operations.rules.references import ids_by_values
from verselet.operations.teams import ACCESS_TEAM
from verselet.pipeline.execution import Execution
from verselet.security.privileges import privileges
from verselet.sql.rewriting import forget_pair_sql
from verselet.values import KeyReference, Reference, Row, Value

TEMPLATE: Final = "teamtemplate"
MEMBERSHIP: Final = "teammembership"
TEMPLATES_PER_TABLE: Final = 2
TABLES_WITH_TEMPLATES: Final = 100
"""The limits of an organization that sets none. [SEC-39]"""


def add_to_record_team(run: Execution) -> PropertiesResponse:
    """The user joins the team of the row; the first one brings it about, with its share. [SEC-39]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the user, the row or the template is not there.
        PrivilegeMissing, RowAccessDenied: the caller may not share the row.
        InvalidArgument: the template is for another table, or the user lacks what the team may do.
    """
    request = cast(AddUserToRecordTeam, run.request)
    user_id = must_find_id(run, run.schema.tables["systemuser"], request.user)
    table, row_id, template = _parties(run, request.record, request.template)
    must_reach(run, table, (row_id,), AccessRights.ShareAccess)
    rights = AccessRights(_number(template, "defaultaccessrightsmask")) & ALL_RIGHTS
    _must_hold(run, user_id, table, rights)
    # The team is the server's, whatever the caller may do with teams.
    server = run.elevated()
    team_id = _team_of(server, row_id, template) or _make_team(server, table, row_id, template, rights)
    pair = (("systemuserid", user_id), ("teamid", team_id))
    if ids_by_values(run.schema.tables[MEMBERSHIP], pair, run.session) is None:
        create_rows(server, run.schema.tables[MEMBERSHIP], (Row(MEMBERSHIP, None, dict(pair)),))
    return PropertiesResponse("AddUserToRecordTeamResponse", {"AccessTeamId": team_id})


def remove_from_record_team(run: Execution) -> PropertiesResponse:
    """The user leaves the team of the row; who is not in it stays out. [SEC-39]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the user, the row or the template is not there.
        InvalidArgument: the template is for another table, or the row has no team by it.
    """
    request = cast(RemoveUserFromRecordTeam, run.request)
    user_id = must_find_id(run, run.schema.tables["systemuser"], request.user)
    table, row_id, template = _parties(run, request.record, request.template)
    must_reach(run, table, (row_id,), AccessRights.ShareAccess)
    team_id = _team_of(run, row_id, template)
    if team_id is None:
        raise InvalidArgument("The row has no team by that template.")
    text = forget_pair_sql(run.schema.tables[MEMBERSHIP], "teamid", "systemuserid", run.session.dialect)
    run.session.run(text, (team_id, user_id))
    return PropertiesResponse("RemoveUserFromRecordTeamResponse", {"AccessTeamId": team_id})


def must_keep_limits(run: Execution, rows: Sequence[Row]) -> None:
    """A table has few templates, and few tables have some.

    Raises:
        InvalidArgument: too many of them. [SEC-39]
    """
    per_table = number_of(run, "MaxAutoCreatedAccessTeamsPerEntity", TEMPLATES_PER_TABLE)
    tables = number_of(run, "MaxEntitiesEnabledForAutoCreatedAccessTeams", TABLES_WITH_TEMPLATES)
    present = [_number(row, "objecttypecode") for row in rows_where(run, TEMPLATE, ("objecttypecode",), {})]
    for row in rows:
        present.append(_number(row, "objecttypecode"))
        if present.count(present[-1]) > per_table:
            raise InvalidArgument(f"A table has at most {per_table} team templates.")
        if len(set(present)) > tables:
            raise InvalidArgument(f"At most {tables} tables have team templates.")


def _parties(
    run: Execution, record: Reference | KeyReference, named: Reference | KeyReference
) -> tuple[Table, str, Row]:
    """The table and id of the row, and a template that fits it."""
    table, row_id = named_row(run, record)
    if table.ownership != "user":
        raise MessageNotForTable("AddUserToRecordTeam", table.name)
    if named.table != TEMPLATE:
        raise InvalidArgument(f"A row of '{named.table}' is no team template.")
    _, template_id = named_row(run, named)
    (template,) = rows_where(
        run, TEMPLATE, ("objecttypecode", "defaultaccessrightsmask"), {"teamtemplateid": template_id}
    )
    if _number(template, "objecttypecode") != table.object_type_code:
        raise InvalidArgument(f"The team template is not for rows of '{table.name}'.")
    return table, row_id, Row(TEMPLATE, template_id, template.values)


def _must_hold(run: Execution, user_id: str, table: Table, rights: AccessRights) -> None:
    """A share is worth nothing to a user without the privileges. [SEC-39], [SEC-43]"""
    held = held_by_user(run, user_id)
    lacking = [one.name for one in privileges((table,)) if one.right and one.right in rights and one.id not in held]
    if lacking:
        raise InvalidArgument(f"The user with Id = {user_id} lacks {', '.join(lacking)}, which the team has.")


def _team_of(run: Execution, row_id: str, template: Row) -> str | None:
    wanted: dict[str, Value] = {
        "teamtemplateid": Reference(TEMPLATE, template.id or ""),
        "name": _name(row_id, template),
    }
    found = rows_where(run, "team", ("teamid",), wanted)
    return found[0].id if found else None


def _make_team(run: Execution, table: Table, row_id: str, template: Row, rights: AccessRights) -> str:
    """The team of a row, which the server keeps, and what is shared with it."""
    values: dict[str, Value] = {
        "name": _name(row_id, template),
        "teamtype": ACCESS_TEAM,
        "systemmanaged": True,
        "isdefault": False,
        "administratorid": Reference("systemuser", run.caller.user_id),
        "businessunitid": Reference("businessunit", run.caller.business_unit_id),
        "teamtemplateid": Reference(TEMPLATE, template.id or ""),
        "organizationid": run.facts.id,
    }
    (team_id,) = create_rows(run, run.schema.tables["team"], (Row("team", None, values),))
    share_row(run, table, row_id, Reference("team", team_id), int(rights), adding=True)
    return team_id


def _name(row_id: str, template: Row) -> str:
    """How the team is found again: a row has one per template."""
    return f"{row_id}+{template.id}"


def _number(row: Row, column: str) -> int:
    value = row.values.get(column)
    return value if isinstance(value, int) else 0
