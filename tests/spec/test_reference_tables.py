"""Every fact of the reference files against the schema that the built-in solutions make.

A fact the files leave out says nothing. What the product states differently stands in the exceptions, with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.places import SHARED
from verselet.metadata.columns import (
    ChoiceColumn,
    ChoicesColumn,
    Column,
    LookupColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    VirtualColumn,
)
from verselet.metadata.companions import companions
from verselet.metadata.compiled import builtin_solution_dirs, load_schema
from verselet.metadata.files import read_solution
from verselet.metadata.tables import Cascades, Relationship

Facts = dict[str, Any]

FACTS: dict[str, Facts] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((SHARED / "reference" / "tables").glob("[!_]*.json"))
}
SCHEMA = load_schema()

TABLE_EXCEPTIONS = {
    ("activityparty", "primary_name"): "names a virtual column that the file does not list",
}
COLUMN_EXCEPTIONS = {
    ("fieldpermission", "organizationid", "targets"): "an empty list; the column can only lead to the organization",
    ("mailboxtrackingfolder", "owninguser", "targets"): "an empty list; the column can only lead to users",
    ("userquery", "parentqueryid", "targets"): "an empty list; the column leads to views of the same kind",
    ("sdkmessageprocessingstep", "plugintypeid", "targets"): "names the message filter, which has a column of its own",
    (
        "deleteditemreference",
        "deletedobject",
        "targets",
    ): "lists one table; every table that can have a bin points here",
    ("adx_alertsubscription", "regardingobjectid", "targets"): "lists one table; four other files point to it as well",
    ("systemuser", "azureactivedirectoryobjectid", "valid_for_create"): "no directory fills it here, so callers do",
    ("systemuser", "azureactivedirectoryobjectid", "valid_for_update"): "no directory fills it here, so callers do",
    ("msdyn_approval", "activityid", "type"): "a lookup in the source; the key of every activity is an identifier",
}
RELATIONSHIP_EXCEPTIONS = {
    (
        "sdkmessageprocessingstep",
        "plugintypeid",
        "sdkmessagefilter",
    ): "a second owner of one navigation; see its targets",
    (
        "deleteditemreference",
        "deletedobject",
        "recyclebinconfig",
    ): "one of many targets, so the navigation carries the name of its table",
}

TYPES = {
    "String": "text",
    "Memo": "memo",
    "Integer": "integer",
    "BigInt": "bigint",
    "Decimal": "decimal",
    "Double": "float",
    "Money": "money",
    "DateTime": "datetime",
    "Boolean": "yesno",
    "Picklist": "choice",
    "MultiSelectPicklist": "choices",
    "State": "state",
    "Status": "status",
    "Lookup": "lookup",
    "Customer": "lookup",
    "Owner": "lookup",
    "Uniqueidentifier": "id",
    "PartyList": "party_list",
    "EntityName": "table_name",
    "Image": "image",
    "File": "file",
    "ManagedProperty": "managed_property",
}
REQUIRED = {
    "None": "none",
    "Recommended": "recommended",
    "ApplicationRequired": "application",
    "SystemRequired": "system",
}
BEHAVIOR = {"UserLocal": "user_local", "DateOnly": "date_only", "TimeZoneIndependent": "time_zone_independent"}
OWNERSHIP = {"UserOwned": "user", "BusinessOwned": "business", "OrganizationOwned": "organization", "None": "none"}

TABLE_FACTS = {
    "schema_name": "schema_name",
    "display_name": "label",
    "display_collection_name": "label_plural",
    "collection_schema_name": "collection_schema_name",
    "logical_collection_name": "logical_collection_name",
    "entity_set_name": "set_name",
    "table_type": "table_type",
    "primary_id": "primary_id",
    "primary_name": "primary_name",
    "primary_image": "primary_image",
    "object_type_code": "object_type_code",
    "is_activity": "is_activity",
    "is_intersect": "is_intersect",
}
"""Fact of a table → where the schema says it."""

COLUMN_FACTS: dict[str, Callable[[Column], object]] = {
    "schema_name": lambda column: column.schema_name,
    "display_name": lambda column: column.label,
    "source_type": lambda column: column.source_type.title(),
    "deprecated_since": lambda column: column.deprecated_since,
    "max_length": lambda column: getattr(column, "max_length", None),
    "precision": lambda column: getattr(column, "precision", None),
    "format": lambda column: "Text" if isinstance(column, VirtualColumn) else getattr(column, "format", None),
    "format_name": lambda column: "Text" if isinstance(column, VirtualColumn) else getattr(column, "format", None),
    "ime_mode": lambda column: "Auto" if isinstance(column, VirtualColumn) else getattr(column, "ime_mode", None),
    "is_localizable": lambda column: getattr(column, "localizable", False),
    "can_change_datetime_behavior": lambda column: getattr(column, "can_change_behavior", None),
    "source_type_mask": lambda column: getattr(column, "source_type_mask", None),
    "true_label": lambda column: getattr(column, "true_label", None),
    "false_label": lambda column: getattr(column, "false_label", None),
    "targets_total": lambda column: getattr(column, "targets_total", None),
    "global_choice_name": lambda column: getattr(column, "choice_name", None),
}
"""Fact of a column that is said the same way → where the schema says it. The rest has functions below."""


def columns() -> Iterator[tuple[str, Facts]]:
    """Every column of every file."""
    for name, table in FACTS.items():
        yield from ((name, column) for column in table["columns"])


def relationships() -> Iterator[tuple[str, Facts]]:
    """Every many-to-one relationship whose ends both have a file."""
    for name, table in FACTS.items():
        for row in table.get("many_to_one", []):
            if row["referenced_entity"] in FACTS:
                yield name, row


def expected_column_facts(fact: Facts) -> Facts:
    """The facts of one column in the form in which `found_column_facts` says them."""
    found = {key: fact[key] for key in COLUMN_FACTS if key in fact}
    found |= {f"valid_for_{key}": value for key, value in fact.get("valid_for", {}).items()}
    kind = "virtual" if fact["logical_name"] in ("owneridname", "owneridyominame") else TYPES[fact["type"]]
    found["type"] = kind
    if kind in ("integer", "decimal", "float", "money"):
        found |= {key: fact[key] for key in ("min", "max") if key in fact}
    if "required_level" in fact:
        found["required"] = REQUIRED[fact["required_level"]]
    if "datetime_behavior" in fact:
        found["behavior"] = BEHAVIOR[fact["datetime_behavior"]]
    if "targets" in fact:
        found["targets"] = sorted(fact["targets"])
    if "options" in fact:
        found["options"] = [expected_option(option) for option in fact["options"]]
    if "default" in fact and fact["default"] != -1:
        found["default"] = fact["default"]
    if fact.get("default") == -1 and kind == "choice":
        found["default"] = None
    return found


def expected_option(option: Facts) -> Facts:
    """An option without what is not known of it."""
    return {key: value for key, value in option.items() if value is not None}


def found_column_facts(column: Column, expected: Facts) -> Facts:
    """What the schema says of the facts that are asked for."""
    found: Facts = {key: COLUMN_FACTS[key](column) for key in expected if key in COLUMN_FACTS}
    found |= {
        f"valid_for_{key}": value
        for key, value in (
            ("create", column.create),
            ("update", column.update),
            ("read", column.read),
            ("form", column.form),
        )
    }
    found |= {"type": column.__struct_config__.tag, "required": column.required}
    found |= {key: getattr(column, key, None) for key in ("behavior", "default", "min", "max")}
    if isinstance(column, LookupColumn | PartyListColumn):
        found["targets"] = sorted((*column.targets, *column.external_targets))
    if isinstance(column, ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn):
        found["options"] = found_options(column, expected)
    return {key: value for key, value in found.items() if key in expected}


def found_options(column: ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn, expected: Facts) -> list[Facts]:
    """The options, each with the facts that are known of the option at its place."""
    options = [msgspec.to_builtins(option) for option in column.options]
    known = expected.get("options", [])
    if len(known) != len(options):
        return options
    return [{key: option.get(key) for key in asked} for option, asked in zip(options, known, strict=True)]


def relationship_of(table: str, row: Facts) -> Relationship:
    """The relationship that leads from that column to that table."""
    column = (table, row["referencing_attribute"])
    return next(found for found in SCHEMA.by_column[column] if found.referenced_table == row["referenced_entity"])


def found_relationship_facts(relationship: Relationship) -> Facts:
    """A relationship with the names of the files."""
    return {
        "schema_name": relationship.schema_name,
        "navigation_property": relationship.referencing_navigation,
        "referenced_attribute": relationship.referenced_column,
        "referenced_navigation_property": relationship.referenced_navigation,
        "cascade": relationship.cascades,
    }


def expected_relationship_facts(row: Facts) -> Facts:
    """The facts of one relationship, as far as they are known."""
    keys = ("schema_name", "navigation_property", "referenced_attribute", "referenced_navigation_property")
    found = {key: row[key] for key in keys if key in row}
    return found | ({"cascade": Cascades(**row["cascade"])} if "cascade" in row else {})


def test_all_files_are_read() -> None:
    """103 tables; what is compared below is all of them."""
    assert (103, 4836) == (len(FACTS), len(list(columns())))


@pytest.mark.parametrize("name", FACTS)
def test_a_table_is_as_its_file_says(name: str) -> None:
    """Names, labels, primary columns, kind and ownership."""
    fact, table = FACTS[name], SCHEMA.tables[name]
    known = {key: fact[key] for key in TABLE_FACTS if key in fact and (name, key) not in TABLE_EXCEPTIONS}

    assert known == {key: getattr(table, TABLE_FACTS[key]) for key in known}
    assert OWNERSHIP[fact.get("ownership", "None")] == table.ownership


@pytest.mark.parametrize("name", FACTS)
def test_the_columns_of_a_table_are_as_its_file_says(name: str) -> None:
    """Every fact of every column: type, label, validity, limits, options, default, targets."""
    expected: dict[str, Facts] = {}
    found: dict[str, Facts] = {}
    for fact in FACTS[name]["columns"]:
        column = fact["logical_name"]
        known = expected_column_facts(fact)
        asked = {key: value for key, value in known.items() if (name, column, key) not in COLUMN_EXCEPTIONS}
        expected[column] = asked
        found[column] = found_column_facts(SCHEMA.tables[name].columns[column], asked)

    assert expected == found


TOLD_ELSEWHERE = {"audit": {"objecttypecode"}}
"""Columns that a rule names and the files leave out. [JOB-41]"""

COMPANIONS = {"owneridname", "owneridtype", "owneridyominame"}
"""Virtual columns that the files list only sometimes, and every table with owners has. [T-20]"""


@pytest.mark.parametrize("name", FACTS)
def test_a_table_has_no_columns_but_those_of_its_file(name: str) -> None:
    """Nothing is made up; only companions of the owner, of files and of images are added. [FL-4], [IM-3]"""
    listed = {column["logical_name"] for column in FACTS[name]["columns"]} | TOLD_ELSEWHERE.get(name, set())
    columns = SCHEMA.tables[name].columns.values()
    brought = {companion.name for column in columns for companion in companions(column)}

    assert set(SCHEMA.tables[name].columns) - listed <= COMPANIONS | brought


@pytest.mark.parametrize("name", FACTS)
def test_the_columns_of_a_table_stand_in_the_order_of_their_schema_names(name: str) -> None:
    """Regardless of letter case."""
    found = [column.schema_name.lower() for column in SCHEMA.tables[name].columns.values()]

    assert sorted(found) == found


@pytest.mark.parametrize("name", [name for name in FACTS if FACTS[name].get("many_to_one")])
def test_the_relationships_of_a_table_are_as_its_file_says(name: str) -> None:
    """Schema name, both navigation names with their letter case, the referenced key, all cascades. [MD-11], [CS-1]"""
    rows = [row for table, row in relationships() if table == name]
    asked = [
        r for r in rows if (name, r["referencing_attribute"], r["referenced_entity"]) not in RELATIONSHIP_EXCEPTIONS
    ]
    expected = [expected_relationship_facts(row) for row in asked]
    found = [found_relationship_facts(relationship_of(name, row)) for row in asked]

    assert expected == [{key: facts[key] for key in known} for facts, known in zip(found, expected, strict=True)]


@pytest.mark.parametrize("name", [name for name in FACTS if FACTS[name].get("one_to_many")])
def test_the_collections_of_a_table_are_as_its_file_says(name: str) -> None:
    """The same relationships told from the other side, and those that only this side tells."""
    rows = [row for row in FACTS[name]["one_to_many"] if row["referencing_entity"] in FACTS]
    found = SCHEMA.to_many[name]

    assert [
        (
            row["schema_name"],
            row["referencing_entity"],
            row["referencing_attribute"],
            row["referencing_navigation_property"],
        )
        for row in rows
    ] == [
        (
            found[row["navigation_property"]].schema_name,
            found[row["navigation_property"]].referencing_table,
            found[row["navigation_property"]].referencing_column,
            found[row["navigation_property"]].referencing_navigation,
        )
        for row in rows
    ]
    cascades = [(row["schema_name"], Cascades(**row["cascade"])) for row in rows if "cascade" in row]
    assert cascades == [
        (row["schema_name"], found[row["navigation_property"]].cascades) for row in rows if "cascade" in row
    ]


@pytest.mark.parametrize("name", [name for name in FACTS if FACTS[name].get("many_to_many")])
def test_the_pairs_of_a_table_are_as_its_file_says(name: str) -> None:
    """Both ends, both columns and the navigation names of many-to-many relationships. [MD-12]"""
    for row in FACTS[name]["many_to_many"]:
        pair = SCHEMA.across[name][row["navigation_property"]]
        ends = {
            (pair.table1, pair.column1, pair.navigation1, pair.table2, pair.column2),
            (pair.table2, pair.column2, pair.navigation2, pair.table1, pair.column1),
        }
        end = (
            name,
            row["intersect_attribute"],
            row["navigation_property"],
            row["other_entity"],
            row["other_intersect_attribute"],
        )

        assert (row["schema_name"], row["intersect_entity"]) == (pair.schema_name, pair.intersect_table)
        assert end in ends


@pytest.mark.parametrize("name", [name for name in FACTS if "messages" in FACTS[name]])
def test_the_messages_of_a_table_are_as_its_file_says(name: str) -> None:
    """Messages and events by name."""
    table = SCHEMA.tables[name]

    assert [message["name"] for message in FACTS[name]["messages"]] == list(table.messages)
    assert [event["name"] for event in FACTS[name]["events"]] == list(table.events)


WITHOUT_RELATIONSHIP = {
    ("audit", "objectid"): "leads to a row of any table",
    ("audit", "regardingobjectid"): "leads to a row of any table",
    ("msdyn_approval", "msdyn_characteristic"): "its target is not known",
}


def test_every_lookup_has_a_relationship() -> None:
    """Except those that lead only to tables no solution has, and a few with a reason."""
    lookups = [
        (table.name, column.name)
        for table in SCHEMA.tables.values()
        for column in table.columns.values()
        if isinstance(column, LookupColumn) and not column.external_targets
    ]

    assert [] == [key for key in lookups if key not in SCHEMA.by_column and key not in WITHOUT_RELATIONSHIP]


def test_what_is_left_out_is_counted() -> None:
    """Per table: relationships whose other end no built-in solution has, and names without details."""
    counted: dict[str, int] = {}
    for folder in builtin_solution_dirs():
        counted |= read_solution(folder).solution.left_out
    expected = {}
    for name, table in FACTS.items():
        ends = [row["referenced_entity"] for row in table.get("many_to_one", [])]
        ends += [row["referencing_entity"] for row in table.get("one_to_many", [])]
        left_out = [end for end in ends if end not in FACTS]
        expected[name] = len(left_out) + len(table.get("one_to_many_other_names", []))

    assert {name: number for name, number in expected.items() if number} == counted


def test_each_exception_is_needed() -> None:
    """An exception that is no exception any more has to go."""
    stale = [
        key
        for key in COLUMN_EXCEPTIONS
        for fact in FACTS[key[0]]["columns"]
        if fact["logical_name"] == key[1]
        and found_column_facts(SCHEMA.tables[key[0]].columns[key[1]], {key[2]: None})[key[2]]
        == expected_column_facts(fact)[key[2]]
    ]

    assert [] == stale
