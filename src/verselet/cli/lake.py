"""Show what lies in the lake.

In:        where the organization is kept
Out:       the tables with retained rows, and how many
Not here:  retaining rows (jobs.retention), the lake's files (lake.delta)
"""

from __future__ import annotations

import json

import click

from verselet.cli.options import lake_option, store_options


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@lake_option
@store_options
def lake(*, as_json: bool, **flags: object) -> int:
    """Show which tables have retained rows, and how many.

    \b
    Example:
      verselet lake --data ./org
    """  # noqa: D301  click reads the escape
    from verselet.errors import ServiceError, WrongUsage
    from verselet.lake import Lake
    from verselet.organization import lake_place
    from verselet.settings import read_settings

    settings = read_settings(flags)
    place = lake_place(settings.lake, settings.database, settings.data)
    if place is None:
        raise WrongUsage(
            "VS1055",
            "there is no lake to look at",
            "an organization in memory leaves nothing behind, and one on PostgreSQL keeps its lake where --lake says",
            "give --data DIR or --lake DIR|URL",
        )
    try:
        found = Lake(place).tables()
    except ServiceError as refusal:
        raise WrongUsage("VS1065", "the lake cannot be looked at", refusal.message, "put that right") from refusal
    if as_json:
        click.echo(json.dumps({"lake": str(place), "tables": found}))
        return 0
    click.echo(f"The lake in {place}")
    width = max((len(name) for name in found), default=0)
    for name, number in found.items():
        click.echo(f"  {name:<{width}}  {number:>8}")
    click.echo("Nothing is retained." if not found else f"{sum(found.values())} rows are retained.")
    return 0
