"""The lexer cuts a text into tokens. [F-4], [F-19], [E-7]"""

from __future__ import annotations

import pytest

from verselet.errors import QueryRefused
from verselet.query.odata.lexer import tokens_of

GUID = "5f3e0000-0000-4000-8000-0000A0000025"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'x'", "text"),
        ("''", "text"),
        ("'O''Brien'", "text"),
        ("'a(b)/c=d;e'", "text"),
        (GUID, "guid"),
        ("abcdef01-0000-4000-8000-0000a0000025", "guid"),
        ("2024-03-01", "date"),
        ("2024-03-01T10:00Z", "datetime"),
        ("2024-03-01T10:00:00Z", "datetime"),
        ("1970-01-01T00:00:00.000Z", "datetime"),
        ("2024-03-01T12:00:00+02:00", "datetime"),
        ("2024-03-01T12:00:00.1234567-05:30", "datetime"),
        ("5", "number"),
        ("-5", "number"),
        ("250000.5", "number"),
        ("-1.5e-7", "number"),
        ("1E+10", "number"),
        ("name", "name"),
        ("_ownerid_value", "name"),
        ("Größe", "name"),
        ("abcdef01", "name"),
        ("Microsoft.Dynamics.CRM.In", "name"),
        ("Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'", "enum"),
        ("@p1", "alias"),
        ("$top", "option"),
        ('"it\'s \\"here\\""', "json"),
        ("(", "mark"),
        ("*", "mark"),
    ],
)
def test_a_piece_is_one_token_of_its_kind(text: str, kind: str) -> None:
    """Literals, names and marks are told apart by their form alone. [F-4], [F-19]"""
    token, end = tokens_of(text)

    assert (kind, text, 0, len(text)) == (token.kind, token.text, token.start, token.stop)
    assert ("end", len(text)) == (end.kind, end.start)


def test_tokens_know_where_they_stand() -> None:
    """Positions count characters of the text; white space divides and is no token. [E-7]"""
    tokens = tokens_of(" name\teq\r\n'x' ")

    assert [("name", 1, 5), ("eq", 6, 8), ("'x'", 10, 13), ("", 14, 14)] == [
        (token.text, token.start, token.stop) for token in tokens
    ]


@pytest.mark.parametrize(
    ("text", "position", "piece"),
    [
        ("a eq 2024-1-1", 5, "2024-1-1"),
        ("a eq 5abc", 5, "5abc"),
        ("a eq 5f3e0000-0000", 5, "5f3e0000-0000"),
        ("a eq 2024-03-01T10:00:00", 5, "2024-03-01T10:00:00"),
        ("a eq 1.", 5, "1."),
        ("a eq -", 5, "-"),
        ("a eq {b}", 5, "{"),
        ("a&b", 1, "&"),
        ("a eq ?", 5, "?"),
    ],
)
def test_a_piece_that_is_no_token_is_refused_with_its_place(text: str, position: int, piece: str) -> None:
    """A refusal has the position, the piece and what was expected. [E-7]"""
    with pytest.raises(QueryRefused) as refused:
        tokens_of(text)

    assert f"Syntax error at position {position} in '{text}'." == refused.value.message
    assert refused.value.hint.startswith(f"Found '{piece}', expected ")


@pytest.mark.parametrize("text", ["a eq 'x", "a eq 'O''Brien", "a eq '''", 'a eq "x', "a eq T'x"])
def test_a_quote_left_open_is_refused(text: str) -> None:
    """The doubled quote inside a string closes nothing. [U-12]"""
    with pytest.raises(QueryRefused, match="unterminated string literal at position"):
        tokens_of(text)


def test_a_refusal_repeats_only_the_beginning_of_a_long_text() -> None:
    """A refusal stays readable whatever was sent. [E-20]"""
    with pytest.raises(QueryRefused) as refused:
        tokens_of("a eq " + "5" * 30_000 + "x")

    assert 600 > len(refused.value.message)
    assert 200 > len(refused.value.hint)


def test_refusals_carry_the_code_of_query_options() -> None:
    """An option that cannot be parsed is 400 0x80060888. [E-7]"""
    with pytest.raises(QueryRefused) as refused:
        tokens_of("?")

    assert (400, 0x80060888) == (refused.value.status, refused.value.code)
