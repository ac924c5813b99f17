"""Tables, columns, keys, relationships and files that a program makes, through the SDK's synchronous client."""

from __future__ import annotations

import enum
import os
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
from PowerPlatform.Dataverse.models.labels import Label, LocalizedLabel
from PowerPlatform.Dataverse.models.relationship import (
    CascadeConfiguration,
    LookupAttributeMetadata,
    ManyToManyRelationshipMetadata,
    OneToManyRelationshipMetadata,
)
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from tests.clients.python_sdk.connection import FORMATTED, PREFIX, TOKEN, Sdk

KEY_LIMIT_S = 60


class Colour(enum.IntEnum):
    """A choice; its labels differ from its names."""

    RED = 1
    GREEN = 2


Colour.__labels__ = {1033: {"RED": "Rot red", "GREEN": "Leaf green"}}  # type: ignore[attr-defined]  # read by the SDK

EVERY_KIND: dict[str, Any] = {
    "Code": "string",
    "Notes": "memo",
    "Count": "int",
    "Price": "decimal",
    "Weight": "float",
    "Due": "datetime",
    "Active": "bool",
    "Colour": Colour,
    "Doc": "file",
    "Rank": {"type": "int", "min_value": 1, "max_value": 9, "display_name": "Rank order"},
}


def test_a_table_is_made_with_columns_of_every_type(sdk: Sdk) -> None:
    """The columns asked for, their limits and labels, and the system's own columns. [PS-14]"""
    with sdk.made_table(EVERY_KIND) as table:
        columns = {
            column["LogicalName"]: column for column in sdk.client.tables.list_columns(table.schema_name, typed=True)
        }

    kinds = {
        "code": "String", "notes": "Memo", "count": "Integer", "price": "Decimal", "weight": "Double",
        "due": "DateTime", "active": "Boolean", "colour": "Picklist",
    }  # fmt: skip
    assert kinds == {name: columns[f"{PREFIX}_{name}"]["AttributeType"] for name in kinds}
    rank = columns[f"{PREFIX}_rank"]
    assert (1, 9) == (rank["MinValue"], rank["MaxValue"])
    assert "Rank order" == rank["DisplayName"]["UserLocalizedLabel"]["Label"]
    system = {"createdon", "modifiedon", "ownerid", "statecode", "statuscode", "versionnumber"}
    assert set() == system - columns.keys()
    assert (f"{table.logical_name}id", f"{PREFIX}_name") == (table.primary_id_attribute, table.primary_name_attribute)


def test_a_table_is_made_once(sdk: Sdk) -> None:
    """The client looks first. [PS-14]"""
    with sdk.made_table({}) as table, pytest.raises(MetadataError) as refused:
        sdk.client.tables.create(table.schema_name, {})

    assert "metadata_table_already_exists" == refused.value.subcode


def test_a_deleted_table_is_gone(sdk: Sdk) -> None:
    """At once. [PS-16], [CC-66]"""
    with sdk.made_table({}) as table:
        pass

    assert sdk.client.tables.get(table.schema_name) is None


def test_rows_of_a_made_table_keep_values_of_every_type(sdk: Sdk) -> None:
    """At once after the table was made. [CC-66], [PS-2]"""
    given = {
        "Name": "first", "Code": "c-1", "Notes": "line1\nline2", "Count": -3, "Price": 12.34, "Weight": 0.12345,
        "Due": "2031-02-03T00:00:00Z", "Active": True, "Colour": "leaf GREEN",
    }  # fmt: skip
    with sdk.made_table(EVERY_KIND) as table:
        made = sdk.client.records.create(
            table.schema_name, {f"{PREFIX}_{name}": value for name, value in given.items()}
        )
        row = sdk.client.records.retrieve(table.schema_name, made, include_annotations="*")

    assert row is not None
    wanted = {name.lower(): value for name, value in given.items()} | {"colour": 2}
    assert wanted == {name: row[f"{PREFIX}_{name}"] for name in wanted}
    assert "Leaf green" == row[f"{PREFIX}_colour@{FORMATTED}"]
    assert 0 == row["statecode"]


@pytest.mark.parametrize("values", [{"Rank": 10}, {"Code": "x" * 201}])
def test_a_value_beyond_the_limits_of_a_made_column_is_refused(sdk: Sdk, values: dict[str, Any]) -> None:
    """Too great a number, too long a text. [CC-33]"""
    with sdk.made_table(EVERY_KIND) as table, pytest.raises(HttpError) as refused:
        sdk.client.records.create(table.schema_name, {f"{PREFIX}_{name}": value for name, value in values.items()})

    assert 400 == refused.value.status_code


def test_columns_are_added_changed_and_removed(sdk: Sdk) -> None:
    """A new column takes values at once; a change keeps its schema name. [PS-17], [PS-18], [PS-19]"""
    extra, spare = f"{PREFIX}_Extra", f"{PREFIX}_Spare"
    with sdk.made_table({}) as table:
        added = sdk.client.tables.add_columns(table.schema_name, {extra: "string", spare: "int"})
        sdk.client.tables.update_column(table.schema_name, extra, {"max_length": 77, "display_name": "Extra text"})
        column = sdk.client.tables.get_column(table.schema_name, extra, typed=True)
        made = sdk.client.records.create(table.schema_name, {extra: "v"})
        row = sdk.client.records.retrieve(table.schema_name, made, select=[extra])
        sdk.client.tables.remove_columns(table.schema_name, [extra, spare])
        left = {
            found["LogicalName"] for found in sdk.client.tables.list_columns(table.schema_name, select=["LogicalName"])
        }

    assert [extra, spare] == added
    assert column is not None
    assert row is not None
    label = column["DisplayName"]["UserLocalizedLabel"]["Label"]
    assert (77, "Extra text", extra) == (column["MaxLength"], label, column["SchemaName"])
    assert "v" == row[extra.lower()]
    assert set() == {extra.lower(), spare.lower()} & left


def test_columns_are_added_and_removed_in_a_batch(sdk: Sdk) -> None:
    """Metadata writes are parts like others. [PS-27]"""
    first, second = f"{PREFIX}_First", f"{PREFIX}_Second"
    with sdk.made_table({}) as table:
        adding = sdk.client.batch.new()
        adding.tables.add_columns(table.schema_name, {first: "string"})
        adding.tables.add_columns(table.schema_name, {second: "int"})
        has_errors = adding.execute().has_errors
        removing = sdk.client.batch.new()
        removing.tables.remove_columns(table.schema_name, [first, second])
        removed = removing.execute().responses

    assert not has_errors
    assert [204, 204] == [answer.status_code for answer in removed]


def test_rows_are_upserted_by_an_alternate_key(sdk: Sdk) -> None:
    """A key becomes active; rows are found by it, one and many, with quotes in their values. [PS-7], [PS-8], [PS-21]"""
    records = sdk.client.records
    code, count = f"{PREFIX}_Code", f"{PREFIX}_Count"
    with sdk.made_table({"Code": "string", "Count": "int"}) as table:
        name = table.schema_name
        sdk.client.tables.create_alternate_key(name, f"{PREFIX}_CodeKey", [code.lower()])
        _await_active_key(sdk, name)
        records.upsert(name, [UpsertItem({code: "k-1"}, {count: 1})])
        records.upsert(name, [UpsertItem({code: "k-1"}, {count: 3}), UpsertItem({code: "it's k-2"}, {count: 4})])
        rows = records.list(name, select=[code.lower(), count.lower()], orderby=[f"{count.lower()} asc"])
        with pytest.raises(HttpError) as refused:
            records.create(name, {code: "k-1"})
        for key in sdk.client.tables.get_alternate_keys(name):
            sdk.client.tables.delete_alternate_key(name, key.metadata_id)
        left = sdk.client.tables.get_alternate_keys(name)

    assert [("k-1", 3), ("it's k-2", 4)] == [(row[code.lower()], row[count.lower()]) for row in rows]
    assert 412 == refused.value.status_code
    assert [] == left


def test_a_made_lookup_is_bound_and_expanded_by_its_schema_name(sdk: Sdk) -> None:
    """Its letter case is kept, and deleting the row it points to clears it. [PS-22], [PS-23]"""
    records = sdk.client.records
    lookup = f"{PREFIX}_OwnerContact"
    with sdk.made_table({}) as table:
        name = table.schema_name
        made = sdk.client.tables.create_lookup_field(
            referencing_table=name, lookup_field_name=lookup, referenced_table="contact", display_name="Contact"
        )
        found = sdk.client.tables.get_relationship(made.relationship_schema_name)
        contact = records.create("contact", {"lastname": sdk.mark})
        row_id = records.create(name, {f"{lookup}@odata.bind": f"/contacts({contact})"})
        row = records.retrieve(name, row_id, expand=[f"{lookup}($select=lastname)"])
        records.delete("contact", contact)
        cleared = records.retrieve(name, row_id, select=[f"_{lookup.lower()}_value"])

    assert found is not None
    assert ("one_to_many", "contact") == (found.relationship_type, found.referenced_entity)
    assert row is not None
    assert cleared is not None
    assert sdk.mark == row[lookup]["lastname"]
    assert cleared[f"_{lookup.lower()}_value"] is None


@pytest.mark.parametrize("rule", ["Restrict", "Cascade"])
def test_deleting_a_parent_follows_the_rule_of_the_relationship(sdk: Sdk, rule: str) -> None:
    """Restrict refuses, Cascade deletes the children too. [PS-22]"""
    records = sdk.client.records
    lookup = f"{PREFIX}_{rule}Id"
    with sdk.made_table({}) as table:
        sdk.client.tables.create_one_to_many_relationship(
            LookupAttributeMetadata(schema_name=lookup, display_name=Label([LocalizedLabel(rule, 1033)])),
            OneToManyRelationshipMetadata(
                schema_name=f"{PREFIX}_{rule}{sdk.mark}",
                referenced_entity="account",
                referencing_entity=table.logical_name,
                referenced_attribute="accountid",
                cascade_configuration=CascadeConfiguration(delete=rule),
            ),
        )
        parent = records.create("account", {"name": sdk.mark})
        child = records.create(table.schema_name, {f"{lookup}@odata.bind": f"/accounts({parent})"})
        if rule == "Restrict":
            with pytest.raises(HttpError):
                records.delete("account", parent)
        else:
            records.delete("account", parent)
        is_there = records.retrieve(table.schema_name, child) is not None

    assert (rule == "Restrict") == is_there


def test_many_to_many_rows_are_connected_expanded_and_parted(sdk: Sdk) -> None:
    """The navigation has the name of the relationship; a deleted relationship is not found. [PS-22], [PS-28]"""
    name = f"{PREFIX}_gadget_contact_{sdk.mark}"
    records = sdk.client.records
    with sdk.made_table({}) as table:
        made = sdk.client.tables.create_many_to_many_relationship(
            ManyToManyRelationshipMetadata(
                schema_name=name, entity1_logical_name=table.logical_name, entity2_logical_name="contact"
            )
        )
        row = records.create(table.schema_name, {f"{PREFIX}_Name": "first"})
        contact = records.create("contact", {"lastname": sdk.mark})
        connected = _ask(
            sdk, "POST", f"{table.entity_set_name}({row})/{name}/$ref", {"@odata.id": f"{sdk.api}/contacts({contact})"}
        )
        before = records.retrieve(table.schema_name, row, expand=[f"{name}($select=lastname)"])
        parted = _ask(sdk, "DELETE", f"{table.entity_set_name}({row})/{name}({contact})/$ref")
        after = records.retrieve(table.schema_name, row, expand=[f"{name}($select=lastname)"])
        sdk.client.tables.delete_relationship(str(made.relationship_id))
        gone = sdk.client.tables.get_relationship(name)

    assert [204, 204] == [connected.status_code, parted.status_code]
    assert before is not None
    assert after is not None
    assert [sdk.mark] == [found["lastname"] for found in before[name]]
    assert [] == after[name]
    assert gone is None


@pytest.mark.parametrize(("mode", "size"), [("small", 70_001), ("chunk", 9 * 1024 * 1024 + 17)])
def test_a_file_comes_back_byte_for_byte(sdk: Sdk, tmp_path: Path, mode: str, size: int) -> None:
    """In one request, and in several. [PS-24], [PS-25], [PS-26]"""
    content = os.urandom(size)
    file = tmp_path / f"case {mode}.bin"
    file.write_bytes(content)
    with sdk.made_table({"Doc": "file"}) as table:
        row = sdk.client.records.create(table.schema_name, {})
        sdk.client.files.upload(table.schema_name, row, f"{PREFIX}_Doc", str(file), mode=mode)
        answer = _ask(sdk, "GET", f"{table.entity_set_name}({row})/{PREFIX}_doc/$value")

    assert content == answer.content
    assert file.name == answer.headers["x-ms-file-name"]


def test_an_upload_makes_the_file_column_that_is_missing(sdk: Sdk, tmp_path: Path) -> None:
    """The client adds it by itself. [PS-25]"""
    file = tmp_path / "case.txt"
    file.write_bytes(b"hello")
    with sdk.made_table({}) as table:
        row = sdk.client.records.create(table.schema_name, {})
        sdk.client.files.upload(
            table.schema_name, row, f"{PREFIX}_Late", str(file), mode="small", mime_type="text/plain"
        )
        answer = _ask(sdk, "GET", f"{table.entity_set_name}({row})/{PREFIX}_late/$value")

    assert b"hello" == answer.content


def _ask(sdk: Sdk, method: str, path: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.request(method, f"{sdk.api}/{path}", headers=headers, json=body, timeout=60)


def _await_active_key(sdk: Sdk, table: str) -> None:
    deadline = time.monotonic() + KEY_LIMIT_S
    while "Active" not in {key.status for key in sdk.client.tables.get_alternate_keys(table)}:
        assert time.monotonic() < deadline
