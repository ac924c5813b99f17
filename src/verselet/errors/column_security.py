"""Refuse what column security profiles do not allow, and profiles that cannot be.

In:        the facts of a refusal
Out:       403 where a right on a column is missing, 400 where a profile, permission or share makes no sense
Not here:  which columns can be secured (errors.columns), who may what (security.columns)

No refusal says a value, nor whether there is one.
"""

from __future__ import annotations

from verselet.errors.access import AccessDenied
from verselet.errors.requests import BadRequest


class ColumnRightMissing(AccessDenied):
    """The caller lacks a right on a secured column; nothing of the request is done. [SEC-105]"""

    code = 0x8004F507
    right = "update"

    def __init__(self, user_id: str, column: str, table: str) -> None:
        super().__init__(
            f"Caller user with Id {user_id} does not have {self.right} permissions to a {column} secured field on "
            f"entity {table} table. The requested operation could not be completed."
        )


class ColumnCreateDenied(ColumnRightMissing):
    """A new row with a value for a secured column, without the right to it. [SEC-105]"""

    code = 0x8004F502
    right = "create"


class UnsecuringDenied(AccessDenied):
    """Who has not all rights on a secured column does not open it to everybody. [SEC-100]"""

    code = 0x8004F50D

    def __init__(self) -> None:
        super().__init__(
            "You must have sufficient permissions for a secured field before you can change its field level security."
        )


class ColumnShareUpdateDenied(ColumnRightMissing):
    """Who may not change the values of a column lets nobody else change them. [SEC-105], [SEC-106]"""

    code = 0x8004F503


class ColumnShareReadDenied(ColumnRightMissing):
    """Who may not read a value does not show it to others. [SEC-105], [SEC-106]"""

    code = 0x8004F504
    right = "read"


class ColumnNotSecured(BadRequest):
    """A permission, or a share, for a column that everybody may read. [SEC-101]"""

    code = 0x8004F508

    def __init__(self, column: str) -> None:
        super().__init__(
            "One or more fields are not enabled for field level security. Field level security is not enabled until "
            "you publish the customizations.",
            hint=f"The column '{column}' is not secured.",
        )


class PermissionInvalid(BadRequest):
    """A permission that contradicts itself, or that its column cannot have. [SEC-101]"""

    code = 0x8004F50E

    def __init__(self, permission: str, column: str, row_id: str) -> None:
        super().__init__(f"Permission '{permission}' for field '{column}' with id={row_id} is invalid.")


class ProfileProtected(BadRequest):
    """The profile of administrators stays as it is. [SEC-102]"""

    code = 0x8004F50C

    def __init__(self) -> None:
        super().__init__("The System Administrator field security profile cannot be modified or deleted.")


class ShareOfNothing(BadRequest):
    """A shared value that may neither be read nor changed. [SEC-106]"""

    code = 0x8004F509

    def __init__(self, column_id: str) -> None:
        super().__init__(
            f"You must set read and/or update access when you share a secured attribute. Attribute ID: {column_id}"
        )


class ShareEmptied(BadRequest):
    """A share that loses its last right is deleted instead. [SEC-106]"""

    code = 0x8004F50A

    def __init__(self) -> None:
        super().__init__("Both readAccess and updateAccess are false: call Delete instead of Update.")


class ValueSharedAlready(BadRequest):
    """That value is shared with that user or team. [SEC-106]"""

    code = 0x8004F50B

    def __init__(self) -> None:
        super().__init__("Attribute has already been shared.")
