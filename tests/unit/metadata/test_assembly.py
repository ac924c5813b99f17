"""Solutions are put together into one schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.metadata.solution_folder import SMALL, load, write
from verselet.errors import OperatorError
from verselet.metadata.assembly import assemble
from verselet.metadata.compiled import builtin_solution_dirs, load_schema
from verselet.metadata.files import read_solution

OTHER = 'unique_name = "other"\nlabel = "Other"\nversion = "1.0.0"\n'
CHOICE = 'options = [[1, "A"]]\n'
PAIR = 'table1 = "new_book"\ntable2 = "new_book"\n'


def test_what_is_remembered_of_the_built_in_solutions_is_what_their_files_say() -> None:
    """Assembling anew changes nothing."""
    found, remembered = assemble(map(read_solution, builtin_solution_dirs())), load_schema()

    assert found.tables == remembered.tables
    assert (found.relationships, found.many_to_many) == (remembered.relationships, remembered.many_to_many)


def test_the_order_of_the_solutions_does_not_matter() -> None:
    """A solution may point to what comes later."""
    folders = builtin_solution_dirs()

    assert assemble(map(read_solution, reversed(folders))).tables == assemble(map(read_solution, folders)).tables


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"tables__new_book": SMALL}, "other/tables/new_book.toml: the table `new_book` is there already"),
        (
            {"choices__new_kinds": CHOICE},
            "other/choices/new_kinds.toml: the global choice `new_kinds` is there already",
        ),
        ({"relationships__new_p": PAIR}, "other/relationships/new_p.toml: the relationship `new_p` is there already"),
        (
            {"solution": OTHER.replace('"other"', '"trial"')},
            "other/solution.toml: unique_name: another solution is called so",
        ),
    ],
)
def test_what_two_solutions_both_have_is_refused(files: dict[str, str], text: str, tmp_path: Path) -> None:
    """The second file is named."""
    first = write(tmp_path / "trial", tables__new_book=SMALL, choices__new_kinds=CHOICE, relationships__new_p=PAIR)
    second = write(tmp_path / "other", **{"solution": OTHER, **files})

    with pytest.raises(OperatorError) as refusal:
        assemble([read_solution(first), read_solution(second)])

    assert ("VS2204", True) == (refusal.value.code, text in refusal.value.what), refusal.value.what


def test_children_of_tables_that_are_not_loaded_are_left_out(tmp_path: Path) -> None:
    """A solution alone has no jobs, no notes and no activities."""
    assert () == load(tmp_path, tables__new_book=SMALL + 'children = ["housekeeping", "activities"]\n').relationships


def test_custom_user_owned_tables_track_changes_unless_they_say_otherwise() -> None:
    """And so do accounts, contacts and tasks."""
    tables = load_schema().tables
    tracked = {
        name: tables[name].change_tracking for name in ("account", "contact", "task", "msdyn_sessionevent", "email")
    }

    assert {"account": True, "contact": True, "task": True, "msdyn_sessionevent": True, "email": False} == tracked


def test_custom_is_what_a_publisher_prefixes() -> None:
    """Tables and columns alike; standard columns of a custom table are not custom."""
    event, contact = load_schema().tables["msdyn_sessionevent"], load_schema().tables["contact"]

    assert (True, False) == (event.custom, contact.custom)
    assert (True, True, False) == tuple(
        event.columns[name].custom for name in ("msdyn_eventtype", "msdyn_sessioneventid", "createdby")
    )
    assert (True, False) == tuple(contact.columns[name].custom for name in ("msdyn_gdproptout", "firstname"))


def test_an_amount_in_the_currency_of_the_organization_names_its_amount() -> None:
    """`x_base` converts `x`. [T-8]"""
    columns = load_schema().tables["account"].columns

    assert "revenue" == getattr(columns["revenue_base"], "base_of", None)
    assert getattr(columns["revenue"], "base_of", None) is None
