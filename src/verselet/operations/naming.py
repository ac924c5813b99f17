"""Ask for a user by any name.

In:        a name, as a token, a header or a person gives it
Out:       the question that finds the user
Not here:  who calls (organization), what a caller may do (security)
"""

from __future__ import annotations

from typing import Final

from verselet.ids import GUID
from verselet.query.tree import Comparison, Literal, Or, Path, Query

NAMES_OF_A_USER: Final = (
    ("domainname", "internalemailaddress", "nickname"),
    ("systemuserid", "azureactivedirectoryobjectid"),
)
"""The columns a user can be named by, with a text and with an id; a fixture's key is kept as the nickname."""


def users_named(name: str) -> Query:
    """The users of that id, Entra object id, domain name, e-mail address or nickname."""
    is_id = GUID.match(name) is not None
    given = Literal("guid" if is_id else "text", name, 0, 0)
    return Query(
        table="systemuser",
        select=("systemuserid", "fullname", "isdisabled", "_businessunitid_value"),
        filter=Or(tuple([Comparison("eq", Path((column,), 0, 0), given) for column in NAMES_OF_A_USER[is_id]])),
    )
