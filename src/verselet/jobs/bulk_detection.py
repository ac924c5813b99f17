"""Look for the duplicates of what the query of a job finds.

In:        an organization, a job with its query
Out:       rows of `duplicaterecord`
Not here:  which rows are duplicates (operations.duplicates), the job's states (jobs.queue)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

import msgspec

from verselet.errors import ServiceError
from verselet.jobs.bulk_deletion import found_rows, is_over, submitter
from verselet.jobs.outcome import Outcome
from verselet.messages.duplicates import BulkDetection, NoteDuplicates
from verselet.organization import Organization
from verselet.values import Row

AT_ONCE: Final = 50
"""What is found about so many rows is committed together."""


def detect_found(organization: Organization, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    """Go through the rows as the one who asked; a job that is interrupted begins again and keeps no pair twice."""
    try:
        asker = submitter(organization, job)
        detection = msgspec.json.decode(str(job.values["data"]), type=BulkDetection)
        rows = found_rows(organization, detection.query, asker, organization.clock.now_on_wire())
        while some := list(islice(rows, AT_ONCE)):
            if is_stopping():
                return Outcome(interrupted=True)
            if is_over(organization, job):
                return Outcome(cancelled=True)
            with organization.transaction():
                for table, row_id in some:
                    organization.execute(NoteDuplicates(str(job.id), table.name, row_id), asker)
    except (ServiceError, msgspec.DecodeError) as error:
        return Outcome(reason=str(error))
    return Outcome()
