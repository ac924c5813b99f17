"""Start everything in the right order, serve, and take it down again.

In:        settings, and whom to tell about progress and readiness
Out:       a server that has come and gone
Not here:  how the news is printed (cli.serve), addresses (server.doors), what a seed is (seeding)

Order: the address first, since a taken port is the likeliest refusal and the cheapest to find; then certificate,
organization, seeds; then the loop. Rooms are imported where they are needed, so that refusals come at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from verselet.observations import Seeded, observe
from verselet.server.application import Application, logged
from verselet.server.connections import Patience
from verselet.server.doors import Doors, open_doors
from verselet.server.gate import Gate
from verselet.server.listen import Switch, serve, tls_context
from verselet.server.occupancy import occupy
from verselet.server.own import OwnAddresses, OwnWork
from verselet.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from verselet.organization import Organization
    from verselet.security.caller import Caller
    from verselet.server.asking import Inside
    from verselet.server.identity import MakeIdentity
    from verselet.server.reloading import Reloading
    from verselet.server.seats import Seat
    from verselet.web.limits import ServiceLimits


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to know about a server that answers. `authority` is the file clients must trust."""

    base_url: str
    tls_base_url: str | None
    authority: Path | None
    org: str
    where: str
    tables: int
    rows: int


class Found(msgspec.Struct, frozen=True):
    """The organization that is served: its name, its tables, and how many rows they have."""

    org: str
    tables: int
    rows: int


class Loaded(msgspec.Struct, frozen=True):
    """What a seed brought: rows by table, in all, and how long it took; `notes` say what was left out."""

    rows: dict[str, int]
    total: int
    seconds: float
    notes: tuple[str, ...] = ()


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell: `progress` gets done, total and what; `warn` what a seed wished and did not get."""

    note: Callable[[str], None]
    warn: Callable[[str], None]
    progress: Callable[[int, int, str], None]
    ready: Callable[[Standing], None]


def run(settings: Settings, hooks: Hooks) -> str:
    """Serve until told to stop; after requests in flight are finished, the name of the organization that was served.

    Raises:
        OperatorError: an address, a certificate, a database or a seed that cannot be used, or rows served already.
    """
    with contextlib.ExitStack() as cleanup:
        doors = open_doors(settings, cleanup)
        cleanup.callback(occupy(settings, doors[0].endpoint.url("http")))
        # Loading makes many objects that stay; looking for garbage among them would cost a tenth of the start.
        gc.disable()
        if settings.workers > 1:
            return _run_crew(settings, hooks, doors)
        make_identity = _make_identity(settings)
        opened = _open_organization(settings, hooks, cleanup)
        standing = _standing(settings, _found(opened[0]), doors)
        _serve(opened, make_identity, settings, doors, lambda: hooks.ready(standing))
        return standing.org


def _run_crew(settings: Settings, hooks: Hooks, doors: Doors) -> str:
    """Found the organization and load the seeds before there is more than one process; then let them serve."""
    from verselet.server.crew import Crew, done_apart
    from verselet.server.handing import Usher

    gc.enable()
    found = done_apart(found_alone, (settings,), lambda told: _pass_on(told, hooks))
    assert isinstance(found, Found)
    standing = _standing(settings, found, doors)
    usher = Usher([door.endpoint for door in doors])
    Crew(settings.workers, work, (settings, doors), usher).run(lambda: hooks.ready(standing))
    return standing.org


def _pass_on(told: object, hooks: Hooks) -> None:
    match told:
        case ("note", str(said)):
            hooks.note(said)
        case ("warn", str(said)):
            hooks.warn(said)
        case ("progress", int(done), int(total), str(what)):
            hooks.progress(done, total, what)
        case _:
            raise AssertionError(told)


def found_alone(settings: Settings, tell: Callable[[object], None]) -> Found:
    """Found the organization and load the seeds, in a process that ends then: its memory goes with it."""
    from verselet.jobs.queue import take_back
    from verselet.observations import write_json_lines

    gc.disable()
    write_json_lines(sys.stderr, everything=settings.log_requests)
    hooks = Hooks(
        note=lambda said: tell(("note", said)),
        warn=lambda said: tell(("warn", said)),
        progress=lambda done, total, what: tell(("progress", done, total, what)),
        ready=_say_nothing,
    )
    with contextlib.ExitStack() as alone:
        organization, _ = _open_organization(settings, hooks, alone)
        if settings.database is None:
            # No other server has these rows, so what is in progress was left behind.
            take_back(organization)
        return _found(organization)


def work(settings: Settings, doors: Doors, seat: Seat, tell: Callable[[object], None]) -> None:
    """Serve an organization that is there, as one of several processes, until SIGTERM."""
    from verselet.observations import write_json_lines

    gc.disable()
    write_json_lines(sys.stderr, everything=settings.log_requests)
    quiet = Hooks(note=_say_nothing, warn=_say_nothing, progress=_say_nothing, ready=_say_nothing)
    with contextlib.ExitStack() as cleanup:
        make_identity = _make_identity(settings)
        opened = _open_organization(msgspec.structs.replace(settings, seed=()), quiet, cleanup)
        _serve(opened, make_identity, settings, doors, lambda: tell("ready"), seat)


def _say_nothing(*_said: object) -> None:
    """The process that looks after the others has said it."""


def _serve(
    opened: tuple[Organization, Reloading],
    make_identity: MakeIdentity,
    settings: Settings,
    doors: Doors,
    tell_ready: Callable[[], None],
    seat: Seat | None = None,
) -> None:
    organization, plugins = opened
    with contextlib.ExitStack() as cleanup:
        switch = Switch()
        application = build_application(
            organization,
            (*settings.tls_name, settings.host),
            origins=settings.cors_origin,
            make_identity=make_identity,
            where=where_rows_live(settings),
            is_ready=lambda: switch.is_ready,
            limits=_limits(settings),
            plugins=plugins,
        )
        cleanup.callback(application.close)
        endpoints = [(door.endpoint, tls_context(*door.certificate) if door.certificate else None) for door in doors]

        def on_ready() -> None:
            gc.enable()
            gc.freeze()
            tell_ready()
            _start_jobs(organization, settings, cleanup)

        front = logged(application) if settings.log_requests else application
        # Who looks after several processes tells them when to stop, and Ctrl-C is for him.
        signals = (signal.SIGTERM,) if settings.workers > 1 else (signal.SIGINT, signal.SIGTERM)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(front, endpoints, switch, on_ready, signals, _patience(settings), seat=seat))


def build_application(
    organization: Organization,
    names: tuple[str, ...] = (),
    *,
    origins: tuple[str, ...] = (),
    make_identity: MakeIdentity | None = None,
    where: str = "in memory",
    is_ready: Callable[[], bool] = lambda: True,
    limits: ServiceLimits | None = None,
    plugins: Reloading | None = None,
) -> Application:
    """The one ASGI application of an organization, for the loop above or for another server.

    `names` are those the server goes by beside the loopback names, `origins` pages elsewhere that may use it; `where`
    says for people where the rows live. Without `make_identity` callers are known as with `--auth dev`.
    """
    from verselet.server.identity import developer_identity
    from verselet.server.other_services import OtherServices
    from verselet.web.app import WebApi

    gate = Gate(names, origins)
    identity = (make_identity or developer_identity)(organization, gate.knows)

    def identify(authorization: bytes | None, base_url: str) -> Caller:
        # Whoever asks is asking what is in force now, whichever process put it there.
        organization.keep_up()
        return identity.identify(authorization, base_url)

    web = WebApi(organization, identify, identity.challenge, limits)

    def seed(name_or_file: str) -> Mapping[str, object]:
        return msgspec.structs.asdict(load_seed(organization, name_or_file, lambda _done, _total, _what: None))

    def make_pages() -> ASGIApp:
        if not identity.is_open:
            from verselet.server.closed import ClosedPages

            return ClosedPages()
        from verselet.ui.pages import make_pages

        return make_pages(organization, web, where)

    def close() -> None:
        web.close()
        if identity.sign_in is not None:
            identity.sign_in.close()

    from verselet.organization import explain_access

    return Application(
        gate=gate,
        web=web,
        own=OwnAddresses(
            organization.name,
            identify,
            identity.challenge,
            OwnWork(
                seed if identity.is_open else None,
                partial(explain_access, organization),
                web.refuse_next if identity.is_open else None,
                plugins,
            ),
            is_ready,
        ),
        others=OtherServices(identity.identify, identity.challenge),
        sign_in=identity.sign_in,
        make_pages=make_pages,
        close=close,
    )


def load_seed(organization: Organization, name_or_file: str, progress: Callable[[int, int, str], None]) -> Loaded:
    """Load `demo` or a fixture file and say what came."""
    from verselet.seeding import seed

    report = seed(organization, name_or_file, progress, _web)
    rows = dict(report.rows)
    loaded = Loaded(rows, sum(rows.values()), round(report.seconds, 3), report.notes)
    observe(Seeded(Path(name_or_file).name, loaded.total, loaded.seconds))
    return loaded


def _web(organization: Organization) -> Inside:
    """The Web API from inside; only files that ask it pay for its modules."""
    from verselet.server.asking import Inside

    return Inside(organization)


def _limits(settings: Settings) -> ServiceLimits | None:
    """What users are held to, if they are. [LIM-7]"""
    from verselet.web.limits import ServiceLimits

    if not settings.throttle:
        return None
    return ServiceLimits(
        requests=settings.throttle_requests,
        execution_s=settings.throttle_execution,
        at_once=settings.throttle_at_once,
        window_s=settings.throttle_window,
    )


def _patience(settings: Settings) -> Patience:
    return Patience(connections=settings.max_connections, seconds=settings.client_timeout)


def _start_jobs(organization: Organization, settings: Settings, cleanup: contextlib.ExitStack) -> None:
    """What runs in the background begins once the server answers."""
    from verselet.jobs.worker import Worker

    # A folder or a memory has one server; a database may have several.
    worker = Worker(organization, alone=settings.database is None and settings.workers == 1)
    cleanup.callback(worker.stop)
    worker.start()


def _make_identity(settings: Settings) -> MakeIdentity:
    from verselet.server.identity import identity_for

    return identity_for(settings)


def _open_organization(
    settings: Settings, hooks: Hooks, cleanup: contextlib.ExitStack
) -> tuple[Organization, Reloading]:
    from verselet.organization import StepSources, open_organization
    from verselet.outgoing import HttpPoster
    from verselet.seeding.founding import founding_in
    from verselet.server.plugins import Plugins
    from verselet.server.reloading import reloading

    plugins = Plugins(settings.plugins)
    organization = open_organization(
        settings.org,
        url=settings.database,
        directory=settings.data,
        progress=hooks.note,
        statement_limit_s=settings.statement_timeout,
        founding=founding_in(settings.seed, settings.org),
        lake=settings.lake,
        # Where everybody is an administrator anyway, web hooks may lead to the developer's own machine.
        steps=StepSources(plugins.solutions, HttpPoster(allows_private=settings.auth == "dev")),
        is_shared=settings.workers > 1,
    )
    cleanup.callback(organization.close)
    organization.store.follow()
    for name_or_file in settings.seed:
        for said in load_seed(organization, name_or_file, hooks.progress).notes:
            hooks.warn(f"{Path(name_or_file).name}: {said}")
    return organization, reloading(plugins, organization, cleanup)


def _found(organization: Organization) -> Found:
    return Found(organization.name, len(organization.schema.tables), sum(organization.count_rows().values()))


def _standing(settings: Settings, found: Found, doors: Doors) -> Standing:
    return Standing(
        base_url=doors[0].endpoint.url("http"),
        tls_base_url=doors[1].endpoint.url("https") if len(doors) > 1 else None,
        authority=doors[-1].authority,
        org=found.org,
        where=where_rows_live(settings),
        tables=found.tables,
        rows=found.rows,
    )


def where_rows_live(settings: Settings) -> str:
    """For people: `in memory`, a folder, or a database without its credentials."""
    if settings.data is not None:
        return f"SQLite in {settings.data}"
    if settings.database is None:
        return "in memory"
    if settings.database.startswith("sqlite:"):
        return f"SQLite in {settings.database.removeprefix('sqlite:///')}"
    # Addresses of databases hold passwords; only what follows the last @ is for show.
    return f"PostgreSQL at {settings.database.rpartition('@')[2].rpartition('//')[2].partition('?')[0]}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # It does not exist for Windows.
        return None
    return uvloop.new_event_loop
