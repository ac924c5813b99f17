"""Say the text of a question in another query language.

In:        FetchXML, a SELECT, or an address such as `contacts?$filter=…`
Out:       the text in the language that is wanted
Not here:  the trees in between (query.translating), asking the question (web)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

from verselet.errors import NotSupportedHere, QueryTableUnknown
from verselet.metadata.schema import Schema
from verselet.query.apply import BesideApply, resolve_apply
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.fetchxml.tree import Fetch
from verselet.query.odata.apply import parse_apply
from verselet.query.odata.options import build_query, parse_options
from verselet.query.printers.fetchxml import print_fetch
from verselet.query.printers.odata import print_address
from verselet.query.printers.sql_text import print_sql
from verselet.query.resolve import Reading, resolve
from verselet.query.sql_text.parse import BEGINNING, parse_sql
from verselet.query.translating.question import Question
from verselet.query.translating.to_fetch import fetch_of
from verselet.query.translating.to_odata import question_of

Language: TypeAlias = Literal["fetchxml", "sql", "odata"]


def translate(text: str, to: Language, schema: Schema) -> str:
    """The same question in another language; the text itself tells in which one it is written.

    Raises:
        ServiceError: the question cannot be understood, as the Web API would refuse it.
        CannotBeSaid: the other language has no words for a part of it.
    """
    asked = _parsed(text.strip(), schema)
    if isinstance(asked, Question):
        _must_resolve(asked, schema)
        return print_address(asked, schema) if to == "odata" else PRINTERS[to](fetch_of(asked, schema), schema)
    table = schema.tables.get(asked.table)
    if table is None:
        raise QueryTableUnknown(asked.table, schema.tables)
    resolve_fetch(asked, table, schema, Additions())
    return PRINTERS[to](asked, schema)


def _parsed(text: str, schema: Schema) -> Fetch | Question:
    if text.startswith("<"):
        fetch = parse_fetch(text)
        if fetch.retained:
            raise NotSupportedHere("Translating a question about retained rows")
        return fetch
    if BEGINNING.match(text):
        return parse_sql(text, schema)
    path, _, raw = text.partition("?")
    options = parse_options(raw)
    table = schema.table_of_set(path.rpartition("/")[2])
    if options.apply is None:
        return Question(build_query(table.name, options))
    beside = build_query(table.name, msgspec.structs.replace(options, apply=None))
    return Question(beside, parse_apply(options.apply))


def _must_resolve(asked: Question, schema: Schema) -> None:
    query = asked.query
    if asked.apply is None:
        resolve(query, schema, Reading())
        return
    beside = BesideApply(filter=query.filter, orderby=query.orderby, aliases=query.aliases)
    resolve_apply(asked.apply, schema.tables[query.table], schema, beside)


PRINTERS: Final[Mapping[Language, Callable[[Fetch, Schema], str]]] = MappingProxyType(
    {
        "fetchxml": lambda fetch, _: print_fetch(fetch),
        "sql": print_sql,
        "odata": lambda fetch, schema: print_address(question_of(fetch, schema), schema),
    }
)
