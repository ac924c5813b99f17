"""How two stores at one place notice what each other changed."""

from __future__ import annotations

import msgspec
import pytest

from tests.store.conftest import Place
from tests.store.tables import SCHEMA, table
from verselet.metadata.schema import Schema
from verselet.store.engine import Store
from verselet.store.failures import LayoutChanged
from verselet.store.generations import Generations, Known
from verselet.store.preparation import change


def both(place: Place) -> tuple[Store, Store]:
    """Two stores that serve the same schema."""
    first, second = place.open(), place.open()
    for store in (first, second):
        store.prepare_schema(SCHEMA)
    return first, second


def with_one_more(schema: Schema) -> Schema:
    """The next schema, with a table more."""
    more = {**schema.tables, "extra": table("extra")}
    return msgspec.structs.replace(schema, tables=more, generation=schema.generation + 1)


@pytest.mark.parametrize("kind", ["rights", "steps"])
def test_a_number_grows_with_the_commit_and_not_before(store: Store, kind: str) -> None:
    """So nobody reads anew what is not there yet."""
    before = getattr(store.generations(certain=True), kind)
    with store.begin() as session:
        session.outdate(kind)  # type: ignore[arg-type]
        assert before == getattr(store.generations(), kind)
    assert before + 1 == getattr(store.generations(), kind)


def test_what_is_undone_makes_nothing_out_of_date(store: Store) -> None:
    """A refusal leaves nothing behind. [E-21]"""
    before = store.generations(certain=True)
    with pytest.raises(ZeroDivisionError), store.begin() as session:
        session.outdate("rights")
        raise ZeroDivisionError
    with store.begin():
        pass
    assert before == store.generations(certain=True)


def test_a_session_remembers_nothing_of_what_it_changes(store: Store) -> None:
    """What it sees is not committed, and may never be."""
    known = store.generations(certain=True)
    with store.begin() as session:
        assert known.rights == session.remembers("rights")
        session.outdate("rights")
        assert (None, known.steps) == (session.remembers("rights"), session.remembers("steps"))


def test_the_other_store_hears_of_it(durable: Place) -> None:
    """At once where the file says so; in PostgreSQL whoever asks for certain."""
    first, second = both(durable)
    before = second.generations(certain=True)
    with first.begin() as session:
        session.outdate("rights", "steps")
    expected = Generations(before.schema, before.rights + 1, before.steps + 1)
    assert expected == second.generations(certain=True)


def test_a_writer_of_an_older_schema_is_turned_away(durable: Place) -> None:
    """Before anything is written; with the newest schema it may."""
    first, second = both(durable)
    old = first.generations(certain=True).schema
    with first.begin() as session:
        change(session, msgspec.structs.replace(SCHEMA, generation=old), with_one_more(SCHEMA))
    with pytest.raises(LayoutChanged), second.begin(old):
        pass
    with second.begin(old + 1) as session:
        session.run("INSERT INTO extra (extraid) VALUES ('00000000-0000-4000-8000-000000000001')")
    assert (old + 1, True) == (second.newest_schema().generation, "extra" in second.newest_schema().tables)


def test_of_two_changes_of_one_schema_one_is_turned_away(durable: Place) -> None:
    """Nothing of what the first one did is lost. [MW-2]"""
    first, second = both(durable)
    old = msgspec.structs.replace(SCHEMA, generation=first.generations(certain=True).schema)
    with first.begin() as session:
        change(session, old, with_one_more(old))
    with pytest.raises(LayoutChanged), second.begin() as session:
        change(session, old, with_one_more(old))


def test_the_number_of_the_schema_outlives_the_store(durable: Place) -> None:
    """Clients that remember definitions by it are not told of an older one after a restart. [MD-4]"""
    first = durable.open()
    schema = first.prepare_schema(SCHEMA)
    with first.begin() as session:
        change(session, schema, with_one_more(schema))
    again = durable.open()
    assert schema.generation + 1 == again.prepare_schema(SCHEMA).generation


def test_older_news_changes_nothing() -> None:
    """Connections may tell in another order than things happened."""
    known = Known()
    known.learn(Generations(3, 2, 1))
    newest = known.now
    known.learn(Generations(2, 2, 1))
    assert newest is known.now
    known.learn(Generations(1, 5, 0))
    assert Generations(3, 5, 1) == known.now
