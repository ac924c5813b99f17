"""Read and answer searches of version 2: actions and functions of the Web API.

In:        `searchquery` and its siblings
Out:       an `Answer` whose one member is the answer as JSON in a text
Not here:  version 1 (web.row_functions.searching.legacy), finding rows (operations.searching)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

import msgspec

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.messages.searching import CompletedSearch, FoundRows, RetrieveSearchState, SearchState
from verselet.metadata.tables import Table
from verselet.query.searching.facets import parse_facet
from verselet.query.searching.filters import Filter, parse_filters
from verselet.web.answers import Answer, json_answer
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
    tables_of,
)
from verselet.web.row_functions.searching.shown import ShownRow, bucket_members, bucket_value, completed, read_rows

QUERY: Final = ("search", "count", "entities", "facets", "filter", "options", "orderby", "propertybag", "skip", "top")
SUGGEST: Final = ("search", "entities", "filter", "fuzzy", "options", "orderby", "propertybag", "top")
COMPLETE: Final = ("search", "entities", "filter", "fuzzy", "options", "propertybag")
"""The parameters of the actions. What `propertybag` holds is for the service's own records. [DW-15]"""

ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_TRUE: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "false": False})
_SYNTAX: Final[Mapping[str, bool]] = MappingProxyType({"simple": False, "lucene": True, "full": True})
_MODE: Final[Mapping[str, bool]] = MappingProxyType({"any": False, "all": True})
_ALWAYS: Final = ("ownerid", "owningbusinessunit", "createdon", "modifiedon", "statecode", "statuscode")
"""The columns that are shown beside those that were found, where nobody chose any."""


def query(call: Call) -> Answer:
    """The rows with a term."""
    asked = _read(call, QUERY)
    found = cast(FoundRows, call.execute(search_message(call.schema, asked)))
    rows = read_rows(call, found.hits, shown_columns(call, asked))
    facets = {
        facet.name: [bucket_members(bucket, bucket_value) for bucket in buckets] for facet, buckets in found.facets
    }
    count = found.count if asked.counts else -1
    return _written(call, Value=[_result(row) for row in rows], Facets=facets, QueryContext=None, Count=count)


def suggest(call: Call) -> Answer:
    """Names of rows that somebody may be about to type."""
    asked = _read(call, SUGGEST)
    found = cast(FoundRows, call.execute(suggest_message(call.schema, asked)))
    rows = read_rows(call, found.hits, shown_columns(call, asked, chosen_only=True))
    suggested = [{"Text": row.text, "Document": {**row.facts, **row.members}} for row in rows]
    return _written(call, Value=suggested, QueryContext=None)


def complete(call: Call) -> Answer:
    """The word that somebody may be about to type."""
    asked = _read(call, COMPLETE)
    found = cast(CompletedSearch, call.execute(complete_message(call.schema, asked)))
    return _written(call, Value=completed(asked.search, found.word), QueryContext=None)


def statistics(call: Call) -> Answer:
    """How much there is to search. Without an index nothing is stored for it."""
    state = cast(SearchState, call.execute(RetrieveSearchState()))
    counted = {"storagesizeinbytes": 0, "storagesizeinmb": 0, "documentcount": state.documents}
    return _response(call, {"value": counted})


def status(call: Call) -> Answer:
    """Which tables and columns are searched."""
    state = cast(SearchState, call.execute(RetrieveSearchState()))
    if not state.is_on:
        return _response(call, {"value": {"status": "notprovisioned", "lockboxstatus": "Unknown"}})
    told = {
        "entitystatusresults": [
            _table_status(call.schema.tables[name], found) for name, found in state.columns.items()
        ],
        "status": "provisioned",
        "lockboxstatus": "Disabled",
        "cmkstatus": "Disabled",
    }
    return _response(call, {"value": told})


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(call: Call, known: tuple[str, ...]) -> Asked:
    given = members.lowered(call.given, frozenset(known))
    options = _options(members.nested(given, "options"))
    return Asked(
        search=members.needed_text(given, "search"),
        tables=_tables(members.nested(given, "entities")),
        filters=_filters(members.text(given, "filter")),
        facets=tuple([parse_facet(item) for item in members.texts(members.nested(given, "facets"), "facets")]),
        order=members.order(_order(given)),
        skip=members.number(given, "skip", 0, 2**31 - 1),
        top=members.top(given, DEFAULT_TOP if "count" in known else DEFAULT_SUGGESTED),
        counts=members.yes_no(given, "count"),
        fuzzy=members.yes_no(given, "fuzzy"),
        **options,
    )


def _order(given: Mapping[str, object]) -> tuple[str, ...]:
    """A list in a text; one order alone may stand there as it is."""
    written = members.text(given, "orderby")
    if written is not None and not written.lstrip().startswith("[") and written.strip() != "null":
        return (written,)
    return members.texts(members.nested(given, "orderby"), "orderby")


def _filters(written: str | None) -> tuple[Filter, ...]:
    return parse_filters(written) if written is not None and written.strip() not in {"", "null"} else ()


def _tables(found: object) -> tuple[AskedTable, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        raise InvalidArgument("The parameter 'entities' must hold a list of tables.")
    return tuple([_table(item) for item in found])


def _table(item: object) -> AskedTable:
    if not isinstance(item, dict):
        raise InvalidArgument("The parameter 'entities' must hold a list of objects with a 'name'.")
    given = members.lowered(item, frozenset({"name", "selectcolumns", "searchcolumns", "filter"}))
    return AskedTable(
        members.needed_text(given, "name"),
        members.texts(given.get("selectcolumns"), "selectcolumns"),
        members.texts(given.get("searchcolumns"), "searchcolumns"),
        _filters(members.text(given, "filter")),
    )


def _options(found: object) -> dict[str, bool]:
    """What the options switch on, by the members of `Asked`."""
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidArgument("The parameter 'options' must hold an object.")
    switched = {}
    for name, value in found.items():
        reading = _OPTIONS.get(str(name).lower())
        if reading is None:
            raise NotSupportedHere(f"The option '{str(name)[:40]}' of a search")
        member, words = reading
        switched[member] = members.chosen(value, str(name), words)
    switched.pop("", None)
    return switched


_OPTIONS: Final[Mapping[str, tuple[str, Mapping[str, bool]]]] = MappingProxyType(
    {
        "querytype": ("full_syntax", _SYNTAX),
        "searchmode": ("every_word", _MODE),
        "besteffortsearchenabled": ("corrects", _TRUE),
        "grouprankingenabled": ("grouped", _TRUE),
        "groupranking": ("grouped", _TRUE),
        # It makes the service look further than the name; it is how suggestions are found here anyway.
        "advancedsuggestenabled": ("", _TRUE),
    }
)
"""Option → the member of `Asked` it switches, and by which words."""


# --- answering --------------------------------------------------------------------------------------------------------


def shown_columns(call: Call, asked: Asked, *, chosen_only: bool = False) -> Mapping[str, tuple[str, ...]]:
    """Table → the columns that are shown of it, the name first."""
    return {
        table.name: _columns(table, place, chosen_only=chosen_only) for table, place in tables_of(call.schema, asked)
    }


def _columns(table: Table, place: AskedTable, *, chosen_only: bool) -> tuple[str, ...]:
    name = () if table.primary_name is None else (table.primary_name,)
    if place.shown is not None or chosen_only:
        return tuple(dict.fromkeys(place.shown or ())) or name
    return (*name, *[known for known in _ALWAYS if known in table.columns])


def _result(row: ShownRow) -> dict[str, object]:
    return {
        "Id": row.hit.id,
        "EntityName": row.hit.table,
        "ObjectTypeCode": 0,
        "Attributes": {"@search.objecttypecode": row.facts["@search.objecttypecode"], **row.members},
        "Highlights": {name: [text] for name, text in row.hit.highlights.items()},
        "Score": row.hit.score,
    }


def _table_status(table: Table, searched: tuple[str, ...]) -> dict[str, object]:
    columns = [*searched, *[name for name in _ALWAYS if name in table.columns]]
    return {
        "entitylogicalname": table.name,
        "objecttypecode": table.object_type_code or 0,
        "primarynamefield": table.primary_name,
        "entitystatus": "EntitySyncComplete",
        "searchableindexedfieldinfomap": {name: {"indexfieldname": name} for name in dict.fromkeys(columns)},
    }


def _written(call: Call, **answer: object) -> Answer:
    return _response(call, {"Error": None, **answer})


def _response(call: Call, answer: Mapping[str, object]) -> Answer:
    context = f"{call.exchange.api}$metadata#Microsoft.Dynamics.CRM.{call.name}Response"
    body = {"@odata.context": context, "response": ENCODER.encode(answer).decode()}
    return json_answer(ENCODER.encode(body))
