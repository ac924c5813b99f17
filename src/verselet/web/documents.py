"""Answer with the documents that describe the API.

In:        an exchange
Out:       the service document and `$metadata`, each made once per schema and what messages there are
Not here:  the CSDL itself (web.csdl), definitions (web.definitions)
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from verselet.errors import MethodNotAllowed
from verselet.messages.custom import CustomMessage
from verselet.organization import Organization
from verselet.web.answers import Answer, json_answer
from verselet.web.compression import PACKED, pack, takes_gzip
from verselet.web.exchange import Exchange

DocumentKey: TypeAlias = tuple[int, tuple[CustomMessage, ...], bool]
"""The generation of the schema, the messages of one's own, whether annotations are asked for."""


class ServiceDocuments:
    """The documents of one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._metadata: dict[DocumentKey, bytes] = {}
        self._packed: dict[DocumentKey, bytes] = {}

    def service_document(self, exchange: Exchange) -> Answer:
        """All sets of rows. [M-1]"""
        _must_be_get(exchange, "/")
        sets = sorted(self._organization.schema.table_by_set_name)
        body = {
            "@odata.context": f"{exchange.api}$metadata",
            "value": [{"name": name, "kind": "EntitySet", "url": name} for name in sets],
        }
        return json_answer(msgspec.json.encode(body))

    def metadata(self, exchange: Exchange) -> Answer:
        """The CSDL, XML whatever the client accepts. [M-2], [M-8]"""
        _must_be_get(exchange, "$metadata")
        schema = self._organization.schema
        annotated = exchange.options.value("annotations") == "true"
        messages = tuple(self._organization.registry.messages.values())
        key = (schema.generation, messages, annotated)
        found = self._metadata.get(key)
        if found is None:
            # Only who asks for the document pays for the module.
            from verselet.web.csdl import csdl

            found = csdl(schema, messages, annotations=annotated)
            # The document of what is no longer in force is not kept: it weighs some megabytes.
            kept = {known: text for known, text in self._metadata.items() if known[:2] == key[:2]}
            self._metadata = {**kept, key: found}
            self._packed = {known: text for known, text in self._packed.items() if known in kept}
        if takes_gzip(exchange.headers.get("accept-encoding", "")):
            # More than a megabyte, and asked for by every client: packed well, and once.
            small = self._packed.get(key)
            if small is None:
                small = self._packed[key] = pack(found, 6)
            return Answer(200, small, ((b"content-type", b"application/xml"), *PACKED))
        return Answer(200, found, ((b"content-type", b"application/xml"),))


def _must_be_get(exchange: Exchange, name: str) -> None:
    if exchange.method != "GET":
        raise MethodNotAllowed(exchange.method, name)
