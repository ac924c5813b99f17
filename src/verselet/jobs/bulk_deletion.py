"""Delete what the queries of a job find.

In:        an organization, a job with its queries
Out:       the rows gone, each refusal kept as a row
Not here:  the job's states (jobs.queue)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, cast

import msgspec

from verselet.errors import NotFound, ServiceError
from verselet.jobs.outcome import Outcome
from verselet.messages.bulk_delete import BulkDeletion
from verselet.messages.request import (
    Create,
    Delete,
    RetrieveMultiple,
    RetrieveMultipleResponse,
    RowKey,
    WhoAmI,
)
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Table
from verselet.operations.asking import compared
from verselet.operations.retention.removing import remove_retained
from verselet.operations.walking import behind, ids_found
from verselet.organization import AskedRows, Organization
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.fetchxml.tree import Condition, Fetch
from verselet.query.tree import Query
from verselet.security.caller import Caller
from verselet.values import Reference, Row, Value

JOBS: Final = "asyncoperation"
OPERATIONS: Final = "bulkdeleteoperation"
FAILURES: Final = "bulkdeletefailure"
IN_PROGRESS: Final = 2
"""The state of a job that is being done. [EVT-60]"""

AT_ONCE: Final = 1_000
"""So many rows are looked up at once, and so many are deleted between two looks at the job's state."""

LONGEST_REASON: Final = 512


def delete_found(organization: Organization, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    """Delete the rows one by one as the job's owner; a refusal keeps one row, not the others. [JOB-4], [JOB-5]"""
    try:
        owner = submitter(organization, job)
        deletion = msgspec.json.decode(str(job.values["data"]), type=BulkDeletion)
    except (ServiceError, msgspec.DecodeError) as error:
        return Outcome(reason=str(error))
    work = _Deletion(organization, job, owner, is_stopping)
    work.skips_bin = deletion.skips_bin
    for index, query in enumerate(deletion.queries):
        try:
            over = work.retained(query) if query.retained else work.active(index, query)
        except ServiceError as error:
            return Outcome(counts=work.counts, reason=error.message)
        if over is not None:
            return over
    return Outcome(counts=work.counts)


class _Deletion:
    """A deletion at work, and how far it is."""

    def __init__(self, organization: Organization, job: Row, owner: Caller, is_stopping: Callable[[], bool]) -> None:
        self._organization = organization
        self._job = job
        self._owner = owner
        self._is_stopping = is_stopping
        self._started = organization.clock.now_on_wire()
        self._deleted = self._failed = 0
        self.skips_bin = False

    @property
    def counts(self) -> dict[str, Value]:
        """How many rows went and how many stayed. [JOB-4]"""
        return {"successcount": self._deleted, "failurecount": self._failed}

    def active(self, index: int, query: Fetch) -> Outcome | None:
        """Delete what a query finds, one by one; the outcome, where the job is over before."""
        for table, row_id in found_rows(self._organization, query, self._owner, self._started):
            over = self._over((self._deleted + self._failed) % AT_ONCE == 0)
            if over is not None:
                return over
            refusal = self._delete(table, row_id)
            if refusal is None:
                self._deleted += 1
            else:
                self._failed += 1
                _keep(self._organization, self._job, (index, Reference(table.name, row_id)), refusal)
        return None

    def _delete(self, table: Table, row_id: str) -> ServiceError | None:
        """The refusal, if the row could not be deleted; that it went before is none."""
        try:
            self._organization.execute(Delete(table.name, RowKey(row_id), skips_bin=self.skips_bin), self._owner)
        except NotFound:
            return None
        except ServiceError as refusal:
            return refusal
        return None

    def retained(self, query: Fetch) -> Outcome | None:
        """Remove what a query finds in the lake, many at once; the outcome, where the job is over before. [RET-44]"""
        rows = found_rows(self._organization, query, self._owner, self._started)
        while some := list(islice(rows, AT_ONCE)):
            over = self._over(True)
            if over is not None:
                return over
            with self._organization.store.read() as session:
                run = self._organization.opened(WhoAmI(), session, self._owner)
                remove_retained(run, self._organization.lake, some[0][0], [row_id for _, row_id in some])
            self._deleted += len(some)
        return None

    def _over(self, looks: bool) -> Outcome | None:
        """The server stops; or somebody ended the job, if it is time to look."""
        if self._is_stopping():
            return Outcome(counts=self.counts, interrupted=True)
        if looks and is_over(self._organization, self._job):
            return Outcome(counts=self.counts, cancelled=True)
        return None


def submitter(organization: Organization, job: Row) -> Caller:
    """The user who queued the job, whoever owns it now. [JOB-5] Refusals as `Organization.find_caller`."""
    owner = job.values["createdby"]
    found = organization.find_caller(owner.id) if isinstance(owner, Reference) else None
    if found is None:
        raise ServiceError("The owner of the job is not there any more.")
    return found


def found_rows(organization: Organization, query: Fetch, caller: Caller, started: str) -> Iterator[tuple[Table, str]]:
    """The rows a query finds, in the order of their ids; only those that were there when the job began. [JOB-5]"""
    asked, table = AskedRows(organization), organization.schema.tables[query.table]
    there = [Condition(attribute="createdon", operator="le", values=(started,))] if "createdon" in table.columns else []
    last: str | None = None
    left = query.top
    while left is None or left > 0:
        number = AT_ONCE if left is None else min(AT_ONCE, left)
        ids = _ids(organization, asked, behind(query, table, last, number, *there), caller)
        for row_id in ids:
            yield table, row_id
        if len(ids) < number:
            return
        last = ids[-1]
        left = None if left is None else left - number


def _ids(organization: Organization, asked: AskedRows, page: Fetch, caller: Caller) -> list[str]:
    table = organization.schema.tables[page.table]
    resolved = resolve_fetch(page, table, organization.schema, Additions())
    read = organization.prepare_table(resolved, caller)
    number = page.top or AT_ONCE
    values = read.values("", caller, number)
    return ids_found(table, read, asked.reading(read, caller, values, range(number)).fetch, values)


def _keep(organization: Organization, job: Row, what: tuple[int, Reference], refusal: ServiceError) -> None:
    """Write why a row stayed. [JOB-7]"""
    index, row = what
    operation = operation_of(organization, job)
    values: dict[str, Value] = {
        "asyncoperationid": Reference("asyncoperation", str(job.id)),
        "errordescription": f"0x{refusal.code:08x}: {refusal.message}"[:LONGEST_REASON],
        "orderedqueryindex": index,
    }
    if operation is not None:
        values["bulkdeleteoperationid"] = Reference(OPERATIONS, operation)
    regarding = organization.schema.tables[FAILURES].columns["regardingobjectid"]
    if isinstance(regarding, LookupColumn) and row.table in regarding.targets:
        values["regardingobjectid"] = row
    organization.execute(Create(Row(FAILURES, None, values)), organization.administrator)


def operation_of(organization: Organization, job: Row) -> str | None:
    """The id of the operation a job belongs to. [JOB-2]"""
    wanted = compared(organization.schema.tables[OPERATIONS], "asyncoperationid", Reference(JOBS, str(job.id)))
    query = Query(table=OPERATIONS, select=("bulkdeleteoperationid",), filter=wanted)
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    rows = cast(RetrieveMultipleResponse, response).rows
    return rows[0].id if rows else None


def state_of(organization: Organization, job: Row) -> dict[str, Value] | None:
    """The state a job is in now and its reason; None where it is not there any more. [EVT-60]"""
    table = organization.schema.tables[JOBS]
    query = Query(table=JOBS, select=("statecode", "statuscode"), filter=compared(table, "asyncoperationid", job.id))
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    rows = cast(RetrieveMultipleResponse, response).rows
    return {name: rows[0].values[name] for name in ("statecode", "statuscode")} if rows else None


def is_over(organization: Organization, job: Row) -> bool:
    """Somebody ended or paused the job. [JOB-4], [EVT-62]"""
    state = state_of(organization, job)
    return state is None or state["statecode"] != IN_PROGRESS
