"""Searches that make sense, of both versions."""

from __future__ import annotations

import json
from itertools import cycle

from tests.fuzz.requests import Seed

TERMS = (
    "hotel+(wifi | luxury)", "Alp* -beach", '"exact words" other', r"\+1\(800\)555\-1234", "*", "co-op o'brien",
)  # fmt: skip
FULL_TERMS = (
    "Uniersty~ AND account", "Rock^2 electronic", '"airport hotel"~5', "/.*pine/", "(a OR b) AND NOT c*", "+a -b !c",
)  # fmt: skip
FILTERS = (
    "createdon gt 2022-08-15", "account:revenue lt 100000 and revenue gt 2000", "not name eq 'sample'", "null",
    "account:modifiedon ge 2020-04-27T00:00:00, activities:subject eq ',', contact:(statecode eq 0 or statecode ne 1)",
    "ownerid eq '5f3e0000-0000-4000-8000-0000910a0001'", "contains(address1_city,'a')",
)  # fmt: skip
FACETS = (
    "entityname,count:100", "account:primarycontactid,sort:-value", "ownerid", "revenue,values:1|10.5|1000",
    "createdon,interval:week,timeoffset:-05:30", "modifiedon,values:2019-04-27T00:00:00|2020-03-27T00:00:00Z",
    "numberofemployees,interval:10", "donotemail", "statuscode,sort:value,count:3",
)  # fmt: skip
OPTIONS = (
    "{'querytype': 'lucene', 'searchmode': 'all', 'besteffortsearchenabled': 'true', 'grouprankingenabled': 'true'}",
    '{"querytype":"simple","searchmode":"any"}',
    "null",
)
ORDERS = ('["@search.score desc","modifiedon desc"]', "name asc, createdon", '["revenue"]', "null")
TABLES = [
    {"Name": "account", "SelectColumns": ["name", "ownerid", "revenue"], "SearchColumns": ["name"], "Filter": None},
    {"name": "contact", "selectcolumns": ["fullname"], "searchcolumns": [], "filter": "statecode eq 0"},
]


def search_seeds() -> list[Seed]:
    """Bodies of queries, suggestions and completions."""
    filters, facets, options, orders = cycle(FILTERS), cycle(FACETS), cycle(OPTIONS), cycle(ORDERS)
    found = []
    for number, term in enumerate([*TERMS, *FULL_TERMS] * 3):
        asked = [next(facets), next(facets)]
        full = term in FULL_TERMS
        modern = {
            "search": term,
            "filter": next(filters),
            "facets": json.dumps(asked),
            "options": OPTIONS[0] if full else next(options),
            "orderby": next(orders),
            "entities": json.dumps(TABLES) if number % 3 else "null",
            "count": True,
            "skip": 0,
            "top": 7,
        }
        legacy = {
            "search": term,
            "filter": next(filters).replace("null", "statecode eq 0"),
            "facets": asked,
            "searchtype": "full" if full else "simple",
            "searchmode": "all",
            "orderby": ["createdon desc"],
            "entities": ["account", "contact"],
            "returntotalrecordcount": True,
        }
        suggested = {"search": term, "fuzzy": number % 2 == 0, "filter": next(filters)}
        found += [
            _seed("searchquery", modern),
            _seed("/api/search/v1.0/query", legacy),
            _seed(("searchsuggest", "searchautocomplete")[number % 2], suggested),
        ]
    return found


def _seed(path: str, body: object) -> Seed:
    return Seed(method="POST", path=path, body=json.dumps(body, ensure_ascii=False), focus="body")
