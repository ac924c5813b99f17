"""Every organization starts with the rows that clients take for granted."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from verselet.errors import OperatorError
from verselet.metadata.columns import LookupColumn
from verselet.metadata.compiled import builtin_solution_dirs, load_schema
from verselet.operations.builtin import builtin_rows
from verselet.operations.founding import ADMINISTRATOR_ID, ROOT_UNIT_ID, Founding
from verselet.values import Reference, Row

SCHEMA = load_schema()
FACTS = Founding(
    id="10000000-0000-4000-8000-000000000001",
    name="contour",
    tenant_id="70000000-0000-4000-8000-000000000001",
    created_at="2026-11-21T08:00:00Z",
)
ROWS = builtin_rows(SCHEMA, FACTS, builtin_solution_dirs())


def rows_of(table: str) -> list[Row]:
    """The shipped rows of one table."""
    return [row for row in ROWS if row.table == table]


def test_the_rows_clients_look_for_are_there() -> None:
    """A root unit, users, roles, solutions, the currency and a view are found by name. [OC-4], clients.md §11"""
    names = {
        table: {row.values.get(SCHEMA.table(table).primary_name or "") for row in rows_of(table)}
        for table in ("businessunit", "role", "solution", "transactioncurrency", "savedquery", "team")
    }

    assert names["businessunit"] == {"contour"} == names["team"]
    assert {"System Administrator", "System Customizer", "Basic User", "Delegate"} < names["role"]
    assert {"Default Solution", "Active Solution"} < names["solution"]
    assert {"US Dollar"} == names["transactioncurrency"]
    assert {"Active Accounts", "Active Contacts"} <= names["savedquery"]


def test_a_second_person_can_be_assigned_rows() -> None:
    """Clients pick an enabled, interactive user who is not the caller. [OC-4]"""
    others = [
        row.values["fullname"]
        for row in rows_of("systemuser")
        if row.values["isdisabled"] is False and row.values["accessmode"] == 0 and row.id != ADMINISTRATOR_ID
    ]

    assert ["Service Representative"] == others


def test_each_message_of_a_table_has_a_filter_row() -> None:
    """Clients ask these rows whether a table takes CreateMultiple. [OC-20]"""
    message = {row.id: row.values["name"] for row in rows_of("sdkmessage")}
    found = {
        message[row.values["sdkmessageid"].id]
        for row in rows_of("sdkmessagefilter")
        if row.values["primaryobjecttypecode"] == "account" and isinstance(row.values["sdkmessageid"], Reference)
    }

    assert {"CreateMultiple", "UpdateMultiple", "Create", "Retrieve", "RetrieveMultiple", "Update", "Delete"} <= found


def test_ids_are_unique_and_every_reference_finds_its_row() -> None:
    """No row of the first day points to a row that is not there."""
    ids = {(row.table, row.id) for row in ROWS}
    references = {
        (value.table, value.id) for row in ROWS for value in row.values.values() if isinstance(value, Reference)
    }

    assert len(ROWS) == len(ids)
    assert set() == references - ids


def test_only_the_organization_and_itself_are_referred_to_before_they_come() -> None:
    """Rows can be written in the order given."""
    seen: set[tuple[str, str | None]] = set()
    early = set()
    for row in ROWS:
        seen.add((row.table, row.id))
        for name, value in row.values.items():
            if isinstance(value, Reference) and (value.table, value.id) not in seen:
                early.add((row.table, name))

    assert {("organization", "basecurrencyid")} == early


def test_values_have_the_type_of_their_column() -> None:
    """A lookup holds a reference, everything else does not."""
    wrong = [
        (row.table, name)
        for row in ROWS
        for name, value in row.values.items()
        if isinstance(value, Reference) != isinstance(SCHEMA.table(row.table).columns[name], LookupColumn)
    ]

    assert [] == wrong


def test_two_organizations_share_ids_but_not_facts() -> None:
    """Well-known rows are the same everywhere; name and id of the organization are its own."""
    other = builtin_rows(
        SCHEMA,
        structs.replace(FACTS, id="20000000-0000-4000-8000-000000000002", name="other"),
        builtin_solution_dirs(),
    )
    named = {row.id: row.values.get("name") for row in other if row.table in {"businessunit", "organization"}}

    assert {ROOT_UNIT_ID: "other", "20000000-0000-4000-8000-000000000002": "other"} == named


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[rows]]\nname = 'x'\n", "each row needs a key that no other row of the table has"),
        ("[[rows]]\nkey = 'a'\ncolour = 'red'\n", "no such column, or a value no column can hold"),
        ("[[rows]]\nkey = 'a'\nparentbusinessunitid = 'businessunit:b'\n", "there is no row businessunit:b"),
        ("rows = 3\n", "a rows file holds [[rows]] and nothing else"),
    ],
)
def test_a_damaged_rows_file_is_refused_with_its_reason(tmp_path: Path, text: str, why: str) -> None:
    """File, key and reason are named; nothing is left out in silence. [product.md §6]"""
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "businessunit.toml").write_text(text, encoding="utf-8")

    with pytest.raises(OperatorError) as refused:
        builtin_rows(SCHEMA, FACTS, [tmp_path])

    assert ("VS2101", why) == (refused.value.code, refused.value.why)
    assert refused.value.what.startswith("businessunit.toml: row ")
