"""Load a file of named sets of rows, the format the conformance cases stand on.

In:        a file with `sets`, an organization
Out:       how many rows were written, by table
Not here:  organization fixtures (seeding.fixture), the messages' order of work (seeding.loading)

A set lists rows with the body a POST would have, what happens to them then, and links between them. Its `groups` are
requests to the Web API, each in need of the answers before: they are asked inside the transaction of the load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Protocol

import msgspec

from verselet.errors import OperatorError, ResourceNotFound
from verselet.messages.request import Associate, RowKey
from verselet.metadata.schema import Schema
from verselet.organization import Organization
from verselet.seeding.fixture import REFUSED, WRONG_SHAPE, decode, unsupported
from verselet.seeding.moving_values import MovingValues
from verselet.seeding.work import BodyRow, Deed, Question, Step, Work, run, wrong
from verselet.seeding.writing import Progress

ONE_ROW = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)\Z")
ITS_LINKS = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)/(\w+)/\$ref\Z")
OTHER_ROW = re.compile(r"(?:\$\{api\})?/?(\w+)\(([0-9a-fA-F-]{36})\)\Z")


DONE = (200, 201, 204, 206)
"""The statuses that do where a step names none."""


class Web(Protocol):
    """The Web API, asked from inside."""

    @property
    def api(self) -> str:
        """Its address."""

    def ask(self, method: str, path: str, query: Mapping[str, str], body: object) -> tuple[int, bytes]:
        """Status and body of the answer to one request of the administrator."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown members are refused."""


class SetRow(_Strict, frozen=True):
    """One row: its entity set, its id, the body; `then` are later changes of it."""

    set: str
    id: str
    body: dict[str, object]
    then: tuple[dict[str, object], ...] = ()


class SetRequest(_Strict, frozen=True):
    """A request to the Web API."""

    method: str
    path: str
    query: dict[str, str] = {}
    body: dict[str, object] | None = None


class SetStep(_Strict, frozen=True):
    """A request, the statuses that do, and what to keep of its answer; other expectations are the case runner's."""

    request: SetRequest
    expect: dict[str, object] = {}
    save: dict[str, str] = {}
    wait: float = 0


class Group(_Strict, frozen=True):
    """Requests in order; none of them where `unless` is answered with 200."""

    steps: tuple[SetStep, ...]
    unless: SetRequest | None = None


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
    links: tuple[SetStep, ...] = ()
    groups: tuple[Group, ...] = ()
    generate: Generate | None = None
    keep: bool = False


class SetsFile(_Strict, frozen=True):
    """One file."""

    sets: dict[str, NamedSet]


class Talk:
    """Takes the steps of groups; `name` is the file's."""

    def __init__(self, web: Web | None, values: MovingValues, name: str) -> None:
        self._web = web
        self._values = values
        self.name = name

    def take(self, group: Group, path: str, _organization: Organization) -> tuple[Deed, ...]:
        """Ask everything, unless it was asked before.

        Raises:
            OperatorError: an answer with another status than the step expects.
        """
        if group.unless is not None and self._ask(group.unless, path)[0] == HTTPStatus.OK:
            return ()
        for number, step in enumerate(group.steps):
            place = f"{path}.steps[{number}]"
            status, answer = self._ask(step.request, place)
            wanted = step.expect.get("status", DONE)
            if status not in (wanted if isinstance(wanted, list | tuple) else (wanted,)):
                raise OperatorError(
                    REFUSED, f"{self.name}: {place} was refused", _said(status, answer), "correct this place"
                )
            for name, source in step.save.items():
                self._values.keep(name, _found(answer, source, f"{self.name}: {place}"))
        return ()

    def filled(self, body: Mapping[str, object], path: str) -> dict[str, object]:
        """The body with values for its names.

        Raises:
            OperatorError: a name nobody knows.
        """
        try:
            found = self._values.fill(dict(body))
        except (KeyError, ValueError) as error:
            raise wrong(self.name, path, f"there is no value for {error}") from error
        assert isinstance(found, dict)
        return found

    def _ask(self, request: SetRequest, path: str) -> tuple[int, bytes]:
        if self._web is None:
            raise unsupported(self.name, path, "it is a request, and here is no Web API to ask")
        given = self.filled({"path": request.path, "query": request.query, "body": request.body}, path)
        query = given["query"]
        assert isinstance(query, dict)
        return self._web.ask(request.method, str(given["path"]), query, given["body"])


def _said(status: int, answer: bytes) -> str:
    """What a refusal says to people."""
    try:
        error = msgspec.json.decode(answer)["error"]
        return f"{status}: {error['message']}"
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"the answer has the status {status}"


def _found(answer: bytes, source: str, place: str) -> str:
    """What `json:/a/0/b` points to in an answer."""
    found: object = msgspec.json.decode(answer)
    try:
        for part in source.removeprefix("json:/").split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]  # type: ignore[index]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise OperatorError(WRONG_SHAPE, place, f"the answer has nothing at {source}", "correct the file") from error
    return str(found)


def load_sets(
    organization: Organization, content: bytes, name: str, progress: Progress, web: Web | None
) -> Mapping[str, int]:
    """Load all sets of a file, those others stand on first; `web` answers the requests of their groups.

    Raises:
        OperatorError: something in one was refused; nothing was kept then.
    """
    sets = decode(content, SetsFile, name).sets
    values = MovingValues(
        organization.clock, {"me": organization.administrator.user_id, "bu": organization.founding.root_unit_id}
    )
    if web is not None:
        values.keep("api", web.api.rstrip("/"))
    talk = Talk(web, values, name)
    work: list[Work] = []
    for set_name in _ordered(sets, name):
        work += _work(set_name, sets[set_name], talk, name)
    with organization.rebuilding():
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


def _work(set_name: str, one: NamedSet, talk: Talk, name: str) -> Iterator[Work]:
    """The requests and rows of one set, then changes of the rows, and links."""
    here = f"$.sets.{set_name}"
    for number, group in enumerate(one.groups):
        yield Question(f"{here}.groups[{number}]", partial(talk.take, group, f"{here}.groups[{number}]"))
    for number, row in enumerate(one.rows):
        yield Question(f"{here}.rows[{number}]", partial(_row, row, f"{here}.rows[{number}]", talk))
    if one.generate is not None:
        yield from _generated(one.generate, f"{here}.generate")
    for number, link in enumerate(one.links):
        path = f"{here}.links[{number}]"
        yield Question(path, partial(_link, link.request, path, name))


def _row(row: SetRow, path: str, talk: Talk, organization: Organization) -> Iterator[Deed]:
    table = _table(organization.schema, row.set, f"{talk.name}: {path}")
    yield BodyRow(path, table, row.id, talk.filled(row.body, path), always=True)
    for change in row.then:
        yield BodyRow(f"{path}.then", table, row.id, talk.filled(change, path), change=True)


def _generated(what: Generate, path: str) -> Iterator[Work]:
    """The rows of a pattern, counting from 1."""
    for number in range(1, what.count + 1):
        body: dict[str, object] = {}
        for column, value in what.body.items():
            body[column] = value.replace("${n}", f"{number:05}") if isinstance(value, str) else value
            if value == "${#n}":
                body[column] = number
        yield BodyRow(f"{path} ({number})", what.table, f"{what.id_prefix}{number:012x}", body, always=True)


def _link(request: SetRequest, path: str, name: str, organization: Organization) -> tuple[Deed, ...]:
    """A change of one row, or a connection of two."""
    schema, body = organization.schema, request.body or {}
    row = ONE_ROW.match(request.path)
    if request.method == "PATCH" and row:
        return (BodyRow(path, _table(schema, row[1], f"{name}: {path}"), row[2], body, change=True),)
    links = ITS_LINKS.match(request.path)
    other = OTHER_ROW.match(str(body.get("@odata.id", "")))
    if request.method == "POST" and links and other:
        table, other_table = (_table(schema, found[1], f"{name}: {path}") for found in (links, other))
        return (Step(path, Associate(table, RowKey(links[2]), links[3], other_table, RowKey(other[2]))),)
    raise unsupported(name, path, f"{request.method} {request.path} is neither a change of a row nor a link")


def _table(schema: Schema, set_name: str, place: str) -> str:
    """The logical name of the table behind an entity set."""
    try:
        return schema.table_of_set(set_name).name
    except ResourceNotFound as error:
        raise OperatorError(WRONG_SHAPE, place, f"{error.message} {error.hint}".strip(), "correct the file") from error
