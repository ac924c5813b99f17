"""Take jobs so that nobody else takes them too.

In:        the id of a job
Out:       whether it was there to be taken
Not here:  doing it (jobs)
"""

from __future__ import annotations

from typing import cast

from verselet.messages.jobs import ClaimJob, JobClaimed
from verselet.pipeline.execution import Execution
from verselet.sql.jobs import claim_sql


def claim_job(run: Execution) -> JobClaimed:
    """Lock the job in one statement; of several workers one finds it still there."""
    request = cast(ClaimJob, run.request)
    run.session.run(claim_sql(run.session.dialect), (run.clock.now_on_wire(), request.job))
    return JobClaimed(run.session.row_count > 0)
