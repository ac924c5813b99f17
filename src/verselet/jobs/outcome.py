"""Say how a job ended.

In:        made by what does a job
Out:       `Outcome`
Not here:  what becomes of the job's row (jobs.ending)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from verselet.values import Value


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` says why the job could not be done, `code` which error that was.

    `asks_again`: the step wants to be run once more later. [EVT-64] `waits_s`: it is not the job's turn for so long,
    and the reason says whose it is. `counts` are columns of the operation that belongs to the job. `cancelled`:
    somebody ended or paused the job; `interrupted`: the server stops, and the rest is still to be done;
    `is_forgotten`: the row of the job goes. [EVT-48]
    """

    reason: str = ""
    code: int = 0
    asks_again: bool = False
    waits_s: int = 0
    counts: Mapping[str, Value] = {}
    cancelled: bool = False
    interrupted: bool = False
    is_forgotten: bool = False


def signed(code: int) -> int:
    """The code as a column of whole numbers takes it."""
    return code - 2**32 if code >= 2**31 else code
