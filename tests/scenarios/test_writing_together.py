"""Short writes that come together to a file share a commit, and nobody is told of what is not on the disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.properties.test_groups_agree import Asked, creates, opened, sent, updates, while_somebody_writes
from tests.scenarios.harness import Answer, Api
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage, refuse
from verselet.store import sqlite
from verselet.store.lock import FairLock
from verselet.store.sqlite_session import SqliteSession

IDS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(16)]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An organization in a file."""
    with opened(tmp_path, 7) as found:
        yield found


class Commits:
    """Counts the commits of an organization, and refuses the first `refused` of them."""

    def __init__(self, api: Api, refused: int = 0) -> None:
        self.count = 0
        self._refused = refused
        with api.organization.store.begin() as session:
            assert isinstance(session, SqliteSession)
            self._connection = session.connection
        self._connection.set_commit_hook(self._note)

    def _note(self) -> bool:
        self.count += 1
        return self.count <= self._refused


def all_at_once(api: Api, requests: list[Asked]) -> list[int]:
    """The statuses of requests that come together."""

    async def run() -> list[Answer]:
        return await asyncio.gather(*[sent(api, asked) for asked in requests])

    return [answer.status for answer in asyncio.run(run())]


def test_sixteen_writes_take_one_commit(api: Api) -> None:
    """They wait for the disk once. (performance.md §7)"""
    commits = Commits(api)
    statuses = all_at_once(api, [creates(row_id, "A") for row_id in IDS])

    assert [204] * 16 == statuses
    assert 1 == commits.count
    assert 16 == len(api.values("accounts", "name"))


def test_sixteen_writes_that_wait_for_another_writer_take_one_commit(api: Api) -> None:
    """They come while a thread writes, and begin together when it is done. (performance.md §7)"""
    commits = Commits(api)

    async def run() -> list[Answer]:
        return await asyncio.gather(*[sent(api, creates(row_id, "A")) for row_id in IDS])

    answers = asyncio.run(while_somebody_writes(api, run))

    assert [204] * 16 == [answer.status for answer in answers]
    assert 1 == commits.count
    assert 16 == len(api.values("accounts", "name"))


def test_writes_that_waited_and_cannot_be_committed_are_answered_one_by_one(api: Api) -> None:
    """As those that did not wait."""
    commits = Commits(api, refused=1)

    async def run() -> list[Answer]:
        return await asyncio.gather(*[sent(api, creates(row_id, "A")) for row_id in IDS[:3]])

    answers = asyncio.run(while_somebody_writes(api, run))

    assert [204] * 3 == [answer.status for answer in answers]
    assert 4 == commits.count
    assert 3 == len(api.values("accounts", "name"))


def test_nobody_waits_longer_because_others_wait_in_front(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three that come while a thread writes for longer than a writer waits are refused after one such time."""
    patience_s, waits = 0.3, list[float]()
    acquire = FairLock.acquire

    def noted(lock: FairLock, timeout_s: float) -> None:
        waits.append(timeout_s)
        acquire(lock, timeout_s)

    with api.organization.store.begin():
        monkeypatch.setattr(sqlite, "PATIENCE_S", patience_s)
        monkeypatch.setattr(FairLock, "acquire", noted)
        statuses: list[int] = []

        def ask() -> None:
            statuses.extend(all_at_once(api, [creates(row_id, "A") for row_id in IDS[:3]]))

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()

    assert [503] * 3 == statuses
    assert sum(waits) < 2 * patience_s


def test_one_write_is_committed_before_it_is_answered(api: Api) -> None:
    """What was answered is on the disk. [E-21]"""
    commits = Commits(api)
    seen: list[int] = []

    async def run() -> None:
        await sent(api, creates(IDS[0], "A"))
        seen.append(commits.count)

    asyncio.run(run())

    assert [1] == seen


def test_requests_of_a_group_that_cannot_be_committed_are_answered_one_by_one(api: Api) -> None:
    """A commit that fails takes nobody's row along for good."""
    commits = Commits(api, refused=1)
    statuses = all_at_once(api, [creates(IDS[0], "A"), creates(IDS[1], "B"), updates(IDS[0], "C", star=True)])

    assert 4 == commits.count
    assert [204, 204] == statuses[:2]
    assert 2 == len(api.values("accounts", "name"))


def test_a_read_that_comes_with_writes_sees_what_is_committed(api: Api) -> None:
    """It belongs to no write, and waits for none."""
    before = creates(IDS[0], "A")
    read: Asked = ("GET", "accounts/$count", None, {})

    async def run() -> list[Answer]:
        return await asyncio.gather(*[sent(api, asked) for asked in (before, read)])

    answers = asyncio.run(run())

    assert "0" == answers[1].body.decode().lstrip("\ufeff")
    assert 204 == answers[0].status
    assert "1" == api.get("accounts/$count").body.decode().lstrip("\ufeff")


def test_rights_that_are_taken_away_hold_for_the_next_request_of_the_same_turn(api: Api) -> None:
    """A user who is disabled by one request is refused by the next one. [E-17], [SEC-109]"""
    user = api.make("systemusers", firstname="Registrant", domainname="registrant@example.com")
    api.entitle("systemusers", user)
    disable: Asked = ("PATCH", f"systemusers({user})", {"isdisabled": True}, {})
    by_user: list[Asked] = [(*creates(row_id, "A")[:3], {"mscrmcallerid": user}) for row_id in IDS[:2]]
    statuses = all_at_once(api, [by_user[0], disable, by_user[1]])

    assert [204, 204, 403] == statuses


@pytest.mark.parametrize(
    ("message", "table", "asked"),
    [
        ("Create", "account", creates(IDS[0], "A")),
        ("Delete", "contact", ("DELETE", f"accounts({IDS[1]})", None, {})),
    ],
)
def test_a_step_that_takes_its_time_holds_up_nobody(api: Api, message: str, table: str, asked: Asked) -> None:
    """A write that fires a step, also one on a row that goes along, runs in a thread: reads are answered. [EVT-8]"""
    solution = Solution("patience")
    is_read = threading.Event()
    assert 204 == api.post("accounts", {"accountid": IDS[1], "name": "parent"}).status
    api.make("contacts", lastname="child", parentcustomerid_account__bind=f"/accounts({IDS[1]})")

    @solution.step(message, table, stage=Stage.PRE_OPERATION)
    def wait(_context: Context) -> None:
        if not is_read.wait(60):
            refuse("Nobody was answered meanwhile.")

    organization = api.organization
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()

    async def read() -> None:
        await sent(api, ("GET", "contacts/$count", None, {}))
        is_read.set()

    async def run() -> Answer:
        answer, _ = await asyncio.gather(sent(api, asked), read())
        return answer

    assert 204 == asyncio.run(run()).status
