"""The commands and what they leave behind: fixtures, folders, databases."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from conformance.people import FIXTURES
from tests.scenarios.server_process import TOKEN, run, running

pytestmark = pytest.mark.slow

ACCOUNT = "a1000000-0000-4000-8000-000000000001"
CONTACT = "c1000000-0000-4000-8000-000000000001"
FIXTURE = {
    "rows": {
        "account": [{"accountid": ACCOUNT, "name": "A venue"}],
        "contact": [
            {
                "contactid": CONTACT,
                "lastname": "Registrant",
                "parentcustomerid_account@odata.bind": f"/accounts({ACCOUNT})",
            }
        ],
    }
}


def fixture_file(folder: Path, content: dict[str, Any] = FIXTURE) -> str:
    """The name of a fixture file in that folder."""
    (folder / "own.json").write_text(json.dumps(content), encoding="utf-8")
    return "own.json"


def test_a_file_is_loaded_into_the_running_server(tmp_path: Path) -> None:
    """`verselet seed FILE`, twice: same ids, same rows. contract.md §4"""
    content = {"rows": {"account": FIXTURE["rows"]["account"]}}
    file = fixture_file(tmp_path, content)
    with running(tmp_path) as server:
        for rows in ({"account": 1}, {}):
            done = run(tmp_path, "seed", file, "--port", str(server.port), "--json")
            assert (0, rows) == (done.returncode, json.loads(done.stdout)["rows"])
        names = [row["name"] for row in server.ask("GET", "/api/data/v9.2/accounts?$select=name", TOKEN).json["value"]]
        assert ["A venue"] == names


def test_what_a_file_calls_optional_is_told_when_it_is_left_out(tmp_path: Path) -> None:
    """On standard error, with the table and its place; the rest is loaded. contract.md §4"""
    column = {"logicalname": "vst_name", "type": "String"}
    table = {"logicalname": "vst_reading", "primaryname": "vst_name", "columns": [column], "capability": "elastic"}
    file = fixture_file(tmp_path, {**FIXTURE, "tables": [{**table, "tabletype": "Elastic"}]})
    said = "vst_reading was left out ($.tables[0]): elastic tables are not supported here"
    with running(tmp_path) as server:
        done = run(tmp_path, "seed", file, "--port", str(server.port), "--json")

    kept = run(tmp_path, "seed", file, "--data", "org")

    assert (0, 0) == (done.returncode, kept.returncode)
    assert [True] == [note.startswith(said) for note in json.loads(done.stdout)["notes"]]
    assert said in kept.stderr
    assert "2  rows in" in kept.stdout


def test_a_server_serves_the_organization_of_its_fixture(tmp_path: Path) -> None:
    """Its ids, and its people by key. contract.md §2, §3, §4"""
    with running(tmp_path, "--seed", str(FIXTURES)) as server:
        told = server.ask("GET", "/api/data/v9.2/WhoAmI", {"Authorization": "Bearer dev:rep_e1"}).json

    assert ("10000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000002") == (
        told["OrganizationId"],
        told["BusinessUnitId"],
    )


def test_a_bad_file_changes_nothing_and_is_named(tmp_path: Path) -> None:
    """All or nothing; file, path and reason, also when the file travelled to a server. contract.md §4"""
    bad = {"rows": {"account": [{"accountid": ACCOUNT, "name": "A venue"}, {"accountid": CONTACT, "nom": "x"}]}}
    file = fixture_file(tmp_path, bad)
    with running(tmp_path) as server:
        refused = run(tmp_path, "seed", file, "--port", str(server.port))
        assert (1, "") == (refused.returncode, refused.stdout)
        assert ("own.json" in refused.stderr, "rows.account[1]" in refused.stderr) == (True, True)
        assert [] == server.ask("GET", "/api/data/v9.2/accounts?$select=name", TOKEN).json["value"]


def test_a_file_is_loaded_into_a_folder(tmp_path: Path) -> None:
    """Without a server; the next one finds the rows. contract.md §2"""
    done = run(tmp_path, "seed", fixture_file(tmp_path), "--data", "org")
    assert (0, True) == (done.returncode, "2  rows in" in done.stdout)
    with running(tmp_path, "--data", "org") as server:
        assert "A venue" == server.ask("GET", f"/api/data/v9.2/accounts({ACCOUNT})?$select=name", TOKEN).json["name"]


def test_a_server_starts_with_its_seeds(tmp_path: Path) -> None:
    """`--seed FILE`; rows are there when it says that it is ready. contract.md §2"""
    with running(tmp_path, "--seed", fixture_file(tmp_path)) as server:
        assert 200 == server.ask("GET", f"/api/data/v9.2/accounts({ACCOUNT})", TOKEN).status


def test_a_seed_that_does_not_exist_ends_the_start(tmp_path: Path) -> None:
    """Three lines; nothing listens. product.md §6"""
    refused = run(tmp_path, "serve", "--port", "0", "--seed", "no-such-file.json")
    assert (True, "") == (refused.returncode in (1, 2), refused.stdout)
    assert refused.stderr.startswith("error VS")
    assert 3 == len(refused.stderr.splitlines())


def test_a_seed_that_does_not_exist_founds_nothing(tmp_path: Path) -> None:
    """A folder that would only be half of what was wanted is not made. contract.md §4"""
    refused = run(tmp_path, "seed", "no-such-file.json", "--data", "org")

    assert (1, False) == (refused.returncode, (tmp_path / "org").exists())


@pytest.mark.postgresql
def test_a_database_keeps_rows(tmp_path: Path, postgresql_url: str) -> None:
    """`--database postgresql://…`: served, stopped, checked, served again. contract.md §2"""
    flags = ("--database", postgresql_url)
    with running(tmp_path, *flags, "--seed", fixture_file(tmp_path)) as server:
        assert server.printed[0].startswith("verselet ")
        assert "PostgreSQL at" in server.printed[0]
        assert 0 == server.stop(signal.SIGTERM)
    checked = run(tmp_path, "check", *flags, "--json")
    assert (0, True) == (checked.returncode, json.loads(checked.stdout)["ok"])
    with running(tmp_path, *flags) as server:
        assert "A venue" == server.ask("GET", f"/api/data/v9.2/accounts({ACCOUNT})?$select=name", TOKEN).json["name"]
        assert 200 == server.ask("GET", "/tables/accounts").status


@pytest.mark.postgresql
def test_a_database_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    """Exit code 3, and the address is shown without the password. product.md §6"""
    refused = run(tmp_path, "serve", "--port", "0", "--database", "postgresql://me:secret@127.0.0.1:1/org")
    assert (3, "", False) == (refused.returncode, refused.stdout, "secret" in refused.stderr)
