"""Refuse what functions and actions on rows cannot do.

In:        the facts of a refusal
Out:       400 and 412
Not here:  deciding it (operations)
"""

from __future__ import annotations

from verselet.errors.preconditions import PreconditionFailed
from verselet.errors.requests import BadRequest


class MessageNotForTable(BadRequest):
    """A message that rows of the table do not take. [MSG-3]"""

    code = 0x80040800

    def __init__(self, message: str, table: str) -> None:
        super().__init__(f"The '{message}' method does not support entities of type '{table}'.")


class NoSharee(BadRequest):
    """A row is shared with users and teams only. [SEC-56]"""

    code = 0x8004020C

    def __init__(self, table: str) -> None:
        super().__init__(f"A row cannot be shared with a row of '{table}'.", hint="Principals are users and teams.")


class SharedWithOwner(BadRequest):
    """The owner may do everything already. [SEC-56]"""

    code = 0x80040214

    def __init__(self) -> None:
        super().__init__("A record cannot be shared with its owner.")


class SharedWithManagedTeam(BadRequest):
    """The server decides what is shared with an access team it made itself. [SEC-39]"""

    code = 0x80048339

    def __init__(self) -> None:
        super().__init__("A record cannot be shared with, or taken back from, an access team the system looks after.")


class OwnedByAccessTeam(BadRequest):
    """An access team owns nothing. [SEC-34], [SEC-62]"""

    code = 0x80048340

    def __init__(self) -> None:
        super().__init__("An access team cannot own a record.", hint="Name a user, or an owner team.")


class OwnedByDisabledUser(BadRequest):
    """A disabled user gets no rows. [SEC-62]"""

    code = 0x80040225

    def __init__(self, user_id: str) -> None:
        super().__init__(f"The specified user(Id = {user_id}) is disabled and cannot own a record.")


class DuplicateFound(PreconditionFailed):
    """A published rule finds another row that counts as the same. [DD-2], [JOB-19]"""

    code = 0x80040333

    def __init__(self) -> None:
        super().__init__(
            "A record was not created or updated because a duplicate of the current record already exists."
        )


class RuleWithoutConditions(BadRequest):
    """A duplicate rule that compares nothing cannot be published. [JOB-18]"""

    code = 0x80048414

    def __init__(self) -> None:
        super().__init__("The duplicate detection rule has no conditions and cannot be published.")


class TooManyRules(BadRequest):
    """A table has as many published duplicate rules as it can have. [JOB-18]"""

    code = 0x80048419

    def __init__(self, table: str) -> None:
        super().__init__(f"The table '{table}' has the largest number of published duplicate detection rules.")


class JobWithoutName(BadRequest):
    """A bulk deletion needs a name to be found by. [JOB-3]"""

    code = 0x80048457

    def __init__(self) -> None:
        super().__init__("The bulk deletion job needs a name.")
