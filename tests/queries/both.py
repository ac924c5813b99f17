"""Ask two organizations with the same rows, one in SQLite and one in PostgreSQL, and get one answer.

`Both.ask` fails where the two differ, so each question is also a test that the stores agree. [invariant 9]
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from tests.scenarios.harness import API, Answer, Api

ETAG = re.compile(rb'"@odata.etag":"W/\\"\d+\\"",?')
VERSION = re.compile(
    rb'(?<="versionnumber":)\d+|(?<="versionnumber@OData.Community.Display.V1.FormattedValue":")[\d,]+'
)

ADA, BEN, CLEO, DAN = (f"5f3e0000-0000-4000-8000-0000c000000{n}" for n in range(1, 5))
ONE, TWO, THREE, FOUR, FIVE = (f"5f3e0000-0000-4000-8000-0000d000000{n}" for n in range(1, 6))

CONTACTS: tuple[dict[str, object], ...] = (
    {"contactid": ADA, "firstname": "Ada", "lastname": "Ash", "familystatuscode": 2, "numberofchildren": 2},
    {"contactid": BEN, "firstname": "Ben", "lastname": "beech", "familystatuscode": 1, "birthdate": "1990-02-28"},
    {"contactid": CLEO, "firstname": "Cleo", "lastname": "Cedar", "numberofchildren": 0, "jobtitle": "50% [lead]"},
    {"contactid": DAN, "firstname": "Dan", "lastname": "Ash", "familystatuscode": 2, "nickname": "dan"},
)

GIZMOS: tuple[dict[str, object], ...] = (
    {
        "new_gizmoid": ONE,
        "new_name": "one",
        "new_count": 7,
        "new_price": 10.5,
        "new_ratio": 0.125,
        "new_size": 1.5,
        "new_at": "2026-03-04T05:00:00Z",
        "new_day": "2026-03-04",
        "new_ready": True,
        "new_color": 1,
        "new_tags": "1,9",
        "new_CustomerId_contact@odata.bind": f"/contacts({ADA})",
    },
    {
        "new_gizmoid": TWO,
        "new_name": "two",
        "new_count": 2,
        "new_price": 20.25,
        "new_ratio": -0.5,
        "new_at": "2026-02-28T23:30:00Z",
        "new_ready": False,
        "new_color": 2,
        "new_tags": "2",
        "new_CustomerId_contact@odata.bind": f"/contacts({ADA})",
    },
    {
        "new_gizmoid": THREE,
        "new_name": "ONE",
        "new_count": -4,
        "new_at": "2025-12-31T23:59:59Z",
        "new_day": "2025-12-31",
        "new_color": 9,
        "new_CustomerId_contact@odata.bind": f"/contacts({BEN})",
    },
    {"new_gizmoid": FOUR, "new_name": "Four", "new_size": 0.25, "new_color": 1},
    {"new_gizmoid": FIVE, "new_count": 2, "new_price": -1, "new_at": "2026-03-04T05:06:07Z"},
)


class Both:
    """The Web APIs of both organizations."""

    def __init__(self, *apis: Api) -> None:
        self.apis = apis

    def fill(self) -> None:
        """The rows all questions are about."""
        for api in self.apis:
            for contact in CONTACTS:
                api.make("contacts", **contact)
            for gizmo in GIZMOS:
                api.make("new_gizmos", **gizmo)
            for number, owner in enumerate((ONE, ONE, TWO, FOUR), start=1):
                part: dict[str, object] = {
                    "new_partid": f"5f3e0000-0000-4000-8000-0000e000000{number}",
                    "new_name": f"part {number}",
                    "new_GizmoId@odata.bind": f"/new_gizmos({owner})",
                }
                api.make("new_parts", **part)
            for owner, contact_id in ((ONE, ADA), (ONE, BEN), (TWO, CLEO)):
                target: dict[str, object] = {"@odata.id": f"{API}contacts({contact_id})"}
                answer = api.post(f"new_gizmos({owner})/new_gizmo_contact/$ref", target)
                assert 204 == answer.status, answer.body

    def ask(self, set_name: str, prefer: str = "", **options: str) -> Answer:
        """The answer to one question, the same from both. An underscore in front stands for `$`."""
        query = "&".join(
            f"{name.replace('_', '$', 1) if name.startswith('_') else name}={quote(text, safe='')}"
            for name, text in options.items()
        )
        answers = [api.get(f"{set_name}?{query}", prefer=prefer) for api in self.apis]
        first = answers[0]
        for answer in answers[1:]:
            assert (first.status, _comparable(first)) == (answer.status, _comparable(answer))
        return first

    def fetch(self, xml: str, set_name: str = "new_gizmos", prefer: str = "") -> list[dict[str, Any]]:
        """The rows of a FetchXML query."""
        answer = self.ask(set_name, prefer, fetchXml=xml)
        assert 200 == answer.status, answer.body
        return [dict(row) for row in answer.json["value"]]

    def rows(self, set_name: str, **options: str) -> list[dict[str, Any]]:
        """The rows of a question with options."""
        answer = self.ask(set_name, **options)
        assert 200 == answer.status, answer.body
        return [dict(row) for row in answer.json["value"]]


def _comparable(answer: Answer) -> object:
    if answer.status != 200:
        return answer.code, answer.message
    return _ranked(ETAG.sub(b"", answer.body))


def _ranked(body: bytes) -> bytes:
    """The first, the second, … version in the place of its number: only the order is promised, not the gaps. [ET-7]"""
    numbers = sorted({_number(found[0]) for found in VERSION.finditer(body)})
    return VERSION.sub(lambda found: b"%d" % numbers.index(_number(found[0])), body)


def _number(text: bytes) -> int:
    return int(text.replace(b",", b""))
