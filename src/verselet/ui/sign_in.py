"""Draw the pages of sign-in.

In:        who may be chosen, what is asked
Out:       HTML with the headers it needs
Not here:  what a choice leads to (server.sign_in_pages), the other pages (ui.pages)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

HERE: Final = Path(__file__).parent

SUBMIT: Final = "document.forms[0].submit()"
"""The one script these pages have: it sends an answer on without another click."""
SUBMIT_HASH: Final = base64.b64encode(hashlib.sha256(SUBMIT.encode()).digest()).decode()


class Choice(msgspec.Struct, frozen=True):
    """A user who can be chosen without a password."""

    id: str
    full_name: str
    name: str


class Drawn(msgspec.Struct, frozen=True):
    """A page, and the headers it needs."""

    html: str
    headers: Mapping[str, str]


class SignInPages:
    """The pages of one organization. Everything on them that somebody sent is escaped."""

    def __init__(self, org: str) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(org=org)

    def choose(
        self, people: Sequence[Choice], *, hidden: Mapping[str, str], client: str, problem: str, target: str
    ) -> Drawn:
        """Who should the client work as? `hidden` goes back with the answer; `target` is where that leads at last."""
        facts = {"people": people, "hidden": hidden, "client": client, "problem": problem}
        return self._draw("sign_in.html", facts, target)

    def enter_code(self, *, hidden: Mapping[str, str], code: str, problem: str) -> Drawn:
        """Which code does the device show?"""
        return self._draw("sign_in_device.html", {"hidden": hidden, "code": code, "problem": problem})

    def pass_on(self, target: str, answer: Mapping[str, str]) -> Drawn:
        """A form that sends the answer to the client by itself, or by a click where there are no scripts."""
        return self._draw("sign_in_pass_on.html", {"target": target, "answer": answer, "submit": SUBMIT}, target)

    def tell(self, heading: str, text: str) -> Drawn:
        """How it ended."""
        return self._draw("sign_in_told.html", {"heading": heading, "text": text})

    def _draw(self, template: str, facts: Mapping[str, object], target: str = "") -> Drawn:
        return Drawn(self._templates.get_template(template).render(**facts), _headers(target))


def _headers(target: str) -> dict[str, str]:
    # A browser asks for leave also for where a form's answer sends it.
    forms = f"'self' {_source(target)}".strip()
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; script-src 'sha256-{SUBMIT_HASH}'; img-src 'self'; "
            f"form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
        # With `no-referrer` a browser would hide the origin of our own forms from us.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _source(target: str) -> str:
    """The target's origin as the policy spells it; it has no spelling for addresses like [::1]."""
    if not target:
        return ""
    parts = urlsplit(target)
    return f"{parts.scheme}:" if ":" in (parts.hostname or "") else f"{parts.scheme}://{parts.netloc}"
