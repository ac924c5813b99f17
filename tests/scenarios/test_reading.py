"""GET on rows: shapes, annotations, contexts, expansion, navigation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.harness import API, NOBODY, Api

ALL = 'odata.include-annotations="*"'
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
TABLE = "@Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "@Microsoft.Dynamics.CRM.associatednavigationproperty"


@pytest.fixture
def family(api: Api) -> dict[str, str]:
    """An account with a primary contact, two contacts of its own and two tasks."""
    ash = api.make("contacts", firstname="Ada", lastname="Ash")
    birch = api.make("accounts", name="Birch", revenue=1500, primarycontactid__bind=f"/contacts({ash})")
    for name in ("Cedar", "Dogwood"):
        api.make("contacts", lastname=name, parentcustomerid_account__bind=f"/accounts({birch})")
    for subject in ("one", "two"):
        api.make("tasks", subject=subject, regardingobjectid_account_task__bind=f"/accounts({birch})")
    return {"ash": ash, "birch": birch}


def test_names_come_in_the_order_of_select(api: Api, family: dict[str, str]) -> None:
    """Context as written; the key and the tag come unasked. [J-3], [J-4], [Q-4]"""
    row = api.read(f"accounts({family['birch']})?$select=revenue,_primarycontactid_value,name")
    assert f"{API}$metadata#accounts(revenue,_primarycontactid_value,name)/$entity" == row["@odata.context"]
    unasked = {"@odata.context", "@odata.etag", "accountid", "_transactioncurrencyid_value"}
    assert ["revenue", "_primarycontactid_value", "name"] == [name for name in row if name not in unasked]


def test_without_annotations_only_control_information_comes(api: Api, family: dict[str, str]) -> None:
    """[P-2]"""
    row = api.read(f"accounts({family['birch']})")
    assert {"@odata.context", "@odata.etag"} == {name for name in row if "@" in name}


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        (ALL, {FORMATTED, TABLE, NAVIGATION}),
        ("odata.include-annotations=*", {FORMATTED, TABLE, NAVIGATION}),
        ('odata.include-annotations="OData.Community.Display.V1.*"', {FORMATTED}),
        (f"odata.include-annotations={FORMATTED[1:]}", {FORMATTED}),
        ('odata.include-annotations="Microsoft.Dynamics.CRM.*"', {TABLE, NAVIGATION}),
        (f'odata.include-annotations="{TABLE[1:]}"', {TABLE}),
        (f'odata.include-annotations="{TABLE[1:]},{FORMATTED[1:]}"', {TABLE, FORMATTED}),
        ('odata.include-annotations=""', set()),
    ],
)
def test_exactly_the_annotations_asked_for_come(
    api: Api, family: dict[str, str], preference: str, expected: set[str]
) -> None:
    """[P-2] to [P-4], [CC-14], [J-6]"""
    answer = api.get(f"accounts({family['birch']})?$select=_primarycontactid_value", prefer=preference)
    name = "_primarycontactid_value"
    assert expected == {member.removeprefix(name) for member in answer.json if member.startswith(name + "@")}


def test_a_lookup_says_its_name_table_and_navigation(api: Api, family: dict[str, str]) -> None:
    """Annotations come before the value; none for an empty lookup. [J-6], [J-14], [WF-9]"""
    select = "$select=_primarycontactid_value,_parentaccountid_value"
    row = api.get(f"accounts({family['birch']})?{select}", prefer=ALL).json
    shown = [(name, value) for name, value in row.items() if "primarycontactid" in name]
    assert [
        (f"_primarycontactid_value{FORMATTED}", "Ada Ash"),
        (f"_primarycontactid_value{NAVIGATION}", "primarycontactid"),
        (f"_primarycontactid_value{TABLE}", "contact"),
        ("_primarycontactid_value", family["ash"]),
    ] == [pair for pair in shown if pair[0].startswith("_")]
    assert not [name for name in row if name.startswith("_parentaccountid_value@")]


def test_an_owner_is_a_user_or_a_team(api: Api, family: dict[str, str]) -> None:
    """[MT-2], [MT-5]"""
    row = api.get(f"accounts({family['birch']})?$select=_ownerid_value", prefer=ALL).json
    assert ("systemuser", "ownerid") == (row[f"_ownerid_value{TABLE}"], row[f"_ownerid_value{NAVIGATION}"])


def test_a_collection_has_its_context(api: Api, family: dict[str, str]) -> None:
    """[J-1], [J-3]"""
    page = api.get("accounts?$select=name&$expand=primarycontactid($select=fullname)").json
    assert f"{API}$metadata#accounts(name,primarycontactid(fullname))" == page["@odata.context"]
    assert ["Birch"] == [row["name"] for row in page["value"]]


def test_expanded_rows_are_rows(api: Api, family: dict[str, str]) -> None:
    """With tag and key, each kind of navigation at once. [X-1], [X-3], [X-4], [X-9], [J-10]"""
    row = api.read(
        f"accounts({family['birch']})?$select=name&$expand=primarycontactid($select=fullname),"
        "parentaccountid($select=name),"
        "Account_Tasks($select=subject;$orderby=subject desc;$top=1),"
        "contact_customer_accounts($select=lastname;$filter=startswith(lastname,'D'))"
    )
    assert {"@odata.etag", "fullname", "contactid"} == set(row["primarycontactid"])
    assert None is row["parentaccountid"]
    assert ["two"] == [task["subject"] for task in row["Account_Tasks"]]
    assert ["Dogwood"] == [contact["lastname"] for contact in row["contact_customer_accounts"]]


def test_an_expanded_collection_of_a_page_has_a_link_that_works(api: Api, family: dict[str, str]) -> None:
    """It leads to the collection from its start, with the same options. [X-8]"""
    page = api.get(
        "accounts?$select=name&$expand=Account_Tasks($select=subject;$filter=subject ne 'o''ne';$orderby=subject)"
    )
    (row,) = page.json["value"]
    link = row["Account_Tasks@odata.nextLink"]
    assert link.startswith(f"{API}accounts({family['birch']})/Account_Tasks?$select=subject&$filter=")
    assert ["one", "two"] == api.values(link.removeprefix(API), "subject")


def test_an_expanded_reference_is_an_address(api: Api, family: dict[str, str]) -> None:
    """[X-10]"""
    row = api.read(f"accounts({family['birch']})?$select=name&$expand=primarycontactid/$ref,parentaccountid/$ref")
    assert {"@odata.id": f"{API}contacts({family['ash']})"} == row["primarycontactid"]
    assert None is row["parentaccountid"]


def test_expanded_rows_carry_annotations_too(api: Api, family: dict[str, str]) -> None:
    """[X-12]"""
    address = f"accounts({family['birch']})?$select=name&$expand=Account_Tasks($select=statecode)"
    tasks = api.get(address, prefer=ALL).json["Account_Tasks"]
    assert ["Open", "Open"] == [task[f"statecode{FORMATTED}"] for task in tasks]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("primarycontactid?$select=fullname", "Ada Ash"),
        ("primarycontactid/fullname", "Ada Ash"),
        ("primarycontactid/Microsoft.Dynamics.CRM.contact/fullname", "Ada Ash"),
        ("ownerid/Microsoft.Dynamics.CRM.systemuser/fullname", "System Administrator"),
    ],
)
def test_a_path_leads_to_a_related_row(api: Api, family: dict[str, str], path: str, expected: str) -> None:
    """[U-4], [U-5], [R-7]"""
    body = api.read(f"accounts({family['birch']})/{path}")
    assert expected == body.get("value", body.get("fullname"))


def test_an_empty_lookup_leads_nowhere(api: Api, family: dict[str, str]) -> None:
    """204 to read; there is no row to write to. [R-7], [S-1]"""
    address = f"accounts({family['birch']})/parentaccountid"
    assert (204, b"") == ((answer := api.get(address)).status, answer.body)
    assert 204 == api.get(f"{address}/name").status
    assert 204 == api.get(f"{address}/$ref").status
    assert 404 == api.put(f"{address}/name", {"value": "x"}).status
    assert 405 == api.delete(address).status


def test_a_collection_of_a_row_takes_every_option(api: Api, family: dict[str, str]) -> None:
    """[Q-9], [R-8], [CT-4]"""
    address = f"accounts({family['birch']})/contact_customer_accounts"
    page = api.get(f"{address}?$select=lastname&$orderby=lastname desc&$count=true&$top=1".replace(" ", "%20")).json
    assert (["Dogwood"], 2) == ([row["lastname"] for row in page["value"]], page["@odata.count"])
    assert f"{API}$metadata#contacts(lastname)" == page["@odata.context"]
    assert b"2" == api.get(f"{address}/$count").body
    assert b"1" == api.get(f"{address}/$count?$filter=lastname%20eq%20'cedar'").body
    assert 404 == api.get(f"accounts({NOBODY})/contact_customer_accounts").status


def test_a_row_of_a_collection_belongs_to_it(api: Api, family: dict[str, str]) -> None:
    """Another row's contact is not found there, read or written. [U-4], [R-8]"""
    address = f"accounts({family['birch']})/contact_customer_accounts"
    mine = api.values(f"{address}?$select=contactid", "contactid")[0]
    assert 200 == api.get(f"{address}({mine})?$select=lastname").status
    for method in ("GET", "PATCH", "DELETE"):
        answer = api.send(method, f"{address}({family['ash']})", {"lastname": "x"})
        assert (404, "0x80040217") == (answer.status, answer.code)
    assert "Ash" == api.read(f"contacts({family['ash']})")["lastname"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("new_ratio eq new_share", ["same"]),
        ("new_ratio gt new_share", ["more"]),
        ("new_share ge new_ratio", ["less", "same"]),
        ("new_name eq new_code", ["same"]),
        ("new_ratio ne new_share", ["less", "more"]),
    ],
)
def test_columns_are_compared_with_columns(api: Api, condition: str, expected: list[str]) -> None:
    """As numbers, however many digits each column keeps. [F-8]"""
    api.make("new_gizmos", new_name="same", new_code="SAME", new_ratio=2.5, new_share=2.5)
    api.make("new_gizmos", new_name="more", new_code="a", new_ratio=2.501, new_share=2.5)
    api.make("new_gizmos", new_name="less", new_code="b", new_ratio=-3, new_share=20)
    found = api.values(
        f"new_gizmos?$select=new_name&$orderby=new_name&$filter={condition}".replace(" ", "%20"), "new_name"
    )
    assert expected == found


@pytest.mark.parametrize(
    ("number", "expected"),
    [("99999999999999999999", []), ("-99999999999999999999", ["G"]), ("1e400", []), ("1.5", []), ("0.5", ["G"])],
)
def test_a_number_no_column_can_hold_is_still_a_number(api: Api, number: str, expected: list[str]) -> None:
    """Compared, not refused and not overflowing. [F-14]"""
    api.make("new_gizmos", new_name="G", new_ticks=1, new_count=1, new_size=1)
    for column in ("new_ticks", "new_count", "new_size"):
        assert expected == api.values(f"new_gizmos?$filter={column}%20gt%20{number}", "new_name"), column


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[a-c]x", ["bx"]),
        ("[^a-c]x", ["-x", "^x", "zx"]),
        ("[-]x", ["-x"]),
        ("[a^]x", ["^x"]),
        ("[z^-]x", ["-x", "^x", "zx"]),
        ("[%]", ["50% [^]"]),
        ("[^]", ["50% [^]"]),
        ("B_", ["bx"]),
        ("0%]", ["50% [^]"]),
        ("[A-B]X", ["bx"]),
    ],
)
def test_wildcards_are_patterns(api: Api, pattern: str, expected: list[str]) -> None:
    """[F-9], [F-3]"""
    for name in ("bx", "zx", "-x", "^x", "50% [^]"):
        api.make("new_gizmos", new_name=name)
    address = f"new_gizmos?$select=new_name&$filter=contains(new_name,'{pattern.replace('%', '%25')}')"
    assert sorted(expected) == sorted(api.values(address, "new_name"))


def test_numbers_keep_their_digits_alone_and_in_rows(api: Api) -> None:
    """A property read by itself is written as in its row. [R-4], [R-5], [T-8], [J-13]"""
    gizmo = api.make("new_gizmos")
    assert 204 == api.send("PATCH", f"new_gizmos({gizmo})", b'{"new_price":92233720368547.1234}').status
    assert b'"new_price":92233720368547.1234' in api.get(f"new_gizmos({gizmo})").body
    assert api.get(f"new_gizmos({gizmo})/new_price").body.endswith(b'"value":92233720368547.1234}')
    assert b"92233720368547.1234" == api.get(f"new_gizmos({gizmo})/new_price/$value").body


PLAIN: list[tuple[str, object, bytes]] = [
    ("new_name", 'a "b"\n', b'a "b"\n'),
    ("new_count", -5, b"-5"),
    ("new_ready", True, b"true"),
    ("new_day", "2024-02-29", b"2024-02-29"),
    ("new_at", "2024-02-29T10:00:00+02:00", b"2024-02-29T08:00:00Z"),
    ("new_tags", "9,1,1", b"1,9"),
    ("new_ratio", 1.0005, b"1.001"),
    ("new_size", 47.639583, b"47.63958"),
]


@pytest.mark.parametrize(("name", "given", "raw"), PLAIN)
def test_a_value_alone(api: Api, name: str, given: Any, raw: bytes) -> None:
    """`/$value` has no quotes; the property has a context of its own. [R-4], [R-5], [T-6] to [T-14]"""
    gizmo = api.make("new_gizmos", **{name: given})
    answer = api.get(f"new_gizmos({gizmo})/{name}/$value")
    assert (200, "text/plain", raw) == (answer.status, answer.headers["content-type"], answer.body)
    assert f"{API}$metadata#new_gizmos({gizmo})/{name}" == api.read(f"new_gizmos({gizmo})/{name}")["@odata.context"]


def test_a_null_property_is_no_content(api: Api) -> None:
    """[R-6], [CC-16]"""
    gizmo = api.make("new_gizmos")
    for path in ("new_name", "new_name/$value", "_new_accountid_value"):
        assert (204, b"") == ((answer := api.get(f"new_gizmos({gizmo})/{path}")).status, answer.body)


def test_a_property_is_set_and_cleared(api: Api) -> None:
    """[SP-1], [SP-2]"""
    gizmo = api.make("new_gizmos", new_name="G")
    assert 204 == api.put(f"new_gizmos({gizmo})/new_name", {"value": "H"}).status
    assert "H" == api.read(f"new_gizmos({gizmo})/new_name")["value"]
    assert 204 == api.delete(f"new_gizmos({gizmo})/new_name").status
    assert 204 == api.get(f"new_gizmos({gizmo})/new_name").status
    assert 404 == api.delete(f"new_gizmos({NOBODY})/new_name").status


def test_lambdas_look_at_related_rows(api: Api, family: dict[str, str]) -> None:
    """[L-1] to [L-3], [L-5], [CC-30]"""
    api.make("accounts", name="Bare")
    conditions = {
        "Account_Tasks/any()": ["Birch"],
        "not Account_Tasks/any()": ["Bare"],
        "Account_Tasks/any(t:t/subject eq 'ONE')": ["Birch"],
        "Account_Tasks/all(Account_Tasks:startswith(Account_Tasks/subject,'o'))": ["Bare"],
        "contact_customer_accounts/any(c:c/parentcustomerid_account/name eq 'birch')": ["Birch"],
    }
    for condition, expected in conditions.items():
        found = api.values(f"accounts?$select=name&$filter={condition}".replace(" ", "%20"), "name")
        assert expected == found, condition
    me = api.organization.administrator.user_id
    users = (
        "systemusers?$filter=systemuserroles_association/any(r:startswith(r/name,'System%20A'))&$select=systemuserid"
    )
    assert me in api.values(users, "systemuserid")
