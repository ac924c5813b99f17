"""Work on system jobs.

In:        made by jobs
Out:       frozen messages
Not here:  the rows of jobs, which are rows like others (messages.request)
"""

from __future__ import annotations

from verselet.messages.request import Request, Response


class ClaimJob(Request, frozen=True, tag=True):
    """Take a job that is ready or waits, before anybody else does. For the server itself. [EVT-60]"""

    job: str


class JobClaimed(Response, frozen=True):
    """Whether it is taken now."""

    claimed: bool
