"""Judge policies and queue their runs.

In:        rows of `retentionconfig`
Out:       refusals; jobs
Not here:  when rules are asked (operations.table_rules.retention), the run (jobs.retention)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.lake import must_be_installed
from verselet.messages.request import Response
from verselet.messages.retention import ValidateRetentionConfig
from verselet.operations.asking import compared, rows_that
from verselet.operations.queueing import JOBS, drop_jobs, queue_job, starting
from verselet.operations.recurring import read_recurrence
from verselet.pipeline.execution import Execution
from verselet.query.fetchxml.tree import Fetch
from verselet.query.tree import Or
from verselet.values import Reference, Row, Value

POLICIES: Final = "retentionconfig"
RETENTION: Final = 300
"""The type of the job. [EVT-61]"""


def validate_retention_config(run: Execution) -> Response:
    """Refuse a policy that could not run. [RET-34], [RET-9]

    Raises:
        InvalidArgument: no such table, one whose rows are not retained, or criteria about another one.
        FetchRefused and its kin: criteria that cannot be answered.
    """
    request = cast(ValidateRetentionConfig, run.request)
    table = run.schema.tables.get(request.table)
    if table is None or "Retain" not in table.events:
        raise InvalidArgument(f"The rows of the table '{request.table[:80]}' cannot be retained.")
    if not table.retention:
        raise InvalidArgument(f"The table '{table.name}' is not enabled for retention.")
    fetch = criteria_of(request.text)
    if fetch.table != table.name:
        raise InvalidArgument(f"The criteria are about '{fetch.table[:80]}', not about '{table.name}'.")
    if fetch.aggregate or fetch.retained:
        raise InvalidArgument("The criteria find active rows and compute nothing.")
    from verselet.query.fetchxml.resolve import Additions, resolve_fetch

    resolve_fetch(fetch, table, run.schema, Additions())
    return Response()


def criteria_of(text: str) -> Fetch:
    """The question of a policy. Refusals as `parse_fetch`."""
    from verselet.query.fetchxml.parse import parse_fetch

    return parse_fetch(text)


def must_be_policy(run: Execution, row_id: str | None, values: Mapping[str, Value]) -> None:
    """The policy can be saved. [RET-20], [RET-34]

    Raises:
        NotSupportedHere: there is no place for retained rows that lasts as long as the others, or no library for it.
        InvalidArgument: a name, a table or criteria are missing, or a recurrence is of another form.
    """
    must_be_installed()
    if not run.facts.has_lake:
        raise NotSupportedHere("Long-term retention without a directory for the lake (--lake)")
    if not values.get("uniquename"):
        raise InvalidArgument("A retention policy needs a unique name.")
    pattern = str(values.get("recurrence") or "")
    if pattern and read_recurrence(pattern) is None:
        raise InvalidArgument(
            "The recurrence must be empty, or of the form 'FREQ=DAILY;INTERVAL=1'; also WEEKLY, MONTHLY and YEARLY."
        )
    table, criteria = str(values.get("entitylogicalname") or ""), str(values.get("criteria") or "")
    if not table or not criteria:
        raise InvalidArgument("A retention policy needs the name of a table and criteria.")
    run.send_elevated(ValidateRetentionConfig(Row(POLICIES, row_id, dict(values)), table, criteria))


def queue_run(run: Execution, policy: str, at: str | None) -> None:
    """Queue the next run. [RET-8]"""
    values: dict[str, Value] = {
        "name": "Long-term retention",
        "operationtype": RETENTION,
        "messagename": "BulkRetain",
        "regardingobjectid": Reference(POLICIES, policy),
        **starting(run, at),
    }
    queue_job(run, values)


def drop_runs(run: Execution, policy: str) -> None:
    """Take the runs back that did not begin. [RET-26]"""
    table = run.schema.tables[JOBS]
    waiting = Or((compared(table, "statecode", 0), compared(table, "statecode", 1)))
    of_policy = compared(table, "regardingobjectid", Reference(POLICIES, policy))
    kind = compared(table, "operationtype", RETENTION)
    found = rows_that(run, table, (table.primary_id,), (of_policy, kind, waiting))
    drop_jobs(run, [str(job.id) for job in found])
