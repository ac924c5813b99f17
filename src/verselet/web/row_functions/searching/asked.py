"""Hold what a search asks, whichever version it is written for, and make messages of it.

In:        made by web.row_functions.searching.modern and web.row_functions.searching.legacy
Out:       `Asked`; messages
Not here:  how the versions write it (the sibling modules)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from verselet.errors import InvalidArgument, UnknownColumn
from verselet.messages.searching import CompleteSearch, Searched, SearchRows
from verselet.metadata.columns import is_property
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.searching.facets import Facet
from verselet.query.searching.filters import Filter, columns_of, for_table
from verselet.query.searching.lucene import parse_lucene
from verselet.query.searching.simple import parse_simple
from verselet.query.searching.terms import NOTHING, Fuzzy, Joined, Term, Words
from verselet.query.searching.words import texts_of
from verselet.query.tree import And, Condition

LONGEST: Final = 100
"""Characters of a search."""

SHORTEST_TO_SUGGEST: Final = 3
MOST_AT_ONCE: Final = 100
DEFAULT_TOP: Final = 50
DEFAULT_SUGGESTED: Final = 5


class AskedTable(msgspec.Struct, frozen=True):
    """A table that is searched: the columns to show and to search, None for those of its kind."""

    name: str
    shown: tuple[str, ...] | None = None
    searched: tuple[str, ...] | None = None
    filters: tuple[Filter, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A search. `tables` is empty where all are meant that are switched on for it."""

    search: str
    tables: tuple[AskedTable, ...] = ()
    filters: tuple[Filter, ...] = ()
    facets: tuple[Facet, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    skip: int = 0
    top: int = DEFAULT_TOP
    counts: bool = False
    full_syntax: bool = False
    every_word: bool = False
    fuzzy: bool = False
    grouped: bool = False
    corrects: bool = False


def search_message(schema: Schema, asked: Asked) -> SearchRows:
    """The rows with the term.

    Raises:
        InvalidArgument, UnknownColumn, NotSupportedHere: what cannot be searched for, or where.
    """
    _must_fit(asked.search, 1)
    parse = parse_lucene if asked.full_syntax else parse_simple
    return _message(schema, asked, parse(asked.search, every_word=asked.every_word), primary_only=False)


def suggest_message(schema: Schema, asked: Asked) -> SearchRows:
    """The rows whose name has the words, the last of which is only begun. Refusals as `search_message`."""
    _must_fit(asked.search, SHORTEST_TO_SUGGEST)
    return _message(schema, asked, _begun(asked), primary_only=True)


def complete_message(schema: Schema, asked: Asked) -> CompleteSearch:
    """The word that somebody is about to type. Refusals as `search_message`."""
    _must_fit(asked.search, 1)
    places = tuple(_places(schema, asked, primary_only=True))
    return CompleteSearch(texts_of(asked.search), places, asked.fuzzy)


def tables_of(schema: Schema, asked: Asked) -> tuple[tuple[Table, AskedTable], ...]:
    """The tables that are searched.

    Raises:
        InvalidArgument: one that is not switched on for it.
    """
    on = {table.name: table for table in schema.tables.values() if table.searched}
    if not asked.tables:
        return tuple([(table, AskedTable(table.name)) for table in on.values()])
    unknown = next((place.name for place in asked.tables if place.name not in on), None)
    if unknown is not None:
        raise InvalidArgument(f"The table '{unknown[:100]}' is not enabled for search.")
    return tuple([(on[place.name], place) for place in {place.name: place for place in asked.tables}.values()])


def _must_fit(search: str, shortest: int) -> None:
    if not shortest <= len(search) <= LONGEST:
        raise InvalidArgument(f"The parameter 'search' must have {shortest} to {LONGEST} characters.")


def _begun(asked: Asked) -> Term:
    words = texts_of(asked.search)
    if not words:
        return NOTHING
    last: Term = Fuzzy(words[-1], 1, prefix=True) if asked.fuzzy else Words(words[-1:], prefix=True)
    return Joined(must=(*[Words((word,)) for word in words[:-1]], last))


def _message(schema: Schema, asked: Asked, term: Term, *, primary_only: bool) -> SearchRows:
    places = tuple(_places(schema, asked, primary_only=primary_only))
    _must_be_somewhere(schema, places, [name for name, _ in asked.order if not name.startswith("@")])
    return SearchRows(
        term,
        places,
        asked.order,
        asked.facets,
        skip=asked.skip,
        top=asked.top,
        grouped=asked.grouped,
        corrects=asked.corrects,
    )


def _places(schema: Schema, asked: Asked, *, primary_only: bool) -> Iterable[Searched]:
    tables = tables_of(schema, asked)
    _filters_must_fit(asked, [table for table, _ in tables])
    for table, place in tables:
        conditions = [found.condition for found in (*asked.filters, *place.filters) if found.is_about(table)]
        if all(name in _names(table) for condition in conditions for name in columns_of(condition)):
            filtered = tuple([for_table(condition, table) for condition in conditions])
            # Whoever names a table and no columns searches its name only.
            name_only = primary_only or place.searched == ()
            yield Searched(table.name, place.searched, _all(filtered), primary_only=name_only)


def _all(conditions: tuple[Condition, ...]) -> Condition | None:
    return And(conditions) if conditions else None


def _filters_must_fit(asked: Asked, tables: list[Table]) -> None:
    """Each filter is about some table, and each of its columns is one of a table it is about."""
    for found in (*asked.filters, *[own for place in asked.tables for own in place.filters]):
        about = [table for table in tables if found.is_about(table)]
        if not about:
            raise InvalidArgument(f"The filter is about '{str(found.table)[:100]}', which is not searched.")
        for name in columns_of(found.condition):
            if not any(name in _names(table) for table in about):
                raise UnknownColumn(name[:100], about[0].name, about[0].columns)


def _names(table: Table) -> frozenset[str]:
    """The names of columns in filters: logical names, and for lookups those of properties too."""
    names = [column.name for column in table.columns.values() if is_property(column)]
    return frozenset([*names, *[f"_{name}_value" for name in names]])


def _must_be_somewhere(schema: Schema, places: tuple[Searched, ...], names: list[str]) -> None:
    for name in names:
        if places and not any(_is_sortable(schema.tables[place.table], name) for place in places):
            first = schema.tables[places[0].table]
            raise UnknownColumn(name[:100], first.name, first.columns)


def _is_sortable(table: Table, name: str) -> bool:
    column = table.columns.get(name)
    return column is not None and is_property(column)
