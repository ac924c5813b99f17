"""Kill a server while it writes, again and again, and count what is left.

Every new account, and every one that goes, is posted to a web hook, asynchronously. Half of the accounts are old: with
retention, policies take them to the lake while the server is killed. In the end each row that was answered for is in
one place, with what it was answered for, and each event was delivered at least once. [EVT-2], [E-21], [RET-2], [RET-45]
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from deltalake import DeltaTable, QueryBuilder

from tests.faults.ledger import WRITERS, Caller, Ledger, Reader, Writer
from tests.faults.sink import Sink
from tests.scenarios.server_process import Server, command, environment, running
from tests.step_bodies import hook_body, step_body
from verselet.lake import Place

OLD = (
    "<fetch><entity name='account'><filter><condition attribute='name' operator='eq' value='old'/></filter>"
    "</entity></fetch>"
)
RUNS_END_S = 900.0
"""So long may pass in the end without one more run of a policy being done."""

AT_THE_START = 0.15
"""So many of the kills hit a server that is still starting."""

USUAL_START_S = 1.0
"""So long a server takes until it is ready, on a machine that has nothing else to do."""

NEW_POLICY = 0.4
"""So many lives bring a policy; the others go on with what is left of those before."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be survived. `flags` say where the rows live; `lake` is the place of the retained ones.

    `stretches`: on a machine that has much else to do a server lives longer, so that it writes as much as usually.
    """

    folder: Path
    flags: tuple[str, ...]
    lake: Place
    retains: bool = True
    stretches: bool = False
    seed: int = 7

    def life_s(self, chance: random.Random) -> float:
        """So long a server lives. Retention needs some time to get anywhere, and now and then to get to the end."""
        if not self.retains:
            return chance.uniform(0.05, 1.0)
        return chance.uniform(1.5, 5.0) if chance.random() < 0.2 else chance.uniform(0.05, 1.5)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What was left, in numbers; the tuples hold the first of those that should not be."""

    kills: int
    acknowledged: int
    there: int
    retained: int
    delivered: int
    repeated: int
    seconds: float
    lost: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    untrue: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Nothing is lost, nothing is there twice, nothing is untold."""
        return not (self.lost or self.twice or self.stale or self.untold or self.untrue or self.others)

    def faults(self) -> str:
        """The first of everything that should not be."""
        found = {name: getattr(self, name) for name in ("lost", "twice", "stale", "untold", "untrue", "others")}
        return "\n".join(f"{name}: {', '.join(given[:5])}" for name, given in found.items() if given)

    def line(self) -> str:
        """All of it in one line."""
        return (
            f"{self.kills} kills in {self.seconds:.0f} s: {self.acknowledged} rows acknowledged, {self.there} there "
            f"({self.retained} of them in the lake), {self.delivered} events delivered ({self.repeated} more than "
            f"once); {len(self.lost)} rows lost, {len(self.twice)} in two places, {len(self.stale)} with older values, "
            f"{len(self.untold)} events lost, {len(self.untrue)} events of nothing, {len(self.others)} other faults"
        )


def survive(plan: Plan, goes_on: Callable[[int], bool], told: Callable[[int, int], None]) -> Tally:
    """Kill as long as `goes_on` says so of the number of kills, then see what is there.

    `told` hears of every kill: how many, and how many rows were acknowledged by then.
    """
    sink, ledger, chance = Sink(), Ledger(), random.Random(plan.seed)
    began = time.monotonic()
    kills = 0
    try:
        with running(plan.folder, *plan.flags) as server:
            _found(server, sink, plan)
            server.stop()
        while goes_on(kills) and not ledger.surprises:
            if chance.random() < AT_THE_START:
                _kill_at_the_start(plan, chance)
            else:
                _kill_at_work(plan, ledger, chance, kills)
            kills += 1
            told(kills, len(ledger.rows))
        with running(plan.folder, *plan.flags) as server:
            return _counted(server, sink, ledger, plan, (kills, began))
    finally:
        sink.close()


def _found(server: Server, sink: Sink, plan: Plan) -> None:
    """Let accounts be retained, and have the sink told of each that comes or goes."""
    caller = Caller(server.port)
    if plan.retains:
        definition = {"@odata.type": "#Microsoft.Dynamics.CRM.EntityMetadata", "IsRetentionEnabled": True}
        answer = caller.ask("PUT", "EntityDefinitions(LogicalName='account')", definition)
        assert 204 == answer.status, answer.body
    endpoint = _made(caller, "serviceendpoints", hook_body(sink.url))
    for message in ("Create", "Delete"):
        _made(caller, "sdkmessageprocessingsteps", step_body(message, "account", endpoint, mode=1))
    caller.close()


def _made(caller: Caller, address: str, body: dict[str, Any]) -> str:
    """The id of a new row."""
    answer = caller.ask("POST", address, body)
    assert 204 == answer.status, answer.body
    return answer.headers["odata-entityid"].rpartition("(")[2].removesuffix(")")


def retain(server: Server, number: int) -> None:
    """A new policy: it runs once, from now on."""
    name = f"old {number}"
    policy = {"name": name, "uniquename": name, "entitylogicalname": "account", "criteria": OLD}
    caller = Caller(server.port)
    try:
        _made(caller, "retentionconfigs", policy)
    finally:
        caller.close()


def _kill_at_the_start(plan: Plan, chance: random.Random) -> None:
    with subprocess.Popen(
        command("serve", "--port", "0", *plan.flags),
        cwd=plan.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        threading.Event().wait(chance.uniform(0.1, 1.0))
        process.kill()


def _kill_at_work(plan: Plan, ledger: Ledger, chance: random.Random, number: int) -> None:
    names = ("kept", "old") if plan.retains else ("kept",)
    began = time.monotonic()
    with running(plan.folder, *plan.flags) as server:
        slowness = max(1.0, (time.monotonic() - began) / USUAL_START_S) if plan.stretches else 1.0
        writers = [Writer(server.port, ledger, random.Random(chance.random()), names) for _ in range(WRITERS)]
        if plan.retains and chance.random() < NEW_POLICY:
            retain(server, number)
        # A moment nobody chose: the law must hold at each.
        life_s = plan.life_s(chance) * slowness
        worker = chance.choice([0, *_workers(server)])
        if worker:
            # One of several processes: the others go on, and another one takes its place.
            threading.Event().wait(life_s / 2)
            os.kill(worker, signal.SIGKILL)
        threading.Event().wait(life_s)
        server.process.kill()
        server.process.wait()
        for writer in writers:
            writer.stop()


def _workers(server: Server) -> list[int]:
    """The ids of the processes that the server's first one looks after."""
    first = server.process.pid
    found = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="utf-8").split()
    # multiprocessing has a process beside them that cleans up; it answers nothing.
    commands = {number: Path(f"/proc/{number}/cmdline").read_bytes() for number in found}
    return [int(number) for number in found if b"spawn_main" in commands[number]]


def _counted(server: Server, sink: Sink, ledger: Ledger, plan: Plan, run: tuple[int, float]) -> Tally:
    """Let everything come to rest, and compare."""
    kills, began = run
    reader = Reader(server)
    if plan.retains:
        retain(server, kills)
        wait_for_runs(reader)
    active = {row["accountid"]: row["numberofemployees"] for row in reader.active("account", *_COLUMNS)}
    retained = {row["accountid"]: row["numberofemployees"] for row in _retained(reader, plan, "account", *_COLUMNS)}
    everything = {**active, **retained}
    untold = sink.wait_for("Create", everything.keys()) | sink.wait_for("Delete", retained.keys())
    untrue = (sink.told_of("Create") - everything.keys()) | (sink.told_of("Delete") - retained.keys())
    others = [*ledger.surprises, *_faults(reader, ledger, plan, (active, retained))]
    if server.stop() != 0:
        others.append("The server did not end well.")
    return Tally(
        kills=kills,
        acknowledged=len(ledger.rows),
        there=len(everything),
        retained=len(retained),
        delivered=len(sink.operations),
        repeated=sum(count > 1 for count in sink.operations.values()),
        seconds=time.monotonic() - began,
        lost=tuple(sorted(ledger.rows.keys() - everything.keys())),
        twice=tuple(sorted(active.keys() & retained.keys())),
        stale=tuple(
            row_id
            for row_id, kept in ledger.rows.items()
            if row_id in everything and everything[row_id] not in {kept.number, kept.asked}
        ),
        untold=tuple(sorted(untold)),
        untrue=tuple(sorted(untrue)),
        others=tuple(others),
    )


_COLUMNS = ("accountid", "numberofemployees")


def wait_for_runs(reader: Reader) -> None:
    """Until no run of a policy is left, or none comes to its end any more."""
    left, since = -1, time.monotonic()
    unfinished = "asyncoperations?$select=statecode&$filter=operationtype%20eq%20300%20and%20statecode%20ne%203"
    while (found := reader.count(unfinished)) and time.monotonic() - since < RUNS_END_S:
        if found != left:
            left, since = found, time.monotonic()
        threading.Event().wait(0.2)


def _retained(reader: Reader, plan: Plan, table: str, *columns: str) -> list[dict[str, Any]]:
    return reader.retained(table, *columns) if plan.retains else []


def _faults(
    reader: Reader, ledger: Ledger, plan: Plan, accounts: tuple[dict[str, int], dict[str, int]]
) -> Iterator[str]:
    """Families that were torn apart, runs that did not end well, and what another reader of the lake counts."""
    columns = ("contactid", "parentcustomerid")
    for place, owners, contacts in (
        ("tables", accounts[0], reader.active("contact", "contactid", "_parentcustomerid_value")),
        ("lake", accounts[1], _retained(reader, plan, "contact", *columns)),
    ):
        parents = {row["_parentcustomerid_value"] for row in contacts}
        wanted = {row_id for row_id, kept in ledger.rows.items() if kept.contacts and row_id in owners}
        if wanted - parents:
            yield f"{len(wanted - parents)} accounts of the {place} without their contacts"
        if parents - owners.keys():
            yield f"{len(parents - owners.keys())} contacts of the {place} without their accounts"
        if place == "lake" and plan.retains:
            yield from _miscounted(plan, {"account": len(owners), "contact": len(contacts)})
    if plan.retains:
        left = reader.count("accounts?$select=accountid&$top=1&$filter=name%20eq%20%27old%27")
        failed = reader.count("retentionoperations?$select=name&$filter=statuscode%20ne%2030")
        reasons = reader.count("retentionfailuredetails?$select=message&$filter=not%20contains(message,%27changed%27)")
        if left or failed or reasons:
            yield f"old rows left: {left}, runs that failed: {failed}, rows that failed: {reasons}"


def _miscounted(plan: Plan, counts: dict[str, int]) -> Iterator[str]:
    """A stock reader of Delta tables counts the same rows, each once. [RET-45]"""
    for table, count in counts.items():
        place, options = plan.lake.table(table), dict(plan.lake.options)
        if not DeltaTable.is_deltatable(place, options):
            found = [0, 0]
        else:
            question = 'SELECT count(*) AS n, count(DISTINCT "@id") AS ids FROM t'
            read = QueryBuilder().register("t", DeltaTable(place, storage_options=options)).execute(question).read_all()
            found = [read.column("n").to_pylist()[0], read.column("ids").to_pylist()[0]]
        if found != [count, count]:
            yield f"a reader of the lake counts {found[0]} rows and {found[1]} ids of {table}, the server {count}"
