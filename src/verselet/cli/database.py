"""Copy an organization from one database to another, look at how a database could grow, and let it.

In:        where the rows live; where they are to be copied; the shipped tables where nothing is said
Out:       the copy; tables that are divided; how each table would be spread over machines, and what stands against it
Not here:  how rows are copied (organization.copying), how tables are divided (store.dividing) or would be spread
           (store.distribution)
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verselet.cli.options import lake_option, store_options
from verselet.cli.progress import Progress

if TYPE_CHECKING:
    from verselet.organization.copying import Copied
    from verselet.store.distribution import Placed
    from verselet.store.dividing import Divided

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")


@click.group()
def database() -> None:
    """Copy an organization to another database, or look at how one could grow, and let it."""


@database.command()
@click.option("--to", "target", metavar="DIR|URL", required=True, help="Where it goes: a folder, or a database.")
@AS_JSON
@lake_option
@store_options
def copy(target: str, *, as_json: bool, **flags: object) -> int:
    """Copy an organization to a place where there is none: from a file to PostgreSQL, or back.

    It is only read, and a server may be using it; what is written after the copy has begun is not in the copy.

    \b
    Examples:
      verselet database copy --data ./org --to postgresql://verselet@localhost/verselet
      verselet database copy --database postgresql://verselet@localhost/verselet --to ./org
    """  # noqa: D301  click reads the escape
    from verselet.errors import WrongUsage
    from verselet.organization import lake_place
    from verselet.organization.copying import Rows, copy_organization
    from verselet.settings import is_in_memory, read_settings

    settings = read_settings(flags)
    source = Rows(settings.database, settings.data)
    goal = Rows(target, None) if "://" in target else Rows(None, Path(target).expanduser())
    if is_in_memory(source.url, source.directory) or is_in_memory(goal.url, goal.directory):
        raise WrongUsage(
            "VS1081",
            "an organization in memory cannot be copied, nor one be copied there",
            "it goes with the process that has it",
            "give --data DIR or --database URL, and --to DIR|URL",
        )
    lake = lake_place(settings.lake, source.url, source.directory)
    began = time.perf_counter()
    with Progress() as progress:
        copied = copy_organization(source, goal, lake, settings.org, progress)
    _tell_copied(copied, time.perf_counter() - began, as_json=as_json)
    return 0


@database.command()
@click.option("--dry-run", is_flag=True, help="Print what would be done; nothing else is possible yet.")
@AS_JSON
@store_options
def distribute(*, dry_run: bool, as_json: bool, **flags: object) -> int:
    """Say how Citus would spread the tables over machines, and what it would refuse.

    With --data or --database the tables made there are known too.

    \b
    Example:
      verselet database distribute --dry-run
    """  # noqa: D301  click reads the escape
    from verselet.errors import WrongUsage
    from verselet.metadata.compiled import load_schema
    from verselet.settings import read_settings
    from verselet.store.distribution import QUESTIONS, distribution_of
    from verselet.store.inspection import schema_of_store
    from verselet.store.layout import layout_of

    if not dry_run:
        raise WrongUsage(
            "VS1080",
            "verselet does not spread tables itself",
            "what relates rows on two machines would be refused, as the dry run tells, and no Citus has been tried",
            "give --dry-run",
        )
    settings = read_settings(flags)
    schema = load_schema()
    if settings.is_durable:
        schema = schema_of_store(settings.database, settings.data, schema)
    placed = distribution_of(schema, layout_of(schema))
    if as_json:
        tables = [
            {"table": one.table, "kind": one.kind, "statement": one.statement, "refused": one.refused} for one in placed
        ]
        questions = [{"question": what, "answer": how} for what, how in QUESTIONS]
        click.echo(json.dumps({"tables": tables, "questions": questions}))
        return 0
    for line in _lines(placed, QUESTIONS):
        click.echo(line)
    return 0


def _tell_copied(copied: Copied, seconds: float, *, as_json: bool) -> None:
    carried, lake = copied.carried, copied.lake
    if as_json:
        told = {"organization": copied.organization, "tables": carried.tables, "rows": carried.rows}
        click.echo(json.dumps({**told, "seconds": round(seconds, 1), "lake": lake}))
        return
    click.echo(f"The organization {copied.organization} is copied")
    click.echo(f"  {carried.rows:,} rows of {carried.tables} tables in {seconds:.1f} s, counted on both sides")
    click.echo("  what is written to the old place from now on is not in the copy")
    if lake is not None:
        click.echo(f"  its lake stays in {lake}: give the server of the copy --lake {lake}")


@database.command()
@click.argument("tables", nargs=-1, required=True, metavar="TABLE...")
@click.option("--dry-run", is_flag=True, help="Print the statements, and change nothing.")
@AS_JSON
@store_options
def partition(*, tables: Sequence[str], dry_run: bool, as_json: bool, **flags: object) -> int:
    """Divide each TABLE of a PostgreSQL by month, also while servers use it.

    No row is copied. The servers make the months ahead from then on, and let months go of which no row is left.

    \b
    Example:
      verselet database partition audit msdyn_sessionevent --database postgresql://verselet@localhost/verselet
    """  # noqa: D301  click reads the escape
    from verselet.clock import Clock
    from verselet.errors import WrongUsage
    from verselet.metadata.compiled import load_schema
    from verselet.settings import read_settings

    url = read_settings(flags).database or ""
    if not url.startswith(("postgresql://", "postgres://")):
        raise WrongUsage(
            "VS1083",
            "only tables of a PostgreSQL are divided by month",
            "SQLite knows no partitions, and rows in memory do not last",
            "give --database postgresql://…",
        )
    from verselet.store.dividing import divide

    named = list(dict.fromkeys(tables))
    with Progress() as progress:
        found = divide(url, load_schema(), named, Clock().now(), progress, dry_run=dry_run)
    if as_json:
        done = [{"table": one.table, "wasDivided": one.was_divided, "statements": one.statements} for one in found]
        click.echo(json.dumps({"isDryRun": dry_run, "tables": done}))
        return 0
    for one in found:
        for line in _said(one, dry_run=dry_run):
            click.echo(line)
    return 0


def _said(one: Divided, *, dry_run: bool) -> list[str]:
    if one.was_divided:
        return [f"{one.table} is divided by month already."]
    if dry_run:
        return [f"-- {one.table}", *[f"{statement};" for statement in one.statements]]
    return [f"{one.table} is divided by month now."]


def _lines(placed: Sequence[Placed], questions: Sequence[tuple[str, str]]) -> list[str]:
    lines = ["Spread over the machines"]
    for one in placed:
        if one.kind == "distributed":
            lines += [f"  {one.statement}", *[f"    refused: {why}" for why in one.refused]]
    lines += ["Whole on every machine", *[f"  {one.statement}" for one in placed if one.kind == "reference"]]
    own = [one.table for one in placed if one.kind == "local"]
    lines += ["On the machine that is asked, as they are", f"  {', '.join(own)}"]
    lines += ["What the server asks of such a database", *[f"  {what}: {how}" for what, how in questions]]
    number = sum(len(one.refused) for one in placed)
    return [*lines, f"{number} things stand against it." if number else "Nothing stands against it."]
