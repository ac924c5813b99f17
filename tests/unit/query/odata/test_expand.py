"""`$expand` becomes items with options of their own. [X-1]"""

from __future__ import annotations

import pytest

from tests.unit.query.odata.trees import compare, number, path, placeless, text
from verselet.errors import NotSupportedHere, QueryRefused
from verselet.query.odata.expand import parse_expand
from verselet.query.tree import Comparison, Expand, Ordering


def item(navigation: str, **options: object) -> Expand:
    """An item without places."""
    return Expand(navigation=navigation, start=0, stop=0, **options)  # type: ignore[arg-type]  # options are checked by the struct's users


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("primarycontactid", (item("primarycontactid"),)),
        ("a,b", (item("a"), item("b"))),
        (" a , b ", (item("a"), item("b"))),
        ("a($select=x,y)", (item("a", select=("x", "y")),)),
        ("a($select=*)", (item("a"),)),
        ("a($select=x;)", (item("a", select=("x",)),)),
        ("a( $select = x ; $top = 5 )", (item("a", select=("x",), top=5),)),
        ("a/$ref", (item("a", reference=True),)),
        ("a/$ref,b", (item("a", reference=True), item("b"))),
        (
            "primarycontactid($select=fullname),Account_Tasks($select=subject;$orderby=createdon desc;$top=5)",
            (
                item("primarycontactid", select=("fullname",)),
                item(
                    "Account_Tasks", select=("subject",), orderby=(Ordering(path("createdon"), descending=True),), top=5
                ),
            ),
        ),
        (
            "a($filter=b eq 'x;y)' and (c gt 1 or d lt 2);$select=e)",
            parse_expand("a($select=e;$filter=b eq 'x;y)' and (c gt 1 or d lt 2))"),
        ),
        ("a($filter=b eq 'x;y)';$top=0)", (item("a", filter=compare(path("b"), "eq", text("x;y)")), top=0),)),
        (
            "a($expand=b($expand=c($select=d);$filter=e eq 5),f)",
            (
                item(
                    "a",
                    expand=(
                        item("b", expand=(item("c", select=("d",)),), filter=compare(path("e"), "eq", number("5"))),
                        item("f"),
                    ),
                ),
            ),
        ),
    ],
)
def test_options_stand_in_parentheses_between_semicolons(written: str, expected: tuple[Expand, ...]) -> None:
    """Nested options in any order; `;` and `)` inside a string divide nothing. [X-1], [X-4], [X-9], [X-10]"""
    assert placeless(expected) == placeless(parse_expand(written))


def test_places_count_from_the_offset() -> None:
    """Literals and navigation names inside an item know their place in the whole query text. [X-14], [X-16]"""
    whole = "$expand=a($filter=b eq 'x';$expand=cd)"
    (outer,) = parse_expand(whole[8:], 8)

    (inner,) = outer.expand
    assert isinstance(outer.filter, Comparison)
    assert ("a", "'x'", "cd") == (
        whole[outer.start : outer.stop],
        whole[outer.filter.right.start : outer.filter.right.stop],
        whole[inner.start : inner.stop],
    )


@pytest.mark.parametrize("option", ["$count", "$skip", "$levels", "$search", "$apply", "$Select", "$compute"])
def test_options_that_do_not_exist_here_are_refused_by_name(option: str) -> None:
    """Neither counts nor searches within an expand, and nothing is ignored. [X-4], [CS-3]"""
    with pytest.raises(QueryRefused) as refused:
        parse_expand(f"a({option}=true)")

    assert f"The query option '{option}' is not supported within $expand." == refused.value.message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a($select=b;$select=c)", "'\\$select' is given more than once"),
        ("a,a", "'a' is expanded more than once"),
        ("x($expand=a,a($select=b))", "'a' is expanded more than once"),
        ("a/$count", "'a/\\$count' is not supported"),
        ("a/$value", "'a/\\$value' is not supported"),
        ("*", "\\$expand=\\* is not supported"),
        ("a($filter=b eq @p)", "alias '@p' at 15 cannot be used"),
        ("a($orderby=@p)", "alias '@p'"),
        ("a($top=-1)", "Invalid value '-1' for \\$top"),
        ("a($top=x)", "Invalid value 'x' for \\$top"),
        ("", "Syntax error at position 0"),
        ("a,", "Syntax error at position 2"),
        ("a b", "Syntax error at position 2"),
        ("a()", "Syntax error at position 2"),
        ("a(", "Syntax error at position 2"),
        ("a($select=b", "Syntax error at position 11"),
        ("a($select=b,$top=5)", "Syntax error at position 12"),
        ("a($select=b;;$top=5)", "Syntax error at position 12"),
        ("a(select=b)", "Syntax error at position 2"),
        ("a($select b)", "Syntax error at position 10"),
        ("a/b", "Syntax error at position 2"),
        ("a/$ref($filter=b eq 1)", "Syntax error at position 6"),
        ("5", "Syntax error at position 0"),
        ("a($filter=true)", "must evaluate to a single boolean value"),
        ("a($filter=b;$top=1)", "must evaluate to a single boolean value"),
    ],
)
def test_what_cannot_be_meant_is_refused(written: str, message: str) -> None:
    """Aliases, repetitions, other segments than `$ref`, and bad syntax. [X-1], [X-4], [X-10], [X-15], [E-7]"""
    with pytest.raises(QueryRefused, match=message):
        parse_expand(written)


def test_an_at_sign_in_a_string_is_no_alias() -> None:
    """Mail addresses may be compared within an expand. [X-15]"""
    (found,) = parse_expand("a($filter=mail eq 'ann@events.example')")

    assert compare(path("mail"), "eq", text("ann@events.example")) == placeless(found.filter)


def test_a_type_cast_is_named_as_missing() -> None:
    """The service casts owners; this server says that it does not yet. [X-13]"""
    with pytest.raises(NotSupportedHere, match=r"type cast 'Microsoft\.Dynamics\.CRM\.team' in \$expand"):
        parse_expand("ownerid/Microsoft.Dynamics.CRM.team")


@pytest.mark.parametrize(
    "written",
    [
        ",".join(f"n{number}" for number in range(16)),
        ",".join(f"n{number}($expand=a,b,c)" for number in range(4)),
        ",".join(f"n{number}" for number in range(10_000)),
    ],
    ids=["flat", "nested", "very many"],
)
def test_sixteen_items_are_too_many(written: str) -> None:
    """At most 15 in a request, nested ones counted. [X-2]"""
    with pytest.raises(QueryRefused, match="maximum limit of 15"):
        parse_expand(written)


def test_fifteen_items_are_allowed() -> None:
    """The limit is 15, not less. [X-2]"""
    assert 3 == len(parse_expand(",".join(f"n{number}($expand=a,b($expand=c,d))" for number in range(3))))


def test_nesting_has_a_limit() -> None:
    """A deep nest is refused before the stack is. [X-2]"""
    with pytest.raises(QueryRefused, match="Recursion depth exceeded"):
        parse_expand("a($expand=" * 5_000)
