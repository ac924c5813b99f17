"""Remember what a thread is in the middle of.

In:        nothing
Out:       `ThreadState`
Not here:  what follows from it (organization.house)
"""

from __future__ import annotations

import threading
from typing import Final

from verselet.messages.request import Request
from verselet.messages.written import tables_written
from verselet.operations.standings import SECURITY_TABLES, concerns_rights
from verselet.operations.step_book import concerns_steps
from verselet.operations.step_rows import STEP_TABLES
from verselet.pipeline.execution import ORDINARY, Circumstances, Surroundings

WATCHED: Final = SECURITY_TABLES | STEP_TABLES
"""Tables whose rows decide about what comes after."""


class ThreadState(threading.local):
    """What a thread is in the middle of: the schema its request began with, how many transactions, whether something
    about rights, steps or jobs was written in them, whether they may change definitions, and what the request says
    beside its message.
    """

    surroundings: Surroundings | None = None
    transactions: int = 0
    rights: bool = False
    steps: bool = False
    jobs: bool = False
    is_rebuilding: bool = False
    circumstances: Circumstances = ORDINARY

    def note(self, request: Request) -> None:
        """Remember that the message may have written something about rights or steps."""
        tables = tables_written(request)
        if tables is None:
            self.rights = self.rights or concerns_rights(request)
            self.steps = self.steps or concerns_steps(request)
        elif not WATCHED.isdisjoint(tables):
            self.rights = self.rights or not SECURITY_TABLES.isdisjoint(tables)
            self.steps = self.steps or not STEP_TABLES.isdisjoint(tables)
