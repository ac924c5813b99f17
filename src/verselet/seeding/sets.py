"""Load a file of named sets of rows, the format the conformance cases stand on.

In:        a file with `sets`, an organization
Out:       how many rows were written, by table
Not here:  organization fixtures (seeding.fixture), the messages' order of work (seeding.loading)

A set lists rows with the body a POST would have, what happens to them then, and links between them. Sets that talk to
the server in several steps (`groups`), or whose values depend on the time of loading, are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from verselet.errors import OperatorError, ResourceNotFound
from verselet.messages.request import Associate, RowKey
from verselet.metadata.schema import Schema
from verselet.organization import Organization
from verselet.seeding.fixture import WRONG_SHAPE, decode, unsupported
from verselet.seeding.work import BodyRow, Step, Work, run
from verselet.seeding.writing import Progress

ONE_ROW = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)\Z")
ITS_LINKS = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)/(\w+)/\$ref\Z")
OTHER_ROW = re.compile(r"(?:\$\{api\})?/?(\w+)\(([0-9a-fA-F-]{36})\)\Z")


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown members are refused."""


class SetRow(_Strict, frozen=True):
    """One row: its entity set, its id, the body; `then` are later changes of it."""

    set: str
    id: str
    body: dict[str, object]
    then: tuple[dict[str, object], ...] = ()


class LinkRequest(_Strict, frozen=True):
    """A request that changes a row or connects two."""

    method: str
    path: str
    body: dict[str, object]


class Link(_Strict, frozen=True):
    """One link; what the case runner expects of it says nothing here."""

    request: LinkRequest
    expect: dict[str, object] = {}


class Generate(_Strict, frozen=True):
    """Many rows by number: `${n}` is the number with five digits, `${#n}` the number itself."""

    set: str
    table: str
    key: str
    count: int
    id_prefix: str
    body: dict[str, object]


class NamedSet(_Strict, frozen=True):
    """One set, with the sets it stands on."""

    about: str = ""
    needs: tuple[str, ...] = ()
    rows: tuple[SetRow, ...] = ()
    links: tuple[Link, ...] = ()
    groups: tuple[object, ...] = ()
    generate: Generate | None = None
    keep: bool = False


class SetsFile(_Strict, frozen=True):
    """One file."""

    sets: dict[str, NamedSet]


def load_sets(organization: Organization, content: bytes, name: str, progress: Progress) -> Mapping[str, int]:
    """Load all sets of a file, those others stand on first.

    Raises:
        OperatorError: a set that is not supported, or something in one was refused; nothing was kept then.
    """
    sets = decode(content, SetsFile, name).sets
    work: list[Work] = []
    for set_name in _ordered(sets, name):
        _refuse_what_talks(set_name, sets[set_name], name)
        work += _work(organization.schema, set_name, sets[set_name], name)
    with organization.transaction():
        return run(organization, work, name, progress)


def _ordered(sets: Mapping[str, NamedSet], name: str) -> list[str]:
    """The names of the sets, each after those it needs."""
    found: dict[str, None] = {}
    left = list(sets)
    while left:
        ready = [one for one in left if all(needed in found for needed in sets[one].needs)]
        if not ready:
            why = "it needs a set that is missing, or that needs it in turn"
            raise OperatorError(WRONG_SHAPE, f"{name}: $.sets.{left[0]}.needs", why, "correct the file")
        found.update(dict.fromkeys(ready))
        left = [one for one in left if one not in found]
    return list(found)


def _refuse_what_talks(set_name: str, one: NamedSet, name: str) -> None:
    """Sets that are more than rows."""
    if one.groups:
        why = "its groups are requests that build on each other's answers, table definitions among them"
        raise unsupported(name, f"$.sets.{set_name}.groups", why)
    for number, row in enumerate(one.rows):
        if "${" in repr((row.body, row.then)):
            why = "a value depends on when it is loaded, or on another answer"
            raise unsupported(name, f"$.sets.{set_name}.rows[{number}]", why)


def _work(schema: Schema, set_name: str, one: NamedSet, name: str) -> Iterator[Work]:
    """The rows of one set, then their changes and links."""
    for number, row in enumerate(one.rows):
        path = f"$.sets.{set_name}.rows[{number}]"
        table = _table(schema, row.set, f"{name}: {path}")
        yield BodyRow(path, table, row.id, row.body)
        for change in row.then:
            yield BodyRow(f"{path}.then", table, row.id, change, change=True)
    if one.generate is not None:
        yield from _generated(one.generate, f"$.sets.{set_name}.generate")
    for number, link in enumerate(one.links):
        yield _link(schema, link.request, f"$.sets.{set_name}.links[{number}]", name)


def _generated(what: Generate, path: str) -> Iterator[Work]:
    """The rows of a pattern, counting from 1."""
    for number in range(1, what.count + 1):
        body: dict[str, object] = {}
        for column, value in what.body.items():
            body[column] = value.replace("${n}", f"{number:05}") if isinstance(value, str) else value
            if value == "${#n}":
                body[column] = number
        yield BodyRow(f"{path} ({number})", what.table, f"{what.id_prefix}{number:012x}", body)


def _link(schema: Schema, request: LinkRequest, path: str, name: str) -> Work:
    """A change of one row, or a connection of two."""
    row = ONE_ROW.match(request.path)
    if request.method == "PATCH" and row:
        return BodyRow(path, _table(schema, row[1], f"{name}: {path}"), row[2], request.body, change=True)
    links = ITS_LINKS.match(request.path)
    other = OTHER_ROW.match(str(request.body.get("@odata.id", "")))
    if request.method == "POST" and links and other:
        table, other_table = (_table(schema, found[1], f"{name}: {path}") for found in (links, other))
        return Step(path, Associate(table, RowKey(links[2]), links[3], other_table, RowKey(other[2])))
    raise unsupported(name, path, f"{request.method} {request.path} is neither a change of a row nor a link")


def _table(schema: Schema, set_name: str, place: str) -> str:
    """The logical name of the table behind an entity set."""
    try:
        return schema.table_of_set(set_name).name
    except ResourceNotFound as error:
        raise OperatorError(WRONG_SHAPE, place, f"{error.message} {error.hint}".strip(), "correct the file") from error
