"""Refuse who is not known, or may not.

In:        the facts of a refusal
Out:       401 and 403
Not here:  who may what (security)
"""

from __future__ import annotations

from verselet.errors.root import ServiceError


class Unauthenticated(ServiceError):
    """No token, or one that names nobody. [H-14]"""

    code = 0x80041D41
    status = 401

    def __init__(self, message: str = "The request carries no valid bearer token.", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)


class AccessDenied(ServiceError):
    """The caller may not. [E-17]"""

    code = 0x80040220
    status = 403


class PrivilegeMissing(AccessDenied):
    """The caller does not hold the privilege at any depth. [SEC-40], [SEC-48]"""

    def __init__(self, user_id: str, privilege: str, table: str, *, has_roles: bool = True) -> None:
        roles = "" if has_roles else " The user has not been assigned any roles."
        super().__init__(
            f"Principal user (Id={user_id}, type=8) is missing {privilege} privilege for entity '{table}'. "
            f"context.Caller={user_id}. Consider adding missed privilege to one of the principal (user/team) roles."
            f"{roles}"
        )


class RowAccessDenied(AccessDenied):
    """The caller holds the privilege, but it does not reach this row. [SEC-42], [SEC-49]"""

    code = 0x80048306

    def __init__(self, user_id: str, right: str, table: str, row_id: str) -> None:
        super().__init__(
            f"Principal with id {user_id} does not have {right} right(s) for record with id {row_id} "
            f"of entity {table}.",
            hint="GET /_verselet/explain-access says which roles, teams and shares were looked at.",
        )


class PrincipalNotEntitled(AccessDenied):
    """Who is to own rows, or is shared with, does not hold the privileges that takes. [SEC-56], [SEC-62]"""

    code = 0x80040231

    def __init__(self) -> None:
        super().__init__("Target user or team does not hold required privileges.")


class NotAMember(AccessDenied):
    """The token is good, but it names no user of this organization. [SEC-126]"""

    code = 0x80072560

    def __init__(self, *, hint: str = "") -> None:
        super().__init__("The user is not a member of the organization.", hint=hint)


class UserDisabled(AccessDenied):
    """The user is there but may not work. [E-17]"""

    code = 0x80040225

    def __init__(self, user_id: str) -> None:
        super().__init__(f"The specified user(Id = {user_id}) is disabled. Consider enabling this user.")


class CannotActForAnother(AccessDenied):
    """The caller lacks the privilege to act on behalf of another user. [IP-4], [S-3]"""

    code = 0x80040221

    def __init__(self, user_id: str) -> None:
        super().__init__(f"User (Id={user_id}) does not have the privilege prvActOnBehalfOfAnotherUser.")
