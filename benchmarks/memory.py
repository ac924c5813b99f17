"""See whether the server's memory stays flat: `python -m benchmarks.memory --requests 100000`.

In:        how many requests
Out:       the resident memory of a server of its own, every tenth of the way, on standard output
Not here:  what requests cost (benchmarks.run)

The requests are of many shapes, most of them new to the server, so that every cache comes to its bound: filters and
FetchXML with other columns and literals, refusals of all kinds, batches, rows that are made, changed and deleted again.
The number of rows is the same at each look.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from benchmarks.servers import memory_mib, product_server

API: Final = "/api/data/v9.2/"
HEADERS: Final = {"authorization": "Bearer dev-admin", "content-type": "application/json"}
COLUMNS: Final = (
    "name", "accountnumber", "numberofemployees", "revenue", "creditonhold", "createdon", "modifiedon", "statecode",
    "address1_city", "address1_country", "telephone1", "emailaddress1", "websiteurl", "description", "fax", "sic",
)  # fmt: skip
NUMBERS: Final = ("numberofemployees", "revenue", "statecode")
LOOKS: Final = 10


class Client:
    """One connection that is kept; counts the answers by status."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.statuses: dict[int, int] = {}
        self.sent = 0

    def send(self, method: str, target: str, body: str = "", headers: dict[str, str] | None = None) -> dict[str, str]:
        """The headers of the answer."""
        self._connection.request(method, API + target, body.encode() or None, {**HEADERS, **(headers or {})})
        answer = self._connection.getresponse()
        answer.read()
        self.sent += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        return {name.lower(): value for name, value in answer.getheaders()}


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
    client.send("GET", target)


def written(client: Client, chance: random.Random) -> None:
    """A row that is made, changed, read and deleted again."""
    made = client.send("POST", "accounts", json.dumps({"name": f"A {chance.randrange(10**6)}", "revenue": 1.5}))
    address = made["odata-entityid"].partition(API)[2]
    client.send("PATCH", address, json.dumps({chance.choice(("fax", "sic", "telephone1")): str(chance.random())}))
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


TURNS: Final[tuple[Callable[[Client, random.Random], None], ...]] = (
    filtered, filtered, filtered, annotated, fetched, selected, refused, written, batched, defined,
)  # fmt: skip


def main() -> None:
    """Start a server, ask, look, and stop it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--requests", type=int, default=100_000)
    asked = parser.parse_args()
    with product_server("--seed", "demo") as server:
        _ask(Client(server.port), server.pid, asked.requests)


def _ask(client: Client, pid: int, requests: int) -> None:
    chance, began = random.Random(7), time.perf_counter()
    print(f"{0:>9,} requests  {memory_mib(pid):7.1f} MiB", flush=True)
    for look in range(1, LOOKS + 1):
        while client.sent < requests * look // LOOKS:
            chance.choice(TURNS)(client, chance)
        seconds = time.perf_counter() - began
        print(f"{client.sent:>9,} requests  {memory_mib(pid):7.1f} MiB  {seconds:6.0f} s", flush=True)
    print("statuses", dict(sorted(client.statuses.items())))


if __name__ == "__main__":
    main()
