"""Read a row from the JSON form that clients send.

In:        a JSON object, decoded, with decimals as `Decimal`
Out:       `Row` with values of the right types, or a refusal that names the property
Not here:  bounds and options (operations.rules.values), JSON syntax (web.body)

What each property of a table means is found out once per table and kept in a `RowReader`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from verselet.errors import BodyRefused, KeyRefused, LookupWrittenDirectly, QueryRefused, ResourceNotFound
from verselet.ids import GUID
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    ManagedPropertyColumn,
    MemoColumn,
    MoneyColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    VirtualColumn,
    YesNoColumn,
    is_property,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship, Table
from verselet.operations.keys import row_key
from verselet.operations.rules.computed import takes_stand_in
from verselet.query.collections import link_of
from verselet.query.odata.keys import parse_key, split_segments
from verselet.query.typing_literals import edm_type
from verselet.values import KeyReference, Reference, Row, Value

Convert: TypeAlias = Callable[[object], Value]
BIND = "@odata.bind"
ODATA_TYPE = "@odata.type"
"""What a row in a list says of its type, or one that was read: the reader knows it."""

BY_ID = re.compile(r"/?(\w+)\(([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\)\Z", re.ASCII)
"""The address nearly all binds have: a row by its id."""

OWNERS = frozenset({"systemuser", "team"})
"""What a navigation to `owner` may lead to."""


class RowReader:
    """Reads rows of one table. `creating` decides which columns may be written. [T-21]"""

    def __init__(self, schema: Schema, table: Table, *, creating: bool) -> None:
        self.schema = schema
        self.table = table
        self._creating = creating
        self._columns: dict[str, tuple[Convert, bool, type[Any] | None]] = {}
        for column in table.columns.values():
            if (is_property(column) or column.secret) and not isinstance(column, LookupColumn):
                writable = (column.create if creating else column.update) and not isinstance(column, FileColumn)
                convert = CONVERTERS[type(column)]
                self._columns[column.name] = (convert, writable or takes_stand_in(column), AS_THEY_ARE.get(convert))
        # Bind → the last text that was read, the lookup and what it points to: rows often point to one row in turn.
        self._last: dict[str, tuple[str, str, Reference | KeyReference]] = {}
        self._binds = {
            navigation + BIND: (relationship, table.columns[relationship.referencing_column])
            for navigation, relationship in schema.to_one[table.name].items()
        }

    def read(self, body: Mapping[str, object]) -> Row:
        """The row a body describes, without others in it.

        Raises:
            BodyRefused: an unknown property, a value of the wrong type, a bind that leads nowhere. [E-8]
            LookupWrittenDirectly: `_x_value` in the body. [E-9]
        """
        values, others = self._read_own(body)
        if others:
            raise BodyRefused(self.table.set_name, "Deep update of navigation properties is not allowed.")
        return self._row(values)

    def id_of(self, given: object) -> str:
        """The id a body gives for its row.

        Raises:
            BodyRefused: it is no GUID.
        """
        try:
            return str(_guid(given))
        except TypeError:
            raise self._wrong_type(self.table.primary_id, given) from None

    def read_with_others(self, body: Mapping[str, object]) -> tuple[Row, dict[str, object]]:
        """The row a body describes, and the members that bring other rows. Refusals as `read`."""
        values, others = self._read_own(body)
        return self._row(values), others

    def _row(self, values: dict[str, Value]) -> Row:
        row_id = values.pop(self.table.primary_id, None)
        return Row(self.table.name, row_id if isinstance(row_id, str) else None, values)

    def _read_own(self, body: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, object]]:
        """The values of the row's own columns, and the members that bring other rows."""
        values: dict[str, Value] = {}
        others: dict[str, object] = {}
        columns, bound = self._columns, self._last
        for name, given in body.items():
            found = columns.get(name)
            if found is None:
                if name in bound and bound[name][0] == given:
                    _, column, reference = bound[name]
                    values[column] = reference
                elif name != ODATA_TYPE:
                    self._read_member(name, given, values, others)
                continue
            convert, writable, plain = found
            if plain is type(given) and writable:
                values[name] = given
                continue
            if not writable:
                # Columns that are only read are left out in silence. [T-21]
                if convert is _file_id:
                    self._must_be_file_id(name, given)
                continue
            try:
                values[name] = None if given is None else convert(given)
            except (ValueError, TypeError, ArithmeticError):
                raise self._wrong_type(name, given) from None
        return values, others

    def _read_member(self, name: str, given: object, values: dict[str, Value], others: dict[str, object]) -> None:
        """A member that is no column."""
        if not (type(given) is str and "@" in name) and self._brings_rows(name, given):
            others[name] = given
        elif name.endswith(BIND):
            self._bind(name, given, values)
        elif "@" not in name:
            # Annotations of a row that was read may come back; they say nothing here. [C-13]
            self._read_navigation(name, given, values)

    def _must_be_file_id(self, name: str, given: object) -> None:
        """The id of a file may come back as it was read; something else was meant as the file itself. [FL-4]"""
        if given is not None:
            try:
                _file_id(given)
            except TypeError:
                raise self._wrong_type(name, given) from None

    def _brings_rows(self, name: str, given: object) -> bool:
        """A nested object, a list of them, or a list of binds. [C-9]"""
        if isinstance(given, Mapping):
            return name in self.schema.to_one[self.table.name]
        return isinstance(given, list) and link_of(self.schema, self.table, name.removesuffix(BIND)) is not None

    def _read_navigation(self, name: str, given: object, values: dict[str, Value]) -> None:
        relationship = self.schema.to_one[self.table.name].get(name)
        if relationship is not None and given is None:
            self._clear(relationship, values)
            return
        if relationship is not None or link_of(self.schema, self.table, name) is not None:
            raise self._wrong_type(name, given)
        if name.startswith("_") and isinstance(self.table.columns.get(name[1:-6]), LookupColumn):
            raise LookupWrittenDirectly
        hint = self._hint(name)
        raise BodyRefused(
            self.table.set_name,
            f"An undeclared property '{name}' which only has property annotations in the payload but no property value "
            "was found in the payload. In OData, only declared navigation properties and declared named streams can be "
            "represented as properties without values.",
            hint=hint,
        )

    def _hint(self, name: str) -> str:
        lowered = name.lower()
        known = [*self._columns, *self.schema.to_one[self.table.name]]
        near = next((candidate for candidate in known if candidate.lower() == lowered), None)
        return f"Did you mean '{near}'?" if near else ""

    def _clear(self, relationship: Relationship, values: dict[str, Value]) -> None:
        values.setdefault(relationship.referencing_column, None)

    def _bind(self, name: str, given: object, values: dict[str, Value]) -> None:
        found, navigation = self._binds.get(name), name.removesuffix(BIND)
        if found is None:
            if link_of(self.schema, self.table, navigation) is not None:
                raise self._wrong_type(name, given)
            raise BodyRefused(
                self.table.set_name,
                f"An undeclared property '{navigation}' which only has property annotations in the payload but no "
                "property value was found in the payload.",
                hint=self._hint(navigation) or "Names of navigation properties distinguish upper and lower case.",
            )
        relationship, column = found
        if not (column.create if self._creating else column.update):
            return
        if given is None:
            self._clear(relationship, values)
            return
        if not isinstance(given, str):
            raise self._wrong_type(name, given)
        try:
            reference = read_reference(self.schema, given)
        except (ResourceNotFound, KeyRefused, QueryRefused) as refusal:
            # In a body it is the body that is wrong, not the address. [E-8]
            raise BodyRefused(self.table.set_name, refusal.message, hint=refusal.hint) from refusal
        wanted = relationship.referenced_table
        if reference.table != wanted and not (wanted == "owner" and reference.table in OWNERS):
            raise BodyRefused(
                self.table.set_name,
                f"The navigation property '{navigation}' leads to '{wanted}', "
                f"'{given}' names a row of '{reference.table}'.",
            )
        values[column.name] = reference
        self._last[name] = (given, column.name, reference)

    def _wrong_type(self, name: str, given: object) -> BodyRefused:
        column = self.table.columns.get(name)
        wanted = edm_type(column) if column is not None else "Edm.String"
        shown = given if isinstance(given, str | int | float | bool | Decimal) else type(given).__name__
        return BodyRefused(
            self.table.set_name,
            f"Cannot convert the literal '{shown}' to the expected type '{wanted}' of the property '{name}'.",
        )


def read_reference(schema: Schema, text: str) -> Reference | KeyReference:
    """The row an address in a body names: `/contacts(GUID)`, `contacts(GUID)`, absolute, or by alternate key. [C-5]

    Raises:
        ResourceNotFound: no such set.
        QueryRefused: the text is no address of a row.
    """
    by_id = BY_ID.match(text)
    if by_id is not None:
        return Reference(schema.table_of_set(by_id[1]).name, by_id[2].lower())
    path = text
    if "://" in path:
        path = path.split("://", 1)[1].partition("/")[2]
        at = path.find("/data/v")
        path = path[at:].split("/", 3)[3] if at >= 0 and path[at:].count("/") >= 3 else path
    elif path.startswith("/api/data/v"):
        path = path.split("/", 4)[4] if path.count("/") >= 4 else path
    segments = split_segments(path)
    if len(segments) != 1 or segments[0].arguments is None:
        raise QueryRefused(
            f"'{text}' does not name a row.", hint="Write /contacts(00000000-0000-0000-0000-000000000000)."
        )
    table = schema.table_of_set(segments[0].name)
    key = row_key(table, parse_key(segments[0].arguments))
    if key.id is not None:
        return Reference(table.name, key.id)
    return KeyReference(table.name, tuple([(name, _plain(table, value)) for name, value in key.values]))


def _plain(table: Table, value: Value) -> str | int | Decimal | Reference:
    if isinstance(value, str | int | Decimal | Reference):
        return value
    raise KeyRefused(table.name)


def _text(given: object) -> Value:
    if type(given) is not str:
        raise TypeError
    return given


def _guid(given: object) -> Value:
    if type(given) is not str or not GUID.match(given):
        raise TypeError
    return given.lower()


def _file_id(given: object) -> Value:
    return _guid(given)


def _integer(given: object) -> Value:
    if type(given) is not int:
        raise TypeError
    return given


def _decimal(given: object) -> Value:
    if type(given) is int:
        return Decimal(given)
    if type(given) is not Decimal:
        raise TypeError
    return given


def _float(given: object) -> Value:
    if type(given) is int or type(given) is Decimal:
        return float(given)
    raise TypeError


def _yesno(given: object) -> Value:
    if type(given) is not bool:
        raise TypeError
    return given


def _managed(given: object) -> Value:
    if isinstance(given, Mapping) and type(given.get("Value")) is bool:
        return bool(given["Value"])
    return _yesno(given)


def _image(given: object) -> Value:
    if type(given) is not str:
        raise TypeError
    try:
        return base64.b64decode(given, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _nothing(given: object) -> Value:
    raise TypeError(given)


CONVERTERS: Mapping[type[Column], Convert] = MappingProxyType(
    {
        IdColumn: _guid,
        TextColumn: _text,
        MemoColumn: _text,
        IntegerColumn: _integer,
        BigIntColumn: _integer,
        DecimalColumn: _decimal,
        FloatColumn: _float,
        MoneyColumn: _decimal,
        DateTimeColumn: _text,
        YesNoColumn: _yesno,
        ChoiceColumn: _integer,
        ChoicesColumn: _text,
        StateColumn: _integer,
        StatusColumn: _integer,
        LookupColumn: _nothing,
        PartyListColumn: _nothing,
        TableNameColumn: _text,
        ImageColumn: _image,
        FileColumn: _file_id,
        ManagedPropertyColumn: _managed,
        VirtualColumn: _nothing,
    }
)
"""Column type → how its JSON becomes a value."""

AS_THEY_ARE: Mapping[Convert, type[Any]] = MappingProxyType({_text: str, _integer: int, _yesno: bool})
"""Conversion → the type of what it leaves as it is."""
