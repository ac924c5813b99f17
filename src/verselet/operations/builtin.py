"""Say which rows every organization starts with.

In:        a schema, the facts of the new organization, the `rows/` folders of the solutions
Out:       `builtin_rows()`: rows in an order in which each refers to rows before it; ids of rows others name
Not here:  writing them (organization), rows of a demo or a fixture (seeding)

A rows file is named after its table and lists `[[rows]]`. Each row has a `key`, unique within the table; its id follows
from table and key, unless the file gives `id`. In a lookup or id column `table:key` names another row of the files, and
`$organization`, `$name`, `$now` and `$directory` (an id of the signed-in directory, of the row's own) stand for facts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec

from verselet.errors import OperatorError
from verselet.ids import name_id
from verselet.metadata.columns import IdColumn, LookupColumn, StateColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.founding import Founding, builtin_id
from verselet.operations.grants import granted_rows
from verselet.operations.kept_tables import can_have_bin
from verselet.operations.privilege_rows import privilege_rows
from verselet.pipeline.events import SUBSCRIBABLE
from verselet.security.privileges import privileges_by_id
from verselet.values import Reference, Row, Value

ORDER = (
    "organization", "transactioncurrency", "businessunit", "systemuser", "team", "teammembership",
    "roletemplate", "role", "systemuserroles", "publisher", "solution", "sdkmessage",
)  # fmt: skip
"""Tables whose rows others refer to come first; files of other tables follow by name."""

READING = ("Retrieve", "RetrieveMultiple")
WRITING = ("Create", "CreateMultiple", "Update", "UpdateMultiple", "Upsert", "UpsertMultiple", "Delete")
OF_OWNED_ROWS = (
    "Assign", "GrantAccess", "ModifyAccess", "RetrievePrincipalAccess", "RetrieveSharedPrincipalsAndAccess",
    "RevokeAccess",
)  # fmt: skip
OF_STATES = ("IsValidStateTransition", "SetState", "SetStateDynamicEntity")
OF_MERGED_ROWS = ("Merge",)
OF_RESTORED_ROWS = ("Restore",)
OF_ELASTIC_ROWS = ("DeleteMultiple",)
"""The messages with one filter row per table: of all, with an owner, with states, that merge, that can come back, and
the one that ordinary tables list without having it. [MSG-24]

[OC-20], [MSG-1]
"""

MERGED = ("account", "contact")
VIEWS = ("owner", "activitypointer")
"""Tables that show the rows of others and take no row of their own."""


SYSTEM_ID = builtin_id("systemuser", "system")
BASE_CURRENCY_ID = builtin_id("transactioncurrency", "usd")
SYSTEM_ADMINISTRATOR_ID = builtin_id("role", "system-administrator")
SYSTEM_CUSTOMIZER_ID = builtin_id("role", "system-customizer")
"""Rows other rooms name: the same ids in every organization."""


class _RowFile(msgspec.Struct, frozen=True):
    """One row as a file gives it."""

    key: str
    path: Path
    id: str
    columns: Mapping[str, object]


def builtin_rows(schema: Schema, facts: Founding, solution_dirs: Iterable[Path]) -> list[Row]:
    """All rows a new organization starts with. [OC-4], [OC-20]

    Also the columns that callers cannot write are filled (`ismanaged`, `isdefault`, …).

    Raises:
        OperatorError: a rows file is damaged, or names a table, column or row that is not there.
    """
    folders = tuple(solution_dirs)
    files = _read_all(folders, facts)
    rows = [
        _row(schema, files, table, entry, facts)
        for table in sorted(files, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
        for entry in files[table].values()
    ]
    organization = Reference("organization", facts.id)
    described = [*message_filters(schema, organization), *active_views(schema, organization)]
    held = granted_rows(schema, folders, SYSTEM_ADMINISTRATOR_ID)
    return [*rows, *described, *privilege_rows(privileges_by_id(schema).values()), *held]


def message_filters(schema: Schema, organization: Reference) -> list[Row]:
    """One row per message and table, by which clients learn that bulk messages exist. [OC-20]"""
    found = []
    for table in schema.tables.values():
        if table.is_intersect:
            continue
        for message in messages_of(table):
            values: dict[str, Value] = {
                "sdkmessageid": Reference("sdkmessage", builtin_id("sdkmessage", message)),
                "primaryobjecttypecode": table.name,
                "secondaryobjecttypecode": "none",
                "iscustomprocessingstepallowed": message in SUBSCRIBABLE,
                "isvisible": True,
                "organizationid": organization,
            }
            found.append(Row("sdkmessagefilter", builtin_id("sdkmessagefilter", f"{message}/{table.name}"), values))
    return found


def messages_of(table: Table) -> tuple[str, ...]:
    """The messages that can be sent for rows of the table. [MSG-1]"""
    if table.name in VIEWS:
        return READING
    owned = OF_OWNED_ROWS if table.ownership == "user" else ()
    states = OF_STATES if "statecode" in table.columns else ()
    merged = OF_MERGED_ROWS if table.name in MERGED else ()
    restored = OF_RESTORED_ROWS if can_have_bin(table) else ()
    elastic = OF_ELASTIC_ROWS if set(OF_ELASTIC_ROWS) <= set(table.messages) else ()
    return (*READING, *WRITING, *owned, *states, *merged, *restored, *elastic, *table.events)


def active_views(schema: Schema, organization: Reference) -> list[Row]:
    """The public view of the active rows of each table that has states and names: `Active Accounts`. [OC-4]"""
    found = []
    for table in schema.tables.values():
        state = next((column for column in table.columns.values() if isinstance(column, StateColumn)), None)
        if state is None or table.primary_name is None or table.name in VIEWS:
            continue
        shown = [name for name in (table.primary_name, "createdon") if name in table.columns]
        values: dict[str, Value] = {
            "name": f"Active {table.label_plural}",
            "description": f"The {table.label_plural.lower()} in the first state.",
            "returnedtypecode": table.name,
            "querytype": 0,
            "isdefault": True,
            "isquickfindquery": False,
            "statecode": 0,
            "statuscode": 1,
            "fetchxml": _fetch(table, shown, state.name),
            "layoutxml": _layout(table, shown),
            "organizationid": organization,
        }
        found.append(Row("savedquery", builtin_id("savedquery", f"{table.name}/active"), values))
    return found


def _fetch(table: Table, shown: Sequence[str], state: str) -> str:
    """The view's question."""
    columns = "".join(f'<attribute name="{name}"/>' for name in [*shown, table.primary_id])
    return (
        f'<fetch version="1.0" mapping="logical"><entity name="{table.name}">{columns}'
        f'<order attribute="{shown[0]}" descending="false"/><filter type="and">'
        f'<condition attribute="{state}" operator="eq" value="0"/></filter></entity></fetch>'
    )


def _layout(table: Table, shown: Sequence[str]) -> str:
    """The view's columns."""
    cells = "".join(f'<cell name="{name}" width="{300 if name == shown[0] else 125}"/>' for name in shown)
    return (
        f'<grid name="resultset" object={quoteattr(str(table.object_type_code or table.name))} jump="{shown[0]}" '
        f'select="1" preview="1" icon="1"><row name="result" id="{table.primary_id}">{cells}</row></grid>'
    )


def _read_all(solution_dirs: Iterable[Path], facts: Founding) -> dict[str, dict[str, _RowFile]]:
    """Table → key → row, over the files of all solutions."""
    found: dict[str, dict[str, _RowFile]] = {}
    for folder in solution_dirs:
        for path in sorted((folder / "rows").glob("*.toml")):
            table = path.stem
            for entry in _read(path):
                key = entry.pop("key", None)
                given = entry.pop("id", None)
                if not isinstance(key, str) or key in found.get(table, {}):
                    raise _refused(path, str(key), "each row needs a key that no other row of the table has")
                own_id = facts.given_ids.get((table, key)) or builtin_id(table, key)
                row_id = facts.id if given == "$organization" else given or own_id
                found.setdefault(table, {})[key] = _RowFile(key, path, str(row_id), entry)
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    """The rows of one file, as they stand there."""
    try:
        content = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise _refused(path, "-", str(error)) from error
    rows = content.get("rows")
    if set(content) != {"rows"} or not isinstance(rows, list):
        raise _refused(path, "-", "a rows file holds [[rows]] and nothing else")
    return rows


def _row(
    schema: Schema,
    files: Mapping[str, Mapping[str, _RowFile]],
    table_name: str,
    entry: _RowFile,
    facts: Founding,
) -> Row:
    """One row with its values, references found."""
    table = schema.tables.get(table_name)
    if table is None:
        raise _refused(entry.path, entry.key, f"there is no table {table_name}")
    words = {
        "$organization": facts.id,
        "$name": facts.name,
        "$now": facts.created_at,
        "$directory": name_id(f"directory/{facts.id}/{entry.id}"),
    }
    values: dict[str, Value] = {}
    for name, given in entry.columns.items():
        column = table.columns.get(name)
        if column is None or not isinstance(given, (str, int, bool, Decimal)):
            raise _refused(entry.path, f"{entry.key}.{name}", "no such column, or a value no column can hold")
        written = words.get(given, given) if isinstance(given, str) else given
        if isinstance(column, LookupColumn | IdColumn) and isinstance(written, str) and ":" in written:
            target, _, key = written.partition(":")
            if key not in files.get(target, {}):
                raise _refused(entry.path, f"{entry.key}.{name}", f"there is no row {written}")
            target_id = files[target][key].id
            values[name] = Reference(target, target_id) if isinstance(column, LookupColumn) else target_id
        else:
            values[name] = written
    return Row(table_name, entry.id, values)


def _refused(path: Path, key: str, why: str) -> OperatorError:
    """What is wrong with a rows file."""
    return OperatorError("VS2101", f"{path.name}: row {key}", why, f"correct {path}, or install the package again")
