"""Refuse what cannot be done to a background job.

In:        nothing
Out:       400
Not here:  deciding it (operations.table_rules.jobs)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest


class JobMoveRefused(BadRequest):
    """A job does not go from the state it is in to the one that is wanted. [EVT-62]"""

    code = 0x80044162
    state = "locked"

    def __init__(self) -> None:
        super().__init__(f"The job cannot be set to {self.state}: it does not go there from the state it is in.")


class JobNotCompletable(JobMoveRefused):
    """Only a job that is not over can be cancelled. [EVT-62]"""

    code = 0x80044165
    state = "completed"


class JobNotResumable(JobMoveRefused):
    """A job that is over does not become ready again. [EVT-62]"""

    code = 0x80044166
    state = "ready"


class JobNotPausable(JobMoveRefused):
    """Only a job in progress can be paused. [EVT-62]"""

    code = 0x80044167
    state = "suspended"


class JobUnfinished(BadRequest):
    """A job that is not over cannot be deleted. [EVT-63]"""

    code = 0x8004416A

    def __init__(self) -> None:
        super().__init__("The job cannot be deleted before it is completed.", hint="Cancel it: statuscode 32.")
