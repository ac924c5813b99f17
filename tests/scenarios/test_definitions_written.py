"""What clients may send for definitions, and what they are told. [MW-1] to [MW-30], [CC-64], [CC-65]"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.definition_bodies import NAMESPACE, column, key, label, many_to_many, one_to_many, options, table
from tests.scenarios.definitions import Place, made
from tests.scenarios.harness import API, NOBODY, Answer, Api
from verselet.errors import AccessDenied
from verselet.messages.definitions import DeleteEntity
from verselet.security.caller import Caller

BOX = "EntityDefinitions(LogicalName='new_box')"
COLUMNS = f"{BOX}/Attributes"
SOLUTION = "mscrm.solutionuniquename"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """One organization in memory with the table `new_box`; each test makes what it is about under names of its own."""
    with Place().opened() as opened:
        made(opened, "EntityDefinitions", table(HasNotes=True))
        yield opened


def option_values(api: Api, name: str) -> list[tuple[int, str]]:
    """The options of a global choice."""
    found = api.read(f"GlobalOptionSetDefinitions(Name='{name}')/{NAMESPACE}.OptionSetMetadata")["Options"]
    return [(option["Value"], option["Label"]["UserLocalizedLabel"]["Label"]) for option in found]


def shown(api: Api, name: str, kind: str) -> dict[str, Any]:
    """A column of the box with everything its type has."""
    return api.read(f"{COLUMNS}(LogicalName='{name}')/{NAMESPACE}.{kind}AttributeMetadata")


# --- addresses of what was made -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "body", "expected"),
    [
        ("EntityDefinitions", table("new_A1"), rf"EntityDefinitions\({GUID}\)"),
        (COLUMNS, column("String", "new_A2"), rf"EntityDefinitions\(LogicalName='new_box'\)/Attributes\({GUID}\)"),
        (f"{BOX}/Keys", key("new_a3", "new_name"), rf"EntityDefinitions\(LogicalName='new_box'\)/Keys\({GUID}\)"),
        (
            "RelationshipDefinitions",
            one_to_many("new_a4", "account", "new_box", "new_A4Id"),
            rf"RelationshipDefinitions\({GUID}\)",
        ),
        (
            "GlobalOptionSetDefinitions",
            {"Name": "new_a5", "OptionSetType": "Picklist", "IsGlobal": True, "Options": []},
            rf"GlobalOptionSetDefinitions\({GUID}\)",
        ),
    ],
)
def test_the_answer_names_what_was_made(api: Api, address: str, body: object, expected: str) -> None:
    """By its id, which leads to the definition; columns and keys behind the name of their table. [CC-65]"""
    answer = api.post(address, body)
    entity_id = answer.headers["odata-entityid"]

    assert 204 == answer.status, answer.body
    assert re.fullmatch(re.escape(API) + expected, entity_id)
    assert answer.id == api.read(entity_id.removeprefix(API))["MetadataId"]


def test_what_was_made_here_is_not_managed(api: Api) -> None:
    """Also in a table that came with a solution. [MD-3]"""
    account = "EntityDefinitions(LogicalName='account')"
    made(api, f"{account}/Attributes", column("String", "new_A6", MaxLength=20))
    made(api, f"{account}/Keys", key("new_a6key", "new_a6"))
    made(api, "RelationshipDefinitions", one_to_many("new_a7", "contact", "account", "new_A7Id"))
    choice = {"Name": "new_a8", "OptionSetType": "Picklist", "IsGlobal": True, "Options": []}
    made(api, "GlobalOptionSetDefinitions", choice)
    addresses = [
        f"{account}/Attributes(LogicalName='new_a6')",
        f"{account}/Keys(LogicalName='new_a6key')",
        "RelationshipDefinitions(SchemaName='new_a7')",
        "GlobalOptionSetDefinitions(Name='new_a8')",
    ]

    assert [False] * 4 == [api.read(address)["IsManaged"] for address in addresses]
    assert api.read(f"{account}/Attributes(LogicalName='name')")["IsManaged"]


# --- lenient reading ----------------------------------------------------------------------------------------------


def test_types_come_with_and_without_a_hash_and_labels_with_and_without_types(api: Api) -> None:
    """Also members nobody knows, and compound types. [CC-64], [PS-14]"""
    typed = {
        "@odata.type": f"#{NAMESPACE}.Label",
        "LocalizedLabels": [{"@odata.type": f"#{NAMESPACE}.LocalizedLabel", "Label": "B", "LanguageCode": 1033}],
        "UserLocalizedLabel": {"Label": "B", "LanguageCode": 1033, "IsManaged": False},
    }
    body = {
        **column("String", "new_B1"),
        "DisplayName": typed,
        "@odata.type": f"{NAMESPACE}.ComplexStringAttributeMetadata",
    }
    made(api, COLUMNS, {**body, "IsSearchable": None, "Frobnicates": {"a": [1]}})

    assert "B" == shown(api, "new_b1", "String")["DisplayName"]["UserLocalizedLabel"]["Label"]


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("String", {"MaxLength": 7, "FormatName": {"Value": "Email"}}, {"MaxLength": 7, "Format": "Email"}),
        ("Memo", {"MaxLength": 4000, "Format": "TextArea", "ImeMode": "Disabled"}, {"MaxLength": 4000}),
        ("Integer", {"MinValue": -1, "MaxValue": 5, "Format": "None"}, {"MinValue": -1, "MaxValue": 5}),
        ("Decimal", {"MinValue": 0, "MaxValue": 1.5, "Precision": 4}, {"MaxValue": 1.5, "Precision": 4}),
        ("Double", {"Precision": 3}, {"Precision": 3}),
        ("Money", {"PrecisionSource": 2, "MaxValue": 10}, {"PrecisionSource": 2, "MaxValue": 10}),
        ("DateTime", {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}, {"Format": "DateOnly"}),
        ("Boolean", {"DefaultValue": True}, {"DefaultValue": True}),
        ("Picklist", {"OptionSet": options((1, "A"), (2, "B")), "DefaultFormValue": 2}, {"DefaultFormValue": 2}),
        ("MultiSelectPicklist", {"OptionSet": options((1, "A"))}, {"AttributeType": "Virtual"}),
        ("File", {"MaxSizeInKB": 10}, {"MaxSizeInKB": 10}),
        ("Image", {"MaxSizeInKB": 20, "CanStoreFullImage": True}, {"MaxSizeInKB": 20, "CanStoreFullImage": True}),
        ("BigInt", {}, {"AttributeType": "BigInt"}),
    ],
)
def test_each_type_of_column_can_be_made(api: Api, kind: str, more: dict[str, Any], expected: dict[str, Any]) -> None:
    """Its definition says what was sent, and the table takes rows with and without it. [MW-20] to [MW-29]"""
    made(api, COLUMNS, column(kind, f"new_C{kind}", **more))
    found = shown(api, f"new_c{kind.lower()}", kind)

    assert expected == {name: found[name] for name in expected}
    assert (True, False) == (found["IsCustomAttribute"], found["IsManaged"])
    api.make("new_boxes", new_name=kind)


def test_both_labels_of_yes_and_no_are_kept(api: Api) -> None:
    """And shown with rows. [MW-26], [J-5]"""
    pair = {"TrueOption": {"Value": 1, "Label": label("Running")}, "FalseOption": {"Value": 0, "Label": label("Idle")}}
    made(api, COLUMNS, column("Boolean", "new_D1", DefaultValue=False, OptionSet=pair))
    box = api.make("new_boxes", new_name="d", new_d1=True)
    answer = api.get(f"new_boxes({box})?$select=new_d1", prefer='odata.include-annotations="*"')

    assert "Running" == answer.json["new_d1@OData.Community.Display.V1.FormattedValue"]


def test_a_column_uses_a_global_choice_by_its_address(api: Api) -> None:
    """By id or by name. [MW-11], [MW-27]"""
    body = {
        "Name": "new_tone",
        "OptionSetType": "Picklist",
        "IsGlobal": True,
        "Options": options((1, "High"))["Options"],
    }
    made_id = made(api, "GlobalOptionSetDefinitions", body)
    for name, address in (("new_E1", f"({made_id})"), ("new_E2", "(Name='new_tone')")):
        bind = {"GlobalOptionSet@odata.bind": f"/GlobalOptionSetDefinitions{address}"}
        made(api, COLUMNS, column("Picklist", name, **bind))
    found = api.read(f"{COLUMNS}(LogicalName='new_e2')/{NAMESPACE}.PicklistAttributeMetadata?$expand=GlobalOptionSet")

    assert "new_tone" == found["GlobalOptionSet"]["Name"]
    assert 400 == api.delete("GlobalOptionSetDefinitions(Name='new_tone')").status


# --- refusals -----------------------------------------------------------------------------------------------------


def refused(answer: Answer, status: int, says: str) -> None:
    """The status, and what the message names."""
    assert (status, True) == (answer.status, says in answer.message), answer.body


@pytest.mark.parametrize(
    ("address", "body", "status", "says"),
    [
        ("EntityDefinitions", table("new_box"), 400, "already exists"),
        ("EntityDefinitions", table("Box"), 400, "customization prefix"),
        ("EntityDefinitions", {**table("new_F1"), "DisplayName": None}, 400, "DisplayName"),
        ("EntityDefinitions", {**table("new_F1"), "Attributes": []}, 400, "IsPrimaryName"),
        ("EntityDefinitions", table("new_F1", OwnershipType="NobodyOwned"), 400, "OwnershipType"),
        (COLUMNS, column("String", "new_name"), 400, "already exists"),
        (COLUMNS, column("String", "new_F2", MaxLength=0), 400, "max_length"),
        (COLUMNS, column("String", "new_F2", MaxLength="long"), 400, "MaxLength"),
        (COLUMNS, column("String", "new_F2", AutoNumberFormat="B-{SEQNUM:x}"), 400, "SEQNUM"),
        (COLUMNS, column("Integer", "new_F2", AutoNumberFormat="B-{SEQNUM:4}"), 400, "AutoNumberFormat"),
        (COLUMNS, column("String", "new_F2", SourceType=1), 400, "FormulaDefinition"),
        (COLUMNS, column("String", "new_F2", SourceType=3, FormulaDefinition="1"), 501, "SourceType 3"),
        (COLUMNS, column("String", "new_F2", FormulaDefinition="new_name"), 400, "FormulaDefinition"),
        (COLUMNS, column("String", "new_F2", RequiredLevel={"Value": "SystemRequired"}), 400, "SystemRequired"),
        (COLUMNS, column("State", "new_F2"), 400, "StateAttributeMetadata"),
        (COLUMNS, column("Lookup", "new_F2"), 400, "relationship"),
        (f"{BOX}/Keys", key("new_f3", "new_nothing"), 404, "new_nothing"),
        (f"{BOX}/Keys", key("new_f3", "versionnumber"), 400, "not suitable"),
        ("RelationshipDefinitions", one_to_many("new_f4", "new_nothing", "new_box", "new_F4"), 404, "new_nothing"),
        ("RelationshipDefinitions", {"SchemaName": "new_f4"}, 400, "@odata.type"),
        ("RelationshipDefinitions", many_to_many("f4", "new_box", "contact"), 400, "prefix"),
        ("GlobalOptionSetDefinitions", {"Name": "new_f5", "OptionSetType": "Boolean"}, 501, "Boolean"),
        ("EntityDefinitions(LogicalName='new_nothing')/Attributes", column("String", "new_F2"), 404, "new_nothing"),
    ],
)
def test_what_cannot_be_made_is_refused(api: Api, address: str, body: object, status: int, says: str) -> None:
    """The message names what is wrong, and nothing has changed. [MW-14]"""
    before = api.organization.schema
    refused(api.post(address, body), status, says)

    assert before is api.organization.schema


def test_elastic_tables_are_refused_by_name(api: Api) -> None:
    """Nothing here needs a session token: what was answered is seen by the next request. [LIM-42], [invariant 15]"""
    refused(api.post("EntityDefinitions", table("new_F1", TableType="Elastic")), 501, "Elastic")
    row = api.make("new_boxes", new_name="seen")
    assert 200 == api.get(f"new_boxes({row})", **{"mscrm.sessiontoken": "207:8#142792187#7=-1"}).status


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("EntityDefinitions(LogicalName='account')", 400),
        ("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')", 400),
        (f"{COLUMNS}(LogicalName='createdon')", 400),
        (f"{COLUMNS}(LogicalName='new_name')", 400),
        ("RelationshipDefinitions(SchemaName='account_parent_account')", 400),
        ("EntityDefinitions(LogicalName='new_nothing')", 404),
        ("EntityDefinitions", 405),
    ],
)
def test_what_came_with_the_server_cannot_be_deleted(api: Api, address: str, status: int) -> None:
    """Neither tables nor columns nor relationships of the system. [MW-7]"""
    assert status == api.delete(address).status


def test_a_definition_is_not_patched(api: Api) -> None:
    """It is replaced as a whole, by PUT. [MW-5]"""
    answer = api.patch(BOX, {"ChangeTrackingEnabled": True})

    assert (405, "Operation not supported on EntityMetadata") == (answer.status, answer.message)


def test_definitions_do_not_change_inside_a_change_set(api: Api) -> None:
    """Nobody could take the change back together with the rows; refused by name. [invariant 15]"""
    with api.organization.transaction():
        refused(api.post("EntityDefinitions", table("new_H1")), 501, "change set")


def test_a_caller_without_the_right_changes_nothing(api: Api) -> None:
    """Definitions are the administrator's. [E-17]"""
    caller = Caller(user_id=NOBODY, business_unit_id=NOBODY, organization_id=api.organization.id)
    before = api.organization.schema

    with pytest.raises(AccessDenied):
        api.organization.execute(DeleteEntity(table="new_box"), caller)
    assert before is api.organization.schema


# --- changing -----------------------------------------------------------------------------------------------------


def test_a_whole_definition_that_was_read_can_be_put_back_changed(api: Api) -> None:
    """Table and column; what did not change stays. [MW-5], [PS-19]"""
    made(api, COLUMNS, column("String", "new_I1", MaxLength=10))
    address = f"{COLUMNS}(LogicalName='new_i1')"
    written = {**shown(api, "new_i1", "String"), "MaxLength": 77, "DisplayName": label("Changed")}
    answer = api.put(f"{address}/{NAMESPACE}.StringAttributeMetadata", written)
    found = shown(api, "new_i1", "String")

    assert 204 == answer.status, answer.body
    assert (77, "Changed", "new_I1") == (
        found["MaxLength"],
        found["DisplayName"]["UserLocalizedLabel"]["Label"],
        found["SchemaName"],
    )
    whole = {**api.read(BOX), "Description": label("Holds things"), "ChangeTrackingEnabled": True}
    assert 204 == api.put(BOX, whole).status
    assert (True, "Holds things") == (
        api.read(BOX)["ChangeTrackingEnabled"],
        api.read(BOX)["Description"]["UserLocalizedLabel"]["Label"],
    )


def test_a_relationship_can_cascade_otherwise(api: Api) -> None:
    """PUT of the whole definition; rows are deleted by the new rule at once. [MW-5], [MW-8]"""
    made(api, "RelationshipDefinitions", one_to_many("new_j1", "account", "new_box", "new_J1Id"))
    address = "RelationshipDefinitions(SchemaName='new_j1')"
    whole = api.read(f"{address}/{NAMESPACE}.OneToManyRelationshipMetadata")
    whole["CascadeConfiguration"]["Delete"] = "Cascade"
    account = api.make("accounts", name="A firm")
    box = api.make("new_boxes", new_name="j", new_J1Id__bind=f"/accounts({account})")

    assert 204 == api.put(address, whole).status
    assert 204 == api.delete(f"accounts({account})").status
    assert 404 == api.get(f"new_boxes({box})").status


def parental(schema_name: str, to: str, table_name: str) -> dict[str, Any]:
    """A relationship along which rows are deleted with what they belong to."""
    return one_to_many(schema_name, to, table_name, f"{schema_name}Id", delete="Cascade")


def test_a_table_follows_one_parent(api: Api) -> None:
    """A second one is refused as the service does it, also by a change of its cascades. [SEC-71], [SEC-72]"""
    made(api, "EntityDefinitions", table("new_J2"))
    made(api, "RelationshipDefinitions", parental("new_J3", "account", "new_j2"))
    second = api.post("RelationshipDefinitions", parental("new_J4", "contact", "new_j2"))
    made(api, "RelationshipDefinitions", one_to_many("new_J5", "contact", "new_j2", "new_J5Id"))
    address = "RelationshipDefinitions(SchemaName='new_J5')"
    whole = api.read(f"{address}/{NAMESPACE}.OneToManyRelationshipMetadata")
    whole["CascadeConfiguration"]["Share"] = "Active"
    changed = api.put(address, whole)

    says = "Entity: new_j2 is parented to Entity with name account. "
    says += "Cannot create another parental relation with Entity: contact"
    assert [(400, "0x80047007", says)] * 2 == [(one.status, one.code, one.message) for one in (second, changed)]


@pytest.mark.parametrize(
    ("to", "table_name", "says"), [("new_box", "new_box", "itself"), ("new_box", "account", "custom")]
)
def test_who_cannot_be_a_parent(api: Api, to: str, table_name: str, says: str) -> None:
    """[SEC-72]"""
    answer = api.post("RelationshipDefinitions", parental("new_J6", to, table_name))

    assert (400, "0x80040203") == (answer.status, answer.code)
    assert says in answer.message


@pytest.mark.parametrize("ownership", ["None", "BusinessOwned", "TeamOwned", "BusinessParented"])
def test_rows_of_a_new_table_have_an_owner_or_belong_to_the_organization(api: Api, ownership: str) -> None:
    """[SEC-1]"""
    answer = api.post("EntityDefinitions", table("new_J7", OwnershipType=ownership))

    assert 400 == answer.status
    assert "OwnershipType" in answer.message


# --- actions ------------------------------------------------------------------------------------------------------


def test_several_tables_are_made_in_one_call(api: Api) -> None:
    """All or none. [MW-17], [PS-14]"""
    entities = [{**table(name), "@odata.type": f"{NAMESPACE}.ComplexEntityMetadata"} for name in ("new_K1", "new_K2")]
    answer = api.post("CreateEntities", {"Entities": entities})

    assert 200 == answer.status, answer.body
    assert [] == api.values("new_k1s", "new_k1id") + api.values("new_k2s", "new_k2id")
    assert 400 == api.post("CreateEntities", {"Entities": [table("new_K3"), table("new_K1")]}).status
    assert 404 == api.get("new_k3s").status


def test_options_of_a_global_choice_are_inserted_renamed_ordered_and_deleted(api: Api) -> None:
    """A new one without a number gets the next of the default publisher. [MW-12]"""
    body = {"Name": "new_l1", "OptionSetType": "Picklist", "IsGlobal": True, "Options": options((1, "A"))["Options"]}
    made(api, "GlobalOptionSetDefinitions", body)
    named = {"OptionSetName": "new_l1"}

    assert 100_000_000 == api.post("InsertOptionValue", {**named, "Label": label("B")}).json["NewOptionValue"]
    assert 204 == api.post("UpdateOptionValue", {**named, "Value": 1, "Label": label("a"), "MergeLabels": True}).status
    assert 204 == api.post("OrderOption", {**named, "Values": [100_000_000, 1]}).status
    assert [(100_000_000, "B"), (1, "a")] == option_values(api, "new_l1")
    assert 204 == api.post("DeleteOptionValue", {**named, "Value": 1}).status
    assert [(100_000_000, "B")] == option_values(api, "new_l1")


def test_a_status_reason_is_inserted_and_used(api: Api) -> None:
    """With its state; the state's label and default can change. [MW-12]"""
    named = {"EntityLogicalName": "new_box"}
    answer = api.post("InsertStatusValue", {**named, "Value": 12, "Label": label("Lost"), "StateCode": 1})
    box = api.make("new_boxes", new_name="m")

    assert 12 == answer.json["NewOptionValue"]
    assert 204 == api.patch(f"new_boxes({box})", {"statecode": 1, "statuscode": 12}).status
    changed = {**named, "Value": 1, "Label": label("Gone"), "DefaultStatusCode": 12}
    assert 204 == api.post("UpdateStateValue", changed).status
    state = api.read(f"{COLUMNS}(LogicalName='statecode')/{NAMESPACE}.StateAttributeMetadata?$expand=OptionSet")
    assert ("Gone", 12) == (
        state["OptionSet"]["Options"][1]["Label"]["UserLocalizedLabel"]["Label"],
        state["OptionSet"]["Options"][1]["DefaultStatus"],
    )


def test_a_customer_lookup_leads_to_accounts_and_contacts(api: Api) -> None:
    """The answer has the ids of both relationships and of the column. [MW-13], [MT-1]"""
    leading = [one_to_many(f"new_n1_{to}", to, "new_box", "new_CustomerId") for to in ("account", "contact")]
    answer = api.post(
        "CreateCustomerRelationships", {"OneToManyRelationships": leading, "Lookup": column("Lookup", "new_CustomerId")}
    )
    contact = api.make("contacts", lastname="A guest")
    box = api.make("new_boxes", new_name="n", new_CustomerId_contact__bind=f"/contacts({contact})")

    assert 200 == answer.status, answer.body
    assert api.read(f"{COLUMNS}({answer.json['AttributeId']})")["AttributeType"] == "Customer"
    assert 2 == len([api.read(f"RelationshipDefinitions({one})") for one in answer.json["RelationshipIds"]])
    assert contact == api.read(f"new_boxes({box})")["_new_customerid_value"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("PublishXml", {"ParameterXml": "<importexportxml/>"}),
        ("PublishAllXml", {}),
    ],
)
def test_publishing_is_accepted(api: Api, action: str, body: object) -> None:
    """Changes are visible already. [MW-15]"""
    assert 204 == api.post(action, body).status


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("InsertOptionValue", {"OptionSetName": "new_nothing", "Label": label("A")}, 404),
        ("InsertOptionValue", {"OptionSetName": "new_nothing"}, 400),
        ("InsertOptionValue", {"Label": label("A")}, 400),
        ("UpdateOptionValue", {"EntityLogicalName": "new_box", "AttributeLogicalName": "new_name"}, 400),
        ("OrderOption", {"OptionSetName": "new_nothing", "Values": "all"}, 400),
        ("ReactivateEntityKey", {"EntityLogicalName": "new_box", "EntityKeyLogicalName": "new_nothing"}, 404),
        ("CreateEntities", {"Entities": []}, 400),
        ("CreateCustomerRelationships", {"OneToManyRelationships": [], "Lookup": column("Lookup", "new_P1")}, 400),
        ("PublishXml", {}, 400),
    ],
)
def test_an_action_that_means_nothing_is_refused(api: Api, action: str, body: object, status: int) -> None:
    """With a code and a message. [MW-12]"""
    answer = api.post(action, body)

    assert (status, True) == (answer.status, bool(answer.message)), answer.body


def test_an_action_is_called_by_post(api: Api) -> None:
    """GET is for functions. [FN-4]"""
    assert 405 == api.get("PublishAllXml").status


# --- solutions ----------------------------------------------------------------------------------------------------


def test_the_solution_of_a_definition_must_be_there(api: Api) -> None:
    """Named by a header or an option. [MW-16]"""
    body = column("String", "new_Q1")
    refused(api.send("POST", COLUMNS, body, headers={SOLUTION: "Nowhere"}), 400, "Nowhere")
    refused(api.post(f"{COLUMNS}?SolutionUniqueName=Nowhere", body), 400, "Nowhere")

    assert 204 == api.post(f"{COLUMNS}?SolutionUniqueName=Default", body).status


def test_options_are_numbered_for_the_publisher_of_the_solution(api: Api) -> None:
    """Each publisher has ten thousand numbers. [MW-12]"""
    publisher = api.make(
        "publishers",
        uniquename="tests",
        friendlyname="Tests",
        customizationprefix="tst",
        customizationoptionvalueprefix=12345,
    )
    api.make(
        "solutions",
        uniquename="Tests",
        friendlyname="Tests",
        version="1.0",
        publisherid__bind=f"/publishers({publisher})",
    )
    body = column("Picklist", "new_R1", OptionSet=options((None, "A")))
    assert 204 == api.send("POST", COLUMNS, body, headers={SOLUTION: "Tests"}).status
    made(api, COLUMNS, column("Picklist", "tst_R2", OptionSet=options((None, "A"))))

    for name in ("new_r1", "tst_r2"):
        found = api.read(f"{COLUMNS}(LogicalName='{name}')/{NAMESPACE}.PicklistAttributeMetadata?$expand=OptionSet")
        assert [123_450_000] == [option["Value"] for option in found["OptionSet"]["Options"]]


# --- schemas of running requests ------------------------------------------------------------------------------------


def test_a_request_keeps_the_schema_it_began_with(api: Api) -> None:
    """A change is seen by the next one. [architecture.md §2]"""
    organization = api.organization
    before = organization.keep_schema()
    made(api, "EntityDefinitions", table("new_S1"))

    assert "new_s1" not in organization.schema.tables
    organization.release_schema(before)
    assert "new_s1" in organization.schema.tables


def test_answers_that_were_prepared_before_a_change_are_prepared_anew(api: Api) -> None:
    """A set read before and after shows the new column. [CC-66]"""
    box = api.make("new_boxes", new_name="t")
    assert "new_t1" not in api.read(f"new_boxes({box})")
    made(api, COLUMNS, column("String", "new_T1"))

    assert "new_t1" in api.read(f"new_boxes({box})")
    assert b"new_T1" not in api.get("$metadata").body
    assert b'"new_t1"' in api.get("$metadata").body


# --- expressions --------------------------------------------------------------------------------------------------


def changes(api: Api, query: str) -> Answer:
    """The answer of RetrieveMetadataChanges."""
    return api.get(f"RetrieveMetadataChanges(Query=@p1)?@p1={query}")


def test_definitions_are_chosen_by_expressions(api: Api) -> None:
    """Typed properties come without a cast. [CC-68], [PS-20]"""
    answer = changes(
        api,
        '{"Properties":{"PropertyNames":["LogicalName","Attributes"]},"Criteria":{"Conditions":[{"PropertyName":'
        '"LogicalName","ConditionOperator":"Equals","Value":{"Type":"System.String","Value":"new_box"}}]},'
        '"AttributeQuery":{"Properties":{"PropertyNames":["LogicalName","MaxLength"]},"Criteria":{"Conditions":'
        '[{"PropertyName":"LogicalName","ConditionOperator":"In","Value":["new_name","ownerid"]}]}}}',
    )
    (found,) = answer.json["EntityMetadata"]

    assert "new_box" == found["LogicalName"]
    assert {"new_name": 100, "ownerid": None} == {
        one["LogicalName"]: one.get("MaxLength") for one in found["Attributes"]
    }
    assert None is answer.json["DeletedMetadata"]


def test_the_logical_name_comes_with_whatever_is_chosen(api: Api) -> None:
    """Generators read it without naming it, of tables and of columns. [CC-68], [OC-11]"""
    answer = changes(
        api,
        '{"Properties":{"PropertyNames":["SchemaName","Attributes"]},"Criteria":{"Conditions":[{"PropertyName":'
        '"LogicalName","ConditionOperator":"Equals","Value":{"Type":"System.String","Value":"new_box"}}]},'
        '"AttributeQuery":{"Properties":{"PropertyNames":["MaxLength"]},"Criteria":{"Conditions":'
        '[{"PropertyName":"LogicalName","ConditionOperator":"Equals","Value":"new_name"}]}}}',
    )
    (found,) = answer.json["EntityMetadata"]

    assert ("new_box", ["new_name"]) == (found["LogicalName"], [one["LogicalName"] for one in found["Attributes"]])


@pytest.mark.parametrize(("languages", "expected"), [("[]", 1), ("null", 1), ("[1033,1031]", 1), ("[1031]", 0)])
def test_labels_come_in_the_languages_wanted(api: Api, languages: str, expected: int) -> None:
    """As the option `LabelLanguages` of an address. [MD-17], [CC-68]"""
    answer = changes(
        api,
        '{"Properties":{"PropertyNames":["DisplayName"]},"Criteria":{"Conditions":[{"PropertyName":"LogicalName",'
        f'"ConditionOperator":"Equals","Value":"new_box"}}]}},"LabelQuery":{{"FilterLanguages":{languages}}}}}',
    )
    (found,) = answer.json["EntityMetadata"]

    assert expected == len(found["DisplayName"]["LocalizedLabels"])


@pytest.mark.parametrize("languages", ["1031", '["1031"]', "[-1]", "[1e9]", "[99999999]", "[true]"])
def test_what_is_no_language_is_refused(api: Api, languages: str) -> None:
    """A list of codes. [MD-17]"""
    assert 400 == changes(api, f'{{"LabelQuery":{{"FilterLanguages":{languages}}}}}').status


@pytest.mark.parametrize(
    "query",
    [
        "nothing",
        "[]",
        '{"Criteria":{"Conditions":[{"PropertyName":"Colour","ConditionOperator":"Equals","Value":1}]}}',
        '{"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"Like","Value":"a"}]}}',
        '{"Criteria":{"FilterOperator":"Xor"}}',
    ],
)
def test_an_expression_that_means_nothing_is_refused(api: Api, query: str) -> None:
    """Unknown operators and properties are not ignored. [CC-68]"""
    assert 400 == changes(api, query).status
