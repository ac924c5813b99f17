"""Ask for all kinds of things, one after the other, over one connection.

In:        a port of this machine, chance
Out:       `Client`; `TURNS`, each a short talk whose requests are of a shape of their own
Not here:  how long to go on, and what to watch (benchmarks.memory, benchmarks.load)
"""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import msgspec

API: Final = "/api/data/v9.2/"
HEADERS: Final = {"authorization": "Bearer dev-admin", "content-type": "application/json"}
COLUMNS: Final = (
    "name", "accountnumber", "numberofemployees", "revenue", "creditonhold", "createdon", "modifiedon", "statecode",
    "address1_city", "address1_country", "telephone1", "emailaddress1", "websiteurl", "description", "fax", "sic",
)  # fmt: skip
NUMBERS: Final = ("numberofemployees", "revenue", "statecode")


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def made(self) -> str:
        """The address of the row that was made, below the address of the API."""
        return self.headers["odata-entityid"].partition(API)[2]


class Client:
    """One connection that is kept; counts the answers by status, and notes how long each took.

    `faults` are answers nobody asked for: refusals where none was provoked, and faults of the server.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.statuses: Counter[int] = Counter()
        self.latencies_ns: list[int] = []
        self.faults: list[str] = []

    @property
    def sent(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    def close(self) -> None:
        """Ask nothing for a while; the next request opens another connection."""
        self._connection.close()

    def send(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        *,
        is_provoked: bool = False,
    ) -> Answer:
        """The answer; `is_provoked` where a refusal is what was wanted."""
        content = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        began = time.perf_counter_ns()
        self._connection.request(method, API + target, content.encode() or None, {**HEADERS, **(headers or {})})
        came = self._connection.getresponse()
        found = Answer(came.status, {name.lower(): value for name, value in came.getheaders()}, came.read())
        self.latencies_ns.append(time.perf_counter_ns() - began)
        self.statuses[found.status] += 1
        if found.status >= (500 if is_provoked else 400):
            self.faults.append(f"{method} {target[:200]} {found.status}: {found.body[:300].decode()}")
        return found


Turn = Callable[[Client, random.Random], None]


def filtered(client: Client, chance: random.Random) -> None:
    """A page by a condition of its own shape."""
    columns = ",".join(chance.sample(COLUMNS, chance.randrange(1, 6)))
    condition = " or ".join(
        f"{chance.choice(NUMBERS)} {chance.choice(('eq', 'gt', 'lt'))} {chance.randrange(10**6)}"
        for _ in range(chance.randrange(1, 5))
    )
    order = chance.choice(COLUMNS)
    client.send("GET", f"accounts?$select={columns}&$filter={quote(condition)}&$orderby={order}&$top=5")


def annotated(client: Client, chance: random.Random) -> None:
    """A page with annotations and a count."""
    size = chance.randrange(1, 4)
    client.send(
        "GET",
        f"accounts?$select={chance.choice(COLUMNS)}&$count=true&$expand=primarycontactid($select=fullname)",
        headers={"prefer": f'odata.include-annotations="*",odata.maxpagesize={size}'},
    )


def fetched(client: Client, chance: random.Random) -> None:
    """FetchXML with a text of its own."""
    columns = "".join(f"<attribute name='{name}'/>" for name in chance.sample(COLUMNS, 3))
    condition = f"<condition attribute='name' operator='like' value='%{chance.randrange(10**6)}%'/>"
    text = f"<fetch top='3'><entity name='account'>{columns}<filter>{condition}</filter></entity></fetch>"
    client.send("GET", f"accounts?fetchXml={quote(text)}")


def selected(client: Client, chance: random.Random) -> None:
    """SQL with a text of its own."""
    text = f"SELECT TOP 3 name FROM account WHERE numberofemployees > {chance.randrange(10**6)}"
    client.send("GET", f"accounts?sql={quote(text)}")


def refused(client: Client, chance: random.Random) -> None:
    """What is answered with a refusal, each with other words."""
    word = f"w{chance.randrange(10**6)}"
    target = chance.choice((word, f"accounts?$select={word}", f"accounts?$filter=name+eq+{word}", f"accounts({word})"))
    client.send("GET", target, is_provoked=True)


def written(client: Client, chance: random.Random) -> None:
    """A row that is made, changed, read and deleted again."""
    address = client.send("POST", "accounts", {"name": f"A {chance.randrange(10**6)}", "revenue": 1.5}).made
    client.send("PATCH", address, {chance.choice(("fax", "sic", "telephone1")): f"{chance.random():.9f}"})
    client.send("GET", f"{address}?$select={chance.choice(COLUMNS)}")
    client.send("DELETE", address)


def batched(client: Client, chance: random.Random) -> None:
    """A batch of three reads."""
    part = f"--b\r\nContent-Type: application/http\r\n\r\nGET {API}accounts?$top=%d HTTP/1.1\r\n\r\n\r\n"
    body = "".join(part % chance.randrange(1, 9) for _ in range(3)) + "--b--\r\n"
    client.send("POST", "$batch", body, {"content-type": "multipart/mixed; boundary=b"})


def defined(client: Client, chance: random.Random) -> None:
    """A definition."""
    table = chance.choice(("account", "contact", "task", "systemuser"))
    client.send(
        "GET", f"EntityDefinitions(LogicalName='{table}')?$select={chance.choice(('SchemaName', 'LogicalName'))}"
    )


TURNS: Final[tuple[Turn, ...]] = (
    filtered, filtered, filtered, annotated, fetched, selected, refused, written, batched, defined,
)  # fmt: skip
