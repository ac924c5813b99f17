"""Put together how callers are known, by the mode of `--auth`.

In:        an organization, the mode, the names this server goes by
Out:       `Identity`: headers to callers, the challenge, the addresses of sign-in
Not here:  the parts (auth), which mode is allowed where (settings)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from verselet.auth import DeveloperTokens, challenge, foreign_challenge
from verselet.auth.bearer import BearerTokens
from verselet.auth.dev import Identify
from verselet.auth.fetching import FetchFailed, fetch
from verselet.auth.foreign import ForeignTokens
from verselet.auth.foreign_keys import ForeignKeys
from verselet.auth.grants import Grants
from verselet.auth.issued import Issuer
from verselet.auth.keys import SigningKeys
from verselet.auth.managed import managed_identity
from verselet.auth.people import People
from verselet.auth.resources import OwnAddress
from verselet.errors import NotReachable
from verselet.server.sign_in import SignIn
from verselet.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verselet.organization import Organization
    from verselet.server.sign_in_pages import SignInFlow

Challenge: TypeAlias = Callable[[str], str]
MakeIdentity: TypeAlias = "Callable[[Organization, OwnAddress], Identity]"


class Identity(msgspec.Struct, frozen=True):
    """How callers are known. `sign_in` is None where others sign them in; `is_open` means that no secret is needed."""

    identify: Identify
    challenge: Challenge
    sign_in: SignIn | None
    is_open: bool


def identity_for(settings: Settings) -> MakeIdentity:
    """How callers will be known, by the mode of `--auth`. A foreign issuer is asked for its keys now.

    Raises:
        NotReachable: it does not answer as one.
    """
    if settings.auth == "dev":
        return developer_identity
    if settings.auth == "token-issuer":
        return issuer_identity
    assert settings.oidc_issuer is not None  # The settings were checked as a whole.
    keys = ForeignKeys(settings.oidc_issuer, fetch)
    try:
        keys.read()
    except FetchFailed as failure:
        raise NotReachable(
            "VS1035",
            f"the issuer {settings.oidc_issuer} cannot be used",
            str(failure),
            "correct --oidc-issuer; SSL_CERT_FILE names the authorities that are trusted",
        ) from failure
    return partial(foreign_identity, keys=keys, audiences=settings.oidc_audience)


def developer_identity(organization: Organization, is_own_address: OwnAddress) -> Identity:
    """`--auth dev`: developer tokens, and tokens of our own issuer. contract.md §3"""
    return _issuing(organization, is_own_address, is_open=True)


def issuer_identity(organization: Organization, is_own_address: OwnAddress) -> Identity:
    """`--auth token-issuer`: tokens of our own issuer only. contract.md §3"""
    return _issuing(organization, is_own_address, is_open=False)


def foreign_identity(
    organization: Organization, is_own_address: OwnAddress, *, keys: ForeignKeys, audiences: Sequence[str]
) -> Identity:
    """`--auth oidc`: tokens of a foreign issuer only. contract.md §3"""
    tokens = ForeignTokens(keys, audiences, is_own_address, organization.clock)
    people = People(organization)
    return Identity(
        identify=BearerTokens(tokens.check, people, organization.find_caller, organization.clock).identify,
        challenge=partial(_foreign_challenge, keys.issuer),
        sign_in=None,
        is_open=False,
    )


def _issuing(organization: Organization, is_own_address: OwnAddress, *, is_open: bool) -> Identity:
    people = People(organization)
    keys = SigningKeys(organization.credentials, organization.clock)
    issuer = Issuer(keys, organization.founding.tenant_id, organization.clock, is_own_address)
    grants = Grants(issuer, people, organization.credentials, permissive=is_open)
    signed = BearerTokens(issuer.check, people, organization.find_caller, organization.clock).identify

    def make_flow() -> SignInFlow:
        from verselet.server.sign_in_pages import SignInFlow
        from verselet.ui.sign_in import SignInPages

        return SignInFlow(grants, SignInPages(organization.name))

    def managed(query: Mapping[str, str], base_url: str) -> dict[str, Any]:
        return managed_identity(query, issuer, people, organization.administrator.user_id, base_url)

    developers = DeveloperTokens(organization.developer, organization.find_caller, signed)
    return Identity(
        identify=developers.identify if is_open else signed,
        challenge=partial(_own_challenge, organization.founding.tenant_id),
        sign_in=SignIn(grants, make_flow, organization.ids.new_random_id, managed if is_open else None),
        is_open=is_open,
    )


def _own_challenge(tenant_id: str, base_url: str) -> str:
    return challenge(base_url, tenant_id)


def _foreign_challenge(issuer: str, base_url: str) -> str:
    return foreign_challenge(base_url, issuer)
