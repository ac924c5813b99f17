"""Organizations are filled with the demo, with fixtures and with named sets: completely, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.places import SHARED
from verselet.errors import OperatorError
from verselet.messages.request import Delete, RowKey
from verselet.organization import Organization, open_organization
from verselet.query.tree import And, Comparison, Condition, Literal, Query
from verselet.query.tree import Path as ColumnPath
from verselet.seeding import SeedReport, seed, seed_content
from verselet.seeding.founding import founding_in
from verselet.seeding.writing import retrieve
from verselet.server.asking import Inside
from verselet.values import Reference, Row

UNIT = "b0000000-0000-4000-8000-000000000002"
REPRESENTATIVE = "a0000000-0000-4000-8000-000000000002"
LEAD = "a0000000-0000-4000-8000-000000000004"
TEAM = "c0000000-0000-4000-8000-000000000001"
ACCOUNT = "5f3e0000-0000-4000-8000-0000a0000099"

DEMO_ROWS = {
    "queue": 2,
    "systemuser": 7,
    "msdyn_ocliveworkitem": 560,
    "msdyn_ocsession": 617,
    "msdyn_sessionparticipant": 548,
    "msdyn_sessionevent": 3503,
    "msevtmgt_building": 1,
    "msevtmgt_venue": 1,
    "msevtmgt_event": 1,
    "msevtmgt_room": 35,
    "msevtmgt_sessiontrack": 78,
    "msevtmgt_session": 1105,
    "msevtmgt_speaker": 1193,
    "msevtmgt_speakerengagement": 1455,
    "contact": 400,
    "msevtmgt_eventregistration": 400,
    "msevtmgt_sessionregistration": 2875,
    "msevtmgt_checkin": 1663,
}


@pytest.fixture
def org() -> Iterator[Organization]:
    """An organization with its built-in rows only, in memory."""
    organization = open_organization("dev")
    yield organization
    organization.close()


@pytest.fixture(scope="module")
def untouched() -> Iterator[Organization]:
    """An organization that only refuses: nothing of it changes, so tests can share it."""
    organization = open_organization("dev")
    before = organization.count_rows()
    yield organization
    assert before == organization.count_rows()
    organization.close()


class Demo(NamedTuple):
    """An organization with the demo, what it had before, what the seeding reported and told meanwhile."""

    org: Organization
    before: Mapping[str, int]
    report: SeedReport
    told: Sequence[tuple[int, int, str]]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The demo; these tests only look."""
    organization = open_organization("dev")
    before = organization.count_rows()
    told: list[tuple[int, int, str]] = []
    report = seed(organization, "demo", lambda done, total, what: told.append((done, total, what)))
    yield Demo(organization, before, report, told)
    organization.close()


def quietly(done: int, total: int, what: str) -> None:
    """Nobody watches the progress."""


def equals(column: str, value: str, kind: Any = "text") -> Condition:
    """`column eq value`."""
    return Comparison("eq", ColumnPath((column,), 0, 0), Literal(kind, value, 0, 0))


def rows_of(organization: Organization, table: str, *conditions: Condition) -> tuple[Row, ...]:
    """The rows for which all conditions hold."""
    return retrieve(organization, Query(table=table, filter=And(conditions) if conditions else None))


def load(organization: Organization, content: object) -> SeedReport:
    """Load a fixture given as Python value."""
    return seed_content(organization, json.dumps(content).encode(), "trial.json", quietly)


def small_fixture() -> dict[str, Any]:
    """A unit, two users, a role, a team and an account."""
    return {
        "businessunits": [
            {"key": "root", "name": "Contour Root", "parent": None},
            {"key": "east", "businessunitid": UNIT, "name": "East", "parent": "root"},
        ],
        "roles": [
            {"key": "sysadmin", "name": "System Administrator", "builtin": True},
            {"key": "rep", "roleid": "d0000000-0000-4000-8000-000000000002", "name": "VT Rep"},
        ],
        "users": [
            {
                "key": "rep_e1",
                "systemuserid": REPRESENTATIVE,
                "fullname": "Test Rep E1",
                "internalemailaddress": "rep-e1@contour.example",
                "businessunit": "east",
                "roles": ["rep"],
                "manager": "lead_e",
            },
            {
                "key": "lead_e",
                "systemuserid": LEAD,
                "azureactivedirectoryobjectid": LEAD.replace("a0", "e0", 1),
                "fullname": "Test Lead E",
                "internalemailaddress": "lead-e@contour.example",
                "businessunit": "east",
                "roles": ["sysadmin"],
            },
        ],
        "teams": [
            {"key": "pool", "teamid": TEAM, "name": "East Pool", "businessunit": "east", "members": ["rep_e1"]},
        ],
        "rows": {
            "account": [
                {
                    "accountid": ACCOUNT,
                    "name": "Birchwood Group",
                    "revenue": 250000.5,
                    "ownerid@odata.bind": f"/systemusers({REPRESENTATIVE})",
                }
            ]
        },
    }


def test_the_demo_is_a_conference_and_a_contact_centre_day(demo: Demo) -> None:
    """Thousands of rows of both domains, counted by table. [EM-A14], [OC-A7]"""
    after = demo.org.count_rows()

    assert DEMO_ROWS == demo.report.rows
    assert sum(DEMO_ROWS.values()) == demo.report.total
    assert {table: demo.before.get(table, 0) + count for table, count in DEMO_ROWS.items()} == {
        table: after[table] for table in DEMO_ROWS
    }
    assert 1105 == after["msevtmgt_sessiontrack_msevtmgt_session"]


def test_the_demo_twice_is_the_demo_once(demo: Demo) -> None:
    """The second run makes nothing and touches nothing. [OC-109], [EM-144]"""
    before = {row.id: row.values["versionnumber"] for row in rows_of(demo.org, "msdyn_ocliveworkitem")}

    report = seed(demo.org, "demo", quietly)

    assert {} == report.rows
    assert before == {row.id: row.values["versionnumber"] for row in rows_of(demo.org, "msdyn_ocliveworkitem")}


def test_rows_of_the_demo_that_were_deleted_come_back(org: Organization) -> None:
    """What is missing is made again, what is there stays."""
    seed(org, "demo", quietly)
    (session, *_) = rows_of(org, "msevtmgt_session")
    org.execute(Delete("msevtmgt_session", RowKey(session.id)), org.administrator)

    report = seed(org, "demo", quietly)

    assert 1 == report.rows["msevtmgt_session"]
    assert 1105 == org.count_rows()["msevtmgt_sessiontrack_msevtmgt_session"]


def test_the_progress_of_the_demo_ends_at_its_total(demo: Demo) -> None:
    """Count and total are told, and what is being written. [product.md §6]"""
    done = [one for one, _, _ in demo.told]

    assert sorted(done) == done
    assert (16109, 16109, "msevtmgt_checkin") == demo.told[-1]
    assert {16109} == {total for _, total, _ in demo.told}


def test_conversations_come_in_the_order_of_the_day(demo: Demo) -> None:
    """A list without an order of its own begins with the first call."""
    first = rows_of(demo.org, "msdyn_ocliveworkitem")[:3]

    assert ["Voice call 0001", "Voice call 0002", "Voice call 0003"] == [row.values["subject"] for row in first]


def test_the_life_of_a_call_can_be_read(demo: Demo) -> None:
    """Conversation, session, participant and events lead to each other and tell one story. [OC-2], [OC-3], [OC-4]"""
    (call,) = rows_of(demo.org, "msdyn_ocliveworkitem", equals("subject", "Voice call 0001"))
    session = call.values["msdyn_lastsessionid"]
    assert isinstance(session, Reference)
    (participant,) = rows_of(
        demo.org, "msdyn_sessionparticipant", equals("_msdyn_omnichannelsession_value", session.id, "guid")
    )
    events = rows_of(demo.org, "msdyn_sessionevent", equals("_msdyn_omnichannelsession_value", session.id, "guid"))
    (agent,) = rows_of(demo.org, "systemuser", equals("fullname", "Agent 201"))

    assert (1, 4, 160) == (
        call.values["statecode"],
        call.values["statuscode"],
        call.values["msdyn_conversationhandletimeinseconds"],
    )
    assert Reference("systemuser", str(agent.id)) == participant.values["msdyn_agentid"]
    assert [
        ("2026-03-02T08:03:17Z", "0001-1 SessionCreated"),
        ("2026-03-02T08:03:17Z", "0001-1 QueueAssigned"),
        ("2026-03-02T08:03:19Z", "0001-1 AgentAssigned"),
        ("2026-03-02T08:03:25Z", "0001-1 AgentAccepted"),
        ("2026-03-02T08:06:05Z", "0001-1 AgentEndConversation"),
        ("2026-03-02T08:06:05Z", "0001-1 SessionEnd"),
    ] == [(row.values["msdyn_eventtime"], row.values["msdyn_name"]) for row in events]


def test_rows_of_the_past_were_created_then(demo: Demo) -> None:
    """The day the call came is the day its row was created. [OC-150]"""
    (call,) = rows_of(demo.org, "msdyn_ocliveworkitem", equals("subject", "Voice call 0001"))

    assert "2026-03-02T08:03:17Z" == call.values["createdon"]


def test_a_fixture_makes_units_users_roles_teams_and_rows(org: Organization) -> None:
    """Keys of the file become references between rows. [contract.md §4]"""
    report = load(org, small_fixture())

    (account,) = rows_of(org, "account")
    (user,) = rows_of(org, "systemuser", equals("systemuserid", REPRESENTATIVE, "guid"))
    (unit,) = rows_of(org, "businessunit", equals("businessunitid", UNIT, "guid"))
    assert {"businessunit": 2, "role": 1, "systemuser": 2, "team": 1, "account": 1} == report.rows
    assert Reference("systemuser", REPRESENTATIVE) == account.values["ownerid"]
    assert Reference("businessunit", UNIT) == user.values["businessunitid"]
    assert Reference("systemuser", LEAD) == user.values["parentsystemuserid"]
    assert Reference("businessunit", org.administrator.business_unit_id) == unit.values["parentbusinessunitid"]
    # Besides the team of the file there is the default team of the unit. [SEC-12]
    teams = [
        row.values["teamid"] for row in rows_of(org, "teammembership") if row.values["systemuserid"] == REPRESENTATIVE
    ]
    assert (2, True) == (len(teams), TEAM in teams)


def test_a_builtin_role_of_a_fixture_is_the_real_one(org: Organization) -> None:
    """A user with System Administrator is one. [SEC]"""
    load(org, small_fixture())

    found = {name: org.find_caller(name) for name in (REPRESENTATIVE, LEAD)}

    assert {REPRESENTATIVE: False, LEAD: True} == {
        name: caller is not None and caller.is_administrator for name, caller in found.items()
    }


def test_a_user_of_a_fixture_is_found_by_its_key(org: Organization) -> None:
    """`Bearer dev:rep_e1` is that user. [contract.md §3]"""
    load(org, small_fixture())

    caller = org.find_caller("rep_e1")

    assert caller is not None
    assert (REPRESENTATIVE, UNIT) == (caller.user_id, caller.business_unit_id)


def test_a_fixture_twice_is_the_fixture_once(org: Organization) -> None:
    """Same ids, same result, down to the versions of the rows. [contract.md §4]"""
    load(org, small_fixture())
    before = org.count_rows(), [row.values["versionnumber"] for row in rows_of(org, "account")]

    report = load(org, small_fixture())

    assert {} == report.rows
    assert before == (org.count_rows(), [row.values["versionnumber"] for row in rows_of(org, "account")])


def test_a_fixture_overwrites_what_was_changed_since(org: Organization) -> None:
    """Loading again brings the values of the file back."""
    load(org, small_fixture())
    changed = small_fixture()
    changed["rows"]["account"][0]["name"] = "Cedar Foods"
    load(org, changed)

    load(org, small_fixture())

    assert ["Birchwood Group"] == [row.values["name"] for row in rows_of(org, "account")]


def test_a_fixture_with_one_bad_row_leaves_nothing(untouched: Organization) -> None:
    """One transaction: units and users before the bad row are not kept either. [contract.md §4]"""
    before = untouched.count_rows()
    fixture = small_fixture()
    fixture["rows"]["account"].append({"accountid": ACCOUNT.replace("99", "98"), "name": "A" * 200})

    with pytest.raises(OperatorError) as refused:
        load(untouched, fixture)

    assert ("VS3003", "trial.json: $.rows.account[1] was refused") == (refused.value.code, refused.value.what)
    assert "maximum allowed length of '160'" in refused.value.why
    assert before == untouched.count_rows()


@pytest.mark.parametrize(
    ("fixture", "code", "what"),
    [
        ({"usrs": []}, "VS3002", "trial.json: $"),
        ({"users": [{"key": "a"}]}, "VS3002", "trial.json: $.users[0]"),
        ({"tables": [{"logicalname": "vst_project"}]}, "VS3002", "trial.json: $.tables[0]"),
        ({"relationships": [{}]}, "VS3002", "trial.json: $.relationships[0]"),
        ({"columnsecurityprofiles": [{}]}, "VS3002", "trial.json: $.columnsecurityprofiles[0]"),
        ({"roles": [{"key": "r", "name": "R", "grants": [{}]}]}, "VS3002", "trial.json: $.roles[0].grants[0]"),
        (
            {"organization": {"settings": {"isauditedenabled": True}}},
            "VS3002",
            "trial.json: $.organization.settings.isauditedenabled",
        ),
        (
            {"organization": {"settings": {"EnableOwnershipAcrossBusinessUnits": True}}},
            "VS3004",
            "trial.json: $.organization.settings.EnableOwnershipAcrossBusinessUnits cannot be loaded",
        ),
        ({"organization": {"name": "contour"}}, "VS3004", "trial.json: $.organization.name cannot be loaded"),
        ({"organization": {"tenantid": TEAM}}, "VS3004", "trial.json: $.organization.tenantid cannot be loaded"),
        (
            {"businessunits": [{"key": "root", "name": "Root", "parent": None, "businessunitid": UNIT}]},
            "VS3004",
            "trial.json: $.businessunits[0].businessunitid cannot be loaded",
        ),
        ({"othertables": ["vst_project (ours)"]}, "VS3004", "trial.json: $.othertables[0] cannot be loaded"),
        ({"rows": {"acount": [{}]}}, "VS3002", "trial.json: $.rows.acount[0]"),
        ({"rows": {"account": [{"name": "x"}]}}, "VS3002", "trial.json: $.rows.account[0]"),
        (
            {"rows": {"account": [{"accountid": ACCOUNT, "colour": "red"}]}},
            "VS3003",
            "trial.json: $.rows.account[0] was refused",
        ),
        (
            {"businessunits": [{"key": "east", "name": "East", "parent": "rot", "businessunitid": UNIT}]},
            "VS3002",
            "trial.json: $.businessunits[0].parent",
        ),
        ({"roles": [{"key": "r", "name": "Nobody", "builtin": True}]}, "VS3002", "trial.json: $.roles[0]"),
    ],
)
def test_what_a_fixture_cannot_do_is_refused_by_name(
    untouched: Organization, fixture: object, code: str, what: str
) -> None:
    """File, path and reason; nothing is skipped in silence. [contract.md §4]"""
    with pytest.raises(OperatorError) as refused:
        load(untouched, fixture)

    assert (code, what) == (refused.value.code, refused.value.what)
    assert "" not in {refused.value.why, refused.value.do}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"not json"])
def test_a_file_that_is_no_json_is_refused(untouched: Organization, content: bytes) -> None:
    """Three lines, no traceback. [product.md §6]"""
    with pytest.raises(OperatorError) as refused:
        seed_content(untouched, content, "trial.json", quietly)

    assert ("VS3001", "trial.json is no JSON") == (refused.value.code, refused.value.what)


def test_a_file_that_is_not_there_is_refused(untouched: Organization, tmp_path: Path) -> None:
    """The other name for a seed is mentioned. [product.md §6]"""
    with pytest.raises(OperatorError) as refused:
        seed(untouched, str(tmp_path / "nowhere.json"), quietly)

    assert ("VS3001", "give the path of a fixture file, or demo") == (refused.value.code, refused.value.do)


def test_a_demo_fits_into_an_organization_of_a_fixture(tmp_path: Path) -> None:
    """Both seeds of one server go together, whatever the id of the root unit. [contract.md §2]"""
    file = tmp_path / "own.json"
    root = {"key": "root", "businessunitid": UNIT, "name": "Contour Root", "parent": None}
    file.write_text(json.dumps({"organization": {"name": "contour"}, "businessunits": [root]}), encoding="utf-8")
    organization = open_organization(None, founding=founding_in(["demo", str(file)], None))
    seed(organization, "demo", quietly)

    seed(organization, str(file), quietly)
    found = organization.name, {row.values["businessunitid"] for row in rows_of(organization, "systemuser")}
    organization.close()

    assert ("contour", {Reference("businessunit", UNIT)}) == found


def test_the_conformance_sets_of_rows_are_loaded(org: Organization, tmp_path: Path) -> None:
    """Rows, later changes of rows, links, and thousands by pattern; in the order in which sets need each other."""
    sets = json.loads((SHARED / "conformance" / "fixtures.json").read_bytes())["sets"]
    path = tmp_path / "sets.json"
    path.write_text(json.dumps({"sets": sets}), encoding="utf-8")

    first, second = seed(org, str(path), quietly, Inside), seed(org, str(path), quietly, Inside)

    inactive = rows_of(org, "account", equals("statecode", "1", "number"))
    (parent,) = rows_of(org, "account", equals("accountnumber", "VF-01"))
    assert first.rows == second.rows
    assert (8, 12, 5121) == (first.rows["account"], first.rows["contact"], first.rows["msdyn_sessionevent"])
    assert ["Ivy_League Tours"] == [row.values["name"] for row in inactive]
    assert Reference("contact", "5f3e0000-0000-4000-8000-0000c0000025") == parent.values["primarycontactid"]
    assert 5121 == org.count_rows()["msdyn_sessionevent"]


def test_sets_talk_to_the_server_inside_the_load(org: Organization) -> None:
    """Tables, keys, people and links that requests make are there, and values follow the time. [contract.md §4]"""
    sets = json.loads((SHARED / "conformance" / "fixtures.json").read_bytes())["sets"]
    chosen = {name: sets[name] for name in ("accounts", "accountkey", "widget", "people", "clock")}
    chosen["accounts"]["needs"] = []

    seed_content(org, json.dumps({"sets": chosen}).encode(), "sets.json", quietly, Inside)
    widgets = rows_of(org, "new_vfwidget")
    noon = rows_of(org, "msevtmgt_event", equals("msevtmgt_name", "VFC day:0"))
    (vesna,) = rows_of(org, "systemuser", equals("lastname", "Fixture"))
    caller = org.find_caller(str(vesna.id))

    assert 6 == len(widgets)
    assert ["new_vfaccountnumberkey"] == [key.name for key in org.schema.tables["account"].keys]
    assert f"{org.clock.now_on_wire()[:10]}T12:00:00Z" == noon[0].values["msevtmgt_eventstartdate"]
    assert caller is not None
    assert caller.is_administrator


def test_a_request_of_a_set_that_is_refused_leaves_nothing(untouched: Organization) -> None:
    """Its place and the refusal are told; what requests before it made is undone, tables too. [contract.md §4]"""
    sets = json.loads((SHARED / "conformance" / "fixtures.json").read_bytes())["sets"]
    sets["widget"]["groups"][0]["steps"][1]["request"]["body"]["SchemaName"] = "gadget"
    chosen = {"widget": {**sets["widget"], "needs": []}}
    generation = untouched.schema.generation

    with pytest.raises(OperatorError) as refused:
        seed_content(untouched, json.dumps({"sets": chosen}).encode(), "sets.json", quietly, Inside)

    assert ("VS3003", "sets.json: $.sets.widget.groups[0].steps[1] was refused") == (
        refused.value.code,
        refused.value.what,
    )
    assert "gadget" in refused.value.why
    assert "new_vfwidget" not in untouched.schema.tables
    assert generation == untouched.schema.generation


def test_a_value_nobody_knows_is_refused(untouched: Organization) -> None:
    """With its place. [contract.md §4]"""
    row = {"set": "accounts", "id": ACCOUNT, "body": {"name": "${nobody}"}}

    with pytest.raises(OperatorError) as refused:
        load(untouched, {"sets": {"a": {"rows": [row]}}})

    assert ("VS3002", "trial.json: $.sets.a.rows[0]") == (refused.value.code, refused.value.what)


def test_requests_need_a_web_api(untouched: Organization) -> None:
    """Where rows alone are loaded, what talks is refused by name."""
    group = {"steps": [{"request": {"method": "GET", "path": "accounts"}}]}

    with pytest.raises(OperatorError) as refused:
        load(untouched, {"sets": {"a": {"groups": [group]}}})

    assert ("VS3004", "trial.json: $.sets.a.groups[0].steps[0] cannot be loaded") == (
        refused.value.code,
        refused.value.what,
    )


def test_sets_that_need_each_other_in_a_circle_are_refused(untouched: Organization) -> None:
    """So is a set whose need is not in the file."""
    with pytest.raises(OperatorError) as refused:
        load(untouched, {"sets": {"a": {"needs": ["b"]}, "b": {"needs": ["a"]}}})

    assert ("VS3002", "trial.json: $.sets.a.needs") == (refused.value.code, refused.value.what)


def test_a_durable_organization_keeps_the_demo(tmp_path: Path) -> None:
    """What was seeded into a directory is there after the server was started again."""
    first = open_organization("dev", directory=tmp_path)
    seed(first, "demo", quietly)
    first.close()

    again = open_organization("dev", directory=tmp_path)
    counts = again.count_rows()
    again.close()

    assert (3503, 1105) == (counts["msdyn_sessionevent"], counts["msevtmgt_session"])


@pytest.mark.postgresql
@pytest.mark.slow
def test_postgresql_holds_the_same_demo(postgresql_url: str) -> None:
    """Both stores hold the same rows, and a second run makes nothing there either."""
    organization = open_organization("dev", url=postgresql_url)
    report, again = seed(organization, "demo", quietly), seed(organization, "demo", quietly)
    (call,) = rows_of(organization, "msdyn_ocliveworkitem", equals("subject", "Voice call 0001"))
    organization.close()

    assert DEMO_ROWS == report.rows
    assert {} == again.rows
    assert ("2026-03-02T08:03:17Z", "192370000") == (call.values["msdyn_createdon"], call.values["msdyn_channel"])
