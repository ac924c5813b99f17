"""Load rows into a durable database or into a running server.

In:        `demo` or a fixture file
Out:       what was loaded, by table
Not here:  what a fixture may hold (seeding)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from verselet.cli.options import server_options, store_options

if TYPE_CHECKING:
    from verselet.server.run import Loaded
    from verselet.settings import Settings

DEMO = "demo"


@click.command()
@click.argument("name_or_file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@server_options
@store_options
def seed(name_or_file: str, *, as_json: bool, **flags: object) -> None:
    """Load FILE, a fixture, or 'demo', the organization to look around in.

    With --data or --database into that store, else into the running server.
    Loading the same file twice changes nothing.

    \b
    Examples:
      verselet seed fixtures.json
      verselet seed demo --data ./org
    """  # noqa: D301  click reads the escape
    import msgspec

    from verselet.settings import read_settings

    settings = read_settings(flags)
    report = _into_store(name_or_file, settings) if settings.is_durable else _into_server(name_or_file, settings)
    if as_json:
        click.echo(msgspec.json.encode(report))
        return
    for table, rows in report.rows.items():
        click.echo(f"{rows:>8}  {table}")
    click.echo(f"{report.total:>8}  rows in {report.seconds:.1f} s")
    for said in report.notes:
        click.echo(said, err=True)


def _into_store(name_or_file: str, settings: Settings) -> Loaded:
    from verselet.cli.progress import Progress
    from verselet.organization import open_organization
    from verselet.seeding.founding import founding_in
    from verselet.server.run import load_seed

    with Progress() as progress:
        organization = open_organization(
            settings.org,
            url=settings.database,
            directory=settings.data,
            progress=progress.note,
            founding=founding_in((name_or_file,), settings.org),
        )
        try:
            return load_seed(organization, name_or_file, progress)
        finally:
            organization.close()


def _into_server(name_or_file: str, settings: Settings) -> Loaded:
    import msgspec

    from verselet.auth.dev import token_for
    from verselet.cli.remote import ask
    from verselet.errors import OperatorError
    from verselet.server.run import Loaded

    body = b"" if name_or_file == DEMO else _read(Path(name_or_file))
    path = f"/_verselet/seed?name={quote(Path(name_or_file).name)}"
    answer = ask(settings, "POST", path, token=token_for(None), body=body, timeout_s=None)
    if answer.status == 200:
        return msgspec.convert(answer.body, Loaded)
    error = answer.body.get("error", {})
    raise OperatorError(
        str(error.get("code", "VS1032")),
        str(error.get("message", f"the server answered {answer.status}")),
        str(error.get("why", "the server refused it; nothing was loaded")),
        str(error.get("do", "correct the file and load it again")),
    )


def _read(file: Path) -> bytes:
    from verselet.errors import WrongUsage

    try:
        body = file.read_bytes()
    except OSError as error:
        raise WrongUsage(
            "VS1033", f"{file} cannot be read", (error.strerror or str(error)).lower(), "name a fixture file, or 'demo'"
        ) from error
    if not body.strip():
        raise WrongUsage("VS1033", f"{file} is empty", "a fixture is a JSON object", "see the manual on fixtures")
    return body
