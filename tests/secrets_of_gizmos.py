"""An organization in which columns of every type are secured, and somebody who may read every row of it.

The same rows can be made with other values in the secured columns: whoever may not read those sees no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from msgspec import structs

from tests.gizmos import schema_with_gizmos
from tests.scenarios.harness import NOW, Answer, Api
from tests.scenarios.stores import STORES, url_of
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.messages.principals import AddPrivilegesRole, GivenPrivilege
from verselet.messages.request import Create, CreateResponse, RowKey
from verselet.metadata.changes.editing import with_relationships
from verselet.metadata.children import GROUPS, child_relationship
from verselet.metadata.schema import Schema
from verselet.operations.founding import ROOT_UNIT_ID
from verselet.organization import Organization, write_builtin_rows
from verselet.security.privileges import privileges
from verselet.store.engine import open_store
from verselet.values import Reference, Row, Value

SECURED = {
    "new_gizmo": (
        "new_name", "new_notes", "new_kind", "new_count", "new_minutes", "new_ratio", "new_size", "new_price", "new_at",
        "new_day", "new_ready", "new_color", "new_tags", "new_accountid", "new_customerid", "new_face", "new_file",
    ),
    "new_part": ("new_name",),
    "account": ("name", "creditonhold"),
    "contact": ("lastname", "fullname"),
    "task": ("description", "scheduledend"),
    "systemuser": ("fullname",),
}  # fmt: skip
"""Table → its secured columns."""

READER = "4ead0000-0000-4000-8000-000000000001"
ROLE = "40100000-0000-4000-8000-000000000001"
VERBS = ("Read", "Create", "Write", "Append", "AppendTo", "Delete", "Share")


@lru_cache(maxsize=1)
def schema_with_secrets() -> Schema:
    """The tables of gizmos and of the server, some columns secured."""
    plain = schema_with_gizmos()
    tables = dict(plain.tables)
    for name, secured in SECURED.items():
        columns = dict(tables[name].columns)
        columns.update({column: structs.replace(columns[column], is_secured=True) for column in secured})
        tables[name] = structs.replace(tables[name], columns=columns)
    # A table made here comes with this relationship; the one of the tests was not made by a message.
    (shares,) = GROUPS["PrincipalObjectAttributeAccesses"]
    return with_relationships(structs.replace(plain, tables=tables), [child_relationship(shares, tables["new_gizmo"])])


def secret_organization(url: str | None = None) -> Organization:
    """It holds a user with a role that gives everything about rows, and no column profile."""
    schema = schema_with_secrets()
    store = open_store(url)
    store.prepare_schema(schema)
    clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
    organization = Organization("dev", schema, store, clock=clock, ids=Ids(7))
    write_builtin_rows(organization)
    _people(organization)
    return organization


def _people(organization: Organization) -> None:
    administrator = organization.administrator
    role = Row("role", ROLE, {"name": "All rows", "businessunitid": Reference("businessunit", ROOT_UNIT_ID)})
    organization.execute(Create(role), administrator)
    wanted = [found for found in privileges(organization.schema.tables.values()) if found.name[3:].startswith(VERBS)]
    held = tuple([GivenPrivilege(8, id=found.id) for found in wanted])
    organization.execute(AddPrivilegesRole(RowKey(ROLE), held), administrator)
    hire(organization, READER)


def hire(organization: Organization, user: str | None = None) -> str:
    """A new user who may do everything with rows, without a column profile; the id."""
    administrator = organization.administrator
    unit = Reference("businessunit", ROOT_UNIT_ID)
    name = user or organization.ids.new_random_id()
    values: dict[str, Value] = {"domainname": name, "firstname": "A", "lastname": "reader", "businessunitid": unit}
    made = organization.execute(Create(Row("systemuser", user, values)), administrator)
    assert isinstance(made, CreateResponse)
    pair = Row("systemuserroles", None, {"systemuserid": made.id, "roleid": ROLE})
    organization.execute(Create(pair), administrator)
    return made.id


class Person:
    """One user of the organization behind an API."""

    def __init__(self, api: Api, user: str = READER) -> None:
        self.api = api
        self.user = user

    def send(self, method: str, target: str, body: object = None, **headers: str) -> Answer:
        """One request as that user; the names of headers are written with underscores."""
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        token = "dev-admin" if self.user == "admin" else f"dev:{self.user}"
        return self.api.send(method, target, body, headers={"authorization": f"Bearer {token}", **given})

    def get(self, target: str, **headers: str) -> Answer:
        """GET."""
        return self.send("GET", target, **headers)


@pytest.fixture(scope="module", params=STORES)
def secret_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Its administrator, on each store."""
    with url_of(request) as url, Api(secret_organization(url)) as opened:
        yield opened


def give_profile(api: Api, table: str, column: str, **rights: int) -> str:
    """A new profile with one permission; its id."""
    profile = api.make("fieldsecurityprofiles", name=f"{column} {sorted(rights)}")
    permission = {
        "entityname": table,
        "attributelogicalname": column,
        "fieldsecurityprofileid@odata.bind": f"/fieldsecurityprofiles({profile})",
        **rights,
    }
    answer = api.post("fieldpermissions", permission)
    assert 204 == answer.status, answer.body
    return profile


def join_profile(api: Api, profile: str, user: str = READER) -> None:
    """The user has that profile from now on."""
    member = {"@odata.id": f"fieldsecurityprofiles({profile})"}
    answer = api.post(f"systemusers({user})/systemuserprofiles_association/$ref", member)
    assert 204 == answer.status, answer.body


def share_value(person: Person, place: tuple[str, str, str], sharee: str, **rights: bool) -> Answer:
    """Share one value, of a table, column and row, with a user or team: `systemusers(…)`, `teams(…)`."""
    api, (table, column, row_id) = person.api, place
    found = api.read(f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')?$select=MetadataId")
    set_name = api.organization.schema.tables[table].set_name
    body = {
        "attributeid": found["MetadataId"],
        f"objectid_{table}@odata.bind": f"/{set_name}({row_id})",
        f"principalid_{'team' if sharee.startswith('teams') else 'systemuser'}@odata.bind": f"/{sharee}",
        **rights,
    }
    return person.send("POST", "principalobjectattributeaccessset", body)
