"""What `EntityDefinitions` and its relatives answer: paths, keys, casts, selections, shapes."""

from __future__ import annotations

import pytest

from tests.definitions import API, Wire, ask, english, reply, rows, values
from tests.unit.web.widgets import SCHEMA as WIDGETS
from verselet.errors import (
    KeyRefused,
    NotFound,
    NotSupportedHere,
    QueryRefused,
    ResourceNotFound,
    ServiceError,
    TableDefinitionNotFound,
    UnknownColumn,
)
from verselet.ids import GUID, name_id
from verselet.metadata.compiled import load_schema

SCHEMA = load_schema()
CRM = "Microsoft.Dynamics.CRM"
EVENTS = "EntityDefinitions(LogicalName='msdyn_sessionevent')"
WIDGET = "EntityDefinitions(LogicalName='new_widget')"


def test_one_table_is_found_by_its_name() -> None:
    """Selected properties and `MetadataId`, nothing else; the context lists what was selected. [MD-1], [MD-3], [J-3]"""
    names = "LogicalName,SchemaName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,OwnershipType,IsActivity"
    found = ask(SCHEMA, f"{EVENTS}?$select={names}")

    assert {
        "@odata.context": f"{API}$metadata#EntityDefinitions({names})/$entity",
        "LogicalName": "msdyn_sessionevent",
        "SchemaName": "msdyn_sessionevent",
        "EntitySetName": "msdyn_sessionevents",
        "PrimaryIdAttribute": "msdyn_sessioneventid",
        "PrimaryNameAttribute": "msdyn_name",
        "OwnershipType": "UserOwned",
        "IsActivity": False,
        "MetadataId": name_id("table", "msdyn_sessionevent"),
    } == found


@pytest.mark.parametrize("form", ["{}", "MetadataId={}"])
def test_one_table_is_found_by_its_id(form: str) -> None:
    """`EntityDefinitions(GUID)`, in any letter case. [MD-1], [CS-2]"""
    metadata_id = ask(SCHEMA, "EntityDefinitions(LogicalName='contact')?$select=MetadataId")["MetadataId"]
    key = form.format(metadata_id.upper())

    assert "contact" == ask(SCHEMA, f"EntityDefinitions({key})?$select=LogicalName")["LogicalName"]


def test_ids_are_guids_and_differ() -> None:
    """Each definition has an id of its own, the same in every process. [MD-3]"""
    ids = values(SCHEMA, "RelationshipDefinitions?$select=MetadataId", "MetadataId")
    ids += values(SCHEMA, "EntityDefinitions?$select=MetadataId", "MetadataId")
    ids += values(SCHEMA, f"{EVENTS}/Attributes?$select=MetadataId", "MetadataId")

    assert all(GUID.match(found) for found in ids)
    assert len(ids) == len(set(ids))
    assert "fd53cead-5f90-5f60-be6a-60e1fdb6c6fd" == name_id("table", "account")


def test_an_activity_is_known_by_its_columns() -> None:
    """Activities have `activityid` and `subject`. [MD-3]"""
    select = "PrimaryIdAttribute,PrimaryNameAttribute,IsActivity,EntitySetName"
    found = ask(SCHEMA, f"EntityDefinitions(LogicalName='msdyn_ocsession')?$select={select}")

    assert ["activityid", "subject", True, "msdyn_ocsessions"] == [found[name] for name in select.split(",")]


def test_a_label_has_a_language_and_an_id() -> None:
    """The label in the user's language is also in the list of languages. [MD-9]"""
    label = ask(SCHEMA, "EntityDefinitions(LogicalName='msevtmgt_sessionregistration')?$select=DisplayName")[
        "DisplayName"
    ]

    localized = {
        "Label": "Session Registration",
        "LanguageCode": 1033,
        "IsManaged": True,
        "MetadataId": name_id("label", "table", "msevtmgt_sessionregistration", "DisplayName"),
        "HasChanged": None,
    }
    assert {"LocalizedLabels": [localized], "UserLocalizedLabel": localized} == label


def test_a_label_without_text_has_no_language() -> None:
    """An empty label stays a label. [MD-9]"""
    label = ask(WIDGETS, "EntityDefinitions(LogicalName='new_gadget')?$select=Description")["Description"]

    assert {"LocalizedLabels": [], "UserLocalizedLabel": None} == label


@pytest.mark.parametrize(("languages", "text"), [("1033", "Widget"), ("1031,1033", "Widget"), ("1031", "")])
def test_labels_are_limited_to_the_languages_wanted(languages: str, text: str) -> None:
    """`LabelLanguages` limits the labels. [MD-17]"""
    assert text == english(ask(WIDGETS, f"{WIDGET}?$select=DisplayName&LabelLanguages={languages}")["DisplayName"])


@pytest.mark.parametrize("languages", ["English", "1033,", "10311031" * 1_000])
def test_languages_are_numbers_of_some_digits(languages: str) -> None:
    """Anything else is refused. [MD-17]"""
    with pytest.raises(QueryRefused):
        ask(WIDGETS, f"{WIDGET}?LabelLanguages={languages}")


def test_a_whole_table_has_every_property_and_no_list_of_texts() -> None:
    """One client takes the table's own properties for simple values. [CC-60], [OC-20]"""
    found = ask(SCHEMA, EVENTS)

    assert len(found) > 100
    assert found["IconVectorName"] is None
    lists = {name: value for name, value in found.items() if isinstance(value, list)}
    assert {"Privileges": {dict}, "Settings": set()} == {name: set(map(type, value)) for name, value in lists.items()}


@pytest.mark.parametrize(
    ("table", "member", "expected"),
    [
        ("account", "ObjectTypeCode", 1),
        ("account", "HasNotes", True),
        ("account", "HasActivities", True),
        ("account", "IsCustomEntity", False),
        ("account", "OwnershipType", "UserOwned"),
        ("businessunit", "OwnershipType", "BusinessOwned"),
        ("role", "IsManaged", True),
        ("teamroles", "IsIntersect", True),
        ("teamroles", "OwnershipType", "None"),
        ("transactioncurrency", "OwnershipType", "OrganizationOwned"),
        ("systemuser", "PrimaryImageAttribute", "entityimage"),
        ("task", "IsActivity", True),
        ("msevtmgt_event", "IsCustomEntity", True),
    ],
)
def test_tables_say_what_they_are(table: str, member: str, expected: object) -> None:
    """Facts from the schema in words of the wire. [MD-3]"""
    assert expected == ask(SCHEMA, f"EntityDefinitions(LogicalName='{table}')?$select={member}")[member]


def test_a_table_without_number_gets_a_free_one() -> None:
    """By the order of names, from 10,000 on, leaving out what is taken. [MD-3]"""
    codes = {row["LogicalName"]: row["ObjectTypeCode"] for row in rows(WIDGETS, "EntityDefinitions")}

    assert {"new_gadget": 10_000, "new_widget": 10_001, "new_widget_gadget": 10_002} == codes


def test_a_table_made_at_run_time_is_not_managed() -> None:
    """Only what a solution ships is managed. [MW-1]"""
    select = "IsManaged,IsCustomEntity,ChangeTrackingEnabled"
    found = ask(WIDGETS, f"{WIDGET}?$select={select}")

    assert [False, True, True] == [found[name] for name in select.split(",")]


def test_all_tables_come_at_once_in_the_order_of_their_names() -> None:
    """No paging. [MD-2]"""
    found = ask(SCHEMA, "EntityDefinitions?$select=LogicalName&$count=true")

    assert sorted(SCHEMA.tables) == [row["LogicalName"] for row in found["value"]]
    assert len(SCHEMA.tables) == found["@odata.count"]
    assert f"{API}$metadata#EntityDefinitions(LogicalName)" == found["@odata.context"]
    assert "@odata.nextLink" not in found


def test_columns_carry_their_type() -> None:
    """The declared type is a base type, so each row names its own. [MD-4], [J-12]"""
    found = {r["LogicalName"]: r for r in rows(SCHEMA, f"{EVENTS}/Attributes?$select=LogicalName,AttributeType")}

    lookup = found["msdyn_omnichannelsession"]
    assert f"#{CRM}.LookupAttributeMetadata" == lookup["@odata.type"]
    assert ["@odata.type", "AttributeType", "LogicalName", "MetadataId"] == sorted(lookup)
    assert f"#{CRM}.StatusAttributeMetadata" == found["statuscode"]["@odata.type"]


def test_one_column_is_found_by_its_name() -> None:
    """`Attributes(LogicalName='y')`; its context is that of the collection. [MD-4], [J-3]"""
    found = ask(SCHEMA, f"{EVENTS}/Attributes(LogicalName='msdyn_name')?$select=LogicalName,IsPrimaryName")

    assert {
        "@odata.context": f"{API}$metadata#EntityDefinitions('msdyn_sessionevent')/Attributes"
        "(LogicalName,IsPrimaryName)/$entity",
        "@odata.type": f"#{CRM}.StringAttributeMetadata",
        "LogicalName": "msdyn_name",
        "IsPrimaryName": True,
        "MetadataId": name_id("column", "msdyn_sessionevent", "msdyn_name"),
    } == found


def test_one_column_is_found_by_two_ids() -> None:
    """`EntityDefinitions(GUID)/Attributes(GUID)`. [MD-1], [PS-18]"""
    table, column = name_id("table", "task"), name_id("column", "task", "subject")

    assert (
        "subject" == ask(SCHEMA, f"EntityDefinitions({table})/Attributes({column})?$select=LogicalName")["LogicalName"]
    )


def test_a_cast_gives_the_properties_of_the_type() -> None:
    """With the cast the declared type is exact and is not repeated. [MD-5]"""
    found = ask(
        SCHEMA,
        "EntityDefinitions(LogicalName='task')/Attributes(LogicalName='subject')"
        f"/{CRM}.StringAttributeMetadata?$select=LogicalName,MaxLength",
    )

    assert {
        "@odata.context": f"{API}$metadata#EntityDefinitions('task')/Attributes/{CRM}.StringAttributeMetadata"
        "(LogicalName,MaxLength)/$entity",
        "LogicalName": "subject",
        "MaxLength": 200,
        "MetadataId": name_id("column", "task", "subject"),
    } == found


def test_without_a_cast_properties_of_the_type_cannot_be_selected() -> None:
    """400 with the name of the property. [MD-5], [E-6]"""
    with pytest.raises(
        UnknownColumn, match=r"'MaxLength' on type 'Microsoft\.Dynamics\.CRM\.AttributeMetadata'"
    ) as found:
        ask(SCHEMA, "EntityDefinitions(LogicalName='task')/Attributes(LogicalName='subject')?$select=MaxLength")

    assert (400, 0x80060888) == (found.value.status, found.value.code)


def test_without_selection_a_column_shows_what_its_type_has() -> None:
    """The whole object, type-specific properties included. [MD-5]"""
    found = ask(SCHEMA, "EntityDefinitions(LogicalName='task')/Attributes(LogicalName='subject')")

    assert (200, {"Value": "Text"}) == (found["MaxLength"], found["FormatName"])


def test_a_cast_of_the_collection_keeps_columns_of_that_type() -> None:
    """Derived types count; a type that no column has gives an empty list, never 404. [MD-5], [PS-2]"""
    kept = values(WIDGETS, f"{WIDGET}/Attributes/{CRM}.EnumAttributeMetadata?$select=LogicalName", "LogicalName")

    assert ["new_color", "new_tags", "statecode", "statuscode", "new_tablename"] == kept
    assert [] == rows(WIDGETS, f"EntityDefinitions(LogicalName='new_gadget')/Attributes/{CRM}.MemoAttributeMetadata")


def test_a_cast_that_does_not_fit_finds_nothing() -> None:
    """A text is no choice. [MD-5]"""
    with pytest.raises(NotFound, match="StringAttributeMetadata"):
        ask(WIDGETS, f"{WIDGET}/Attributes(LogicalName='new_name')/{CRM}.PicklistAttributeMetadata")


def test_options_of_a_choice_come_with_their_labels() -> None:
    """In the order of the list, with the whole shape of an option. [MD-5], [MD-15]"""
    found = ask(
        SCHEMA,
        f"{EVENTS}/Attributes(LogicalName='msdyn_eventtype')/{CRM}.PicklistAttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)",
    )

    options = found["OptionSet"]["Options"]
    assert (33, "QueueAssigned") == (len(options), english(options[1]["Label"]))
    assert [192350001, None, "", [], None] == [
        options[1][name] for name in ("Value", "Color", "ExternalValue", "ParentValues", "MetadataId")
    ]
    assert found["GlobalOptionSet"] is None
    assert "(LogicalName,OptionSet(Options),GlobalOptionSet(Options))/$entity" in found["@odata.context"]


def test_options_of_states_and_status_reasons_know_each_other() -> None:
    """States name their default reason, reasons their state. [MD-15]"""
    attributes = "EntityDefinitions(LogicalName='task')/Attributes"
    status = ask(
        SCHEMA,
        f"{attributes}(LogicalName='statuscode')/{CRM}.StatusAttributeMetadata?$expand=OptionSet($select=Options)",
    )["OptionSet"]["Options"]
    state = ask(
        SCHEMA, f"{attributes}(LogicalName='statecode')/{CRM}.StateAttributeMetadata?$expand=OptionSet($select=Options)"
    )["OptionSet"]["Options"]

    assert [(2, 0), (3, 0), (4, 0), (5, 1), (6, 2), (7, 0)] == sorted((o["Value"], o["State"]) for o in status)
    assert {f"#{CRM}.StatusOptionMetadata"} == {option["@odata.type"] for option in status}
    assert [None] * 6 == [option["TransitionData"] for option in status]
    assert [("Open", 2), ("Completed", 5), ("Canceled", 6)] == [(o["InvariantName"], o["DefaultStatus"]) for o in state]


def test_a_global_choice_is_the_same_for_the_column_and_by_itself() -> None:
    """`OptionSet` and `GlobalOptionSet` of the column are the list of that name. [MD-5], [MW-11]"""
    column = ask(
        WIDGETS,
        f"{WIDGET}/Attributes(LogicalName='new_color')/{CRM}.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet",
    )
    alone = ask(WIDGETS, "GlobalOptionSetDefinitions(Name='new_color')")

    assert column["OptionSet"] == column["GlobalOptionSet"]
    assert f"#{CRM}.OptionSetMetadata" == alone["@odata.type"]
    assert [column["OptionSet"][name] for name in ("Name", "IsGlobal", "MetadataId", "Options")] == [
        alone[name] for name in ("Name", "IsGlobal", "MetadataId", "Options")
    ]
    assert [(1, "Red"), (2, "Blue")] == [(option["Value"], english(option["Label"])) for option in alone["Options"]]


def test_labels_of_a_yes_no_column_are_two_options() -> None:
    """`TrueOption` and `FalseOption`. [MW-26]"""
    found = ask(
        WIDGETS,
        f"{WIDGET}/Attributes(LogicalName='new_active')/{CRM}.BooleanAttributeMetadata"
        "?$select=DefaultValue&$expand=OptionSet($select=TrueOption,FalseOption)",
    )

    options = [found["OptionSet"][name] for name in ("TrueOption", "FalseOption")]
    assert found["DefaultValue"] is True
    assert [(1, "On"), (0, "Off")] == [(option["Value"], english(option["Label"])) for option in options]


def test_a_link_of_a_column_can_be_followed() -> None:
    """`…/OptionSet?$select=Options`; one that leads nowhere is empty. [U-4], [S-1]"""
    column = f"{WIDGET}/Attributes(LogicalName='new_color')/{CRM}.PicklistAttributeMetadata"
    local = f"{EVENTS}/Attributes(LogicalName='msdyn_eventtype')/{CRM}.PicklistAttributeMetadata"

    found = ask(WIDGETS, f"{column}/GlobalOptionSet?$select=Options")
    assert [1, 2] == [option["Value"] for option in found["Options"]]
    assert (204, b"") == (
        reply(SCHEMA, f"{local}/GlobalOptionSet").status,
        reply(SCHEMA, f"{local}/GlobalOptionSet").body,
    )


def test_columns_can_be_expanded_with_a_filter() -> None:
    """Nested `$select` and `$filter`. [MD-10]"""
    found = ask(
        SCHEMA,
        "EntityDefinitions(LogicalName='msevtmgt_sessionregistration')?$select=LogicalName"
        "&$expand=Attributes($select=LogicalName,AttributeType;$filter=LogicalName eq 'msevtmgt_timescheckedin')",
    )

    (column,) = found["Attributes"]
    assert ("msevtmgt_timescheckedin", "Integer") == (column["LogicalName"], column["AttributeType"])
    assert found["@odata.context"].endswith("(LogicalName,Attributes(LogicalName,AttributeType))/$entity")


def test_all_tables_can_be_expanded_at_once() -> None:
    """A client asks for all columns of all tables in one request. [CC-60], [OC-27]"""
    found = rows(
        SCHEMA,
        "EntityDefinitions?$select=LogicalName,CanChangeTrackingBeEnabled,ChangeTrackingEnabled"
        "&$expand=Attributes($select=LogicalName,AttributeType),Keys,ManyToManyRelationships($select=SchemaName)",
    )

    assert {name: len(table.columns) for name, table in SCHEMA.tables.items()} == {
        row["LogicalName"]: len(row["Attributes"]) for row in found
    }
    assert {True} == {row["CanChangeTrackingBeEnabled"]["Value"] for row in found}


def test_a_relationship_is_found_by_its_name_and_by_its_id() -> None:
    """The declared type is a base type, so the row names its own. [MD-1], [MD-11], [PS-22]"""
    by_name = ask(SCHEMA, "RelationshipDefinitions(SchemaName='msdyn_ocsession_sessionevent_nested')")
    by_id = ask(SCHEMA, f"RelationshipDefinitions({by_name['MetadataId']})")

    assert by_name == by_id
    assert f"#{CRM}.OneToManyRelationshipMetadata" == by_name["@odata.type"]
    assert ["OneToManyRelationship", "msdyn_ocsession", "msdyn_omnichannelsession"] == [
        by_name[name] for name in ("RelationshipType", "ReferencedEntity", "ReferencingEntityNavigationPropertyName")
    ]


def test_a_relationship_has_cascades_and_a_menu() -> None:
    """All eight cascades, and how related rows are listed. [MD-11]"""
    found = ask(WIDGETS, f"RelationshipDefinitions(SchemaName='new_gadget_widget')/{CRM}.OneToManyRelationshipMetadata")

    none = "NoCascade"
    expected = {"Assign": none, "Delete": "RemoveLink", "Merge": none, "Reparent": none, "Share": none}
    expected |= {"Unshare": none, "RollupView": none, "Archive": none}
    assert expected == found["CascadeConfiguration"]
    assert ("DoNotDisplay", "Details") == tuple(found["AssociatedMenuConfiguration"][n] for n in ("Behavior", "Group"))
    assert found["IsCustomizable"]["Value"] is False
    assert "@odata.type" not in found


def test_relationships_of_a_table_are_seen_from_both_sides() -> None:
    """As referenced, as referencing, and with itself from both. [MD-10]"""
    gadget = "EntityDefinitions(LogicalName='new_gadget')"

    assert ["new_gadget_widget", "new_gadget_gadget"] == values(
        WIDGETS, f"{gadget}/OneToManyRelationships?$select=SchemaName", "SchemaName"
    )
    assert ["new_gadget_gadget"] == values(WIDGETS, f"{gadget}/ManyToOneRelationships?$select=SchemaName", "SchemaName")
    assert (
        True
        is ask(WIDGETS, f"{gadget}/ManyToOneRelationships(SchemaName='new_gadget_gadget')?$select=IsHierarchical")[
            "IsHierarchical"
        ]
    )


def test_activities_do_not_repeat_what_they_inherit() -> None:
    """Each relationship is listed with the table whose it is. [MD-10], [C-18]"""
    of_task = "SchemaName eq 'lk_task_createdby' or SchemaName eq 'lk_activitypointer_createdby'"
    behind = f"EntityDefinitions(LogicalName='task')/ManyToOneRelationships?$filter={of_task}"
    every = f"RelationshipDefinitions/{CRM}.OneToManyRelationshipMetadata?$filter={of_task}"

    assert ["lk_task_createdby"] == values(SCHEMA, behind, "SchemaName")
    assert ["activitypointer", "task"] == sorted(values(SCHEMA, every, "ReferencingEntity"))


def test_a_many_to_many_relationship_names_both_ends() -> None:
    """Tables, intersect table and its columns, navigation names. [MD-12]"""
    found = ask(
        WIDGETS, f"RelationshipDefinitions(SchemaName='new_widget_gadget')/{CRM}.ManyToManyRelationshipMetadata"
    )

    assert ["new_widget", "new_gadget", "new_widget_gadget", "new_widgetid", "new_gadgetid", "new_widget_gadget"] == [
        found[name]
        for name in (
            "Entity1LogicalName",
            "Entity2LogicalName",
            "IntersectEntityName",
            "Entity1IntersectAttribute",
            "Entity2IntersectAttribute",
            "Entity1NavigationPropertyName",
        )
    ]
    assert "ManyToManyRelationship" == found["RelationshipType"]
    for end in ("new_widget", "new_gadget"):
        path = f"EntityDefinitions(LogicalName='{end}')/ManyToManyRelationships?$select=SchemaName"
        assert ["new_widget_gadget"] == values(WIDGETS, path, "SchemaName")


def test_keys_are_active() -> None:
    """An alternate key works as soon as it is there. [MD-18], [PS-21]"""
    found = rows(WIDGETS, f"{WIDGET}/Keys?$select=LogicalName,SchemaName,KeyAttributes,EntityKeyIndexStatus")

    assert [("new_serialkey", ["new_serial"]), ("new_pairkey", ["new_gadgetid", "new_count"])] == [
        (row["LogicalName"], row["KeyAttributes"]) for row in found
    ]
    assert {"Active"} == {row["EntityKeyIndexStatus"] for row in found}
    assert "new_SerialKey" == ask(WIDGETS, f"{WIDGET}/Keys(LogicalName='new_serialkey')")["SchemaName"]
    assert "Serial" == english(ask(WIDGETS, f"{WIDGET}/Keys({found[0]['MetadataId']})")["DisplayName"])


def test_a_single_property_can_be_read() -> None:
    """As JSON, or raw with `/$value`; null is empty. [U-4], [S-1]"""
    assert {
        "@odata.context": f"{API}$metadata#EntityDefinitions('new_widget')/EntitySetName",
        "value": "new_widgets",
    } == ask(WIDGETS, f"{WIDGET}/EntitySetName")
    assert (b"new_widgets", "text/plain") == (
        reply(WIDGETS, f"{WIDGET}/EntitySetName/$value").body,
        reply(WIDGETS, f"{WIDGET}/EntitySetName/$value").content_type,
    )
    assert b"true" == reply(WIDGETS, f"{WIDGET}/IsCustomEntity/$value").body
    assert "Widget" == english(ask(WIDGETS, f"{WIDGET}/DisplayName"))
    assert 204 == reply(WIDGETS, f"{WIDGET}/IconVectorName").status


def test_a_collection_can_be_counted() -> None:
    """A bare number, with the filter applied. [U-4]"""
    assert b"3" == reply(WIDGETS, "EntityDefinitions/$count").body
    assert b"1" == reply(WIDGETS, f"{WIDGET}/Keys/$count?$filter=SchemaName eq 'new_PairKey'").body


def test_a_table_lists_its_privileges() -> None:
    """By the verbs that its rows take, each with the depths at which it can be held. [SEC-20], [SEC-21]"""
    found = ask(WIDGETS, f"{WIDGET}?$select=Privileges,Settings")

    types = ["Read", "Write", "Append", "AppendTo", "Create", "Delete", "Share", "Assign"]
    assert types == [privilege["PrivilegeType"] for privilege in found["Privileges"]]
    assert {
        "CanBeBasic": True,
        "CanBeDeep": True,
        "CanBeGlobal": True,
        "CanBeLocal": True,
        "CanBeEntityReference": False,
        "CanBeParentEntityReference": False,
        "Name": "prvReadnew_Widget",
        "PrivilegeId": name_id("privilege/prvReadnew_Widget"),
        "PrivilegeType": "Read",
    } == found["Privileges"][0]
    assert [] == found["Settings"]
    assert found["Privileges"] == ask(WIDGETS, f"{WIDGET}/Privileges")["value"]


def test_privileges_come_with_a_table_when_they_are_expanded() -> None:
    """They are inside the definition, and are asked for like what hangs on it. [MD-10]"""
    chosen = ask(WIDGETS, f"{WIDGET}?$select=LogicalName&$expand=Privileges,Keys($select=SchemaName)")
    whole = ask(WIDGETS, f"{WIDGET}?$expand=Privileges")

    assert {"@odata.context", "LogicalName", "MetadataId", "Privileges", "Keys"} == chosen.keys()
    assert chosen["Privileges"] == whole["Privileges"] == ask(WIDGETS, f"{WIDGET}/Privileges")["value"]


REFUSED: list[tuple[str, type[ServiceError]]] = [
    ("EntityDefinitions(LogicalName='nosuch')", TableDefinitionNotFound),
    ("EntityDefinitions(00000000-0000-0000-0000-000000000001)", TableDefinitionNotFound),
    ("EntityDefinitions(SchemaName='new_Widget')", KeyRefused),
    ("EntityDefinitions()", QueryRefused),
    (f"{WIDGET}/Attributes(LogicalName='nosuch')", NotFound),
    (f"{WIDGET}/Keys(LogicalName='nosuch')", NotFound),
    ("RelationshipDefinitions(SchemaName='nosuch')", NotFound),
    ("GlobalOptionSetDefinitions(Name='nosuch')", NotFound),
    ("ManagedPropertyDefinitions", ResourceNotFound),
    (f"{WIDGET}/Nosuch", ResourceNotFound),
    (f"{WIDGET}/Attributes/Nosuch", ResourceNotFound),
    (f"{WIDGET}/Attributes/{CRM}.EntityMetadata", ResourceNotFound),
    (f"{WIDGET}/LogicalName/Nosuch", ResourceNotFound),
    (f"{WIDGET}/DisplayName/$value", NotFound),
    (f"{WIDGET}/Attributes(LogicalName='new_name')/OptionSet", ResourceNotFound),
    (f"{WIDGET}/Keys?$select=AsyncJob", NotSupportedHere),
    (f"{WIDGET}?$expand=Privileges($select=Name)", UnknownColumn),
    (f"{WIDGET}?$expand=DisplayName", UnknownColumn),
    (f"{WIDGET}?$select=Nosuch", UnknownColumn),
    (f"{WIDGET}?$select=DisplayName/UserLocalizedLabel", UnknownColumn),
    (f"{WIDGET}?$expand=Nosuch", UnknownColumn),
    (f"{WIDGET}/Attributes?$expand=OptionSet", UnknownColumn),
    (f"{WIDGET}?$expand=Attributes($top=1)", QueryRefused),
    (f"{WIDGET}?$expand=Attributes($orderby=LogicalName)", QueryRefused),
    (f"{WIDGET}?$expand=Attributes/$ref", NotSupportedHere),
    (f"{WIDGET}?$filter=IsActivity eq true", QueryRefused),
    ("EntityDefinitions?$top=1", QueryRefused),
    ("EntityDefinitions?$orderby=LogicalName", QueryRefused),
    ("EntityDefinitions?$apply=aggregate($count as n)", QueryRefused),
    ("EntityDefinitions?$skiptoken=1", QueryRefused),
    ("GlobalOptionSetDefinitions?$filter=Name eq 'new_color'", QueryRefused),
    ("GlobalOptionSetDefinitions?$select=Options", UnknownColumn),
]


@pytest.mark.parametrize(("address", "refusal"), REFUSED, ids=[address for address, _ in REFUSED])
def test_what_is_not_there_is_refused_by_name(address: str, refusal: type[ServiceError]) -> None:
    """Unknown names and keys 404 or 400, options that definitions do not have 400. [MD-2], [MD-14], [MD-16]"""
    with pytest.raises(refusal) as found:
        ask(WIDGETS, address)

    assert refusal is type(found.value)


def test_the_refusal_of_an_unknown_table_names_it() -> None:
    """404, with the nearest name as a hint. [MD-16]"""
    with pytest.raises(TableDefinitionNotFound) as found:
        ask(WIDGETS, "EntityDefinitions(LogicalName='new_widgt')")

    assert (404, 0x80041102) == (found.value.status, found.value.code)
    assert "Could not find an entity with name new_widgt." == found.value.message
    assert "Did you mean 'new_widget'?" == found.value.hint


def test_an_unknown_table_in_a_filter_gives_an_empty_list() -> None:
    """The official client turns it into its own refusal. [PS-1]"""
    assert [] == rows(WIDGETS, "EntityDefinitions?$filter=LogicalName eq 'nosuch'")


def test_options_of_a_global_choice_need_the_cast_to_be_selected() -> None:
    """`Options` belongs to the derived type. [MD-14]"""
    found: Wire = ask(WIDGETS, f"GlobalOptionSetDefinitions(Name='new_color')/{CRM}.OptionSetMetadata?$select=Options")

    assert [1, 2] == [option["Value"] for option in found["Options"]]
