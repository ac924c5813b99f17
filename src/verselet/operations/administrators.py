"""Make sure that somebody may do everything.

In:        users who are about to lose System Administrator, or to stop working
Out:       nothing, or a refusal
Not here:  the role itself (operations.role_privileges)
"""

from __future__ import annotations

from typing import Final

from verselet.errors import LastAdministratorStays
from verselet.operations.standings import ADMINISTRATOR_TEMPLATE
from verselet.pipeline.execution import Execution
from verselet.sql.roles import administrators_sql

SUPPORT: Final = 3
"""`accessmode` of users who are there for the server's own work: nobody signs in as them."""


def is_last_administrator(run: Execution, user_id: str) -> bool:
    """Nobody but this user holds the role and can work. [SEC-28]"""
    found = run.session.run(administrators_sql(run.session.dialect), (ADMINISTRATOR_TEMPLATE, SUPPORT))
    return [user_id] == [str(user) for (user,) in found]


def must_leave_an_administrator(run: Execution, user_id: str) -> None:
    """The user may lose its roles.

    Raises:
        LastAdministratorStays: nobody else holds System Administrator. [SEC-28]
    """
    if is_last_administrator(run, user_id):
        raise LastAdministratorStays
