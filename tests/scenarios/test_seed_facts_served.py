"""What the running server sends of both seed tables is what `tests/spec` holds against the documents, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.definitions import API, reply
from tests.scenarios.server_process import TOKEN, Server, running
from verselet.metadata.compiled import load_schema
from verselet.web.csdl import csdl

pytestmark = pytest.mark.slow

TABLES = ("msdyn_sessionevent", "msevtmgt_sessionregistration")
CASTS = ("Picklist", "State", "Status", "String", "Integer", "DateTime", "Lookup", "BigInt", "UniqueIdentifier")
NAVIGATIONS = ("OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships", "Keys")


def addresses() -> list[str]:
    """The requests that the tests in `tests/spec/test_definitions_seed.py` are built on, and the casts beside them."""
    found = []
    for table in TABLES:
        definition = f"EntityDefinitions(LogicalName='{table}')"
        found += [definition, f"{definition}/Attributes"]
        found += [f"{definition}/{navigation}" for navigation in NAVIGATIONS]
        found += [f"{definition}/Attributes/Microsoft.Dynamics.CRM.{cast}AttributeMetadata" for cast in CASTS]
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all questions."""
    with running(tmp_path_factory.mktemp("served")) as running_server:
        yield running_server


@pytest.mark.parametrize("address", addresses())
def test_the_server_sends_the_definitions_that_were_held_against_the_documents(server: Server, address: str) -> None:
    """Metadata queries over HTTP give the same bytes as the answers whose every fact was compared. [MD-1] to [MD-15]"""
    sent = server.ask("GET", f"/api/data/v9.2/{address}", TOKEN)
    expected = reply(load_schema(), address).body.replace(API.encode(), f"{server.base_url}/api/data/v9.2/".encode())
    assert (200, expected) == (sent.status, sent.body)


def test_the_server_sends_the_document_that_was_held_against_the_documents(server: Server) -> None:
    """`$metadata` over HTTP is the CSDL whose properties, navigations and collections were compared. [M-2]"""
    sent = server.ask("GET", "/api/data/v9.2/$metadata", TOKEN)
    assert (200, "application/xml", csdl(load_schema())) == (sent.status, sent.headers["content-type"], sent.body)
