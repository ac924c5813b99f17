"""What the SDK reads about tables, columns and relationships before it does anything."""

from __future__ import annotations

import uuid

import pytest
import requests
from PowerPlatform.Dataverse.client import DataverseClient

from tests.clients.python_sdk.connection import TOKEN, Credential, Sdk


def test_the_client_asks_for_a_token_of_the_address(client: DataverseClient, sdk: Sdk, credential: Credential) -> None:
    """The scope is the address with `/.default`. [AU-13]"""
    client.tables.get("account")

    assert {f"{sdk.base_url}/.default"} == set(credential.scopes)


def test_who_am_i_answers_with_three_ids(sdk: Sdk) -> None:
    """User, business unit and organization, beside the client. [CC-32]"""
    answer = requests.get(f"{sdk.api}/WhoAmI", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)

    told = answer.json()
    assert 3 == len({uuid.UUID(told[name]) for name in ("UserId", "BusinessUnitId", "OrganizationId")})


@pytest.mark.parametrize(
    ("table", "described"),
    [
        ("account", ("Account", "accounts", "accountid", "name")),
        ("contact", ("Contact", "contacts", "contactid", "fullname")),
        ("msdyn_ocsession", ("msdyn_ocsession", "msdyn_ocsessions", "activityid", "subject")),
        (
            "msdyn_sessionevent",
            ("msdyn_sessionevent", "msdyn_sessionevents", "msdyn_sessioneventid", "msdyn_name"),
        ),
        ("msevtmgt_session", ("msevtmgt_Session", "msevtmgt_sessions", "msevtmgt_sessionid", "msevtmgt_name")),
        (
            "msevtmgt_sessionregistration",
            (
                "msevtmgt_SessionRegistration",
                "msevtmgt_sessionregistrations",
                "msevtmgt_sessionregistrationid",
                "msevtmgt_name",
            ),
        ),
    ],
)
def test_a_table_is_described(sdk: Sdk, table: str, described: tuple[str, str, str, str]) -> None:
    """Schema name, set name, key and name column of the tables that clients start with. [PS-1]"""
    info = sdk.client.tables.get(table)

    assert info is not None
    assert table == info.logical_name
    assert described == (
        info.schema_name,
        info.entity_set_name,
        info.primary_id_attribute,
        info.primary_name_attribute,
    )
    assert info.metadata_id == str(uuid.UUID(info.metadata_id))


def test_a_table_is_found_in_any_letter_case_and_an_unknown_one_is_none(sdk: Sdk) -> None:
    """The client lowers the name; an empty list is its "not there". [PS-1]"""
    found = sdk.client.tables.get("Account")

    assert found is not None
    assert "account" == found.logical_name
    assert sdk.client.tables.get(f"no_such_table_{sdk.mark}") is None


def test_tables_are_listed_by_a_filter_with_the_chosen_members(sdk: Sdk) -> None:
    """The client adds its own condition to the caller's. [PS-15]"""
    chosen = ["LogicalName", "SchemaName", "EntitySetName"]

    rows = sdk.client.tables.list(filter="LogicalName eq 'contact' or LogicalName eq 'account'", select=chosen)

    assert ["account", "contact"] == sorted(row["LogicalName"] for row in rows)
    assert all("EntitySetName" in row and "PrimaryIdAttribute" not in row for row in rows)
    assert len(sdk.client.tables.list(select=["LogicalName"])) > len(rows)


def test_columns_are_filtered_by_a_type_in_plain_text(sdk: Sdk) -> None:
    """Enumerations of definitions compare with plain texts. [CC-61]"""
    rows = sdk.client.tables.list_columns(
        "msdyn_sessionevent",
        select=["LogicalName", "SchemaName", "AttributeType"],
        filter="AttributeType eq 'Picklist'",
    )

    assert {"msdyn_eventtype", "msdyn_eventreason"} <= {row["LogicalName"] for row in rows}
    assert {"Picklist"} == {row["AttributeType"] for row in rows}


def test_the_columns_for_sql_begin_with_the_key(sdk: Sdk) -> None:
    """Key and name are marked, and virtual columns are left out. [PS-20]"""
    columns = sdk.client.query.sql_columns("contact")

    assert ("contactid", True) == (columns[0]["name"], columns[0]["is_pk"])
    assert ["fullname"] == [column["name"] for column in columns if column["is_name"]]
    assert "Virtual" not in {column["type"] for column in columns}


def test_a_column_is_described_with_its_type_and_a_missing_one_is_none(sdk: Sdk) -> None:
    """The answer names the derived type of the column. [CC-62]"""
    tables = sdk.client.tables

    found = tables.get_column(
        "msdyn_sessionevent", "msdyn_name", select=["LogicalName", "AttributeType", "IsPrimaryName"]
    )

    assert found is not None
    assert ("String", True) == (found["AttributeType"], found["IsPrimaryName"])
    assert str(found["@odata.type"]).endswith("StringAttributeMetadata")
    assert tables.get_column("msdyn_sessionevent", f"missing_{sdk.mark}") is None


def test_typed_columns_carry_what_belongs_to_their_type(sdk: Sdk) -> None:
    """Lengths, limits and formats come through one query of all definitions. [CC-68], [PS-20]"""
    column = sdk.client.tables.get_column("msdyn_sessionevent", "msdyn_name", typed=True)
    columns = sdk.client.tables.list_columns("msevtmgt_session", typed=True)

    by_name = {found["LogicalName"]: found for found in columns}
    assert column is not None
    assert 100 == column["MaxLength"]
    assert "MinValue" in by_name["msevtmgt_durationmins"]
    assert by_name["msevtmgt_starttime"]["Format"] in ("DateAndTime", "DateOnly")


def test_relationships_name_their_navigations(sdk: Sdk) -> None:
    """A lookup with several targets has a navigation for each. [CC-63]"""
    relationships = sdk.client.tables.list_table_relationships("contact")

    pairs = {(found.get("ReferencingAttribute"), found.get("ReferencedEntity")) for found in relationships}
    assert ("parentcustomerid", "account") in pairs
    assert "parentcustomerid_account" == sdk.navigation("contact", "account", "parentcustomerid")
