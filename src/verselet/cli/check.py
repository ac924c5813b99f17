"""Look at a durable store without changing it.

In:        where it is
Out:       format, layout, integrity; exit code 1 when something is wrong
Not here:  how a store is looked at (store.inspection)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from verselet.cli.options import store_options

if TYPE_CHECKING:
    from verselet.store.inspection import Inspection


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@store_options
def check(*, as_json: bool, **flags: object) -> int:
    """Check the configured store without changing it.

    \b
    Example:
      verselet check --data ./org
    """  # noqa: D301  click reads the escape
    from verselet.errors import WrongUsage
    from verselet.metadata.compiled import load_schema
    from verselet.server.run import where_rows_live
    from verselet.settings import read_settings
    from verselet.store.inspection import inspect_store

    settings = read_settings(flags)
    if not settings.is_durable:
        raise WrongUsage(
            "VS1050", "there is no store to check", "an organization in memory leaves nothing behind", "give --data DIR"
        )
    found = inspect_store(settings.database, settings.data, load_schema())
    if as_json:
        click.echo(json.dumps(_told(found)))
    else:
        click.echo(where_rows_live(settings))
        for line in _lines(found):
            click.echo(line)
    return 1 if found.problems else 0


def _told(found: Inspection) -> dict[str, object]:
    return {
        "ok": not found.problems,
        "format": found.format,
        "knownFormat": found.known_format,
        "organizationId": found.organization_id,
        "layoutIsCurrent": found.layout_is_current,
        "problems": list(found.problems),
    }


def _lines(found: Inspection) -> list[str]:
    layout = "as this version wants it" if found.layout_is_current else "the next start brings it up to date"
    lines = [f"  Format   {found.format}, known up to {found.known_format}"]
    if found.format:
        lines += [f"  Id       {found.organization_id or 'none yet'}", f"  Layout   {layout}"]
    lines += [f"  Problem  {problem}" for problem in found.problems]
    return [*lines, "Something is wrong." if found.problems else "Nothing is wrong."]
