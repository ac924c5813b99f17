"""Let one user act as another.

In:        the caller who signed in, and the headers that name another user
Out:       the caller a request runs as
Not here:  sign-in (auth), what the two together may do (security)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from verselet.errors import BadRequest, CannotActForAnother, RowDoesNotExist
from verselet.ids import GUID
from verselet.organization import Organization
from verselet.security.caller import Caller
from verselet.security.privileges import ACT_ON_BEHALF

UNMASKED: Final = "mscrm.unmaskeddata"

OBJECT_ID: Final = "callerobjectid"
USER_ID: Final = "mscrmcallerid"
"""The Entra object id goes before the systemuserid. [H-10]"""


def seeing_caller(caller: Caller, headers: Mapping[str, str]) -> Caller:
    """The caller, who wants values without masks if a header says so. [SEC-108]"""
    asked = headers.get(UNMASKED)
    if asked is None:
        return caller
    return msgspec.structs.replace(caller, asks_plain=asked.strip().lower() == "true")


def acting_caller(organization: Organization, caller: Caller, headers: Mapping[str, str]) -> Caller:
    """The user the request runs as: the caller, or whom the headers name. [IP-1] to [IP-5]

    Raises:
        BadRequest: the header holds no GUID.
        CannotActForAnother: the caller may not act for others. [IP-4]
        RowDoesNotExist: there is no such user. [IP-5]
    """
    given = headers.get(OBJECT_ID, headers.get(USER_ID))
    if given is None:
        return caller
    named = given.strip()
    if not GUID.match(named):
        raise BadRequest(f"The header of impersonation must hold a GUID, not '{named[:80]}'.")
    if not caller.holds(ACT_ON_BEHALF):
        raise CannotActForAnother(caller.user_id)
    found = organization.find_caller(named)
    if found is None:
        raise RowDoesNotExist("systemuser", named.lower())
    # Both must hold what the request needs. [IP-4]
    both = found.is_administrator and caller.is_administrator
    standings = found.standings if caller.is_administrator else (*found.standings, *caller.standings)
    return msgspec.structs.replace(found, real_user_id=caller.user_id, is_administrator=both, standings=standings)
