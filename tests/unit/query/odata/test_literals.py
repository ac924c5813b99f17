"""Literals are found without parsing. [performance.md §3]"""

from __future__ import annotations

import pytest

from verselet.query.odata.literals import Span, shape_of, value_at

GUID = "5f3e0000-0000-4000-8000-0000a0000025"
CRM = "Microsoft.Dynamics.CRM."


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("", []),
        ("$select=name", []),
        ("$filter=a eq 'x' and b gt 5", [("text", "'x'"), ("number", "5")]),
        ("$filter=a eq ''", [("text", "''")]),
        ("$filter=a eq 'O''Hara 5'", [("text", "'O''Hara 5'")]),
        (f"$filter=_a_value eq {GUID}", [("guid", GUID)]),
        ("$filter=(a ge 2024-03-01T10:00:00Z)", [("datetime", "2024-03-01T10:00:00Z")]),
        ("$filter=a lt 2024-03-01&$top=5", [("date", "2024-03-01")]),
        ("$filter=a lt -1.5e3", [("number", "-1.5e3")]),
        ("$filter=a eq null or b eq true or c eq false", []),
        ("$filter=contains(a,'x') and 5 lt b", [("text", "'x'"), ("number", "5")]),
        ("$filter=p/any(x:'a' eq x/b)", [("text", "'a'")]),
        (
            f"$filter={CRM}In(PropertyName='a 5',PropertyValues=[\"1\",'2',3])",
            [("text", '"1"'), ("text", "'2'"), ("number", "3")],
        ),
        (f"$filter={CRM}On(PropertyValue='2024-01-01', PropertyName = 'a')", [("text", "'2024-01-01'")]),
        ("$filter=a eq T.E'x 5' and b eq 6", [("number", "6")]),
        ("$filter=a eq @p&@p=5&@q='x'", [("number", "5"), ("text", "'x'")]),
        ("$expand=n($filter=a eq 5;$top=3;$expand=m( $top = 4;$filter=b eq 'x'))", [("number", "5"), ("text", "'x'")]),
        ("$expand=n($top=3)&$filter=a eq 1", [("number", "1")]),
        ("$top=5&$skiptoken=<c a=\"1\" b='2'/>&$filter=a eq 7", [("number", "7")]),
        ("tag=it's 5&$filter=a eq 'x'&$orderby=b", [("text", "'x'")]),
        ("$filter=a eq 'x&$orderby=5 'y", []),
        ("$apply=filter(a eq 5)&fetchXml=<fetch top='5'/>", [("number", "5")]),
        ("$apply=filter(a eq 'x')/groupby((b),aggregate(c with sum as d2))&$top=3", [("text", "'x'")]),
        ("\x00tag=it's 5\x00$filter=a eq 'x & 5'\x00$top=5", [("text", "'x & 5'")]),
        ("\x00$filter=a eq 'x&$filter=b eq 5", []),
        ('$filter=a eq x"1 5" and b eq 5', []),
    ],
)
def test_literals_are_found_with_kind_and_place(text: str, literals: list[tuple[str, str]]) -> None:
    """Everything else stays in the shape: names, null, yes/no, enum members, column names, `$top`, other options."""
    shape, spans = shape_of(text)

    assert literals == [(span.kind, text[span.start : span.stop]) for span in spans]
    rest = text
    for span in reversed(spans):
        mark = {"text": "\x01", "guid": "\x02", "datetime": "\x03", "date": "\x04", "number": "\x05"}[span.kind]
        rest = rest[: span.start] + mark + rest[span.stop :]
    assert rest == shape


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$filter=a eq 5", "$filter=a eq '5'"),
        ("$filter=a eq 5", "$filter=a eq null"),
        ("$filter=a eq 2024-03-01", "$filter=a eq 2024-03-01T00:00:00Z"),
        ("$filter=a eq 5", "$filter=a eq 5x"),
        ("$filter=a eq T.E'x'", "$filter=a eq T.E'y'"),
        (f"$filter={CRM}Today(PropertyName='a')", f"$filter={CRM}Today(PropertyName='b')"),
        (f"$filter={CRM}Today(PropertyName=@p)&@p='a'", f"$filter={CRM}Today(PropertyName=@p)&@p='b'"),
        (f"$filter={CRM}In(PropertyName='a',P=['1'])", f"$filter={CRM}In(PropertyName='a',P=['1','2'])"),
        ("$top=5", "$top=6"),
        ("$expand=n($top=5)", "$expand=n($top=6)"),
        ("$skiptoken='5'", "$skiptoken='6'"),
        ("tag='5'", "tag='6'"),
        ("$filter=a eq 'x'&$top=5", "\x00$filter=a eq 'x'&$top=5"),
    ],
)
def test_different_questions_have_different_shapes(one: str, other: str) -> None:
    """A ready plan must never answer another question."""
    assert shape_of(one)[0] != shape_of(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$filter=a eq 5", "$filter=a eq -7.25"),
        ("$filter=a eq 'x'", "$filter=a eq 'it''s 5 &'"),
        ("$filter=a eq 2024-03-01T10:00:00Z", "$filter=a eq 1999-12-31T10:00:00.5+02:00"),
        ("$filter=a eq @p&@p='x'", "$filter=a eq @p&@p=''"),
    ],
)
def test_questions_that_differ_in_values_share_a_shape(one: str, other: str) -> None:
    """The second one is answered from the ready plan of the first."""
    shape, _ = shape_of(one)
    separated, _ = shape_of(other if "&'" not in other else "\x00" + other)

    assert shape == separated.lstrip("\x00")


@pytest.mark.parametrize(
    ("piece", "kind", "value"),
    [
        ("'O''Hara'", "text", "O'Hara"),
        ('"a\\"b"', "text", 'a"b'),
        ("''", "text", ""),
        ("-5", "number", "-5"),
        (GUID, "guid", GUID),
    ],
)
def test_the_value_is_that_of_the_parsed_literal(piece: str, kind: str, value: str) -> None:
    """Quotes fall away, doubled quotes and JSON escapes are undone. [F-4], [QF-3]"""
    text = f"$filter=a eq {piece}"

    assert value == value_at(text, Span(13, len(text), kind))  # type: ignore[arg-type]  # the table gives plain texts


@pytest.mark.parametrize(
    ("piece", "value"), [(r'"\ud800"', "?"), ('"a\n\\n"', "a\n\n"), (r'"\ud83d\ude00\/"', "\U0001f600/")]
)
def test_every_json_string_has_a_text(piece: str, value: str) -> None:
    """Reading a value again never fails where the parser read it. [QF-3]"""
    assert value == value_at(f"$filter={CRM}In(P=[{piece}])", Span(37, 37 + len(piece), "text"))


def test_a_bad_escape_stays_in_the_shape() -> None:
    """What the parser refuses is no literal. [QF-3]"""
    text = '$filter=Microsoft.Dynamics.CRM.In(P=["\\q"])'

    assert (text, ()) == shape_of(text)
