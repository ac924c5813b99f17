"""Who may send which message, by privileges at depths."""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from tests.unit.security.standings import ADMINISTRATOR, NOBODY, user
from verselet.errors import AccessDenied, PrivilegeMissing
from verselet.messages.definitions import CreateEntities
from verselet.messages.request import Create, Delete, Request, RetrieveVersion, RowKey, Update, WhoAmI
from verselet.operations import OPERATIONS
from verselet.security.authorize import authorize
from verselet.security.needs import FOR_ADMINISTRATORS, NOTHING, TAKES
from verselet.values import Reference, Row

REP = user({"rep": {"prvCreateAccount": 1, "prvWriteAccount": 1}})
OWNER = {"ownerid": Reference("systemuser", "x")}
MESSAGES: list[tuple[Request, bool]] = [
    (WhoAmI(), True),
    (RetrieveVersion(), True),
    (Create(Row("account", None, {})), True),
    (Update(Row("account", "x", {"name": "n"}), RowKey("x")), True),
    (Update(Row("account", "x", dict(OWNER)), RowKey("x")), False),
    (Update(Row("account", "x", {"name": "n", **OWNER}), RowKey("x")), True),
    (Delete("account", RowKey("x")), False),
    (CreateEntities(tables=()), False),
]


@pytest.mark.parametrize(("message", "may"), MESSAGES)
def test_a_message_takes_its_privileges(message: Request, may: bool) -> None:
    """Each at some depth; the administrator holds all. [SEC-40], [SEC-45]"""
    schema = schema_with_gizmos()
    assert authorize(message, ADMINISTRATOR, schema).allowed
    assert may == authorize(message, REP, schema).allowed


def test_the_refusal_names_the_privilege() -> None:
    """In the words of the service. [SEC-48]"""
    with pytest.raises(PrivilegeMissing, match="is missing prvDeleteAccount privilege"):
        authorize(Delete("account", RowKey("x")), REP, schema_with_gizmos()).or_refuse()


@pytest.mark.parametrize("message", [message for message, _ in MESSAGES])
def test_without_roles_only_who_am_i_is_answered(message: Request) -> None:
    """[SEC-33], [SEC-129]"""
    verdict = authorize(message, NOBODY, schema_with_gizmos())
    assert isinstance(message, WhoAmI) == verdict.allowed
    if not verdict.allowed:
        with pytest.raises(AccessDenied, match="not been assigned any roles"):
            verdict.or_refuse()


def test_every_message_says_what_it_takes() -> None:
    """A message without a line in the table is for System Administrator alone: no other than these. [SEC-45]"""
    told = {*NOTHING, *TAKES, *FOR_ADMINISTRATORS}
    silent = {kind.__name__ for kind in OPERATIONS if kind not in told and "definitions" not in kind.__module__}
    assert {"RevokeInheritedAccess"} == silent
