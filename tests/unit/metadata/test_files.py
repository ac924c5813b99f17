"""Solution files are read strictly: what does not fit is refused with file, key and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.metadata.solution_folder import SMALL, load, write
from verselet.errors import OperatorError
from verselet.metadata.choices import Choice, State, StatusReason
from verselet.metadata.columns import ChoiceColumn, IntegerColumn, LookupColumn, StateColumn, StatusColumn, TextColumn
from verselet.metadata.files import read_solution

LOOKUP = SMALL + '[columns.new_next]\ntype = "lookup"\nschema_name = "new_Next"\ntargets = ["new_book"]\n'

REFUSED = {
    "no TOML": ({"tables__new_book": "label ="}, "VS2201", "tables/new_book.toml: not TOML"),
    "an unknown key of a table": (
        {"tables__new_book": SMALL + 'colour = "red"\n'},
        "VS2202",
        "tables/new_book.toml: colour: unknown key `colour`",
    ),
    "a wrong type in a table": (
        {"tables__new_book": SMALL + 'object_type_code = "seven"\n'},
        "VS2202",
        "tables/new_book.toml: object_type_code: Expected `int | null`, got `str`",
    ),
    "a table without label": (
        {"tables__new_book": 'ownership = "none"\n'},
        "VS2202",
        "tables/new_book.toml: Object missing required field `label`",
    ),
    "an unknown key of a column": (
        {"tables__new_book": SMALL + '[columns.new_title]\ntype = "text"\nlength = 3\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_title.length: unknown key `length`",
    ),
    "a wrong type in a column": (
        {"tables__new_book": SMALL + '[columns.new_title]\ntype = "text"\nmax_length = "3"\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_title.max_length: Expected `int`, got `str`",
    ),
    "a second name of a column": (
        {"tables__new_book": SMALL + '[columns.new_title]\ntype = "text"\nname = "new_other"\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_title: unknown key `name`",
    ),
    "an unknown type of column": (
        {"tables__new_book": SMALL + '[columns.new_title]\ntype = "string"\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_title.type: Invalid value 'string'",
    ),
    "a column without type": (
        {"tables__new_book": SMALL + '[columns.new_title]\nlabel = "Title"\n'},
        "VS2205",
        "tables/new_book.toml: columns.new_title: `type` is missing",
    ),
    "an option of the wrong form": (
        {"tables__new_book": SMALL + '[columns.new_kind]\ntype = "choice"\noptions = [[1]]\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_kind.options: each option is written [number, label]",
    ),
    "a number that occurs twice": (
        {"tables__new_book": SMALL + '[columns.new_kind]\ntype = "choice"\noptions = [[1, "A"], [1, "B"]]\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_kind.options: a number occurs twice",
    ),
    "an unknown global choice": (
        {"tables__new_book": SMALL + '[columns.new_kind]\ntype = "choice"\nchoice = "new_kinds"\n'},
        "VS2203",
        "tables/new_book.toml: columns.new_kind.choice: there is no global choice `new_kinds`",
    ),
    "a global choice for a text": (
        {
            "tables__new_book": SMALL + '[columns.new_kind]\ntype = "text"\nchoice = "new_kinds"\n',
            "choices__new_kinds": 'options = [[1, "A"]]\n',
        },
        "VS2202",
        "tables/new_book.toml: columns.new_kind: `choice` is for choice columns",
    ),
    "an unknown target": (
        {"tables__new_book": SMALL + '[columns.new_next]\ntype = "lookup"\ntargets = ["new_shelf"]\n'},
        "VS2203",
        "tables/new_book.toml: columns.new_next.targets: there is no table `new_shelf`",
    ),
    "a relationship to an unknown table": (
        {"tables__new_book": LOOKUP + '[relationships]\nnew_a = { column = "new_next", to = "new_shelf" }\n'},
        "VS2203",
        "tables/new_book.toml: relationships.new_a.to: there is no table `new_shelf`",
    ),
    "a relationship of an unknown column": (
        {"tables__new_book": LOOKUP + '[relationships]\nnew_a = { column = "new_last", to = "new_book" }\n'},
        "VS2203",
        "tables/new_book.toml: relationships.new_a.column: there is no lookup `new_last`",
    ),
    "an unknown cascade": (
        {"tables__new_book": LOOKUP + 'cascade = "all"\n'},
        "VS2202",
        "tables/new_book.toml: columns.new_next.cascade:",
    ),
    "a navigation that is taken": (
        {
            "tables__new_book": LOOKUP
            + '[columns.new_last]\ntype = "lookup"\ntargets = ["new_book"]\nnavigation = "new_Next"\n'
        },
        "VS2204",
        "tables/new_book.toml: new_book_new_book_new_next: `new_book` has a navigation `new_Next` already",
    ),
    "a relationship name that is taken": (
        {
            "tables__new_book": LOOKUP
            + '[columns.new_last]\ntype = "lookup"\ntargets = ["new_book"]\n'
            + 'relationship = "new_book_new_book_new_next"\n'
        },
        "VS2204",
        "tables/new_book.toml: new_book_new_book_new_next: a relationship of `new_book` is called so already",
    ),
    "a set that is taken": (
        {"tables__new_book": SMALL + 'set_name = "new_shelfs"\n', "tables__new_shelf": SMALL},
        "VS2204",
        "tables/new_shelf.toml: set_name: `new_shelfs` is the set of `new_book` already",
    ),
    "a standard column that is none": (
        {"tables__new_book": SMALL + 'without = ["ownerid"]\n'},
        "VS2203",
        "tables/new_book.toml: without: `ownerid` is no standard column of this table",
    ),
    "a message that is none": (
        {"tables__new_book": SMALL + 'without_messages = ["Assign"]\n'},
        "VS2203",
        "tables/new_book.toml: without_messages: `Assign` is no message of this table",
    ),
    "a child that is none": (
        {"tables__new_book": SMALL + 'children = ["pets"]\n'},
        "VS2203",
        "tables/new_book.toml: children: `pets` is no kind of child",
    ),
    "a key of an unknown column": (
        {"tables__new_book": SMALL + '[keys.new_k]\ncolumns = ["new_isbn"]\n'},
        "VS2203",
        "tables/new_book.toml: keys.new_k.columns: there is no column `new_isbn`",
    ),
    "a pair of an unknown table": (
        {"tables__new_book": SMALL, "relationships__new_p": 'table1 = "new_book"\ntable2 = "new_shelf"\n'},
        "VS2203",
        "relationships/new_p.toml: table2: there is no table `new_shelf`",
    ),
    "an activity without the general table": (
        {"tables__new_visit": 'label = "Visit"\nactivity = true\n'},
        "VS2203",
        "tables/new_visit.toml: activity: an activity needs the table `activitypointer`",
    ),
    "a need that is not met": (
        {"solution": 'unique_name = "trial"\nlabel = "Trial"\nversion = "1"\nrequires = ["platform"]\n'},
        "VS2203",
        "solution.toml: requires: there is no solution `platform`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_with_file_key_and_reason(case: str, tmp_path: Path) -> None:
    """A person at the terminal is told where to look. [architecture.md §11]"""
    files, code, text = REFUSED[case]

    with pytest.raises(OperatorError) as refusal:
        load(tmp_path, **files)

    assert (code, True) == (refusal.value.code, f"{tmp_path}/{text}" in refusal.value.what), refusal.value.what


def test_a_folder_without_solution_file_is_refused(tmp_path: Path) -> None:
    """A folder is a solution by its `solution.toml`."""
    with pytest.raises(OperatorError) as refusal:
        read_solution(tmp_path)

    assert ("VS2205", f"{tmp_path}: solution.toml: the file is missing") == (refusal.value.code, refusal.value.what)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are not TOML."""
    (write(tmp_path) / "tables").mkdir()
    (tmp_path / "tables" / "new_book.toml").write_bytes(b"label = \xff")

    with pytest.raises(OperatorError) as refusal:
        read_solution(tmp_path)

    assert "VS2201" == refusal.value.code


def test_names_that_a_file_leaves_out_follow_from_the_name_of_the_file(tmp_path: Path) -> None:
    """Set, collection and key are made of the logical name; a publisher's prefix makes a table custom."""
    found = load(tmp_path, tables__new_book=SMALL).tables["new_book"]

    assert ("new_book", "new_books", "new_bookid") == (found.schema_name, found.set_name, found.primary_id)
    assert ("new_books", "new_books") == (found.collection_schema_name, found.logical_collection_name)
    assert (True, "trial") == (found.custom, found.solution)


def test_a_column_takes_what_its_section_says(tmp_path: Path) -> None:
    """The key of the section is the logical name; what is left out has the default of the type."""
    section = '[columns.new_title]\ntype = "text"\nschema_name = "new_Title"\nmax_length = 40\nread_only = true\n'
    found = load(tmp_path, tables__new_book=SMALL + section).tables["new_book"].columns["new_title"]
    expected = TextColumn(
        name="new_title", schema_name="new_Title", max_length=40, create=False, update=False, custom=True
    )

    assert expected == found


def test_a_standard_column_can_be_changed_in_part(tmp_path: Path) -> None:
    """What the section does not say stays as the kind of the table has it."""
    table = load(tmp_path, tables__new_book=SMALL + '[columns.versionnumber]\nlabel = "Edition"\n').tables["new_book"]
    found = table.columns["versionnumber"]

    assert ("Edition", "VersionNumber", False) == (found.label, found.schema_name, found.update)


def test_a_standard_column_can_have_another_type(tmp_path: Path) -> None:
    """Then only its names stay."""
    table = load(tmp_path, tables__new_book=SMALL + '[columns.versionnumber]\ntype = "integer"\n').tables["new_book"]
    found = table.columns["versionnumber"]

    assert isinstance(found, IntegerColumn)
    assert ("VersionNumber", "Version Number", True) == (found.schema_name, found.label, found.update)


def test_options_are_written_as_short_lists(tmp_path: Path) -> None:
    """Number and label; a state with its default status reason, a reason with its state. [T-13]"""
    sections = (
        '[columns.new_kind]\ntype = "choice"\noptions = [[1, "Novel"]]\n'
        '[columns.statecode]\ntype = "state"\noptions = [[0, "Lent", 4], [1, "Back", 5, "Returned"]]\n'
        '[columns.statuscode]\ntype = "status"\noptions = [[4, "Out", 0], [5, "In", 1]]\n'
    )
    columns = load(tmp_path, tables__new_book=SMALL + sections).tables["new_book"].columns
    kind, state, status = columns["new_kind"], columns["statecode"], columns["statuscode"]

    assert isinstance(kind, ChoiceColumn)
    assert ((Choice(1, "Novel"),), "new_book_new_kind", False) == (kind.options, kind.choice_name, kind.global_choice)
    assert isinstance(state, StateColumn)
    assert (State(0, "Lent", 4, "Lent"), State(1, "Back", 5, "Returned")) == state.options
    assert isinstance(status, StatusColumn)
    assert (StatusReason(4, "Out", 0), StatusReason(5, "In", 1)) == status.options


def test_a_global_choice_gives_its_options_to_each_column(tmp_path: Path) -> None:
    """One file in `choices/`, named like the list. [MW-11]"""
    schema = load(
        tmp_path,
        tables__new_book=SMALL + '[columns.new_kind]\ntype = "choice"\nchoice = "new_kinds"\n',
        choices__new_kinds='label = "Kinds"\noptions = [[1, "Novel"], [2, "Poems"]]\n',
    )
    found = schema.tables["new_book"].columns["new_kind"]

    assert isinstance(found, ChoiceColumn)
    assert (schema.choices["new_kinds"].options, "new_kinds", True) == (
        found.options,
        found.choice_name,
        found.global_choice,
    )


def test_a_lookup_can_say_all_about_its_only_relationship(tmp_path: Path) -> None:
    """Name, both navigations and cascades stand in the column's section."""
    keys = 'relationship = "new_series"\nnavigation = "new_Next"\ncollection = "new_previous"\nhierarchical = true\n'
    found = load(tmp_path, tables__new_book=LOOKUP + keys + 'cascade = { delete = "Restrict" }\n').relationships[0]

    assert ("new_series", "new_Next", "new_previous") == (
        found.schema_name,
        found.referencing_navigation,
        found.referenced_navigation,
    )
    assert ("Restrict", "NoCascade", True) == (found.cascades.delete, found.cascades.assign, found.hierarchical)


def test_a_lookup_of_several_tables_has_a_relationship_for_each(tmp_path: Path) -> None:
    """Each navigation ends in the table's name. [MT-1], [C-11]"""
    section = '[columns.new_place]\ntype = "lookup"\ntargets = ["new_book", "new_shelf"]\n'
    schema = load(tmp_path, tables__new_book=SMALL + section, tables__new_shelf=SMALL)

    assert {"new_place_new_book": "new_book", "new_place_new_shelf": "new_shelf"} == {
        navigation: relationship.referenced_table for navigation, relationship in schema.to_one["new_book"].items()
    }


def test_the_targets_of_a_lookup_follow_from_its_relationships(tmp_path: Path) -> None:
    """A file need not say twice where a lookup leads."""
    section = '[columns.new_place]\ntype = "lookup"\n'
    lines = '[relationships]\nnew_a = { column = "new_place", to = "new_shelf" }\n'
    schema = load(tmp_path, tables__new_book=SMALL + section + lines, tables__new_shelf=SMALL)
    found = schema.tables["new_book"].columns["new_place"]

    assert isinstance(found, LookupColumn)
    assert ("new_shelf",) == found.targets


def test_a_pair_without_table_file_gets_its_intersect_table(tmp_path: Path) -> None:
    """With its own key and both ids; a table paired with itself has two navigations. [MD-12], [MW-9]"""
    pair = 'table1 = "new_book"\ntable2 = "new_book"\n'
    schema = load(tmp_path, tables__new_book=SMALL, relationships__new_Similar=pair)
    found = schema.tables["new_similar"]

    assert {"new_similarid", "new_bookidone", "new_bookidtwo", "versionnumber"} == set(found.columns)
    assert (True, "new_similarset", "none") == (found.is_intersect, found.set_name, found.ownership)
    assert {"new_Similar", "new_Similar_referenced"} == set(schema.across["new_book"])


def test_an_alternate_key_keeps_the_order_of_its_columns(tmp_path: Path) -> None:
    """The order is the order of the index. [K-1]"""
    sections = (
        '[columns.new_b]\ntype = "text"\n[columns.new_a]\ntype = "text"\n[keys.new_k]\ncolumns = ["new_b", "new_a"]\n'
    )
    found = load(tmp_path, tables__new_book=SMALL + sections).tables["new_book"].keys[0]

    assert ("new_k", "new_k", ("new_b", "new_a")) == (found.name, found.schema_name, found.columns)
