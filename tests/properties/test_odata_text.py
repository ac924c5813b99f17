"""Laws of the OData texts: printing loses nothing, shapes tell questions apart, nothing but refusals escapes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import odata_texts as of
from tests.unit.query.odata.trees import literals_of, placeless
from verselet.errors import NotSupportedHere, QueryRefused
from verselet.query.odata.expand import parse_expand
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.keys import parse_key, split_segments
from verselet.query.odata.literals import Span, shape_of, value_at
from verselet.query.odata.options import build_query, decode_query, parse_options, read_options
from verselet.query.odata.orderby import parse_orderby
from verselet.query.odata.printing import print_expand, print_filter, print_operand, print_orderby, print_select
from verselet.query.odata.select import parse_select
from verselet.query.tree import Condition, Expand, Literal, Ordering, Query, QueryFunction


@given(of.conditions())
def test_a_printed_filter_parses_to_the_same_tree(condition: Condition) -> None:
    """parse∘print = same, places aside. [F-19]"""
    assert condition == placeless(parse_filter(print_filter(condition)))


@given(of.orderings(with_aliases=True))
def test_a_printed_orderby_parses_to_the_same(orderings: tuple[Ordering, ...]) -> None:
    """parse∘print = same, places aside. [O-1]"""
    assert orderings == placeless(parse_orderby(print_orderby(orderings)))


@given(of.expands())
def test_a_printed_expand_parses_to_the_same(items: tuple[Expand, ...]) -> None:
    """parse∘print = same, places aside. [X-1]"""
    assert items == placeless(parse_expand(print_expand(items)))


@given(of.selects)
def test_a_printed_select_parses_to_the_same(names: tuple[str, ...]) -> None:
    """parse∘print = same. [Q-3]"""
    assert names == parse_select(print_select(names))


@st.composite
def query_texts(draw: st.DrawFn) -> str:
    """Whole decoded query texts that can be parsed, in the form that their values allow."""
    parts = [f"$filter={print_filter(draw(of.conditions(depth=2)))}"]
    if draw(st.booleans()):
        parts.append(f"$expand={print_expand(draw(of.expands()))}")
    if draw(st.booleans()):
        parts.append(f"$orderby={print_orderby(draw(of.orderings(with_aliases=True)))}")
    parts += draw(
        st.sampled_from([[], ["$top=5"], ["$count=true", "tag=it's 5"], ["$select=a, b"], ["$skiptoken=<c p='1'>"]])
    )
    values = draw(st.dictionaries(of.names, st.one_of(of.literals, of.paths(())), max_size=2))
    parts += [f"@{name}={print_operand(value)}" for name, value in values.items()]
    parts = draw(st.permutations(parts))
    if any("&" in part for part in parts):
        return "".join(f"\x00{part}" for part in parts)
    return "&".join(parts)


@given(query_texts())
def test_every_bindable_literal_is_a_span_of_the_shape(text: str) -> None:
    """What the parser takes for a value is found without parsing, at the same place with the same text."""
    spans = {(span.start, span.stop): value_at(text, span) for span in shape_of(text)[1]}

    if not spans and "PropertyName=@" in text:
        return
    for literal in _bindable(_query(text)):
        assert literal.text == spans[literal.start, literal.stop]


@given(query_texts(), st.data())
def test_another_literal_of_the_same_kind_changes_neither_shape_nor_tree(text: str, data: st.DataObject) -> None:
    """The plan of a question serves every question of its shape."""
    shape, spans = shape_of(text)
    if not spans:
        return
    span = data.draw(st.sampled_from(spans))
    other = _replaced(text, span, data.draw(of.literals_of_kind(span.kind)))

    assert shape == shape_of(other)[0]
    assert _blank(_query(text)) == _blank(_query(other))


@given(query_texts(), st.data())
def test_two_texts_of_one_shape_ask_the_same(text: str, data: st.DataObject) -> None:
    """Whatever is changed in a text: it keeps its shape only if nothing but values changed."""
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 3)))
    scrap = data.draw(st.one_of(st.sampled_from(of.FRAGMENTS), st.text(of.LETTERS, max_size=3)))
    other = text[:start] + scrap.replace("\x00", "") + text[stop:]

    if shape_of(text)[0] == shape_of(other)[0]:
        assert _blank(_query(text)) == _blank(_query(other))


@given(query_texts())
def test_shape_and_literals_together_are_the_text(text: str) -> None:
    """Nothing is lost on the way to a shape."""
    shape, spans = shape_of(text)
    pieces = iter([text[span.start : span.stop] for span in spans])

    assert text == "".join(next(pieces) if "\x01" <= letter <= "\x05" else letter for letter in shape)


@pytest.mark.parametrize(
    "read",
    [parse_filter, parse_orderby, parse_select, parse_options, decode_query, parse_key, split_segments, shape_of],
    ids=lambda read: read.__name__,
)
@given(of.scraps)
def test_nothing_but_a_refusal_escapes(read: Callable[[str], object], text: str) -> None:
    """Whatever is sent, the answer is a reading or a refusal of the query. [E-7]"""
    with contextlib.suppress(QueryRefused):
        read(text)


@given(of.scraps)
def test_nothing_but_a_refusal_escapes_from_an_expand(text: str) -> None:
    """A type cast is refused as not built yet, everything else as not understood. [X-1], [X-13]"""
    with contextlib.suppress(QueryRefused, NotSupportedHere):
        parse_expand(text)


@given(of.scraps)
def test_nothing_but_a_refusal_escapes_from_a_whole_question(text: str) -> None:
    """The same for everything together. [E-7]"""
    with contextlib.suppress(QueryRefused, NotSupportedHere):
        build_query("contact", parse_options(text))


@given(of.scraps, st.sampled_from(of.FRAGMENTS), st.integers(1, 2_000))
def test_a_refusal_stays_short(text: str, piece: str, times: int) -> None:
    """A text of any length is refused with a message for people. [E-20]"""
    assert 1_000 > len(_refusal(text + piece * times))


@pytest.mark.parametrize(
    "text",
    [
        piece * (32_000 // len(piece))
        for piece in (*of.FRAGMENTS, "' ", " '", "'=", '\\"', "a.", "a/", "1.", "='x", "a eq 1 or ")
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_text_of_the_greatest_length_is_read_in_linear_time(text: str) -> None:
    """No pattern tries the same characters again and again; a matcher that did would not come to an end here. [U-11]"""
    shape_of(f"$filter={text.replace(chr(0), '')}")
    for read in (parse_filter, parse_orderby, parse_select, parse_expand, parse_options, parse_key, split_segments):
        with contextlib.suppress(QueryRefused, NotSupportedHere):
            read(text)


def _refusal(text: str) -> str:
    try:
        parse_filter(text)
    except QueryRefused as refused:
        return refused.message + refused.hint
    return ""


def _query(text: str) -> Query:
    """The question of a decoded text."""
    return build_query("contact", read_options(text))


def _bindable(node: object) -> list[Literal]:
    """The literals that a plan binds: not those that decide about the plan."""
    if isinstance(node, QueryFunction):
        return _bindable(tuple(item.value for item in node.parameters if item.name != "PropertyName"))
    if isinstance(node, Literal):
        return [node] if node.kind not in ("null", "yesno", "enum") else []
    if isinstance(node, tuple):
        return [found for item in node for found in _bindable(item)]
    if isinstance(node, msgspec.Struct):
        return [found for name in node.__struct_fields__ for found in _bindable(getattr(node, name))]
    return []


def _replaced(text: str, span: Span, literal: Literal) -> str:
    written = print_operand(literal)
    if text[:1] != "\x00":
        written = written.replace("&", "and")
    return text[: span.start] + written + text[span.stop :]


def _blank(node: object) -> object:
    """The tree without places, and without the texts of bindable literals."""
    return placeless(_without_values(node, _bindable(node)))


def _without_values(node: object, bindable: list[Literal]) -> object:
    if isinstance(node, Literal):
        return msgspec.structs.replace(node, text="") if any(node is found for found in bindable) else node
    if isinstance(node, tuple):
        return tuple(_without_values(item, bindable) for item in node)
    if isinstance(node, msgspec.Struct):
        changes = {name: _without_values(getattr(node, name), bindable) for name in node.__struct_fields__}
        return msgspec.structs.replace(node, **changes)
    return node


def test_the_literals_of_a_tree_are_all_seen() -> None:
    """A law over literals that sees none would hold nothing. [architecture.md §12]"""
    text = "$filter=a eq 'x' and b eq null and c/any(d:d/e lt 5)&@p=6"

    assert ["x", "null", "5", "6"] == [literal.text for literal in literals_of(_query(text))]
    assert ["x", "5", "6"] == [literal.text for literal in _bindable(_query(text))]
