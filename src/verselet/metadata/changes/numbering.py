"""Number options that come without a value.

In:        new options, those that are there, the publisher's prefix for options
Out:       options with values
Not here:  which publisher's prefix counts (operations.definitions)
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from verselet.errors import DefinitionExists, InvalidArgument
from verselet.metadata.changes.drafts import NewOption
from verselet.metadata.choices import Choice

PER_PUBLISHER = 10_000
"""How many numbers a publisher has: prefix 10000 begins at 100,000,000. [MW-12]"""

_LARGEST = 2_147_483_647


def numbered(options: Iterable[NewOption], prefix: int) -> tuple[Choice, ...]:
    """The options with values; no value twice.

    Raises:
        DefinitionExists: a value that occurs twice.
        InvalidArgument: a value that is no 32-bit number.
    """
    found: dict[int, Choice] = {}
    largest = next_value((), prefix) - 1
    for option in options:
        value = largest + 1 if option.value is None else option.value
        check_value(value, found)
        found[value] = Choice(value, option.label)
        if _is_of(value, prefix):
            largest = max(largest, value)
    return tuple(found.values())


def next_value(taken: Iterable[int], prefix: int) -> int:
    """The number behind the largest one of the publisher, or its first."""
    own = [value for value in taken if _is_of(value, prefix)]
    return max(own) + 1 if own else prefix * PER_PUBLISHER


def _is_of(value: int, prefix: int) -> bool:
    first = prefix * PER_PUBLISHER
    return first <= value < first + PER_PUBLISHER


def check_value(value: int, taken: Container[int]) -> None:
    """Refuse a value that an option cannot have.

    Raises:
        DefinitionExists: another option has it.
        InvalidArgument: it is no 32-bit number.
    """
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise InvalidArgument(f"The value {value} of an option is no 32-bit whole number.")
    if value in taken:
        raise DefinitionExists("option", str(value))
