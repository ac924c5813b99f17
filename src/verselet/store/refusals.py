"""Say to the person at the terminal why the store cannot be opened.

In:        the place of the data and what is wrong with it
Out:       `OperatorError`s with a code, what, why and do
Not here:  failures of single statements (store.failures)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from verselet.errors import OperatorError, WrongUsage


class DatabaseDoesNotAnswer(OperatorError):
    """Nothing answers at the URL. [product.md §6]"""

    exit_code: ClassVar[int] = 3

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            "VS2005",
            f"the database at {place} does not answer",
            reason,
            "start the database, or correct the URL, the user and the password",
        )


def unknown_url(url: str) -> OperatorError:
    """A URL of a database nobody here speaks to."""
    scheme = url.partition(":")[0]
    return OperatorError(
        "VS2001",
        f"the store URL begins with '{scheme}'",
        "rows are stored in SQLite or in PostgreSQL",
        "give sqlite:///path/to/file.db or postgresql://user:password@host/database",
    )


def is_no_directory(path: Path) -> OperatorError:
    """A data directory that is a file."""
    return OperatorError(
        "VS2002",
        f"the data directory {path} is a file",
        "a durable store keeps several files in a directory of its own",
        "name a directory, or a path that does not exist yet",
    )


def not_writable(path: Path, reason: str) -> OperatorError:
    """A place nothing can be written to."""
    return OperatorError(
        "VS2003",
        f"nothing can be written to {path}",
        reason,
        "make room there, give the server's user the right to write, or name another place",
    )


def damaged(place: str, reason: str) -> OperatorError:
    """A file that is no database of ours, or no longer one."""
    return OperatorError(
        "VS2004",
        f"{place} cannot be read as a database",
        reason,
        "restore it from a backup, or name another place; the file was left as it is",
    )


def newer_format(found: int, known: int) -> OperatorError:
    """Data written by a later version of the server."""
    return OperatorError(
        "VS2006",
        f"the stored data has format {found}",
        f"this version of verselet knows formats up to {known}; a later one wrote the data",
        "start the later version, or name another place for the data",
    )


def changed_form(table: str, column: str, stored: str, wanted: str) -> OperatorError:
    """A column whose stored values cannot become what the schema wants."""
    return OperatorError(
        "VS2007",
        f"the column {column} of {table} is stored as {stored} and should become {wanted}",
        "stored values are never converted where that could lose some",
        "give the column its old type again, or a new name; or start with empty data",
    )


class KeyNotUnique(OperatorError):
    """Rows contradict a key which is to be built."""

    def __init__(self, index_name: str, table: str) -> None:
        super().__init__(
            "VS2008",
            f"the unique index {index_name} cannot be built",
            f"rows of {table} share the values that should name one row",
            "change these rows, or take the key out of the table's definition",
        )


def key_too_long(index_name: str, table: str, reason: str) -> OperatorError:
    """Rows with a value that the database takes into no index."""
    return OperatorError(
        "VS2023",
        f"the unique index {index_name} cannot be built",
        f"a row of {table} has too long a value in it; {reason}",
        "shorten the values of that key, or take the key out of the table's definition",
    )


def in_use(place: str) -> OperatorError:
    """Somebody else holds the data for longer than we wait."""
    return OperatorError(
        "VS2009",
        f"the data at {place} is in use",
        "another process has been writing to it without a pause",
        "stop the other process, or name another place for the data",
    )


def no_organization() -> OperatorError:
    """A store without rows, where an organization is looked for."""
    return OperatorError(
        "VS2014",
        "there is no organization to copy",
        "nobody has founded one in that place yet",
        "name the folder or the database that a server was given",
    )


def older_format(found: int, known: int) -> OperatorError:
    """Data that no server of this version has opened."""
    return OperatorError(
        "VS2017",
        f"the stored data has format {found}",
        f"only format {known} is copied, and nothing is changed in what is copied",
        "start a server of this version on it once",
    )


def not_empty(why: str) -> OperatorError:
    """A place that something is in already, where an organization is to be copied to."""
    return OperatorError(
        "VS2013",
        "the organization cannot be copied there",
        f"{why}, and a copy never writes over anything",
        "name an empty database, or a folder without an organization; nothing was changed",
    )


def value_not_carried(table: str, row: str, column: str, reason: str) -> OperatorError:
    """A stored value that the other database would not take."""
    place = f"{column} of the row {row} in {table}" if column else f"a row in {table}"
    return OperatorError(
        "VS2015",
        f"{place} cannot be copied",
        reason,
        "correct that value where it is, and copy again; nothing was changed",
    )


def not_the_same(what: str, wanted: str, found: str) -> OperatorError:
    """A copy that is none."""
    return OperatorError(
        "VS2016",
        f"{what} came out differently",
        f"the source has {wanted[:200]}, the copy {found[:200]}",
        "report it, as CONTRIBUTING.md says; nothing was changed",
    )


def nothing_founded(place: str) -> OperatorError:
    """A database in which nothing was founded."""
    return OperatorError(
        "VS2010",
        f"there is no organization in {place}",
        "no server was started with this database so far",
        "verselet serve --database founds one",
    )


def does_not_grow(table: str, able: Sequence[str]) -> OperatorError:
    """A table that nobody needs to divide."""
    return WrongUsage(
        "VS1082",
        f"the table '{table}' is not divided by month",
        "only tables that grow with the work that is done are worth it",
        f"name some of {', '.join(able)}",
    )


class KeyedBesideId(OperatorError):
    """A divided table of which more than the id should be unique."""

    def __init__(self, table: str, index_name: str) -> None:
        super().__init__(
            "VS2018",
            f"the table {table} cannot be divided by month and have {index_name}",
            "PostgreSQL sees to it that values are unique in each part only, unless the id is among them",
            "take the alternate key out of the table's definition, or leave the table whole",
        )


def table_in_use(what: str, why: str) -> OperatorError:
    """Somebody is in the way for longer than the others should wait."""
    return OperatorError(
        "VS2019",
        f"{what} is in use, and nothing was changed",
        why,
        "try again; pg_stat_activity shows who is at work for long",
    )


def not_allowed(table: str, reason: str) -> OperatorError:
    """Somebody else's table."""
    return OperatorError(
        "VS2020",
        f"the table {table} cannot be divided by this user of the database",
        reason,
        "name the user that the servers use, or one that may act for it",
    )


def something_hangs(table: str, names: Sequence[str]) -> OperatorError:
    """What was made by hand would see the rows of before only."""
    return OperatorError(
        "VS2021",
        f"the table {table} cannot be divided while {', '.join(names)} goes by it",
        "the table becomes a part of another one, and whatever goes by it would miss the rows of later months",
        "remove that, divide the table, and make it again",
    )


def left_behind() -> OperatorError:
    """Dividing failed, and what it began as well could not be undone."""
    return OperatorError(
        "VS2022",
        "a table is in use, so that what was begun to divide it could not be taken back",
        "transactions that use it did not end in time; no row is lost, but ids of times to come are refused",
        "give the command again; a running server takes it back by itself within an hour",
    )
