"""An organization of families on each store, people in it, and what is shared with whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.families import schema_with_families
from tests.scenarios.harness import Answer, Api, new_organization, undone
from tests.scenarios.stores import STORES, url_of
from verselet.operations.founding import builtin_id

ALL = "ReadAccess, WriteAccess, AppendAccess, AppendToAccess, CreateAccess, DeleteAccess, ShareAccess, AssignAccess"
OWNERS = ALL.replace(" CreateAccess,", "")
"""What the owner of a row that is there can pass on. [SEC-63]"""

Principal = tuple[str, str]
"""The table of a user or team, and its id."""


@pytest.fixture(scope="module", params=STORES)
def family_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The Web API of an organization in memory, and of one in PostgreSQL."""
    with url_of(request) as url, Api(new_organization(url, schema_with_families())) as opened:
        yield opened


@pytest.fixture
def api(family_api: Api) -> Iterator[Api]:
    """The same, for one test that may write."""
    with undone(family_api.organization):
        yield family_api


def user(api: Api, name: str) -> Principal:
    """A new user of the root unit who may work with own rows of all tables."""
    unit = builtin_id("businessunit", "root")
    address = f"{name.lower()}@contour.example"
    made = api.make(
        "systemusers",
        lastname=name,
        nickname=name.lower(),
        domainname=address,
        internalemailaddress=address,
        businessunitid__bind=f"/businessunits({unit})",
    )
    api.entitle("systemusers", made)
    return "systemuser", made


def team(api: Api, name: str, **more: object) -> Principal:
    """A new team of the root unit; an ordinary one may work with own rows of all tables."""
    unit = builtin_id("businessunit", "root")
    administrator = builtin_id("systemuser", "administrator")
    made = api.make(
        "teams",
        name=name,
        businessunitid__bind=f"/businessunits({unit})",
        administratorid__bind=f"/systemusers({administrator})",
        **more,
    )
    if not more:
        api.entitle("teams", made)
    return "team", made


def acting(whom: str) -> dict[str, str]:
    """The header of a request of that user."""
    return {"authorization": f"Bearer dev:{whom}"}


def row(api: Api, table: str, owner: Principal | None = None, **parents: str | None) -> str:
    """A new row; `project=id` and its like say what it hangs on."""
    values: dict[str, object] = {"fam_name": table}
    values |= {f"fam_{name}__bind": f"/fam_{name}s({found})" for name, found in parents.items()}
    if owner is not None:
        values["ownerid__bind"] = f"/{owner[0]}s({owner[1]})"
    return api.make(f"fam_{table}s", **values)


def reference(kind: str, row_id: str) -> dict[str, str]:
    """A row as a parameter of an action."""
    return {"@odata.type": f"Microsoft.Dynamics.CRM.{kind}", f"{kind}id": row_id}


def share(
    api: Api, table: str, row_id: str, whom: Principal, rights: str, message: str = "GrantAccess", **headers: str
) -> Answer:
    """Grant or modify."""
    access = {"AccessMask": rights, "Principal": reference(*whom)}
    return api.post(message, {"Target": reference(f"fam_{table}", row_id), "PrincipalAccess": access}, **headers)


def revoke(api: Api, table: str, row_id: str, whom: Principal, **headers: str) -> Answer:
    """Take back."""
    body = {"Target": reference(f"fam_{table}", row_id), "Revokee": reference(*whom)}
    return api.post("RevokeAccess", body, **headers)


def assign(
    api: Api, table: str, row_id: str, owner: Principal, headers: dict[str, str] | None = None, **more: object
) -> Answer:
    """Give to another owner."""
    body = {"ownerid@odata.bind": f"/{owner[0]}s({owner[1]})", **more}
    return api.patch(f"fam_{table}s({row_id})", body, **headers or {})


def shared(api: Api, table: str, row_id: str) -> dict[str, str]:
    """Id of a principal → its rights, as the API tells."""
    target = quote(json.dumps({"@odata.id": f"fam_{table}s({row_id})"}))
    found = api.read(f"RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={target}")["PrincipalAccesses"]
    return {item["Principal"]["ownerid"]: item["AccessMask"] for item in found}


def masks(api: Api, row_id: str, whom: Principal) -> tuple[int, int] | None:
    """Direct and inherited mask of the stored share; None where there is none."""
    rows = api.read(f"principalobjectaccessset?$filter=objectid%20eq%20{row_id}%20and%20principalid%20eq%20{whom[1]}")
    found: list[dict[str, Any]] = rows["value"]
    assert len(found) <= 1
    return (found[0]["accessrightsmask"], found[0]["inheritedaccessrightsmask"]) if found else None


def owner(api: Api, table: str, row_id: str) -> str:
    """The id of the owner."""
    return str(api.read(f"fam_{table}s({row_id})?$select=_ownerid_value")["_ownerid_value"])
