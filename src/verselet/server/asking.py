"""Ask the Web API of an organization from inside, as its administrator.

In:        a method, a path behind the address of the API, a JSON object
Out:       the status and the body of the answer
Not here:  requests from outside (server.application), what is asked (seeding.sets)
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from verselet.errors import VerseletError
from verselet.organization import Organization
from verselet.web.dispatch import Dispatcher
from verselet.web.errors import refusal
from verselet.web.exchange import Exchange

API = "http://localhost/api/data/v9.2/"
HEADERS = {"content-type": "application/json", "accept": "application/json"}


class Inside:
    """The Web API without a network; what it is asked takes part in the transaction of the calling thread."""

    api = API

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._dispatcher = Dispatcher(organization)

    def ask(self, method: str, path: str, query: Mapping[str, str], body: object) -> tuple[int, bytes]:
        """Send one request; a refusal is an answer too."""
        exchange = Exchange(method, API, path, urlencode(query, quote_via=quote), dict(HEADERS))
        exchange.body = b"" if body is None else msgspec.json.encode(body)
        exchange.caller = self._organization.administrator
        try:
            answer = self._dispatcher.answer(exchange)
        except VerseletError as error:
            answer = refusal(error, everything=False, challenge="")
        return answer.status, answer.whole_body
