"""Read the command line and run one command.

In:        the arguments of the process
Out:       an exit code: 0 done, 1 failed, 2 wrong usage, 3 not reachable, 4 refused by policy
Not here:  the commands, one file each; what they do (server, seeding, organization)

Only click is imported before a command runs, so that help comes at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from verselet import __version__
from verselet.cli.backup import backup, restore
from verselet.cli.check import check
from verselet.cli.database import database
from verselet.cli.lake import lake
from verselet.cli.seed import seed
from verselet.cli.serve import serve
from verselet.cli.token import token
from verselet.cli.translate import translate
from verselet.cli.why import why
from verselet.errors import OperatorError, VerseletError

EXAMPLE = """\b
Examples:
  verselet serve                     an empty organization in memory
  verselet serve --seed demo --tls   with rows to look at, and HTTPS for the official SDK
  verselet serve --data ./org        rows outlive the process
"""


@click.group(
    help=f"A self-hosted server that speaks the Microsoft Dataverse Web API.\n\n{EXAMPLE}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="verselet", message="%(prog)s %(version)s")
def verselet() -> None:
    """The root of all commands."""


for _command in (serve, seed, token, why, check, translate, lake, backup, restore, database):
    verselet.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every way it can end becomes an exit code and at most a few lines."""
    try:
        result: object = verselet.main(args=arguments, prog_name="verselet", standalone_mode=False)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    except click.Abort:
        return 1
    except OperatorError as refusal:
        show_refusal(refusal)
        return refusal.exit_code
    except VerseletError as failure:
        return show_failure(failure)
    except BrokenPipeError:
        # Whoever read our output went away, as `| head` does.
        sys.stderr.close()
        return 1
    except Exception as bug:  # noqa: BLE001  the edge of the process: a person must not meet a traceback
        show_bug(bug)
        return 1
    return result if isinstance(result, int) else 0


def show_refusal(refusal: OperatorError) -> None:
    """What happened, why, what to do. product.md §6"""
    click.echo(f"error {refusal.code}  {refusal.what}\n  why  {refusal.why}\n  do   {refusal.do}", err=True)


def show_failure(failure: VerseletError) -> int:
    """The store could not serve, which is nobody's bug; anything else is ours."""
    from verselet.operations.failures import Unavailable, service_error

    found = service_error(failure)
    if not isinstance(found, Unavailable):
        show_bug(failure)
        return 1
    refusal = OperatorError(
        "VS2011", "the rows cannot be stored right now", found.message, "make room on the disk, or start the database"
    )
    show_refusal(refusal)
    return refusal.exit_code


def show_bug(bug: Exception) -> None:
    """A fault of ours: no traceback unless it is wanted."""
    from verselet.settings import wants_traceback

    told = f"{type(bug).__name__}: {bug}".strip().splitlines()[0]
    click.echo(
        f"error VS1099  verselet {__version__} has a bug here\n  why  {told}\n"
        "  do   report it with the command you gave, as CONTRIBUTING.md says; VERSELET_DEBUG=1 shows where it happened",
        err=True,
    )
    if wants_traceback():
        import traceback

        click.echo("".join(traceback.format_exception(bug)), err=True, nl=False)
