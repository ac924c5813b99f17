"""What one server changes, the other one goes by: rights, definitions, steps, settings."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.definition_bodies import BOX, column, table
from tests.processes.pairs import Client, Pair, agree
from tests.scenarios.test_steps import Receiver
from tests.sign_in_world import APPLICATION, REGISTRAR, SECRET
from tests.step_bodies import hook_body, step_body

pytestmark = pytest.mark.slow

READER = "d0000000-0000-4000-8000-0000000000a1"


def new_user(at: Client, name: str) -> str:
    """A user without any role."""
    unit = at.get("WhoAmI")["BusinessUnitId"]
    address = f"{name}@verselet.example"
    return at.make(
        "systemusers",
        firstname="A",
        lastname=name,
        internalemailaddress=address,
        domainname=address,
        businessunitid__bind=f"/businessunits({unit})",
    )


def test_a_role_given_by_one_counts_at_the_other(pair: Pair) -> None:
    """And one that is taken away counts no more. [SEC-109]"""
    user = new_user(pair.a, "newcomer")
    theirs = pair.b.acting(f"dev:{user}")
    assert 403 == theirs.status("accounts?$top=1")

    role = {"@odata.id": f"roles({READER})"}
    pair.a.done("POST", f"systemusers({user})/systemuserroles_association/$ref", role)
    agree(lambda: theirs.status("accounts?$top=1"), 200)

    pair.a.done("DELETE", f"systemusers({user})/systemuserroles_association({READER})/$ref")
    agree(lambda: theirs.status("accounts?$top=1"), 403)


def test_a_privilege_added_to_a_role_counts_at_the_other(pair: Pair) -> None:
    """What roles contain is remembered apart from who has them. [SEC-109]"""
    user = new_user(pair.a, "registrant")
    pair.a.done("POST", f"systemusers({user})/systemuserroles_association/$ref", {"@odata.id": f"roles({READER})"})
    theirs = pair.b.acting(f"dev:{user}")
    agree(lambda: theirs.status("accounts?$top=1"), 200)
    assert 403 == theirs.status("contacts?$top=1")

    (privilege,) = pair.a.get("privileges?$filter=name eq 'prvReadContact'&$select=privilegeid")["value"]
    added = {"Privileges": [{"PrivilegeId": privilege["privilegeid"], "Depth": "Global"}]}
    pair.a.done("POST", f"roles({READER})/Microsoft.Dynamics.CRM.AddPrivilegesRole", added)

    agree(lambda: theirs.status("contacts?$top=1"), 200)


def test_a_user_disabled_by_one_is_refused_by_the_other(pair: Pair) -> None:
    """Even with a token that the other one has seen before. [E-17], [SEC-128]"""
    user = new_user(pair.a, "leaver2")
    theirs = pair.b.acting(f"dev:{user}")
    assert 200 == theirs.status("WhoAmI")

    pair.a.done("PATCH", f"systemusers({user})", {"isdisabled": True})
    agree(lambda: theirs.status("WhoAmI"), 403)

    pair.a.done("PATCH", f"systemusers({user})", {"isdisabled": False})
    agree(lambda: theirs.status("WhoAmI"), 200)


def test_a_team_made_by_one_counts_at_the_other(pair: Pair) -> None:
    """Roles come through teams too. [SEC-25], [SEC-109]"""
    user, unit = new_user(pair.a, "volunteer"), pair.a.get("WhoAmI")["BusinessUnitId"]
    team = pair.b.make("teams", name="Volunteers", teamtype=0, businessunitid__bind=f"/businessunits({unit})")
    pair.b.done("POST", f"teams({team})/teamroles_association/$ref", {"@odata.id": f"roles({READER})"})
    theirs = pair.a.acting(f"dev:{user}")
    assert 403 == theirs.status("accounts?$top=1")

    members = {"Members": [{"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": user}]}
    pair.b.done("POST", f"teams({team})/Microsoft.Dynamics.CRM.AddMembersTeam", members)

    agree(lambda: theirs.status("accounts?$top=1"), 200)


@pytest.fixture
def boxed(pair: Pair) -> Iterator[Pair]:
    """The table `new_box`, known to both; it goes afterwards."""
    pair.a.done("POST", "EntityDefinitions", table())
    agree(lambda: pair.b.status("new_boxes"), 200)
    yield pair
    pair.a.done("DELETE", BOX)
    agree(lambda: pair.b.status("new_boxes"), 404)


def test_a_language_switched_on_by_one_is_written_and_read_at_the_other(boxed: Pair) -> None:
    """And the setting of who reads in it. [FN-25], [MD-9]"""
    me = boxed.a.get("WhoAmI")["UserId"]
    languages = "RetrieveProvisionedLanguages"
    boxed.a.done("POST", "ProvisionLanguage", {"Language": 1031})
    agree(lambda: boxed.b.get(languages)[languages], [1033, 1031])
    texts = [{"Label": "Size", "LanguageCode": 1033}, {"Label": "Größe", "LanguageCode": 1031}]
    size = column("Integer", "new_Width", DisplayName={"LocalizedLabels": texts})
    boxed.b.done("POST", f"{BOX}/Attributes", size)
    boxed.b.done("PATCH", f"usersettingscollection({me})", {"uilanguageid": 1031})

    def read() -> str:
        found = boxed.a.send("GET", f"{BOX}/Attributes(LogicalName='new_width')?$select=DisplayName")
        return str(found.json["DisplayName"]["UserLocalizedLabel"]["Label"]) if found.status == 200 else ""

    agree(read, "Größe")
    boxed.a.done("PATCH", f"usersettingscollection({me})", {"uilanguageid": 1033})
    boxed.a.done("POST", "DeprovisionLanguage", {"Language": 1031})
    agree(lambda: boxed.b.get(languages)[languages], [1033])


def test_a_column_made_by_one_is_written_and_read_by_the_other(boxed: Pair) -> None:
    """Definitions are the same everywhere, and so is the number that clients remember them by. [MW-2], [M-2]"""
    boxed.a.done("POST", f"{BOX}/Attributes", column("Integer", "new_Size"))
    agree(lambda: boxed.b.send("POST", "new_boxes", {"new_name": "a box", "new_size": 3}).status, 204)

    assert [3] == [row["new_size"] for row in boxed.a.get("new_boxes?$select=new_size")["value"]]
    assert boxed.a.server.ask("GET", "/api/data/v9.2/$metadata", {"Authorization": "Bearer dev-admin"}).body == (
        boxed.b.server.ask("GET", "/api/data/v9.2/$metadata", {"Authorization": "Bearer dev-admin"}).body
    )
    stamps = {at.get("RetrieveTimestamp()")["Timestamp"] for at in (boxed.a, boxed.b)}
    assert 1 == len(stamps)


def test_a_column_removed_by_one_is_unknown_to_the_other(boxed: Pair) -> None:
    """What was prepared for it is prepared anew. [MW-7]"""
    boxed.a.done("POST", f"{BOX}/Attributes", column("Integer", "new_Weight"))
    agree(lambda: boxed.b.status("new_boxes?$select=new_weight"), 200)

    boxed.a.done("DELETE", f"{BOX}/Attributes(LogicalName='new_weight')")
    agree(lambda: boxed.b.status("new_boxes?$select=new_weight"), 400)

    boxed.b.done("POST", f"{BOX}/Attributes", column("String", "new_Weight", MaxLength=10))
    agree(lambda: boxed.a.send("POST", "new_boxes", {"new_name": "b", "new_weight": "light"}).status, 204)
    agree(lambda: boxed.b.get("new_boxes?$filter=new_weight eq 'light'&$count=true")["@odata.count"], 1)


def test_both_may_change_definitions_at_once(boxed: Pair) -> None:
    """One comes after the other, and nothing either of them made is lost. [MW-2]"""
    names = [f"new_Part{number}" for number in range(6)]

    def add(number: int) -> tuple[int, bytes]:
        at = (boxed.a, boxed.b)[number % 2]
        answer = at.send("POST", f"{BOX}/Attributes", column("Integer", names[number]))
        return answer.status, answer.body

    with ThreadPoolExecutor(2) as both:
        assert [(204, b"")] * len(names) == list(both.map(add, range(len(names))))

    made = {name.lower() for name in names}

    def known(at: Client) -> set[str]:
        return made & {row["LogicalName"] for row in at.get(f"{BOX}/Attributes?$select=LogicalName")["value"]}

    agree(lambda: (known(boxed.a), known(boxed.b)), (made, made))
    for at in (boxed.a, boxed.b):
        at.make("new_boxes", new_name="full", **dict.fromkeys(made, 1))


def test_a_step_registered_at_one_runs_at_the_other(pair: Pair) -> None:
    """And no more once it is gone. [EVT-4], [EVT-46]"""
    receiver = Receiver()
    receiver.statuses = [500]
    endpoint = pair.a.make("serviceendpoints", **hook_body(receiver.url))
    step = pair.a.make("sdkmessageprocessingsteps", **step_body("Create", "account", endpoint))
    agree(lambda: pair.b.send("POST", "accounts", {"name": "guarded"}).status, 400)

    pair.a.done("DELETE", f"sdkmessageprocessingsteps({step})")
    agree(lambda: pair.b.send("POST", "accounts", {"name": "free"}).status, 204)
    receiver.close()


def test_what_was_just_allowed_or_made_is_not_refused(boxed: Pair) -> None:
    """Before it refuses, a process makes sure that it has heard of everything: the first request is answered."""
    user = new_user(boxed.a, "latecomer")
    boxed.a.done("POST", f"systemusers({user})/systemuserroles_association/$ref", {"@odata.id": f"roles({READER})"})
    assert 200 == boxed.b.acting(f"dev:{user}").status("accounts?$top=1")

    for number in range(3):
        name = f"new_Late{number}"
        boxed.a.done("POST", f"{BOX}/Attributes", column("Integer", name))
        assert 204 == boxed.b.send("POST", "new_boxes", {"new_name": "a box", name.lower(): 1}).status
        assert 200 == boxed.b.status(f"new_boxes?$select={name.lower()}")


def test_auditing_switched_on_by_one_is_done_by_the_other(pair: Pair) -> None:
    """A setting of the organization. [JOB-40]"""
    (organization,) = pair.a.get("organizations?$select=organizationid")["value"]
    address = f"organizations({organization['organizationid']})"

    def audits() -> int:
        made = pair.b.make("accounts", name="audited")
        found = pair.b.get(f"audits?$filter=_objectid_value eq {made}&$select=auditid")
        return len(found["value"])

    definition = pair.a.get("EntityDefinitions(LogicalName='account')")
    audited = {**definition["IsAuditEnabled"], "Value": True}
    pair.a.done("PUT", "EntityDefinitions(LogicalName='account')", {**definition, "IsAuditEnabled": audited})
    pair.a.done("PATCH", address, {"isauditenabled": True})
    agree(lambda: audits() > 0, True)
    pair.a.done("PATCH", address, {"isauditenabled": False})
    agree(lambda: audits() > 0, False)


def test_a_token_of_one_is_good_at_the_other(pair: Pair) -> None:
    """The keys that sign are in the database. [SEC-126], [SEC-127]"""
    asked = {
        "grant_type": "client_credentials",
        "client_id": APPLICATION,
        "client_secret": SECRET,
        "scope": f"{pair.a.server.base_url}/.default",
    }
    token = pair.a.form("/common/oauth2/v2.0/token", asked).json["access_token"]
    assert "a0000000-0000-4000-8000-0000000000a1" == pair.b.acting(token).get("WhoAmI")["UserId"]


def test_a_caller_named_by_the_other_is_found(pair: Pair) -> None:
    """Impersonation asks who is there now. [SEC-110]"""
    assert REGISTRAR == pair.b.get("WhoAmI", MSCRMCallerID=REGISTRAR)["UserId"]
