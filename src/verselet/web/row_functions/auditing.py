"""Read and answer the functions about what was written down.

In:        a call
Out:       an `Answer`
Not here:  what is told (operations.audit_history), plain reads of audit rows (web.reads)
"""

from __future__ import annotations

from verselet.messages.auditing import RetrieveAuditDetails, RetrieveRecordChangeHistory
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import paging_of, text_of

MOST = 5_000
"""So many changes are told at once."""


def record_history(call: Call) -> Answer:
    """The changes of a row. [JOB-45]"""
    page, size = paging_of(call.given, MOST)
    return call.properties(RetrieveRecordChangeHistory(call.row("Target"), page, size))


def column_history(call: Call) -> Answer:
    """The changes of one column of a row. [JOB-45]"""
    page, size = paging_of(call.given, MOST)
    name = text_of(call.given, "AttributeLogicalName")
    return call.properties(RetrieveRecordChangeHistory(call.row("Target"), page, size, name))


def details(call: Call) -> Answer:
    """What one audit row says. [JOB-45]"""
    return call.properties(RetrieveAuditDetails(call.bound[1]))
