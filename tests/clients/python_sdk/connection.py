"""What every case of the official Python SDK needs: a client, names of its own, rows to read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.models.table_info import TableInfo

TOKEN = "dev-admin"
FORMATTED = "OData.Community.Display.V1.FormattedValue"
PREFIX = "vcase"
"""The prefix of the tables that cases make."""


class Credential:
    """Hands out the token of the built-in administrator and remembers what was asked for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """The token."""
        self.scopes += scopes
        return AccessToken(TOKEN, int(time.time()) + 3600)


class Sdk(msgspec.Struct, frozen=True):
    """A client, the address it speaks to, and a mark that no other case has."""

    client: DataverseClient
    base_url: str
    mark: str

    @property
    def api(self) -> str:
        """The data root."""
        return f"{self.base_url}/api/data/v9.2"

    @property
    def mine(self) -> str:
        """The condition that a session is one of this case's."""
        return f"startswith(msevtmgt_name,'{self.mark}-')"

    def navigation(self, table: str, target: str, column: str) -> str:
        """The single-valued navigation of a lookup, as the relationship metadata names it."""
        found = [
            expand["nav_property"]
            for expand in self.client.query.odata_expands(table)
            if (expand["target_table"], expand["lookup_attribute"]) == (target, column)
        ]
        assert len(found) == 1, found
        return str(found[0])

    def make_sessions(self, count: int) -> list[str]:
        """Sessions `<mark>-00` and so on, made in bulk: one a day from 2030 on, every fifth a keynote."""
        rows = [
            {
                "msevtmgt_name": f"{self.mark}-{number:02d}",
                "msevtmgt_sessionmaxcapacity": number,
                "msevtmgt_starttime": f"2030-01-{number + 1:02d}T09:00:00Z",
                "msevtmgt_qna": number % 2 == 0,
                "msevtmgt_sessiontype": "Keynote" if number % 5 == 0 else "Breakout",
            }
            for number in range(count)
        ]
        return list(self.client.records.create("msevtmgt_session", rows))

    def session_numbers(self, condition: str) -> list[int]:
        """The numbers of this case's sessions that meet a condition."""
        found = self.client.records.list(
            "msevtmgt_session",
            filter=f"{self.mine} and ({condition})",
            select=["msevtmgt_name"],
            orderby=["msevtmgt_name asc"],
        )
        return [int(row["msevtmgt_name"][-2:]) for row in found]

    @contextmanager
    def made_table(self, columns: dict[str, Any]) -> Iterator[TableInfo]:
        """A table that is there for one case; its columns get the prefix."""
        name = f"{PREFIX}_Gadget{self.mark}"
        info = self.client.tables.create(name, {f"{PREFIX}_{column}": kind for column, kind in columns.items()})
        try:
            yield info
        finally:
            self.client.tables.delete(name)
