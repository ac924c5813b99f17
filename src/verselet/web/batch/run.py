"""Run the parts of a batch.

In:        the exchange that carries the batch
Out:       an `Answer` with the answers of all parts
Not here:  multipart (web.batch.parts, web.batch.answers), the single requests (web.dispatch)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from verselet.errors import BadRequest, MethodNotAllowed, VerseletError
from verselet.organization import Organization
from verselet.web.answers import Answer
from verselet.web.batch.answers import ChangeSetAnswer, MemberAnswer, PartAnswer, write_batch
from verselet.web.batch.parts import ChangeSet, Single, parse_batch
from verselet.web.errors import refusal, unexpected
from verselet.web.exchange import Exchange
from verselet.web.impersonation import seeing_caller

MAX_URL: Final = 65_536
"""A request inside a batch may have a longer address. [B-14]"""

AFTER_VERSION: Final = re.compile(r"(?:https?:/{1,2}[^/]+)?/api/data/v9\.[0-2]/(.*)\Z", re.DOTALL | re.IGNORECASE)
REFERENCE: Final = re.compile(r"/?\$(\w+)(?=[/?]|\Z)")
# A value that never ends is taken to the end of the body: looking for its end again and again would take a day.
BOUND: Final = re.compile(rb'(@odata\.(?:bind|id)"\s*+:\s*+)("[^"]*+(?:"|\Z)|\[[^\]]*+(?:\]|\Z))')
IN_BODY: Final = re.compile(rb'"/?\$(\w+)"')
INHERITED: Final = ("authorization", "mscrmcallerid", "callerobjectid", "host")

Dispatch = Callable[[Exchange], Answer]


class Batches:
    """Batches of one organization."""

    def __init__(self, organization: Organization, dispatch: Dispatch) -> None:
        self._organization = organization
        self._dispatch = dispatch

    def answer(self, exchange: Exchange) -> Answer:
        """Run all parts in their order. [B-1] to [B-17]

        Without continue-on-error the first refusal ends the batch, whose own status is then 400. [B-9], [B-10]
        """
        if exchange.method != "POST":
            raise MethodNotAllowed(exchange.method, "$batch")
        parts = parse_batch(exchange.body, exchange.content_type)
        go_on = exchange.preferences.continue_on_error
        answers: list[PartAnswer] = []
        status = 200
        for part in parts:
            answers.append(
                self._change_set(exchange, part) if isinstance(part, ChangeSet) else self._one(exchange, part)
            )
            if _refused(answers[-1]) and not go_on:
                status = 400
                break
        new_id = self._organization.ids.new_random_id
        boundary = f"batchresponse_{new_id()}"
        body = write_batch(answers, boundary, [new_id() for _ in answers], new_id())
        return Answer(status, body, ((b"content-type", f"multipart/mixed; boundary={boundary}".encode()),))

    def _one(self, outer: Exchange, part: Single) -> MemberAnswer:
        try:
            return MemberAnswer(self._dispatch(self._inner(outer, part, {})))
        except VerseletError as error:
            return MemberAnswer(_refusal(error, part))
        except Exception as error:  # noqa: BLE001  an edge: a fault in one part is none of the others
            return self._fault(error)

    def _fault(self, error: Exception) -> MemberAnswer:
        return MemberAnswer(unexpected(error, self._organization.ids.new_random_id()))

    def _change_set(self, outer: Exchange, part: ChangeSet) -> PartAnswer:
        """All members in one transaction, or a single error. [B-4], [B-7], [CC-55]"""
        known: dict[str, str] = {}
        answers = []
        for member in part.members:
            if member.method == "GET":
                error = BadRequest("A change set cannot hold a GET request.")
                return MemberAnswer(_refusal(error, member))
            if member.content_id is None:
                return MemberAnswer(_refusal(BadRequest("Each request of a change set needs a Content-ID."), member))
        current = part.members[0] if part.members else None
        try:
            with self._organization.transaction():
                for current in part.members:
                    answer = self._dispatch(self._inner(outer, current, known))
                    _remember(known, current, answer, outer.api)
                    answers.append(MemberAnswer(answer, current.content_id))
        except VerseletError as error:
            return MemberAnswer(_refusal(error, current))
        except Exception as error:  # noqa: BLE001  the same edge; the transaction is undone by now
            return self._fault(error)
        return ChangeSetAnswer(tuple(answers))

    def _inner(self, outer: Exchange, part: Single, known: dict[str, str]) -> Exchange:
        """The exchange of one part: its own headers, the caller of the whole. [B-12]"""
        if len(part.url) > MAX_URL:
            raise BadRequest("Invalid URI: The Uri string is too long.")
        target = _target(_replaced(part.url, known))
        raw_path, _, raw_query = target.partition("?")
        path = unquote(raw_path, errors="replace")
        if path.startswith("$batch"):
            raise BadRequest("A batch cannot hold another batch.")
        inherited: dict[str, str] = {name: outer.headers[name] for name in INHERITED if name in outer.headers}
        inner = Exchange(part.method, outer.api, path, raw_query, {**part.headers, **inherited})
        inner.caller = seeing_caller(outer.caller, inner.headers)
        inner.body = BOUND.sub(lambda found: found[1] + _replaced_in(found[2], known, outer.api), part.body)
        return inner


def _target(url: str) -> str:
    """What follows the version, in any of the forms clients write. [CC-44]"""
    found = AFTER_VERSION.match(url)
    return found[1] if found is not None else url.lstrip("/")


def _replaced(url: str, known: dict[str, str]) -> str:
    """The address with a reference to an earlier member at its beginning replaced. [B-8]"""
    target = _target(url)
    found = REFERENCE.match(target)
    if found is None or found[1] in {"metadata", "batch"}:
        return target
    return _address_of(found[1], known) + target[found.end() :]


def _replaced_in(text: bytes, known: dict[str, str], api: str) -> bytes:
    return IN_BODY.sub(lambda found: f'"{api}{_address_of(found[1].decode(), known)}"'.encode(), text)


def _address_of(content_id: str, known: dict[str, str]) -> str:
    if content_id not in known:
        raise BadRequest(f"Content-ID Reference: '${content_id}' does not exist in the batch context.")
    return known[content_id]


def _remember(known: dict[str, str], member: Single, answer: Answer, api: str) -> None:
    """The address of the row a member made or changed, for the members after it."""
    for name, value in answer.headers:
        if name == b"odata-entityid" and member.content_id is not None:
            known[member.content_id] = value.decode().removeprefix(api)


def _refused(part: PartAnswer) -> bool:
    return isinstance(part, MemberAnswer) and part.answer.status >= 400


def _refusal(error: VerseletError, part: Single | None) -> Answer:
    wanted = "" if part is None else part.headers.get("prefer", "")
    return refusal(error, everything='include-annotations="*"' in wanted, challenge="")
