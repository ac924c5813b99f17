"""Look-ups by every name a request can use."""

from __future__ import annotations

import pytest

from verselet.errors import ResourceNotFound, UnknownColumn
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema

SCHEMA = load_schema()
CONTACT = SCHEMA.tables["contact"]


def test_a_table_is_found_by_its_set() -> None:
    """Intersect tables have sets too, also those made for a pair."""
    names = {"contacts": "contact", "systemuserrolescollection": "systemuserroles", "audits": "audit"}
    made = {"msevtmgt_session_msevtmgt_speakerset": "msevtmgt_session_msevtmgt_speaker"}

    assert {**names, **made} == {name: SCHEMA.table_of_set(name).name for name in (*names, *made)}


def test_an_unknown_set_is_refused_with_the_nearest_one() -> None:
    """Set names are exact in letter case. [U-8], [CS-1]"""
    with pytest.raises(ResourceNotFound) as refusal:
        SCHEMA.table_of_set("Contacts")

    assert ("Resource not found for the segment 'Contacts'.", "Did you mean 'contacts'?") == (
        refusal.value.message,
        refusal.value.hint,
    )


def test_a_column_is_found_by_its_logical_name() -> None:
    """As it is written in FetchXML and in definitions."""
    assert ("contactid", "parentcustomerid") == (
        SCHEMA.column(CONTACT, "contactid").name,
        SCHEMA.column(SCHEMA.table("contact"), "parentcustomerid").name,
    )


@pytest.mark.parametrize("name", ["FirstName", "nickname2", ""])
def test_an_unknown_column_is_refused(name: str) -> None:
    """Also one that is only spelt with other capitals. [E-6]"""
    with pytest.raises(UnknownColumn):
        SCHEMA.column(CONTACT, name)


def test_a_property_of_the_wire_is_a_column_or_the_value_of_a_lookup() -> None:
    """`name`, or `_name_value` for lookups. [Q-3]"""
    assert ("firstname", "parentcustomerid") == (
        SCHEMA.property_column(CONTACT, "firstname").name,
        SCHEMA.property_column(CONTACT, "_parentcustomerid_value").name,
    )


@pytest.mark.parametrize("name", ["parentcustomerid", "_firstname_value", "_nobody_value", "nobody"])
def test_what_is_no_property_of_the_wire_is_refused(name: str) -> None:
    """A lookup's bare name is none, and only lookups have values. [E-6]"""
    with pytest.raises(UnknownColumn):
        SCHEMA.property_column(CONTACT, name)


def test_a_lookup_of_several_tables_is_polymorphic() -> None:
    """The row must say which table it means. [MT-1]"""
    found = {
        name: getattr(CONTACT.columns[name], "is_polymorphic", None)
        for name in ("parentcustomerid", "ownerid", "createdby")
    }

    assert {"parentcustomerid": True, "ownerid": True, "createdby": False} == found


@pytest.mark.parametrize(
    ("table", "navigation", "to", "collection"),
    [
        ("contact", "parentcustomerid_account", "account", "contact_customer_accounts"),
        ("account", "primarycontactid", "contact", "account_primary_contact"),
        ("account", "parentaccountid", "account", "account_parent_account"),
        ("task", "regardingobjectid_account_task", "account", "Account_Tasks"),
        ("task", "regardingobjectid_contact_task", "contact", "Contact_Tasks"),
        ("annotation", "objectid_account", "account", "Account_Annotation"),
        ("contact", "ownerid", "owner", "owner_contacts"),
    ],
)
def test_what_clients_follow_is_there(table: str, navigation: str, to: str, collection: str) -> None:
    """From one row to another, and back to the many. [CS-1], [C-11]"""
    found = SCHEMA.to_one[table][navigation]

    assert (to, collection) == (found.referenced_table, found.referenced_navigation)
    assert found == SCHEMA.to_many[to][collection]


@pytest.mark.parametrize(
    ("one", "other", "navigation"),
    [
        ("systemuser", "role", "systemuserroles_association"),
        ("team", "systemuser", "teammembership_association"),
    ],
)
def test_what_clients_associate_is_there(one: str, other: str, navigation: str) -> None:
    """Many-to-many, found from both sides. [MD-12]"""
    assert SCHEMA.across[one][navigation] == SCHEMA.across[other][navigation]


def test_the_relationships_of_a_lookup_are_found_by_its_column() -> None:
    """One for each table it can lead to."""
    found = SCHEMA.by_column["contact", "parentcustomerid"]

    assert {"account", "contact"} == {relationship.referenced_table for relationship in found}


def test_a_table_can_be_a_key() -> None:
    """Others remember what they compiled for it."""
    assert "compiled" == {CONTACT: "compiled"}[CONTACT]


def test_a_part_of_a_schema_has_the_navigations_of_its_tables() -> None:
    """What starts or ends elsewhere is not reached from a table that is not there."""
    part = Schema(tables={"contact": CONTACT}, relationships=SCHEMA.relationships, many_to_many=(), choices={})

    assert ["contact"] == list(part.to_one) == list(part.to_many)
    assert SCHEMA.to_one["contact"] == part.to_one["contact"]
