"""Long-term retention: policies move rows to a lake, from where they can only be read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from deltalake import QueryBuilder

from tests.scenarios.harness import Answer, Api
from tests.scenarios.lakes import api, lake_place, stock_reader
from verselet.clock import Clock
from verselet.errors import Unavailable
from verselet.ids import Ids
from verselet.jobs import retention
from verselet.jobs.batches import Batches
from verselet.jobs.queue import run_due, take_back
from verselet.lake import Lake, Place
from verselet.messages.jobs import EndJob
from verselet.metadata.changes.drafts import TableFacts
from verselet.metadata.changes.tables import update_table
from verselet.metadata.compiled import load_schema
from verselet.operations.step_book import StepBook
from verselet.organization import Organization, write_builtin_rows
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage, refuse
from verselet.store.engine import open_store

__all__ = ["api", "lake_place"]

FORMATTED = 'odata.include-annotations="*"'
OLD = (
    "<fetch><entity name='account'><filter><condition attribute='name' operator='like' value='old%'/>"
    "</filter></entity></fetch>"
)


def policy(api: Api, **more: object) -> str:
    """A policy that retains the accounts whose names begin with `old`."""
    given = {"name": "old ones", "uniquename": "old", "entitylogicalname": "account", "criteria": OLD, **more}
    return api.make("retentionconfigs", **given)


def retained(api: Api, table: str, inside: str = "<all-attributes/>", set_name: str = "", **headers: str) -> Answer:
    """What the lake holds of a table."""
    text = f"<fetch datasource='retained'><entity name='{table}'>{inside}</entity></fetch>"
    return api.get(f"{set_name or table + 's'}?fetchXml={quote(text)}", **headers)


def kept(api: Api, table: str = "account") -> list[str]:
    """The names of the retained rows."""
    name = api.organization.schema.tables[table].primary_name or ""
    answer = retained(api, table)
    assert 200 == answer.status, answer.body
    return sorted(row[name] for row in answer.json["value"])


def active(api: Api) -> list[str]:
    """The names of the accounts that are there."""
    return sorted(api.values("accounts?$select=name", "name"))


def run_of(api: Api) -> dict[str, Any]:
    """The one run there was."""
    found = api.get("retentionoperations").json["value"]
    assert 1 == len(found)
    return dict(found[0])


def steps(api: Api, *handlers: tuple[str, Callable[[Context], None]]) -> None:
    """Let functions wait for messages about accounts, in stage 20."""
    solution = Solution("watching")
    for message, handler in handlers:
        solution.step(message, "account", stage=Stage.PRE_OPERATION)(handler)
    organization = api.organization
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()


def test_a_retained_row_reads_as_it_was(api: Api) -> None:
    """[RET-1], [RET-6], [RET-40], [RET-45]: all values, and the names of rows that lookups point to."""
    parent = api.make("accounts", name="old parent", revenue=12.5, creditonhold=True, numberofemployees=7)
    api.make("contacts", lastname="child", parentcustomerid_account__bind=f"/accounts({parent})")
    api.make("accounts", name="young")
    question = quote("<fetch><entity name='{}'><all-attributes/></entity></fetch>")
    before = {
        table: api.get(f"{table}s?fetchXml={question.replace('%7B%7D', table)}", prefer=FORMATTED).json["value"]
        for table in ("account", "contact")
    }
    policy(api)
    assert 1 == run_due(api.organization)
    assert ["young"] == active(api)
    assert [] == api.values("contacts?$select=contactid", "contactid")
    expected = [row for row in before["account"] if row["name"] == "old parent"]
    assert expected == retained(api, "account", prefer=FORMATTED).json["value"]
    assert before["contact"] == retained(api, "contact", prefer=FORMATTED).json["value"]


def test_another_reader_counts_the_same_rows(api: Api, lake_place: tuple[str, Place]) -> None:
    """[RET-22], [RET-23]: the files are plain Delta tables, and every count says the same."""
    for number in range(7):
        api.make("accounts", name=f"old {number}")
    policy(api)
    run_due(api.organization)
    table = stock_reader(lake_place[1], "account")
    read = QueryBuilder().register("t", table).execute("SELECT count(*) AS n FROM t").read_all()
    assert [7] == read.column("n").to_pylist()
    assert {"account": 7} == api.organization.lake.tables()
    assert 7 == len(kept(api))
    run = run_of(api)
    assert (7, 0, 3, 30) == (run["retentioncount"], run["failedcount"], run["statecode"], run["statuscode"])
    details = api.get("retentionoperationdetails").json["value"]
    assert [("account", True, 7)] == [(d["entitylogicalname"], d["isrootentity"], d["retentioncount"]) for d in details]


def test_conditions_orders_and_pages_work_on_retained_rows(api: Api) -> None:
    """[RET-40]: the same question as to active rows."""
    for number in range(5):
        api.make("accounts", name=f"old {number}", numberofemployees=number)
    policy(api)
    run_due(api.organization)
    inside = "<attribute name='name'/><order attribute='numberofemployees' descending='true'/><filter>"
    inside += "<condition attribute='numberofemployees' operator='ge' value='3'/></filter>"
    assert ["old 4", "old 3"] == [row["name"] for row in retained(api, "account", inside).json["value"]]


def test_a_run_leaves_few_files(api: Api, lake_place: tuple[str, Place], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is a file; where there are many, they are merged at the end. [RET-1], [RET-45]"""
    for number in range(3):
        api.make("accounts", name=f"old {number}")
    monkeypatch.setattr(retention, "PAGE", 1)
    monkeypatch.setattr(api.organization.lake, "compact", partial(api.organization.lake.compact, at_least=2))
    policy(api)
    run_due(api.organization)
    assert 1 == len(stock_reader(lake_place[1], "account").file_uris())
    assert ["old 0", "old 1", "old 2"] == kept(api)


def test_a_run_whose_files_cannot_be_merged_is_done_all_the_same(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are retained, and the next run tries again. [RET-22]"""
    api.make("accounts", name="old")

    def full() -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(api.organization.lake, "compact", full)
    policy(api)
    run_due(api.organization)
    assert (3, 30) == (run_of(api)["statecode"], run_of(api)["statuscode"])
    assert ["old"] == kept(api)


@pytest.mark.parametrize("when", ["_purge", "_take_out"])
def test_a_crash_loses_nothing_and_keeps_nothing_twice(api: Api, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """[RET-2], [RET-45]: whatever was reached, each row is in one place, then and at the end."""
    for number in range(5):
        api.make("accounts", name=f"old {number}")
    monkeypatch.setattr(retention, "PAGE", 2)
    policy(api)
    run_class = retention._Run
    original, calls = getattr(run_class, when), []

    def crash(self: object, *given: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(self, *given)

    monkeypatch.setattr(run_class, when, crash)
    with pytest.raises(KeyboardInterrupt):
        run_due(api.organization)
    everything = [f"old {number}" for number in range(5)]
    assert everything == sorted([*active(api), *kept(api)])
    monkeypatch.setattr(run_class, when, original)
    take_back(api.organization)
    run_due(api.organization)
    assert everything == kept(api)
    assert [] == active(api)
    assert {"account": 5} == api.organization.lake.tables()
    assert 5 == run_of(api)["retentioncount"]


def test_rows_on_their_way_are_active_and_not_yet_retained(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """[RET-3], [RET-45]: between copying and deleting a row is seen once."""
    api.make("accounts", name="old")
    policy(api)
    purge = retention._Run._purge
    seen = []

    def look(self: Any, batch: Any, families: Any) -> Any:
        seen.append((active(api), kept(api), api.organization.lake.tables()))
        return purge(self, batch, families)

    monkeypatch.setattr(retention._Run, "_purge", look)
    # Before the transaction that deletes: the copy is there, and nobody is shown it.
    run_due(api.organization)
    assert [(["old"], [], {"account": 1})] == seen
    assert ["old"] == kept(api)


def test_a_row_that_changes_after_it_was_marked_stays(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """[RET-4], [RET-24]: it is rolled back, with a failure row."""
    changing = api.make("accounts", name="old changing")
    api.make("accounts", name="old resting")
    policy(api)
    copy = retention._Run._copy

    def change(self: Any, batch: Any, rows: Any) -> None:
        copy(self, batch, rows)
        assert 204 == api.patch(f"accounts({changing})", {"description": "new"}).status

    monkeypatch.setattr(retention._Run, "_copy", change)
    run_due(api.organization)
    assert ["old changing"] == active(api)
    assert ["old resting"] == kept(api)
    failures = api.get("retentionfailuredetails").json["value"]
    assert [(30, changing)] == [(failure["operation"], failure["recordid"]) for failure in failures]
    assert (1, 1) == (run_of(api)["retentioncount"], run_of(api)["failedcount"])


def test_a_question_amid_a_run_sees_no_row_that_stays(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looked at the lake before the copy of that row was taken out, and at the tables after. [RET-3], [RET-45]"""
    changing = api.make("accounts", name="old changing")
    api.make("accounts", name="old resting")
    policy(api)
    lake, before = api.organization.lake, []
    copy, take_out = retention._Run._copy, retention._Run._take_out

    def change(self: Any, batch: Any, rows: Any) -> None:
        copy(self, batch, rows)
        assert 204 == api.patch(f"accounts({changing})", {"description": "new"}).status

    def look_first(self: Any, batch: Any, families: Any) -> None:
        before.append(lake.look("account"))
        take_out(self, batch, families)

    monkeypatch.setattr(retention._Run, "_copy", change)
    monkeypatch.setattr(retention._Run, "_take_out", look_first)
    run_due(api.organization)
    look = lake.look
    monkeypatch.setattr(lake, "look", lambda table: before.pop() if before else look(table))
    assert ["old resting"] == kept(api)
    assert [] == before


def test_a_lake_that_never_rests_is_said_to_be_busy(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is answered with rows of two moments. [RET-45]"""
    api.make("accounts", name="old")
    policy(api)
    run_due(api.organization)
    monkeypatch.setattr("verselet.lake.delta.Snapshot.is_newest", lambda _: False)
    answer = retained(api, "account")
    assert (503, True) == (answer.status, "changes faster" in answer.message)


@pytest.mark.parametrize("when", ["_copy", "_purge"])
def test_a_worker_believed_dead_deletes_nothing_that_was_taken_back(
    api: Api, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RET-2], [RET-45]: another one took the run over; the first finds its batch taken back, and gives up."""
    api.make("accounts", name="old")
    policy(api)
    original, calls = getattr(retention._Run, when), []

    def hang(self: Any, *given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            Batches(api.organization, self.id).settle()
        return original(self, *given)

    monkeypatch.setattr(retention._Run, when, hang)
    seen: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(api.organization, "execute", _watching(api, seen))
    run_due(api.organization)
    assert [(["old"], [])] == seen
    assert ([], ["old"]) == (active(api), kept(api))
    assert {"account": 1} == api.organization.lake.tables()


def _watching(api: Api, seen: list[tuple[list[str], list[str]]]) -> Callable[..., Any]:
    """Note where the rows are whenever a job is ended as one that goes on later."""
    execute = api.organization.execute

    def watch(request: Any, caller: Any) -> Any:
        if isinstance(request, EndJob) and request.state == 0:
            seen.append((active(api), kept(api)))
        return execute(request, caller)

    return watch


def test_what_a_failed_run_left_in_the_lake_goes_with_the_next_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """[RET-2], [RET-45]: while the lake takes nothing, half a batch lies there and does not count."""
    parent = api.make("accounts", name="old parent")
    api.make("contacts", lastname="child", parentcustomerid_account__bind=f"/accounts({parent})")
    made = policy(api)
    lake = api.organization.lake
    write = lake.write
    written: list[str] = []

    def full(*given: Any) -> None:
        if written:
            raise Unavailable("The disk is full.")
        written.append(given[0])
        write(*given)

    def no_room(*_: Any) -> None:
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(lake, "write", full)
        patched.setattr(lake, "take_out", no_room)
        run_due(api.organization)
        assert {written[0]: 1} == lake.tables()
        assert ([], []) == (kept(api), kept(api, "contact"))
        assert ["old parent"] == active(api)
    assert 204 == api.patch(f"retentionconfigs({made})", {"statuscode": 10}).status
    run_due(api.organization)
    assert (["old parent"], ["child"]) == (kept(api), kept(api, "contact"))
    assert {"account": 1, "contact": 1} == lake.tables()


def test_a_step_that_refuses_to_mark_keeps_the_row(api: Api) -> None:
    """[RET-35]: failure row 10; the run goes on with the others."""
    held = api.make("accounts", name="old held")
    api.make("accounts", name="old free")

    def hold(context: Context) -> None:
        if context.facts.row_id == held:
            refuse("not this one")

    steps(api, ("Retain", hold))
    policy(api)
    run_due(api.organization)
    assert ["old held"] == active(api)
    assert ["old free"] == kept(api)
    failures = api.get("retentionfailuredetails").json["value"]
    assert [(10, held, True)] == [(f["operation"], f["recordid"], "not this one" in f["message"]) for f in failures]


def test_a_deletion_says_that_retention_is_behind_it(api: Api) -> None:
    """[RET-7]: the parent's message and an input parameter."""
    told: list[tuple[object, object]] = []

    def note(context: Context) -> None:
        parent = context.parent
        told.append((context.inputs.get("DeleteInvokedByRetention"), None if parent is None else parent.facts.message))

    steps(api, ("Delete", note))
    api.make("accounts", name="old")
    by_hand = api.make("accounts", name="young")
    policy(api)
    run_due(api.organization)
    api.delete(f"accounts({by_hand})")
    assert [(True, "PurgeRetainedContent"), (None, None)] == told


def test_families_that_share_a_row_go_together_or_stay_together(api: Api) -> None:
    """[RET-5], [RET-35]: no row is deleted along with another that was retained without it."""
    parent = api.make("accounts", name="old parent")
    api.make("contacts", lastname="child", parentcustomerid_account__bind=f"/accounts({parent})")

    def hold(context: Context) -> None:
        refuse("no accounts")

    steps(api, ("Delete", hold))
    policy(api)
    run_due(api.organization)
    assert ["old parent"] == active(api)
    assert ["child"] == api.values("contacts?$select=lastname", "lastname")
    assert [] == kept(api)
    assert [] == kept(api, "contact")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"entitylogicalname": "contact", "criteria": OLD.replace("account", "contact")}, "not enabled"),
        ({"entitylogicalname": "organization"}, "cannot be retained"),
        ({"criteria": OLD.replace("'account'", "'contact'")}, "not about 'account'"),
        ({"criteria": OLD.replace("<fetch", "<fetch datasource='retained'")}, "active rows"),
        ({"recurrence": "FREQ=HOURLY;INTERVAL=1"}, "recurrence"),
        ({"uniquename": ""}, "unique name"),
        ({"criteria": ""}, "criteria"),
    ],
)
def test_a_policy_that_cannot_run_is_not_saved(api: Api, given: dict[str, str], says: str) -> None:
    """[RET-20], [RET-34], [RET-9]"""
    whole = {"name": "n", "uniquename": "u", "entitylogicalname": "account", "criteria": OLD, **given}
    answer = api.post("retentionconfigs", whole)
    assert 400 == answer.status
    assert says in answer.message
    assert [] == api.values("retentionconfigs?$select=name", "name")
    assert [] == api.values("asyncoperations?$filter=operationtype%20eq%20300", "asyncoperationid")


def test_a_step_may_refuse_a_policy(api: Api) -> None:
    """[RET-34]"""

    def hold(context: Context) -> None:
        refuse(f"no policy for {context.inputs['EntityName']}")

    steps(api, ("ValidateRetentionConfig", hold))
    given = {"name": "n", "uniquename": "u", "entitylogicalname": "account", "criteria": OLD}
    answer = api.post("retentionconfigs", given)
    assert (400, True) == (answer.status, "no policy for account" in answer.message)


def test_a_paused_policy_does_not_run_until_it_is_active_again(api: Api) -> None:
    """[RET-21], [RET-26]"""
    api.make("accounts", name="old")
    made = policy(api)
    assert 204 == api.patch(f"retentionconfigs({made})", {"statuscode": 20}).status
    run_due(api.organization)
    assert ["old"] == active(api)
    assert 204 == api.patch(f"retentionconfigs({made})", {"statuscode": 10}).status
    run_due(api.organization)
    assert ["old"] == kept(api)


def test_a_recurring_policy_runs_again(api: Api) -> None:
    """[RET-20]: from its start on, every so often."""
    api.make("accounts", name="old 1")
    made = policy(api, recurrence="FREQ=MONTHLY;INTERVAL=1", starttime="2026-01-31T00:00:00Z")
    run_due(api.organization)
    following = api.read(f"retentionconfigs({made})")["nextrun"]
    assert following > api.organization.clock.now_on_wire()
    waiting = "asyncoperations?$filter=operationtype%20eq%20300%20and%20statecode%20eq%201"
    assert [following] == api.values(waiting, "postponeuntil")


def test_a_row_with_files_stays(api: Api) -> None:
    """What is not retained here is not deleted either: failure row 20."""
    image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    held = api.make("accounts", name="old", entityimage=image)
    policy(api)
    run_due(api.organization)
    assert ["old"] == active(api)
    failures = api.get("retentionfailuredetails").json["value"]
    assert [(20, held)] == [(failure["operation"], failure["recordid"]) for failure in failures]
    assert [] == kept(api)


@pytest.mark.parametrize(
    "inside",
    [
        "<link-entity name='contact' from='parentcustomerid' to='accountid'/>",
        "<filter><link-entity name='contact' from='parentcustomerid' to='accountid' link-type='any'/></filter>",
    ],
)
def test_retained_rows_are_asked_for_alone(api: Api, inside: str) -> None:
    """[RET-41]"""
    assert 400 == retained(api, "account", inside).status


def test_other_data_sources_are_refused_by_name(api: Api) -> None:
    """[RET-40]: nobody takes active rows for those of another place."""
    text = "<fetch datasource='elsewhere'><entity name='account'/></fetch>"
    answer = api.get(f"accounts?fetchXml={quote(text)}")
    assert 501 == answer.status


def test_without_a_place_that_lasts_no_policy_is_saved() -> None:
    """Rows must not move to where they last less long than they did: on PostgreSQL, `--lake` says where they go."""
    schema = update_table(load_schema(), "account", TableFacts(retention=True))
    store = open_store(None)
    store.prepare_schema(schema)
    lake = Lake(None, is_safe=False)
    organization = Organization("dev", schema, store, clock=Clock(), ids=Ids(7), lake=lake)
    write_builtin_rows(organization)
    api = Api(organization)
    given = {"name": "n", "uniquename": "u", "entitylogicalname": "account", "criteria": OLD}
    answer = api.post("retentionconfigs", given)
    assert (501, True) == (answer.status, "--lake" in answer.message)
    api.web.close()
    organization.close()


def test_definitions_tell_which_tables_can_be_retained(api: Api) -> None:
    """[RET-8]: both names of the member, and it can be switched."""
    address = "EntityDefinitions(LogicalName='{}')?$select=IsRetentionEnabled,IsArchivalEnabled"
    told = [api.read(address.format(name)) for name in ("account", "contact")]
    assert [(True, True), (False, False)] == [(row["IsRetentionEnabled"], row["IsArchivalEnabled"]) for row in told]


def test_a_full_lake_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that cannot go on is failed and says why; the rows stay."""
    api.make("accounts", name="old")
    policy(api)

    def full(*_: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(api.organization.lake, "write", full)
    run_due(api.organization)
    assert (3, 31, "The disk is full.") == tuple(
        run_of(api)[name] for name in ("statecode", "statuscode", "additionaldetails")
    )
    assert ["old"] == active(api)
    assert [] == kept(api)
