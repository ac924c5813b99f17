"""Load the schema, and remember it between starts.

In:        solution folders, and a folder for the memory
Out:       `Schema`; the memory is a file, used only while it fits the folders, and rebuilt otherwise
Not here:  reading and assembling (metadata.files, metadata.assembly)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from verselet import __version__
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.schema import Schema
from verselet.metadata.tables import ManyToMany, Relationship, Table

BUILTIN = ("platform", "activities", "omnichannel", "eventmanagement")
"""The built-in solutions, in the order in which one may need the other."""

_DIGEST_SIZE = 32


class _Remembered(msgspec.Struct, frozen=True, array_like=True):
    """The content of the memory file, behind the two digests it starts with."""

    tables: tuple[Table, ...]
    relationships: tuple[Relationship, ...]
    many_to_many: tuple[ManyToMany, ...]
    choices: tuple[GlobalChoice, ...]


def load_schema(solution_dirs: Iterable[Path] | None = None, cache_dir: Path | None = None) -> Schema:
    """The schema of some solutions.

    Args:
        solution_dirs: the folders of the solutions; the built-in ones when None.
        cache_dir: where to remember the result when the package's own folder cannot be written.

    Raises:
        OperatorError: a file is not as it should be; names file, key and reason.
    """
    dirs = builtin_solution_dirs() if solution_dirs is None else tuple(solution_dirs)
    digest = _digest(dirs)
    places = _places(dirs, cache_dir)
    for place in places:
        found = _recall(place, digest)
        if found is not None:
            return found
    schema = _read(dirs)
    _remember(schema, places, digest)
    return schema


def _read(dirs: Iterable[Path]) -> Schema:
    """The schema from the files themselves."""
    # Imported here, since a start that remembers the schema reads no file.
    from verselet.metadata.assembly import assemble
    from verselet.metadata.files import read_solution

    return assemble(read_solution(folder) for folder in dirs)


def builtin_solution_dirs() -> tuple[Path, ...]:
    """The folders of the built-in solutions."""
    return tuple(_package() / "solutions" / name for name in BUILTIN)


def _package() -> Path:
    return Path(__file__).resolve().parent.parent


def _digest(dirs: Sequence[Path]) -> bytes:
    """A digest of the version and of the name, size and time of change of each file.

    The modules of this room are files too: what a table gets from its kind is written there.
    """
    found = hashlib.blake2b(__version__.encode(), digest_size=_DIGEST_SIZE)
    places = [(_package() / "metadata", ".py")]
    places += [(folder / part, ".toml") for folder in dirs for part in ("", "tables", "choices", "relationships")]
    for place, ending in places:
        if not place.is_dir():
            continue
        with os.scandir(place) as entries:
            files = {entry.path: entry.stat() for entry in entries if entry.name.endswith(ending)}
        for path, stat in sorted(files.items()):
            found.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return found.digest()


def _places(dirs: Sequence[Path], cache_dir: Path | None) -> list[Path]:
    """The files that may hold the memory: one per set of solutions, in the package first."""
    names = hashlib.blake2b("\0".join(str(folder) for folder in dirs).encode(), digest_size=8).hexdigest()
    folders = [_package() / "__pycache__", *([cache_dir] if cache_dir else [])]
    return [folder / f"schema-{names}.msgpack" for folder in folders]


def _recall(place: Path, digest: bytes) -> Schema | None:
    """The remembered schema, if it was made from these very files and is whole."""
    try:
        content = place.read_bytes()
    except OSError:
        return None
    head, body = content[: 2 * _DIGEST_SIZE], content[2 * _DIGEST_SIZE :]
    if head != digest + hashlib.blake2b(body, digest_size=_DIGEST_SIZE).digest():
        return None
    try:
        found = msgspec.msgpack.decode(body, type=_Remembered)
    except msgspec.DecodeError:  # Written by a version that calls itself the same: as good as absent.
        return None
    return Schema(
        tables={table.name: table for table in found.tables},
        relationships=found.relationships,
        many_to_many=found.many_to_many,
        choices={choice.name: choice for choice in found.choices},
    )


def _remember(schema: Schema, places: Iterable[Path], digest: bytes) -> None:
    """Write the memory to the first place that can be written; to none is no fault."""
    remembered = _Remembered(
        tables=tuple(schema.tables.values()),
        relationships=schema.relationships,
        many_to_many=schema.many_to_many,
        choices=tuple(schema.choices.values()),
    )
    body = msgspec.msgpack.encode(remembered)
    content = digest + hashlib.blake2b(body, digest_size=_DIGEST_SIZE).digest() + body
    for place in places:
        written = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            written.write_bytes(content)
            written.replace(place)  # In one piece: another process sees the old file or the new one.
        except OSError:
            continue
        return
