"""Change texts at random, so that they still resemble what they were."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

TOKEN = re.compile(r"'(?:[^']|'')*'|\w+|\s+|.", re.DOTALL)
MOST = 60_000
"""Longer texts are cut: what happens to them is a question of limits, which have tests of their own."""

NUMBERS = (
    "0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1e308",
    "1e309", "-1e-320", "1e999999999", "0.1", "00", "1.", ".5", "NaN", "INF", "1e5", "12345678901234567890.5", "5000",
    "9" * 5000, "\u00b2", "\u0663",
)  # fmt: skip
WORDS = (
    "null", "true", "false", "''", "'%'", "'[^a]'", "\x00", "\n", "\r\n", "é", "\U0001f600", "\ud800", "\u0130", "&",
    "<", ">", '"', "\\", "/", "(", ")", "[", "]", "{", "}", ",", ";", ":", "@", "$", "#", "%", "%00", "%27", "=", " ",
    "$ref", "$count", "$value", "$filter", "$select", "$expand", "$apply", "$it", "@p1", "and", "or", "not", "eq", "in",
    "5f3e0000-0000-4000-8000-0000a0000025", "00000000-0000-0000-0000-000000000000", "2024-02-30",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "10000-01-01", "2024-03-01T10:00:00.1234567+14:00",
    "24:00:00", "Microsoft.Dynamics.CRM.",
    "@odata.bind", "@odata.type", "@odata.id", "ownerid", "statecode", "new_gizmo", "systemuser", "new_file",
    "new_face", "owneridname", "owneridtype", "allparties", "statecodename", "new_pricebase", "exchangerate",
    "createdon", "versionnumber", "_ownerid_value", "entityimage", "W/\"1\"", "bytes=0-", "utf-16", "__class__", "{0}",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 1e308, 0.1, "", " ", "a" * 5000, "null", "\x00",
    "\ud800", [], {}, [[]], [None], [1, "a", {}], {"a": 1}, {"@odata.type": "x"}, {"@odata.id": "accounts(1)"},
    "2024-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "5f3e0000-0000-4000-8000-0000a0000025", "1,2,,9", "é" * 50,
    "/accounts(name='x')", "accounts(5f3e0000-0000-4000-8000-0000a0000025)", "$1", "$Batch", "AAAA", "=",
    {"LocalizedLabels": []}, {"Value": None}, 10**30, "9" * 5000, "\u0663", "Active", "account",
)  # fmt: skip


def mutated(text: str, others: Sequence[str], chance: Random) -> str:
    """The text after at most a handful of changes; `others` are texts of the same kind, to take pieces from."""
    if text.startswith("{") and chance.random() < 0.7:
        text = _changed_json(text, chance)
        if chance.random() < 0.7:
            return text
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        change = chance.choice(CHANGES)
        text = change(text, others, chance)[:MOST]
    return text


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text) or [""]


def _new(others: Sequence[str], chance: Random) -> str:
    """A word: a hostile one, a number, or one of another text."""
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(WORDS)
    if kind < 0.5:
        return chance.choice(NUMBERS)
    return chance.choice(_tokens(chance.choice(others)))


def _replace(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = _tokens(text)
    tokens[chance.randrange(len(tokens))] = _new(others, chance)
    return "".join(tokens)


def _replace_word(text: str, others: Sequence[str], chance: Random) -> str:
    """Only words: what the text is made of stays as it is."""
    places = [found.span() for found in re.finditer(r"[\w.:-]{2,}", text)]
    if not places:
        return _insert(text, others, chance)
    start, stop = chance.choice(places)
    return text[:start] + _new(others, chance) + text[stop:]


def _insert(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = _tokens(text)
    tokens.insert(chance.randrange(len(tokens) + 1), _new(others, chance))
    return "".join(tokens)


def _delete(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = _tokens(text)
    start = chance.randrange(len(tokens))
    del tokens[start : start + chance.choice((1, 1, 2, 5))]
    return "".join(tokens)


def _repeat(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = _tokens(text)
    start = chance.randrange(len(tokens))
    stop = start + chance.choice((1, 1, 2, 4, 12))
    piece = "".join(tokens[start:stop])
    return "".join([*tokens[:start], piece * chance.choice((2, 2, 3, 20, 200, 3000)), *tokens[stop:]])


def _nest(text: str, others: Sequence[str], chance: Random) -> str:
    before, after = chance.choice((("(", ")"), ("[", "]"), ("not (", ")"), ('{"a":', "}"), ("<filter>", "</filter>")))
    tokens = _tokens(text)
    start = chance.randrange(len(tokens))
    stop = chance.randrange(start, len(tokens)) + 1
    depth = chance.choice((1, 3, 90, 1500))
    inner = "".join(tokens[start:stop])
    return "".join([*tokens[:start], before * depth, inner, after * depth, *tokens[stop:]])


def _splice(text: str, others: Sequence[str], chance: Random) -> str:
    mine, other = _tokens(text), _tokens(chance.choice(others))
    return "".join([*mine[: chance.randrange(len(mine) + 1)], *other[chance.randrange(len(other)) :]])


def _flip(text: str, others: Sequence[str], chance: Random) -> str:
    at = chance.randrange(len(text) + 1)
    letter = chr(chance.choice((chance.randrange(128), chance.randrange(256), chance.randrange(0x3000))))
    return text[:at] + letter + text[at + 1 :]


def _cut(text: str, others: Sequence[str], chance: Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _swap(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = _tokens(text)
    first, second = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    tokens[first], tokens[second] = tokens[second], tokens[first]
    return "".join(tokens)


CHANGES: tuple[Callable[[str, Sequence[str], Random], str], ...] = (
    _replace, _replace_word, _replace_word, _replace_word, _replace_word, _insert, _delete, _repeat, _nest, _splice,
    _flip, _cut, _swap,
)  # fmt: skip


def _changed_json(text: str, chance: Random) -> str:
    """One member of a document replaced, taken away or given another name."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    places = list(_places(document))
    if not places:
        return text
    for _ in range(chance.choice((1, 1, 2, 4))):
        holder, key = chance.choice(places)
        if key not in (holder if isinstance(holder, dict) else range(len(holder))):
            continue
        kind = chance.random()
        if kind < 0.7:
            holder[key] = chance.choice(VALUES)
        elif kind < 0.8 and isinstance(holder, dict):
            del holder[key]
        elif isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder[key]
        else:
            holder.append(holder[key])
    return json.dumps(document)


def _places(node: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        found.append((node, key))
        if isinstance(node[key], dict | list):
            found += _places(node[key])
    return found
