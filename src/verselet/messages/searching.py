"""Search the rows of several tables at once.

In:        made by web.searching
Out:       frozen messages
Not here:  how a search is written (query.searching), what it finds (operations.searching)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from verselet.messages.request import ReadingRequest, Response
from verselet.query.searching.facets import Bucket, Facet
from verselet.query.searching.terms import Term
from verselet.query.tree import Condition


class Searched(msgspec.Struct, frozen=True):
    """A table, which of its columns are searched, None for all that can be, and what its rows must fulfil.

    `primary_only`: only the column that names the rows.
    """

    table: str
    columns: tuple[str, ...] | None = None
    filter: Condition | None = None
    primary_only: bool = False


class SearchRows(ReadingRequest, frozen=True, tag=True):
    """The rows with a term, the best ones first.

    `order` names columns, or `@search.score`, each with whether it runs backwards. `grouped`: results of one table stay
    together. `corrects`: a search that finds nothing is made again with its words taken as misspelled.
    """

    term: Term
    searched: tuple[Searched, ...]
    order: tuple[tuple[str, bool], ...] = ()
    facets: tuple[Facet, ...] = ()
    skip: int = 0
    top: int = 50
    grouped: bool = False
    corrects: bool = False


class Hit(msgspec.Struct, frozen=True):
    """A row, how well it fits, and its columns with what was found marked."""

    table: str
    id: str
    score: float
    highlights: Mapping[str, str]


class FoundRows(Response, frozen=True):
    """One page of the results, how many there are in all, and the facets over all of them."""

    hits: tuple[Hit, ...]
    count: int
    facets: tuple[tuple[Facet, tuple[Bucket, ...]], ...]


class CompleteSearch(ReadingRequest, frozen=True, tag=True):
    """What somebody who typed those words may be about to type: the last of them is only begun.

    `fuzzy`: it may have a wrong letter.
    """

    words: tuple[str, ...]
    searched: tuple[Searched, ...]
    fuzzy: bool = False


class CompletedSearch(Response, frozen=True):
    """The last word in full; empty where no row has one."""

    word: str


class RetrieveSearchState(ReadingRequest, frozen=True, tag=True):
    """Whether rows can be searched, and how many there are to search."""


class SearchState(Response, frozen=True):
    """Whether it is switched on, the number of rows there are to search, and the columns by their tables."""

    is_on: bool
    documents: int
    columns: Mapping[str, tuple[str, ...]]
