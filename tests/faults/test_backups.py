"""Save an organization while it is written to, and see what the copies hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.ledger import WRITERS, Caller, Ledger, Reader, Writer
from tests.faults.survival import retain, wait_for_runs
from tests.scenarios.server_process import run, running

pytestmark = pytest.mark.slow

RETAINABLE = {"@odata.type": "#Microsoft.Dynamics.CRM.EntityMetadata", "IsRetentionEnabled": True}
BACKUPS = 2


def test_a_backup_under_load_is_of_one_moment(tmp_path: Path) -> None:
    """What was answered for before it began is there, with its value; nothing is in the tables and the lake.

    [RET-2], [LIM-44]
    """
    known: list[dict[str, int]] = []
    with running(tmp_path, "--data", "org") as server:
        caller, ledger = Caller(server.port), Ledger()
        assert 204 == caller.ask("PUT", "EntityDefinitions(LogicalName='account')", RETAINABLE).status
        caller.close()
        writers = [Writer(server.port, ledger, random.Random(n), ("kept", "old")) for n in range(WRITERS)]
        for number in range(BACKUPS):
            retain(server, number)
            known.append({row_id: kept.number for row_id, kept in list(ledger.rows.items())})
            done = run(tmp_path, "backup", f"saved{number}", "--data", "org")
            assert 0 == done.returncode, done.stderr
        for writer in writers:
            writer.stop()
    assert not ledger.surprises
    assert known[-1]

    for number, rows in enumerate(known):
        done = run(tmp_path, "restore", f"saved{number}", "--data", f"again{number}")
        assert 0 == done.returncode, done.stderr
        with running(tmp_path, "--data", f"again{number}") as server:
            reader = Reader(server)
            wait_for_runs(reader)
            columns = ("accountid", "numberofemployees")
            active = {row["accountid"]: row["numberofemployees"] for row in reader.active("account", *columns)}
            retained = {row["accountid"]: row["numberofemployees"] for row in reader.retained("account", *columns)}
        found = {**active, **retained}
        assert set() == rows.keys() - found.keys()
        assert set() == active.keys() & retained.keys()
        assert [] == [row_id for row_id, value in rows.items() if found[row_id] < value]
