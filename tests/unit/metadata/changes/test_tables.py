"""What a new table gets, and what cannot be made or deleted."""

from __future__ import annotations

import pytest

from tests.drafts import BUILTIN, PREFIX, lookup, new_table, relationship, text, with_box
from verselet.errors import (
    DefinitionExists,
    DefinitionInUse,
    InvalidArgument,
    NotSupportedHere,
    TableDefinitionNotFound,
)
from verselet.metadata.changes.drafts import NewColumn, NewManyToMany, TableFacts
from verselet.metadata.changes.relationships import add_lookup, add_many_to_many
from verselet.metadata.changes.tables import add_table, remove_table, update_table
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema


def targets(schema: Schema, table: str, column: str) -> tuple[str, ...]:
    """The tables a lookup leads to."""
    found = schema.tables[table].columns[column]
    assert isinstance(found, LookupColumn)
    return found.targets


def test_a_new_table_has_its_derived_names() -> None:
    """Logical name, set and primary key follow from the schema name. [MW-2]"""
    box = with_box().tables["new_box"]

    assert ("new_box", "new_Box", "new_boxes", "new_boxid", "new_name") == (
        box.name,
        box.schema_name,
        box.set_name,
        box.primary_id,
        box.primary_name,
    )


def test_a_new_table_has_the_columns_of_its_kind() -> None:
    """Who made and changed a row, its state, owner and version. [MW-2]"""
    columns = set(with_box().tables["new_box"].columns)
    expected = {"createdon", "modifiedby", "statecode", "statuscode", "versionnumber", "ownerid", "owningbusinessunit"}

    assert expected <= columns


def test_a_table_of_the_organization_has_no_owner() -> None:
    """Its rows belong to the organization. [MW-1]"""
    columns = with_box(ownership="organization").tables["new_box"].columns

    assert (False, True) == ("ownerid" in columns, "organizationid" in columns)


def test_a_new_table_has_the_relationships_of_its_standard_lookups() -> None:
    """`createdby`, `ownerid` and their like can be followed and expanded. [PS-23]"""
    found = with_box().to_one["new_box"]

    assert {"createdby", "modifiedby", "ownerid", "owninguser", "owningteam", "owningbusinessunit"} <= set(found)


def test_notes_hang_on_a_table_that_has_notes() -> None:
    """The lookup of notes leads to the new table too. [MW-1]"""
    with_notes, without = with_box(has_notes=True), with_box()

    assert (True, False) == (
        "new_box" in targets(with_notes, "annotation", "objectid"),
        "new_box" in targets(without, "annotation", "objectid"),
    )
    assert "new_box_Annotations" in with_notes.to_many["new_box"]


def test_activities_regard_a_table_that_has_activities() -> None:
    """Tasks, and activities in general. [MW-1]"""
    schema = with_box(has_activities=True)

    assert {"new_box_Tasks", "new_box_ActivityPointers"} <= set(schema.to_many["new_box"])


def test_an_activity_made_here_is_an_activity() -> None:
    """It has the columns of all activities and their id, and regards what they regard. [C-18]"""
    schema = add_table(BUILTIN, new_table("new_Visit", is_activity=True, primary_name="Subject", columns=()), PREFIX)
    visit = schema.tables["new_visit"]

    assert ("activityid", "subject", True) == (visit.primary_id, visit.primary_name, visit.is_activity)
    assert {"regardingobjectid", "scheduledend", "activitytypecode"} <= set(visit.columns)


def test_the_old_schema_stays_as_it_was() -> None:
    """A change makes a new value; the next generation tells caches apart. [architecture.md §2]"""
    schema = with_box(has_notes=True)

    assert "new_box" not in BUILTIN.tables
    assert "new_box" not in targets(BUILTIN, "annotation", "objectid")
    assert schema.generation > BUILTIN.generation


@pytest.mark.parametrize("name", ["new_Box", "NEW_BOX"])
def test_a_table_cannot_be_made_twice(name: str) -> None:
    """Whatever the capitals. [MW-14]"""
    with pytest.raises(DefinitionExists):
        add_table(with_box(), new_table(name), PREFIX)


def test_a_table_needs_a_column_that_names_its_rows() -> None:
    """The one with IsPrimaryName. [MW-1]"""
    with pytest.raises(InvalidArgument):
        add_table(BUILTIN, new_table(primary_name=""), PREFIX)


def test_a_table_needs_labels() -> None:
    """One for a row, one for many. [MW-1]"""
    with pytest.raises(InvalidArgument):
        add_table(BUILTIN, new_table(label_plural=""), PREFIX)


def test_further_columns_come_with_the_table() -> None:
    """Clients send all columns at once. [PS-14]"""
    name = NewColumn(text("new_Name"))
    schema = add_table(BUILTIN, new_table(columns=(NewColumn(text("new_Code")), name)), PREFIX)

    assert {"new_name", "new_code"} <= set(schema.tables["new_box"].columns)


def test_labels_and_switches_of_a_table_can_change() -> None:
    """What is not given stays. [MW-5]"""
    changed = update_table(with_box(), "new_box", TableFacts(label="Crate", change_tracking=False, has_notes=True))
    box = changed.tables["new_box"]

    assert ("Crate", "Boxes", False) == (box.label, box.label_plural, box.change_tracking)
    assert "new_box_Annotations" in changed.to_many["new_box"]


def test_notes_cannot_be_switched_off() -> None:
    """Rows may have some. [MW-5]"""
    with pytest.raises(InvalidArgument):
        update_table(with_box(has_notes=True), "new_box", TableFacts(has_notes=False))


def test_a_removed_table_leaves_nothing_behind() -> None:
    """Neither relationships nor targets of lookups nor intersect tables. [MW-7]"""
    schema = with_box(has_notes=True, has_activities=True)
    schema = add_lookup(schema, [relationship("new_account_box", "account")], lookup("new_AccountId"))
    schema = add_many_to_many(schema, NewManyToMany(schema_name="new_box_contact", table1="new_box", table2="contact"))
    left = remove_table(schema, "new_box")

    assert set(BUILTIN.tables) == set(left.tables)
    assert {found.schema_name for found in BUILTIN.relationships} == {found.schema_name for found in left.relationships}
    assert BUILTIN.many_to_many == left.many_to_many
    assert {name: table.columns for name, table in BUILTIN.tables.items()} == {
        name: table.columns for name, table in left.tables.items()
    }


def test_a_table_that_came_with_the_server_cannot_be_removed() -> None:
    """System tables stay. [MW-7]"""
    with pytest.raises(InvalidArgument):
        remove_table(BUILTIN, "account")


def test_a_table_that_others_refer_to_cannot_be_removed() -> None:
    """A column somebody made elsewhere leads to it. [MW-7]"""
    schema = add_lookup(with_box(), [relationship("new_box_contact", "new_box", "contact")], lookup("new_BoxId"))

    with pytest.raises(DefinitionInUse):
        remove_table(schema, "new_box")


def test_a_table_nobody_made_cannot_be_removed() -> None:
    """404, as for reading it. [MD-16]"""
    with pytest.raises(TableDefinitionNotFound):
        remove_table(BUILTIN, "new_nothing")


def test_a_table_of_another_ownership_is_refused_by_name() -> None:
    """Only what the server does is made. [invariant 15]"""
    with pytest.raises(NotSupportedHere):
        add_table(BUILTIN, new_table(ownership="business"), PREFIX)
