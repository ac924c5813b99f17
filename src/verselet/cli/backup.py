"""Save an organization as a folder, and make one of such a folder.

In:        where the organization is kept, the folder
Out:       the folder, or the organization; what is in it
Not here:  how it is copied (organization.backups)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verselet.cli.options import lake_option, store_options
from verselet.cli.progress import Progress

if TYPE_CHECKING:
    from verselet.lake import Place
    from verselet.organization.backups import Manifest
    from verselet.settings import Settings

FOLDER = click.argument("folder", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")


@click.command()
@FOLDER
@AS_JSON
@lake_option
@store_options
def backup(folder: Path, *, as_json: bool, **flags: object) -> int:
    """Save an organization, at work or not, in a new FOLDER.

    \b
    Example:
      verselet backup ./saved --data ./org
    """  # noqa: D301  click reads the escape
    from verselet import __version__
    from verselet.clock import Clock
    from verselet.errors import ServiceError, WrongUsage
    from verselet.organization.backups import back_up
    from verselet.settings import read_settings

    settings = read_settings(flags)
    database, lake = _place(settings)
    stamp = (Clock().now_on_wire(), __version__)
    with Progress() as progress:
        try:
            manifest = back_up(database, lake, folder, stamp, progress)
        except ServiceError as refusal:
            raise WrongUsage("VS1065", "the lake cannot be looked at", refusal.message, "put that right") from refusal
    _tell(manifest, folder, "is saved in", as_json=as_json)
    return 0


@click.command()
@FOLDER
@AS_JSON
@lake_option
@store_options
def restore(folder: Path, *, as_json: bool, **flags: object) -> int:
    """Make an organization of the backup in FOLDER, where there is none yet.

    \b
    Example:
      verselet restore ./saved --data ./org-again
    """  # noqa: D301  click reads the escape
    from verselet.organization import backups
    from verselet.settings import read_settings

    settings = read_settings(flags)
    database, lake = _place(settings)
    with Progress() as progress:
        manifest = backups.restore(folder, database, lake, progress)
    _tell(manifest, database.parent, "is restored in", as_json=as_json)
    return 0


def _place(settings: Settings) -> tuple[Path, Place]:
    """The file with the rows, and the place of the lake.

    Raises:
        WrongUsage: the rows are not in a file.
    """
    from verselet.errors import WrongUsage
    from verselet.organization import lake_place
    from verselet.settings import database_file, is_in_memory

    if is_in_memory(settings.database, settings.data):
        raise WrongUsage(
            "VS1075",
            "there is no organization to save or restore",
            "one in memory leaves nothing behind",
            "give --data DIR",
        )
    database = database_file(settings.database, settings.data)
    lake = lake_place(settings.lake, settings.database, settings.data)
    if database is None or lake is None:
        raise WrongUsage(
            "VS1076",
            "the rows are in PostgreSQL",
            "PostgreSQL saves and restores its databases itself, while they are in use",
            "use pg_dump and pg_restore; if there is a lake, copy its folder at the same time, while no policy runs",
        )
    return database, lake


def _tell(manifest: Manifest, place: Path, what: str, *, as_json: bool) -> None:
    if as_json:
        told = {"folder": str(place), "made": manifest.made, "files": len(manifest.files), "bytes": manifest.size}
        click.echo(json.dumps({**told, "lake": None if manifest.lake is None else manifest.lake.address}))
        return
    number = len(manifest.files)
    click.echo(f"The organization as of {manifest.made} {what} {place}")
    click.echo(f"  {number} {'file' if number == 1 else 'files'}, {manifest.size:,} bytes, checked")
    if manifest.lake is not None:
        click.echo(f"  its lake stays in {manifest.lake.address} and is not part of the backup")
