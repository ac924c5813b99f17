"""Units, users, teams and roles for scenarios, made over the Web API."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from tests.scenarios.harness import Answer, Api

NAMESPACE = "Microsoft.Dynamics.CRM."


def root(api: Api) -> str:
    """The id of the root unit."""
    return api.organization.administrator.business_unit_id


def unit(api: Api, name: str, parent: str | None = None) -> str:
    """A unit below another, or below the root."""
    return api.make("businessunits", name=name, parentbusinessunitid__bind=f"/businessunits({parent or root(api)})")


def user(api: Api, name: str, at: str | None = None, **values: object) -> str:
    """A user without roles of a unit."""
    bind = f"/businessunits({at or root(api)})"
    return api.make("systemusers", firstname=name, lastname="Tester", businessunitid__bind=bind, **values)


def basic_user(api: Api, name: str) -> str:
    """A user of the root unit with the role Basic User."""
    made = user(api, name)
    api.entitle("systemusers", made)
    return made


def team(api: Api, name: str, at: str | None = None, **values: object) -> str:
    """A team of a unit."""
    return api.make("teams", name=name, businessunitid__bind=f"/businessunits({at or root(api)})", **values)


def role(api: Api, name: str, at: str | None = None, **values: object) -> str:
    """A role of a unit."""
    return api.make("roles", name=name, businessunitid__bind=f"/businessunits({at or root(api)})", **values)


def found(api: Api, set_name: str, condition: str, select: str) -> list[str]:
    """One column of the rows that fulfil a condition."""
    return api.values(f"{set_name}?$select={select}&$filter={quote(condition)}", select)


def copy_of(api: Api, role_id: str, at: str) -> str:
    """The copy of a role in a unit."""
    (copy,) = found(api, "roles", f"_parentrootroleid_value eq {role_id} and _businessunitid_value eq {at}", "roleid")
    return copy


def give(api: Api, set_name: str, holder: str, role_id: str) -> Answer:
    """Give a role to a user or team."""
    navigation = {"systemusers": "systemuserroles", "teams": "teamroles"}[set_name]
    return api.post(f"{set_name}({holder})/{navigation}_association/$ref", {"@odata.id": f"roles({role_id})"})


def join(api: Api, team_id: str, user_id: str) -> Answer:
    """A user joins a team."""
    return api.post(f"teams({team_id})/teammembership_association/$ref", {"@odata.id": f"systemusers({user_id})"})


def act(api: Api, target: str, action: str, **body: object) -> Answer:
    """An action bound to a row."""
    return api.post(f"{target}/{NAMESPACE}{action}", body)


def named(table: str, row_id: str) -> dict[str, object]:
    """A row as a parameter of an action."""
    return {"@odata.type": f"{NAMESPACE}{table}", f"{table}id": row_id}


def held(api: Api, role_id: str) -> dict[str, str]:
    """Name of a privilege → depth, of a role."""
    told = api.read(f"RetrieveRolePrivilegesRole(RoleId={role_id})")["RolePrivileges"]
    return {one["PrivilegeName"]: one["Depth"] for one in told}


def privileges(depth: str, *names: str) -> list[dict[str, str]]:
    """The parameter `Privileges`."""
    return [{"Depth": depth, "PrivilegeName": name} for name in names]


def refused(answers: Iterable[Answer]) -> list[tuple[int, str]]:
    """Status and code of refusals."""
    return [(answer.status, answer.code) for answer in answers]


def as_user(user_id: str) -> dict[str, str]:
    """The headers of a request of that user."""
    return {"authorization": f"Bearer dev:{user_id}"}
