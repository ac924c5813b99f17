"""Copy an organization to another place, such as from a file to PostgreSQL, while it is at work.

In:        two places, of which the other one is empty
Out:       `copy_organization`: what was copied, and where its lake stays
Not here:  how rows are carried (store.carrying), the command (cli.database)

The copy is the organization as it was at one moment: what is written to the old place afterwards is not in it. Users,
keys and secrets, versions of rows, automatic numbers, deleted rows and uploads that are not finished go along, so
clients go on with the addresses, tags and tokens they have. Jobs that were in progress are taken up by the server of
the copy as after a restart. The lake is not copied: only one of the two may be served with it from then on.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from verselet.lake import Folder, Place
from verselet.lake.lasting import flush, lasting_files
from verselet.operations.founding import another_organization
from verselet.settings import database_file
from verselet.store.carrying import Carried, Tell, carry, must_be_current
from verselet.store.inspection import looking, organization_name
from verselet.store.landing import landing
from verselet.store.refusals import no_organization
from verselet.store.session import Session


class Rows(msgspec.Struct, frozen=True):
    """Where rows are: in the database of a URL, or in a folder."""

    url: str | None
    directory: Path | None


class Copied(msgspec.Struct, frozen=True):
    """The organization, what was carried, and the lake the copy needs, if there is one."""

    organization: str
    carried: Carried
    lake: str | None


def copy_organization(source: Rows, target: Rows, lake: Place | None, name: str | None, tell: Tell) -> Copied:
    """Copy the organization to a place where there is none: all of it, or nothing.

    Args:
        source: where it is; it is only read, and servers may be using it.
        target: the place of the copy.
        lake: the place of its retained rows, if anybody knows one.
        name: what it must be called; None for whatever it is called.
        tell: told how many of how many rows are done.

    Raises:
        OperatorError: there is no organization, one of another name, or one that this version has not opened yet; the
            target is not empty, or does not take what is stored.
    """
    with looking(source.url, source.directory) as read:
        found = _name_of(read)
        if name not in {None, found}:
            raise another_organization(str(name), found)
        with landing(target.url, target.directory) as written:
            carried = carry(read, written, tell)
    file = database_file(target.url, target.directory)
    if file is not None:
        flush(file.parent)
    return Copied(found, carried, _lake_of(lake))


def _name_of(session: Session) -> str:
    """What the organization of a store is called.

    Raises:
        OperatorError: there is none, or one that cannot be copied as it is.
    """
    must_be_current(session)
    found = organization_name(session)
    if found is None:
        raise no_organization()
    return found


def _lake_of(lake: Place | None) -> str | None:
    """Where retained rows are; a folder without any need not be named."""
    if isinstance(lake, Folder):
        return str(lake.path.resolve()) if lasting_files(lake.path) else None
    return None if lake is None else str(lake)
