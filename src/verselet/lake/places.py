"""Say where the tables of a lake lie: in a folder of this machine, or in object storage.

In:        a path, or an address and what the storage is opened with
Out:       `place_of`; `Folder` and `Bucket`: the address of a table, which there are, what is lasting
Not here:  what is in the tables (lake.delta), where the credentials come from (settings)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from typing_extensions import override

from verselet.lake.failures import must_be_installed, reason_of_machine, reason_of_storage, telling
from verselet.lake.lasting import lasting
from verselet.settings import BUCKET, storage_options

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

LOG: Final = "_delta_log"
TIMEOUT_S: Final = 30
"""So long one answer of object storage may take."""

TRIES: Final = 3
"""So often it is asked again, as long as it has not taken that long before."""


class Folder:
    """A lake in a folder of this machine."""

    reason = staticmethod(reason_of_machine)

    def __init__(self, path: Path) -> None:
        self.path = path
        self.options: Mapping[str, str] = {}

    @override
    def __str__(self) -> str:
        return str(self.path)

    def table(self, name: str) -> str:
        """Where the Delta table lies."""
        return str(self.path / name)

    def may_have(self, name: str) -> bool:
        """The table was begun."""
        return (self.path / name / LOG).exists()

    def has_version(self, name: str, version: int) -> bool:
        """The table has reached that version."""
        return (self.path / name / LOG / _entry(version)).exists()

    def tables(self) -> list[str]:
        """The names of what lies here."""
        return sorted(found.name for found in self.path.iterdir() if found.is_dir()) if self.path.is_dir() else []

    def lasting(self, name: str) -> AbstractContextManager[None]:
        """What is written to the table inside lasts when it is over. Failures as `telling`."""
        return lasting(self.path / name)


class Bucket:
    """A lake in storage that speaks S3. What the storage has taken lasts.

    `options` are named as the variables of the environment that programs of such storage know.
    """

    reason = staticmethod(reason_of_storage)

    def __init__(self, address: str, options: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> None:
        self.address = address.rstrip("/")
        self._options, self._timeout_s = dict(options), timeout_s

    @override
    def __str__(self) -> str:
        return self.address

    def table(self, name: str) -> str:
        """The address of the Delta table."""
        return f"{self.address}/{name}"

    @property
    def options(self) -> Mapping[str, str]:
        """What a reader of Delta tables opens the storage with."""
        bounds = {
            "timeout": self._timeout_s,
            "connect_timeout": self._timeout_s / 6,
            "retry_timeout": self._timeout_s / 2,
        }
        spelled = {name: f"{int(seconds * 1000)}ms" for name, seconds in bounds.items()}
        return {**self._options, **spelled, "max_retries": str(TRIES)}

    def may_have(self, name: str) -> bool:
        """Nobody knows before it is opened."""
        del name
        return True

    def has_version(self, name: str, version: int) -> bool:
        """The table has reached that version."""
        with self._asking() as (storage, store):
            try:
                storage.head(store, f"{name}/{LOG}/{_entry(version)}")
            except FileNotFoundError:
                return False
            return True

    def tables(self) -> list[str]:
        """The names of what lies here."""
        with self._asking() as (storage, store):
            return sorted(storage.list_with_delimiter(store)["common_prefixes"])

    @contextmanager
    def lasting(self, name: str) -> Iterator[None]:
        """The storage answers when it has what is written to the table inside. Failures as `telling`."""
        del name
        with telling("written", self.reason):
            yield

    @contextmanager
    def _asking(self) -> Iterator[tuple[ModuleType, S3Store]]:
        """What asks the storage. Its library has a class of its own for what the storage refuses."""
        must_be_installed("obstore")
        import obstore
        from obstore.exceptions import BaseError

        with telling("read", self.reason):
            try:
                yield obstore, self._store
            except BaseError as error:
                raise OSError(str(error)) from error

    @cached_property
    def _store(self) -> S3Store:
        from obstore.store import S3Store

        given = {name.lower(): text for name, text in self._options.items()}
        allows_http = given.pop("aws_allow_http", "").lower() in {"1", "true"}
        wait = timedelta(seconds=self._timeout_s)
        return S3Store.from_url(
            self.address,
            config=cast("S3Config", given),
            client_options={"timeout": wait, "connect_timeout": wait / 6, "allow_http": allows_http},
            retry_config={"max_retries": TRIES, "retry_timeout": wait / 2},
        )


Place: TypeAlias = Folder | Bucket


def place_of(text: str) -> Place:
    """The place that somebody wrote down."""
    return Bucket(text, storage_options()) if BUCKET.match(text) else Folder(Path(text).expanduser())


def _entry(version: int) -> str:
    """The file of the log that makes a version."""
    return f"{version:020}.json"
