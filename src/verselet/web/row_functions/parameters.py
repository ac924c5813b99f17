"""Read the parameters of functions and actions.

In:        the text in a function's parentheses with its aliases, or the body of an action
Out:       name → value: text, number (fractions as `Decimal`), yes/no, list or object; typed look-ups in them
Not here:  which parameters an operation has (web.row_functions.catalogue)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from verselet.errors import BadRequest, BodyRefused, KeyRefused, QueryRefused, ResourceNotFound
from verselet.ids import GUID
from verselet.metadata.schema import Schema
from verselet.operations.reading import read_reference
from verselet.values import KeyReference, Reference
from verselet.web.body import DECODER
from verselet.web.exchange import Exchange

Given: TypeAlias = Mapping[str, object]

PREFIX: Final = "Microsoft.Dynamics.CRM."
# What was read once stays read: quotes that could end in two places would be tried in every combination.
_PART: Final = re.compile(
    r"""\s*+([A-Za-z_]\w*+)\s*+=\s*+((?:'(?:[^']|'')*+'|"(?:[^"\\]|\\.)*+"|[^,'"])*+)\s*+(?:,|\Z)"""
)
_QUOTED: Final = re.compile(r"""'((?:[^']|'')*+)'|"(?:[^"\\]|\\.)*+\"""")
_ENUM: Final = re.compile(r"Microsoft\.Dynamics\.CRM\.\w+'([^']*)'\Z")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt][\d:.]+(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'\Z")


def function_parameters(exchange: Exchange, arguments: str | None) -> Given:
    """The parameters of a function, aliases replaced by what they stand for. [FN-2]

    Raises:
        QueryRefused: a parameter without a name, or given twice.
        BadRequest: an alias without a value, or a value that cannot be read.
    """
    text = arguments or ""
    found: dict[str, object] = {}
    aliases = dict(exchange.options.aliases)
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or match[1] in found:
            raise QueryRefused(f"Each parameter needs a name of its own: '{text[at : at + 80].strip()}'.")
        value = match[2].strip()
        if value.startswith("@"):
            if value[1:] not in aliases:
                raise BadRequest(f"The parameter alias '{value[:80]}' has no value in the query string.")
            value = aliases[value[1:]].strip()
        found[match[1]] = _value(match[1], value)
        at = match.end()
    return found


def _value(name: str, text: str) -> object:
    """One value as it stands in an address. [FN-2], [FN-7]"""
    if GUID.match(text) or _MOMENT.match(text):
        return text
    for form in (_TEXT, _ENUM):
        match = form.match(text)
        if match is not None:
            return match[1].replace("''", "'")
    try:
        found: Any = DECODER.decode(_QUOTED.sub(_as_json_text, text))
    except (msgspec.DecodeError, RecursionError, ArithmeticError):
        raise BadRequest(f"The value of the parameter '{name}' cannot be read: '{text[:80]}'.") from None
    return found


def _as_json_text(match: re.Match[str]) -> str:
    """Objects in addresses may be written with single quotes. [FN-2]"""
    inner = match[1]
    return match[0] if inner is None else msgspec.json.encode(inner.replace("''", "'")).decode()


# --- typed look-ups ---------------------------------------------------------------------------------------------------


def needed(given: Given, name: str) -> object:
    """A parameter that must be there.

    Raises:
        BadRequest: it is missing or null. [FN-8]
    """
    found = given.get(name)
    if found is None:
        raise BadRequest(f"The parameter '{name}' is required.")
    return found


def text_of(given: Given, name: str) -> str:
    """A required text."""
    found = needed(given, name)
    if not isinstance(found, str):
        raise BadRequest(f"The parameter '{name}' must be a text.")
    return found


def number_of(given: Given, name: str) -> int:
    """A required whole number."""
    found = needed(given, name)
    if type(found) is not int:
        raise BadRequest(f"The parameter '{name}' must be a whole number.")
    return found


def object_of(given: Given, name: str) -> Given:
    """A required object."""
    return as_object(needed(given, name), name)


def as_object(found: object, name: str) -> Given:
    """A JSON object.

    Raises:
        BadRequest: it is something else.
    """
    if not isinstance(found, dict):
        raise BadRequest(f"The parameter '{name}' must be an object.")
    return found


def objects_of(given: Given, name: str) -> list[Given]:
    """A required list of objects."""
    found = needed(given, name)
    if not isinstance(found, list):
        raise BadRequest(f"The parameter '{name}' must be a list.")
    return [as_object(item, name) for item in found]


def row_of(schema: Schema, given: Given, name: str) -> Reference | KeyReference:
    """A required row, named by its address, or by its type and primary key. [FN-2], [FN-6], [SEC-52]"""
    return as_row(schema, object_of(given, name), name)


def as_row(schema: Schema, given: Given, name: str) -> Reference | KeyReference:
    """The row an object names.

    Raises:
        BodyRefused: a type that no table has, or an address that names no row.
        BadRequest: neither an address nor a type with a key.
    """
    address = given.get("@odata.id")
    if isinstance(address, str):
        try:
            return read_reference(schema, address)
        except (ResourceNotFound, KeyRefused, QueryRefused) as refusal:
            raise BodyRefused(name, refusal.message, hint=refusal.hint) from refusal
    table_name = type_of(given, name)
    table = schema.tables.get(table_name)
    if table is None:
        raise BodyRefused(name, f"There is no type '{PREFIX}{table_name[:80]}'.")
    keys = (table.primary_id, "ownerid") if table_name in {"systemuser", "team"} else (table.primary_id,)
    row_id = next((given[key] for key in keys if key in given), None)
    if not isinstance(row_id, str) or not GUID.match(row_id):
        raise BadRequest(f"The parameter '{name}' needs '{table.primary_id}', a GUID.")
    return Reference(table.name, row_id.lower())


def type_of(given: Given, name: str) -> str:
    """The table that `@odata.type` names. [FN-6]"""
    declared = given.get("@odata.type")
    if not isinstance(declared, str):
        raise BadRequest(f"The parameter '{name}' needs '@odata.type', or '@odata.id'.")
    return declared.removeprefix("#").removeprefix(PREFIX)


def paging_of(given: Given, most: int) -> tuple[int, int]:
    """The number of the page and the rows on it, `most` unless fewer are asked for. [JOB-20], [JOB-45]

    Raises:
        BadRequest: they are no such numbers.
    """
    if given.get("PagingInfo") is None:
        return 1, most
    paging = object_of(given, "PagingInfo")
    page, size = paging.get("PageNumber", 1), paging.get("Count", most)
    if type(page) is not int or type(size) is not int or page < 1 or size < 0:
        raise BadRequest("'PagingInfo' holds 'PageNumber', from 1, and 'Count', whole numbers.")
    return page, min(size or most, most)
