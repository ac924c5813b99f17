"""A store can be looked at without being changed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.store.conftest import Place
from tests.store.rows import row_id
from tests.store.tables import LINK, PAIR, SAMPLE, schema_of, table
from verselet.errors import OperatorError
from verselet.settings import FILE_NAME
from verselet.store.bookkeeping import FORMAT, write_fact
from verselet.store.engine import open_store
from verselet.store.inspection import Inspection, inspect_store

ORGANIZATION = table("organization")
SCHEMA = schema_of(ORGANIZATION, SAMPLE, LINK, pairs=(PAIR,))
HEALTHY = Inspection(FORMAT, FORMAT, row_id(1), layout_is_current=True, problems=())


def prepared(place: Place) -> None:
    """A store that an organization was kept in."""
    store = place.open()
    store.prepare_schema(SCHEMA)
    with store.begin() as session:
        session.run(f"INSERT INTO organization (organizationid) VALUES ('{row_id(1)}')")
    store.close()


def test_a_sound_store_has_no_problems(durable: Place) -> None:
    """Format, organization and layout are told."""
    prepared(durable)

    assert HEALTHY == inspect_store(durable.url, durable.directory, SCHEMA)


def test_a_layout_that_is_not_current_is_no_problem(durable: Place) -> None:
    """The next start brings it up to date."""
    prepared(durable)
    found = inspect_store(durable.url, durable.directory, schema_of(ORGANIZATION, table("other")))

    assert msgspec.structs.replace(HEALTHY, layout_is_current=False) == found


def test_a_newer_format_is_a_problem(durable: Place) -> None:
    """This version must not open what a later one wrote."""
    prepared(durable)
    store = durable.open()
    with store.begin() as session:
        write_fact(session, "format", str(FORMAT + 1))
    store.close()
    found = inspect_store(durable.url, durable.directory, SCHEMA)

    assert (FORMAT + 1, False, 1) == (found.format, found.layout_is_current, len(found.problems))


def test_a_store_nobody_prepared_has_no_organization(durable: Place) -> None:
    """An empty database is no organization."""
    durable.open().close()

    assert ("there is no organization in it",) == inspect_store(durable.url, durable.directory, SCHEMA).problems


def test_a_damaged_page_is_a_problem(tmp_path: Path) -> None:
    """What SQLite finds wrong in the file is told, and the file is left as it is."""
    store = open_store(None, directory=tmp_path)
    store.prepare_schema(SCHEMA)
    with store.begin() as session:
        session.run_many('INSERT INTO "sample" ("sampleid") VALUES (?)', [(row_id(number),) for number in range(2000)])
    store.close()
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    content[-4096 * 8 :] = b"\x5a" * 4096 * 8
    file.write_bytes(content)

    assert inspect_store(None, tmp_path, SCHEMA).problems
    assert bytes(content) == file.read_bytes()


def test_where_nothing_is_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    """Looking makes no database."""
    with pytest.raises(OperatorError) as refusal:
        inspect_store(None, tmp_path, SCHEMA)

    assert "VS2010" == refusal.value.code
    assert not list(tmp_path.iterdir())
