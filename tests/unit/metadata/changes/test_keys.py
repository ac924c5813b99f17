"""Which columns can name a row together."""

from __future__ import annotations

import pytest

from tests.drafts import BUILTIN, lookup, relationship, text, with_box
from verselet.errors import DefinitionExists, InvalidArgument, NotFound
from verselet.metadata.changes.drafts import NewKey
from verselet.metadata.changes.keys import add_key, remove_key
from verselet.metadata.changes.relationships import add_lookup
from verselet.metadata.columns import Column, FileColumn, FloatColumn, IntegerColumn, MemoColumn, YesNoColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Key


def test_a_key_is_made_of_columns() -> None:
    """In the order given; its logical name is its schema name in lower case. [MW-10]"""
    schema = with_box(text("new_Code"), IntegerColumn(name="", schema_name="new_Number"))
    keyed = add_key(schema, "new_box", NewKey("new_CodeKey", ("new_number", "new_code"), "Code"))
    columns = ("new_number", "new_code")

    assert (Key(name="new_codekey", schema_name="new_CodeKey", label="Code", columns=columns, made_here=True),) == (
        keyed.tables["new_box"].keys
    )


def test_a_lookup_can_be_part_of_a_key() -> None:
    """Addressed by its property. [K-2]"""
    schema = add_lookup(with_box(), [relationship("new_account_box", "account")], lookup("new_AccountId"))

    assert add_key(schema, "new_box", NewKey("new_k", ("new_accountid",))).tables["new_box"].keys


@pytest.mark.parametrize(
    "column",
    [
        MemoColumn(name="", schema_name="new_X"),
        YesNoColumn(name="", schema_name="new_X"),
        FloatColumn(name="", schema_name="new_X"),
        FileColumn(name="", schema_name="new_X"),
    ],
)
def test_other_types_name_no_rows(column: Column) -> None:
    """Decimal, whole number, text, date, lookup and choice can. [K-3], [MW-14]"""
    with pytest.raises(InvalidArgument):
        add_key(with_box(column), "new_box", NewKey("new_k", ("new_x",)))


def test_a_key_takes_at_most_900_bytes() -> None:
    """Two for each letter. [K-3]"""
    schema = with_box(text("new_A", 450), text("new_B", 1))

    assert add_key(schema, "new_box", NewKey("new_k", ("new_a",))).tables["new_box"].keys
    with pytest.raises(InvalidArgument):
        add_key(schema, "new_box", NewKey("new_k", ("new_a", "new_b")))


def test_a_table_has_at_most_ten_keys() -> None:
    """The eleventh is refused. [K-3], [MW-14]"""
    schema = with_box(*(text(f"new_C{number}", 10) for number in range(11)))
    for number in range(10):
        schema = add_key(schema, "new_box", NewKey(f"new_k{number}", (f"new_c{number}",)))

    with pytest.raises(InvalidArgument):
        add_key(schema, "new_box", NewKey("new_k10", ("new_c10",)))


@pytest.mark.parametrize("columns", [(), ("new_name", "new_name"), tuple(f"new_c{number}" for number in range(17))])
def test_a_key_has_one_to_sixteen_different_columns(columns: tuple[str, ...]) -> None:
    """None, one twice, or too many are refused. [K-3]"""
    schema = with_box(*(text(f"new_C{number}", 10) for number in range(17)))

    with pytest.raises(InvalidArgument):
        add_key(schema, "new_box", NewKey("new_k", columns))


def keyed() -> Schema:
    """A box with one key."""
    return add_key(with_box(text("new_Code")), "new_box", NewKey("new_k", ("new_code",)))


@pytest.mark.parametrize("draft", [NewKey("new_K", ("new_name",)), NewKey("new_other", ("new_code",))])
def test_a_key_cannot_be_made_twice(draft: NewKey) -> None:
    """Neither by its name nor on the same columns. [MW-14]"""
    with pytest.raises(DefinitionExists):
        add_key(keyed(), "new_box", draft)


def test_the_columns_of_a_key_must_be_there() -> None:
    """A column nobody made has no values. [MW-14]"""
    with pytest.raises(NotFound):
        add_key(BUILTIN, "account", NewKey("new_k", ("new_nothing",)))


def test_a_removed_key_is_gone() -> None:
    """And its columns are as they were. [MW-7]"""
    assert () == remove_key(keyed(), "new_box", "new_k").tables["new_box"].keys


def test_a_key_nobody_made_cannot_be_removed() -> None:
    """404, as for reading it. [MD-16]"""
    with pytest.raises(NotFound):
        remove_key(keyed(), "new_box", "new_nothing")
