"""Write a refusal as the service writes it.

In:        a `ServiceError`, or a failure of the store
Out:       an `Answer`
Not here:  why something is refused (everywhere else)
"""

from __future__ import annotations

import logging
import re
from typing import Final

import msgspec

from verselet.errors import Unauthenticated, Unavailable, Unexpected, VerseletError
from verselet.errors.limits import TooMuchAsked
from verselet.operations.failures import service_error
from verselet.web.answers import JSON, Answer, Header

LOG: Final = logging.getLogger("verselet.web")
DETAILS: Final = "@Microsoft.PowerApps.CDS."
UNPRINTABLE: Final = re.compile(rb"[^ -~]")
"""What a header must not hold: a line end in it would begin a header of the caller's own."""


def refusal(error: VerseletError, *, everything: bool, challenge: str) -> Answer:
    """The answer to a refused request. [E-1], [E-2]

    `challenge` is the value of `WWW-Authenticate` for a 401. [H-14]
    """
    found = service_error(error)
    body: dict[str, str] = {"code": f"0x{found.code:08x}", "message": found.message}
    if everything:
        body[f"{DETAILS}ErrorDetails.OperationStatus"] = "0"
        body[f"{DETAILS}ErrorDetails.SubErrorCode"] = "0"
        body[f"{DETAILS}HelpLink"] = (
            f"http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{found.code:08x}"
        )
        body[f"{DETAILS}TraceText"] = found.hint
        body[f"{DETAILS}InnerError.Message"] = found.message
    headers: list[Header] = [JSON]
    if found.hint:
        headers.append((b"x-verselet-hint", UNPRINTABLE.sub(b" ", found.hint.encode("ascii", "replace"))[:1000]))
    if isinstance(found, Unauthenticated):
        headers.append((b"www-authenticate", challenge.encode("latin-1", "replace")))
    if isinstance(found, Unavailable):
        headers.append((b"retry-after", str(found.retry_after_s).encode()))
    if isinstance(found, TooMuchAsked):
        headers.append((b"retry-after", str(found.retry_after_s).encode()))
    return Answer(found.status, msgspec.json.encode({"error": body}), tuple(headers))


def unexpected(error: Exception, request_id: str) -> Answer:
    """The answer to a fault of ours: logged with its request id, told without details. [E-19]"""
    LOG.error("request %s failed", request_id, exc_info=error)
    return refusal(Unexpected(), everything=False, challenge="")
