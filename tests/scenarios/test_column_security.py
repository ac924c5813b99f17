"""Secured columns over HTTP, on both stores: who writes them, what profiles give, how single values are shared."""

from __future__ import annotations

import base64
import io
from urllib.parse import quote

import pytest
from PIL import Image

from tests.scenarios.harness import API, Answer, Api
from tests.secrets_of_gizmos import (
    Person,
    give_profile,
    hire,
    join_profile,
    share_value,
)
from tests.secrets_of_gizmos import (
    secret_api as api,
)
from verselet.messages.request import Create
from verselet.security.profiles import ADMINISTRATOR_PROFILE, share_id
from verselet.values import Row

__all__ = ["api"]

ALL = {"canread": 4, "cancreate": 4, "canupdate": 4}
PRICE = share_id("new_gizmo", "new_price")


@pytest.fixture
def person(api: Api) -> Person:
    """A user who may do everything with rows, and has no profile."""
    return Person(api, hire(api.organization))


@pytest.fixture
def gizmo(api: Api) -> str:
    """A gizmo with values in its secured columns."""
    return api.make("new_gizmos", new_name="needle", new_price=12.5, new_count=3, new_share=1)


def refused(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status, answer.code


def price(person: Person, row_id: str) -> object:
    """The price that the user sees."""
    answer = person.get(f"new_gizmos({row_id})?$select=new_price")
    assert 200 == answer.status, answer.body
    return answer.json["new_price"]


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_new_row_with_a_secured_column_needs_the_create_right(api: Api, person: Person) -> None:
    """Without it nothing is made; without the column the row is. [SEC-105]"""
    answer = person.send("POST", "new_gizmos", {"new_code": f"made {person.user}", "new_price": 1})

    assert (403, "0x8004f502") == refused(answer)
    assert [] == api.values(f"new_gizmos?$filter=new_code eq 'made {person.user}'", "new_code")
    assert 204 == person.send("POST", "new_gizmos", {"new_code": f"made {person.user}"}).status


def test_a_change_without_the_right_changes_nothing(api: Api, person: Person, gizmo: str) -> None:
    """The request is refused as a whole, by the words of the service. [SEC-105]"""
    answer = person.send("PATCH", f"new_gizmos({gizmo})", {"new_share": 2, "new_price": 99})

    assert (403, "0x8004f507") == refused(answer)
    assert answer.message.endswith(
        "does not have update permissions to a new_Price secured field on entity Gizmo table. "
        "The requested operation could not be completed."
    )
    assert (12.5, 1) == tuple(api.read(f"new_gizmos({gizmo})")[name] for name in ("new_price", "new_share"))
    assert 204 == person.send("PATCH", f"new_gizmos({gizmo})", {"new_share": 2}).status


def test_clearing_a_value_is_a_change(api: Api, person: Person, gizmo: str) -> None:
    """Null counts, by whatever address it comes. [SEC-105]"""
    requests = [
        person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": None}),
        person.send("PUT", f"new_gizmos({gizmo})/new_price", {"value": None}),
        person.send("DELETE", f"new_gizmos({gizmo})/new_price"),
    ]

    assert [(403, "0x8004f507")] * 3 == [refused(answer) for answer in requests]
    assert 12.5 == api.read(f"new_gizmos({gizmo})")["new_price"]


def test_several_rows_are_refused_together(api: Api, person: Person, gizmo: str) -> None:
    """One value without the right undoes the whole message. [SEC-105], [BM-6]"""
    kind = "Microsoft.Dynamics.CRM.new_gizmo"
    targets = [
        {"@odata.type": kind, "new_gizmoid": gizmo, "new_share": 7},
        {"@odata.type": kind, "new_gizmoid": gizmo, "new_price": 7},
    ]
    fresh = [{"@odata.type": kind, "new_notes": "bulk"}, {"@odata.type": kind, "new_share": 5}]
    answers = [
        person.send("POST", "new_gizmos/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": targets}),
        person.send("POST", "new_gizmos/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": targets}),
        person.send("POST", "new_gizmos/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": fresh}),
    ]

    assert [(403, "0x8004f507"), (403, "0x8004f507"), (403, "0x8004f502")] == [refused(found) for found in answers]
    assert 1 == api.read(f"new_gizmos({gizmo})")["new_share"]
    assert [] == api.values("new_gizmos?$filter=new_notes eq 'bulk'", "new_notes")


def test_an_upsert_asks_for_the_right_of_what_it_does(person: Person, gizmo: str) -> None:
    """It makes with the create right and changes with the update right. [SEC-105], [US-1]"""
    missing = "4e550000-0000-4000-8000-000000000001"

    assert (403, "0x8004f507") == refused(person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 1}))
    assert (403, "0x8004f502") == refused(person.send("PATCH", f"new_gizmos({missing})", {"new_price": 1}))


def test_a_secured_lookup_is_not_set_by_another_way(api: Api, person: Person, gizmo: str) -> None:
    """Not by a bind, a reference, from the other side, or with a row inside of the row. [SEC-105], [AS-1]"""
    account = api.make("accounts", accountnumber="a")
    link = {"@odata.id": f"{API}accounts({account})"}
    answers = [
        person.send("PATCH", f"new_gizmos({gizmo})", {"new_AccountId@odata.bind": f"accounts({account})"}),
        person.send("PUT", f"new_gizmos({gizmo})/new_AccountId/$ref", link),
        person.send("DELETE", f"new_gizmos({gizmo})/new_AccountId/$ref"),
        person.send("POST", f"accounts({account})/new_account_gizmos/$ref", {"@odata.id": f"{API}new_gizmos({gizmo})"}),
        person.send("DELETE", f"accounts({account})/new_account_gizmos({gizmo})/$ref"),
        person.send("POST", "new_gizmos", {"new_AccountId": {"accountnumber": "b"}}),
        person.send("POST", "accounts", {"accountnumber": "b", "new_account_gizmos": [{"new_share": 1}]}),
    ]

    assert [403] * 7 == [answer.status for answer in answers], [answer.body for answer in answers]
    assert {"0x8004f507", "0x8004f502"} == {answer.code for answer in answers}
    assert None is api.read(f"new_gizmos({gizmo})")["_new_accountid_value"]
    assert [] == api.values("accounts?$filter=accountnumber eq 'b'", "accountnumber")


def test_files_and_images_are_values_too(api: Api, person: Person, gizmo: str) -> None:
    """They are neither written nor read without the right. [SEC-103], [SEC-105], [FL-1], [IM-2]"""
    drawn = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(drawn, "PNG")
    octets = {"content_type": "application/octet-stream"}
    upload = person.send("PATCH", f"new_gizmos({gizmo})/new_file", b"x", **octets, x_ms_file_name="x.bin")
    face = {"new_face": base64.b64encode(drawn.getvalue()).decode()}

    assert (403, "0x8004f507") == refused(upload)
    assert (403, "0x8004f507") == refused(person.send("PATCH", f"new_gizmos({gizmo})", face))

    administrator = Person(api, "admin")
    stored = administrator.send("PATCH", f"new_gizmos({gizmo})/new_file", b"secret", **octets, x_ms_file_name="s.bin")
    assert 204 == stored.status
    assert 204 == api.patch(f"new_gizmos({gizmo})", face).status
    file_id = api.read(f"new_gizmos({gizmo})")["new_file"]
    token = {"Offset": 0, "BlockLength": 9, "FileContinuationToken": file_id}
    row = person.get(f"new_gizmos({gizmo})").json

    assert 404 == person.get(f"new_gizmos({gizmo})/new_file/$value").status
    assert 204 == person.get(f"new_gizmos({gizmo})/new_face/$value").status
    assert 404 == person.send("POST", "DownloadBlock", token).status
    assert (403, "0x8004f507") == refused(person.send("POST", "DeleteFile", {"FileId": file_id}))
    companions = ("new_file", "new_file_name", "new_face", "new_face_url", "new_face_timestamp", "new_faceid")
    assert [None] * 6 == [row[name] for name in companions]


def test_the_answer_to_a_write_shows_no_more_than_a_read(person: Person, gizmo: str) -> None:
    """`return=representation` reads as the caller. [SEC-103], [UP-3]"""
    answer = person.send("PATCH", f"new_gizmos({gizmo})", {"new_share": 5}, prefer="return=representation")

    assert (200, 5, None) == (answer.status, answer.json["new_share"], answer.json["new_price"])


def test_a_base_amount_is_as_secret_as_its_amount(api: Api) -> None:
    """What comes along with a column is guarded with it. [SEC-100]"""
    guards = api.organization.schema.guards["new_gizmo"]

    assert "new_file" == guards["new_file_name"]
    assert "new_face" == guards["new_face_url"]
    assert "new_share" not in guards


# --- profiles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rights", "made", "read", "changed"),
    [({"canread": 4}, 403, 12.5, 403), ({"cancreate": 4}, 204, None, 403), ({"canupdate": 4}, 403, None, 204)],
)
def test_each_right_is_held_by_itself(
    person: Person, gizmo: str, rights: dict[str, int], made: int, read: object, changed: int
) -> None:
    """Reading, making and changing are three rights; joining works with the next request. [SEC-101], [SEC-109]"""
    assert None is price(person, gizmo)
    join_profile(person.api, give_profile(person.api, "new_gizmo", "new_price", **rights), person.user)

    assert read == price(person, gizmo)
    assert made == person.send("POST", "new_gizmos", {"new_price": 1}).status
    assert changed == person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 2}).status


def test_profiles_add_up_and_go_again(person: Person, gizmo: str) -> None:
    """What one does not give another may; who leaves a profile loses it with the next request. [SEC-101], [SEC-109]"""
    reading = give_profile(person.api, "new_gizmo", "new_price", canread=4)
    writing = give_profile(person.api, "new_gizmo", "new_price", canupdate=4)
    for profile in (reading, writing):
        join_profile(person.api, profile, person.user)

    assert 204 == person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 2}).status
    assert 2 == price(person, gizmo)
    left = person.api.delete(f"systemusers({person.user})/systemuserprofiles_association({reading})/$ref")
    assert 204 == left.status
    assert None is price(person, gizmo)


def test_a_change_of_a_permission_counts_at_once(person: Person, gizmo: str) -> None:
    """Also for those who have been in the profile for long. [SEC-101], [SEC-109]"""
    profile = give_profile(person.api, "new_gizmo", "new_price", canread=4)
    join_profile(person.api, profile, person.user)
    assert 12.5 == price(person, gizmo)

    (permission,) = person.api.values(
        f"fieldpermissions?$filter=_fieldsecurityprofileid_value eq {profile}", "fieldpermissionid"
    )
    assert 204 == person.api.patch(f"fieldpermissions({permission})", {"canread": 0}).status
    assert None is price(person, gizmo)


def test_a_team_brings_its_profiles(person: Person, gizmo: str) -> None:
    """Members have what the team has. [SEC-101]"""
    team = person.api.make("teams", name=f"team of {person.user}", businessunitid__bind=_root(person.api))
    profile = give_profile(person.api, "new_gizmo", "new_price", canread=4)
    member = {"@odata.id": f"fieldsecurityprofiles({profile})"}
    assert 204 == person.api.post(f"teams({team})/teamprofiles_association/$ref", member).status
    assert None is price(person, gizmo)

    joined = {"@odata.id": f"systemusers({person.user})"}
    assert 204 == person.api.post(f"teams({team})/teammembership_association/$ref", joined).status
    assert 12.5 == price(person, gizmo)


def _root(api: Api) -> str:
    (unit,) = api.values("businessunits?$filter=_parentbusinessunitid_value eq null", "businessunitid")
    return f"businessunits({unit})"


def test_the_profile_of_administrators_gives_everything(person: Person, gizmo: str) -> None:
    """Whoever is in it reads and writes every secured column. [SEC-102]"""
    join_profile(person.api, ADMINISTRATOR_PROFILE, person.user)

    assert 12.5 == price(person, gizmo)
    assert 204 == person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 2, "new_count": 1}).status


def test_the_profile_of_administrators_stays_as_it_is(api: Api) -> None:
    """It can neither be changed nor deleted, and takes no permissions. [SEC-102]"""
    address = f"fieldsecurityprofiles({ADMINISTRATOR_PROFILE})"
    permission = {
        "entityname": "new_gizmo",
        "attributelogicalname": "new_price",
        "fieldsecurityprofileid@odata.bind": f"/{address}",
        "canread": 4,
    }
    answers = [
        api.patch(address, {"name": "Others"}),
        api.delete(address),
        api.post("fieldpermissions", permission),
        api.post(address + "/lk_fieldpermission_fieldsecurityprofileid", {**permission, "canread": 0}),
    ]

    assert [(400, "0x8004f50c")] * 4 == [refused(answer) for answer in answers]
    assert "System Administrator" == api.read(address)["name"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"attributelogicalname": "new_share"}, "0x8004f508"),
        ({"attributelogicalname": "nothing"}, "0x8004f508"),
        ({"entityname": "nothing"}, "0x8004f508"),
        ({"attributelogicalname": "new_face_url"}, "0x8004f508"),
        ({"canread": 0, "canreadunmasked": 3}, "0x8004f50e"),
        ({"entityname": "contact", "attributelogicalname": "fullname", "canupdate": 4}, "0x8004f50e"),
        ({"canread": 1}, "0x8004431a"),
        ({"fieldsecurityprofileid@odata.bind": None}, "0x80040203"),
    ],
)
def test_a_permission_must_make_sense(api: Api, changes: dict[str, object], code: str) -> None:
    """It is about a secured column, contradicts nothing, and belongs to a profile. [SEC-101]"""
    profile = api.make("fieldsecurityprofiles", name="p")
    good = {
        "entityname": "new_gizmo",
        "attributelogicalname": "new_price",
        "fieldsecurityprofileid@odata.bind": f"/fieldsecurityprofiles({profile})",
        "canread": 4,
    }
    made = api.make("fieldpermissions", **{name.replace("@odata.bind", "__bind"): at for name, at in good.items()})

    assert (400, code) == refused(api.post("fieldpermissions", {**good, **changes}))
    assert (400, code) == refused(api.patch(f"fieldpermissions({made})", changes))


# --- shared values ---------------------------------------------------------------------------------------------------


def test_one_shared_value_is_one_value(person: Person, gizmo: str) -> None:
    """Only of that row, only that column, and only to be read. [SEC-106]"""
    other = person.api.make("new_gizmos", new_price=12.5)
    administrator = Person(person.api, "admin")
    sharee = f"systemusers({person.user})"
    answer = share_value(administrator, ("new_gizmo", "new_price", gizmo), sharee, readaccess=True, updateaccess=False)
    assert 204 == answer.status, answer.body

    assert (12.5, None) == (price(person, gizmo), price(person, other))
    assert None is person.get(f"new_gizmos({gizmo})").json["new_count"]
    assert (403, "0x8004f507") == refused(person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 1}))
    assert 204 == person.api.delete(f"principalobjectattributeaccessset({answer.id})").status
    assert None is price(person, gizmo)


def test_a_shared_value_takes_part_in_questions(person: Person, gizmo: str) -> None:
    """It is found, sorted, grouped and summed, and the others are as null. [SEC-104], [SEC-106]"""
    api, administrator, sharee = person.api, Person(person.api, "admin"), f"systemusers({person.user})"
    others = [api.make("new_gizmos", new_name="Needle", new_price=12.5) for _ in range(3)]
    for column in ("new_name", "new_price"):
        assert 204 == share_value(administrator, ("new_gizmo", column, gizmo), sharee, readaccess=True).status
    wanted = ",".join([f"'{row_id}'" for row_id in [gizmo, *others]])
    own = f"Microsoft.Dynamics.CRM.In(PropertyName='new_gizmoid',PropertyValues=[{wanted}])"

    def found(question: str) -> list[str]:
        answer = person.get(f"new_gizmos?$select=new_gizmoid&{question}")
        assert 200 == answer.status, answer.body
        return [row["new_gizmoid"] for row in answer.json["value"]]

    assert [gizmo] == found(f"$filter={own} and new_name eq 'NEEDLE'")
    assert [gizmo] == found(f"$filter={own} and contains(new_name,'eedl') and new_price ge 12")
    assert [gizmo] == found("$filter=Microsoft.Dynamics.CRM.In(PropertyName='new_name',PropertyValues=['NEEDLE'])")
    assert sorted(others) == sorted(found(f"$filter={own} and new_price eq null"))
    assert gizmo == found(f"$filter={own}&$orderby=new_price desc")[0]
    summed = person.get(f"new_gizmos?$apply=filter({own})/aggregate(new_price with sum as s,$count as n)")
    assert [{"s": 12.5, "n": 4}] == summed.json["value"]


def test_a_value_shared_for_changes_can_be_changed(person: Person, gizmo: str) -> None:
    """Without being read; in one request with others it is still refused where they are not shared. [SEC-106]"""
    sharee = f"systemusers({person.user})"
    shared = share_value(Person(person.api, "admin"), ("new_gizmo", "new_price", gizmo), sharee, updateaccess=True)
    assert 204 == shared.status

    assert None is price(person, gizmo)
    both = person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 1, "new_count": 1})
    assert (403, "0x8004f507") == refused(both)
    assert 204 == person.send("PATCH", f"new_gizmos({gizmo})", {"new_price": 1}).status
    assert 1 == person.api.read(f"new_gizmos({gizmo})")["new_price"]


def test_a_value_is_shared_with_a_team(person: Person, gizmo: str) -> None:
    """Its members see it. [SEC-106]"""
    team = person.api.make("teams", name=f"circle of {person.user}", businessunitid__bind=_root(person.api))
    joined = {"@odata.id": f"systemusers({person.user})"}
    assert 204 == person.api.post(f"teams({team})/teammembership_association/$ref", joined).status
    place = ("new_gizmo", "new_price", gizmo)
    assert 204 == share_value(Person(person.api, "admin"), place, f"teams({team})", readaccess=True).status

    assert 12.5 == price(person, gizmo)


def test_nobody_shares_what_they_do_not_have(person: Person, gizmo: str) -> None:
    """Showing takes the read right, letting others change takes the update right. [SEC-105], [SEC-106]"""
    sharee, place = f"systemusers({hire(person.api.organization)})", ("new_gizmo", "new_price", gizmo)
    assert (403, "0x8004f504") == refused(share_value(person, place, sharee, readaccess=True))
    join_profile(person.api, give_profile(person.api, "new_gizmo", "new_price", canread=4), person.user)

    assert (403, "0x8004f503") == refused(share_value(person, place, sharee, readaccess=True, updateaccess=True))
    assert 204 == share_value(person, place, sharee, readaccess=True).status


def test_a_share_must_make_sense(person: Person, gizmo: str) -> None:
    """It gives something, once, of a secured column of that row's table. [SEC-106]"""
    api, administrator, sharee = person.api, Person(person.api, "admin"), f"systemusers({person.user})"
    place = ("new_gizmo", "new_price", gizmo)
    nothing = share_value(administrator, place, sharee, readaccess=False, updateaccess=False)
    assert (400, "0x8004f509") == refused(nothing)
    assert PRICE in nothing.message

    made = share_value(administrator, place, sharee, readaccess=True)
    again = share_value(administrator, place, sharee, readaccess=True, updateaccess=True)
    assert (400, "0x8004f50b") == refused(again)
    emptied = api.patch(f"principalobjectattributeaccessset({made.id})", {"readaccess": False})
    assert (400, "0x8004f50a") == refused(emptied)
    assert 204 == api.patch(f"principalobjectattributeaccessset({made.id})", {"updateaccess": True}).status
    unsecured = share_value(administrator, ("new_gizmo", "new_share", gizmo), sharee, readaccess=True)
    assert (400, "0x8004f508") == refused(unsecured)
    account = {
        "attributeid": PRICE,
        "objectid_account@odata.bind": f"accounts({api.make('accounts')})",
        "principalid_systemuser@odata.bind": sharee,
        "readaccess": True,
    }
    assert (400, "0x80040203") == refused(api.post("principalobjectattributeaccessset", account))


def test_a_row_that_goes_takes_its_shared_values_along(person: Person, gizmo: str) -> None:
    """Nothing is left of a share of nothing. [SEC-106]"""
    sharee = f"systemusers({person.user})"
    made = share_value(Person(person.api, "admin"), ("new_gizmo", "new_price", gizmo), sharee, readaccess=True)

    assert 204 == person.api.delete(f"new_gizmos({gizmo})").status
    assert 404 == person.api.get(f"principalobjectattributeaccessset({made.id})").status


# --- around ----------------------------------------------------------------------------------------------------------


def test_acting_for_another_takes_the_rights_of_both(person: Person, gizmo: str) -> None:
    """An administrator sees what the user sees; two users see what both may see. [SEC-92], [SEC-103]"""
    api = person.api
    profile = give_profile(api, "new_gizmo", "new_price", canread=4)
    target = f"new_gizmos({gizmo})?$select=new_price"

    assert None is api.get(target, mscrmcallerid=person.user).json["new_price"]
    sharee = f"systemusers({person.user})"
    assert 204 == share_value(Person(api, "admin"), ("new_gizmo", "new_price", gizmo), sharee, readaccess=True).status
    assert 12.5 == api.get(target, mscrmcallerid=person.user).json["new_price"]

    delegate = Person(api, hire(api.organization))
    role = {"@odata.id": f"roles({_delegates(api)})"}
    assert 204 == api.post(f"systemusers({delegate.user})/systemuserroles_association/$ref", role).status
    assert None is delegate.get(target, mscrmcallerid=person.user).json["new_price"]
    join_profile(api, profile, delegate.user)
    assert 12.5 == delegate.get(target, mscrmcallerid=person.user).json["new_price"]


def _delegates(api: Api) -> str:
    """A role whose members may act for others."""
    role = api.make("roles", name="delegates", businessunitid__bind=_root(api))
    (privilege,) = api.values("privileges?$filter=name eq 'prvActOnBehalfOfAnotherUser'", "privilegeid")
    held = Row("roleprivileges", None, {"roleid": role, "privilegeid": privilege, "privilegedepthmask": 8})
    api.organization.execute(Create(held), api.organization.administrator)
    return role


def test_looking_for_duplicates_tells_nothing_of_a_hidden_value(person: Person) -> None:
    """Whoever may not read a column does not learn by a rule who else has the value. [SEC-104], [JOB-16]"""
    api = person.api
    api.make("contacts", lastname="Quill", emailaddress1="q@example.org")
    rule = api.make("duplicaterules", name="same", baseentityname="contact", matchingentityname="contact")
    api.make(
        "duplicateruleconditions",
        baseattributename="lastname",
        matchingattributename="lastname",
        operatorcode=0,
        regardingobjectid__bind=f"duplicaterules({rule})",
    )
    assert 200 == api.post(f"duplicaterules({rule})/Microsoft.Dynamics.CRM.PublishDuplicateRule").status
    row = quote('{"@odata.type":"Microsoft.Dynamics.CRM.contact","lastname":"Quill"}')
    call = f"RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName='contact',PagingInfo=@p2)?@p1={row}&@p2=null"
    found = [asking.get(call) for asking in (Person(api, "admin"), person)]

    assert [(200, 1), (200, 0)] == [(answer.status, len(answer.json["value"])) for answer in found]


def test_only_who_has_all_rights_opens_a_column(person: Person) -> None:
    """Or whoever may change definitions could read everything. [SEC-100]"""
    definition = "EntityDefinitions(LogicalName='new_gizmo')/Attributes(LogicalName='new_minutes')"
    body = {
        "@odata.type": "Microsoft.Dynamics.CRM.IntegerAttributeMetadata",
        "SchemaName": "new_Minutes",
        "LogicalName": "new_minutes",
        "IsSecured": False,
    }
    role = person.api.make("roles", name="customizers", businessunitid__bind=_root(person.api))
    (privilege,) = person.api.values("privileges?$filter=name eq 'prvWriteEntity'", "privilegeid")
    held = Row("roleprivileges", None, {"roleid": role, "privilegeid": privilege, "privilegedepthmask": 8})
    person.api.organization.execute(Create(held), person.api.organization.administrator)
    joined = {"@odata.id": f"roles({role})"}
    assert 204 == person.api.post(f"systemusers({person.user})/systemuserroles_association/$ref", joined).status

    assert (403, "0x8004f50d") == refused(person.send("PUT", definition, body))
    for right in ("canread", "cancreate", "canupdate"):
        assert (403, "0x8004f50d") == refused(person.send("PUT", definition, body))
        join_profile(person.api, give_profile(person.api, "new_gizmo", "new_minutes", **{right: 4}), person.user)
    assert 204 == person.send("PUT", definition, body).status


def test_a_request_may_ask_for_the_newest_rights(person: Person, gizmo: str) -> None:
    """The header is taken; what it asks for is always so. [SEC-109]"""
    answer = person.get(f"new_gizmos({gizmo})?$select=new_price", consistency="Strong")

    assert (200, None) == (answer.status, answer.json["new_price"])
