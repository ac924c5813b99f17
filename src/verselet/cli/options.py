"""Declare the options that several commands share.

In:        nothing
Out:       decorators for click
Not here:  defaults and checks (settings): an option that is not given stays None, so that other sources can decide
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, shown in the order given."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def address_options(command: F) -> F:
    """Where the server listens."""
    return together(
        click.option(
            "--host", metavar="NAME", help="Address to listen on; loopback only with --auth dev. Default: 127.0.0.1."
        ),
        click.option("--port", type=int, metavar="N", help="Port; 0 picks a free one and prints it. Default: 8765."),
    )(command)


def server_options(command: F) -> F:
    """Where a running server is."""
    return together(
        click.option("--host", metavar="NAME", help="Where the running server listens. Default: 127.0.0.1."),
        click.option("--port", type=int, metavar="N", help="… and on which port. Default: 8765."),
    )(command)


def store_options(command: F) -> F:
    """Where the rows live."""
    return together(
        click.option(
            "--data", type=click.Path(path_type=Path), metavar="DIR", help="The folder with the rows (SQLite)."
        ),
        click.option("--database", metavar="URL", help="The database with the rows: sqlite:///… or postgresql://…"),
        click.option("--org", metavar="NAME", help="Name of the organization. Default: as founded."),
    )(command)


def lake_option(command: F) -> F:
    """Where the retained rows are."""
    return click.option("--lake", metavar="DIR|URL", help="The lake, if it is not beside the rows.")(command)
