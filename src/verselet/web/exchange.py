"""Hold one request while it is answered.

In:        what the HTTP server hands over
Out:       `Exchange`: method, path, options and headers, read when they are needed
Not here:  what is done with it (web.dispatch)
"""

from __future__ import annotations

from functools import cached_property

from verselet.errors import BadRequest
from verselet.messages.request import Precondition
from verselet.query.odata.options import Options, parse_options
from verselet.security.caller import Caller
from verselet.web.prefer import NONE, parse_prefer


class Exchange:
    """One request. `api` is the address the caller used, as `http://host/api/data/v9.2/`. [CC-4]

    `path` is what follows it, decoded; `raw_query` is as it came. Header names are in lower case. `preferences` is what
    the client prefers.
    """

    def __init__(self, method: str, api: str, path: str, raw_query: str, headers: dict[str, str]) -> None:
        self.method = method
        self.api = api
        self.path = path
        self.raw_query = raw_query
        self.headers = headers
        self.body = b""
        self.caller: Caller = NOBODY
        text = headers.get("prefer")
        self.preferences = NONE if text is None else parse_prefer(text)

    @cached_property
    def options(self) -> Options:
        """The query options. Refusals as `parse_options`."""
        return parse_options(self.raw_query)

    def check_options(self) -> None:
        """Refuse unknown options, also where nothing asks for the others. [U-13]"""
        _ = self.options

    @property
    def content_type(self) -> str:
        """The type of the body."""
        return self.headers.get("content-type", "")

    @property
    def precondition(self) -> Precondition:
        """What must hold before a write. [WF-1] to [WF-6]

        Raises:
            BadRequest: `If-Match` is neither a star nor an entity tag.
        """
        none_match = self.headers.get("if-none-match")
        match = self.headers.get("if-match")
        if match is not None and match.strip() not in {"", "null"}:
            if match.strip() == "*":
                return Precondition(exists=True)
            return Precondition(version=version_of_tag(match), exists=True)
        if none_match is not None and none_match.strip() == "*":
            return Precondition(exists=False)
        # `If-None-Match: null` is sent to defeat caches; it means nothing. [H-3]
        return Precondition()


def version_of_tag(tag: str) -> int:
    """The version in an entity tag `W/"n"`. [ET-1]

    Raises:
        BadRequest: it is no entity tag of ours.
    """
    text = tag.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise BadRequest(f"The entity tag '{tag[:80]}' is not of the form W/\"123\".")
    return min(int(text), 2**63 - 1)


NOBODY = Caller(user_id="", business_unit_id="", organization_id="")
"""Who calls before the token was read."""
