"""Remember what a thread is in the middle of.

In:        nothing
Out:       `ThreadState`
Not here:  what follows from it (organization.house)
"""

from __future__ import annotations

import threading

from verselet.pipeline.execution import ORDINARY, Circumstances, Surroundings


class ThreadState(threading.local):
    """What a thread is in the middle of: the schema its request began with, how many transactions, whether something
    that processes remember or jobs were written in them, whether they may change definitions, and what the request
    says beside its message. `acts` counts what no refusal takes back: steps that ran, transactions that were committed.
    """

    surroundings: Surroundings | None = None
    transactions: int = 0
    outdates: bool = False
    jobs: bool = False
    is_rebuilding: bool = False
    circumstances: Circumstances = ORDINARY
    acts: int = 0

    def note_step(self) -> None:
        """A step begins."""
        self.acts += 1

    def note_end(self) -> None:
        """What was written is committed, unless it is a part of a transaction."""
        self.acts += not self.transactions

    def note_job(self) -> None:
        """A job was written."""
        self.jobs = True
