"""Write programs that can be copied and run as they are.

In:        the address the reader uses, a table to ask for
Out:       `Snippet`s
Not here:  how they are shown (templates)
"""

from __future__ import annotations

import msgspec

from verselet.metadata.tables import Table


class Snippet(msgspec.Struct, frozen=True):
    """A program: what it is called, what it needs, its text."""

    id: str
    title: str
    needs: str
    text: str


def snippets(base_url: str, table: Table) -> tuple[Snippet, ...]:
    """The same question in several languages."""
    column = table.primary_name or table.primary_id
    return (
        Snippet("curl", "curl", "", _curl(base_url, table, column)),
        Snippet(
            "python",
            "Python SDK",
            "pip install 'powerplatform-dataverse-client[async]'",
            _python(base_url, table, column),
        ),
        Snippet(
            "javascript",
            "JavaScript",
            "Node 18 or newer, or a browser page of this machine",
            _javascript(base_url, table, column),
        ),
    )


def _curl(base_url: str, table: Table, column: str) -> str:
    return (
        "curl -H 'Authorization: Bearer dev-admin' \\\n"
        f"  '{base_url}/api/data/v9.2/{table.set_name}?$select={column}&$top=3'\n"
    )


def _python(base_url: str, table: Table, column: str) -> str:
    return f"""\
import asyncio
import time

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from PowerPlatform.Dataverse.aio import AsyncDataverseClient


class DeveloperCredential(AsyncTokenCredential):
    async def get_token(self, *scopes, **options):
        return AccessToken("dev-admin", int(time.time()) + 3600)


async def main():
    async with AsyncDataverseClient("{base_url}", DeveloperCredential()) as client:
        for row in await client.records.list("{table.name}", select=["{column}"], top=3):
            print(row["{column}"])


asyncio.run(main())
"""


def _javascript(base_url: str, table: Table, column: str) -> str:
    return f"""\
const answer = await fetch(
  "{base_url}/api/data/v9.2/{table.set_name}?$select={column}&$top=3",
  {{ headers: {{ Authorization: "Bearer dev-admin" }} }},
);
const {{ value }} = await answer.json();
console.log(value.map((row) => row.{column}));
"""
