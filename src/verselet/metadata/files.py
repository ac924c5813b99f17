"""Read the files of a solution folder, strictly.

In:        a folder with `solution.toml`, `tables/`, `choices/` and `relationships/`
Out:       `SolutionFiles`: what the files say, checked for shape; every refusal names file, key and reason
Not here:  what the files leave out (metadata.system), names that point elsewhere (metadata.assembly)
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar

import msgspec

from verselet.errors import OperatorError
from verselet.metadata.tables import Cascades, Menu, Ownership

CascadePreset: TypeAlias = Literal["none", "remove_link", "restrict", "delete", "parental", "parental_merging"]
"""A short word for a set of cascades; metadata.system says what each means."""

NOT_TOML = "VS2201"
UNKNOWN_OR_WRONG = "VS2202"
UNKNOWN_NAME = "VS2203"
DUPLICATE = "VS2204"
INCOMPLETE = "VS2205"


class RelationshipFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of `[relationships]`: from a lookup column of this table to one table."""

    column: str
    to: str
    navigation: str | None = None
    collection: str | None = None
    cascade: CascadePreset | Cascades | None = None
    menu: Menu = Menu()
    customizable: bool = True
    hierarchical: bool = False


class InlineRelationship(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a lookup column that speak of its only relationship."""

    relationship: str | None = None
    navigation: str | None = None
    collection: str | None = None
    cascade: CascadePreset | Cascades | None = None
    hierarchical: bool = False


class KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One alternate key. [K-1]"""

    columns: tuple[str, ...]
    schema_name: str | None = None
    label: str = ""


class ColumnFile(msgspec.Struct, frozen=True, kw_only=True):
    """One column: the keys as written, and what they say of its relationship."""

    keys: dict[str, Any]
    relationship: InlineRelationship


class TableFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table file; its name is the logical name. A table lists only what its kind does not give it.

    `without` names standard columns the table does not have, `children` the automatic relationships of other tables
    to this one (None: those of its kind).
    """

    label: str
    label_plural: str = ""
    description: str = ""
    schema_name: str | None = None
    set_name: str | None = None
    collection_schema_name: str | None = None
    logical_collection_name: str | None = None
    ownership: Ownership = "user"
    table_type: str = "Standard"
    primary_id: str | None = None
    primary_name: str | None = None
    primary_image: str | None = None
    object_type_code: int | None = None
    activity: bool = False
    intersect: bool = False
    change_tracking: bool | None = None
    recycle_bin: bool = False
    audit: bool = False
    searched: bool = False
    grows: bool = False
    without: tuple[str, ...] = ()
    without_messages: tuple[str, ...] = ()
    children: tuple[str, ...] | None = None
    columns: dict[str, dict[str, Any]] = {}
    relationships: dict[str, RelationshipFile] = {}
    keys: dict[str, KeyFile] = {}


class ChoiceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One global choice; the file's name is its name. Options are pairs of number and label."""

    label: str = ""
    description: str = ""
    options: tuple[tuple[int, str], ...]


class ManyToManyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One many-to-many relationship; the file's name is its schema name. [MD-12]"""

    table1: str
    table2: str
    intersect_table: str | None = None
    column1: str | None = None
    column2: str | None = None
    navigation1: str | None = None
    navigation2: str | None = None


class SolutionFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a solution says of itself.

    `custom_prefixes` mark tables and columns as custom by their publisher's prefix; `standard_labels` is the letter
    case of the labels of standard columns; `left_out` counts, per table, the relationships of the platform whose other
    end no built-in solution has.
    """

    unique_name: str
    label: str
    version: str
    publisher: str = ""
    requires: tuple[str, ...] = ()
    custom_prefixes: tuple[str, ...] = ()
    standard_labels: Literal["title", "sentence"] = "title"
    left_out: dict[str, int] = {}


class SolutionFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one folder says; `paths` leads from a table, choice or relationship to its file, for refusals."""

    folder: Path
    solution: SolutionFile
    tables: dict[str, TableFile]
    columns: dict[str, dict[str, ColumnFile]]
    choices: dict[str, ChoiceFile]
    many_to_many: dict[str, ManyToManyFile]
    paths: dict[str, Path]


def refuse(code: str, path: Path | str, key: str, reason: str) -> NoReturn:
    """Refuse a solution file.

    Raises:
        OperatorError: always; names the file, the key and the reason.
    """
    where = f"{path}: {key}" if key else str(path)
    raise OperatorError(
        code, f"{where}: {reason}", "The solution cannot be loaded as it is written.", f"Correct {path}."
    )


def read_solution(folder: Path) -> SolutionFiles:
    """Read one solution folder.

    Raises:
        OperatorError: VS2201 no TOML, VS2202 unknown key or wrong type, VS2205 no `solution.toml`.
    """
    if not (folder / "solution.toml").is_file():
        refuse(INCOMPLETE, folder, "solution.toml", "the file is missing")
    table_files = _read_all(folder / "tables", TableFile)
    choice_files = _read_all(folder / "choices", ChoiceFile)
    pair_files = _read_all(folder / "relationships", ManyToManyFile)
    paths = {name: path for found in (table_files, choice_files, pair_files) for name, (path, _) in found.items()}
    return SolutionFiles(
        folder=folder,
        solution=_read(folder / "solution.toml", SolutionFile),
        tables={name: file for name, (_, file) in table_files.items()},
        columns={name: _split_columns(path, file) for name, (path, file) in table_files.items()},
        choices={name: file for name, (_, file) in choice_files.items()},
        many_to_many={name: file for name, (_, file) in pair_files.items()},
        paths=paths,
    )


_T = TypeVar("_T")


def _read_all(folder: Path, kind: type[_T]) -> dict[str, tuple[Path, _T]]:
    """Each TOML file of the folder by its stem, in alphabetical order."""
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    return {path.stem: (path, _read(path, kind)) for path in paths}


def _read(path: Path, kind: type[_T]) -> _T:
    """One file as a struct of that kind."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(NOT_TOML, path, "", f"not TOML: {error}")
    return convert(found, kind, path=path, key="")


def convert(found: object, kind: type[_T], *, path: Path | str, key: str) -> _T:
    """Turn decoded TOML into a struct, refusing what does not fit.

    Raises:
        OperatorError: VS2202, with the key the decoder stopped at.
    """
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        reason, inner = _reason_and_key(str(error))
        refuse(UNKNOWN_OR_WRONG, path, ".".join(part for part in (key, inner) if part), reason)


def _reason_and_key(message: str) -> tuple[str, str]:
    """Take a decoder's message apart: what is wrong, and where."""
    reason, _, place = message.partition(" - at `$")
    unknown = re.search(r"unknown field `([^`]+)`", reason)
    parts = [part for part in (place.rstrip("`").strip("."), unknown[1] if unknown else "") if part]
    return (f"unknown key `{unknown[1]}`" if unknown else reason), ".".join(parts)


_INLINE = frozenset(InlineRelationship.__struct_fields__)


def _split_columns(path: Path, file: TableFile) -> dict[str, ColumnFile]:
    """Separate what a column says of itself from what it says of its relationship."""
    found: dict[str, ColumnFile] = {}
    for name, keys in file.columns.items():
        inline = {key: value for key, value in keys.items() if key in _INLINE}
        found[name] = ColumnFile(
            keys={key: value for key, value in keys.items() if key not in _INLINE},
            relationship=convert(inline, InlineRelationship, path=path, key=f"columns.{name}"),
        )
    return found
