"""Read and answer the actions that delete rows, and look for duplicates, in the background.

In:        a call
Out:       an `Answer` with the id of the job
Not here:  queueing (operations.bulk_delete, operations.bulk_detection), doing it (jobs)
"""

from __future__ import annotations

from datetime import UTC, datetime

from verselet.clock import wire_form
from verselet.errors import BadRequest, NotSupportedHere
from verselet.messages.bulk_delete import BulkDelete
from verselet.messages.duplicates import BulkDetectDuplicates
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import Given, object_of, objects_of
from verselet.web.row_functions.query_expressions import read_query

PARAMETERS = (
    "QuerySet", "JobName", "SendEmailNotification", "ToRecipients", "CCRecipients", "RecurrencePattern",
    "StartDateTime", "RunNow", "SourceImportId", "Options",
)  # fmt: skip
DETECTION = (
    "Query", "JobName", "SendEmailNotification", "TemplateId", "ToRecipients", "CCRecipients", "RecurrencePattern",
    "RecurrenceStartTime",
)  # fmt: skip


def bulk_delete(call: Call) -> Answer:
    """Queue the deletion of what the queries find. [BM-10], [JOB-1]"""
    given = call.given
    # Recipients count only for a notification; without one clients send them all the same.
    for name in ("SendEmailNotification", "SourceImportId"):
        if given.get(name):
            raise NotSupportedHere(f"'{name}' of a bulk deletion")
    message = BulkDelete(
        _text(given, "JobName"),
        tuple([read_query(query) for query in objects_of(given, "QuerySet")]),
        None if given.get("RunNow") is True else _start(given, "StartDateTime"),
        _text(given, "RecurrencePattern"),
        skips_bin=_skips_bin(given),
    )
    answer = call.properties(message)
    call.organization.job_queued.set()
    return answer


def detect_duplicates(call: Call) -> Answer:
    """Queue the search for duplicates of what a query finds. [JOB-21]"""
    given = call.given
    for name in ("SendEmailNotification", "TemplateId"):
        if given.get(name):
            raise NotSupportedHere(f"'{name}' of a search for duplicates")
    query = read_query(object_of(given, "Query"))
    start = _start(given, "RecurrenceStartTime")
    answer = call.properties(
        BulkDetectDuplicates(_text(given, "JobName"), query, start, _text(given, "RecurrencePattern"))
    )
    call.organization.job_queued.set()
    return answer


def _skips_bin(given: Given) -> bool:
    """What is deleted cannot be brought back. [BIN-3]"""
    options = object_of(given, "Options") if given.get("Options") is not None else {}
    for name in options.keys() - {"@odata.type", "CanRecoverDeletedRecords"}:
        if options[name]:
            raise NotSupportedHere(f"'{str(name)[:80]}' among the options of a bulk deletion")
    wanted = options.get("CanRecoverDeletedRecords")
    if wanted is not None and not isinstance(wanted, bool):
        raise BadRequest("The option 'CanRecoverDeletedRecords' must be true or false.")
    return wanted is False


def _text(given: Given, name: str) -> str:
    found = given.get(name)
    if found is not None and not isinstance(found, str):
        raise BadRequest(f"The parameter '{name}' must be a text.")
    return found or ""


def _start(given: Given, name: str) -> str | None:
    text = _text(given, name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return wire_form(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadRequest(f"The parameter '{name}' is no point in time: '{text[:80]}'.") from None
