"""Turn the text of a string function into a pattern of the database.

In:        the text of contains, startswith or endswith, with the service's wildcards
Out:       a pattern for LIKE, or, when the text uses `[…]`, for GLOB (SQLite) or a regular expression (PostgreSQL)
Not here:  the condition around it (sql.conditions)

`%` stands for any run, `_` for one character, `[a-d]` for one of them, `[^a]` for none of them; `[%]` is a plain
percent sign. [F-9]
"""

from __future__ import annotations

import re
from collections.abc import Callable

from verselet.query.binding import Form
from verselet.sql.dialects import Dialect
from verselet.values import Stored, Value

TOKEN = re.compile(r"\[(\^?)([^\]]*)\]|(.)", re.DOTALL)


def pattern_of(form: Form, dialect: Dialect, *, classes: bool) -> Callable[[Value], Stored]:
    """The function from the text to the pattern."""
    if not classes:
        before, after = ("" if form == "startswith" else "%"), ("" if form == "endswith" else "%")
        return lambda value: before + str(value) + after
    if dialect.name == "sqlite":
        return lambda value: _glob(str(value).lower(), form)
    return lambda value: _expression(str(value), form)


def _glob(text: str, form: Form) -> str:
    parts = []
    for negated, members, char in TOKEN.findall(text):
        if char:
            parts.append({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}.get(char, char))
        elif members or negated:
            parts.append(f"[{negated}{members}]")
    before, after = ("" if form == "startswith" else "*"), ("" if form == "endswith" else "*")
    return before + "".join(parts) + after


def _expression(text: str, form: Form) -> str:
    parts = []
    for negated, members, char in TOKEN.findall(text):
        if char:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
        elif members or negated:
            escaped = members.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            parts.append(f"[{negated}{escaped}]")
    before, after = ("^" if form == "startswith" else ""), ("$" if form == "endswith" else "")
    return before + "".join(parts) + after
