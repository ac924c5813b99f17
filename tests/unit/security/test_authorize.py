"""Who may: System Administrator everything, others what every user may."""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.errors import AccessDenied
from verselet.messages.request import Create, Delete, Request, RetrieveVersion, RowKey, WhoAmI
from verselet.query.plan import All, Always, Never
from verselet.query.resolve import Reading, resolve
from verselet.query.tree import Expand, Query
from verselet.security.authorize import authorize, authorize_reading
from verselet.security.caller import Caller
from verselet.security.rows import restrict
from verselet.values import Row

USER = Caller(user_id="u", business_unit_id="b", organization_id="o")
ADMINISTRATOR = Caller(user_id="a", business_unit_id="b", organization_id="o", is_administrator=True)
MESSAGES: list[tuple[Request, bool]] = [
    (WhoAmI(), True),
    (RetrieveVersion(), False),
    (Create(Row("account", None, {})), False),
    (Delete("account", RowKey("x")), False),
]


@pytest.mark.parametrize(("message", "is_open"), MESSAGES)
def test_a_message_is_judged_by_its_caller(message: Request, is_open: bool) -> None:
    """The reason names the caller. [SEC-40], [E-17]"""
    schema = schema_with_gizmos()
    assert authorize(message, ADMINISTRATOR, schema).allowed
    verdict = authorize(message, USER, schema)
    assert is_open == verdict.allowed
    if not is_open:
        with pytest.raises(AccessDenied, match=r"Id=u"):
            verdict.or_refuse()


def test_reading_is_judged_by_table() -> None:
    """[E-17]"""
    assert authorize_reading(ADMINISTRATOR, "account").allowed
    with pytest.raises(AccessDenied, match="prvReadaccount"):
        authorize_reading(USER, "account").or_refuse()


def test_the_row_filter_lies_on_every_table_of_a_plan() -> None:
    """On the rows themselves and on expanded ones. [SEC-40]"""
    expand = (Expand(navigation="new_gizmo_parts", start=0, stop=0),)
    asked = resolve(Query(table="new_gizmo", expand=expand), schema_with_gizmos(), Reading()).plan
    assert asked == restrict(asked, ADMINISTRATOR)
    narrowed = restrict(asked, USER)
    assert All((Never(), Always())) == narrowed.where
    assert [All((Never(), Always()))] == [item.plan.where for item in narrowed.nested]


def test_callers_of_one_class_share_plans() -> None:
    """Nothing else of a caller may decide a plan. [performance.md §3]"""
    assert "administrator" == ADMINISTRATOR.security_class
    assert "user" == USER.security_class
