"""The remembered schema is used only while it fits the files it was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from tests.unit.metadata.solution_folder import SMALL, write
from verselet.metadata import compiled
from verselet.metadata.compiled import builtin_solution_dirs, load_schema


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the package, which cannot be written."""
    folder = tmp_path / "package"
    folder.write_text("a file where a folder should be: nothing can be written below it")
    monkeypatch.setattr(compiled, "_package", lambda: folder)
    return folder


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    """A small solution."""
    return write(tmp_path / "trial", tables__new_book=SMALL)


def memory(folder: Path) -> Path:
    """The one file of memory in a folder."""
    (found,) = folder.iterdir()
    return found


def test_the_memory_gives_the_same_schema(package: Path, solution: Path, tmp_path: Path) -> None:
    """Read or remembered, all is equal."""
    read = load_schema([solution], tmp_path / "cache")
    remembered = load_schema([solution], tmp_path / "cache")

    assert read.tables == remembered.tables
    assert (read.relationships, read.many_to_many, read.choices) == (
        remembered.relationships,
        remembered.many_to_many,
        remembered.choices,
    )
    assert list(read.tables) == list(remembered.tables)


def test_the_memory_is_used(package: Path, solution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time no file is read."""
    load_schema([solution], tmp_path / "cache")
    monkeypatch.setattr(compiled, "_read", None)

    assert ["new_book"] == list(load_schema([solution], tmp_path / "cache").tables)


def test_the_memory_is_rebuilt_when_a_file_changes(package: Path, solution: Path, tmp_path: Path) -> None:
    """Size, time or name of a file are enough to notice."""
    load_schema([solution], tmp_path / "cache")
    write(solution, tables__new_book=SMALL, tables__new_shelf=SMALL)

    assert ["new_book", "new_shelf"] == list(load_schema([solution], tmp_path / "cache").tables)


def test_the_memory_is_rebuilt_when_the_version_changes(
    package: Path, solution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version may mean something else by the same file."""
    load_schema([solution], tmp_path / "cache")
    before = memory(tmp_path / "cache").read_bytes()
    monkeypatch.setattr(compiled, "__version__", "0.0.0")
    load_schema([solution], tmp_path / "cache")

    assert before != memory(tmp_path / "cache").read_bytes()


@pytest.mark.parametrize("damage", ["", "short", "changed", "longer"])
def test_a_damaged_memory_is_rebuilt(damage: str, package: Path, solution: Path, tmp_path: Path) -> None:
    """It is never trusted, and a good one takes its place."""
    load_schema([solution], tmp_path / "cache")
    place = memory(tmp_path / "cache")
    good = place.read_bytes()
    damaged = {
        "": b"",
        "short": good[:-1],
        "changed": good[:-1] + bytes([good[-1] ^ 1]),
        "longer": good + b"\0",
    }
    place.write_bytes(damaged[damage])
    found = load_schema([solution], tmp_path / "cache")

    assert (["new_book"], good) == (list(found.tables), place.read_bytes())


def test_a_memory_of_another_shape_is_rebuilt(package: Path, solution: Path, tmp_path: Path) -> None:
    """Digests that fit do not help when the content is no schema."""
    load_schema([solution], tmp_path / "cache")
    place = memory(tmp_path / "cache")
    good = place.read_bytes()
    body = msgspec.msgpack.encode(["no schema"])
    checked = hashlib.blake2b(body, digest_size=32).digest()
    place.write_bytes(good[:32] + checked + body)
    load_schema([solution], tmp_path / "cache")

    assert good == place.read_bytes()


def test_a_schema_loads_where_nothing_can_be_written(package: Path, solution: Path) -> None:
    """No memory is no fault."""
    assert ["new_book"] == list(load_schema([solution]).tables)


def test_the_memory_lies_in_the_package_where_it_can_be_written(
    solution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the folder that is named for it stays empty."""
    monkeypatch.setattr(compiled, "_package", lambda: tmp_path / "package")
    load_schema([solution], tmp_path / "cache")

    assert memory(tmp_path / "package" / "__pycache__").is_file()
    assert not (tmp_path / "cache").exists()


def test_the_built_in_solutions_are_four() -> None:
    """Each lists what it left out by table, and names tables of its own only."""
    assert ["platform", "activities", "omnichannel", "eventmanagement"] == [
        path.name for path in builtin_solution_dirs()
    ]


def test_the_built_in_schema_has_every_table() -> None:
    """107 tables with a file, the settings of users, and the intersect tables of eight pairs."""
    found = load_schema()
    made = [table.name for table in found.tables.values() if table.is_intersect and table.solution == "eventmanagement"]

    assert (118, 8) == (len(found.tables), len(made))


def test_every_built_in_table_is_described() -> None:
    """One sentence of our own, with a full stop."""
    assert [] == [table.name for table in load_schema().tables.values() if not table.description.endswith(".")]


def test_the_columns_of_all_activities_are_described() -> None:
    """And so are those of each activity that has them. [C-18]"""
    tables = load_schema().tables
    pointer = tables["activitypointer"].columns

    assert [] == [name for name, column in pointer.items() if not column.description]
    assert [] == [n for n in tables["task"].columns if n in pointer and not tables["task"].columns[n].description]


def test_a_navigation_name_is_unique_in_its_table() -> None:
    """Over to-one, to-many and many-to-many alike: a request names it without saying which it is. [CS-1]"""
    schema = load_schema()
    twice = []
    for name in schema.tables:
        names = [*schema.to_one[name], *schema.to_many[name], *schema.across[name]]
        twice += [f"{name}.{navigation}" for navigation in names if names.count(navigation) > 1]

    assert [] == twice


def test_a_navigation_name_is_no_property_of_its_table() -> None:
    """Else `$select` and `$expand` would mean two things by one word. [Q-3]"""
    schema = load_schema()

    assert [] == [
        f"{name}.{navigation}"
        for name in schema.tables
        for navigation in (*schema.to_one[name], *schema.to_many[name])
        if (column := schema.tables[name].columns.get(navigation)) is not None
        and "lookup" != column.__struct_config__.tag
    ]


def test_hierarchies_are_marked() -> None:
    """Accounts, users, positions and business units form trees."""
    found = {r.schema_name for r in load_schema().relationships if r.hierarchical}

    of_users = {"user_parent_user", "position_parent_position"}
    assert {"account_parent_account", "business_unit_parent_business_unit", *of_users} == found
