"""Keep books about what a run of a policy has on its way to the lake.

In:        an organization, a run
Out:       `Batches`: begin one, see that it still counts, take it back; `settle_left`: take back what ended runs left
Not here:  what is in a batch (jobs.retention), the lake's files (lake)

The run's row names a batch before its first row is in the lake, until the transaction that deletes its rows. Whoever
takes a batch back writes that first, and takes the rows out of the lake then: a worker that was believed dead and still
has the batch in hand finds it there before it deletes anything, and gives up. A batch that was taken back stays named:
nothing of it counts as retained, whatever comes to the lake late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import msgspec

from verselet.errors import VerseletError
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse, RowKey, Update
from verselet.operations.asking import compared
from verselet.operations.retention.reading import OPERATIONS, Progress, progress_of
from verselet.organization import Organization
from verselet.query.tree import Condition, Query
from verselet.values import Row, Value

JOBS: Final = "asyncoperation"
OVER: Final = 3
"""The state of a job that nobody does any more."""

MOST_UNDONE: Final = 50
"""So many batches that were taken back stay named: nobody is believed dead longer than that many others live."""


class TakenBack(VerseletError):
    """Another worker took the run over, and the batch back: nothing of it may be deleted."""


class Batches:
    """The batches of one run. `begin` and `end` are called in the transaction that writes what they are about."""

    def __init__(self, organization: Organization, operation: str) -> None:
        self._organization = organization
        self._operation = operation

    def progress(self) -> Progress:
        """What the row of the run says."""
        found = _rows(self._organization, OPERATIONS, "retentionoperationid", self._operation, "pagingcookie")
        return progress_of(found[0].values["pagingcookie"] if found else None)

    def begin(self, tables: Sequence[str], **beside: Value) -> str:
        """Name a new batch with rows of those tables; its name.

        Raises:
            TakenBack: another batch of the run is on its way.
        """
        with self._organization.transaction():
            progress = self._held(beside)
            if progress.batch is not None:
                raise TakenBack
            batch = self._organization.ids.new_random_id()
            self._write(msgspec.structs.replace(progress, batch=batch, tables=tuple(tables)))
        return batch

    def must_count(self, batch: str, **beside: Value) -> None:
        """The batch is still the run's, and stays so until the transaction ends.

        Raises:
            TakenBack: it is not.
        """
        if self._held(beside).batch != batch:
            raise TakenBack

    def end(self, last: str | None) -> None:
        """The rows of the batch are deleted: it is retained. `last` is the last root that is done."""
        progress = self.progress()
        self._write(msgspec.structs.replace(progress, batch=None, tables=(), last=last or progress.last))

    def settle(self) -> None:
        """After a crash or a failure: what was on its way goes out of the lake again; its rows are all active.

        Raises:
            Unavailable: the lake cannot be written; the next one who settles tries again.
        """
        with self._organization.transaction():
            progress = self._held({})
            if progress.batch is not None:
                undone = (*progress.undone[-MOST_UNDONE:], progress.batch)
                progress = msgspec.structs.replace(progress, batch=None, undone=undone)
                self._write(progress)
        if progress.tables:
            self.take_out(progress.undone, progress.tables)
            self._write(msgspec.structs.replace(progress, tables=()))

    def take_out(self, batches: Sequence[str], tables: Sequence[str]) -> None:
        """Remove all rows of the batches from the lake."""
        for batch in batches:
            for name in tables:
                self._organization.lake.take_out(name, batch)

    def _held(self, beside: dict[str, Value]) -> Progress:
        """What the row says; nobody else changes it until the transaction ends, because it is written first."""
        _update(self._organization, self._operation, beside)
        return self.progress()

    def _write(self, progress: Progress) -> None:
        text = None if progress == Progress() else msgspec.json.encode(progress).decode()
        _update(self._organization, self._operation, {"pagingcookie": text})


def settle_left(organization: Organization) -> None:
    """Take back what runs left that nobody goes on with: failed without room for cleaning up, or cancelled."""
    table = organization.schema.tables[OPERATIONS]
    asked = Query(
        table=OPERATIONS,
        select=("retentionoperationid", "pagingcookie", "asyncoperationid"),
        filter=compared(table, "pagingcookie", None, "ne"),
    )
    for run in _answered(organization, asked):
        progress = progress_of(run.values["pagingcookie"])
        if progress.tables and not _is_alive(organization, run.values["asyncoperationid"]):
            Batches(organization, str(run.id)).settle()


def _is_alive(organization: Organization, job: Value) -> bool:
    found = _rows(organization, JOBS, "asyncoperationid", job, "statecode")
    return bool(found) and found[0].values["statecode"] != OVER


def _rows(organization: Organization, table: str, key: str, value: Value, column: str) -> Sequence[Row]:
    condition: Condition = compared(organization.schema.tables[table], key, value)
    return _answered(organization, Query(table=table, select=(column,), filter=condition))


def _answered(organization: Organization, query: Query) -> Sequence[Row]:
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    return cast(RetrieveMultipleResponse, response).rows


def _update(organization: Organization, operation: str, values: dict[str, Value]) -> None:
    organization.execute(Update(Row(OPERATIONS, operation, values), RowKey(operation)), organization.administrator)
