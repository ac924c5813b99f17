"""Lists of options: global ones, and those of columns."""

from __future__ import annotations

import pytest

from tests.drafts import BUILTIN, PREFIX, with_box
from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument, NotFound
from verselet.metadata.changes import choices
from verselet.metadata.changes.columns import add_column
from verselet.metadata.changes.drafts import NewColumn, NewOption, OptionList
from verselet.metadata.choices import Choice, GlobalChoice, StatusReason
from verselet.metadata.columns import ChoiceColumn, StateColumn, StatusColumn, YesNoColumn
from verselet.metadata.schema import Schema

SIZE = OptionList("new_box", "new_size")
COLOR = OptionList(choice="new_color")


def with_lists() -> Schema:
    """A column with a list of its own, one with a global list, and one of yes and no."""
    schema = with_box(YesNoColumn(name="", schema_name="new_Open"))
    color = GlobalChoice(name="new_Color", label="Color")
    schema = choices.add_choice(schema, color, [NewOption("Red", 1), NewOption("Blue", 2)], PREFIX)
    size = ChoiceColumn(name="", schema_name="new_Size", default=1)
    schema = add_column(schema, "new_box", NewColumn(size, (NewOption("Small", 1), NewOption("Large", 2))), PREFIX)
    paint = NewColumn(ChoiceColumn(name="", schema_name="new_Paint"), (), "new_color")
    return add_column(schema, "new_box", paint, PREFIX)


def options(schema: Schema, column: str) -> tuple[Choice, ...]:
    """The options of a column of the box."""
    found = schema.tables["new_box"].columns[column]
    assert isinstance(found, ChoiceColumn)
    return found.options


def test_a_new_option_gets_the_next_number_of_the_publisher() -> None:
    """The first is prefix times 10,000. [MW-12]"""
    schema, first = choices.insert_option(with_lists(), SIZE, NewOption("Huge"), PREFIX)
    schema, second = choices.insert_option(schema, SIZE, NewOption("Giant"), PREFIX)

    assert (100_000_000, 100_000_001) == (first, second)
    assert Choice(100_000_001, "Giant") == options(schema, "new_size")[-1]


def test_a_number_that_is_taken_is_refused() -> None:
    """An option is known by its number. [MW-12]"""
    with pytest.raises(DefinitionExists):
        choices.insert_option(with_lists(), SIZE, NewOption("Other", 1), PREFIX)


def test_a_change_of_a_global_list_reaches_its_columns() -> None:
    """They share it. [MW-11]"""
    schema, _ = choices.insert_option(with_lists(), COLOR, NewOption("Green", 3), PREFIX)

    assert schema.choices["new_color"].options == options(schema, "new_paint")
    assert (1, 2, 3) == tuple(option.value for option in options(schema, "new_paint"))


def test_a_global_list_can_be_changed_through_a_column() -> None:
    """The column's list is the global one. [MW-12]"""
    schema = choices.update_option(with_lists(), OptionList("new_box", "new_paint"), 1, "Rouge")

    assert "Rouge" == schema.choices["new_color"].options[0].label


def test_options_can_be_put_into_another_order() -> None:
    """All of them are listed. [MW-12]"""
    schema = choices.order_options(with_lists(), COLOR, [2, 1])

    assert (2, 1) == tuple(option.value for option in schema.choices["new_color"].options)


@pytest.mark.parametrize("values", [[1], [1, 2, 3], [1, 1]])
def test_an_order_lists_every_option_once(values: list[int]) -> None:
    """Otherwise it says nothing of some. [MW-12]"""
    with pytest.raises(InvalidArgument):
        choices.order_options(with_lists(), COLOR, values)


def test_an_option_can_be_deleted() -> None:
    """From the list and all columns that use it. [MW-12]"""
    schema = choices.delete_option(with_lists(), COLOR, 1)

    assert (Choice(2, "Blue"),) == options(schema, "new_paint")


def test_the_default_of_a_column_cannot_be_deleted() -> None:
    """New rows would get what nobody can choose. [MW-12]"""
    with pytest.raises(InvalidArgument):
        choices.delete_option(with_lists(), SIZE, 1)


@pytest.mark.parametrize("of", [SIZE, COLOR])
def test_an_option_nobody_made_is_not_there(of: OptionList) -> None:
    """It can be neither renamed nor deleted. [MW-12]"""
    for change in (choices.delete_option(with_lists(), SIZE, 2), with_lists()):
        with pytest.raises(NotFound):
            choices.update_option(change, of, 99, "X")
        with pytest.raises(NotFound):
            choices.delete_option(change, of, 99)


def test_the_labels_of_yes_and_no_can_change() -> None:
    """One is true, nought is false. [MW-26]"""
    schema = choices.update_option(with_lists(), OptionList("new_box", "new_open"), 1, "Ajar")
    column = schema.tables["new_box"].columns["new_open"]

    assert isinstance(column, YesNoColumn)
    assert ("Ajar", "No") == (column.true_label, column.false_label)


def test_a_status_reason_belongs_to_a_state() -> None:
    """It gets the next number of the publisher. [MW-12]"""
    schema, value = choices.insert_status(with_lists(), "new_box", NewOption("Lost"), 1, PREFIX)
    column = schema.tables["new_box"].columns["statuscode"]

    assert isinstance(column, StatusColumn)
    assert StatusReason(value, "Lost", 1) == column.options[-1]


def test_a_status_reason_of_no_state_is_refused() -> None:
    """There are two states. [MW-12]"""
    with pytest.raises(NotFound):
        choices.insert_status(with_lists(), "new_box", NewOption("Lost"), 7, PREFIX)


def test_a_state_can_change_its_label_and_default() -> None:
    """The default must be one of its own reasons. [MW-12]"""
    schema, value = choices.insert_status(with_lists(), "new_box", NewOption("Lost"), 1, PREFIX)
    changed = choices.update_state(schema, "new_box", 1, label="Gone", default_status=value)
    column = changed.tables["new_box"].columns["statecode"]

    assert isinstance(column, StateColumn)
    assert ("Gone", value) == (column.options[1].label, column.options[1].default_status)
    with pytest.raises(InvalidArgument):
        choices.update_state(schema, "new_box", 0, label=None, default_status=value)


def test_the_default_status_reason_cannot_be_deleted() -> None:
    """A state always has one. [MW-12]"""
    with pytest.raises(InvalidArgument):
        choices.delete_option(with_lists(), OptionList("new_box", "statuscode"), 1)


def test_a_global_choice_in_use_cannot_be_removed() -> None:
    """A column has it. [MW-7]"""
    with pytest.raises(DefinitionInUse):
        choices.remove_choice(with_lists(), "new_color")


def test_a_global_choice_nobody_uses_can_be_removed() -> None:
    """Then it is gone. [MW-7]"""
    schema = choices.add_choice(BUILTIN, GlobalChoice(name="new_tone"), [NewOption("High", 1)], PREFIX)

    assert BUILTIN.choices == choices.remove_choice(schema, "new_tone").choices


def test_a_global_choice_that_came_with_the_server_cannot_be_removed() -> None:
    """Its columns would lose their options. [MW-7]"""
    with pytest.raises(InvalidArgument):
        choices.remove_choice(BUILTIN, next(iter(BUILTIN.choices)))


def test_a_global_choice_cannot_be_made_twice() -> None:
    """Whatever the capitals. [MW-14]"""
    with pytest.raises(DefinitionExists):
        choices.add_choice(with_lists(), GlobalChoice(name="NEW_COLOR"), [], PREFIX)


def test_a_global_choice_can_change_its_labels() -> None:
    """What is not given stays. [MW-5]"""
    schema = choices.update_choice(with_lists(), "new_color", label=None, description="Paint")

    assert ("Color", "Paint") == (schema.choices["new_color"].label, schema.choices["new_color"].description)
