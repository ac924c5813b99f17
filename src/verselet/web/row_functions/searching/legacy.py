"""Read and answer searches of version 1, which stand at addresses of their own.

In:        `/api/search/v1.0/query`, `suggest` and `autocomplete`
Out:       an `Answer`
Not here:  version 2 (web.row_functions.searching.modern), finding rows (operations.searching)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, cast

from verselet.errors import MethodNotAllowed, ResourceNotFound
from verselet.messages.searching import CompletedSearch, FoundRows
from verselet.organization import Organization
from verselet.query.searching.facets import parse_facet
from verselet.query.searching.filters import parse_filters
from verselet.web.answers import Answer, json_answer
from verselet.web.body import read_object
from verselet.web.exchange import Exchange
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.searching import members
from verselet.web.row_functions.searching.asked import (
    DEFAULT_SUGGESTED,
    DEFAULT_TOP,
    Asked,
    AskedTable,
    complete_message,
    search_message,
    suggest_message,
)
from verselet.web.row_functions.searching.modern import ENCODER, shown_columns
from verselet.web.row_functions.searching.shown import (
    ShownRow,
    bucket_members,
    bucket_value,
    completed,
    read_rows,
    with_written_dates,
)

QUERY: Final = frozenset(
    [
        "search",
        "entities",
        "facets",
        "filter",
        "returntotalrecordcount",
        "skip",
        "top",
        "orderby",
        "searchmode",
        "searchtype",
    ]
)
SUGGEST: Final = frozenset(["search", "usefuzzy", "top", "orderby", "entities", "filter"])
COMPLETE: Final = frozenset(["search", "usefuzzy", "entities", "filter"])
"""The members of the bodies. [DW-15]"""

_TYPES: Final[Mapping[str, bool]] = MappingProxyType({"simple": False, "full": True})
_MODES: Final[Mapping[str, bool]] = MappingProxyType({"any": False, "all": True})


class LegacySearch:
    """Searches of version 1 in one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def answer(self, exchange: Exchange) -> Answer:
        """Answer one request.

        Raises:
            ServiceError: any refusal.
        """
        run = _ANSWERS.get(exchange.path.rstrip("/"))
        if run is None:
            raise ResourceNotFound(exchange.path[:80], _ANSWERS)
        if exchange.method != "POST":
            raise MethodNotAllowed(exchange.method, exchange.path)
        given = read_object(exchange.body or b"{}", exchange.content_type, exchange.path)
        return json_answer(ENCODER.encode(run(Call(self._organization, exchange, exchange.path, given, None))))


def _query(call: Call) -> Mapping[str, object]:
    asked = _read(call, QUERY, DEFAULT_TOP)
    found = cast(FoundRows, call.execute(search_message(call.schema, asked)))
    rows = read_rows(call, found.hits, shown_columns(call, asked))
    return {
        "value": [_result(call, row) for row in rows],
        "facets": {
            facet.name: [bucket_members(bucket, _written) for bucket in buckets] for facet, buckets in found.facets
        },
        "totalrecordcount": found.count if asked.counts else -1,
        "querycontext": None,
    }


def _result(call: Call, row: ShownRow) -> dict[str, object]:
    return {
        "@search.score": row.hit.score,
        "@search.highlights": {name: [text] for name, text in row.hit.highlights.items()},
        **row.facts,
        **with_written_dates(call.schema.tables[row.hit.table], row),
    }


def _suggest(call: Call) -> Mapping[str, object]:
    asked = _read(call, SUGGEST, DEFAULT_SUGGESTED)
    found = cast(FoundRows, call.execute(suggest_message(call.schema, asked)))
    rows = read_rows(call, found.hits, shown_columns(call, asked))
    tables = call.schema.tables
    suggested = [
        {"text": row.text, "document": {**row.facts, **with_written_dates(tables[row.hit.table], row)}} for row in rows
    ]
    return {"value": suggested, "querycontext": None}


def _complete(call: Call) -> Mapping[str, object]:
    asked = _read(call, COMPLETE, DEFAULT_SUGGESTED)
    found = cast(CompletedSearch, call.execute(complete_message(call.schema, asked)))
    return {"value": completed(asked.search, found.word), "querycontext": None}


_ANSWERS: Final[Mapping[str, Callable[[Call], Mapping[str, object]]]] = MappingProxyType(
    {"query": _query, "suggest": _suggest, "autocomplete": _complete}
)


def _read(call: Call, known: frozenset[str], default_top: int) -> Asked:
    given = members.lowered(call.given, known)
    written = members.text(given, "filter")
    return Asked(
        search=members.needed_text(given, "search"),
        tables=tuple([AskedTable(name) for name in members.texts(given.get("entities"), "entities")]),
        filters=parse_filters(written) if written is not None and written.strip() else (),
        facets=tuple([parse_facet(item) for item in members.texts(given.get("facets"), "facets")]),
        order=members.order(members.texts(given.get("orderby"), "orderby")),
        skip=members.number(given, "skip", 0, 2**31 - 1),
        top=members.top(given, default_top),
        counts=members.yes_no(given, "returntotalrecordcount"),
        full_syntax=members.chosen(given.get("searchtype"), "searchtype", _TYPES),
        every_word=members.chosen(given.get("searchmode"), "searchmode", _MODES),
        fuzzy=members.yes_no(given, "usefuzzy"),
    )


def _written(value: object) -> object:
    """A value of a facet; dates as people write them."""
    if isinstance(value, datetime):
        clock = f"{(value.hour + 11) % 12 + 1}:{value:%M} {'AM' if value.hour < 12 else 'PM'}"
        return f"{value.month}/{value.day}/{value.year} {clock}"
    return bucket_value(value)
