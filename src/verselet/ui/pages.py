"""Answer a browser.

In:        requests for `/`, `/tables/…`, `/static/…`
Out:       pages
Not here:  what they show (ui.reading), their HTML (templates)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from verselet import __version__
from verselet.auth.dev import token_for
from verselet.errors import ResourceNotFound, ServiceError
from verselet.ids import GUID
from verselet.metadata.tables import Table
from verselet.organization import Accesses
from verselet.settings import Settings
from verselet.ui.reading import SHOWN_ROWS, Listing, list_tables, read_row, read_table
from verselet.ui.snippets import snippets

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from verselet.organization import Organization

HERE = Path(__file__).parent
SHOWN_FIRST = ("msevtmgt_session", "contact", "account", "systemuser")
"""Tables that a first question is best asked of."""

HEADERS = {
    # Everything a page needs comes from here; nothing in a row can make it load or send anything.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    # A foreign page must not load ours as its picture or script either.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

MIRRORED = tuple(
    (name.lower().encode(), HEADERS[name].encode())
    for name in ("Cross-Origin-Resource-Policy", "X-Content-Type-Options", "Cache-Control")
)
"""What an answer of the Web API needs beside its own headers when no token guards it."""


def make_pages(organization: Organization, web: ASGIApp, where: str) -> ASGIApp:
    """The pages of one organization. `where` says for people where its rows live."""
    pages = _Pages(organization, where)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/tables/{set_name}.json", _Mirror(web)),
            Route("/tables/{set_name}", pages.table),
            Route("/tables/{set_name}/{row_id}", pages.row),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        exception_handlers={ServiceError: pages.problem, 404: pages.missing},
    )


class _Pages:
    """One method per page; they are plain functions, so they run beside the event loop."""

    def __init__(self, organization: Organization, where: str) -> None:
        self._organization = organization
        self._accesses = Accesses(organization, to_pages=True)
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(version=__version__, org=organization.name, where=where)

    def home(self, request: Request) -> Response:
        """What this is, its addresses, its tables, and something to try."""
        self._open()
        listing = list_tables(self._organization)
        base_url = _base_url(request)
        asked = _first_question(listing, list(self._organization.schema.tables.values()))
        # The command line asks the plain address, and needs to be told a port that is not the usual one.
        port = request.url.port if request.url.scheme == "http" else None
        at = f" --port {port}" if port not in (None, Settings().port) else ""
        return self._page("home.html", listing=listing, base_url=base_url, at=at, snippets=snippets(base_url, asked))

    def table(self, request: Request) -> Response:
        """The first rows of a table."""
        self._open()
        table = self._organization.schema.table_of_set(request.path_params["set_name"])
        all_columns = request.query_params.get("columns") == "all"
        view = read_table(self._organization, table, all_columns=all_columns)
        return self._page(
            "table.html",
            view=view,
            all_columns=all_columns,
            total=self._organization.count_rows().get(table.name, 0),
            limit=SHOWN_ROWS,
            address=f"{_base_url(request)}/api/data/v9.2/{table.set_name}?$top={SHOWN_ROWS}",
        )

    def row(self, request: Request) -> Response:
        """One row with all its columns."""
        self._open()
        table = self._organization.schema.table_of_set(request.path_params["set_name"])
        row_id = request.path_params["row_id"].lower()
        if not GUID.match(row_id):
            raise ResourceNotFound(row_id)
        view = read_row(self._organization, table, row_id)
        return self._page(
            "row.html", view=view, address=f"{_base_url(request)}/api/data/v9.2/{table.set_name}({view.id})"
        )

    def _open(self) -> None:
        """See what others changed; and somebody is here, as the administrator: the pages ask nobody. [JOB-42]"""
        self._organization.keep_up()
        self._accesses.note(self._organization.administrator)

    def problem(self, _request: Request, error: Exception) -> Response:
        """A refusal in words."""
        assert isinstance(error, ServiceError)
        code = f"0x{error.code:08x}"
        return self._page("problem.html", error.status, message=error.message, hint=error.hint, code=code)

    def missing(self, request: Request, _error: Exception) -> Response:
        """Nothing at this address."""
        message = f"There is no page at {request.url.path}."
        return self._page("problem.html", 404, message=message, hint="", code="")

    def _page(self, template: str, status: int = 200, **facts: object) -> Response:
        tables = self._organization.schema.tables
        return HTMLResponse(
            self._templates.get_template(template).render(tables_by_name=tables, **facts), status, HEADERS
        )


class _Mirror:
    """The Web API's own answer for a table, for a browser, which cannot send a token by itself."""

    def __init__(self, web: ASGIApp) -> None:
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the Web API the question of the table page, as the administrator."""
        path = f"/api/data/v9.2/{scope['path_params']['set_name']}"
        asked = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": f"$top={SHOWN_ROWS}".encode(),
            "headers": [
                *((name, value) for name, value in scope["headers"] if name == b"host"),
                (b"accept", b"application/json"),
                (b"authorization", f"Bearer {token_for(None)}".encode()),
                (b"prefer", b'odata.include-annotations="*"'),
            ],
        }

        async def send_to_own_pages(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *MIRRORED]}
            await send(message)

        await self._web(asked, receive, send_to_own_pages)


def _first_question(listing: Listing, tables: Sequence[Table]) -> Table:
    """A table that answers with something: a well-known one, else the fullest."""
    filled = [entry.table for entry in (*listing.own, *listing.platform)]
    by_name = {table.name: table for table in filled}
    for name in SHOWN_FIRST:
        if name in by_name:
            return by_name[name]
    return filled[0] if filled else tables[0]


def _base_url(request: Request) -> str:
    """Scheme, host and port the reader used. [CC-4]"""
    return f"{request.url.scheme}://{request.url.netloc}"
