"""Search rows.

In:        a term and the tables it is searched in
Out:       the rows that have it and that the caller may see, the best ones first
Not here:  how a search is written and weighed (query.searching), the members of an answer (web.searching)

There is no index: the database finds the rows that can have the term, as it answers any question of the caller, with
the caller's rights in it; only what came back is weighed. So a row is found as soon as it is written, writing costs
nothing more, and what somebody may not read is never looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

import msgspec

from verselet.errors.searching import SearchDisabled
from verselet.messages.searching import (
    CompletedSearch,
    CompleteSearch,
    FoundRows,
    Hit,
    RetrieveSearchState,
    Searched,
    SearchRows,
    SearchState,
)
from verselet.metadata.columns import MemoColumn
from verselet.metadata.tables import Table
from verselet.operations.facet_values import facets_of
from verselet.operations.quick_find import chosen_columns, searched_columns
from verselet.operations.reads import read_rows
from verselet.operations.rights import READ, may_read_some, reaches_everything
from verselet.operations.secured_columns import read_masks
from verselet.pipeline.execution import Execution
from verselet.query.outputs import property_name
from verselet.query.plan import Masked
from verselet.query.searching.candidates import candidates
from verselet.query.searching.distances import begins_near
from verselet.query.searching.matching import Document, Found, find, shown
from verselet.query.searching.terms import NOTHING, Fuzzy, Joined, Term, Words, misspelled
from verselet.query.searching.words import texts_of
from verselet.query.tree import And, Condition, Ordering, Path, Query
from verselet.sql.write import count_sql
from verselet.values import Reference, Row, Value

SCORE: Final = "@search.score"
"""Stands for the score in an order."""

MOST: Final = 2_000
"""So many rows of a table that can have a term are weighed, those that changed last."""

MOST_WITH_MEMOS: Final = 200
"""So many where columns of several lines are searched, which may be long."""


class Result(msgspec.Struct, frozen=True, eq=False):
    """A row that was found."""

    row: Row
    document: Document
    found: Found


def search_rows(run: Execution) -> FoundRows:
    """One page of the rows with a term.

    Raises:
        SearchDisabled: the organization has switched it off.
    """
    _must_be_on(run)
    request = cast(SearchRows, run.request)
    columns = _also_read(request)
    results = list(_results(run, request.term, request.searched, columns))
    if not results and request.corrects:
        results = list(_results(run, misspelled(request.term), request.searched, columns))
    results = _in_order(run, results, request)
    page = results[request.skip : request.skip + request.top]
    return FoundRows(
        tuple([_hit(result) for result in page]),
        len(results),
        facets_of(run, request, [result.row for result in results]),
    )


def complete_search(run: Execution) -> CompletedSearch:
    """The word that most rows have which have the words before it too. Refusals as `search_rows`."""
    _must_be_on(run)
    request = cast(CompleteSearch, run.request)
    if not request.words:
        return CompletedSearch("")
    *before, begun = request.words
    last: Term = Fuzzy(begun, 1, prefix=True) if request.fuzzy else Words((begun,), prefix=True)
    term = Joined(must=(*[Words((word,)) for word in before], last))
    counted: Counter[str] = Counter()
    for result in _results(run, term, request.searched, ()):
        words = {word for text in result.document.texts.values() for word in texts_of(text)}
        counted.update(word for word in words if _begins(word, begun, fuzzy=request.fuzzy))
    best = min(counted, key=lambda word: (-counted[word], len(word), word), default="")
    return CompletedSearch(best)


def retrieve_search_state(run: Execution) -> SearchState:
    """Whether the search is on, and how many rows there are to search, as far as the caller may read whole tables."""
    assert isinstance(run.request, RetrieveSearchState)
    tables = [table for table in run.schema.tables.values() if table.searched and may_read_some(run, table)]
    whole = [table for table in tables if reaches_everything(run.caller, table, READ)]
    counts = [run.session.run(count_sql(table))[0][0] for table in whole]
    documents = sum(count for count in counts if isinstance(count, int))
    return SearchState(_is_on(run), documents, searched_columns(run))


# --- which rows -------------------------------------------------------------------------------------------------------


def _is_on(run: Execution) -> bool:
    found = run.read_values("organization", run.facts.id, ("isexternalsearchindexenabled",)) or {}
    # An organization from before there was a search holds nothing there.
    return found.get("isexternalsearchindexenabled") is not False


def _must_be_on(run: Execution) -> None:
    if not _is_on(run):
        raise SearchDisabled


def _also_read(request: SearchRows) -> tuple[str, ...]:
    """The columns that orders and facets need."""
    names = [name for name, _ in request.order] + [facet.column for facet in request.facets]
    return tuple(dict.fromkeys(names))


def _results(run: Execution, term: Term, searched: Iterable[Searched], also: tuple[str, ...]) -> Iterator[Result]:
    if term == NOTHING:
        return
    masks = read_masks(run.session) if run.schema.guards else frozenset[Masked]()
    known = searched_columns(run)
    rows: list[Row] = []
    documents: list[Document] = []
    for place in searched:
        table = run.schema.tables[place.table]
        columns = chosen_columns(place, known[table.name], table.primary_name)
        if not columns or not may_read_some(run, table):
            continue
        question = _question(table, columns, term, also, place.filter)
        for row in read_rows(run, question, masks):
            texts = {name: row.values.get(name) for name in columns}
            shown = {name: text for name, text in texts.items() if isinstance(text, str) and text}
            rows.append(row)
            documents.append(Document(shown, table.primary_name))
    for found in find(term, documents):
        yield Result(rows[found.number], documents[found.number], found)


def _question(
    table: Table, columns: tuple[str, ...], term: Term, also: tuple[str, ...], kept: Condition | None
) -> Query:
    """The rows of a table that can have the term and fulfil the filter."""
    wanted = dict.fromkeys([*columns, *[name for name in also if name in table.columns]])
    if table.primary_name is not None:
        wanted[table.primary_name] = None
    fitting = candidates(term, [property_name(table.columns[name]) for name in columns])
    conditions = tuple([condition for condition in (fitting, kept) if condition is not None])
    newest = (Ordering(Path(("modifiedon",), 0, 0), descending=True),) if "modifiedon" in table.columns else ()
    return Query(
        table=table.name,
        select=tuple([property_name(table.columns[name]) for name in wanted]),
        filter=And(conditions) if conditions else None,
        orderby=newest,
        top=MOST_WITH_MEMOS if any(isinstance(table.columns[name], MemoColumn) for name in columns) else MOST,
    )


def _begins(word: str, begun: str, *, fuzzy: bool) -> bool:
    return begins_near(begun, word, 1) if fuzzy else word.startswith(begun)


# --- in which order ---------------------------------------------------------------------------------------------------


def _in_order(run: Execution, results: Sequence[Result], request: SearchRows) -> list[Result]:
    """The best first, equals by name; then as asked for, the last name first, as sorting keeps what it finds equal."""
    found = sorted(results, key=lambda result: (-result.found.score, _name(run, result.row), result.row.id or ""))
    for name, backwards in reversed(request.order):
        if name == SCORE:
            found.sort(key=lambda result: result.found.score, reverse=backwards)
        else:
            found.sort(key=lambda result: _sortable(result.row.values.get(name)), reverse=backwards)
    if request.grouped:
        first: dict[str, int] = {}
        for place, result in enumerate(found):
            first.setdefault(result.row.table, place)
        found.sort(key=lambda result: first[result.row.table])
    return found


def _name(run: Execution, row: Row) -> str:
    primary = run.schema.tables[row.table].primary_name
    return str(row.values.get(primary or "") or "").lower()


def _sortable(value: Value) -> tuple[int, Decimal, str]:
    """No value first, then numbers, then texts: columns of one name may differ between tables."""
    match value:
        case None:
            return 0, Decimal(0), ""
        case bool() | int() | Decimal():
            return 1, Decimal(value), ""
        case float():
            return 1, Decimal(str(value)), ""
        case Reference(id=row_id):
            return 2, Decimal(0), row_id
        case _:
            return 2, Decimal(0), str(value).lower()


def _hit(result: Result) -> Hit:
    texts: Mapping[str, str] = result.document.texts
    marked = {name: shown(texts[name], spans) for name, spans in result.found.spans.items()}
    return Hit(result.row.table, str(result.row.id), result.found.score, marked)
