"""A lake that cannot be used: the run ends in a state that a person can read, and no row is lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.object_storage import ObjectStorage
from tests.scenarios.harness import Api
from tests.scenarios.lakes import api_beside_folder as api
from tests.scenarios.test_retention import OLD, active, kept, policy, retained
from verselet.jobs.queue import run_due
from verselet.lake import Bucket, Lake

__all__ = ["api"]

RUNS = "retentionoperations?$select=statecode,statuscode,additionaldetails&$orderby=createdon"


def runs(api: Api) -> list[tuple[int, int, str]]:
    """State, status reason and reason of each run."""
    found = api.get(RUNS).json["value"]
    return [(run["statecode"], run["statuscode"], run.get("additionaldetails") or "") for run in found]


def begin_again(api: Api) -> None:
    """Let the policy run once more."""
    (given,) = api.values("retentionconfigs?$select=retentionconfigid", "retentionconfigid")
    assert 204 == api.patch(f"retentionconfigs({given})", {"starttime": None}).status
    assert 1 == run_due(api.organization)


def test_a_folder_that_cannot_be_written_fails_the_run(api: Api, tmp_path: Path) -> None:
    """With the machine's own words; the rows stay, and the next run takes them. [RET-22], [RET-25]"""
    (tmp_path / "closed").write_text("a file where the folder should be")
    api.organization.lake = Lake(tmp_path / "closed" / "lake")
    api.make("accounts", name="old")
    policy(api)
    assert 1 == run_due(api.organization)
    ((state, status, reason),) = runs(api)
    assert (3, 31) == (state, status)
    assert "The lake cannot be written" in reason
    (job,) = api.get("asyncoperations?$filter=operationtype%20eq%20300").json["value"]
    assert (31, True) == (job["statuscode"], "The lake cannot be written" in job["message"])
    assert (["old"], []) == (active(api), kept(api))
    (tmp_path / "closed").unlink()
    begin_again(api)
    assert ([], ["old"]) == (active(api), kept(api))


def test_storage_that_refuses_fails_the_run(api: Api, object_storage: ObjectStorage) -> None:
    """Its bucket is not there: the rows stay, the job says why, and the next run takes them. [RET-22], [RET-25]"""
    there = object_storage.new_lake()
    api.organization.lake = Lake(Bucket("s3://nobody-made-it/x", object_storage.options))
    api.make("accounts", name="old")
    policy(api)
    assert 1 == run_due(api.organization)
    ((state, status, reason),) = runs(api)
    assert (3, 31) == (state, status)
    assert "The lake cannot be written: the bucket does not exist (NoSuchBucket)." == reason
    (job,) = api.get("asyncoperations?$filter=operationtype%20eq%20300").json["value"]
    assert (31, reason) == (job["statuscode"], job["message"])
    assert ["old"] == active(api)
    answer = retained(api, "account")
    assert (503, True) == (answer.status, "the bucket does not exist" in answer.message)
    api.organization.lake = Lake(there)
    begin_again(api)
    assert ([], ["old"]) == (active(api), kept(api))


@pytest.mark.parametrize("damaged", ["*.parquet", "_delta_log/*.json"])
def test_a_lake_with_missing_or_damaged_files_says_so(api: Api, tmp_path: Path, damaged: str) -> None:
    """Who reads retained rows is told, and may try again when they are whole."""
    api.make("accounts", name="old")
    policy(api)
    run_due(api.organization)
    (path,) = (tmp_path / "lake" / "account").glob(damaged)
    content = path.read_bytes()
    for put in (lambda: path.write_bytes(b"garbage"), path.unlink if path.suffix == ".parquet" else lambda: None):
        put()
        answer = retained(api, "account")
        assert (503, True) == (answer.status, "The lake cannot be read" in answer.message), answer.body
    path.write_bytes(content)
    assert ["old"] == kept(api)


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extra `lake` is not installed."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "deltalake", None)
        yield


def test_without_its_library_retention_is_refused_by_name(api: Api, without_library: None) -> None:
    """The refusal says what to install; nothing is retained, and reading finds that. [RET-34]"""
    given = {"name": "n", "uniquename": "u", "entitylogicalname": "account", "criteria": OLD}
    answer = api.post("retentionconfigs", given)
    assert (501, True) == (answer.status, "verselet[lake]" in answer.message)
    assert [] == kept(api)


def test_retained_rows_without_the_library_are_not_taken_for_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are some, the refusal says what to install to read them. [RET-40]"""
    api.make("accounts", name="old")
    policy(api)
    run_due(api.organization)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "deltalake", None)
        answer = retained(api, "account")
    assert (501, True) == (answer.status, "verselet[lake]" in answer.message)
    assert ["old"] == kept(api)
