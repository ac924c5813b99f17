"""Take one step: send its request until its expectations hold or its time is over.

In:        a step, variables, a sender
Out:       nothing, or `Unmet`; saved values in the variables
Not here:  the order of steps (running)
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import httpx
import msgspec

from conformance.answers import FINE, Expected, check_answer, saved
from conformance.cases import Step, Unmet
from conformance.sending import Request, Sender
from conformance.variables import Variables

PAUSE_S = 0.5
PATIENCE = 5
"""What a case waits for at most is meant for a machine that does nothing else."""


def take(sender: Sender, step: Step, variables: Variables, *, otherwise: Sequence[int] = FINE) -> None:
    """Take a step; `otherwise` are the statuses that do where it names none.

    Raises:
        Unmet: the answer is not as expected, and `step.wait` seconds have passed.
    """
    request = msgspec.convert(variables.fill(step.request), Request)
    expected = msgspec.convert({"status": list(otherwise), **variables.fill(step.expect)}, Expected)

    def follow(link: str) -> httpx.Response:
        return sender.send_request(Request(method="GET", path=link, headers=request.headers), {})

    deadline = time.monotonic() + PATIENCE * step.wait
    while True:
        answer = sender.send_request(request, {})
        try:
            check_answer(answer, expected, follow)
            break
        except Unmet:
            if time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE_S)
    for name, value in saved(answer, step.save).items():
        variables.set(name, value)
