"""Refuse a sign-in in the words of OAuth.

In:        the facts of a refusal
Out:       `SignInRefused` and the refusals by name
Not here:  refusals of the Web API (errors), how they are written (server.sign_in)
"""

from __future__ import annotations

from verselet.errors import VerseletError


class SignInRefused(VerseletError):
    """What a token endpoint answers: an error of OAuth, and the number that clients know it by. [SEC-125]"""

    def __init__(self, error: str, number: int, why: str, *, status: int = 400) -> None:
        super().__init__(why)
        self.error = error
        self.number = number
        self.why = why
        self.status = status


class RefusedAtClient(SignInRefused):
    """A refusal that is told to the client at its redirect address. RFC 6749 §4.1.2.1"""


def missing(name: str) -> SignInRefused:
    """A parameter that has to be there. [SEC-125]"""
    return SignInRefused("invalid_request", 900144, f"The request body must contain the following parameter: '{name}'.")


def malformed(why: str, status: int = 400) -> SignInRefused:
    """A request that cannot be read. [SEC-125]"""
    return SignInRefused("invalid_request", 9002313, f"The request cannot be read: {why}.", status=status)


def wrong_secret() -> SignInRefused:
    """The client cannot show that it is who it says. [AU-4]"""
    return SignInRefused("invalid_client", 7000215, "Invalid client secret provided.", status=401)


def unknown_application(client_id: str) -> SignInRefused:
    """No application user has this application id. [SEC-125]"""
    return SignInRefused(
        "unauthorized_client", 700016, f"No application user of this organization has the id '{client_id[:80]}'."
    )


def unknown_resource(resource: str) -> SignInRefused:
    """A token for somebody else's address. [SEC-126]"""
    return SignInRefused(
        "invalid_resource", 500011, f"The resource '{resource[:200]}' is not an address of this server."
    )


def wrong_user() -> SignInRefused:
    """Name and password do not belong together; which of them is wrong is not told. [SEC-125]"""
    return SignInRefused("invalid_grant", 50126, "Error validating credentials: wrong user name or password.")


def disabled_user() -> SignInRefused:
    """The user may not sign in any more. [SEC-128]"""
    return SignInRefused("invalid_grant", 50057, "The user account is disabled.")


def wrong_code(why: str) -> SignInRefused:
    """An authorization code or a refresh token that is not good, or not for this client. [SEC-125]"""
    return SignInRefused("invalid_grant", 70000, f"The provided grant is not valid: {why}.")


def used_code() -> SignInRefused:
    """The code was redeemed before. RFC 6749 §4.1.2"""
    return SignInRefused("invalid_grant", 54005, "The authorization code was already redeemed.")


def expired_code() -> SignInRefused:
    """The code or the refresh token is too old. [SEC-125]"""
    return SignInRefused("invalid_grant", 700082, "The code or the refresh token has expired.")


def wrong_verifier() -> SignInRefused:
    """The code verifier does not fit the challenge. RFC 7636 §4.6"""
    return SignInRefused("invalid_grant", 501481, "The code verifier does not match the code challenge.")
