"""New relationships, their derived names, and what cannot be."""

from __future__ import annotations

import pytest

from tests.drafts import BUILTIN, lookup, relationship, with_box
from verselet.errors import DefinitionExists, InvalidArgument, NotFound, TableDefinitionNotFound
from verselet.metadata.changes.drafts import NewManyToMany
from verselet.metadata.changes.relationships import (
    add_lookup,
    add_many_to_many,
    remove_relationship,
    update_relationship,
)
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Cascades, Menu


def with_account() -> Schema:
    """A box that belongs to an account."""
    return add_lookup(with_box(), [relationship("new_Account_Box", "account")], lookup("new_AccountId"))


def test_a_relationship_brings_its_lookup() -> None:
    """The column points to the referenced table. [MW-8]"""
    column = with_account().tables["new_box"].columns["new_accountid"]

    assert isinstance(column, LookupColumn)
    assert ("new_AccountId", ("account",), True) == (column.schema_name, column.targets, column.made_here)


def test_navigation_names_follow_from_schema_names() -> None:
    """Of the lookup on the referencing side, of the relationship on the other; capitals are kept. [MW-8], [PS-23]"""
    schema = with_account()

    assert "new_AccountId" in schema.to_one["new_box"]
    assert "new_Account_Box" in schema.to_many["account"]


def test_a_lookup_to_several_tables_has_a_navigation_for_each() -> None:
    """Named after lookup and table. [MT-1], [MW-13]"""
    drafts = [relationship("new_box_account", "account"), relationship("new_box_contact", "contact")]
    schema = add_lookup(with_box(), drafts, lookup("new_PartyId"))

    assert {"new_PartyId_account", "new_PartyId_contact"} <= set(schema.to_one["new_box"])


def test_a_lookup_to_several_tables_can_get_another_one() -> None:
    """A relationship with the same lookup adds a target. [MT-1]"""
    drafts = [relationship("new_box_account", "account"), relationship("new_box_contact", "contact")]
    schema = add_lookup(with_box(), drafts, lookup("new_PartyId"))
    wider = add_lookup(schema, [relationship("new_box_user", "systemuser")], lookup("new_PartyId"))
    column = wider.tables["new_box"].columns["new_partyid"]

    assert isinstance(column, LookupColumn)
    assert ("account", "contact", "systemuser") == column.targets


@pytest.mark.parametrize("name", ["new_Account_Box", "NEW_account_box"])
def test_a_relationship_cannot_be_made_twice(name: str) -> None:
    """Whatever the capitals. [MW-14]"""
    with pytest.raises(DefinitionExists):
        add_lookup(with_account(), [relationship(name, "account")], lookup("new_OtherId"))


def test_a_lookup_to_one_table_is_not_made_twice() -> None:
    """The column is there already. [MW-14]"""
    with pytest.raises(DefinitionExists):
        add_lookup(with_account(), [relationship("new_other", "contact")], lookup("new_AccountId"))


def test_the_tables_of_a_relationship_must_be_there() -> None:
    """A table nobody made has no rows. [MW-8]"""
    with pytest.raises(TableDefinitionNotFound):
        add_lookup(with_box(), [relationship("new_x", "new_nothing")], lookup("new_XId"))


def test_many_to_many_brings_its_intersect_table() -> None:
    """With the ids of both sides; the navigations are called as the relationship. [MW-9]"""
    schema = add_many_to_many(
        with_box(), NewManyToMany(schema_name="new_Box_Contact", table1="new_box", table2="contact")
    )

    assert {"new_boxid", "contactid"} <= set(schema.tables["new_box_contact"].columns)
    assert "new_Box_Contact" in schema.across["new_box"]
    assert "new_Box_Contact" in schema.across["contact"]


def test_many_to_many_of_a_table_with_itself_has_two_columns() -> None:
    """They cannot share a name. [MW-9]"""
    schema = add_many_to_many(with_box(), NewManyToMany(schema_name="new_box_box", table1="new_box", table2="new_box"))

    assert {"new_boxidone", "new_boxidtwo"} <= set(schema.tables["new_box_box"].columns)
    assert {"new_box_box", "new_box_box_referenced"} <= set(schema.across["new_box"])


def test_a_removed_relationship_takes_its_lookup_along() -> None:
    """Rows no longer point. [MW-7]"""
    left = remove_relationship(with_account(), "new_Account_Box")

    assert "new_accountid" not in left.tables["new_box"].columns
    assert "new_Account_Box" not in left.to_many["account"]


def test_a_lookup_stays_while_it_leads_elsewhere() -> None:
    """Only one of its tables is lost. [MW-7]"""
    drafts = [relationship("new_box_account", "account"), relationship("new_box_contact", "contact")]
    schema = add_lookup(with_box(), drafts, lookup("new_PartyId"))
    column = remove_relationship(schema, "new_box_account").tables["new_box"].columns["new_partyid"]

    assert isinstance(column, LookupColumn)
    assert ("contact",) == column.targets


def test_a_removed_many_to_many_takes_its_intersect_table_along() -> None:
    """Nothing is connected any more. [MW-7]"""
    schema = add_many_to_many(with_box(), NewManyToMany(schema_name="new_bc", table1="new_box", table2="contact"))

    assert "new_bc" not in remove_relationship(schema, "new_bc").tables


def test_a_system_relationship_cannot_be_removed() -> None:
    """It came with a table. [MW-7]"""
    with pytest.raises(InvalidArgument):
        remove_relationship(BUILTIN, "contact_customer_accounts")


def test_a_relationship_nobody_made_cannot_be_removed() -> None:
    """404, as for reading it. [MD-16]"""
    with pytest.raises(NotFound):
        remove_relationship(BUILTIN, "new_nothing")


def test_what_a_relationship_cascades_can_change() -> None:
    """PUT sends the whole definition. [MW-5]"""
    changed = update_relationship(
        with_account(), "new_Account_Box", Cascades(delete="Restrict"), Menu(), hierarchical=False
    )

    assert "Restrict" == changed.to_many["account"]["new_Account_Box"].cascades.delete


def test_only_a_table_with_itself_is_a_hierarchy() -> None:
    """A row above a row of the same table. [MD-11]"""
    with pytest.raises(InvalidArgument):
        update_relationship(with_account(), "new_Account_Box", Cascades(), Menu(), hierarchical=True)
