"""What a table gets from its kind."""

from __future__ import annotations

import pytest

from verselet.metadata.children import GROUPS, child_relationship, children_of_kind
from verselet.metadata.columns import LookupColumn
from verselet.metadata.compiled import load_schema
from verselet.metadata.system import Kind, cascades_of, events_of, messages_of, navigation_name, standard_columns
from verselet.metadata.tables import Cascades, Ownership

SCHEMA = load_schema()

TRACKED = {"createdby", "createdon", "createdonbehalfby", "modifiedby", "modifiedon", "modifiedonbehalfby"}
BROUGHT = {"importsequencenumber", "overriddencreatedon", "timezoneruleversionnumber", "utcconversiontimezonecode"}
OWNED = {
    "ownerid",
    "owneridname",
    "owneridtype",
    "owneridyominame",
    "owningbusinessunit",
    "owningteam",
    "owninguser",
}
STATE = {"statecode", "statuscode"}
ALWAYS = {"new_bookid", "versionnumber"}


def kind(
    ownership: Ownership = "user", *, custom: bool = True, activity: bool = False, intersect: bool = False
) -> Kind:
    """A kind of table called `new_book`."""
    return Kind(
        name="new_book",
        schema_name="new_Book",
        label="Book",
        ownership=ownership,
        primary_id="activityid" if activity else "new_bookid",
        is_activity=activity,
        is_intersect=intersect,
        custom=custom,
    )


@pytest.mark.parametrize(
    ("ownership", "expected"),
    [
        ("user", ALWAYS | TRACKED | BROUGHT | OWNED | STATE),
        ("organization", ALWAYS | TRACKED | BROUGHT | STATE | {"organizationid"}),
        ("business", ALWAYS | TRACKED | BROUGHT | {"organizationid"}),
        ("none", ALWAYS),
    ],
)
def test_the_standard_columns_follow_from_the_ownership(ownership: Ownership, expected: set[str]) -> None:
    """Owner columns only where rows have owners, the organization only where they have none."""
    assert expected == set(standard_columns(kind(ownership)))


def test_an_intersect_table_has_only_its_key_and_its_version() -> None:
    """Its two ids come from the pair. [MD-12]"""
    assert ALWAYS == set(standard_columns(kind("none", intersect=True)))


def test_every_standard_column_is_described() -> None:
    """In our own words."""
    assert [] == [column.name for column in standard_columns(kind()).values() if not column.description]


def test_the_companions_of_the_owner_belong_to_the_owner() -> None:
    """They exist in metadata only. [T-20]"""
    columns = standard_columns(kind())

    assert {"owneridname", "owneridtype", "owneridyominame"} == {
        name for name, column in columns.items() if column.attribute_of == "ownerid"
    }


def test_labels_can_be_in_sentence_case() -> None:
    """Only the first word and abbreviations keep their capitals."""
    plain = kind()
    columns = standard_columns(
        Kind(
            name=plain.name,
            schema_name=plain.schema_name,
            label="Book",
            ownership="user",
            primary_id=plain.primary_id,
            sentence_case=True,
        )
    )

    assert ("Created by (delegate)", "UTC conversion time zone code") == (
        columns["createdonbehalfby"].label,
        columns["utcconversiontimezonecode"].label,
    )


def lookup(name: str, schema_name: str, *, custom: bool) -> LookupColumn:
    """A lookup, as far as its names matter."""
    return LookupColumn(name=name, schema_name=schema_name, custom=custom)


@pytest.mark.parametrize(
    ("column", "activity", "alone", "expected"),
    [
        (lookup("new_shelf", "new_Shelf", custom=True), False, True, "new_Shelf"),
        (lookup("createdby", "CreatedBy", custom=False), False, True, "createdby"),
        (lookup("customerid", "CustomerId", custom=False), False, False, "customerid_account"),
        (lookup("createdby", "CreatedBy", custom=False), True, True, "createdby_new_book"),
        (
            lookup("regardingobjectid", "RegardingObjectId", custom=False),
            True,
            False,
            "regardingobjectid_account_new_book",
        ),
    ],
)
def test_a_navigation_name_follows_from_column_and_kind(
    column: LookupColumn, activity: bool, alone: bool, expected: str
) -> None:
    """The schema name of a custom lookup, the name of a standard one; activities add their own name. [C-11], [MW-8]"""
    assert expected == navigation_name(kind(activity=activity), column, "account", alone=alone)


def test_a_business_unit_cannot_be_deleted_or_archived_under_its_rows() -> None:
    """What belongs to whom cascades nothing; a custom lookup is emptied."""
    assert Cascades(delete="Restrict", archive="Restrict") == cascades_of("owningbusinessunit")
    assert Cascades(delete="NoCascade") == cascades_of("createdby")
    assert Cascades(delete="RemoveLink") == cascades_of("new_shelf")


def test_messages_follow_from_ownership_and_state() -> None:
    """Nobody assigns what has no owner, and what has no state cannot change it."""
    assert {"Assign", "GrantAccess", "SetState"} <= set(messages_of(kind(), has_state=True))
    assert not {"Assign", "GrantAccess", "SetState"} & set(messages_of(kind("organization"), has_state=False))
    assert ("Associate", "Disassociate", "Retrieve", "RetrieveMultiple") == messages_of(
        kind("none", intersect=True), has_state=False
    )
    assert () == events_of(kind("organization"))


def test_a_custom_table_has_the_eight_automatic_children() -> None:
    """Jobs, failures, duplicates, folders, shares of columns, processes, errors."""
    words = [child.word for word in children_of_kind(kind()) for child in GROUPS[word]]

    assert [
        "AsyncOperations",
        "BulkDeleteFailures",
        "DuplicateBaseRecord",
        "DuplicateMatchingRecord",
        "MailboxTrackingFolders",
        "PrincipalObjectAttributeAccesses",
        "ProcessSession",
        "SyncErrors",
    ] == words
    assert () == children_of_kind(kind(custom=False))


def test_an_activity_has_parties_besides() -> None:
    """Custom or not. [C-19]"""
    assert ("activity_parties", "housekeeping") == children_of_kind(kind(activity=True))
    assert ("activity_parties",) == children_of_kind(kind(activity=True, custom=False))


def test_a_child_names_its_relationship_after_both_tables() -> None:
    """A concrete activity adds its own name, because the plain one is inherited."""
    (job,), (task,) = GROUPS["AsyncOperations"], GROUPS["Tasks"]
    of_job, of_task = child_relationship(job, kind()), child_relationship(task, kind())

    assert ("new_book_AsyncOperations", "regardingobjectid_new_book") == (
        of_job.schema_name,
        of_job.referencing_navigation,
    )
    assert ("new_book_Tasks", "regardingobjectid_new_book_task") == (
        of_task.schema_name,
        of_task.referencing_navigation,
    )
    assert "new_Book_Tasks" == child_relationship(task, kind(custom=False)).schema_name


def test_every_concrete_activity_has_parties() -> None:
    """Their collection is called after the activity. [C-19]"""
    activities = [t.name for t in SCHEMA.tables.values() if t.is_activity and t.name != "activitypointer"]

    assert [] == [name for name in activities if f"{name}_activity_parties" not in SCHEMA.to_many[name]]


def test_an_activity_has_the_columns_of_all_activities() -> None:
    """Unless its file says it has not; its lists carry its own name. [C-18]"""
    session, pointer = SCHEMA.tables["msdyn_ocsession"].columns, SCHEMA.tables["activitypointer"].columns

    assert {
        "allparties", "descriptionblobid", "descriptionblobid_name", "formattedscheduledend", "formattedscheduledstart"
    } == set(pointer) - set(session)  # fmt: skip
    assert "msdyn_ocsession_prioritycode" == getattr(session["prioritycode"], "choice_name", None)


def test_an_activity_has_the_navigations_of_all_activities_beside_its_own() -> None:
    """Only for columns it has; the relationship then starts at the activity. [M-4]"""
    own, inherited = SCHEMA.to_one["task"]["createdby_task"], SCHEMA.to_one["task"]["createdby"]

    assert ("task", "createdby", "lk_activitypointer_createdby") == (
        inherited.referencing_table,
        inherited.referencing_column,
        inherited.schema_name,
    )
    assert "lk_task_createdby" == own.schema_name
    assert {"createdby", "createdby_task"} == {
        name for name, found in SCHEMA.to_one["task"].items() if found.referencing_column == "createdby"
    }
    assert inherited not in SCHEMA.relationships
