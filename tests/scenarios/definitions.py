"""An organization of one's own, since definitions cannot be taken back like rows: open it, change it, reopen it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.definition_bodies import BOX, table
from tests.scenarios.harness import NOW, Api
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.metadata.compiled import load_schema
from verselet.organization import Organization, write_builtin_rows
from verselet.store.engine import open_store


class Place:
    """Where an organization is kept; None and None is memory."""

    def __init__(self, url: str | None = None, directory: Path | None = None) -> None:
        self.url = url
        self.directory = directory
        self._seed = 10

    @contextmanager
    def opened(self) -> Iterator[Api]:
        """The Web API of the organization, until it is closed again. Ids go on: another run, another seed."""
        store = open_store(self.url, directory=self.directory)
        schema = store.prepare_schema(load_schema())
        clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
        self._seed += 1
        organization = Organization("dev", schema, store, clock=clock, ids=Ids(self._seed))
        write_builtin_rows(organization)
        with Api(organization) as api:
            yield api


def with_box(api: Api) -> Api:
    """The organization with the table `new_box`."""
    made(api, "EntityDefinitions", table())
    return api


def made(api: Api, address: str, body: object) -> str:
    """The id of a definition that was made."""
    answer = api.post(address, body)
    assert 204 == answer.status, answer.body
    return answer.id


def box_columns(api: Api) -> set[str]:
    """The columns of the box, as definitions list them."""
    return set(api.values(f"{BOX}/Attributes?$select=LogicalName", "LogicalName"))
