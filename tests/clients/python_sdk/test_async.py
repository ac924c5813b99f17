"""The official SDK's asynchronous client, which also takes plain HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient
from PowerPlatform.Dataverse.core.config import DataverseConfig

from tests.clients.manual import Running
from tests.clients.python_sdk.connection import PREFIX, TOKEN

Case = Callable[[AsyncDataverseClient, str], Awaitable[None]]

OVER_TLS = """
import asyncio
from tests.clients.python_sdk.test_async import opened

async def main():
    async with opened({url!r}) as client:
        print((await client.tables.get("contact")).entity_set_name)

asyncio.run(main())
"""


class AsyncCredential:
    """Hands out the token of the built-in administrator."""

    async def get_token(self, *_: str, **__: object) -> AccessToken:
        """The token."""
        return AccessToken(TOKEN, int(time.time()) + 3600)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def __aenter__(self) -> AsyncCredential:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to let go of."""


def opened(url: str) -> AsyncDataverseClient:
    """A client, to be entered."""
    return AsyncDataverseClient(url, AsyncCredential(), DataverseConfig(http_retries=1, http_timeout=60))


def _run(server: Running, case: Case) -> None:
    """Run a case on a client and a loop of its own, with a mark that no other case has."""

    async def main() -> None:
        async with opened(server.plain_url) as client:
            await case(client, uuid.uuid4().hex[:8])

    asyncio.run(main())


def test_the_client_trusts_the_servers_authority(client_server: Running) -> None:
    """The file comes from `SSL_CERT_FILE`, which is read once in a process. [CC-2]"""
    done = subprocess.run(
        [sys.executable, "-c", OVER_TLS.format(url=client_server.tls_url)],
        env={**os.environ, "SSL_CERT_FILE": str(client_server.authority)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("contacts\n", 0) == (done.stdout, done.returncode), done.stderr


def test_a_contact_is_created_read_updated_and_deleted_asynchronously(client_server: Running) -> None:
    """A deleted row is None. [PS-3], [PS-5]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        records = client.records
        contact = await records.create("contact", {"firstname": "Alan", "lastname": mark})
        first = await records.retrieve("contact", contact, select=["fullname"])
        await records.update("contact", contact, {"jobtitle": "Tester"})
        second = await records.retrieve("contact", contact, select=["jobtitle"])
        await records.delete("contact", contact)

        assert first is not None
        assert second is not None
        assert (f"Alan {mark}", "Tester") == (first["fullname"], second["jobtitle"])
        assert await records.retrieve("contact", contact) is None

    _run(client_server, case)


def test_creates_at_the_same_time_all_arrive(client_server: Running) -> None:
    """Sixteen at once, read back in pages. [CC-6], [PS-10]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        names = [f"{mark} {number:02d}" for number in range(16)]
        made = await asyncio.gather(*(client.records.create("account", {"name": name}) for name in names))
        rows = await client.records.list(
            "account", filter=f"startswith(name,'{mark}')", select=["name"], orderby=["name asc"], page_size=5
        )

        assert 16 == len(set(made))
        assert names == [row["name"] for row in rows]

    _run(client_server, case)


def test_rows_are_created_updated_and_deleted_in_bulk_asynchronously(client_server: Running) -> None:
    """One change for all of them. [PS-4], [PS-6]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        records = client.records
        made = await records.create("msevtmgt_session", [{"msevtmgt_name": f"{mark}-{number}"} for number in range(7)])
        await records.update("msevtmgt_session", made, {"msevtmgt_keywords": "async"})
        mine = f"startswith(msevtmgt_name,'{mark}-')"
        rows = await records.list("msevtmgt_session", filter=mine, select=["msevtmgt_keywords"])
        await records.delete("msevtmgt_session", made, use_bulk_delete=False)

        assert ["async"] * 7 == [row["msevtmgt_keywords"] for row in rows]
        assert 0 == len(await records.list("msevtmgt_session", filter=mine, select=["msevtmgt_name"]))

    _run(client_server, case)


def test_sql_is_answered_asynchronously(client_server: Running) -> None:
    """As for the synchronous client. [PS-12]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        await client.records.create("account", [{"name": f"{mark} {number}"} for number in range(4)])
        rows = await client.query.sql(f"SELECT TOP 3 name FROM account WHERE name LIKE '{mark} %' ORDER BY name")

        assert [f"{mark} {number}" for number in range(3)] == [row["name"] for row in rows]

    _run(client_server, case)


def test_fetchxml_pages_come_asynchronously(client_server: Running) -> None:
    """By the cookie, without a warning. [PS-13]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        await client.records.create("account", [{"name": f"{mark} {number}"} for number in range(7)])
        fetch = (
            "<fetch count='3'><entity name='account'><attribute name='name'/><order attribute='name'/><filter>"
            f"<condition attribute='name' operator='like' value='{mark} %'/></filter></entity></fetch>"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            pages = [[row["name"][-1] for row in page] async for page in client.query.fetchxml(fetch).execute_pages()]

        assert [["0", "1", "2"], ["3", "4", "5"], ["6"]] == pages

    _run(client_server, case)


def test_a_change_set_updates_the_row_it_makes_asynchronously(client_server: Running) -> None:
    """By its number in the change set. [PS-27]"""

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        batch = client.batch.new()
        async with batch.changeset() as changes:
            account = changes.records.create("account", {"name": mark})
            changes.records.update("account", account, {"telephone1": "42"})
        answers = (await batch.execute()).responses
        row = await client.records.retrieve("account", str(answers[0].entity_id), select=["telephone1"])

        assert row is not None
        assert "42" == row["telephone1"]

    _run(client_server, case)


@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # the client's own way
def test_a_table_with_a_file_is_made_asynchronously(client_server: Running, tmp_path: Path) -> None:
    """The file goes up in chunks, and its column holds an id afterwards. [PS-14], [PS-25]"""
    file = tmp_path / "case.bin"
    file.write_bytes(os.urandom(5 * 1024 * 1024))

    async def case(client: AsyncDataverseClient, mark: str) -> None:
        table = f"{PREFIX}_Async{mark}"
        await client.tables.create(table, {f"{PREFIX}_Doc": "file"})
        row = await client.records.create(table, {f"{PREFIX}_Name": "first"})
        await client.files.upload(table, row, f"{PREFIX}_Doc", str(file), mode="chunk")
        found = await client.records.retrieve(table, row)
        await client.tables.delete(table)

        assert found is not None
        assert found[f"{PREFIX}_doc"]
        assert await client.tables.get(table) is None

    _run(client_server, case)
