"""Keep users in their unit, below their manager, and able to sign in where somebody must be.

In:        rows of `systemuser`
Out:       `USER_RULES`
Not here:  what moving to another unit brings along (operations.moving), roles of users (the module holders)
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final, cast

from verselet.errors import (
    ApplicationUserExists,
    ApplicationUserFixed,
    ApplicationUserKeepsAccessMode,
    InvalidArgument,
    LastAdministratorEnabled,
    UserOwnsRows,
)
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.languages import BASE_LANGUAGE
from verselet.metadata.translations import must_be_provisioned
from verselet.operations.administrators import is_last_administrator, must_leave_an_administrator
from verselet.operations.asking import rows_where
from verselet.operations.create import create_rows
from verselet.operations.hierarchies import id_of, must_not_loop
from verselet.operations.holdings import must_hold_named
from verselet.operations.moving import join_default_team, move_principal
from verselet.operations.naming import NAMES_OF_A_USER, users_named
from verselet.operations.rewriting import owns_rows
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

USER: Final = "systemuser"
MANAGER: Final = "parentsystemuserid"
IDENTITY: Final = ("applicationid", "azureactivedirectoryobjectid")
SETTINGS: Final = "usersettings"
CODE_OF_UTC: Final = 92
ROWS_OF_A_LIST: Final = 50
NON_INTERACTIVE: Final = 4
"""`accessmode` of applications. [SEC-127]"""


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    applications: set[str] = set()
    for row in rows:
        values = row.values
        if values.get("businessunitid") is None:
            values["businessunitid"] = Reference("businessunit", run.caller.business_unit_id)
        application = id_of(values.get("applicationid"))
        if application is not None:
            _must_be_new(run, application, applications)
            applications.add(application)
            values["accessmode"] = NON_INTERACTIVE
            if values.get("azureactivedirectoryobjectid") is None:
                # The directory is ours here: it gives applications their object ids.
                values["azureactivedirectoryobjectid"] = run.ids.new_random_id()


def _created(run: Execution, rows: Sequence[Row]) -> None:
    by_unit: dict[str, list[str]] = {}
    for row in rows:
        by_unit.setdefault(id_of(row.values["businessunitid"]) or "", []).append(row.id or "")
    for unit_id, users in by_unit.items():
        join_default_team(run, users, unit_id)
    create_rows(run, run.schema.tables[SETTINGS], [_settings(row) for row in rows])


def _settings(user: Row) -> Row:
    """How a new user wants to see things: in UTC and the language of the organization. [JOB-80]"""
    values: dict[str, Value] = {
        "businessunitid": user.values["businessunitid"],
        "timezonecode": CODE_OF_UTC,
        "localeid": BASE_LANGUAGE,
        "uilanguageid": BASE_LANGUAGE,
        "helplanguageid": BASE_LANGUAGE,
        "paginglimit": ROWS_OF_A_LIST,
    }
    return Row(SETTINGS, user.id, values)


def _changing(run: Execution, row: Row) -> None:
    user_id, values = row.id or "", row.values
    if "isdisabled" in values:
        must_hold_named(run, "prvDisableUser")
    if values.get("isdisabled") is True and is_last_administrator(run, user_id):
        raise LastAdministratorEnabled
    must_not_loop(run, row, MANAGER)
    _must_take_nobodys_name(run, row)
    if not values.keys().isdisjoint({*IDENTITY, "accessmode"}):
        _must_keep_identity(run, row)
    unit = values.get("businessunitid")
    if isinstance(unit, Reference):
        move_principal(run, Reference(USER, user_id), unit)


def _deleting(run: Execution, user_id: str) -> None:
    """Users are disabled rather; one that owns nothing may go. [SEC-38]"""
    must_leave_an_administrator(run, user_id)
    if owns_rows(run, user_id):
        raise UserOwnsRows(user_id)


def _must_take_nobodys_name(run: Execution, row: Row) -> None:
    """A user who took the name another one signs in with would lock that one out."""
    names = tuple([name for by_kind in NAMES_OF_A_USER for name in by_kind if name in row.values])
    if not names:
        return
    present = run.read_values(USER, row.id or "", names) or {}
    for name in names:
        value = row.values[name]
        if not isinstance(value, str) or not value or value == present.get(name):
            continue
        named = cast(RetrieveMultipleResponse, run.send(RetrieveMultiple(users_named(value)))).rows
        if any(other.id != row.id for other in named):
            raise InvalidArgument(f"The value of '{name}' names another user already.")


def _must_be_new(run: Execution, application: str, others: Set[str] = frozenset()) -> None:
    if application in others or rows_where(run, USER, ("systemuserid",), {"applicationid": application}):
        raise ApplicationUserExists(application)


def _must_keep_identity(run: Execution, row: Row) -> None:
    """Who an application is, and that it is one, does not change; writing what is there already is no change. [SEC-127]

    A person has no application id yet and may get one: that makes it an application.
    """
    present = run.read_values(USER, row.id or "", (*IDENTITY, "accessmode")) or {}
    application = present.get("applicationid")
    if application is None:
        wanted = id_of(row.values.get("applicationid"))
        if wanted is not None:
            _must_be_new(run, wanted)
        return
    if any(name in row.values and row.values[name] != present[name] for name in IDENTITY):
        raise ApplicationUserFixed
    if "accessmode" in row.values and row.values["accessmode"] != present["accessmode"]:
        raise ApplicationUserKeepsAccessMode


USER_RULES: Final = TableRules(creating=_creating, created=_created, changing=_changing, deleting=_deleting)
"""[SEC-11], [SEC-12], [SEC-14], [SEC-28], [SEC-38], [SEC-127]"""


def _choosing(run: Execution, row: Row) -> None:
    """People read in a language that is switched on; where it is switched off later, in the base language. [MD-9]

    0 chooses none: then it is the base language too.
    """
    language = row.values.get("uilanguageid")
    if isinstance(language, int) and language:
        must_be_provisioned(run.schema, language)


SETTINGS_RULES: Final = TableRules(changing=_choosing)
"""[JOB-80]"""
