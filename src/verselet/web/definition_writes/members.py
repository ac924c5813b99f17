"""Read the members of a definition, leniently: what is not asked for is not looked at.

In:        JSON objects as clients send them
Out:       texts, numbers, yes/no, labels; None where a member is missing or null
Not here:  which members a definition has (the sibling modules)

Clients write types with and without `#`, nested labels with and without a type, managed properties as an object with a
`Value` or as the bare value. [CC-64]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from verselet.errors import InvalidArgument
from verselet.metadata.languages import BASE_LANGUAGE, Texts
from verselet.web.definitions.wire import NAMESPACE

Body: TypeAlias = Mapping[str, object]

LARGEST: Final = 10**21
"""No member is as large; to write out `1e999999999` as a whole number would take minutes."""


def type_of(body: Body) -> str:
    """The name of the type without namespace, `#` and the prefix of compound bodies; empty where it is not said."""
    given = text(body, "@odata.type") or ""
    name = given.removeprefix("#").removeprefix(f"{NAMESPACE}.")
    return name.removeprefix("Complex")


def text(body: Body, name: str) -> str | None:
    """A text.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, "a text")


def needed(body: Body, name: str) -> str:
    """A text that must be there.

    Raises:
        InvalidArgument: it is missing, empty or something else.
    """
    found = text(body, name)
    if not found:
        raise InvalidArgument(f"The property '{name}' is required.")
    return found


def number(body: Body, name: str) -> int | None:
    """A whole number.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if isinstance(value, Decimal) and -LARGEST < value < LARGEST and value == value.to_integral_value():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _wrong(name, "a whole number")


def fraction(body: Body, name: str) -> float | None:
    """A number.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _wrong(name, "a number")
    if not -LARGEST < value < LARGEST:
        raise _wrong(name, "a number between -10^21 and 10^21")
    return int(value) if value == int(value) else float(value)


def yes_no(body: Body, name: str) -> bool | None:
    """True or false, bare or as a managed property.

    Raises:
        InvalidArgument: something else.
    """
    value = _managed(body.get(name))
    if value is None or isinstance(value, bool):
        return value
    raise _wrong(name, "true or false")


def word(body: Body, name: str) -> str | None:
    """A text, bare or as an object with a `Value`.

    Raises:
        InvalidArgument: something else.
    """
    value = _managed(body.get(name))
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, "a text")


def member(body: Body, name: str) -> Body:
    """An object inside; an empty one where it is missing.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise _wrong(name, "an object")


def members(body: Body, name: str) -> Sequence[Body]:
    """A list of objects; an empty one where it is missing.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise _wrong(name, "a list of objects")


def texts(body: Body, name: str) -> tuple[str, ...]:
    """A list of texts.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _wrong(name, "a list of texts")


def numbers(body: Body, name: str) -> tuple[int, ...]:
    """A list of whole numbers.

    Raises:
        InvalidArgument: something else.
    """
    value = body.get(name)
    if isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
        return tuple(value)
    raise _wrong(name, "a list of whole numbers")


def label(body: Body, name: str) -> str | None:
    """The text of a label in the base language; None where that stays as it is, empty where there shall be none. [MD-9]

    Raises:
        InvalidArgument: no label.
    """
    if body.get(name) is None:
        return None
    found = texts_of(body, name)
    return found.get(BASE_LANGUAGE) if found else ""


def others(body: Body, name: str) -> Texts:
    """The texts of a label in other languages. [MD-9]

    Raises:
        InvalidArgument: no label.
    """
    return {language: found for language, found in texts_of(body, name).items() if language != BASE_LANGUAGE}


def texts_of(body: Body, name: str) -> dict[int, str]:
    """Language → text of a label; a text that names no language is in the base language. [MD-9], [CC-64]

    Raises:
        InvalidArgument: no label.
    """
    written = member(body, name)
    found: dict[int, str] = {}
    # What the caller reads stands among the others too, where a client sends back what it was told.
    for localized in (*members(written, "LocalizedLabels"), member(written, "UserLocalizedLabel")):
        if "Label" in localized:
            language = number(localized, "LanguageCode")
            found.setdefault(BASE_LANGUAGE if language is None else language, text(localized, "Label") or "")
    return found


def choose(value: str | None, words: Mapping[str, str], name: str) -> str | None:
    """What a word of the wire means here; None stays None.

    Raises:
        InvalidArgument: no such word; names those that are.
    """
    if value is None:
        return None
    if value not in words:
        raise InvalidArgument(f"'{value[:80]}' is no value of '{name}'. Possible are {', '.join(words)}.")
    return words[value]


def _managed(value: object) -> object:
    return value.get("Value") if isinstance(value, dict) else value


def _wrong(name: str, wanted: str) -> InvalidArgument:
    return InvalidArgument(f"The property '{name}' must be {wanted}.")
