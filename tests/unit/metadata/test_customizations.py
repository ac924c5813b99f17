"""What is kept of the changes made in an organization."""

from __future__ import annotations

from msgspec import structs

from tests.drafts import BUILTIN, PREFIX, lookup, relationship, text, with_box
from verselet.metadata.changes import choices
from verselet.metadata.changes.columns import add_column, remove_column
from verselet.metadata.changes.drafts import NewColumn, NewKey, NewManyToMany, NewOption, OptionList, TableFacts
from verselet.metadata.changes.keys import add_key
from verselet.metadata.changes.relationships import add_lookup, add_many_to_many, remove_relationship
from verselet.metadata.changes.tables import remove_table, update_table
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import ChoiceColumn, LookupColumn
from verselet.metadata.customizations import PieceName, customized, differences
from verselet.metadata.schema import Schema


def everything() -> Schema:
    """One change of each kind."""
    schema = with_box(text("new_Code"), has_notes=True)
    schema = add_column(schema, "account", NewColumn(text("new_Extra")), PREFIX)
    schema = add_key(schema, "account", NewKey("new_extrakey", ("new_extra",)))
    schema = add_lookup(schema, [relationship("new_account_box", "account")], lookup("new_AccountId"))
    schema = add_many_to_many(schema, NewManyToMany(schema_name="new_bc", table1="new_box", table2="contact"))
    schema = choices.add_choice(schema, GlobalChoice(name="new_tone"), [NewOption("High", 1)], PREFIX)
    schema, _ = choices.insert_option(schema, OptionList("account", "industrycode"), NewOption("Fishing"), PREFIX)
    return update_table(schema, "contact", TableFacts(label="Person"))


def same(one: Schema, two: Schema) -> None:
    """Both say the same of everything."""
    assert one.tables == two.tables
    assert one.relationships == two.relationships
    assert one.many_to_many == two.many_to_many
    assert one.choices == two.choices


def test_the_kept_pieces_bring_everything_back() -> None:
    """A reopened organization has the definitions it had. [MW-1] to [MW-12]"""
    schema = everything()
    kept, gone = differences(BUILTIN, schema)

    same(schema, customized(BUILTIN, kept))
    assert [] == gone


def test_pieces_kept_one_change_after_the_other_bring_everything_back() -> None:
    """Each change keeps only what it changed; forgotten pieces are gone."""
    box = with_box(text("new_Code"))
    keyed = add_key(box, "new_box", NewKey("new_k", ("new_code",)))
    linked = add_lookup(keyed, [relationship("new_account_box", "account")], lookup("new_AccountId"))
    unlinked = remove_relationship(linked, "new_account_box")
    kept: dict[PieceName, bytes] = {}
    for old, new in ((BUILTIN, box), (box, keyed), (keyed, linked), (linked, unlinked)):
        pieces, gone = differences(old, new)
        kept = {name: text for name, text in {**kept, **pieces}.items() if name not in gone}

    same(unlinked, customized(BUILTIN, kept))


def test_a_removed_table_leaves_no_piece() -> None:
    """Its name is free again. [MW-7]"""
    box = with_box(has_notes=True)
    kept, _ = differences(BUILTIN, box)
    pieces, gone = differences(box, remove_table(box, "new_box"))

    assert {} == pieces
    assert set(kept) == set(gone)


def test_a_shipped_lookup_is_not_kept_for_its_new_target() -> None:
    """The target follows from the relationship, so later targets of the solution are not lost. [MT-1]"""
    kept, _ = differences(BUILTIN, with_box(has_notes=True))

    assert ("column", "annotation.objectid") not in kept
    assert ("relationship", "new_box_Annotations") in kept


def test_a_later_version_of_a_solution_reaches_the_organization() -> None:
    """Only what was changed here goes before what is shipped."""
    kept, _ = differences(BUILTIN, everything())
    account = BUILTIN.tables["account"]
    name = structs.replace(account.columns["name"], label="Firm")
    renamed = structs.replace(account, label="Company", columns={**account.columns, "name": name})
    later = structs.replace(BUILTIN, tables={**BUILTIN.tables, "account": renamed})
    found = customized(later, kept).tables["account"]
    industry = found.columns["industrycode"]

    assert ("Company", "Firm") == (found.label, found.columns["name"].label)
    assert isinstance(industry, ChoiceColumn)
    assert "Fishing" == industry.options[-1].label


def test_pieces_of_a_table_that_is_no_longer_shipped_are_left_out() -> None:
    """A column without its table is no column."""
    kept, _ = differences(BUILTIN, add_column(BUILTIN, "task", NewColumn(text("new_Extra")), PREFIX))
    without = {name: table for name, table in BUILTIN.tables.items() if name != "task"}
    relationships = tuple(
        one for one in BUILTIN.relationships if "task" not in {one.referencing_table, one.referenced_table}
    )
    later = structs.replace(BUILTIN, tables=without, relationships=relationships)

    assert "task" not in customized(later, kept).tables


def test_nothing_changed_is_nothing_kept() -> None:
    """The schema is used as it is."""
    assert ({}, []) == differences(BUILTIN, BUILTIN)
    assert BUILTIN is customized(BUILTIN, {})


def test_a_removed_column_is_forgotten_with_its_relationship() -> None:
    """Both were kept as pieces. [MW-7]"""
    linked = add_lookup(with_box(), [relationship("new_account_box", "account")], lookup("new_AccountId"))
    _, gone = differences(linked, remove_column(linked, "new_box", "new_accountid"))

    assert {("column", "new_box.new_accountid"), ("relationship", "new_account_box")} == set(gone)
    assert isinstance(linked.tables["new_box"].columns["new_accountid"], LookupColumn)
