"""`$metadata` is valid CSDL 4.0 and says what clients rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from tests.csdl_rules import EDM, NAMESPACE, RULES, Document, local, read
from tests.seeds import SeedNavigation, SeedProperty, read_session_registration
from verselet.metadata.columns import is_property
from verselet.metadata.compiled import load_schema
from verselet.query.outputs import property_name
from verselet.query.typing_literals import edm_type
from verselet.web.csdl import csdl

SCHEMA = load_schema()
PLAIN = csdl(SCHEMA)
ANNOTATED = csdl(SCHEMA, annotations=True)
DOCUMENTS = {"plain": read(PLAIN), "annotated": read(ANNOTATED)}
DOCUMENT = DOCUMENTS["plain"]
REGISTRATION = read_session_registration()

every_document = pytest.mark.parametrize("which", ["plain", "annotated"])


@every_document
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_document_keeps_the_rules_of_csdl(
    rule: Callable[[Document], Iterator[str]], which: Literal["plain", "annotated"]
) -> None:
    """Structure, names, references, keys, facets, navigation, bindings, operations, annotations. [CC-67]"""
    assert [] == list(rule(DOCUMENTS[which]))


@every_document
def test_there_is_one_schema_with_everything_in_it(which: Literal["plain", "annotated"]) -> None:
    """Some clients look at the first `Schema` only. [M-2], [CC-67]"""
    document = DOCUMENTS[which]

    assert {"Version": "4.0"} == document.root.attrib
    assert [{"Namespace": NAMESPACE, "Alias": "mscrm"}] == [schema.attrib for schema in document.schemas]


@pytest.mark.parametrize("kind", ["EnumType", "ComplexType", "EntityType", "Action", "Function"])
def test_of_every_kind_there_are_two_at_least(kind: str) -> None:
    """A list of one is read as a single object by a generator, which then fails. [CC-67]"""
    assert len(DOCUMENT.schemas[0].findall(f"{EDM}{kind}")) >= 2


def test_every_type_with_a_set_has_a_key_of_its_own() -> None:
    """Clients look for the key in the type itself, not in what it derives from. [CC-67]"""
    types = [DOCUMENT.entity_types[local(found.attrib["EntityType"])] for found in DOCUMENT.sets.values()]

    assert [] == [found.attrib["Name"] for found in types if found.find(f"{EDM}Key") is None]


def test_sets_write_the_full_name_and_types_the_alias() -> None:
    """Types inside are written with the alias, `EntitySet` with the full name. [CC-67]"""
    in_sets = {found.attrib["EntityType"].rpartition(".")[0] for found in DOCUMENT.sets.values()}
    elsewhere = {
        found.attrib["Type"].rpartition(".")[0].removeprefix("Collection(")
        for found in DOCUMENT.root.iter(f"{EDM}Property")
    }

    assert {NAMESPACE} == in_sets
    assert {"Edm", "mscrm"} == elsewhere


def test_every_table_has_a_type_and_a_set() -> None:
    """Each table once, with its entity set. [M-4], [M-5]"""
    sets = {name: local(found.attrib["EntityType"]) for name, found in DOCUMENT.sets.items()}

    tables = {table.set_name: table.name for table in SCHEMA.tables.values()}
    definitions = {
        "EntityDefinitions": "EntityMetadata",
        "RelationshipDefinitions": "RelationshipMetadataBase",
        "GlobalOptionSetDefinitions": "OptionSetMetadataBase",
    }
    assert tables | definitions == sets
    assert "System" == DOCUMENT.container.attrib["Name"]


@pytest.mark.parametrize("name", SCHEMA.tables)
def test_a_type_has_exactly_the_readable_columns(name: str) -> None:
    """Every property of rows with its EDM type, no virtual companion. [M-4], [M-9], [T-20]"""
    expected = {property_name(c): edm_type(c) for c in SCHEMA.tables[name].columns.values() if is_property(c)}
    # Principals have their id in common; for users and teams it is no column of the table. [T-25]
    if name in ("systemuser", "team"):
        expected["ownerid"] = "Edm.Guid"

    found = {part: element.attrib["Type"] for part, element in DOCUMENT.parts(name, "Property").items()}
    assert expected == found


@pytest.mark.parametrize("name", SCHEMA.tables)
def test_a_type_has_exactly_the_navigation_properties_of_its_table(name: str) -> None:
    """To one, to many, many-to-many, in their exact letter case. [M-4], [CS-1]"""
    # Names that an activity inherits stand last; of two for one thing the first is its own.
    to_one: dict[tuple[str, str], str] = {}
    for navigation, found in SCHEMA.to_one[name].items():
        to_one.setdefault((found.referencing_column, found.referenced_table), navigation)
    expected = {*to_one.values(), *SCHEMA.to_many[name], *SCHEMA.across[name]}

    assert expected == set(DOCUMENT.parts(name, "NavigationProperty"))


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("account", ["crmbaseentity"]),
        ("task", ["crmbaseentity"]),
        ("systemuser", ["principal", "crmbaseentity"]),
        ("team", ["principal", "crmbaseentity"]),
        ("owner", ["principal", "crmbaseentity"]),
        ("EntityMetadata", ["MetadataBase", "crmmodelbaseentity"]),
        (
            "PicklistAttributeMetadata",
            ["EnumAttributeMetadata", "AttributeMetadata", "MetadataBase", "crmmodelbaseentity"],
        ),
    ],
)
def test_types_derive_from_the_types_of_the_service(name: str, parents: list[str]) -> None:
    """Tables from `crmbaseentity`, users and teams from `principal`, definitions from `crmmodelbaseentity`. [M-3]"""
    assert [name, *parents] == [level.attrib["Name"] for level in DOCUMENT.lineage(name)]


def test_no_navigation_of_an_activity_has_two_names() -> None:
    """Generators take the table's name off, and two members of one name do not compile. [OC-11], [C-18]"""
    found = DOCUMENT.parts("task", "NavigationProperty")

    assert {"createdby", "createdby_task"} <= set(SCHEMA.to_one["task"])
    assert "createdby" not in found
    assert "lk_task_createdby" == found["createdby_task"].attrib["Partner"]


def test_an_owner_is_a_principal() -> None:
    """A row in `ownerid` is a user or a team, so its declared type is what both derive from. [J-12]"""
    owner = DOCUMENT.parts("account", "NavigationProperty")["ownerid"]

    assert "mscrm.principal" == owner.attrib["Type"]


def test_a_typed_client_need_not_give_what_the_server_fills_in() -> None:
    """Only keys are never null: an owner is always there, but nobody has to send it. [C-14], [OC-31]"""
    required = {name for name, found in DOCUMENT.parts("account", "Property").items() if "Nullable" in found.attrib}

    assert {"accountid"} == required


@pytest.mark.parametrize("stated", REGISTRATION.properties, ids=lambda stated: stated.name)
def test_a_property_of_the_session_registration_has_the_documented_type(stated: SeedProperty) -> None:
    """The EDM types of the second seed document. [M-4]"""
    found = DOCUMENT.parts("msevtmgt_sessionregistration", "Property")[stated.name]

    assert stated.edm_type == found.attrib["Type"]


@pytest.mark.parametrize("lookup", REGISTRATION.lookups)
def test_a_lookup_of_the_session_registration_refers_through_its_navigation_property(lookup: str) -> None:
    """`_x_value` is a GUID, and the documented navigation property refers with it. [M-4]"""
    found = DOCUMENT.parts("msevtmgt_sessionregistration", "Property")[lookup]
    through = DOCUMENT.parts("msevtmgt_sessionregistration", "NavigationProperty")[REGISTRATION.lookups[lookup]]

    assert "Edm.Guid" == found.attrib["Type"]
    assert [lookup] == [c.attrib["Property"] for c in through.findall(f"{EDM}ReferentialConstraint")]


@pytest.mark.parametrize("stated", [*REGISTRATION.to_one, *REGISTRATION.to_many], ids=lambda stated: stated.name)
def test_a_navigation_property_of_the_session_registration_is_as_documented(stated: SeedNavigation) -> None:
    """Where it leads and its partner, in the exact letter case. [M-4], [CS-1]"""
    found = DOCUMENT.parts("msevtmgt_sessionregistration", "NavigationProperty")[stated.name]

    is_many = stated in REGISTRATION.to_many
    type_name = f"Collection(mscrm.{stated.table})" if is_many else f"mscrm.{stated.table}"
    # The collections of owned rows are declared on `owner`, not on its base type, so the owner has no partner.
    partner = None if stated.table == "principal" else stated.partner
    assert (type_name, partner) == (found.attrib["Type"], found.attrib.get("Partner"))


def test_bulk_create_is_bound_to_each_set_that_has_it() -> None:
    """One overload per table with the message, the first parameter is `entityset`. [M-6]"""
    actions = [
        found for found in DOCUMENT.schemas[0].findall(f"{EDM}Action") if found.attrib["Name"] == "CreateMultiple"
    ]

    having = {
        f"Collection(mscrm.{table.name})" for table in SCHEMA.tables.values() if "CreateMultiple" in table.messages
    }
    assert having == {found[0].attrib["Type"] for found in actions if found.attrib["Name"] == "CreateMultiple"}
    assert {"entityset"} == {found[0].attrib["Name"] for found in actions}


def test_functions_are_imported_into_the_container() -> None:
    """Unbound functions that the server answers. [M-5], [FN-10] to [FN-20]"""
    imported = [found.attrib["Name"] for found in DOCUMENT.container.findall(f"{EDM}FunctionImport")]

    known = ["FormatAddress", "GetValidManyToMany", "GetValidReferencedEntities", "GetValidReferencingEntities"]
    known += ["RetrieveAvailableLanguages", "RetrieveCurrentOrganization", "RetrieveDeprovisionedLanguages"]
    known += ["RetrieveInstalledLanguagePackVersion", "RetrieveInstalledLanguagePacks"]
    known += ["RetrieveProvisionedLanguagePackVersion", "RetrieveProvisionedLanguages"]
    known += ["RetrieveTimestamp", "RetrieveTotalRecordCount", "RetrieveVersion", "WhoAmI"]
    known += ["searchstatistics", "searchstatus"]
    on_rows = ["CalculateRollupField"]
    on_rows += ["InitializeFrom", "IsValidStateTransition", "RetrieveAttributeChangeHistory", "RetrieveDuplicates"]
    on_rows += ["RetrieveRecordChangeHistory", "RetrieveRolePrivilegesRole"]
    assert [*known, *on_rows, "RetrieveSharedPrincipalsAndAccess"] == imported


def test_rights_have_their_numbers() -> None:
    """Members of `AccessRights` can be combined. [FN-27], [M-7]"""
    rights = DOCUMENT.enum_types["AccessRights"]

    expected = {"None": 0, "ReadAccess": 1, "WriteAccess": 2, "AppendAccess": 4, "AppendToAccess": 16}
    expected |= {"CreateAccess": 32, "DeleteAccess": 65536, "ShareAccess": 262144, "AssignAccess": 524288}
    assert expected == {member.attrib["Name"]: int(member.attrib["Value"]) for member in rights}
    assert "true" == rights.attrib["IsFlags"]


@pytest.mark.parametrize(
    "start",
    [
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">',
        '<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Microsoft.Dynamics.CRM" Alias="mscrm">',
        '<EntityType Name="msdyn_sessionevent"',
        '<PropertyRef Name="msdyn_sessioneventid"',
        '<Property Name="_msdyn_omnichannelsession_value" Type="Edm.Guid"',
        '<Property Name="msevtmgt_timescheckedin" Type="Edm.Int32"',
        '<NavigationProperty Name="msdyn_ocsession_sessionevent_nested" Type="Collection(mscrm.msdyn_sessionevent)" ',
        '<NavigationProperty Name="msevtmgt_RegistrationID" Type="mscrm.msevtmgt_eventregistration" ',
        '<EntitySet Name="msdyn_sessionevents" EntityType="Microsoft.Dynamics.CRM.msdyn_sessionevent">',
        '<EntityContainer Name="System"',
    ],
)
def test_text_has_the_order_of_attributes_that_clients_match(start: str) -> None:
    """Some clients read the document with patterns, so attributes stand as those of the service do. [M-2] to [M-5]"""
    assert start in PLAIN.decode()


def test_annotations_are_there_when_asked_for_only() -> None:
    """Descriptions, permissions and change tracking; without them the document refers to nothing outside. [M-8]"""
    terms = Counter(found.attrib["Term"] for found in DOCUMENTS["annotated"].root.iter(f"{EDM}Annotation"))

    assert b"<Annotation" not in PLAIN
    assert b"edmx:Reference" not in PLAIN
    for term in ("Org.OData.Core.V1.Description", "Org.OData.Core.V1.Computed", "Org.OData.Core.V1.Permissions"):
        assert terms[term] > 100
    assert len(SCHEMA.tables) == terms["Org.OData.Capabilities.V1.ChangeTracking"]
