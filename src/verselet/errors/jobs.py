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


class JobNotRecurring(BadRequest):
    """A job that is done once has no recurrence to change. [EVT-65]"""

    code = 0x80044168

    def __init__(self) -> None:
        super().__init__("Cannot update recurrence pattern for a job that is not recurring.")


class JobNotCancellable(BadRequest):
    """Jobs of that kind are ended where they were asked for. [EVT-62]"""

    code = 0x80044F00

    def __init__(self) -> None:
        super().__init__("This system job cannot be canceled.")


class JobNeverPaused(BadRequest):
    """Jobs of that kind do not stop half-way. [EVT-62]"""

    code = 0x80044F01

    def __init__(self) -> None:
        super().__init__("This system job cannot be paused.")


class JobOfSystem(BadRequest):
    """The server cannot be without the job. [EVT-62], [EVT-63]"""

    code = 0x80044F02

    def __init__(self) -> None:
        super().__init__(
            "You can't cancel or delete this system job because it's required by the system. "
            "You can only pause, resume, or postpone this job."
        )
