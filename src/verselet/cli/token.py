"""Print a bearer token.

In:        whose
Out:       the token on standard output
Not here:  how a token is checked (auth.dev)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from verselet.cli.options import server_options, store_options

if TYPE_CHECKING:
    from verselet.settings import Settings


@click.command()
@click.option("--as", "user", metavar="USER", help="A systemuserid, Entra object id, domain name or fixture key.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@server_options
@store_options
def token(user: str | None, *, as_json: bool, **flags: object) -> None:
    """Print a bearer token.

    With --as, the running server, or the store of --data or --database, is asked whether it knows the user.

    \b
    Example:
      curl -H "Authorization: Bearer $(verselet token)" http://127.0.0.1:8765/api/data/v9.2/WhoAmI
    """  # noqa: D301  click reads the escape
    from verselet.auth.dev import token_for
    from verselet.errors import RefusedByPolicy
    from verselet.settings import read_settings

    settings = read_settings(flags)
    if settings.auth != "dev":
        raise RefusedByPolicy(
            "VS1036",
            f"a token for nothing does not exist with --auth {settings.auth}",
            "developer tokens are for --auth dev",
            "ask the token endpoint that the server names in its greeting",
        )
    if user is not None:
        _check_user(user, settings)
    made = token_for(user)
    click.echo(json.dumps({"token": made, "user": user}) if as_json else made)


def _check_user(user: str, settings: Settings) -> None:
    """Refuse a user whom the server does not know; where nobody can be asked, say so and go on."""
    from verselet.auth.dev import token_for
    from verselet.cli.remote import ask, is_answering
    from verselet.errors import OperatorError

    if is_answering(settings):
        known = ask(settings, "GET", "/api/data/v9.2/WhoAmI", token=token_for(user)).status == 200
    elif settings.is_durable:
        known = _is_in_database(user, settings)
    else:
        click.echo(f"not checked: no server answers at http://{settings.host}:{settings.port}", err=True)
        return
    if not known:
        raise OperatorError(
            "VS1031",
            f"there is no user '{user}'",
            "no user has this systemuserid, Entra object id, domain name or fixture key",
            "look at /tables/systemusers of the running server",
        )


def _is_in_database(user: str, settings: Settings) -> bool:
    from verselet.organization import open_organization

    organization = open_organization(
        settings.org, url=settings.database, directory=settings.data, progress=lambda _what: None
    )
    try:
        return organization.find_caller(user) is not None
    finally:
        organization.close()
