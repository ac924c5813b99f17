"""Look at how a database could grow.

In:        where the rows live; the shipped tables where nothing is said
Out:       how each table would be spread over machines, and what stands against it
Not here:  the rules of that (store.distribution)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from verselet.cli.options import store_options

if TYPE_CHECKING:
    from verselet.store.distribution import Placed


@click.group()
def database() -> None:
    """Look at how a database could grow."""


@database.command()
@click.option("--dry-run", is_flag=True, help="Print what would be done; nothing else is possible yet.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
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
