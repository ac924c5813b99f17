"""Say how the tables of a database would be spread over several machines, and what stands against it.

In:        a layout
Out:       `Distribution`: for each table where its rows would lie, the statement, what would be refused
Not here:  spreading them, which no database here has tried

The rules are those of Citus for PostgreSQL: rows lie where the hash of one column says; that column has a value, never
changes, and is part of everything that must be unique; tables that are joined lie by the same value, or whole on every
machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from verselet.sql.dialects import quoted
from verselet.store.layout import IndexLayout, Layout, TableLayout

Kind = Literal["distributed", "reference", "local"]


class Spread(msgspec.Struct, frozen=True):
    """By which column a table's rows lie; `beside` is the table whose rows of the same value lie there too."""

    column: str
    beside: str | None = None


GROWING: Final[Mapping[str, Spread]] = MappingProxyType(
    {
        "msdyn_ocsession": Spread("activityid"),
        "msdyn_sessionevent": Spread("msdyn_omnichannelsession", "msdyn_ocsession"),
        "msdyn_sessionparticipant": Spread("msdyn_omnichannelsession", "msdyn_ocsession"),
        "msdyn_ocliveworkitem": Spread("activityid"),
        "msevtmgt_eventregistration": Spread("msevtmgt_eventregistrationid"),
        "msevtmgt_sessionregistration": Spread("msevtmgt_registrationid", "msevtmgt_eventregistration"),
        "msevtmgt_checkin": Spread("msevtmgt_registrationid", "msevtmgt_eventregistration"),
        "audit": Spread("objectid"),
    }
)
"""The tables that grow with the work done; all others fit on every machine."""

OWN: Final = (
    "verselet_bin", "verselet_credential", "verselet_definition", "verselet_deleted", "verselet_file",
    "verselet_file_part", "verselet_generation", "verselet_meta", "verselet_number",
)  # fmt: skip
"""The server's own tables. They stay on the machine that is asked: nothing is joined to them."""

QUESTIONS: Final = (
    ("the rows a caller sees: shares and roles beside any table", "taken: those tables are on every machine"),
    ("a page by the id of the parent row", "taken: one machine answers"),
    ("a row by its id, where the table lies by its parent", "taken, but every machine is asked"),
    ("rows of two distributed tables that do not lie together", "refused inside a correlated EXISTS"),
    ("claims of jobs (FOR UPDATE SKIP LOCKED)", "taken: the jobs are on every machine"),
    ("the number of the next version", "taken: the machine that is asked counts"),
)
"""What the server asks, and how Citus takes it."""


class Placed(msgspec.Struct, frozen=True):
    """One table: where its rows would lie, the statement that says so, what would be refused and why."""

    table: str
    kind: Kind
    spread: Spread | None
    statement: str
    refused: tuple[str, ...]


def distribution_of(layout: Layout) -> tuple[Placed, ...]:
    """How every table would lie; those that are spread come first."""
    spread = [_distributed(name, layout) for name in GROWING if name in layout.tables]
    others = [
        Placed(name, "reference", None, f"SELECT create_reference_table({_text(name)});", ())
        for name in sorted(layout.tables.keys() - GROWING.keys())
    ]
    return (*spread, *others, *[Placed(name, "local", None, "", ()) for name in OWN])


def _distributed(name: str, layout: Layout) -> Placed:
    spread, table = GROWING[name], layout.tables[name]
    beside = f", colocate_with => {_text(spread.beside)}" if spread.beside else ""
    statement = f"SELECT create_distributed_table({_text(name)}, '{spread.column}'{beside});"
    indexes = [index for index in layout.indexes.values() if index.table == name and index.unique]
    return Placed(name, "distributed", spread, statement, tuple(_refused(spread.column, table, indexes)))


def _refused(column: str, table: TableLayout, indexes: list[IndexLayout]) -> Iterator[str]:
    if table.primary_key != column:
        yield f"the primary key ({table.primary_key}) does not contain {column}: no machine could see it is unique"
        yield f"{column} may be empty, and a row without it would have no place"
        yield f"{column} can be changed by an update, which would have to move the row"
    for index in indexes:
        names = [one.name for one in index.columns]
        if column not in names:
            yield f"what must be unique ({', '.join(names)}) does not contain {column}"


def _text(name: str | None) -> str:
    return f"'{quoted(name or '')}'"
