"""Refuse at the terminal: what happened, why, what to do.

In:        the facts of a refusal
Out:       `OperatorError` and its kin, each with an exit code
Not here:  refusals to clients (errors.root)
"""

from __future__ import annotations

from typing import ClassVar

from verselet.errors.root import VerseletError


class OperatorError(VerseletError):
    """For the person at the terminal: what happened, why, and what to do. [product.md §6]"""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, what: str, why: str, do: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.do = do


class WrongUsage(OperatorError):
    """Flags, variables or files that cannot be meant as they are written."""

    exit_code = 2


class NotReachable(OperatorError):
    """A server or a database that does not answer."""

    exit_code = 3


class RefusedByPolicy(OperatorError):
    """What could be done, but would not be safe here."""

    exit_code = 4
