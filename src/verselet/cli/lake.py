"""Show what lies in the lake, or tidy it up.

In:        where the organization is kept
Out:       the tables with retained rows, and how many; fewer files
Not here:  retaining rows (jobs.retention), the lake's files (lake.delta)
"""

from __future__ import annotations

import json

import click

from verselet.cli.options import lake_option, store_options

SMALLEST = 2
"""Who asks for it has any two small files merged."""


@click.command()
@click.argument("what", type=click.Choice(["show", "compact"]), default="show")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@lake_option
@store_options
def lake(what: str, *, as_json: bool, **flags: object) -> int:
    """Show or compact the retained rows.

    'show' tells which tables have some, and how many; 'compact' merges their many small files to few large ones. A
    server may be at work. Files that are not in use any more are removed after a week.

    \b
    Examples:
      verselet lake --data ./org
      verselet lake compact --data ./org
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
    here = Lake(place)
    try:
        merged = here.compact(at_least=SMALLEST) if what == "compact" else {}
        found = here.tables()
    except ServiceError as refusal:
        raise WrongUsage("VS1065", "the lake cannot be looked at", refusal.message, "put that right") from refusal
    if as_json:
        told = {"compacted": {name: list(counts) for name, counts in merged.items()}} if what == "compact" else {}
        click.echo(json.dumps({"lake": str(place), "tables": found, **told}))
        return 0
    click.echo(f"The lake in {place}")
    width = max((len(name) for name in found), default=0)
    for name, number in found.items():
        files = f"  {merged[name][0]} files became {merged[name][1]}" if name in merged else ""
        click.echo(f"  {name:<{width}}  {number:>8}{files}")
    click.echo("Nothing is retained." if not found else f"{sum(found.values())} rows are retained.")
    return 0
