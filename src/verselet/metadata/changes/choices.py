"""Change lists of options: global ones, and those of columns.

In:        a schema, the list that is meant, what should change
Out:       a new schema
Not here:  new columns with lists (columns)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from msgspec import structs

from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument, NotFound
from verselet.metadata.changes.drafts import NewOption, OptionList
from verselet.metadata.changes.editing import column_named, with_choices, with_column, with_columns, with_tables
from verselet.metadata.changes.naming import LONGEST_RELATIONSHIP_NAME, logical_name
from verselet.metadata.changes.numbering import check_value, next_value, numbered
from verselet.metadata.choices import Choice, GlobalChoice, State, StatusReason
from verselet.metadata.columns import ChoiceColumn, ChoicesColumn, StateColumn, StatusColumn, YesNoColumn
from verselet.metadata.schema import Schema

Options: TypeAlias = tuple[Choice, ...]
Option = TypeVar("Option", Choice, State | StatusReason)


def add_choice(schema: Schema, choice: GlobalChoice, options: Sequence[NewOption], option_prefix: int) -> Schema:
    """The schema with a global choice. [MW-11]

    Raises:
        DefinitionExists: one of that name is there.
        InvalidArgument: a name or option that cannot be.
    """
    name = logical_name(choice.name, "global choice", LONGEST_RELATIONSHIP_NAME)
    if name in {found.lower() for found in schema.choices}:
        raise DefinitionExists("global choice", name)
    made = structs.replace(choice, name=name, options=numbered(options, option_prefix), made_here=True)
    return with_choices(schema, {**schema.choices, name: made})


def update_choice(schema: Schema, name: str, *, label: str | None, description: str | None) -> Schema:
    """The schema in which a global choice has other labels. [MW-5]"""
    found = choice_named(schema, name)
    label = found.label if label is None else label
    description = found.description if description is None else description
    changed = structs.replace(found, label=label, description=description)
    return with_choices(schema, {**schema.choices, name: changed})


def remove_choice(schema: Schema, name: str) -> Schema:
    """The schema without a global choice.

    Raises:
        NotFound: no such choice.
        InvalidArgument: it came with the server.
        DefinitionInUse: a column uses it.
    """
    if not choice_named(schema, name).made_here:
        raise InvalidArgument(f"The global choice '{name}' is a system choice and cannot be deleted.")
    for table in schema.tables.values():
        for column in table.columns.values():
            if _uses(column, name):
                raise DefinitionInUse("global choice", name, f"the column '{column.name}' of '{table.name}'")
    return with_choices(schema, {key: found for key, found in schema.choices.items() if key != name})


def choice_named(schema: Schema, name: str) -> GlobalChoice:
    """The global choice of that name.

    Raises:
        NotFound: there is none.
    """
    found = schema.choices.get(name)
    if found is None:
        raise NotFound(f"Could not find a global choice with the name '{name}'.")
    return found


def insert_option(schema: Schema, of: OptionList, option: NewOption, option_prefix: int) -> tuple[Schema, int]:
    """The schema with one more option, and the option's value. [MW-12]

    Raises:
        DefinitionExists: the value is taken.
        NotFound, InvalidArgument: no such list.
    """
    value = option.value

    def insert(options: Options) -> Options:
        nonlocal value
        taken = [found.value for found in options]
        value = next_value(taken, option_prefix) if value is None else value
        check_value(value, taken)
        return (*options, Choice(value, option.label))

    changed = _with_options(schema, of, insert)
    return changed, -1 if value is None else value


def update_option(schema: Schema, of: OptionList, value: int, label: str | None) -> Schema:
    """The schema in which an option has another label; also of states, status reasons and yes/no. [MW-12]

    None leaves the label, for whoever changes what it says in other languages.

    Raises:
        NotFound: no such list, or no such option in it.
    """
    column = _column_of(schema, of)
    if isinstance(column, YesNoColumn) and value in {0, 1}:
        name = "true_label" if value else "false_label"
        changed = column if label is None else structs.replace(column, **{name: label})
        return with_column(schema, of.table or "", changed)
    if isinstance(column, StateColumn | StatusColumn):
        _must_have(column.options, value)
        options = tuple(_called(one, label) if one.value == value else one for one in column.options)
        return with_column(schema, of.table or "", structs.replace(column, options=options))

    def rename(options: Options) -> Options:
        _must_have(options, value)
        return tuple(_called(option, label) if option.value == value else option for option in options)

    return _with_options(schema, of, rename)


def order_options(schema: Schema, of: OptionList, values: Sequence[int]) -> Schema:
    """The schema in which the options stand in another order. [MW-12]

    Raises:
        InvalidArgument: not every option is listed once.
    """

    def order(options: Options) -> Options:
        by_value = {option.value: option for option in options}
        if len(values) != len(by_value) or set(values) != set(by_value):
            raise InvalidArgument("The parameter 'Values' must list every option of the list once.")
        return tuple(by_value[value] for value in values)

    return _with_options(schema, of, order)


def delete_option(schema: Schema, of: OptionList, value: int) -> Schema:
    """The schema without an option; rows that have it keep it. [MW-12]

    Raises:
        NotFound: no such option.
        InvalidArgument: it is the default of a status, or a column's default value.
    """
    column = _column_of(schema, of)
    if isinstance(column, StatusColumn):
        return _without_status(schema, of.table or "", column, value)

    def delete(options: Options) -> Options:
        _must_have(options, value)
        return tuple(option for option in options if option.value != value)

    return _with_options(schema, of, delete)


def update_state(schema: Schema, table: str, value: int, *, label: str | None, default_status: int | None) -> Schema:
    """The schema in which a state has another label or default status reason. [MW-12]

    Raises:
        NotFound: no such state.
        InvalidArgument: the status reason is not of that state.
    """
    states, reasons = _states(schema, table)
    _must_have(states.options, value)
    if default_status is not None and all((o.value, o.state) != (default_status, value) for o in reasons.options):
        raise InvalidArgument(f"{default_status} is no status reason of the state {value}.")
    changed = tuple(
        structs.replace(
            state,
            label=state.label if label is None else label,
            default_status=state.default_status if default_status is None else default_status,
        )
        if state.value == value
        else state
        for state in states.options
    )
    return with_column(schema, table, structs.replace(states, options=changed))


def insert_status(schema: Schema, table: str, option: NewOption, state: int, option_prefix: int) -> tuple[Schema, int]:
    """The schema with one more status reason, and its value. [MW-12]

    Raises:
        NotFound: no such state.
        DefinitionExists: the value is taken.
    """
    states, reasons = _states(schema, table)
    _must_have(states.options, state)
    taken = [found.value for found in reasons.options]
    value = next_value(taken, option_prefix) if option.value is None else option.value
    check_value(value, taken)
    options = (*reasons.options, StatusReason(value, option.label, state))
    return with_column(schema, table, structs.replace(reasons, options=options)), value


def _with_options(schema: Schema, of: OptionList, change: Callable[[Options], Options]) -> Schema:
    """The schema with a changed list; columns that use a global list change with it."""
    column = _column_of(schema, of)
    name = of.choice
    if isinstance(column, ChoiceColumn | ChoicesColumn):
        if not column.global_choice:
            options = change(column.options)
            _must_keep_default(column, options)
            return with_column(schema, of.table or "", structs.replace(column, options=options))
        name = column.choice_name
    if name is None:
        raise InvalidArgument(f"The column '{of.column}' of '{of.table}' has no list that can be changed so.")
    found = choice_named(schema, name)
    options = change(found.options)
    changed = []
    for table in schema.tables.values():
        using = [column for column in table.columns.values() if _uses(column, name)]
        for one in using:
            _must_keep_default(one, options)
        if using:
            changed.append(with_columns(table, [structs.replace(one, options=options) for one in using]))
    schema = with_choices(schema, {**schema.choices, name: structs.replace(found, options=options)})
    return with_tables(schema, *changed) if changed else schema


def _column_of(schema: Schema, of: OptionList) -> object:
    """The column that is meant; None where a global list is."""
    if of.choice is not None:
        return None
    if of.table is None or of.column is None:
        raise InvalidArgument("Name the list by 'OptionSetName', or by 'EntityLogicalName' and 'AttributeLogicalName'.")
    return column_named(schema, of.table, of.column)


def _called(option: Option, label: str | None) -> Option:
    return option if label is None else structs.replace(option, label=label)


def _uses(column: object, name: str) -> bool:
    return isinstance(column, ChoiceColumn | ChoicesColumn) and column.global_choice and column.choice_name == name


def _must_have(options: Sequence[object], value: int) -> None:
    if all(getattr(option, "value", None) != value for option in options):
        raise NotFound(f"There is no option with the value {value} in the list.")


def _must_keep_default(column: object, options: Options) -> None:
    default = column.default if isinstance(column, ChoiceColumn) else None
    if default is not None and default not in {option.value for option in options}:
        raise InvalidArgument(f"The option {default} is the default value of the column and cannot be deleted.")


def _without_status(schema: Schema, table: str, column: StatusColumn, value: int) -> Schema:
    _must_have(column.options, value)
    states, _ = _states(schema, table)
    if any(state.default_status == value for state in states.options) or column.default == value:
        raise InvalidArgument(f"The status reason {value} is a state's default and cannot be deleted.")
    left = tuple(
        structs.replace(option, next=tuple(to for to in option.next if to != value))
        for option in column.options
        if option.value != value
    )
    return with_column(schema, table, structs.replace(column, options=left))


def _states(schema: Schema, table: str) -> tuple[StateColumn, StatusColumn]:
    states = column_named(schema, table, "statecode")
    reasons = column_named(schema, table, "statuscode")
    if not isinstance(states, StateColumn) or not isinstance(reasons, StatusColumn):
        raise NotFound(f"The table '{table}' has no states.")
    return states, reasons
