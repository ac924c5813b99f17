"""Tell why a user may do what with a row.

In:        a user, a table, the id of a row
Out:       right by right: allowed or not, through which role, team, unit, share or report
Not here:  the decision (security.access), its words (security.explain)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import click

from verselet.cli.options import server_options, store_options

if TYPE_CHECKING:
    from verselet.errors import OperatorError
    from verselet.messages.explaining import Explanation
    from verselet.settings import Settings

SIGNS: Final = {True: click.style("yes", fg="green"), False: click.style("no ", fg="red")}
"""Words, so that the colour says nothing that is not also written."""


@click.command()
@click.argument("user")
@click.argument("table")
@click.argument("row_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@server_options
@store_options
def why(user: str, table: str, row_id: str, *, as_json: bool, **flags: object) -> None:
    """Tell what USER may do with the row ID of TABLE, and why.

    USER is a systemuserid, Entra object id, domain name or fixture key. With --data or --database the store is asked,
    else the running server.

    \b
    Example:
      verselet why rep_e1 account 5b1a7c9e-0000-4000-8000-000000000001
    """  # noqa: D301  click reads the escape
    import msgspec

    from verselet.settings import read_settings

    settings = read_settings(flags)
    asked = (user, table, row_id)
    told = _from_store(asked, settings) if settings.is_durable else _from_server(asked, settings)
    if as_json:
        click.echo(msgspec.json.encode(told))
        return
    for line in _lines(told):
        click.echo(line)


def _lines(told: Explanation) -> list[str]:
    """The explanation for a reader."""
    found = [
        f"{told.user}",
        f"  row    {told.table} {told.row}",
        f"  owner  {told.owner or 'none'}" + (f", unit {told.unit}" if told.unit else ""),
        f"  teams  {', '.join(told.teams) or 'none'}",
        *[f"  shared {share}" for share in told.shares],
    ]
    for right in told.rights:
        found.append(f"{SIGNS[right.allowed]} {right.right}")
        found += [f"      {reason}" for reason in right.because]
        found += [
            f"      role {held.role}: {held.depth}, through {held.through}, in {held.unit}" for held in right.held
        ]
    return found


def _from_store(asked: tuple[str, str, str], settings: Settings) -> Explanation:
    from verselet.errors import ServiceError
    from verselet.organization import explain_access, open_organization

    organization = open_organization(settings.org, url=settings.database, directory=settings.data)
    try:
        return explain_access(organization, *asked)
    except ServiceError as refusal:
        raise _nothing(str(refusal)) from refusal
    finally:
        organization.close()


def _from_server(asked: tuple[str, str, str], settings: Settings) -> Explanation:
    import msgspec

    from verselet.auth.dev import token_for
    from verselet.cli.remote import ask
    from verselet.messages.explaining import Explanation

    user, table, row_id = (quote(part, safe="") for part in asked)
    path = f"/_verselet/explain-access?user={user}&table={table}&id={row_id}"
    answer = ask(settings, "GET", path, token=token_for(None))
    if answer.status != 200:
        error = answer.body.get("error")
        reason = str(error.get("message")) if isinstance(error, dict) else f"the server answered {answer.status}"
        raise _nothing(reason)
    return msgspec.convert(answer.body, Explanation)


def _nothing(reason: str) -> OperatorError:
    from verselet.errors import OperatorError

    return OperatorError("VS1037", "there is nothing to explain", reason, "look at the names and at the id")
