"""The query texts of the conformance cases can be read. [F-19], [X-1], [QF-1]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.places import SHARED
from tests.unit.query.odata.trees import placeless
from verselet.query.odata.expand import parse_expand
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.options import build_query, parse_options
from verselet.query.odata.printing import print_expand, print_filter

NOT_OF_A_QUESTION = ("$apply", "$deltatoken", "$id", "fetchXml", "savedQuery", "userQuery", "sql")
FILES = ("filter", "query", "expand", "lambda", "functions_query", "paging", "annotations", "metadata", "retrieve")


def answered_queries() -> Iterator[tuple[str, dict[str, str]]]:
    """The options of every request for data that must be answered with 200."""
    for name in FILES:
        for line in (SHARED / "conformance" / "webapi" / f"{name}.jsonl").read_text("utf-8").splitlines():
            case = json.loads(line)
            for step in (*case.get("before", ()), case, *case.get("after", ())):
                query = step.get("request", {}).get("query")
                if query and step.get("expect", {}).get("status") == 200 and query.keys().isdisjoint(NOT_OF_A_QUESTION):
                    yield case["id"], query


@pytest.mark.parametrize(
    "query", [query for _, query in answered_queries()], ids=[name for name, _ in answered_queries()]
)
def test_every_answered_query_can_be_read_and_printed(query: dict[str, str]) -> None:
    """What the service answers is understood, and printing it changes nothing. [F-19], [X-1]"""
    raw = "&".join(f"{quote(name, safe='$@')}={quote(str(value))}" for name, value in query.items())
    found = build_query("table", parse_options(raw))

    if found.filter is not None:
        assert placeless(found.filter) == placeless(parse_filter(print_filter(found.filter)))
    if found.expand:
        assert placeless(found.expand) == placeless(parse_expand(print_expand(found.expand)))
    assert {name for name in query if name.startswith("$")} == {
        name for name, _ in parse_options(raw).places if name.startswith("$")
    }
