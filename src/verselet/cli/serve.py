"""Start the server and say how to use it.

In:        flags
Out:       the banner, the line `ready <base-url>`, exit code 0 when told to stop
Not here:  what happens in between (server.run)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from verselet import __version__
from verselet.cli.options import address_options, store_options, together

if TYPE_CHECKING:
    from verselet.server.run import Standing
    from verselet.settings import Settings

_PATH = click.Path(path_type=Path)

seed_and_auth_options = together(
    click.option("--seed", multiple=True, metavar="NAME|FILE", help="Load 'demo' or a fixture file; repeatable."),
    click.option(
        "--plugins",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Run the plug-ins of the Python files in DIR; see the page on plug-ins.",
    ),
    click.option("--lake", metavar="DIR|URL", help="Keep retained rows here; also s3://… Default: beside the rows."),
    click.option(
        "--auth", type=click.Choice(["dev", "token-issuer", "oidc"]), help="Who may call. Default: dev, loopback only."
    ),
    click.option("--oidc-issuer", metavar="URL", help="With --auth oidc: who issues the tokens."),
    click.option(
        "--oidc-audience", multiple=True, metavar="TEXT", help="… and for whom, beside this server; repeatable."
    ),
    click.option("--workers", type=int, metavar="N", help="Server processes. Default: 1."),
    click.option(
        "--cors-origin", multiple=True, metavar="ORIGIN", help="Let pages of https://… use the server; repeatable."
    ),
)
tls_options = together(
    click.option("--tls", is_flag=True, default=None, help="HTTPS beside HTTP, with a private authority."),
    click.option("--tls-port", type=int, metavar="N", help="Port for HTTPS. Default: the one after --port."),
    click.option("--tls-name", multiple=True, metavar="NAME", help="A further name of this server; repeatable."),
    click.option("--tls-cert", type=_PATH, metavar="FILE", help="A certificate of your own (PEM) …"),
    click.option("--tls-key", type=_PATH, metavar="FILE", help="… and its key."),
)

limit_options = together(
    click.option("--throttle", is_flag=True, default=None, help="Hold users to the service's limits (429)."),
    click.option("--throttle-requests", type=int, metavar="N", help="… requests of a user. Default: 6000."),
    click.option("--throttle-execution", type=float, metavar="SECONDS", help="… their time together. Default: 1200."),
    click.option("--throttle-at-once", type=int, metavar="N", help="… requests at the same time. Default: 52."),
    click.option("--throttle-window", type=int, metavar="SECONDS", help="… in a window of. Default: 300."),
    click.option("--max-connections", type=int, metavar="N", help="Connections at once, per address. Default: 2000."),
    click.option("--client-timeout", type=float, metavar="SECONDS", help="Give up clients that pause. Default: 20."),
)


@click.command(
    epilog="Every flag can also be set as VERSELET_<NAME> or in verselet.toml. Ctrl-C and SIGTERM stop the server."
)
@address_options
@store_options
@seed_and_auth_options
@tls_options
@limit_options
@click.option(
    "--statement-timeout",
    type=float,
    metavar="SECONDS",
    help="Stop a statement of the database after that; 0 for never. Default: 120.",
)
@click.option(
    "--log-requests", is_flag=True, default=None, help="Write one line of JSON per request to standard error."
)
def serve(**flags: object) -> None:
    """Serve an organization, in memory unless --data or --database says where its rows are.

    \b
    Examples:
      verselet serve --seed demo
      verselet serve --data ./org --tls --port 0
    """  # noqa: D301  click reads the escape
    began = time.perf_counter()
    from verselet.settings import read_settings

    settings = read_settings(flags)
    try:
        _serve(settings, began)
    except KeyboardInterrupt:
        # Told to stop while still loading: nothing was promised yet.
        click.echo("Stopped before it was ready.", err=True)


def _serve(settings: Settings, began: float) -> None:
    import signal

    from verselet.cli.progress import Progress
    from verselet.observations import Started, Stopped, observe, write_json_lines
    from verselet.server.run import Hooks, run

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    write_json_lines(sys.stderr, everything=settings.log_requests)
    with Progress() as progress:

        def warn(said: str) -> None:
            click.echo(said, err=True)

        def ready(standing: Standing) -> None:
            progress.close()
            for line in banner(standing, time.perf_counter() - began, settings):
                click.echo(line)
            click.echo(f"ready {standing.base_url}")
            sys.stdout.flush()
            observe(Started(standing.base_url, standing.org, round(time.perf_counter() - began, 3)))

        served = run(settings, Hooks(note=progress.note, warn=warn, progress=progress, ready=ready))
    observe(Stopped(served))


def banner(standing: Standing, seconds: float, settings: Settings) -> list[str]:
    """The lines of product.md §6, with what was decided filled in."""
    api = f"{standing.base_url}/api/data/v9.2/"
    lines = [
        f"verselet {__version__}   org {standing.org}   {standing.where}   clock real",
        f"  Web API  {api}",
    ]
    if standing.tls_base_url is not None:
        lines.append(f"           {standing.tls_base_url}/api/data/v9.2/")
    lines += _ways_in(standing, settings)
    lines.append(f"  Tables   {standing.tables}   rows {standing.rows}")
    if standing.authority is not None:
        lines += [
            f"  CA file  {standing.authority.absolute()}",
            "           trust it with REQUESTS_CA_BUNDLE, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS",
        ]
    keeps = f"keeps {standing.where}" if settings.is_durable else "forgets; --data DIR keeps"
    token = "dev-admin" if settings.auth == "dev" else "$TOKEN"
    lines += [
        f'Try  curl -H "Authorization: Bearer {token}" {api}WhoAmI',
        f"Ready in {seconds:.1f} s. Ctrl-C stops and {keeps}.",
    ]
    return lines


def _ways_in(standing: Standing, settings: Settings) -> list[str]:
    """How a person and a program get in; only where no secret is needed are there pages."""
    match settings.auth:
        case "dev":
            return [
                f"  UI       {standing.base_url}/",
                "  Token    dev-admin  (System Administrator; loopback only)",
            ]
        case "token-issuer":
            return [f"  Token    from {standing.tls_base_url or standing.base_url}/common/oauth2/v2.0/token"]
        case "oidc":
            return [f"  Token    from {settings.oidc_issuer}"]
        case _:
            assert_never(settings.auth)
