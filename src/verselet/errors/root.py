"""Start the tree of refusals, with those that have no family.

In:        the facts of a refusal
Out:       `VerseletError`, `ServiceError`, refusals of methods, sizes and missing parts; `did_you_mean`
Not here:  the families (the other modules of this room)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class VerseletError(Exception):
    """The root: catch it at the edges only."""


class ServiceError(VerseletError):
    """What the service would answer. [E-1]"""

    code: ClassVar[int] = 0x80040216
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or nothing."""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f"Did you mean '{lowered[near[0]]}'?" if near else ""


class NotSupportedHere(ServiceError):
    """The service has it and this server has not, yet: refused by name."""

    code = 0x80060888
    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not supported by this server yet.", hint="docs/differences.md lists what is missing."
        )
        self.what = what


class Unexpected(ServiceError):
    """A fault of ours. [E-19]"""

    code = 0x80040216
    status = 500

    def __init__(self) -> None:
        super().__init__("An unexpected error occurred.")


class TookTooLong(ServiceError):
    """A statement was stopped at its time limit."""

    code = 0x80044151
    status = 500


class Unavailable(ServiceError):
    """The store cannot serve right now; trying again after `retry_after_s` seconds may work. [S-2]"""

    code = 0x80040252
    status = 503
    retry_after_s: ClassVar[int] = 1


class DiskFull(Unavailable):
    """The disk takes no more data: nothing of the request is stored. Reads go on."""

    retry_after_s: ClassVar[int] = 30


class PayloadTooLarge(ServiceError):
    """A body over the limit. [LM-4]"""

    code = 0x8004418A
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The request body is larger than the limit of {limit_bytes} bytes.")


class RequestCutShort(ServiceError):
    """The client went away before its request was whole: nothing of it is done."""

    code = 0x80048D19
    status = 400

    def __init__(self) -> None:
        super().__init__("The request ended before its body did.")


class MethodNotAllowed(ServiceError):
    """A method that does not fit the resource. [U-15]"""

    code = 0x80060888
    status = 405

    def __init__(self, method: str, resource: str) -> None:
        super().__init__(f"The requested resource does not support http method '{method}'.", hint=resource)


class DefinitionPatched(ServiceError):
    """PATCH of a definition, which is replaced as a whole, by PUT. [MW-5]"""

    code = 0x80060888
    status = 405

    def __init__(self) -> None:
        super().__init__("Operation not supported on EntityMetadata", hint="Send the whole definition with PUT.")


class DeleteRestricted(ServiceError):
    """Rows refer to the row that should be deleted. [E-16]"""

    code = 0x80040227
    status = 405

    def __init__(self, table: str, child: str) -> None:
        super().__init__(
            f"The object you tried to delete is associated with another object and cannot be deleted. "
            f"({table} is referred to by {child})"
        )
