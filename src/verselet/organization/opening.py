"""Open an organization, a new one with the rows it starts with.

In:        where it is kept
Out:       `open_organization`, `write_builtin_rows`
Not here:  what it does then (organization.house)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import msgspec

from verselet.clock import Clock
from verselet.ids import Ids
from verselet.lake import Folder, Lake, Place, place_of
from verselet.metadata.compiled import load_schema
from verselet.operations.first_rows import write_first_rows
from verselet.operations.founding import DEFAULT_NAME, Founding, another_organization, is_new, kept_founding
from verselet.operations.step_book import StepBook
from verselet.organization.house import Organization
from verselet.pipeline.posts import NoPoster, Poster
from verselet.sdk import Solution
from verselet.settings import is_in_memory
from verselet.store.engine import STATEMENT_LIMIT_S, open_store
from verselet.store.generations import hold_schema

Progress: TypeAlias = Callable[[str], None]


class StepSources(msgspec.Struct, frozen=True):
    """Where steps come from beside the rows, and what brings their posts to web hooks."""

    solutions: tuple[Solution, ...] = ()
    poster: Poster = NoPoster()


def write_builtin_rows(organization: Organization) -> None:
    """Give a new organization the rows every organization starts with, in one transaction; others are left alone."""
    write_first_rows(organization.store, organization.schema, organization.founding, organization.opened)


def lake_directory(url: str | None, directory: Path | None) -> Path | None:
    """Where retained rows are kept unless somebody says otherwise: beside the rows, if those are in a file."""
    if directory is not None:
        return directory / "lake"
    path = None if url is None else url.removeprefix("sqlite:///")
    return Path(path).parent / "lake" if path is not None and path not in {url, "", ":memory:"} else None


def lake_place(lake: str | None, url: str | None, directory: Path | None) -> Place | None:
    """Where retained rows are kept: where somebody says, or beside the rows; None where nobody does, nor can they."""
    beside = lake_directory(url, directory)
    return place_of(lake) if lake else Folder(beside) if beside else None


def open_organization(
    name: str | None,
    *,
    url: str | None = None,
    directory: Path | None = None,
    progress: Progress = lambda _: None,
    statement_limit_s: float = STATEMENT_LIMIT_S,
    founding: Founding | None = None,
    lake: str | None = None,
    steps: StepSources | None = None,
    is_shared: bool = False,
) -> Organization:
    """Open an organization; a new one gets its tables and the rows every organization starts with.

    Args:
        name: what it is called; None for whatever it is called, or the default name.
        url: the database it is kept in; memory without this and `directory`.
        directory: the folder it is kept in.
        progress: told in a sentence what takes long.
        statement_limit_s: how long a statement may run.
        founding: what a new one is founded with; one that is there keeps what it has.
        lake: the folder of the retained rows, or its address; beside the database unless given.
        steps: the solutions with plug-ins, and what posts to web hooks.
        is_shared: other processes of this server have it open too.

    Raises:
        OperatorError: the store cannot be opened, or holds an organization of another name.
    """
    store = open_store(url, directory=directory, statement_limit_s=statement_limit_s, is_shared=is_shared)
    schema = store.prepare_schema(load_schema(), progress)
    place = lake_place(lake, url, directory)
    kept_rows = Lake(place, is_safe=place is not None or is_in_memory(url, directory))
    with ExitStack() as alone:
        if kept_founding(store) is None:
            # Of two servers that come to an empty database at once one founds, and the other finds.
            hold_schema(alone.enter_context(store.begin()))
        kept = kept_founding(store)
        if kept is not None and name not in {None, kept.name}:
            store.close()
            raise another_organization(str(name), kept.name)
        decided = founding if kept is None and is_new(store, schema) else kept
        organization = Organization(
            name or DEFAULT_NAME, schema, store, clock=Clock(), ids=Ids(), founding=decided, lake=kept_rows
        )
        write_builtin_rows(organization)
    sources = steps or StepSources()
    organization.steps = StepBook(sources.solutions, sources.poster, organization.name)
    organization.read_steps()
    return organization
