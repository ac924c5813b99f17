"""Run a retention policy: mark, copy, delete, page by page.

In:        an organization, a job about a policy
Out:       rows in the lake instead of the tables; counts and failures as rows
Not here:  what a page is made of (operations.retention), the books about it (jobs.batches), the job (jobs.queue)

A page is copied to the lake before its rows are deleted, and the run's row says in between which batch is on its way.
After a crash that batch is taken out of the lake again, unless its rows are deleted: nothing is lost or twice there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, cast

from verselet.clock import wire_form
from verselet.errors import ServiceError
from verselet.jobs.batches import Batches, TakenBack, settle_left
from verselet.jobs.outcome import Outcome
from verselet.lake import LakeRow
from verselet.messages.request import (
    Create,
    CreateResponse,
    RetrieveMultiple,
    RetrieveMultipleResponse,
    RowKey,
    Update,
    WhoAmI,
)
from verselet.messages.retention import (
    BulkRetain,
    BulkRetained,
    Failure,
    Family,
    Purged,
    PurgeRetainedContent,
)
from verselet.operations.asking import compared
from verselet.operations.recurring import next_start, read_recurrence
from verselet.operations.retention.cells import copied, forms_of
from verselet.operations.retention.policies import POLICIES, criteria_of, queue_run
from verselet.operations.retention.reading import OPERATIONS
from verselet.operations.retention.turns import run_at_work
from verselet.organization import Organization
from verselet.query.tree import And, Query
from verselet.values import Reference, Row, Value

DETAILS: Final = "retentionoperationdetail"
FAILURES: Final = "retentionfailuredetail"
PAGE: Final = 250
"""So many roots go at once."""

LONGEST_REASON: Final = 4_000

TURN_S: Final = 5
"""So long a run waits until it asks again whether it is its turn."""

SCHEDULED, IN_PROGRESS, COMPLETED = 0, 2, 3
WAITING, MARKING, COPYING, DELETING, SUCCEEDED, FAILED, CANCELLED = 0, 20, 21, 22, 30, 31, 32
"""States and status reasons of a run. [RET-22]"""


def retain_rows(organization: Organization, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    """Run the policy that the job is about. [RET-1], [RET-2]"""
    policy = _policy(organization, job)
    if policy is None or policy.values["statecode"] or policy.values["statuscode"] == 20:
        return Outcome(cancelled=True)
    run = _Run(organization, job, policy)
    try:
        before = run.take_turn()
        if before is not None:
            return Outcome(waits_s=TURN_S, reason=before)
        settle_left(organization)
        run.batches.settle()
        while run.state() == IN_PROGRESS:
            if is_stopping():
                return Outcome(interrupted=True)
            if not run.page():
                break
    except TakenBack:
        return Outcome(interrupted=True)
    except ServiceError as error:
        # What is in the way of cleaning up now is not in the way of the next run.
        with suppress(ServiceError):
            run.batches.settle()
        run.end(FAILED, error.message)
        return Outcome(reason=error.message)
    if run.state() != IN_PROGRESS:
        return Outcome(cancelled=True)
    # The rows are retained, whatever becomes of the files they lie in.
    with suppress(ServiceError):
        organization.lake.compact()
    run.end(SUCCEEDED)
    return Outcome()


def _policy(organization: Organization, job: Row) -> Row | None:
    """The policy; None where it is gone."""
    regarding = _one(organization, "asyncoperation", "asyncoperationid", str(job.id), ("_regardingobjectid_value",))
    policy = regarding.values["regardingobjectid"] if regarding is not None else None
    if not isinstance(policy, Reference):
        return None
    columns = (
        "entitylogicalname",
        "criteria",
        "recurrence",
        "starttime",
        "name",
        "statecode",
        "statuscode",
        "_ownerid_value",
    )
    return _one(organization, POLICIES, "retentionconfigid", policy.id, columns)


def _one(organization: Organization, table: str, column: str, value: Value, select: tuple[str, ...]) -> Row | None:
    """The row whose column holds the value."""
    query = Query(table=table, select=select, filter=compared(organization.schema.tables[table], column, value))
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    rows = cast(RetrieveMultipleResponse, response).rows
    return rows[0] if rows else None


class _Run:
    """One run of one policy. Its row in `retentionoperation` says how far it is."""

    def __init__(self, organization: Organization, job: Row, policy: Row) -> None:
        self._organization = organization
        self._policy = policy
        self._job = str(job.id)
        self._table = organization.schema.tables[str(policy.values["entitylogicalname"])]
        self._criteria = str(policy.values["criteria"])
        found = _one(organization, OPERATIONS, "asyncoperationid", self._job, ("retentionoperationid",))
        self.id = str(found.id) if found is not None else self._begin()
        self.batches = Batches(organization, self.id)

    def take_turn(self) -> str | None:
        """Begin, or go on; why not, where another run of the table is at work. A run that is over stays so."""
        with self._organization.transaction(), self._organization.store.begin() as session:
            other = run_at_work(self._organization.opened(WhoAmI(), session), self.id, self._table.name)
            why = None
            if other is not None:
                why = f"The run '{str(other.values['name'])[:80]}' is at work on the table '{self._table.name}'."
            if self.state() != COMPLETED:
                begun: dict[str, Value] = {"statecode": IN_PROGRESS, "statuscode": MARKING}
                waits: dict[str, Value] = {"statecode": SCHEDULED, "statuscode": WAITING}
                self._write({**(begun if why is None else waits), "additionaldetails": why})
        return why

    def state(self) -> Value:
        """Whoever cancels a run ends it before the next page. [RET-25]"""
        found = _one(self._organization, OPERATIONS, "retentionoperationid", self.id, ("statecode",))
        return None if found is None else found.values["statecode"]

    def page(self) -> bool:
        """Mark, copy and delete the next page; whether another one follows.

        Raises:
            TakenBack: another worker has taken the run over.
        """
        marked = self._mark(self.batches.progress().last)
        with self._organization.store.read() as session:
            rows, uncopied = copied(self._organization.opened(WhoAmI(), session), marked.families)
        batch = self.batches.begin(tuple(rows), statuscode=COPYING)
        staying = {(failure.table, failure.id) for failure in uncopied}
        families = [family for family in marked.families if not _touches(family, staying)]
        try:
            self._copy(batch, rows)
            with self._organization.transaction():
                purged = self._purge(batch, families)
                self._count(purged.families, (*marked.failures, *uncopied, *purged.failures))
                # Until the commit the batch counts as not retained: a crash here takes out the rest of it too.
                self._take_out(batch, [family for family in marked.families if family not in purged.families])
                self.batches.end(marked.last)
            self._spend(purged.families)
        except TakenBack:
            # Where that fails, the name of the batch keeps it from counting.
            with suppress(ServiceError):
                self.batches.take_out((batch,), tuple(rows))
            raise
        return marked.last is not None

    def _spend(self, families: Sequence[Family]) -> None:
        """Each row is a request of the policy's owner. [RET-10]"""
        owner = self._policy.values["ownerid"]
        if isinstance(owner, Reference):
            self._organization.spending.spend(owner.id, sum(len(family.rows) for family in families))

    def end(self, status: int, reason: str = "") -> None:
        """Say how it went, and queue the next run. [RET-20], [RET-22]"""
        now = self._organization.clock.now()
        ended: dict[str, Value] = {"endtime": wire_form(now), "additionaldetails": reason or None}
        with self._organization.transaction():
            self._write({**ended, "statecode": COMPLETED, "statuscode": status})
            recurrence = read_recurrence(str(self._policy.values["recurrence"] or ""))
            following = None
            if recurrence is not None:
                first = self._policy.values["starttime"]
                at = datetime.fromisoformat(str(first)) if first else now
                following = wire_form(next_start(at, recurrence, now))
                with self._organization.store.begin() as session:
                    queue_run(self._organization.opened(WhoAmI(), session), str(self._policy.id), following)
            change = Row(POLICIES, self._policy.id, {"nextrun": following})
            self._organization.execute(Update(change, RowKey(self._policy.id)), self._organization.administrator)

    def _begin(self) -> str:
        values: dict[str, Value] = {
            "name": self._policy.values["name"],
            "retentionconfigid": Reference(POLICIES, str(self._policy.id)),
            "rootentitylogicalname": self._table.name,
            "criteria": self._criteria,
            "starttime": self._organization.clock.now_on_wire(),
            "asyncoperationid": self._job,
            "retentioncount": 0,
            "failedcount": 0,
            "statecode": SCHEDULED,
            "statuscode": WAITING,
        }
        return self._create(OPERATIONS, values)

    def _mark(self, last: str | None) -> BulkRetained:
        request = BulkRetain(self._table.name, criteria_of(self._criteria), self._criteria, self.id, PAGE, last)
        return cast(BulkRetained, self._organization.execute(request, self._organization.administrator))

    def _copy(self, batch: str, rows: Mapping[str, Sequence[LakeRow]]) -> None:
        at = self._organization.clock.now_on_wire()
        for name, cells in rows.items():
            self._organization.lake.write(name, batch, at, cells, forms_of(self._organization.schema.tables[name]))

    def _take_out(self, batch: str, families: Sequence[Family]) -> None:
        """Copies of rows that stay. [RET-2]"""
        staying: dict[str, list[str]] = {}
        for family in families:
            for row in family.rows:
                staying.setdefault(row.table, []).append(row.id)
        for name, ids in staying.items():
            self._organization.lake.take_out(name, batch, ids)

    def _purge(self, batch: str, families: Sequence[Family]) -> Purged:
        newest = max((row.version for family in families for row in family.rows), default=0)
        self.batches.must_count(batch, statuscode=DELETING, lastmarkedversionnumber=newest)
        request = PurgeRetainedContent(self._table.name, self.id, tuple(families), newest)
        return cast(Purged, self._organization.execute(request, self._organization.administrator))

    def _count(self, families: Sequence[Family], failures: Sequence[Failure]) -> None:
        """Add to the counts, and write why rows stayed. [RET-22] to [RET-24]"""
        counted: dict[str, list[int]] = {self._table.name: [0, 0]}
        for family in families:
            for row in family.rows:
                counted.setdefault(row.table, [0, 0])[0] += 1
        for failure in failures:
            counted.setdefault(failure.table, [0, 0])[1] += 1
            self._create(
                FAILURES,
                {
                    "operation": failure.operation,
                    "operationid": self.id,
                    "recordid": failure.id,
                    "entitylogicalname": failure.table,
                    "message": failure.reason[:LONGEST_REASON],
                },
            )
        for name, (kept, failed) in counted.items():
            self._add_to_detail(name, kept, failed)
        own = _one(self._organization, OPERATIONS, "retentionoperationid", self.id, ("retentioncount", "failedcount"))
        kept = sum(numbers[0] for numbers in counted.values())
        self._write(_added(own, kept, len(failures)))

    def _add_to_detail(self, table: str, kept: int, failed: int) -> None:
        organization = self._organization
        described = organization.schema.tables[DETAILS]
        wanted = And(
            (
                compared(described, "retentionoperationid", Reference(OPERATIONS, self.id)),
                compared(described, "entitylogicalname", table),
            )
        )
        query = Query(table=DETAILS, select=("retentioncount", "failedcount"), filter=wanted)
        response = organization.execute(RetrieveMultiple(query), organization.administrator)
        rows = cast(RetrieveMultipleResponse, response).rows
        if rows:
            change = Row(DETAILS, rows[0].id, _added(rows[0], kept, failed))
            organization.execute(Update(change, RowKey(rows[0].id)), organization.administrator)
            return
        values: dict[str, Value] = {
            "name": table,
            "retentionoperationid": Reference(OPERATIONS, self.id),
            "entitylogicalname": table,
            "isrootentity": table == self._table.name,
            "retentioncount": kept,
            "failedcount": failed,
        }
        self._create(DETAILS, values)

    def _create(self, table: str, values: dict[str, Value]) -> str:
        made = self._organization.execute(Create(Row(table, None, values)), self._organization.administrator)
        return cast(CreateResponse, made).id

    def _write(self, values: dict[str, Value]) -> None:
        change = Update(Row(OPERATIONS, self.id, values), RowKey(self.id))
        self._organization.execute(change, self._organization.administrator)


def _touches(family: Family, rows: set[tuple[str, str]]) -> bool:
    return any((row.table, row.id) in rows for row in family.rows)


def _added(row: Row | None, kept: int, failed: int) -> dict[str, Value]:
    """The counts of a row with more."""
    before = {} if row is None else row.values
    given = {"retentioncount": kept, "failedcount": failed}
    return {name: int(str(before.get(name) or 0)) + number for name, number in given.items()}
