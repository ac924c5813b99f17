"""Answer requests for `$ref`.

In:        an exchange, a row, a navigation of it
Out:       an `Answer`: references of rows; rows connected or disconnected
Not here:  what connecting does (operations.associate)
"""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from verselet.errors import BodyRefused, MethodNotAllowed, QueryRefused, ResourceNotFound
from verselet.messages.request import Associate, Disassociate, RowKey
from verselet.metadata.tables import Table
from verselet.operations.keys import row_key
from verselet.operations.reading import read_reference
from verselet.organization import Organization
from verselet.query.odata.keys import parse_key
from verselet.query.resolve import Within
from verselet.values import KeyReference, Reference
from verselet.web.answers import NO_CONTENT, Answer, json_answer, json_string
from verselet.web.body import read_object
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads


class Place(msgspec.Struct, frozen=True):
    """A navigation of a row: where it starts, its name, the key of one row of the collection, the table it leads to."""

    table: Table
    key: RowKey
    navigation: str
    item: str | None
    target: Table
    single: bool


class References:
    """Connections between rows of one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def change(self, exchange: Exchange, place: Place) -> Answer:
        """POST, PUT or DELETE of a reference. [AS-1] to [AS-4], [CC-17]"""
        if exchange.method == "DELETE":
            return self._remove(exchange, place)
        if exchange.method not in {"POST", "PUT"} or (exchange.method == "PUT" and not place.single) or place.item:
            raise MethodNotAllowed(exchange.method, f"{place.navigation}/$ref")
        body = read_object(exchange.body, exchange.content_type, place.table.set_name)
        address = body.get("@odata.id")
        if not isinstance(address, str):
            raise BodyRefused(place.table.set_name, "The payload must hold the address of a row as '@odata.id'.")
        try:
            other = read_reference(self._organization.schema, address)
        except ResourceNotFound as refusal:
            # The address of the request is right, that in the body is not. [AS-8]
            raise BodyRefused(place.table.set_name, refusal.message, hint=refusal.hint) from refusal
        message = Associate(place.table.name, place.key, place.navigation, other.table, _key_of(other))
        self._organization.execute(message, exchange.caller)
        return NO_CONTENT

    def _remove(self, exchange: Exchange, place: Place) -> Answer:
        other: RowKey | None = None
        if place.item is not None:
            other = row_key(place.target, parse_key(place.item))
        elif exchange.options.id is not None:
            reference = read_reference(self._organization.schema, unquote(exchange.options.id))
            if reference.table != place.target.name:
                raise QueryRefused(f"'$id' must name a row of '{place.target.set_name}'.")
            other = _key_of(reference)
        elif not place.single:
            raise MethodNotAllowed("DELETE", f"{place.navigation}/$ref")
        message = Disassociate(place.table.name, place.key, place.navigation, place.target.name, other)
        self._organization.execute(message, exchange.caller)
        return NO_CONTENT


def reference_answer(exchange: Exchange, target: Table, row_id: str) -> Answer:
    """The reference behind a single-valued navigation. [R-9]"""
    context = json_string(f"{exchange.api}$metadata#$ref")
    address = json_string(f"{exchange.api}{target.set_name}({row_id})")
    return json_answer(b'{"@odata.context":' + context + b',"@odata.id":' + address + b"}")


def reference_page(exchange: Exchange, reads: RowReads, target: Table, within: Within | None = None) -> Answer:
    """A page of the references of a set or of a row's collection; rows are chosen and counted as in a page. [R-9]

    Raises:
        QueryRefused: `$select` or `$expand`, for a reference has no columns.
    """
    options = exchange.options
    if options.select is not None or options.expand is not None:
        raise QueryRefused("The query options '$select' and '$expand' do not apply to references.")
    chosen = f"$select={target.primary_id}"
    size = exchange.preferences.max_page
    asking = Exchange(
        "GET",
        exchange.api,
        exchange.path,
        "&".join([chosen, *filter(None, [exchange.raw_query])]),
        {} if size is None else {"prefer": f"odata.maxpagesize={size}"},
    )
    asking.caller = exchange.caller
    answer = reads.page(asking, target, within, exchange.path)
    page = msgspec.json.decode(answer.body)
    body: dict[str, object] = {"@odata.context": f"{exchange.api}$metadata#Collection($ref)"}
    if "@odata.count" in page:
        body["@odata.count"] = page["@odata.count"]
    rows = page["value"]
    body["value"] = [{"@odata.id": f"{exchange.api}{target.set_name}({row[target.primary_id]})"} for row in rows]
    if "@odata.nextLink" in page:
        body["@odata.nextLink"] = page["@odata.nextLink"].replace(f"?{chosen}&", "?", 1)
    return msgspec.structs.replace(answer, body=msgspec.json.encode(body))


def _key_of(reference: Reference | KeyReference) -> RowKey:
    return RowKey(reference.id) if isinstance(reference, Reference) else RowKey(None, reference.values)
