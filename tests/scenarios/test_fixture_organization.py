"""A fixture makes a whole organization: its ids, settings, tables, people and what they may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.people import FIXTURES
from tests.places import SHARED
from verselet.errors import OperatorError
from verselet.messages.principals import AddPrivilegesRole, GivenPrivilege
from verselet.messages.request import Create, CreateResponse, RowKey, Update
from verselet.metadata.columns import (
    DateTimeColumn,
    IntegerColumn,
    LookupColumn,
    Rollup,
    StateColumn,
    StatusColumn,
    TextColumn,
)
from verselet.organization import Organization, open_organization
from verselet.query.tree import Comparison, Literal, Query
from verselet.query.tree import Path as ColumnPath
from verselet.seeding import SeedReport, seed_content
from verselet.seeding.founding import founding_in
from verselet.seeding.writing import retrieve
from verselet.values import Reference, Row, Value

ADMIN = "a0000000-0000-4000-8000-000000000001"
ROOT = "b0000000-0000-4000-8000-000000000001"
EAST = "b0000000-0000-4000-8000-000000000002"
REP = "d0000000-0000-4000-8000-000000000002"
PROFILE = "90000000-0000-4000-8000-000000000001"


def quietly(done: int, total: int, what: str) -> None:
    """Nobody watches the progress."""


def load(organization: Organization, content: object) -> SeedReport:
    """Load a fixture given as Python value."""
    return seed_content(organization, json.dumps(content).encode(), "trial.json", quietly)


def rows_of(organization: Organization, table: str, column: str = "", value: str = "") -> tuple[Row, ...]:
    """The rows whose column holds that id."""
    wanted = Comparison("eq", ColumnPath((column,), 0, 0), Literal("guid", value, 0, 0)) if column else None
    return retrieve(organization, Query(table=table, filter=wanted))


def contour() -> dict[str, Any]:
    """The behaviour fixture."""
    found: dict[str, Any] = json.loads(FIXTURES.read_bytes())
    return found


@pytest.fixture(scope="module")
def told() -> list[SeedReport]:
    """What the loads of the shared organization reported."""
    return []


@pytest.fixture(scope="module")
def org(told: list[SeedReport]) -> Iterator[Organization]:
    """A new organization that is founded and filled with the behaviour fixture, twice; tests only look."""
    organization = open_organization(None, founding=founding_in([str(FIXTURES)], None))
    told += [load(organization, contour()), load(organization, contour())]
    yield organization
    organization.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Organization]:
    """An organization founded with nothing; what tests load into it is refused."""
    organization = open_organization("plain")
    before = organization.count_rows(), organization.schema.generation
    yield organization
    assert before == (organization.count_rows(), organization.schema.generation)
    organization.close()


def small_table(**members: object) -> dict[str, Any]:
    """A fixture with one table."""
    column = {"logicalname": "vst_name", "type": "String", "maxlength": 50}
    table = {"logicalname": "vst_box", "displayname": "Box", "primaryname": "vst_name", "columns": [column]}
    return {"tables": [{**table, **members}]}


def test_the_fixture_of_the_specification_is_the_one_here() -> None:
    """Both are the same organization, so a server for one serves the other's scenarios. [contract.md §4]

    What a user's note says in words there, a limit of 5 requests, is a member here. [LIM-7]
    """
    shared = json.loads((SHARED / "conformance" / "behaviour" / "fixtures.json").read_bytes())
    (limited,) = [user for user in shared["users"] if "request limit is 5" in user.get("note", "")]
    limited["throttle"] = 5

    assert shared == contour()


def test_a_new_organization_takes_its_ids_from_the_fixture(org: Organization) -> None:
    """Organization, tenant, root unit and administrator are the file's; nobody is left of those before. [§4]"""
    (organization,) = rows_of(org, "organization")
    roots = [row.id for row in rows_of(org, "businessunit") if row.values["parentbusinessunitid"] is None]
    default = [row.id for row in rows_of(org, "team", "_businessunitid_value", ROOT) if row.values["isdefault"]]

    assert ("contour", "10000000-0000-4000-8000-000000000001") == (org.name, org.id)
    assert ("contour", org.id) == (organization.values["name"], organization.id)
    assert "70000000-0000-4000-8000-000000000001" == org.founding.tenant_id
    assert (ADMIN, ROOT, [ROOT]) == (org.administrator.user_id, org.administrator.business_unit_id, roots)
    assert ["c0000000-0000-4000-8000-000000000101"] == default


def test_default_teams_have_the_ids_of_the_fixture(org: Organization) -> None:
    """The team that comes with a unit, and everybody of the unit in it. [SEC-12]"""
    (team,) = [row for row in rows_of(org, "team", "_businessunitid_value", EAST) if row.values["isdefault"]]
    members = rows_of(org, "teammembership", "teamid", str(team.id))
    users = rows_of(org, "systemuser", "_businessunitid_value", EAST)

    assert ("c0000000-0000-4000-8000-000000000102", "East") == (team.id, team.values["name"])
    assert {row.id for row in users} == {row.values["systemuserid"] for row in members}


def test_a_default_team_that_is_there_keeps_its_id(plain: Organization) -> None:
    """Nothing else could be told of one that has rows already. [contract.md §4]"""
    root = {"key": "root", "name": "Root", "parent": None}
    team = {"key": "all", "teamid": ADMIN, "name": "Root", "businessunit": "root", "isdefault": True}

    with pytest.raises(OperatorError) as refused:
        load(plain, {"businessunits": [root], "teams": [team]})

    assert "trial.json: $.teams[0].teamid cannot be loaded" == refused.value.what


def test_a_role_holds_what_the_fixture_says_and_nothing_else() -> None:
    """Loading again takes away what was given since, also from the copies. [SEC-13], [SEC-26]"""
    organization = open_organization(None, founding=founding_in([str(FIXTURES)], None))
    load(organization, contour())
    before = sorted(str(row.values["privilegeid"]) for row in rows_of(organization, "roleprivileges", "roleid", REP))
    more = AddPrivilegesRole(
        RowKey(REP), (GivenPrivilege(8, name="prvMerge"), GivenPrivilege(8, name="prvReadAccount"))
    )
    organization.execute(more, organization.administrator)

    load(organization, contour())
    after = [
        sorted(str(row.values["privilegeid"]) for row in rows_of(organization, "roleprivileges", "roleid", role))
        for role in (REP, *(str(row.id) for row in rows_of(organization, "role", "_parentrootroleid_value", REP)))
    ]
    organization.close()

    assert [before] * 5 == after


def test_a_second_load_changes_nothing(told: list[SeedReport], org: Organization) -> None:
    """Same ids, same result: not even a time stamp. [contract.md §4]"""
    first, second = told

    assert (4, 13, 24) == tuple(first.rows[table] for table in ("businessunit", "role", "systemuser"))
    assert {} == second.rows


def test_what_the_file_calls_optional_is_left_out_and_said(told: list[SeedReport], org: Organization) -> None:
    """Elastic tables are not supported: the table, and the privileges for it, are left out, never silently."""
    said = [note for note in told[0].notes if "vst_reading" in note]

    assert "vst_reading" not in org.schema.tables
    assert [
        "vst_reading was left out ($.tables[7]): elastic tables are not supported here; the file marks it as optional"
    ] == said


def test_tables_of_a_fixture_are_tables_like_others(org: Organization) -> None:
    """Columns with their types and bounds, keys, states, transitions. [contract.md §4]"""
    project, ticket = org.schema.tables["vst_project"], org.schema.tables["vst_ticket"]
    secret, slot = project.columns["vst_secret"], project.columns["vst_slot"]
    status, state = ticket.columns["statuscode"], ticket.columns["statecode"]
    assert isinstance(slot, DateTimeColumn)
    assert isinstance(status, StatusColumn)
    assert isinstance(state, StateColumn)

    assert ("vst_projects", "vst_name", "user", True) == (
        project.set_name,
        project.primary_name,
        project.ownership,
        project.change_tracking,
    )
    assert {"vst_externalid_key": ("vst_externalid",), "vst_region_name_key": ("vst_region", "vst_name")} == {
        key.name: key.columns for key in project.keys
    }
    assert (True, "time_zone_independent") == (secret.is_secured, slot.behavior)
    assert [(1, "New", (100000000, 100000001)), (2, "Resolved", (100000000,))] == [
        (reason.value, reason.label, reason.next) for reason in status.options if reason.value < 10
    ]
    assert [("Active", 1), ("Inactive", 2)] == [(one.label, one.default_status) for one in state.options]
    assert ticket.enforces_transitions
    assert "organization" == org.schema.tables["vst_setting"].ownership


def test_columns_of_a_fixture_number_and_work_out_themselves(org: Organization) -> None:
    """Formulas, and rollups along relationships that come later in the file. [JOB-60], [JOB-62], [JOB-67]"""
    columns = org.schema.tables["vst_project"].columns
    code, double, total = (columns[name] for name in ("vst_code", "vst_doublecount", "vst_hourstotal"))
    assert isinstance(code, TextColumn)

    assert "PRJ-{SEQNUM:5}" == code.auto_number_format
    assert ("calculated", "vst_count * 2") == (double.source_type, double.formula)
    assert ("rollup", Rollup("SUM", "vst_project_task", "vst_hours")) == (total.source_type, total.rollup)
    assert {"vst_hourstotal_date", "vst_hourstotal_state"} <= columns.keys()


@pytest.mark.parametrize(
    ("column", "what", "why"),
    [
        ({"sourcetype": 1}, "$.tables[0].columns[1].sourcetype", "goes with a formula"),
        ({"formula": "1"}, "$.tables[0].columns[1].sourcetype", "0 with neither"),
        ({"sourcetype": 1, "formula": "vst_none"}, "$.tables[0].columns[1] was refused", "vst_none"),
        ({"autonumberformat": "A"}, "$.tables[0].columns[1].autonumberformat", "Integer"),
    ],
)
def test_a_column_that_cannot_be_worked_out_is_refused(
    plain: Organization, column: dict[str, object], what: str, why: str
) -> None:
    """With the place in the file and the reason. [contract.md §4]"""
    content = small_table()
    content["tables"][0]["columns"].append({"logicalname": "vst_sum", "type": "Integer", **column})
    with pytest.raises(OperatorError) as refused:
        load(plain, content)

    assert (True, True) == (what in refused.value.what, why in refused.value.why)


def test_relationships_of_a_fixture_cascade_as_it_says(org: Organization) -> None:
    """Lookups come with their relationships; many-to-many ones with their table. [SEC-70]"""
    found = {one.schema_name: one for one in org.schema.relationships}
    badge, task = found["vst_project_badge"].cascades, org.schema.tables["vst_task"].columns["vst_projectid"]
    assert isinstance(task, LookupColumn)

    assert ("UserOwned", "RemoveLink", "Active", "Active") == (badge.assign, badge.delete, badge.share, badge.unshare)
    assert ("vst_project",) == task.targets
    assert "vst_label" == org.schema.across["vst_project"]["vst_project_label"].table2


def test_grants_of_a_role_become_its_privileges(org: Organization) -> None:
    """Tables x verbs x depth, and privileges by name. [SEC-20], [SEC-22]"""
    name = {row.id: row.values["name"] for row in rows_of(org, "privilege")}
    held = {
        name[str(row.values["privilegeid"])]: row.values["privilegedepthmask"]
        for row in rows_of(org, "roleprivileges", "roleid", REP)
    }

    assert (1, 1, 8, 8) == tuple(
        held[f"prv{what}"] for what in ("Sharevst_project", "Createmsdyn_sessionevent", "ReadTeam", "ReadOrganization")
    )
    assert "prvReadvst_reading" not in held
    assert "prvMerge" not in held


def test_profiles_of_a_fixture_have_permissions_and_members(org: Organization) -> None:
    """Who may read and write a secured column. [SEC-101]"""
    (permission,) = rows_of(org, "fieldpermission", "_fieldsecurityprofileid_value", PROFILE)
    users = rows_of(org, "systemuserprofiles", "fieldsecurityprofileid", PROFILE)

    assert ("vst_project", "vst_secret", 4, 4, 4) == tuple(
        permission.values[name] for name in ("entityname", "attributelogicalname", "canread", "cancreate", "canupdate")
    )
    assert ["a0000000-0000-4000-8000-000000000004"] == [row.values["systemuserid"] for row in users]


def test_settings_of_a_fixture_are_columns_of_the_organization(org: Organization) -> None:
    """Auditing is on, hierarchy security is off. [contract.md §4]"""
    (row,) = rows_of(org, "organization")

    assert (True, False, 3) == tuple(
        row.values[name]
        for name in ("isauditenabled", "ishierarchicalsecuritymodelenabled", "maxdepthforhierarchicalsecuritymodel")
    )


def test_rows_of_the_new_tables_can_be_written(org: Organization) -> None:
    """By its key, with its lookup. [K-1]"""
    project = org.execute(Create(Row("vst_project", None, {"vst_name": "Bridge"})), org.administrator)
    assert isinstance(project, CreateResponse)
    project_id = project.id
    values: dict[str, Value] = {"vst_name": "Survey", "vst_projectid": Reference("vst_project", project_id)}
    org.execute(Create(Row("vst_task", None, values)), org.administrator)

    assert ["Survey"] == [
        row.values["vst_name"] for row in rows_of(org, "vst_task", "_vst_projectid_value", project_id)
    ]


def test_a_fixture_with_one_bad_part_leaves_no_table(plain: Organization) -> None:
    """Definitions and rows are one transaction. [contract.md §4]"""
    fixture = small_table()
    fixture["rows"] = {"vst_box": [{"vst_boxid": ADMIN, "vst_name": "x" * 51}]}

    with pytest.raises(OperatorError) as refused:
        load(plain, fixture)

    assert ("VS3003", "trial.json: $.rows.vst_box[0] was refused") == (refused.value.code, refused.value.what)
    assert "vst_box" not in plain.schema.tables
    with plain.rebuilding():
        assert "vst_box" not in plain.schema.tables


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        ({"tabletype": "Elastic"}, "VS3004", "$.tables[0].tabletype cannot be loaded"),
        ({"primaryid": "boxid"}, "VS3002", "$.tables[0].primaryid"),
        ({"primaryname": "vst_title"}, "VS3002", "$.tables[0].primaryname"),
        ({"logicalname": "box"}, "VS3003", "$.tables[0] was refused"),
        ({"keys": [{"name": "vst_k", "columns": ["vst_no"]}]}, "VS3003", "$.tables[0].keys[0] was refused"),
        ({"entitysetname": "accounts"}, "VS3003", "$.tables[0] was refused"),
        ({"enforcestatetransitions": True, "colour": 1}, "VS3002", "$.tables[0]"),
        ({"transitions": {"7": [1]}, "states": {}}, None, None),
    ],
)
def test_tables_that_cannot_be_are_refused_with_their_place(
    plain: Organization, change: dict[str, object], code: str | None, what: str | None
) -> None:
    """File, path and reason. [contract.md §4]"""
    if code is None:
        change = {**change, "states": {"0": {"name": "Active", "default": 1, "reasons": {"1": "Active"}}}}
        code, what = "VS3003", "$.tables[0].states was refused"
    with pytest.raises(OperatorError) as refused:
        load(plain, small_table(**change))

    assert (code, f"trial.json: {what}") == (refused.value.code, refused.value.what)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ({"type": "Colour"}, ".type"),
        ({"type": "String", "precision": 2}, ".precision"),
        ({"type": "Memo", "options": {"1": "x"}}, ".options"),
        ({"type": "Lookup", "targets": ["account"]}, ""),
        ({"type": "Integer", "min": 9, "max": 1}, " was refused"),
    ],
)
def test_columns_that_cannot_be_are_refused_with_their_place(
    plain: Organization, column: dict[str, object], what: str
) -> None:
    """What a type does not have is not ignored. [contract.md §4]"""
    fixture = small_table()
    fixture["tables"][0]["columns"].append({"logicalname": "vst_extra", **column})

    with pytest.raises(OperatorError) as refused:
        load(plain, fixture)

    assert f"trial.json: $.tables[0].columns[1]{what}" == refused.value.what


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", "contour"),
        ("organizationid", "10000000-0000-4000-8000-000000000001"),
        ("tenantid", "70000000-0000-4000-8000-000000000001"),
    ],
)
def test_an_organization_that_is_there_keeps_its_name_and_ids(plain: Organization, part: str, value: str) -> None:
    """Only a new one is founded with those of a fixture. [contract.md §4]"""
    with pytest.raises(OperatorError) as refused:
        load(plain, {"organization": {part: value}})

    assert f"trial.json: $.organization.{part} cannot be loaded" == refused.value.what


def test_a_fixture_loaded_again_changes_what_differs() -> None:
    """Columns get their new bounds, tables their new columns; rows and other columns stay."""
    organization = open_organization("plain")
    load(organization, small_table())
    made = organization.execute(Create(Row("vst_box", None, {"vst_name": "A"})), organization.administrator)
    again = small_table()
    again["tables"][0]["columns"][0]["maxlength"] = 60
    again["tables"][0]["columns"].append({"logicalname": "vst_count", "type": "Integer", "max": 9})

    load(organization, again)
    name, count = (organization.schema.tables["vst_box"].columns[one] for one in ("vst_name", "vst_count"))
    assert isinstance(name, TextColumn)
    assert isinstance(count, IntegerColumn)
    assert isinstance(made, CreateResponse)
    row_id = made.id
    organization.execute(Update(Row("vst_box", row_id, {"vst_count": 9}), RowKey(row_id)), organization.administrator)
    (row,) = rows_of(organization, "vst_box")
    organization.close()

    assert (60, 9) == (name.max_length, count.max)
    assert ("A", 9) == (row.values["vst_name"], row.values["vst_count"])


def test_a_durable_organization_keeps_what_it_was_founded_with(tmp_path: Path) -> None:
    """It opens without the file again, by whatever name it has; another name is refused. [contract.md §7]"""
    first = open_organization(None, directory=tmp_path, founding=founding_in([str(FIXTURES)], None))
    load(first, contour())
    first.close()

    again = open_organization(None, directory=tmp_path)
    found = again.name, again.administrator.user_id, again.find_caller("rep_e1") is not None
    report = load(again, contour())
    again.close()
    with pytest.raises(OperatorError) as refused:
        open_organization("other", directory=tmp_path)

    assert ("contour", ADMIN, True) == found
    assert {} == report.rows
    assert ("VS2102", "there is no organization other here") == (refused.value.code, refused.value.what)


def counted(organization: Organization) -> tuple[SeedReport, dict[str, int]]:
    """Load the behaviour fixture twice: what the second load reported, and how many rows each table holds then."""
    load(organization, contour())
    again = load(organization, contour())
    rows = organization.count_rows()
    organization.close()
    return again, dict(rows)


@pytest.mark.postgresql
def test_postgresql_holds_the_same_organization(postgresql_url: str) -> None:
    """Both stores are filled alike, and a second load changes nothing there either."""
    founding = founding_in([str(FIXTURES)], None)
    _, expected = counted(open_organization(None, founding=founding))
    again, found = counted(open_organization(None, url=postgresql_url, founding=founding))

    assert {} == again.rows
    assert expected == found
