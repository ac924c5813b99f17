"""New columns, changed ones, and those that cannot be."""

from __future__ import annotations

import time

import pytest
from msgspec import structs

from tests.drafts import BUILTIN, PREFIX, lookup, relationship, text, with_box
from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument, NotFound, NotSupportedHere
from verselet.metadata.changes.columns import add_column, remove_column, update_column
from verselet.metadata.changes.drafts import NewColumn, NewKey, NewOption
from verselet.metadata.changes.keys import add_key
from verselet.metadata.changes.numbering import PER_PUBLISHER, numbered
from verselet.metadata.changes.relationships import add_lookup
from verselet.metadata.choices import Choice, GlobalChoice
from verselet.metadata.columns import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    ImageColumn,
    IntegerColumn,
    MoneyColumn,
    TextColumn,
)


def test_a_new_column_has_its_logical_name_and_is_ours() -> None:
    """Lower case of the schema name; custom; can be deleted again. [MW-3]"""
    column = with_box(text("new_VxCode")).tables["new_box"].columns["new_vxcode"]

    assert ("new_VxCode", True, True) == (column.schema_name, column.custom, column.made_here)


def test_columns_stay_in_the_order_of_their_schema_names() -> None:
    """Definitions list them so."""
    names = [
        column.schema_name.lower()
        for column in with_box(text("new_A"), text("zz_B")).tables["new_box"].columns.values()
    ]

    assert sorted(names) == names


@pytest.mark.parametrize("name", ["new_Name", "new_NAME"])
def test_a_column_cannot_be_made_twice(name: str) -> None:
    """Whatever the capitals. [MW-14]"""
    with pytest.raises(DefinitionExists):
        add_column(with_box(), "new_box", NewColumn(text(name)), PREFIX)


def test_a_lookup_is_made_with_its_relationship_only() -> None:
    """A lookup without one leads nowhere. [MW-30]"""
    with pytest.raises(InvalidArgument):
        add_column(with_box(), "new_box", NewColumn(lookup("new_Other")), PREFIX)


@pytest.mark.parametrize("table", ["activitypointer", "owner", "systemuserroles"])
def test_tables_without_rows_of_their_own_take_no_columns(table: str) -> None:
    """They show or connect the rows of others. [MW-14]"""
    with pytest.raises(InvalidArgument):
        add_column(BUILTIN, table, NewColumn(text("new_Code")), PREFIX)


def test_an_amount_brings_its_base_and_the_currency() -> None:
    """In the organization's currency; the row's currency and rate come with the first amount. [T-8]"""
    schema = with_box(MoneyColumn(name="", schema_name="new_Price", label="Price", max=9))
    columns = schema.tables["new_box"].columns
    base = columns["new_price_base"]

    assert isinstance(base, MoneyColumn)
    assert ("new_price", False, False, 9) == (base.base_of, base.create, base.update, base.max)
    assert {"transactioncurrencyid", "exchangerate"} <= set(columns)
    assert "transactioncurrencyid" in schema.to_one["new_box"]


@pytest.mark.parametrize(
    ("column", "companions"),
    [
        (FileColumn(name="", schema_name="new_Manual"), {"new_manual_name"}),
        (ImageColumn(name="", schema_name="new_Photo"), {"new_photoid", "new_photo_timestamp", "new_photo_url"}),
    ],
)
def test_files_and_images_bring_companions(column: Column, companions: set[str]) -> None:
    """What is known of them stands beside them. [FL-4], [IM-3]"""
    before, after = with_box().tables["new_box"].columns, with_box(column).tables["new_box"].columns

    assert {column.schema_name.lower(), *companions} == set(after) - set(before)


def test_the_first_image_is_the_primary_one() -> None:
    """Another one takes over when it says so. [MW-29]"""
    one = with_box(ImageColumn(name="", schema_name="new_One"), ImageColumn(name="", schema_name="new_Two"))
    two = with_box(
        ImageColumn(name="", schema_name="new_One"), ImageColumn(name="", schema_name="new_Two", primary=True)
    )

    assert ("new_one", "new_two") == (one.tables["new_box"].primary_image, two.tables["new_box"].primary_image)


def test_options_without_a_number_are_numbered_for_the_publisher() -> None:
    """Prefix times 10,000, then one after the other; given numbers are kept. [MW-12]"""
    options = (NewOption("Small"), NewOption("Large", 7), NewOption("Huge"))
    draft = NewColumn(ChoiceColumn(name="", schema_name="new_Size"), options)
    column = add_column(with_box(), "new_box", draft, PREFIX).tables["new_box"].columns["new_size"]

    assert isinstance(column, ChoiceColumn)
    assert (Choice(100_000_000, "Small"), Choice(7, "Large"), Choice(100_000_001, "Huge")) == column.options


@pytest.mark.parametrize("given", [True, False])
def test_many_options_are_numbered_in_a_moment(given: bool) -> None:
    """Each is compared with the others at once, not one by one: 30,000 must not keep the server busy. [MW-12]"""
    number = PER_PUBLISHER if not given else 30_000
    options = [NewOption("", value if given else None) for value in range(number)]
    began = time.thread_time()

    made = numbered(options, PREFIX)

    assert number == len({option.value for option in made})
    assert time.thread_time() - began < 1


def test_an_option_number_occurs_once() -> None:
    """Two options with one number cannot be told apart. [MW-27]"""
    draft = NewColumn(ChoiceColumn(name="", schema_name="new_Size"), (NewOption("A", 1), NewOption("B", 1)))

    with pytest.raises(DefinitionExists):
        add_column(with_box(), "new_box", draft, PREFIX)


def test_a_default_must_be_an_option() -> None:
    """New rows would get a value nobody can choose. [MW-27]"""
    draft = NewColumn(ChoiceColumn(name="", schema_name="new_Size", default=5), (NewOption("A", 1),))

    with pytest.raises(InvalidArgument):
        add_column(with_box(), "new_box", draft, PREFIX)


def test_a_column_can_use_a_global_choice() -> None:
    """Its options are those of the list. [MW-11]"""
    color = GlobalChoice(name="new_color", options=(Choice(1, "Red"),))
    schema = structs.replace(with_box(), choices={"new_color": color})
    draft = NewColumn(ChoiceColumn(name="", schema_name="new_Color"), (), "new_color")
    column = add_column(schema, "new_box", draft, PREFIX).tables["new_box"].columns["new_color"]

    assert isinstance(column, ChoiceColumn)
    assert (True, "new_color", color.options) == (column.global_choice, column.choice_name, column.options)


def test_a_global_choice_must_be_there() -> None:
    """A list nobody made has no options. [MW-11]"""
    with pytest.raises(NotFound):
        add_column(
            with_box(), "new_box", NewColumn(ChoiceColumn(name="", schema_name="new_Color"), (), "new_no"), PREFIX
        )


@pytest.mark.parametrize(
    "column",
    [
        TextColumn(name="", schema_name="new_X", max_length=0),
        TextColumn(name="", schema_name="new_X", max_length=4_001),
        IntegerColumn(name="", schema_name="new_X", min=5, max=4),
        IntegerColumn(name="", schema_name="new_X", max=2**31),
        DecimalColumn(name="", schema_name="new_X", precision=11),
        FileColumn(name="", schema_name="new_X", max_size_kb=10_485_761),
    ],
)
def test_bounds_beyond_the_type_are_refused(column: Column) -> None:
    """Each type says what it can hold. [T-2] to [T-8], [MW-28]"""
    with pytest.raises(InvalidArgument):
        with_box(column)


def test_a_column_can_change_its_length_and_label() -> None:
    """PUT sends the whole definition. [MW-5]"""
    schema = with_box(text("new_Code", 10))
    wanted = structs.replace(schema.tables["new_box"].columns["new_code"], max_length=20, label="Code")

    assert wanted == update_column(schema, "new_box", wanted).tables["new_box"].columns["new_code"]


def test_a_column_keeps_its_type() -> None:
    """Values are not converted. [MW-5]"""
    with pytest.raises(InvalidArgument):
        update_column(with_box(text("new_Code")), "new_box", IntegerColumn(name="new_code", schema_name="new_Code"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DecimalColumn(name="", schema_name="new_X", precision=4), {"precision": 2}),
        (DateTimeColumn(name="", schema_name="new_X"), {"behavior": "date_only"}),
    ],
)
def test_a_change_that_would_lose_values_is_refused_by_name(old: Column, new: dict[str, object]) -> None:
    """Digits and times of day that rows hold stay. [invariant 15]"""
    schema = with_box(old)
    wanted = structs.replace(schema.tables["new_box"].columns["new_x"], **new)

    with pytest.raises(NotSupportedHere):
        update_column(schema, "new_box", wanted)


def test_a_removed_column_takes_its_companions_along() -> None:
    """Nothing of it is left. [MW-7]"""
    schema = with_box(FileColumn(name="", schema_name="new_Manual"), MoneyColumn(name="", schema_name="new_Price"))
    left = remove_column(remove_column(schema, "new_box", "new_manual"), "new_box", "new_price")

    assert not {name for name in left.tables["new_box"].columns if name.startswith(("new_manual", "new_price"))}


def test_a_removed_lookup_takes_its_relationships_along() -> None:
    """Nothing leads along a column that is gone. [MW-7]"""
    schema = add_lookup(with_box(), [relationship("new_account_box", "account")], lookup("new_AccountId"))
    left = remove_column(schema, "new_box", "new_accountid")

    assert "new_account_box" not in left.to_many["account"]


@pytest.mark.parametrize(("table", "column"), [("account", "name"), ("new_box", "createdon")])
def test_a_system_column_cannot_be_removed(table: str, column: str) -> None:
    """It came with the table. [MW-7]"""
    with pytest.raises(InvalidArgument):
        remove_column(with_box(), table, column)


def test_the_column_that_names_rows_cannot_be_removed() -> None:
    """Rows would have no name. [MW-7]"""
    with pytest.raises(DefinitionInUse):
        remove_column(with_box(), "new_box", "new_name")


def test_a_column_of_a_key_cannot_be_removed() -> None:
    """The key goes first. [MW-7]"""
    schema = add_key(with_box(text("new_Code")), "new_box", NewKey("new_codekey", ("new_code",)))

    with pytest.raises(DefinitionInUse):
        remove_column(schema, "new_box", "new_code")
