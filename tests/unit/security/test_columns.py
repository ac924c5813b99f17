"""Which secured columns a caller lacks, and what that makes of a plan. [SEC-100] to [SEC-108]"""

from __future__ import annotations

import msgspec
import pytest

from tests.secrets_of_gizmos import schema_with_secrets
from tests.unit.security.standings import ADMINISTRATOR, NOBODY, book, caller
from verselet.query.plan import Hidden, Masked, Output, Plan
from verselet.security.caller import Caller
from verselet.security.columns import hidden_columns, hide, lacking
from verselet.security.profiles import ColumnProfiles, ColumnRights, share_id
from verselet.security.standing import Held, Holding, Member, Standing

SCHEMA = schema_with_secrets()
PRICE = ("new_gizmo", "new_price")
ASKED = Plan(table="new_gizmo", outputs=(Output("new_price", "new_price"),))
MASKS = frozenset({Masked("new_gizmo", "new_notes", "a", "#"), Masked("new_gizmo", "new_code", "a", "#")})


def standing(profiles: ColumnProfiles, *, role: str = "any") -> Standing:
    """A user with those profiles."""
    holding = Holding(role=role, role_id=role, name=role, unit_id="b")
    return Standing(Held(user=Member("u", "b"), holdings=(holding,), columns=profiles), book({role: {}}))


def having(shared: frozenset[str] = frozenset(), **rights: int) -> Caller:
    """A user with rights on the price, and shared values."""
    found = msgspec.convert(rights, ColumnRights, strict=False)
    return caller(standing(ColumnProfiles(rights={PRICE: found}, shared=shared)))


def on_price(given: Caller) -> Hidden | None:
    """How the price is hidden from the caller."""
    return next((item for item in hidden_columns(SCHEMA, given) if (item.table, item.column) == PRICE), None)


@pytest.mark.parametrize(
    "given",
    [
        ADMINISTRATOR,
        caller(standing(ColumnProfiles(), role="everything")),
        caller(standing(ColumnProfiles(everything=True))),
    ],
    ids=["server", "role", "profile"],
)
def test_who_may_read_everything_gets_the_very_plan(given: Caller) -> None:
    """System Administrators and members of their profile read as if nothing were secured. [SEC-102]"""
    assert ASKED is hide(ASKED, SCHEMA, given)


def test_a_column_without_the_read_right_is_hidden() -> None:
    """Other rights do not show it. [SEC-103]"""
    assert None is on_price(having(read=1))
    assert Hidden(*PRICE, share_id(*PRICE), shared=False) == on_price(having(create=1, update=1))
    assert on_price(having(update=1)) in hide(ASKED, SCHEMA, having(update=1)).hidden


def test_a_share_of_some_value_is_known_to_the_plan() -> None:
    """So a statement that asks for shares is written only for those with whom something is shared. [SEC-106]"""
    shared = on_price(having(frozenset({share_id(*PRICE)})))

    assert shared is not None
    assert shared.shared
    assert lacking(SCHEMA, having(), "new_gizmo", ["new_price"], "read") == {"new_price": True}


def test_whoever_is_nobody_lacks_everything() -> None:
    """A caller about whom nothing was read has no right. [SEC-103]"""
    assert lacking(SCHEMA, NOBODY, "new_gizmo", ["new_price"], "update") == {"new_price": False}
    assert on_price(NOBODY) is not None


def test_two_users_need_the_right_both() -> None:
    """Acting for another adds no right, and values are shared with the one acted for. [SEC-92]"""
    shares = frozenset({share_id(*PRICE)})
    reading = standing(ColumnProfiles(rights={PRICE: ColumnRights(read=True)}))
    shared = standing(ColumnProfiles(shared=shares))

    def both(*standings: Standing) -> Caller:
        return msgspec.structs.replace(having(), standings=standings, real_user_id="r")

    assert None is on_price(both(reading, reading))
    assert Hidden(*PRICE, share_id(*PRICE), shared=True) == on_price(both(shared, reading))
    assert Hidden(*PRICE, share_id(*PRICE), shared=False) == on_price(both(reading, shared))
    assert Hidden(*PRICE, share_id(*PRICE), shared=False) == on_price(both(shared, shared))


def test_callers_whose_rights_differ_do_not_share_plans() -> None:
    """What a plan knows of a caller is part of the class by which it is kept. [invariant 3]"""
    classes = {
        found.security_class
        for found in (having(), having(read=1), having(read=1, unmasked=3), having(frozenset({share_id(*PRICE)})))
    }

    assert 4 == len(classes)
    assert having(read=1).security_class == having(read=1).security_class
    plain = msgspec.structs.replace(ADMINISTRATOR, asks_plain=True)
    assert ADMINISTRATOR.security_class != plain.security_class


def test_a_mask_stands_on_secured_columns_until_it_is_lifted() -> None:
    """For everybody who does not ask for more, administrators among them; a hidden column needs none. [SEC-108]"""
    (notes,) = [mask for mask in MASKS if mask.column == "new_notes"]
    plain = msgspec.structs.replace(ADMINISTRATOR, asks_plain=True)

    assert frozenset({notes}) == hide(ASKED, SCHEMA, ADMINISTRATOR, MASKS).hidden
    assert frozenset() == hide(ASKED, SCHEMA, plain, MASKS).hidden
    assert notes not in hide(ASKED, SCHEMA, having(read=1), MASKS).hidden
