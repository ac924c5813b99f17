"""What must hold for every request, however strange."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from tests.fuzz.corpus import load_rows
from tests.fuzz.requests import Wire
from tests.scenarios.harness import Answer, Api, new_organization, undone

LIMIT_S = 3.0
"""Processor time that one request may take; a quiet machine takes a third of it for the largest definitions."""

REFUSED_IN_A_BATCH = re.compile(rb"^HTTP/1\.1 (5\d\d)", re.MULTILINE)
NOT_HERE = "is not supported by this server yet"


class Broken(AssertionError):
    """A law does not hold."""


class Bench:
    """An organization with rows, to which every input comes as if it were the first."""

    def __init__(self) -> None:
        self._log = _Faults()
        self._api = _new_api()
        self._written = 0

    def close(self) -> None:
        """Give everything back."""
        self._api.web.close()
        self._api.organization.close()

    def check(self, wire: Wire, *, looks_back: bool = False, keeps: bool = False) -> Answer:
        """Send a request and see that no law is broken.

        With `looks_back` a refusal must have changed no row. With `keeps` the request may write for good, since
        definitions cannot be changed inside a transaction; what it wrote is thrown away from time to time.
        """
        if keeps:
            answer = self._told(wire)
            self._written += answer.status < 400
            if self._written > 60:
                self.close()
                self._api, self._written = _new_api(), 0
            return answer
        with undone(self._api.organization):
            before = self._api.watched() if looks_back else {}
            answer = self._told(wire)
            if looks_back and answer.status >= 400 and before != self._api.watched():
                raise Broken(f"A refused request changed rows ({answer.status}).")
        return answer

    def _told(self, wire: Wire) -> Answer:
        self._log.faults.clear()
        began = time.thread_time()
        with self._log.listening():
            answer = self._api.send(wire.method, wire.target, wire.body, headers=wire.headers)
        spent = time.thread_time() - began
        self._look_at(answer)
        if spent > LIMIT_S:
            raise Broken(f"The request took {spent:.1f} s.")
        return answer

    def _look_at(self, answer: Answer) -> None:
        inner = REFUSED_IN_A_BATCH.findall(answer.body) if answer.body.startswith(b"--batchresponse") else []
        if self._log.faults or {b"500", b"503"} & set(inner) or (answer.status >= 500 and answer.status != 501):
            raise Broken(f"Status {answer.status}: {answer.body[:300]!r}") from (
                self._log.faults[0] if self._log.faults else None
            )
        if answer.status >= 400 and not answer.body.startswith(b"--batchresponse"):
            error = answer.json["error"]
            if not re.fullmatch(r"0x[0-9a-f]{8}", error["code"]) or not error["message"]:
                raise Broken(f"A refusal without code or message: {answer.body!r}")
            if answer.status == 501 and NOT_HERE not in error["message"]:
                raise Broken(f"501 without a name: {answer.body!r}")
        elif "json" in answer.headers.get("content-type", "") and answer.body:
            json.loads(answer.body)
        for name, value in answer.headers.items():
            if re.search(r"[\x00-\x1f\x7f]", name + value):
                raise Broken(f"The header {name} could end early: {value!r}")


class _Faults(logging.Handler):
    """Collects what the edge of the server logs when a fault of ours becomes a 500."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[BaseException] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception."""
        if record.exc_info is not None and record.exc_info[1] is not None:
            self.faults.append(record.exc_info[1])

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what the server logs inside."""
        log = logging.getLogger("verselet")
        propagated = log.propagate
        log.addHandler(self)
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(self)
            log.propagate = propagated


def _new_api() -> Api:
    api = Api(new_organization())
    load_rows(api)
    return api
