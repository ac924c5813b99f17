"""Shapes of queries in FetchXML and SQL: the text without its values."""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.shapes import Language, shape_of, with_places
from verselet.query.fetchxml.tree import Condition, Fetch, Filter
from verselet.query.sql_text.parse import parse_sql

XML = "<fetch><entity name='new_gizmo'><attribute name='new_name'/><filter>{}</filter></entity></fetch>"
SQL = "SELECT new_name FROM new_gizmo WHERE {}"


def parse(language: Language, text: str) -> Fetch:
    """The query a text states."""
    return parse_fetch(text) if language == "fetchXml" else parse_sql(text, schema_with_gizmos())


def places(language: Language, text: str) -> list[tuple[int, ...]] | None:
    """The places of the values of each condition, in order."""
    shape = shape_of(language, text)
    fetch = with_places(parse(language, text), shape, lambda marked: parse(language, marked))
    return None if fetch is None else [found for item in fetch.body.filters for found in _places(item)]


def _places(item: Filter) -> list[tuple[int, ...]]:
    found = []
    for part in item.items:
        if isinstance(part, Condition):
            found.append(part.places)
        elif isinstance(part, Filter):
            found += _places(part)
    return found


CASES: tuple[tuple[Language, str, list[tuple[int, ...]]], ...] = (
    ("fetchXml", XML.format("<condition attribute='new_name' operator='eq' value='a'/>"), [(0,)]),
    ("fetchXml", XML.format("<condition value=\"it's\" attribute='new_name' operator='eq'/>"), [(0,)]),
    (
        "fetchXml",
        XML.format(
            "<condition attribute='new_count' operator='in'><value>1</value><value>2</value></condition>"
            "<condition attribute='new_name' operator='eq' value=''/>"
        ),
        [(0, 1), (2,)],
    ),
    # What an entity stands for is read by the XML reader alone.
    ("fetchXml", XML.format("<condition attribute='new_name' operator='eq' value='&lt;'/>"), [(-1,)]),
    # A value in a comment is none.
    (
        "fetchXml",
        XML.format("<!-- value='x' --><condition attribute='new_name' operator='eq' value='a'/>"),
        [(1,)],
    ),
    ("sql", SQL.format("new_name = 'it''s' AND new_count > -5"), [(0,), (1,)]),
    ("sql", SQL.format("new_count BETWEEN 1 AND 2.5 OR new_name LIKE N'a%'"), [(0, 1), (2,)]),
    ("sql", SQL.format("3 < new_count"), [(0,)]),
    ("sql", SQL.format("new_count = 1 -- new_count = 2"), [(0,)]),
    ("sql", "SELECT TOP 5 new_name FROM new_gizmo WHERE new_count = 5", [(0,)]),
    ("sql", SQL.format("new_size = 1e3"), [(-1,)]),
)


@pytest.mark.parametrize(("language", "text", "expected"), CASES, ids=range(len(CASES)))
def test_values_know_their_places(language: Language, text: str, expected: list[tuple[int, ...]]) -> None:
    """In the order in which they are written; −1 where the text alone does not tell the value. (performance.md §3)"""
    assert expected == places(language, text)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("fetchXml", "<condition attribute='new_name' operator='eq' value='{}'/>", ("a", "b")),
        ("sql", "new_name = '{}'", ("a", "b")),
        ("sql", "new_count = {}", ("1", "-22.5")),
    ],
)
def test_queries_that_differ_in_values_have_one_shape(language: Language, first: str, second: tuple[str, str]) -> None:
    """[performance.md §3]"""
    whole = XML if language == "fetchXml" else SQL
    shapes = [shape_of(language, whole.format(first.format(value))) for value in second]

    assert shapes[0].text == shapes[1].text
    assert list(second) == [shape.value(0) for shape in shapes]


def test_queries_that_differ_in_anything_else_have_two_shapes() -> None:
    """Names, operators, the number of rows."""
    texts = [
        SQL.format("new_name = 'a'"),
        SQL.format("new_notes = 'a'"),
        SQL.format("new_name <> 'a'"),
        SQL.format("new_name = 'a'").replace("SELECT", "SELECT TOP 5"),
        SQL.format("new_name = 'a'").replace("SELECT", "SELECT TOP 6"),
    ]

    assert len(texts) == len({shape_of("sql", text).text for text in texts})
