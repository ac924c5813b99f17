"""Say a question in another query language.

In:        its text, the language wanted, perhaps a store whose tables it is about
Out:       the text in that language; exit code 1 when it cannot be said there
Not here:  how (query.translation)
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import click

from verselet.cli.options import store_options

if TYPE_CHECKING:
    from verselet.metadata.schema import Schema
    from verselet.query.translation import Language


@click.command()
@click.argument("text", metavar="QUESTION")
@click.option("--to", type=click.Choice(["fetchxml", "sql", "odata"]), required=True, help="The language wanted.")
@store_options
def translate(*, text: str, to: str, **flags: object) -> None:
    """Say QUESTION in another query language.

    FetchXML, SQL and OData are known; '-' reads it from standard input. With --data or --database the tables made
    there are known too.

    \b
    Examples:
      verselet translate --to fetchxml 'contacts?$select=fullname&$orderby=lastname'
      verselet translate --to odata "SELECT fullname FROM contact WHERE lastname = 'Ash'"
    """  # noqa: D301  click reads the escape
    from verselet.errors import CannotBeSaid, OperatorError, ServiceError, WrongUsage
    from verselet.query.translation import translate as say

    question = sys.stdin.read() if text == "-" else text
    try:
        click.echo(say(question, cast("Language", to), _schema(flags)))
    except CannotBeSaid as refusal:
        raise OperatorError(
            "VS1060", f"{refusal.language} cannot say this question", refusal.what, "ask in another language"
        ) from None
    except ServiceError as refusal:
        hint = refusal.hint or "the reference of the query languages is in docs/how-to"
        raise WrongUsage("VS1061", "the question cannot be understood", refusal.message, hint) from None


def _schema(flags: dict[str, object]) -> Schema:
    """The built-in tables, with those of a store that is named."""
    from verselet.metadata.compiled import load_schema
    from verselet.settings import read_settings
    from verselet.store.inspection import schema_of_store

    settings = read_settings(flags)
    built_in = load_schema()
    if not settings.is_durable:
        return built_in
    return schema_of_store(settings.database, settings.data, built_in)
