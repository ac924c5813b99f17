"""How tables would lie on several machines, and what stands against it."""

from __future__ import annotations

import json
import re

import pytest
from msgspec import structs

from verselet.cli import run
from verselet.metadata.compiled import load_schema
from verselet.sql.dialects import POSTGRESQL
from verselet.store.distribution import OWN, distribution_of
from verselet.store.layout import IndexLayout, layout_of
from verselet.store.migrations import MIGRATIONS

CREATED = re.compile(r"CREATE TABLE (verselet_\w+)")


def test_every_table_has_one_place() -> None:
    """Those of the schema, and the server's own."""
    schema = load_schema()
    layout = layout_of(schema)
    placed = [one.table for one in distribution_of(schema, layout)]
    own = {name for step in MIGRATIONS for text in step(POSTGRESQL) for name in CREATED.findall(text)}
    assert own == set(OWN)
    assert sorted([*layout.tables, *own]) == sorted(placed)


def test_tables_whose_files_say_so_are_spread_by_their_ids() -> None:
    """An id has a value, never changes, and is the key: no table is refused for its keys."""
    schema = load_schema()
    placed = {one.table: one for one in distribution_of(schema, layout_of(schema))}
    spread = {name for name, one in placed.items() if one.kind == "distributed"}

    assert spread == {name for name, table in schema.tables.items() if table.grows}
    assert "msdyn_sessionevent" in spread
    assert (
        "SELECT create_distributed_table('\"msdyn_ocsession\"', 'activityid');" == placed["msdyn_ocsession"].statement
    )
    assert not [why for one in placed.values() for why in one.refused if "unique" in why]
    assert () == placed["audit"].refused


def test_what_relates_two_of_them_lies_apart() -> None:
    """A session and its events, and what leads to itself; not what leads to tables that are on every machine."""
    schema = load_schema()
    placed = {one.table: one for one in distribution_of(schema, layout_of(schema))}

    assert [
        "questions that lead over msdyn_omnichannelsession to msdyn_ocsession or back: the rows of both lie apart"
    ] == list(placed["msdyn_sessionevent"].refused)
    assert any("msdyn_primarysession to msdyn_ocsession" in why for why in placed["msdyn_ocsession"].refused)


def test_what_must_be_unique_must_contain_the_id() -> None:
    """An alternate key of a table that is spread cannot be kept. [K-1]"""
    schema = load_schema()
    layout = layout_of(schema)
    columns = {column.name: column for column in layout.tables["audit"].columns}
    keys = {
        "kept": IndexLayout("audit", (columns["auditid"], columns["objectid"]), unique=True),
        "refused": IndexLayout("audit", (columns["objectid"],), unique=True),
    }
    keyed = structs.replace(layout, indexes={**layout.indexes, **keys})
    placed = {one.table: one for one in distribution_of(schema, keyed)}

    assert ("what must be unique (objectid) does not contain auditid",) == placed["audit"].refused


def test_the_command_tells_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """`verselet database distribute`. VS1080"""
    assert 0 == run(["database", "distribute", "--dry-run"])
    told = capsys.readouterr().out
    assert 0 == run(["database", "distribute", "--dry-run", "--json"])
    found = json.loads(capsys.readouterr().out)
    refused = sum(len(one["refused"]) for one in found["tables"])
    assert told.endswith(f"{refused} things stand against it.\n")
    assert 2 == run(["database", "distribute"])
    assert "VS1080" in capsys.readouterr().err
