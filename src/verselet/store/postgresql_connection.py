"""Run statements on one connection to PostgreSQL, each prepared once.

In:        statements with `%s` for each value, and their values
Out:       rows and row counts; `PostgresqlConnection`
Not here:  who uses which connection when (store.pool), transactions (store.postgresql)

This sits on psycopg's wrapper of libpq (`psycopg.pq`) and its adapters, below its cursors, because a blocking call of
libpq needs no event loop: a row by id takes 18 µs and through a cursor 60 to 90, a thousand inserts 5 ms and 8 to 19.
Only calls that let other threads run may block: `PQexec` and its like do, `PQgetResult` does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import ParamSpec

import psycopg
from psycopg import errors, generators, pq, waiting
from psycopg.adapt import AdaptersMap, Buffer, Loader, Transformer
from psycopg.types.string import TextLoader
from typing_extensions import override

from verselet.store.failures import StoreLost, ValueNotTaken
from verselet.store.postgresql_failures import failure_of
from verselet.values import Stored

Asked = ParamSpec("Asked")

MOST_PREPARED = 1000
"""Statements a connection keeps prepared; the server keeps a plan for each of them."""

PER_BATCH = 200
"""Rows sent before answers are read: few enough for the answers to wait in the buffers of the socket."""

LOOKS_UP_S = 0.1
"""Whoever waits looks up so often, for signals; without that psycopg looks all the time."""

_SETTINGS = (
    b"SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET client_min_messages = warning; "
    b"SET standard_conforming_strings = on; SET bytea_output = 'hex'; "
    b"SET jit = off"  # compiling costs more than all but the longest statements
)

_PLACEHOLDER = re.compile(r"%([%s])")
_SUCCESS = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK})

_UNKNOWN, _BOOL, _INT8, _INT4, _FLOAT8, _NUMERIC, _BYTEA = 0, 16, 20, 23, 701, 1700, 17


class _PointInTimeLoader(Loader):
    """`2026-01-02 03:04:05+00` → `2026-01-02T03:04:05Z`, the form it has everywhere else. [T-9]"""

    @override
    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        return f"{text[:10]}T{text[11:19]}Z"


class PostgresqlConnection:
    """One connection; used by one thread at a time."""

    def __init__(self, url: str, statement_limit_ms: int = 0) -> None:
        """Connect; a statement is stopped by the database after `statement_limit_ms`, 0 for never.

        Raises:
            psycopg.Error: nothing answers, or it does not let us in.
        """
        self._connection = psycopg.connect(url, autocommit=True, client_encoding="utf8")
        self._libpq = self._connection.pgconn
        self._is_lost = False
        settled = self._libpq.exec_(_SETTINGS + b"; SET statement_timeout = %d" % statement_limit_ms)
        if settled.status not in _SUCCESS:
            raise errors.error_from_result(settled)
        self._transformer = Transformer.from_context(_Adapting(self._connection))
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self.row_count = 0

    @property
    def is_broken(self) -> bool:
        """The other side is gone."""
        return self._is_lost or self._libpq.status != pq.ConnStatus.OK

    @property
    def is_in_transaction(self) -> bool:
        """A transaction is open, or has failed and waits to be rolled back."""
        return self._libpq.transaction_status != pq.TransactionStatus.IDLE

    @property
    def has_failed(self) -> bool:
        """A statement of the open transaction failed, so PostgreSQL will not commit it."""
        return self._libpq.transaction_status == pq.TransactionStatus.INERROR

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        parameters, types = _encoded(values)
        name = self._names.get((text, types)) or self._prepare(text, types)
        # psycopg's annotation of the parameters forgets that they can be null.
        result = self._asked(self._libpq.exec_prepared, name, parameters)  # type: ignore[arg-type]
        self.row_count = result.command_tuples or 0
        if not result.ntuples:
            return []
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> None:
        """Run one statement for each row, without waiting for one answer before the next question."""
        total = 0
        for start in range(0, len(rows), PER_BATCH):
            total += self._run_batch(text, rows[start : start + PER_BATCH])
        self.row_count = total

    def load(self, text: str, rows: Iterable[Sequence[Stored]]) -> None:
        """Run one COPY from here. Its rows go through psycopg, which writes the format it wants in machine code.

        Raises:
            ValueNotTaken: the database takes one of the values for none of its column.
        """
        try:
            with self._connection.cursor() as cursor, cursor.copy(text.encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.OperationalError as error:
            raise self._lost() if error.sqlstate is None else failure_of(error) from error
        except psycopg.DataError as error:
            raise ValueNotTaken(f"{error.diag.message_primary} ({error.diag.context})") from error
        except psycopg.Error as error:
            raise failure_of(error) from error

    def run_script(self, text: str) -> None:
        """Run statements without values and rows."""
        self._asked(self._libpq.exec_, text.encode())

    def run_for_numbers(self, text: str) -> tuple[int, ...]:
        """Run statements without values, of which the last one has one row of numbers for a result."""
        result = self._asked(self._libpq.exec_, text.encode())
        return tuple([int(result.get_value(0, place) or 0) for place in range(result.nfields)])

    def wait_for_notification(self, timeout_s: float) -> None:
        """Until somebody notifies, but no longer than that.

        Raises:
            StoreLost: the other side is gone.
        """
        try:
            for _ in self._connection.notifies(timeout=timeout_s, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            raise self._lost() from error

    def cancel(self) -> None:
        """Stop the statement that another thread runs here, if it does."""
        self._libpq.get_cancel().cancel()

    def close(self) -> None:
        """Say goodbye."""
        self._connection.close()

    def _prepare(self, text: str, types: tuple[int, ...]) -> bytes:
        """Have the server plan a statement, and remember it under a name."""
        if len(self._names) >= MOST_PREPARED:
            self.run_script("DEALLOCATE ALL")
            self._names.clear()
        name = b"s%d" % len(self._names)
        self._asked(self._libpq.prepare, name, _numbered(text).encode(), types)
        self._names[text, types] = name
        return name

    def _run_batch(self, text: str, rows: Sequence[Sequence[Stored]]) -> int:
        """Send all rows, then read all answers; the first that failed counts."""
        encoded = [_encoded(row) for row in rows]
        types = tuple(_common_type(several) for several in zip(*(types for _, types in encoded), strict=True))
        name = self._names.get((text, types)) or self._prepare(text, types)
        libpq = self._libpq
        failed: pq.abc.PGresult | None = None
        total = 0
        libpq.enter_pipeline_mode()
        try:
            for values, _ in encoded:
                libpq.send_query_prepared(name, values)
            libpq.pipeline_sync()
            waiting.wait(generators.send(libpq), libpq.socket, LOOKS_UP_S)
            for _ in encoded:
                result = self._next_result()
                self._next_result()  # the end of this statement's results
                if result is None or result.status not in _SUCCESS:
                    failed = failed or result
                else:
                    total += result.command_tuples or 0
            self._next_result()  # the end of the batch
        except psycopg.OperationalError as error:
            raise self._lost() from error
        finally:
            if not self.is_broken:
                libpq.exit_pipeline_mode()
        if failed is not None:
            raise self._failure(failed)
        return total

    def _next_result(self) -> pq.abc.PGresult | None:
        """The next answer to what was sent.

        Until it is there other threads run: one of them may hold the row that the statement waits for.
        """
        libpq = self._libpq
        if libpq.is_busy():
            found: pq.abc.PGresult | None = waiting.wait(generators.fetch(libpq), libpq.socket, LOOKS_UP_S)
            return found
        return libpq.get_result()

    def _asked(
        self, ask: Callable[Asked, pq.abc.PGresult], *given: Asked.args, **more: Asked.kwargs
    ) -> pq.abc.PGresult:
        """The result of asking that, if it is one."""
        try:
            result = ask(*given, **more)
        except psycopg.OperationalError as error:
            raise self._lost() from error
        if result.status not in _SUCCESS:
            raise self._failure(result)
        return result

    def _failure(self, result: pq.abc.PGresult) -> Exception:
        """The failure to raise. What has no code was said by no server: libpq itself found the connection gone."""
        if self.is_broken or result.error_field(pq.DiagnosticField.SQLSTATE) is None:
            return self._lost()
        found = failure_of(errors.error_from_result(result))
        if isinstance(found, StoreLost):
            self._is_lost = True
        return found

    def _lost(self) -> StoreLost:
        self._is_lost = True
        return StoreLost("The connection to the database was lost.")


class _Adapting:
    """What psycopg asks for when it makes values of what the server sends."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        for name in ("uuid", "date", "json", "jsonb"):
            self.adapters.register_loader(name, TextLoader)
        self.adapters.register_loader("timestamptz", _PointInTimeLoader)


def _encoded(values: Sequence[Stored]) -> tuple[list[bytes | None], tuple[int, ...]]:
    """Values in PostgreSQL's text format, and their types.

    A text has no type: the server takes what stands beside it, be it uuid, timestamptz, date or text.
    """
    parameters: list[bytes | None] = []
    types: list[int] = []
    for value in values:
        parameter, oid = _encoded_one(value)
        parameters.append(parameter)
        types.append(oid)
    return parameters, tuple(types)


def _encoded_one(value: Stored) -> tuple[bytes | None, int]:
    if type(value) is str:
        return value.encode(), _UNKNOWN
    if value is None:
        return None, _UNKNOWN
    if type(value) is bool:
        return b"t" if value else b"f", _BOOL
    if type(value) is int:
        return b"%d" % value, _INT4 if -(2**31) <= value < 2**31 else _INT8
    if type(value) is float:
        return repr(value).encode(), _FLOAT8
    if type(value) is Decimal:
        return str(value).encode(), _NUMERIC
    if type(value) is bytes:
        return b"\\x" + value.hex().encode(), _BYTEA
    raise TypeError(f"{type(value).__name__} cannot be stored.")


def _common_type(types: Iterable[int]) -> int:
    """One type for the values of all rows: nulls have none, and one statement must do for every pattern of them."""
    found = set(types) - {_UNKNOWN}
    if found == {_INT4, _INT8}:
        return _INT8
    return found.pop() if len(found) == 1 else _UNKNOWN


def _numbered(text: str) -> str:
    """`a = %s AND b LIKE '100%%'` → `a = $1 AND b LIKE '100%'`."""
    position = 0

    def replacement(found: re.Match[str]) -> str:
        nonlocal position
        if found[1] == "%":
            return "%"
        position += 1
        return f"${position}"

    return _PLACEHOLDER.sub(replacement, text)
