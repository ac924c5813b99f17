"""Write rows until the server is gone, and keep the books: what was answered for must be there ever after."""

from __future__ import annotations

import http.client
import json
import random
import threading
from http.client import HTTPConnection
from typing import Any

import msgspec

from tests.scenarios.harness import Answer
from tests.scenarios.server_process import TOKEN, Server

API = "/api/data/v9.2"
WRITERS = 3
ANSWER_LIMIT_S = 60


class Refused(Exception):
    """The server was there and said something else than yes."""


class Kept(msgspec.Struct):
    """A row that was answered for. `number` is what it said last; `asked` what a request without an answer wanted."""

    number: int = 0
    asked: int = 0
    contacts: int = 0


class Ledger:
    """What all writers were answered, by the id of the account.

    `is_patient`: the server may say that it cannot serve right now, if it says when to try again; `refused` counts it.
    """

    def __init__(self, *, is_patient: bool = False) -> None:
        self.rows: dict[str, Kept] = {}
        self.surprises: list[str] = []
        self.is_patient = is_patient
        self.refused = 0

    def excuses(self, answer: Answer) -> bool:
        """The refusal is one that may be."""
        if self.is_patient and answer.status == 503 and "retry-after" in answer.headers:
            self.refused += 1
            return True
        return False


class Caller:
    """One connection of a writer, kept alive."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_LIMIT_S)

    def ask(self, method: str, address: str, body: object, **headers: str) -> Answer:
        """One request with a body."""
        told = {**TOKEN, "content-type": "application/json", **headers}
        self._connection.request(method, f"{API}/{address}", json.dumps(body).encode(), told)
        found = self._connection.getresponse()
        return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())

    def close(self) -> None:
        """Let go."""
        self._connection.close()


class Writer:
    """Makes and changes rows of its own, one request after the other, until the server is gone."""

    def __init__(self, port: int, ledger: Ledger, chance: random.Random, names: tuple[str, ...]) -> None:
        self._caller = Caller(port)
        self._ledger = ledger
        self._chance = chance
        self._names = names
        self._own: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write no more after the request at hand."""
        self._stopping.set()
        self._thread.join(ANSWER_LIMIT_S + 1)

    def _write(self) -> None:
        try:
            while not self._stopping.is_set():
                self._write_one_or_come_again()
        except Refused as said:
            self._ledger.surprises.append(str(said))
        finally:
            self._caller.close()

    def _write_one_or_come_again(self) -> None:
        """A process of the server that dies takes its connections along; another one may answer the next time."""
        try:
            self._write_one()
        except (OSError, http.client.HTTPException):
            self._caller.close()
            self._stopping.wait(0.01)

    def _write_one(self) -> None:
        if self._own and self._chance.random() < 0.25:
            self._change(self._chance.choice(self._own))
            return
        body: dict[str, Any] = {"name": self._chance.choice(self._names), "numberofemployees": 0}
        contacts = int(self._chance.random() < 0.25)
        if contacts:
            body["contact_customer_accounts"] = [{"lastname": "of the family"}]
        answer = self._caller.ask("POST", "accounts", body)
        if self._ledger.excuses(answer):
            return
        if answer.status != 204:
            raise Refused(f"POST was answered with {answer.status}: {answer.body!r}")
        row_id = answer.headers["odata-entityid"].rpartition("(")[2].removesuffix(")")
        self._ledger.rows[row_id] = Kept(contacts=contacts)
        self._own.append(row_id)

    def _change(self, row_id: str) -> None:
        kept = self._ledger.rows[row_id]
        kept.asked = kept.number + 1
        # Without the header a row that was retained would be made anew.
        answer = self._caller.ask(
            "PATCH", f"accounts({row_id})", {"numberofemployees": kept.asked}, **{"If-Match": "*"}
        )
        if answer.status == 204:
            kept.number = kept.asked
        elif answer.status == 404:
            kept.asked = kept.number
            self._own.remove(row_id)
        elif not self._ledger.excuses(answer):
            raise Refused(f"PATCH was answered with {answer.status}: {answer.body!r}")


class Reader:
    """Reads everything of a table, active or retained."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def active(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """All rows of the table."""
        found: list[dict[str, Any]] = []
        address = f"{API}/{table}s?$select={','.join(columns)}"
        while address:
            page = self._page(address)
            found += page["value"]
            address = page.get("@odata.nextLink", "").partition(f":{self._server.port}")[2]
        return found

    def retained(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """All rows of the lake."""
        found: list[dict[str, Any]] = []
        chosen = "".join(f"<attribute name='{name}'/>" for name in columns)
        for number in range(1, 1_000):
            text = f"<fetch datasource='retained' count='5000' page='{number}'><entity name='{table}'>{chosen}"
            text += f"<order attribute='{table}id'/></entity></fetch>"
            quoted = text.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace("'", "%27")
            page = self._page(f"{API}/{table}s?fetchXml={quoted}")
            found += page["value"]
            if len(page["value"]) < 5000:
                break
        return found

    def count(self, address: str) -> int:
        """How many rows there are at an address."""
        return len(self._page(f"{API}/{address}")["value"])

    def _page(self, address: str) -> dict[str, Any]:
        answer = self._server.ask("GET", address, {**TOKEN, "prefer": "odata.maxpagesize=5000"})
        assert 200 == answer.status, answer.body
        page: dict[str, Any] = answer.json
        return page
