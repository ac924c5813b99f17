"""Write a stored value as a person reads it, inside the database.

In:        a column and the SQL expression of its stored value
Out:       an SQL expression: JSON text in quotes, or SQL null where nothing is shown
Not here:  values for programs (sql.json_forms)

The forms are those of an English (United States) user in UTC. [J-7]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

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
)
from verselet.sql.columns import kept_name, target_column
from verselet.sql.dialects import POSTGRESQL, SQLITE, Dialect, quoted
from verselet.sql.fragments import text_literal
from verselet.sql.origins import Origins


def formatted(column: Column, row: str, origins: Origins) -> str | None:
    """The formatted value as JSON text; None where the type of the column shows none. [J-5]

    `row` is the SQL alias of the row's table.
    """
    if isinstance(column, LookupColumn):
        name = name_of_lookup(column, row, origins)
        return None if name is None else _writer(origins.dialect).quoted_json(name)
    write = FORMATS[type(column)]
    return None if write is None else write(_writer(origins.dialect), column, f"{row}.{quoted(column.name)}")


def name_of_lookup(column: LookupColumn, row: str, origins: Origins) -> str | None:
    """The primary name of the row a lookup points to, as an SQL expression; None where no target has one. [J-6]"""
    if origins.names_beside:
        return f"{row}.{quoted(kept_name(column.name))}"
    value = f"{row}.{quoted(column.name)}"
    names = {}
    for target in column.targets:
        table = origins.schema.tables.get(target)
        if table is not None and table.primary_name is not None:
            read = origins.of(target, (table.primary_id, table.primary_name))
            names[target] = (
                f"(SELECT n.{quoted(table.primary_name)} FROM {read} n WHERE n.{quoted(table.primary_id)} = {value})"
            )
    if not names:
        return None
    if not column.is_polymorphic:
        return next(iter(names.values()))
    cases = " ".join(f"WHEN {text_literal(target)} THEN {name}" for target, name in names.items())
    return f"CASE {row}.{quoted(target_column(column.name))} {cases} END"


def _labels(value: str, labels: dict[str, str]) -> str:
    if not labels:
        return "NULL"
    cases = " ".join(f"WHEN {option} THEN {text_literal(json_text(label))}" for option, label in labels.items())
    return f"CASE {value} {cases} END"


def json_text(text: str) -> str:
    """A text that the server knows, as JSON."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char >= " " else f"\\u{ord(char):04x}" for char in escaped) + '"'


class _Writer(Protocol):
    """How one database spells the formats; each method maps SQL expressions to an SQL expression, null to null."""

    true: str
    false: str

    def quoted_json(self, text: str) -> str: ...
    def whole(self, value: str) -> str: ...
    def decimal(self, value: str, scale: int) -> str: ...
    def floating(self, value: str, precision: int) -> str: ...
    def money(self, value: str, scale: int) -> str: ...
    def moment(self, value: str, *, with_time: bool) -> str: ...
    def duration(self, value: str) -> str: ...
    def joined(self, value: str, labels: str) -> str: ...


def _writer(dialect: Dialect) -> _Writer:
    return SQLITE_WRITER if dialect.name == "sqlite" else POSTGRESQL_WRITER


def _in_quotes(text: str) -> str:
    """A text without characters that JSON escapes."""
    return f"'\"' || {text} || '\"'"


class _Sqlite:
    true, false = SQLITE.true, SQLITE.false

    def quoted_json(self, text: str) -> str:
        return f"nullif(json_quote({text}), 'null')"

    def whole(self, value: str) -> str:
        return f"iif({value} IS NULL, NULL, printf('%,d', {value}))"

    def decimal(self, value: str, scale: int) -> str:
        if scale == 0:
            return self.whole(value)
        unit = 10**scale
        return (
            f"iif({value} IS NULL, NULL, "
            f"printf('%s%,d.%0{scale}d', iif({value} < 0, '-', ''), abs({value}) / {unit}, abs({value}) % {unit}))"
        )

    def floating(self, value: str, precision: int) -> str:
        # The fraction alone is exact; printf would stop after sixteen digits of the whole.
        unit, whole = 10**precision, f"cast(abs({value}) as integer)"
        scaled = f"({whole} * {unit} + cast(round((abs({value}) - {whole}) * {unit}) as integer))"
        sign = f"iif({value} < 0 AND {scaled} > 0, '-', '')"
        if precision == 0:
            return f"iif({value} IS NULL, NULL, printf('%s%,d', {sign}, {scaled}))"
        digits = f"printf('%s%,d.%0{precision}d', {sign}, {scaled} / {unit}, {scaled} % {unit})"
        return f"iif({value} IS NULL, NULL, {digits})"

    def money(self, value: str, scale: int) -> str:
        unit = 10**scale
        digits = f"printf('$%,d.%0{scale}d', abs({value}) / {unit}, abs({value}) % {unit})"
        if scale == 0:
            digits = f"printf('$%,d', abs({value}))"
        return f"CASE WHEN {value} IS NULL THEN NULL WHEN {value} < 0 THEN '(' || {digits} || ')' ELSE {digits} END"

    def moment(self, value: str, *, with_time: bool) -> str:
        # A number is read from a text without its first zero.
        form, parts = "%d/%d/%.4s", f"substr({value}, 6, 2), substr({value}, 9, 2), {value}"
        if with_time:
            hour = f"substr({value}, 12, 2)"
            form += " %d:%s %s"
            parts += f", ({hour} + 11) % 12 + 1, substr({value}, 15, 2), iif({hour} < '12', 'AM', 'PM')"
        return f"iif({value} IS NULL, NULL, printf('{form}', {parts}))"

    def duration(self, value: str) -> str:
        def unit(size: int, word: str) -> str:
            # Whole numbers only: half a hundredth is no binary fraction.
            hundredths = f"(({value} * 200 + {size}) / {2 * size})"
            number = f"rtrim(rtrim(printf('%d.%02d', {hundredths} / 100, {hundredths} % 100), '0'), '.')"
            return f"{number} || iif({value} = {size}, ' {word}', ' {word}s')"

        return _duration(value, unit)

    def joined(self, value: str, labels: str) -> str:
        return (
            f"(SELECT '\"' || group_concat(substr(label, 2, length(label) - 2), '; ') || '\"' FROM "
            f"(SELECT {labels} AS label FROM json_each('[\"' || replace({value}, ',', '\",\"') || '\"]') item))"
        )


class _Postgresql:
    true, false = POSTGRESQL.true, POSTGRESQL.false

    def quoted_json(self, text: str) -> str:
        return f"to_json({text})::text"

    def whole(self, value: str) -> str:
        return f"to_char({value}, 'FM9,999,999,999,999,999,990')"

    def decimal(self, value: str, scale: int) -> str:
        point = "." + "0" * scale if scale else ""
        return f"to_char({value}, 'FM999,999,999,999,999,990{point}')"

    def floating(self, value: str, precision: int) -> str:
        # Cast directly it would be cut to fifteen digits.
        return self.decimal(f"{value}::text::numeric", precision)

    def money(self, value: str, scale: int) -> str:
        digits = "'$' || " + self.decimal(f"abs({value})", scale)
        return f"CASE WHEN {value} < 0 THEN '(' || {digits} || ')' ELSE {digits} END"

    def moment(self, value: str, *, with_time: bool) -> str:
        form = "FMMM/FMDD/YYYY FMHH12:MI AM" if with_time else "FMMM/FMDD/YYYY"
        return f"to_char({value}, '{form}')"

    def duration(self, value: str) -> str:
        def unit(size: int, word: str) -> str:
            number = f"rtrim(rtrim(round({value} / {size}.0, 2)::text, '0'), '.')"
            return f"{number} || CASE WHEN {value} = {size} THEN ' {word}' ELSE ' {word}s' END"

        return _duration(value, unit)

    def joined(self, value: str, labels: str) -> str:
        return (
            f"(SELECT '\"' || string_agg(substr(label, 2, length(label) - 2), '; ') || '\"' FROM "
            f"(SELECT {labels} AS label FROM unnest(string_to_array({value}, ',')) AS item(value)) labelled)"
        )


def _duration(value: str, unit: Callable[[int, str], str]) -> str:
    minutes = f"{value} || CASE WHEN {value} = 1 THEN ' minute' ELSE ' minutes' END"
    return (
        f"CASE WHEN {value} < 60 THEN {minutes} WHEN {value} < 1440 THEN {unit(60, 'hour')} "
        f"WHEN {value} >= 1440 THEN {unit(1440, 'day')} END"
    )


SQLITE_WRITER: Final[_Writer] = _Sqlite()
POSTGRESQL_WRITER: Final[_Writer] = _Postgresql()


def _integer(writer: _Writer, column: IntegerColumn, value: str) -> str:
    return _in_quotes(writer.duration(value) if column.format == "Duration" else writer.whole(value))


def _yesno(writer: _Writer, column: YesNoColumn, value: str) -> str:
    return _labels(value, {writer.true: column.true_label, writer.false: column.false_label})


def _choice(_writer: _Writer, column: ChoiceColumn | StateColumn | StatusColumn, value: str) -> str:
    return _labels(value, {str(option.value): option.label for option in column.options})


def _choices(writer: _Writer, column: ChoicesColumn, value: str) -> str:
    labels = {f"'{option.value}'": option.label for option in column.options}
    return writer.joined(value, _labels("trim(item.value)", labels))


# Each writer takes the type it stands beside; `Any` says so to the checker of types.
FORMATS: Mapping[type[Column], Callable[[_Writer, Any, str], str] | None] = MappingProxyType(
    {
        IdColumn: None,
        TextColumn: None,
        MemoColumn: None,
        IntegerColumn: _integer,
        BigIntColumn: lambda writer, _, value: _in_quotes(writer.whole(value)),
        DecimalColumn: lambda writer, column, value: _in_quotes(writer.decimal(value, column.precision)),
        FloatColumn: lambda writer, column, value: _in_quotes(writer.floating(value, column.precision)),
        MoneyColumn: lambda writer, column, value: _in_quotes(writer.money(value, column.precision)),
        DateTimeColumn: lambda writer, column, value: _in_quotes(
            writer.moment(value, with_time=column.format == "DateAndTime" and column.behavior != "date_only")
        ),
        YesNoColumn: _yesno,
        ChoiceColumn: _choice,
        ChoicesColumn: _choices,
        StateColumn: _choice,
        StatusColumn: _choice,
        LookupColumn: None,
        PartyListColumn: None,
        TableNameColumn: None,
        ImageColumn: None,
        FileColumn: None,
        ManagedPropertyColumn: None,
        VirtualColumn: None,
    }
)
"""Column type → how its value is shown; None where nothing is. A lookup shows the name of its row."""
