"""Callers for tests, made without a store."""

from __future__ import annotations

from collections.abc import Mapping

from verselet.security.caller import Caller
from verselet.security.standing import Held, Holding, Member, RoleBook, Standing

UNITS = {
    "root": ("root", "a", "b", "c", "other"),
    "a": ("a", "b", "c"),
    "b": ("b", "c"),
    "c": ("c",),
    "other": ("other",),
}
"""Unit → itself and all under it: Root → A → B → C, and one beside."""


def book(contents: Mapping[str, Mapping[str, int]]) -> RoleBook:
    """What the roles of a test contain."""
    return RoleBook(organization_id="o", contents=contents, below=UNITS, administrators=frozenset({"everything"}))


def user(contents: Mapping[str, Mapping[str, int]], *, unit: str = "b", teams: tuple[Member, ...] = ()) -> Caller:
    """A user `u` who holds all those roles directly."""
    holdings = tuple([Holding(role=role, role_id=role, name=role, unit_id=unit) for role in contents])
    held = Held(user=Member("u", unit), teams=teams, holdings=holdings)
    return caller(Standing(held, book(contents)))


def caller(standing: Standing) -> Caller:
    """The user of a standing."""
    return Caller(user_id="u", business_unit_id=standing.unit_id, organization_id="o", standings=(standing,))


ADMINISTRATOR = Caller(user_id="a", business_unit_id="root", organization_id="o", is_administrator=True)
NOBODY = Caller(user_id="u", business_unit_id="b", organization_id="o")
