"""Ask for definitions as a client would: with an address, and what is answered is JSON."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import unquote

import msgspec

from verselet.metadata.schema import Schema
from verselet.query.odata.keys import split_segments
from verselet.query.odata.options import parse_options
from verselet.web.definitions import DefinitionsAnswer, answer

API = "http://localhost:8765/api/data/v9.2/"

Wire: TypeAlias = dict[str, Any]  # foreign data: an answer as a client sees it


def reply(schema: Schema, address: str) -> DefinitionsAnswer:
    """The answer to an address behind the version, its path and its query string."""
    path, _, query = address.partition("?")
    return answer(schema, split_segments(unquote(path)), parse_options(query), API)


def ask(schema: Schema, address: str) -> Wire:
    """The body of the answer."""
    return msgspec.json.decode(reply(schema, address).body, type=Wire)


def rows(schema: Schema, address: str) -> list[Wire]:
    """The definitions in the answer."""
    found: list[Wire] = ask(schema, address)["value"]
    return found


def values(schema: Schema, address: str, member: str) -> list[Any]:
    """One member of all definitions in the answer."""
    return [row[member] for row in rows(schema, address)]


def english(label: Wire) -> str:
    """What a label says, nothing where it has no text. [MD-9]"""
    localized = label["UserLocalizedLabel"]
    return localized["Label"] if localized else ""
