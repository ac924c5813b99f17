"""Write the page that says how much of everything a request may hold.

In:        the constants of the source that are limits
Out:       the text of docs/reference/limits.md
Not here:  what each limit refuses with (docs/reference/errors.md)
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import msgspec

HEAD = """# Limits

What is larger, deeper or longer than this is refused with a status below 500 and a message that names the limit, before
it is worked on.
Numbers that Microsoft Dataverse has are its own; the others keep one request from taking the server away from the rest.

## Time

| What | Limit |
| --- | --- |
| One statement of the database | 120 s; `--statement-timeout SECONDS`, 0 for none |
| A writer's wait for those before it | 30 s |
| A client's first byte, the head of its request, a pause in taking its answer | 20 s; `--client-timeout SECONDS` |
| A body of a request | as long as it comes with 1 KiB/s |
| A connection between two requests | 75 s |

A statement at its limit is stopped, not waited for: by SQLite itself between two steps, by PostgreSQL through its
`statement_timeout`.
Its transaction is undone, and the caller gets the code `0x80044151` and the hint to ask for less.

On SQLite, short requests are answered on the event loop.
A read that is not done after 20 ms is given up there and begun again in a worker thread; the next ones of its shape go
to a thread at once, until they are quick again.
Rows in a file are read by each thread on a connection of its own, so nobody waits for a long read.
Rows in memory have one connection: while a long read runs, others wait for it in worker threads, and the event loop
goes on serving what needs no row.
"""


class Limit(msgspec.Struct, frozen=True):
    """A constant of the source, what it limits, and in what it is counted."""

    what: str
    module: str
    name: str
    unit: str = ""


SECTIONS: dict[str, tuple[Limit, ...]] = {
    "Requests": (
        Limit("Body of a request", "web.bodies", "MAX_BODY", "bytes"),
        Limit("Bodies of all requests together, on their way or in use", "web.bodies", "MOST_HELD", "bytes"),
        Limit("Address of a request, with its options", "web.app", "MAX_URL", "characters"),
        Limit("Head of a request, all headers", "server.connections", "HEAD_LIMIT_BYTES", "bytes"),
        Limit("Nesting of JSON", "web.body", "MAX_DEPTH", "levels"),
        Limit("Rows in rows of one create", "operations.deep", "MAX_LEVELS", "levels"),
        Limit(
            "Body of a request whose message a step with code waits for; refused with 500, as the service does it",
            "pipeline.execution",
            "MOST_TOLD_BYTES",
            "bytes",
        ),
        Limit("Messages that send messages", "pipeline.execute", "MAX_DEPTH", "levels"),
        Limit("Rollup columns of one table", "metadata.changes.columns", "MOST_ROLLUPS_OF_TABLE"),
        Limit("Rollup columns of all tables", "metadata.changes.columns", "MOST_ROLLUPS"),
        Limit("Chosen values of one choices column", "operations.rules.values", "MAX_CHOICES"),
        Limit("One block of a file", "web.file_actions", "LONGEST_BLOCK", "bytes"),
        Limit("Pixels of an image", "operations.rules.thumbnails", "MOST_PIXELS"),
    ),
    "Batches": (
        Limit("Requests in a batch, members of change sets counted", "web.batch.parts", "MAX_PARTS"),
        Limit("Address of a request in a batch", "web.batch.run", "MAX_URL", "characters"),
    ),
    "Queries": (
        Limit("Rows of a page", "web.prefer", "MAX_PAGE"),
        Limit("Rows that are counted", "operations.reads", "MAX_COUNT"),
        Limit("Nesting of `$filter`: parentheses, `not`, lambdas", "query.odata.cursor", "MAX_DEPTH", "levels"),
        Limit("Operands of `$filter`", "query.odata.cursor", "MAX_NODES"),
        Limit("Conditions of a query, and of FetchXML", "query.scope", "MAX_CONDITIONS"),
        Limit("Columns that rows are sorted by", "query.ordering", "MAX_ORDERS"),
        Limit("Items of `$expand`, nested ones counted", "query.odata.expand", "MAX_ITEMS"),
        Limit("Rows of one expanded collection", "query.expanding", "MAX_EXPANDED_ROWS"),
        Limit("`$skiptoken`", "query.paging", "MAX_TOKEN", "characters"),
        Limit("A text that is searched for", "sql.patterns", "LONGEST", "characters"),
    ),
    "FetchXML and SQL": (
        Limit("FetchXML", "query.fetchxml.xml", "LONGEST", "characters"),
        Limit("Nesting of FetchXML", "query.fetchxml.xml", "DEEPEST", "levels"),
        Limit("Elements of FetchXML", "query.fetchxml.xml", "MOST_ELEMENTS"),
        Limit("Links of FetchXML", "query.fetchxml.places", "MAX_LINKS"),
        Limit("Rows of a page of FetchXML", "query.fetchxml.parse", "MAX_PAGE"),
        Limit("Paging cookie", "query.fetchxml.cookies", "LONGEST", "characters"),
        Limit("SQL", "query.sql_text.parse", "LONGEST", "characters"),
        Limit("Parentheses of SQL", "query.sql_text.parse", "DEEPEST"),
        Limit("`TOP` of SQL", "query.sql_text.parse", "MAX_TOP"),
        Limit(
            "Retained rows that one question reads into memory", "operations.retention.reading", "MOST_BYTES", "bytes"
        ),
    ),
    "Definitions": (
        Limit("Alternate keys of a table", "metadata.changes.keys", "MOST_KEYS"),
        Limit("Columns of an alternate key", "metadata.changes.keys", "MOST_COLUMNS"),
        Limit("Bytes of an alternate key", "metadata.changes.keys", "MOST_BYTES", "bytes"),
        Limit("Schema name of a table or column", "metadata.changes.naming", "LONGEST_NAME", "characters"),
        Limit("Schema name of a relationship", "metadata.changes.naming", "LONGEST_RELATIONSHIP_NAME", "characters"),
    ),
    "What the server keeps": (
        Limit("Prepared reads, by shape", "web.cached_reads", "MAX_SHAPES"),
        Limit("Prepared FetchXML, SQL and `$apply`, by text", "web.tabular_reads", "MAX_READY"),
        Limit("Shapes known to take long", "web.turns", "MAX_SHAPES"),
        Limit("Retained rows for the next question", "organization.retained", "MOST_HELD", "bytes"),
        Limit("Connections to PostgreSQL", "store.pool", "MOST_CONNECTIONS"),
        Limit("Prepared statements of such a connection", "store.postgresql_connection", "MOST_PREPARED"),
    ),
}


def limits_page() -> str:
    """The whole page."""
    lines = [HEAD.rstrip("\n"), ""]
    for title, limits in SECTIONS.items():
        lines += [f"## {title}", "", "| What | At most | In the source |", "| --- | --- | --- |", *_rows(limits), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(limits: tuple[Limit, ...]) -> Iterator[str]:
    for limit in limits:
        value = getattr(import_module(f"verselet.{limit.module}"), limit.name)
        yield f"| {limit.what} | {f'{value:,} {limit.unit}'.strip()} | `{limit.module}.{limit.name}` |"
