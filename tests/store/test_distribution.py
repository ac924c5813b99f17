"""How tables would lie on several machines, and what stands against it."""

from __future__ import annotations

import json
import re

import pytest

from verselet.cli import run
from verselet.metadata.compiled import load_schema
from verselet.sql.columns import StoredColumn
from verselet.sql.dialects import POSTGRESQL
from verselet.store.distribution import GROWING, OWN, distribution_of
from verselet.store.layout import IndexLayout, Layout, TableLayout, layout_of
from verselet.store.migrations import MIGRATIONS

CREATED = re.compile(r"CREATE TABLE (verselet_\w+)")


def test_every_table_has_one_place() -> None:
    """Those of the schema, and the server's own."""
    layout = layout_of(load_schema())
    placed = [one.table for one in distribution_of(layout)]
    own = {name for step in MIGRATIONS for text in step(POSTGRESQL) for name in CREATED.findall(text)}
    assert own == set(OWN)
    assert sorted([*layout.tables, *own]) == sorted(placed)
    assert GROWING.keys() <= layout.tables.keys()


def test_what_must_be_unique_must_contain_the_column() -> None:
    """A table that lies by its id can keep its primary key; other keys of it, and one by its parent, cannot be kept."""
    by_id, by_parent = "msdyn_ocsession", "msdyn_sessionevent"
    columns = tuple([StoredColumn(name, "guid") for name in ("activityid", "msdyn_omnichannelsession", "other")])
    key = IndexLayout(by_id, (columns[2],), unique=True)
    tables = {by_id: TableLayout("activityid", columns), by_parent: TableLayout("other", columns)}
    kept, keyed = ({one.table: one for one in distribution_of(Layout(tables, found, {}))} for found in ({}, {"k": key}))

    assert () == kept[by_id].refused
    assert "primary key (other)" in kept[by_parent].refused[0]
    assert ["what must be unique (other) does not contain activityid"] == list(keyed[by_id].refused)
    assert "colocate_with => '\"msdyn_ocsession\"'" in kept[by_parent].statement


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
