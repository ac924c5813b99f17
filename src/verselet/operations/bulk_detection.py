"""Queue the search for duplicates among many rows, and keep what is found.

In:        a query, a name, when to start; then one row after the other
Out:       a job; rows of `duplicaterecord`
Not here:  which rows are duplicates (operations.duplicates), going through the rows (jobs)
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from verselet.errors import InvalidArgument, JobWithoutName, NotSupportedHere
from verselet.messages.duplicates import BulkDetectDuplicates, BulkDetection, NoteDuplicates
from verselet.messages.request import PropertiesResponse, Response
from verselet.metadata.columns import LookupColumn
from verselet.operations.asking import rows_where
from verselet.operations.bulk_delete import due_at, must_be_answerable
from verselet.operations.create import create_rows
from verselet.operations.duplicates import found_by_rules
from verselet.operations.queueing import queue_job
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row

BULK_DETECTION: Final = 8
"""The type of the job. [EVT-61]"""

FOUND: Final = "duplicaterecord"


def bulk_detect_duplicates(run: Execution) -> PropertiesResponse:
    """Write the job; its id is the answer. [JOB-21]

    Raises:
        JobWithoutName: a job needs a name.
        InvalidArgument: a recurrence of another form, an unknown table, or one whose rows
            `duplicaterecord` cannot name.
    """
    request = cast(BulkDetectDuplicates, run.request)
    if not request.name.strip():
        raise JobWithoutName
    if request.query.retained:
        raise NotSupportedHere("Detecting duplicates among retained rows")
    must_be_answerable(request.query, run.schema)
    if request.query.table not in _kept_tables(run):
        raise InvalidArgument(
            f"Duplicates of rows of '{request.query.table}' cannot be kept: no system job names them."
        )
    values = {
        "name": request.name,
        "operationtype": BULK_DETECTION,
        "messagename": "BulkDetectDuplicates",
        "primaryentitytype": request.query.table,
        "data": msgspec.json.encode(BulkDetection(request.query)).decode(),
        **due_at(run, request.start, request.recurrence),
    }
    return PropertiesResponse("BulkDetectDuplicatesResponse", {"JobId": queue_job(run, values)})


def note_duplicates(run: Execution) -> Response:
    """Keep each pair once for each job, however often the job runs. [JOB-21]"""
    request = cast(NoteDuplicates, run.request)
    table, base = run.schema.tables[request.table], Reference(request.table, request.row_id)
    job = Reference("asyncoperation", request.job)
    kept = run.schema.tables[FOUND]
    pairs = found_by_rules(run, table, request.row_id)
    known = rows_where(run, FOUND, ("duplicaterecordid",), {"asyncoperationid": job, "baserecordid": base})
    there = {found.values["duplicaterecordid"] for found in known}
    rows = [
        Row(
            FOUND,
            None,
            {"asyncoperationid": job, "baserecordid": base, "duplicaterecordid": twin, "duplicateruleid": rule},
        )
        for twin, rule in pairs.items()
        if twin not in there and twin.table in _kept_tables(run)
    ]
    if rows:
        create_rows(run.elevated(), kept, rows)
    return Response()


def _kept_tables(run: Execution) -> tuple[str, ...]:
    """The tables whose rows a pair can name. [JOB-33]"""
    lookup = run.schema.tables[FOUND].columns["baserecordid"]
    return lookup.targets if isinstance(lookup, LookupColumn) else ()
