"""Play the parts of a mixed load: readers and writers, a loader, an archivist, and somebody whom a web hook serves.

In:        a port of this machine, whether to stop
Out:       `prepare`, `PARTS`: who works side by side, `retain_once`; `Receiver` of the web hook
Not here:  how long they work and what is watched meanwhile (benchmarks.load)

Whatever is made is deleted again, so that the number of rows stays about the same.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import quote

from typing_extensions import override

from benchmarks.turns import TURNS, Client

Part = Callable[[Client, random.Random, threading.Event], None]

AT_ONCE: Final = 500
"""Rows the loader makes in one message."""

RETAINED_AT_ONCE: Final = 20
RETAIN_EVERY_S: Final = 300.0
PATIENCE_S: Final = 300.0
HOOKED: Final = "task"


class Receiver:
    """Takes the posts of the web hook and counts them."""

    def __init__(self) -> None:
        posts = self.posts = [0]
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                with lock:
                    posts[0] += 1
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


def prepare(client: Client, hook: str) -> None:
    """Let accounts be retained, and tell the hook about new tasks, in the background."""
    told = {"@odata.type": "#Microsoft.Dynamics.CRM.EntityMetadata", "IsRetentionEnabled": True}
    client.send("PUT", "EntityDefinitions(LogicalName='account')", told)
    endpoint = {"name": "load", "url": hook, "contract": 8, "authtype": 4, "authvalue": "a-key"}
    message = _only(client, "sdkmessages?$select=sdkmessageid&$filter=name eq 'Create'", "sdkmessageid")
    wanted = f"_sdkmessageid_value eq {message} and primaryobjecttypecode eq '{HOOKED}'"
    step = {
        "name": "tell about tasks",
        "stage": 40,
        "mode": 1,
        "rank": 1,
        "asyncautodelete": True,
        "sdkmessageid@odata.bind": f"/sdkmessages({message})",
        "sdkmessagefilterid@odata.bind": "/sdkmessagefilters("
        + _only(client, f"sdkmessagefilters?$filter={wanted}", "sdkmessagefilterid")
        + ")",
        "eventhandler_serviceendpoint@odata.bind": f"/{client.send('POST', 'serviceendpoints', endpoint).made}",
    }
    client.send("POST", "sdkmessageprocessingsteps", step)


def read_and_write(client: Client, chance: random.Random, stop: threading.Event) -> None:
    """Short talks of all kinds."""
    while not stop.is_set():
        chance.choice(TURNS)(client, chance)


def load_and_delete(client: Client, chance: random.Random, stop: threading.Event) -> None:
    """Rows in bulk, and jobs that delete them."""
    while not stop.is_set():
        name = f"bulk {chance.randrange(10**9)}"
        contact = {"@odata.type": "Microsoft.Dynamics.CRM.contact", "lastname": name}
        client.send("POST", "contacts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [contact] * AT_ONCE})
        value = {"Value": name, "Type": "System.String"}
        condition = {"AttributeName": "lastname", "Operator": "Equal", "Values": [value]}
        query = {"EntityName": "contact", "Criteria": {"FilterOperator": "And", "Conditions": [condition]}}
        quiet = {"SendEmailNotification": False, "ToRecipients": [], "CCRecipients": [], "RecurrencePattern": ""}
        asked = {"QuerySet": [query], "JobName": name, "StartDateTime": "2026-01-01T00:00:00Z", **quiet}
        job = client.send("POST", "BulkDelete", asked).json["JobId"]
        _wait(client, f"contacts?$select=contactid&$filter=lastname eq '{name}'&$top=1", f"the bulk deletion {job}")


def retain(client: Client, chance: random.Random, stop: threading.Event) -> None:
    """Policies that move rows to the lake, again and again.

    Every five minutes: the library of Delta tables takes some megabytes more with each run, up to some sixty after a
    hundred commits, which would hide what is looked for.
    """
    while True:
        retain_once(client, chance)
        client.close()
        if stop.wait(RETAIN_EVERY_S):
            return


def retain_once(client: Client, chance: random.Random) -> None:
    """A policy that moves rows to the lake; what it moved is read there."""
    name = f"old {chance.randrange(10**9)}"
    for _ in range(RETAINED_AT_ONCE):
        client.send("POST", "accounts", {"name": name})
    found = (
        "<entity name='account'><attribute name='name'/><filter>"
        f"<condition attribute='name' operator='eq' value='{name}'/></filter></entity></fetch>"
    )
    policy = {"name": name, "uniquename": name.replace(" ", "_"), "entitylogicalname": "account"}
    client.send("POST", "retentionconfigs", {**policy, "criteria": f"<fetch>{found}"})
    _wait(client, f"accounts?$select=name&$filter=name eq '{name}'&$top=1", f"the retention of {name}")
    question = quote(f"<fetch datasource='retained'>{found}")
    in_lake = len(client.send("GET", f"accounts?fetchXml={question}").json["value"])
    if in_lake != RETAINED_AT_ONCE:
        client.faults.append(f"{in_lake} of {RETAINED_AT_ONCE} rows named {name} are in the lake")


def cause_posts(client: Client, _chance: random.Random, stop: threading.Event) -> None:
    """Rows that a web hook is told of."""
    while not stop.wait(0.1):
        client.send("DELETE", client.send("POST", f"{HOOKED}s", {"subject": "Tell them"}).made)


PARTS: Final[Sequence[Part]] = (
    read_and_write, read_and_write, read_and_write, load_and_delete, retain, cause_posts,
)  # fmt: skip


def _only(client: Client, target: str, column: str) -> str:
    return str(client.send("GET", target.replace(" ", "%20")).json["value"][0][column])


def _wait(client: Client, target: str, what: str) -> None:
    """Look every little while whether nothing is left of what a job is to move."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.25)):
        if not client.send("GET", target.replace(" ", "%20")).json["value"]:
            return
        pause.wait(0.25)
    client.faults.append(f"{what} took more than {PATIENCE_S:.0f} s")
