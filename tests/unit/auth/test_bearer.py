"""Signed tokens are checked once, their users every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.harness import new_organization
from verselet.auth import bearer
from verselet.auth.bearer import BearerTokens
from verselet.auth.people import People
from verselet.auth.tokens import Claims
from verselet.clock import Clock
from verselet.errors import NotAMember, UserDisabled
from verselet.organization import Organization
from verselet.security.caller import Caller

USER = "a0000000-0000-4000-8000-0000000000b1"
CALLER = Caller(user_id=USER, business_unit_id="2", organization_id="3")
BEGIN = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """For its applications, of which there are none."""
    made = new_organization()
    yield made
    made.close()


class World:
    """Counts the checks of tokens; the user is there, gone or disabled."""

    def __init__(self, organization: Organization) -> None:
        self.checked = 0
        self.caller: Caller | None = CALLER
        self.is_disabled = False
        self.clock = Clock(BEGIN)
        self.tokens = BearerTokens(self.check, People(organization), self.find, self.clock)

    def check(self, token: str) -> Claims:
        """Every token is good for an hour."""
        self.checked += 1
        return Claims(iss="", aud="", exp=BEGIN.timestamp() + 3600, oid=USER, sub=token)

    def find(self, user_id: str) -> Caller | None:
        """The one user."""
        assert USER == user_id
        if self.is_disabled:
            raise UserDisabled(user_id)
        return self.caller

    def identify(self, number: int = 0) -> Caller:
        """The bearer of the n-th token."""
        return self.tokens.identify(f"Bearer a.b.{number}".encode(), "")


@pytest.fixture
def world(organization: Organization) -> World:
    """Tokens nobody has seen yet."""
    return World(organization)


def test_a_token_is_checked_once_until_it_expires(world: World) -> None:
    """A signature costs more than a whole answer. performance.md §1"""
    assert [CALLER] * 3 == [world.identify() for _ in range(3)]
    assert 1 == world.checked
    world.clock.advance(timedelta(hours=1))
    world.identify()
    assert 2 == world.checked


def test_a_user_is_looked_at_every_time(world: World) -> None:
    """Whoever is disabled or deleted is out at once. [SEC-128]"""
    world.identify()
    world.is_disabled = True
    with pytest.raises(UserDisabled):
        world.identify()
    world.is_disabled, world.caller = False, None
    with pytest.raises(NotAMember):
        world.identify()


def test_what_is_remembered_is_bounded_and_holds_no_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest makes room; only hashes are kept. performance.md §1"""
    monkeypatch.setattr(bearer, "REMEMBERED", 3)
    for number in (0, 1, 2, 3, 3, 1):
        world.identify(number)
    assert 4 == world.checked
    world.identify(0)
    assert 5 == world.checked
    assert {32} == {len(key) for key in world.tokens._seen}
