"""Take the members of a search's body.

In:        a JSON object
Out:       typed values, or a refusal that names the member
Not here:  what they mean (web.row_functions.searching.modern, web.row_functions.searching.legacy)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from verselet.errors import InvalidArgument
from verselet.web.row_functions.searching.asked import MOST_AT_ONCE

SCORE: Final = "@search.score"
_ORDER: Final = re.compile(r"\s*(@search\.score|\w+)(?:\s+(asc|desc))?\s*\Z", re.IGNORECASE)


def lowered(body: Mapping[str, object], known: frozenset[str]) -> dict[str, object]:
    """The members by their names in small letters: clients write them in any case.

    Raises:
        InvalidArgument: a member that a search does not have.
    """
    found = {name.lower(): value for name, value in body.items() if "@" not in name}
    for name in found:
        if name not in known:
            raise InvalidArgument(f"A search has no parameter '{name[:80]}'.")
    return found


def text(given: Mapping[str, object], name: str) -> str | None:
    """A text."""
    found: str | None = _typed(given, name, str, "a text")
    return found


def needed_text(given: Mapping[str, object], name: str) -> str:
    """A text that must be there."""
    found = text(given, name)
    if found is None:
        raise InvalidArgument(f"The parameter '{name}' is required.")
    return found


def yes_no(given: Mapping[str, object], name: str) -> bool:
    """True where it says so."""
    return bool(_typed(given, name, bool, "true or false"))


def number(given: Mapping[str, object], name: str, default: int, most: int) -> int:
    """A whole number from 0 up to `most`."""
    found = given.get(name)
    if found is None:
        return default
    if type(found) is not int or not 0 <= found <= most:
        raise InvalidArgument(f"The parameter '{name}' must be a whole number from 0 to {most}.")
    return found


def top(given: Mapping[str, object], default: int) -> int:
    """How many results are wanted at once."""
    return number(given, "top", default, MOST_AT_ONCE)


def texts(found: object, name: str) -> tuple[str, ...]:
    """A list of texts; nothing where it is null."""
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InvalidArgument(f"'{name}' must be a list of texts.")
    return tuple(found)


def nested(given: Mapping[str, object], name: str) -> object:
    """What a text holds as JSON; single quotes will do. None where there is none, or where it says null."""
    written = text(given, name)
    if written is None or not written.strip():
        return None
    for candidate in (written, written.replace("'", '"')):
        try:
            found: Any = msgspec.json.decode(candidate)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
        return found
    raise InvalidArgument(f"The parameter '{name}' must hold JSON in a text.")


def order(items: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Names with whether they run backwards."""
    found = []
    for item in [part for whole in items for part in whole.split(",") if part.strip()]:
        match = _ORDER.match(item)
        if match is None:
            raise InvalidArgument(f"'{item[:80]}' is no order: write a column, then asc or desc.")
        found.append((match[1].lower(), (match[2] or "").lower() == "desc"))
    return tuple(found)


def chosen(value: object, name: str, words: Mapping[str, bool]) -> bool:
    """What one of the words stands for; no where nothing was chosen."""
    if value is None:
        return False
    found = words.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise InvalidArgument(f"'{name}' must be one of {', '.join(words)}.")
    return found


def _typed(given: Mapping[str, object], name: str, kind: type[Any], wanted: str) -> Any:
    found = given.get(name)
    if found is not None and type(found) is not kind:
        raise InvalidArgument(f"The parameter '{name}' must be {wanted}.")
    return found
