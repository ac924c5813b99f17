"""Reads that steps wait for: they wait for no writer themselves, and what a step writes is committed with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.scenarios.definitions import Place
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Api, new_organization
from verselet.messages.request import Create, RetrieveMultiple, RowKey, Update
from verselet.operations.failures import TakesLong
from verselet.operations.step_book import StepBook
from verselet.organization import Organization
from verselet.pipeline.posts import NoPoster
from verselet.query.tree import Query
from verselet.sdk import Context, Mode, Row, Solution, Stage, refuse

__all__ = ["place"]

Handler = Callable[[Context], None]
READS = [("Retrieve", "accounts({})"), ("RetrieveMultiple", "accounts?$filter=accountid%20eq%20{}")]


@pytest.fixture
def organization(place: Place) -> Iterator[Organization]:
    """An organization whose store reads beside a writer."""
    with place.opened() as opened:
        yield opened.organization


def let(organization: Organization, *steps: tuple[str, str, Handler, Mode]) -> None:
    """Let functions wait for messages, after the operation."""
    solution = Solution("waiting")
    for message, table, handler, mode in steps:
        solution.step(message, table, stage=Stage.POST_OPERATION, mode=mode)(handler)
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()


def nothing(_context: Context) -> None:
    """Looks on."""


def describe(context: Context) -> None:
    """Writes that the row was read."""
    row_id = context.row_id or context.outputs["BusinessEntityCollection"][0].id
    context.send(Update(Row("account", row_id, {"description": "read"}), RowKey(row_id)))


def refusing(_context: Context) -> None:
    """Lets nothing happen."""
    refuse("not this read")


@pytest.mark.parametrize(("message", "target"), READS)
def test_a_read_waits_for_no_writer(organization: Organization, message: str, target: str) -> None:
    """Whoever looks on while somebody reads needs no turn to write. [EVT-11]"""
    let(organization, (message, "account", nothing, Mode.SYNC))
    api = Api(organization)
    account = api.make("accounts", name="read")
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with organization.transaction():
            organization.execute(Create(Row("account", None, {"name": "slow"})), organization.administrator)
            begun.set()
            done.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(60)
    answer = api.get(target.format(account))
    done.set()
    writer.join()
    assert 200 == answer.status, answer.body
    assert ["read", "slow"] == sorted(api.values("accounts?$select=name", "name"))
    api.web.close()


@pytest.mark.parametrize(("message", "target"), READS)
def test_what_a_step_writes_is_committed_with_the_read(organization: Organization, message: str, target: str) -> None:
    """And undone where another one refuses it. [EVT-7], [EVT-11]"""
    api = Api(organization)
    account = api.make("accounts", name="read")
    let(organization, (message, "account", describe, Mode.SYNC), (message, "account", refusing, Mode.SYNC))
    assert 400 == api.get(target.format(account)).status
    let(organization)
    assert api.read(f"accounts({account})")["description"] is None
    let(organization, (message, "account", describe, Mode.SYNC))
    assert 200 == api.get(target.format(account)).status
    let(organization)
    assert "read" == api.read(f"accounts({account})")["description"]
    api.web.close()


def test_an_asynchronous_step_on_a_read_is_a_job(organization: Organization) -> None:
    """Its job is written with the read. [EVT-2]"""
    api = Api(organization)
    account = api.make("accounts", name="read")
    let(organization, ("Retrieve", "account", nothing, Mode.ASYNC))
    assert 200 == api.get(f"accounts({account})").status
    let(organization)
    assert ["Retrieve"] == api.values("asyncoperations?$select=messagename", "messagename")
    api.web.close()


def test_a_step_that_goes_on_after_a_refusal_leaves_nothing_of_what_was_refused(organization: Organization) -> None:
    """Also where a read was sent, and a step on that one wrote. [EVT-9]"""
    api = Api(organization)
    account = api.make("accounts", name="read")
    caught: list[str] = []

    def look_elsewhere(context: Context) -> None:
        try:
            context.send(RetrieveMultiple(Query(table="contact", select=("contactid",))))
        except Exception as error:  # noqa: BLE001  whatever was refused
            caught.append(type(error).__name__)

    def write(context: Context) -> None:
        context.send(Create(Row("account", None, {"name": "written"})))

    let(
        organization,
        ("Retrieve", "account", look_elsewhere, Mode.SYNC),
        ("Retrieve", "account", describe, Mode.SYNC),
        ("Create", "account", refusing, Mode.SYNC),
        ("RetrieveMultiple", "contact", write, Mode.SYNC),
    )
    assert 200 == api.get(f"accounts({account})").status
    let(organization)
    assert ["read"] == api.values("accounts?$select=name", "name")
    assert "read" == api.read(f"accounts({account})")["description"]
    api.web.close()


def test_a_thread_in_a_hurry_runs_no_step() -> None:
    """It would give up in the middle, and the steps would run again elsewhere. [EVT-7], [performance.md §5]"""
    organization = new_organization()
    seen: list[str] = []
    api = Api(organization)
    account = api.make("accounts", name="read")
    let(organization, ("Retrieve", "account", lambda context: seen.append(context.row_id), Mode.SYNC))
    organization.store.hurry(on=True)
    with pytest.raises(TakesLong):
        api.get(f"accounts({account})")
    organization.store.hurry(on=False)
    assert [] == seen
    assert 200 == api.get(f"accounts({account})").status
    assert [account] == seen
    api.web.close()
    organization.close()
