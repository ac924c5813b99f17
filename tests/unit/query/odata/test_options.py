"""A query string becomes options. [Q-1], [U-12], [U-13]"""

from __future__ import annotations

import pytest

from tests.unit.query.odata.trees import compare, number, path, placeless, text
from verselet.errors import NotSupportedHere, QueryRefused
from verselet.query.odata.options import Options, build_query, decode_query, parse_options
from verselet.query.tree import Alias, Expand, Literal, Ordering, Path, Query, TextMatch, ValueList


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ""),
        ("$filter=a%20eq%20'b'", "$filter=a eq 'b'"),
        ("$filter=a+eq+'b'", "$filter=a eq 'b'"),
        ("$filter=a eq 'b'", "$filter=a eq 'b'"),
        ("%24filter=a%20eq%20%27b%27", "$filter=a eq 'b'"),
        ("$filter=startswith%28a%2C'b'%29", "$filter=startswith(a,'b')"),
        ("$filter=a%20eq%20'1%2B1'", "$filter=a eq '1+1'"),
        ("$filter=a%20eq%20'%2525'", "$filter=a eq '%25'"),
        ("$filter=a%20eq%20'100%'", "$filter=a eq '100%'"),
        ("$filter=city%20eq%20'S%C3%A3o'", "$filter=city eq 'São'"),
        ("$filter=city eq 'São'", "$filter=city eq 'São'"),
        ("$filter=a%20eq%20'b%0Ac'", "$filter=a eq 'b\nc'"),
        ("$select=a&$filter=n%20eq%20'b%26c'", "\x00$select=a\x00$filter=n eq 'b&c'"),
    ],
)
def test_names_and_values_are_decoded(raw: str, expected: str) -> None:
    """Blanks in three spellings, everything else raw or encoded. [CC-27], [U-12]"""
    assert expected == decode_query(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("$filter=a%20eq%20'%FF'", "not valid UTF-8"),
        ("$filter=a eq '\udcff'", "not valid UTF-8"),
        ("$filter=a%20eq%20'%00'", "control character"),
        ("$filter=a%20eq%20'%01'", "control character"),
        ("$filter=a%20eq%20'\x01'", "control character"),
        ("$filter=a%20eq%20'%26%00'", "control character"),
    ],
)
def test_texts_that_no_client_means_are_refused(raw: str, message: str) -> None:
    """Broken UTF-8, and characters that have a meaning of their own inside the server. [E-7]"""
    with pytest.raises(QueryRefused, match=message):
        parse_options(raw)


def test_every_option_is_told_apart() -> None:
    """System options, aliases and free options, in any order. [Q-1], [Q-7], [Q-8], [U-14]"""
    options = parse_options(
        "$top=3&@p1=5&$select=a&tag=hello+there&$filter=b+eq+@p1&$orderby=c&$expand=d&$count=true"
        "&$apply=e&$skiptoken=f&$deltatoken=g&$id=h&fetchXml=%3Cfetch/%3E&tag=again&&partitionId"
    )

    expected = Options(
        text=options.text,
        select="a",
        filter="b eq @p1",
        orderby="c",
        expand="d",
        top=3,
        count=True,
        apply="e",
        skiptoken="f",
        deltatoken="g",
        id="h",
        custom=(("tag", "hello there"), ("fetchXml", "<fetch/>"), ("tag", "again"), ("partitionId", "")),
        aliases=(("p1", "5"),),
        places=options.places,
    )
    assert expected == options
    assert ("hello there", None) == (options.value("tag"), options.value("savedQuery"))


@pytest.mark.parametrize(
    "raw",
    [
        "$select=a&$filter=b%20eq%20'c'&@p=5&tag=x",
        "tag=%26&$select=a&&$filter=b%20eq%20'c%26d%3De'&@p=5",
        "&$filter=%24top%3D5&$select=%3D",
    ],
)
def test_places_are_positions_in_the_decoded_text(raw: str) -> None:
    """Every value stands in `text` where `places` says, also where a value contains `&` or `=`. [E-7]"""
    options = parse_options(raw)

    values = {"$select": options.select, "$filter": options.filter, "@p": dict(options.aliases).get("p")}
    for name, value in values.items():
        if value is not None:
            place = options.place(name)
            assert value == options.text[place : place + len(value)]
    assert 0 == options.place("$top")


def test_an_encoded_ampersand_divides_nothing() -> None:
    """A value may contain what divides options outside of it. [U-12]"""
    options = parse_options("$filter=name%20eq%20'fir%20%26%20Sons'&$top=1")

    assert ("name eq 'fir & Sons'", 1) == (options.filter, options.top)


def test_one_text_has_one_meaning() -> None:
    """An encoded `&` never makes the same decoded text as a real one. [performance.md §3]"""
    assert decode_query("tag=x%26$top=1") != decode_query("tag=x&$top=1")
    assert decode_query("tag=x%26$top=1").replace("\x00", "") == "tag=x&$top=1"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("$skip=2", "Skip Clause is not supported in CRM"),
        ("$search=Alma", "The query parameter '\\$search' is not supported."),
        ("$format=json", "The query parameter '\\$format' is not supported."),
        ("$levels=2", "The query parameter '\\$levels' is not supported."),
        ("$compute=a", "The query parameter '\\$compute' is not supported."),
        ("$Select=a", "The query parameter '\\$Select' is not supported."),
        ("$FILTER=a eq 1", "The query parameter '\\$FILTER' is not supported."),
        ("+$filter=a", "The query parameter ' \\$filter' is not supported."),
        ("$filter+=a", "The query parameter '\\$filter ' is not supported."),
        ("@=5", "The query parameter '@' is not supported."),
        ("@a-b=5", "The query parameter '@a-b' is not supported."),
        ("$select=a&$select=b", "'\\$select' is given more than once"),
        ("@p=1&@p=2", "'@p' is given more than once"),
        ("$top=-1", "Invalid value '-1' for \\$top"),
        ("$top=", "Invalid value '' for \\$top"),
        ("$top=x", "Invalid value 'x' for \\$top"),
        ("$top=1.5", "Invalid value '1.5' for \\$top"),
        ("$top=2147483648", "Invalid value '2147483648' for \\$top"),
        ("$top=٣", "Invalid value '٣' for \\$top"),
        ("$top=" + "9" * 9_000, "for \\$top query option"),
        ("$count=yes", "Invalid value 'yes' for \\$count"),
        ("$count", "Invalid value '' for \\$count"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(raw: str, message: str) -> None:
    """Unknown, misspelled, repeated or unsupported options are never ignored. [Q-2], [Q-6], [CS-3], [CC-28], [PG-1]"""
    with pytest.raises(QueryRefused, match=message) as refused:
        parse_options(raw)

    assert (400, 0x80060888) == (refused.value.status, refused.value.code)


def test_a_misspelled_option_gets_a_hint() -> None:
    """Letter case is the usual mistake. [CS-3]"""
    with pytest.raises(QueryRefused) as refused:
        parse_options("$Select=a")

    assert "Did you mean '$select'?" == refused.value.hint


@pytest.mark.parametrize(
    ("raw", "expected"), [("$count=true", True), ("$count=TRUE", True), ("$count=false", False), ("$top=1", False)]
)
def test_the_count_is_wanted_or_not(raw: str, *, expected: bool) -> None:
    """Letter case of true and false does not matter. [CT-1], [CS-2]"""
    assert expected == parse_options(raw).count


@pytest.mark.parametrize(("raw", "expected"), [("$top=0", 0), ("$top=2147483647", 2147483647), ("$top=+5", 5)])
def test_top_is_a_whole_number(raw: str, expected: int) -> None:
    """Zero is allowed; how many rows really come is for the page to say. [PG-1]"""
    assert expected == parse_options(raw).top


def test_a_query_is_built_from_all_options() -> None:
    """Each option is parsed and keeps its place; aliases become values. [Q-1], [Q-7]"""
    options = parse_options(
        "$select=b,a&$filter=contains(@p1,'x')&$orderby=@p4%20desc&$expand=n($select=c)&$top=2&$count=true"
        "&$skiptoken=t&@p1=fullname&@p2=5&@p3=[%22u%22]&@p4=a/b&tag=x"
    )
    query = build_query("contact", options)

    expected = Query(
        table="contact",
        select=("b", "a"),
        filter=TextMatch("contains", Alias("p1", 0, 0), text("x")),
        orderby=(Ordering(Alias("p4", 0, 0), descending=True),),
        expand=(Expand(navigation="n", start=0, stop=0, select=("c",)),),
        top=2,
        count=True,
        skip_token="t",
        aliases=(
            ("p1", path("fullname")),
            ("p2", number("5")),
            ("p3", ValueList((text("u"),), 0, 0)),
            ("p4", path("a", "b")),
        ),
    )
    assert expected == placeless(query)
    assert isinstance(query.filter, TextMatch)
    literals = [query.filter.right, dict(query.aliases)["p2"]]
    assert ["'x'", "5"] == [options.text[found.start : found.stop] for found in literals]


def test_no_option_asks_for_everything() -> None:
    """Without options all columns of all rows are meant. [Q-3]"""
    assert Query(table="contact") == build_query("contact", parse_options(""))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'x'", Literal("text", "x", 3, 6)),
        ("null", Literal("null", "null", 3, 7)),
        ("2024-03-01", Literal("date", "2024-03-01", 3, 13)),
        ("fullname", Path(("fullname",), 3, 11)),
    ],
)
def test_an_alias_stands_for_a_literal_or_a_property(value: str, expected: Literal | Path) -> None:
    """What the alias is assigned, with its place. [Q-7], [CC-29]"""
    assert (("p", expected),) == build_query("contact", parse_options(f"@p={value}")).aliases


@pytest.mark.parametrize("value", ["", "@q", "a eq 1", "{'@odata.id':'accounts(x)'}", "[]", "[a]", "f(x)"])
def test_an_alias_stands_for_nothing_else(value: str) -> None:
    """No alias of an alias, no expression. [Q-7]"""
    with pytest.raises(QueryRefused):
        build_query("contact", parse_options(f"@p={value}"))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("$apply=aggregate($count%20as%20n)", "$apply"),
        ("$deltatoken=1", "$deltatoken"),
        ("fetchXml=%3Cfetch/%3E", "fetchXml"),
        ("savedQuery=5f3e0000-0000-4000-8000-0000a0000025", "savedQuery"),
        ("userQuery=5f3e0000-0000-4000-8000-0000a0000025", "userQuery"),
        ("sql=SELECT%201", "sql"),
    ],
)
def test_other_questions_are_named_as_missing(raw: str, name: str) -> None:
    """An option that brings a question of its own is not a part of this one. [U-14]"""
    with pytest.raises(NotSupportedHere) as refused:
        build_query("contact", parse_options(raw))

    assert name == refused.value.what


def test_the_id_of_a_reference_belongs_to_no_question() -> None:
    """`$id` names the row of a reference to delete. [Q-2]"""
    with pytest.raises(QueryRefused, match=r"'\$id' belongs to references only"):
        build_query("contact", parse_options("$id=contacts(5f3e0000-0000-4000-8000-0000a0000025)"))


def test_a_filter_is_parsed_as_written() -> None:
    """The names are not looked at here. [E-6]"""
    assert compare(path("nosuch"), "eq", number("1")) == placeless(
        build_query("contact", parse_options("$filter=nosuch%20eq%201")).filter
    )
