"""Hold one call of an operation on rows.

In:        an exchange with its parameters read
Out:       `Call`: runs messages as the caller, and writes what they answer
Not here:  which operations there are (web.row_functions.catalogue)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from verselet.errors import BadRequest
from verselet.messages.request import PropertiesResponse, Request, Response, RowKey
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.values import KeyReference, Reference
from verselet.web.answers import NO_CONTENT, Answer, json_answer
from verselet.web.exchange import Exchange
from verselet.web.row_functions.parameters import Given, row_of

ENCODER = msgspec.json.Encoder(decimal_format="number")


class Call(msgspec.Struct, frozen=True, eq=False):
    """One operation, its parameters, and the row it is bound to. [FN-3]"""

    organization: Organization
    exchange: Exchange
    name: str
    given: Given
    bound_to: tuple[Table, RowKey] | None

    @property
    def schema(self) -> Schema:
        """The tables."""
        return self.organization.schema

    @property
    def bound(self) -> tuple[Table, RowKey]:
        """The row the operation is bound to. [FN-3]"""
        if self.bound_to is None:
            raise BadRequest(f"The operation '{self.name}' is bound to a row.")
        return self.bound_to

    def row(self, name: str) -> Reference | KeyReference:
        """A parameter that names a row."""
        return row_of(self.schema, self.given, name)

    def execute(self, message: Request) -> Response:
        """Run a message as the caller."""
        return self.organization.execute(message, self.exchange.caller)

    def done(self, message: Request) -> Answer:
        """Run a message whose answer has no content. [FN-5]"""
        self.execute(message)
        return NO_CONTENT

    def properties(self, message: Request) -> Answer:
        """Run a message that answers with named values. [FN-5]"""
        response = cast(PropertiesResponse, self.execute(message))
        return self.written(f"Microsoft.Dynamics.CRM.{response.name}", response.properties)

    def written(self, context: str, members: Mapping[str, object]) -> Answer:
        """An answer with those members."""
        address = f"{self.exchange.api}$metadata#{context}"
        return json_answer(ENCODER.encode({"@odata.context": address, **members}))
