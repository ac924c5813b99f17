"""Save an organization as a folder, while it is at work, and make one of such a folder.

In:        where an organization is kept, and a folder
Out:       `back_up`, `restore`: a manifest of what the folder holds, and of the lake that it leaves where it is
Not here:  how a database is copied (store.snapshots), the commands (cli.backup)

The rows and the lake are of one moment: while nobody can write rows, it is noted which files the lake has; they never
change afterwards. Of a lake in object storage, which is not copied, it is noted which versions its tables have. What
was on its way to the lake is named in the rows, and settled when the copy is used. The manifest comes last: a folder
without one is no backup. Restoring puts the database in place last: what was begun and not finished is no organization.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from verselet.errors import OperatorError
from verselet.lake import Folder, Lake, Place
from verselet.lake.lasting import flush, lasting_files
from verselet.settings import FILE_NAME
from verselet.store.snapshots import check, save

MANIFEST: Final = "verselet-backup.json"
LAKE: Final = "lake"
FORMAT: Final = 1
AT_ONCE: Final = 1 << 20

Tell: TypeAlias = Callable[[int, int, str], None]


class Kept(msgspec.Struct, frozen=True):
    """A file of a backup: its path in the folder, its bytes, their SHA-256."""

    path: str
    size: int
    sha256: str


class Elsewhere(msgspec.Struct, frozen=True):
    """A lake in object storage: its address, and which version each of its tables had at the moment of the backup."""

    address: str
    versions: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a backup holds. `made` is when, in UTC; `version` that of verselet; `lake` is one that it does not hold."""

    format: int
    made: str
    version: str
    files: tuple[Kept, ...]
    lake: Elsewhere | None = None

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(file.size for file in self.files)


def back_up(database: Path, lake: Place, folder: Path, stamp: tuple[str, str], tell: Tell) -> Manifest:
    """Copy a database, and the lake as it is at the same moment, to a new folder.

    Args:
        database: the file of SQLite; servers may be using it.
        lake: the place of the retained rows; it need not be there.
        folder: the backup; it must be empty, or not be there.
        stamp: the moment and the version for the manifest.
        tell: told how much of how much of what is done.

    Raises:
        OperatorError: there is nothing to copy, the folder has something in it already, or files of the lake that
            were out of use were removed meanwhile.
        Unavailable: the lake is in object storage that cannot be read.
    """
    if not database.is_file():
        raise _nothing_there(database)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _not_empty(folder)
    _noted(lake)  # What cannot be read is refused before anything is begun, and before writers have to wait for it.
    folder.mkdir(parents=True, exist_ok=True)
    noted: list[_Noted] = []
    save(
        database,
        folder / FILE_NAME,
        lambda: noted.append(_noted(lake)),
        lambda done, total: tell(done, total, "pages"),
    )
    names = [FILE_NAME]
    for number, (path, name) in enumerate(noted[0].files, start=1):
        try:
            _copy(path, folder / name)
        except FileNotFoundError:
            raise _tidied(path) from None
        names.append(name)
        tell(number, len(noted[0].files), "files of the lake")
    made, version = stamp
    manifest = Manifest(FORMAT, made, version, tuple([_kept(folder, name) for name in names]), noted[0].elsewhere)
    flush(folder / FILE_NAME)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    flush(folder / MANIFEST)
    return manifest


def restore(folder: Path, database: Path, lake: Place, tell: Tell) -> Manifest:
    """Make an organization of a backup, in a place where there is none.

    Raises:
        OperatorError: the folder is no backup, or a damaged one; the place has an organization or retained rows, or
            is object storage, to which no lake is copied.
    """
    manifest = read_manifest(folder)
    if database.exists():
        raise _taken(database)
    target = _lake_folder(manifest, lake)
    for number, file in enumerate(manifest.files, start=1):
        if not (folder / file.path).is_file() or _kept(folder, file.path) != file:
            raise _damaged(folder, file.path)
        tell(number, len(manifest.files), "files checked")
    check(folder / FILE_NAME)
    for number, file in enumerate(manifest.files, start=1):
        if file.path != FILE_NAME:
            _copy(folder / file.path, target / Path(file.path).relative_to(LAKE))
        tell(number, len(manifest.files), "files")
    unfinished = database.with_name(f"{database.name}-restoring")
    _copy(folder / FILE_NAME, unfinished)
    unfinished.rename(database)
    flush(database.parent)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """What a backup says it holds.

    Raises:
        OperatorError: there is none, or one that cannot be understood.
    """
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise _no_backup(folder, f"it has no {MANIFEST}, which is written last") from None
    except (msgspec.MsgspecError, OSError, UnicodeDecodeError) as error:
        raise _no_backup(folder, f"its {MANIFEST} cannot be read: {error}") from error
    if found.format != FORMAT:
        raise _no_backup(folder, f"its format is {found.format}, and format {FORMAT} is known here")
    for file in found.files:
        inside = Path(file.path)
        if inside.is_absolute() or ".." in inside.parts or inside.parts[:1] not in {(FILE_NAME,), (LAKE,)}:
            raise _no_backup(folder, f"its manifest names the file '{file.path[:100]}', which no backup has")
    if all(file.path != FILE_NAME for file in found.files):
        raise _no_backup(folder, f"its manifest names no {FILE_NAME}")
    return found


class _Noted(msgspec.Struct, frozen=True):
    """What there is of a lake at one moment: its files and their names in the backup, or where else it is."""

    files: tuple[tuple[Path, str], ...] = ()
    elsewhere: Elsewhere | None = None


def _noted(lake: Place) -> _Noted:
    if isinstance(lake, Folder):
        found = [(path, (Path(LAKE) / path.relative_to(lake.path)).as_posix()) for path in lasting_files(lake.path)]
        return _Noted(files=tuple(found))
    return _Noted(elsewhere=Elsewhere(str(lake), Lake(lake).versions()))


def _lake_folder(manifest: Manifest, lake: Place) -> Path:
    """Where the lake of a backup goes. It is not asked for where the backup has none."""
    if isinstance(lake, Folder):
        if lasting_files(lake.path):
            raise _taken(lake.path)
        return lake.path
    if len(manifest.files) > 1:
        raise _not_there(lake)
    return Path()


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    flush(target)


def _kept(folder: Path, path: str) -> Kept:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(folder / path):
        digest.update(piece)
        size += len(piece)
    return Kept(path, size, digest.hexdigest())


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(AT_ONCE):
            yield piece


# --- what the person at the terminal is told ---------------------------------------------------------------------


def _nothing_there(database: Path) -> OperatorError:
    return OperatorError(
        "VS1070", "there is nothing to back up", f"{database} is not there", "name the folder a server was given"
    )


def _not_empty(folder: Path) -> OperatorError:
    return OperatorError(
        "VS1071",
        f"the backup cannot go to {folder}",
        "something is there already, and a backup never writes over anything",
        "name a folder that is empty, or not there yet",
    )


def _no_backup(folder: Path, why: str) -> OperatorError:
    return OperatorError("VS1072", f"{folder} is no backup", why, "name a folder that 'verselet backup' has finished")


def _damaged(folder: Path, path: str) -> OperatorError:
    return OperatorError(
        "VS1073",
        f"the backup in {folder} is damaged",
        f"{path} is not what was written there",
        "restore another backup; nothing was changed",
    )


def _taken(path: Path) -> OperatorError:
    return OperatorError(
        "VS1074",
        f"nothing can be restored to {path.parent}",
        f"{path} is there already, and a backup is never restored over rows",
        "name a folder without an organization, or move the old one away",
    )


def _not_there(lake: Place) -> OperatorError:
    return OperatorError(
        "VS1077",
        f"the lake of the backup cannot be restored to {lake}",
        "it was a folder, and files are copied to folders only",
        "restore it to a folder and copy that to the storage yourself",
    )


def _tidied(path: Path) -> OperatorError:
    return OperatorError(
        "VS1078",
        "the lake was compacted while it was copied",
        f"{path} was not in use any more, and is gone",
        "remove the unfinished folder, and save the organization again",
    )
