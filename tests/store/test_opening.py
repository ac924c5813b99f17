"""A store opens, or says why not; what it keeps is there again the next time."""

from __future__ import annotations

from pathlib import Path

import apsw
import psycopg
import pytest

from tests.store.conftest import Place
from tests.store.rows import ids, insert, row_id
from tests.store.tables import SAMPLE, SCHEMA
from verselet.errors import OperatorError
from verselet.settings import FILE_NAME
from verselet.store.bookkeeping import FORMAT, read_fact, stored_format, write_fact
from verselet.store.engine import Store, open_store
from verselet.store.failures import LayoutChanged
from verselet.store.session import StatementStopped, StatementTooLarge, StoreBusy, StoreDamaged, StoreFailure, StoreFull
from verselet.store.sqlite_failures import failure_of, refusal_of


def code_of_refusal(url: str | None, directory: Path | None = None) -> str:
    """The code of the refusal to open."""
    with pytest.raises(OperatorError) as refusal:
        open_store(url, directory=directory)
    assert refusal.value.what
    assert refusal.value.why
    assert refusal.value.do
    return refusal.value.code


def test_rows_outlive_the_store(durable: Place) -> None:
    """A durable store has its rows, and the numbers it gave out, when it is opened again."""
    first = durable.open()
    first.prepare_schema(SCHEMA)
    with first.begin() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1)})
        version = session.next_versions()
    first.close()
    second = durable.open()
    second.prepare_schema(SCHEMA)

    assert [row_id(1)] == ids(second, SAMPLE)
    with second.begin() as session:
        assert version < session.next_versions()


def test_a_file_keeps_what_was_answered(tmp_path: Path) -> None:
    """Every commit is on the disk before anybody hears of it, and readers have a log to read beside the writer."""
    store = open_store(None, directory=tmp_path)
    with store.begin() as session:
        settings = {name: session.run(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")}

    assert {"journal_mode": [("wal",)], "synchronous": [(2,)]} == settings
    store.close()


def test_what_only_reads_cannot_write(durable: Place) -> None:
    """A durable store's readers have no way to change a row."""
    store = durable.open()
    store.prepare_schema(SCHEMA)
    with pytest.raises((apsw.ReadOnlyError, psycopg.errors.ReadOnlySqlTransaction)), store.read() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1)})

    assert [] == ids(store, SAMPLE)


def test_memory_forgets() -> None:
    """Two stores in memory know nothing of each other."""
    first, second = open_store(None), open_store("sqlite://")
    first.prepare_schema(SCHEMA)
    second.prepare_schema(SCHEMA)
    with first.begin() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1)})

    assert [] == ids(second, SAMPLE)
    first.close()
    second.close()


def test_a_directory_is_made_where_there_is_none(tmp_path: Path) -> None:
    """A data directory need not exist."""
    store = open_store(None, directory=tmp_path / "a" / "b")
    store.close()

    assert (tmp_path / "a" / "b" / FILE_NAME).is_file()


def test_facts_are_remembered(store: Store) -> None:
    """The last value written for a fact counts; one nobody wrote is none."""
    with store.begin() as session:
        write_fact(session, "organization_id", row_id(1))
        write_fact(session, "organization_id", row_id(2))

    with store.read() as session:
        assert row_id(2) == read_fact(session, "organization_id")
        assert read_fact(session, "nothing") is None
        assert FORMAT == stored_format(session)


def test_data_of_a_newer_version_is_refused(place: Place) -> None:
    """An older server does not touch what a newer one wrote."""
    store = place.open()
    store.prepare_schema(SCHEMA)
    with store.begin() as session:
        write_fact(session, "format", str(FORMAT + 1))
    with pytest.raises(OperatorError) as refusal:
        store.prepare_schema(SCHEMA)

    assert ("VS2006", f"the stored data has format {FORMAT + 1}") == (refusal.value.code, refusal.value.what)


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The operator learns that the path is taken."""
    taken = tmp_path / "taken"
    taken.write_text("notes")

    assert "VS2002" == code_of_refusal(None, taken)
    assert "notes" == taken.read_text()


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """The operator learns that nothing can be written there."""
    (tmp_path / "taken").write_text("notes")

    assert "VS2003" == code_of_refusal(None, tmp_path / "taken" / "data")


def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """Where the file should be is something else."""
    (tmp_path / FILE_NAME).mkdir()

    assert "VS2003" == code_of_refusal(None, tmp_path)


def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A file that is no database is not overwritten."""
    damaged = tmp_path / FILE_NAME
    damaged.write_bytes(b"no database" * 1000)

    assert "VS2004" == code_of_refusal(None, tmp_path)
    assert b"no database" * 1000 == damaged.read_bytes()


def test_an_unknown_url_is_refused() -> None:
    """There are two kinds of stores."""
    assert "VS2001" == code_of_refusal("mysql://localhost/rows")


def test_a_database_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    """The operator learns where nobody answered, without the password, and the exit code says so too."""
    with pytest.raises(OperatorError) as refusal:
        open_store(f"postgresql://somebody:secret@/rows?host={tmp_path}")

    assert ("VS2005", 3) == (refusal.value.code, refusal.value.exit_code)
    assert "secret" not in refusal.value.what + refusal.value.why
    assert str(tmp_path) in refusal.value.what


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (apsw.InterruptError("interrupted"), StatementStopped),
        (apsw.SQLError("Expression tree is too large (maximum depth 1000)"), StatementTooLarge),
        (apsw.SQLError("VIEWs and/or subqueries nested too deep"), StatementTooLarge),
        (apsw.BusyError("database is locked"), StoreBusy),
        (apsw.LockedError("database table is locked"), StoreBusy),
        (apsw.FullError("database or disk is full"), StoreFull),
        (apsw.CorruptError("database disk image is malformed"), StoreDamaged),
        (apsw.IOError("disk I/O error"), StoreDamaged),
    ],
    ids=lambda case: getattr(case, "__name__", type(case).__name__),
)
def test_what_sqlite_says_is_said_in_our_words(error: apsw.Error, expected: type[StoreFailure]) -> None:
    """Nobody above the store knows the driver's errors."""
    connection = apsw.Connection(":memory:")

    assert expected is type(failure_of(error, connection))


def test_a_fault_of_ours_stays_what_it_is() -> None:
    """A statement that is wrong is a bug, not a failure of the store; a wrong name may be one that just went."""
    store = open_store(None)
    with pytest.raises(apsw.SQLError):
        store.fetch("SELECT 1 +", ())
    with pytest.raises(LayoutChanged):
        store.fetch('SELECT "a misspelt name is not a text"', ())
    store.close()


def test_a_database_somebody_else_writes_to_is_refused() -> None:
    """The operator learns that another process is in the way."""
    assert "VS2009" == refusal_of(apsw.BusyError("database is locked"), Path("verselet.db")).code
