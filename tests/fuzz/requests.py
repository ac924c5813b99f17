"""One request with the part of it that is changed at random."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

Focus = Literal["query", "option", "path", "headers", "body"]


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """A request that makes sense; `options` are decoded, `focus` says which text of it is changed.

    With the focus `option` the first option's value is that text.
    """

    method: str
    path: str
    options: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: str = ""
    focus: Focus

    @property
    def text(self) -> str:
        """What is changed."""
        match self.focus:
            case "query":
                return "&".join(f"{name}={value}" for name, value in self.options)
            case "option":
                return self.options[0][1]
            case "path":
                return self.path
            case "headers":
                return "\n".join(f"{name}: {value}" for name, value in self.headers.items())
            case "body":
                return self.body

    def request(self, text: str) -> Wire:
        """The request with another text there, as it travels."""
        path, query, headers, body = self.path, _query(self.options), dict(self.headers), self.body
        match self.focus:
            case "query":
                query = "&".join(_encoded(pair) for pair in text.split("&"))
            case "option":
                query = _query(((self.options[0][0], text), *self.options[1:]))
            case "path":
                path = text
            case "headers":
                headers = _headers(text)
            case "body":
                body = text
        return Wire(self.method, _target(path, query), headers, body.encode("utf-8", "surrogatepass"))


class Wire(msgspec.Struct, frozen=True):
    """A request as it travels."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


SAFE = "/()=',:@$!*~.;-_%"


def _target(path: str, query: str) -> str:
    encoded = quote(path.encode("utf-8", "surrogatepass"), safe=SAFE + "?")
    return f"{encoded}?{query}" if query else encoded


def _query(options: tuple[tuple[str, str], ...]) -> str:
    return "&".join(f"{quote(name, safe='$@')}={_value(value)}" for name, value in options)


def _encoded(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{quote(name.encode('utf-8', 'surrogatepass'), safe='$@%')}{equals}{_value(value)}"


def _value(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def _headers(text: str) -> dict[str, str]:
    """As an HTTP server hands them over: names in lower case, texts of Latin-1, nothing below a space."""
    found = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        name = re.sub(r"[^!#-'*+.0-9A-Z^-z|~-]", "", name).lower()
        if colon and name:
            found[name] = re.sub(r"[^ -~\xa0-\xff]", "", value).strip()
    return found
