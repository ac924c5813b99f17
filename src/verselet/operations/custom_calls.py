"""Answer a call of a message of one's own.

In:        a call whose main operation has run, as stage 30 among the steps around it
Out:       `Called`: what was set
Not here:  running plug-ins (pipeline.firing), values as JSON (web.custom_messages)
"""

from __future__ import annotations

from verselet.messages.custom import Called
from verselet.pipeline.execution import Execution


def call(run: Execution) -> Called:
    """Steps after the operation may still set more, into the same outputs. [EVT-1], [FN-28]"""
    return Called({} if run.context is None else run.context.outputs)
