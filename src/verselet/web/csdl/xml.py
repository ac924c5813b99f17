"""Write XML elements.

In:        names, attributes, inner text that is XML already
Out:       `element`
Not here:  what is written (sibling modules)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

Attributes: TypeAlias = Iterable[tuple[str, str | None]]

_SPECIAL = re.compile(r"[&<>\"\t\n\r]")
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, attributes: Attributes, inner: str = "") -> str:
    """One element; an attribute that is None is left out."""
    written = "".join([f' {key}="{escape(value)}"' for key, value in attributes if value is not None])
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def escape(text: str) -> str:
    """Text for an attribute's value; characters that XML cannot hold at all become question marks."""
    if text.isidentifier():
        return text
    return _SPECIAL.sub(lambda found: _ESCAPED[found.group()], _IMPOSSIBLE.sub("?", text))
