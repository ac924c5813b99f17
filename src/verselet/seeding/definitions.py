"""Make the tables, columns, keys and relationships a fixture describes.

In:        a schema and the fixture's tables and relationships
Out:       `Definitions`: the schema that has them, and what was left out because the file calls it optional
Not here:  the store (operations.definitions), how the file says it (seeding.definition_parts)

What is there already is changed where the file says otherwise, with the functions that also serve definition writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import structs

from verselet.errors import OperatorError, ServiceError
from verselet.metadata.changes.columns import add_column, update_column
from verselet.metadata.changes.drafts import NewColumn, NewKey, NewManyToMany, NewOption, NewRelationship, NewTable
from verselet.metadata.changes.drafts import TableFacts as Facts
from verselet.metadata.changes.editing import with_columns, with_tables
from verselet.metadata.changes.keys import add_key
from verselet.metadata.changes.numbering import numbered
from verselet.metadata.changes.relationships import add_lookup, add_many_to_many, update_relationship
from verselet.metadata.changes.tables import add_table, update_table
from verselet.metadata.changes.transitions import with_transitions
from verselet.metadata.choices import State, StatusReason
from verselet.metadata.columns import (
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FloatColumn,
    IntegerColumn,
    LookupColumn,
    MemoColumn,
    MoneyColumn,
    Rollup,
    StateColumn,
    StatusColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Cascades
from verselet.seeding.definition_parts import ColumnPart, KeyPart, RelationshipPart, StatePart, TablePart
from verselet.seeding.fixture import REFUSED, WRONG_SHAPE, unsupported

TYPES: Final[Mapping[str, type[Column]]] = {
    "String": TextColumn,
    "Memo": MemoColumn,
    "Integer": IntegerColumn,
    "Decimal": DecimalColumn,
    "Double": FloatColumn,
    "Money": MoneyColumn,
    "DateTime": DateTimeColumn,
    "Boolean": YesNoColumn,
    "Picklist": ChoiceColumn,
    "MultiSelectPicklist": ChoicesColumn,
}
"""Type of the file → column. Lookups come with their relationships."""

MEMBERS: Final = {
    "maxlength": "max_length",
    "precision": "precision",
    "min": "min",
    "max": "max",
    "format": "format",
    "behavior": "behavior",
    "autonumberformat": "auto_number_format",
}
"""Member of the file → member of the column; each type has some of them."""

BEHAVIORS: Final = {
    "UserLocal": "user_local",
    "DateOnly": "date_only",
    "TimeZoneIndependent": "time_zone_independent",
}
OWNERSHIPS: Final = {"UserOwned": "user", "OrganizationOwned": "organization"}
OPTION_PREFIX: Final = 10_000
"""Options of fixtures have values of their own; the prefix of the default publisher is never asked for."""


class Definitions(msgspec.Struct, frozen=True):
    """What came of the tables and relationships of a fixture; `left_out` names the tables that are not there."""

    schema: Schema
    notes: tuple[str, ...]
    left_out: frozenset[str]


def define(
    schema: Schema, tables: Sequence[TablePart], relationships: Sequence[RelationshipPart], name: str
) -> Definitions:
    """The schema with everything the file describes; `name` is the file's.

    Raises:
        OperatorError: something in it cannot be, or is not supported; names file and path.
    """
    return _Definer(schema, name).define(tables, relationships)


class _Definer:
    """Adds one part after the other; refusals name the part."""

    def __init__(self, schema: Schema, name: str) -> None:
        self._schema = schema
        self._name = name
        self._notes: list[str] = []
        self._left_out: set[str] = set()

    def define(self, tables: Sequence[TablePart], relationships: Sequence[RelationshipPart]) -> Definitions:
        """All tables, then what connects them, then what is worked out along it, and keys, which may name lookups."""
        numbered_tables = [(f"$.tables[{number}]", table) for number, table in enumerate(tables)]
        numbered_tables = [(path, table) for path, table in numbered_tables if self._can_be(path, table)]
        for path, table in numbered_tables:
            self._table(path, table)
        for number, relationship in enumerate(relationships):
            self._relationship(f"$.relationships[{number}]", relationship)
        for path, table in numbered_tables:
            self._calculated(path, table)
        for path, table in numbered_tables:
            self._check_lookups(path, table)
            for at, key in enumerate(table.keys):
                self._at(f"{path}.keys[{at}]", partial(self._key, table.logicalname, key))
        return Definitions(self._schema, tuple(self._notes), frozenset(self._left_out))

    def _can_be(self, path: str, table: TablePart) -> bool:
        """The server can make such a table; one that is optional may be missing, any other is refused."""
        if table.tabletype == "Standard":
            return True
        why = f"{table.tabletype.lower()} tables are not supported here"
        if table.capability is None:
            raise unsupported(self._name, f"{path}.tabletype", why)
        self._left_out.add(table.logicalname)
        self._notes.append(f"{table.logicalname} was left out ({path}): {why}; the file marks it as optional")
        return False

    def _table(self, path: str, table: TablePart) -> None:
        if table.primaryid not in {None, f"{table.logicalname}id"}:
            raise self._wrong(f"{path}.primaryid", f"the id of {table.logicalname} is called {table.logicalname}id")
        if table.logicalname not in self._schema.tables:
            self._at(path, lambda: add_table(self._schema, self._draft(path, table), OPTION_PREFIX))
        for number, column in enumerate(table.columns):
            if not column.sourcetype and column.type != "Lookup":
                self._column(f"{path}.columns[{number}]", table.logicalname, column)
        if table.states:
            self._at(f"{path}.states", lambda: self._with_states(table))
        facts = Facts(
            label=table.displayname or None,
            change_tracking=table.changetracking,
            audit=table.audit,
            retention=table.retention,
            enforces_transitions=table.enforcestatetransitions,
        )
        self._at(path, lambda: update_table(self._schema, table.logicalname, facts))

    def _draft(self, path: str, table: TablePart) -> NewTable:
        """The table with the column that names its rows."""
        named = next((column for column in table.columns if column.logicalname == table.primaryname), None)
        if named is None:
            raise self._wrong(f"{path}.primaryname", f"there is no column {table.primaryname} among the columns")
        label = table.displayname or table.logicalname
        first = self._new_column(f"{path}.columns[{table.columns.index(named)}]", named)
        return NewTable(
            schema_name=table.schemaname or table.logicalname,
            label=label,
            label_plural=table.displaycollectionname or f"{label}s",
            primary_name=first.column.schema_name,
            columns=(first,),
            ownership="user" if table.ownership == "UserOwned" else "organization",
            set_name=table.entitysetname,
            change_tracking=table.changetracking,
            audit=table.audit,
        )

    # --- columns ------------------------------------------------------------------------------------------------------

    def _column(self, path: str, table: str, column: ColumnPart) -> None:
        present = self._schema.tables[table].columns.get(column.logicalname)
        if present is None:
            draft = self._new_column(path, column)
            self._at(path, lambda: add_column(self._schema, table, draft, OPTION_PREFIX))
            return
        if type(present) is not self._type(path, column):
            raise self._wrong(f"{path}.type", f"the column {column.logicalname} is there with another type")
        wanted = structs.replace(present, **self._facts(path, column, type(present)))
        if wanted != present:
            self._at(path, lambda: update_column(self._schema, table, wanted))

    def _calculated(self, path: str, table: TablePart) -> None:
        """The calculated columns and rollups: what they look at is there by now. [JOB-60]"""
        for number, column in enumerate(table.columns):
            place = f"{path}.columns[{number}]"
            wanted = {0: (False, False), 1: (True, False), 2: (False, True)}[column.sourcetype]
            if (column.formula is not None, column.rollup is not None) != wanted:
                why = "sourcetype 1 goes with a formula, 2 with a rollup, and 0 with neither"
                raise self._wrong(f"{place}.sourcetype", why)
            if column.sourcetype:
                self._column(place, table.logicalname, column)

    def _new_column(self, path: str, column: ColumnPart) -> NewColumn:
        kind = self._type(path, column)
        facts = self._facts(path, column, kind)
        facts.pop("options", None)
        made = kind(name="", schema_name=column.schemaname or column.logicalname, **facts)
        return NewColumn(made, tuple(NewOption(label, int(value)) for value, label in column.options.items()))

    def _type(self, path: str, column: ColumnPart) -> type[Column]:
        if column.type not in TYPES:
            raise self._wrong(f"{path}.type", f"a column can be one of {', '.join(TYPES)} or Lookup")
        return TYPES[column.type]

    def _facts(self, path: str, column: ColumnPart, kind: type[Column]) -> dict[str, Any]:
        """The members of the column that the file decides."""
        facts: dict[str, Any] = {"label": column.displayname or column.logicalname, "is_secured": column.issecured}
        facts["formula"] = column.formula
        if column.rollup is not None:
            facts["rollup"] = Rollup(column.rollup.function, column.rollup.relationship, column.rollup.column)
        for member, own in MEMBERS.items():
            value = getattr(column, member)
            if value is None:
                continue
            if own not in kind.__struct_fields__:
                raise self._wrong(f"{path}.{member}", f"a column of the type {column.type} has no {member}")
            facts[own] = BEHAVIORS[value] if member == "behavior" else value
        if "options" in kind.__struct_fields__:
            options = (NewOption(label, int(value)) for value, label in column.options.items())
            facts["options"] = numbered(options, OPTION_PREFIX)
        elif column.options:
            raise self._wrong(f"{path}.options", f"a column of the type {column.type} has no options")
        return facts

    # --- states -------------------------------------------------------------------------------------------------------

    def _with_states(self, table: TablePart) -> Schema:
        """The schema in which the table has exactly these states and status reasons. [UP-6]"""
        present = self._schema.tables[table.logicalname]
        states = tuple(_state(int(value), part) for value, part in table.states.items())
        reasons = tuple(
            StatusReason(int(reason), label, int(value))
            for value, part in table.states.items()
            for reason, label in part.reasons.items()
        )
        changed: list[Column] = []
        for column in present.columns.values():
            if isinstance(column, StateColumn):
                changed.append(structs.replace(column, options=states))
            elif isinstance(column, StatusColumn):
                ways = {int(reason): following for reason, following in table.transitions.items()}
                changed.append(with_transitions(structs.replace(column, options=reasons), ways))
        if all(column == present.columns[column.name] for column in changed):
            return self._schema
        return with_tables(self._schema, with_columns(present, changed))

    # --- relationships and keys ---------------------------------------------------------------------------------------

    def _relationship(self, path: str, part: RelationshipPart) -> None:
        if self._left_out & {part.referencedentity, part.referencingentity, part.entity1, part.entity2}:
            self._notes.append(f"{part.schemaname} was left out ({path}), as its table was")
        elif part.type == "ManyToMany":
            self._at(path, lambda: self._many_to_many(part))
        else:
            self._at(path, lambda: self._one_to_many(path, part))

    def _one_to_many(self, path: str, part: RelationshipPart) -> Schema:
        cascades = _cascades(part)
        present = next((one for one in self._schema.relationships if one.schema_name == part.schemaname), None)
        if present is None:
            wanted = NewRelationship(
                schema_name=part.schemaname,
                referenced_table=part.referencedentity,
                referencing_table=part.referencingentity,
                cascades=cascades,
                hierarchical=part.hierarchical,
                referencing_navigation=part.referencingnavigation,
                referenced_navigation=part.referencednavigation,
            )
            lookup = LookupColumn(name="", schema_name=part.referencingattribute, label=part.referencingattribute)
            return add_lookup(self._schema, [wanted], lookup)
        ends = (present.referenced_table, present.referencing_table, present.referencing_column)
        if ends != (part.referencedentity, part.referencingentity, part.referencingattribute.lower()):
            raise self._wrong(path, f"the relationship {part.schemaname} is there and connects {', '.join(ends)}")
        if (present.cascades, present.hierarchical) == (cascades, part.hierarchical):
            return self._schema
        changed = (self._schema, part.schemaname, cascades, present.menu)
        return update_relationship(*changed, hierarchical=part.hierarchical)

    def _many_to_many(self, part: RelationshipPart) -> Schema:
        if any(pair.schema_name == part.schemaname for pair in self._schema.many_to_many):
            return self._schema
        wanted = NewManyToMany(
            schema_name=part.schemaname,
            table1=part.entity1,
            table2=part.entity2,
            intersect_table=part.intersectentity,
            navigation1=part.navigation1,
            navigation2=part.navigation2,
        )
        return add_many_to_many(self._schema, wanted)

    def _check_lookups(self, path: str, table: TablePart) -> None:
        """Every lookup of the file has come with a relationship, and leads where the file says."""
        for number, column in enumerate(table.columns):
            found = self._schema.tables[table.logicalname].columns.get(column.logicalname)
            if column.type != "Lookup":
                continue
            if not isinstance(found, LookupColumn) or set(column.targets) - set(found.targets):
                wanted = " and ".join(column.targets) or "another table"
                place = f"{path}.columns[{number}]"
                raise self._wrong(place, f"no relationship of the file makes a lookup to {wanted} of it")

    def _key(self, table: str, part: KeyPart) -> Schema:
        for key in self._schema.tables[table].keys:
            if key.name == part.name.lower() and key.columns == part.columns:
                return self._schema
        return add_key(self._schema, table, NewKey(part.name, part.columns, part.name))

    # --- refusals -----------------------------------------------------------------------------------------------------

    def _at(self, path: str, change: Callable[[], Schema]) -> None:
        """Make one change; what refuses it is told with the place in the file."""
        try:
            self._schema = change()
        except ServiceError as error:
            why = f"{error.message} {error.hint}".strip()
            raise OperatorError(REFUSED, f"{self._name}: {path} was refused", why, "correct this place") from error

    def _wrong(self, path: str, why: str) -> OperatorError:
        return OperatorError(WRONG_SHAPE, f"{self._name}: {path}", why, "correct the file")


def _state(value: int, part: StatePart) -> State:
    return State(value, part.name, part.default, part.name.replace(" ", ""))


def _cascades(part: RelationshipPart) -> Cascades:
    given = structs.asdict(part.cascade)
    given["rollupview"] = given.pop("rollup_view")
    return Cascades(**given)
