"""Paths are cut into segments, keys into names and values. [U-4], [U-9], [K-1]"""

from __future__ import annotations

import pytest

from tests.unit.query.odata.trees import literal, number, placeless, text
from verselet.errors import QueryRefused
from verselet.query.odata.keys import KeyText, Segment, parse_key, split_segments
from verselet.query.tree import Literal

GUID = "5f3e0000-0000-4000-8000-0000a0000025"


@pytest.mark.parametrize("written", [GUID, GUID.upper(), f" {GUID} "])
def test_a_bare_guid_is_the_id_in_lower_case(written: str) -> None:
    """Upper or lower case, without quotes. [U-9]"""
    assert KeyText(GUID) == parse_key(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"accountid={GUID.upper()}", (("accountid", literal("guid", GUID.upper())),)),
        ("accountnumber='A-1'", (("accountnumber", text("A-1")),)),
        ("name='O''Hara, (x)=/'", (("name", text("O'Hara, (x)=/")),)),
        ("new_number=2,new_region='US'", (("new_number", number("2")), ("new_region", text("US")))),
        (f"_parentcustomerid_value={GUID}", (("_parentcustomerid_value", literal("guid", GUID)),)),
        ("due=2024-03-01T10:00:00Z", (("due", literal("datetime", "2024-03-01T10:00:00Z")),)),
        ("LogicalName='task'", (("LogicalName", text("task")),)),
    ],
)
def test_other_keys_are_names_with_values(written: str, expected: tuple[tuple[str, Literal], ...]) -> None:
    """Primary key by name, alternate keys, lookups in keys, definitions. [K-1], [K-2], [K-8], [MD-1]"""
    assert KeyText(None, expected) == placeless(parse_key(written))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "5f3e0000-0000",
        GUID[:-1],
        f"{GUID}0",
        f"{{{GUID}}}",
        f"'{GUID}'",
        f"{GUID},{GUID}",
        "name",
        "name=",
        "name=null",
        "name=other",
        "name=@p",
        "name='x",
        "name='x',",
        "name='x' and",
        "a=1,a=2",
        "=5",
    ],
)
def test_what_is_no_key_is_refused(written: str) -> None:
    """Empty parentheses, malformed GUIDs, braces, nameless values. [U-9]"""
    with pytest.raises(QueryRefused, match=r"^Bad Request - Error in query syntax") as refused:
        parse_key(written)

    assert (400, 0x80060888) == (refused.value.status, refused.value.code)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ()),
        ("/", ()),
        ("contacts", (Segment("contacts"),)),
        ("/contacts/", (Segment("contacts"),)),
        ("WhoAmI()", (Segment("WhoAmI", ""),)),
        ("$metadata", (Segment("$metadata"),)),
        (
            f"accounts({GUID})/primarycontactid/$ref",
            (Segment("accounts", GUID), Segment("primarycontactid"), Segment("$ref")),
        ),
        (
            "accounts(accountnumber='a/b(''')/name/$value",
            (Segment("accounts", "accountnumber='a/b('''"), Segment("name"), Segment("$value")),
        ),
        (
            "Attributes(LogicalName='subject')/Microsoft.Dynamics.CRM.StringAttributeMetadata",
            (Segment("Attributes", "LogicalName='subject'"), Segment("Microsoft.Dynamics.CRM.StringAttributeMetadata")),
        ),
        (
            "F(Target={'@odata.id':'accounts(x)'},B=[\"a/)\"])",
            (Segment("F", "Target={'@odata.id':'accounts(x)'},B=[\"a/)\"]"),),
        ),
        ("F(A=(1),B=(('x/')))/y", (Segment("F", "A=(1),B=(('x/'))"), Segment("y"))),
        ("F(a(b))", (Segment("F", "a(b)"),)),
    ],
)
def test_slashes_in_quotes_and_parentheses_divide_nothing(path: str, expected: tuple[Segment, ...]) -> None:
    """Keys may contain anything; slashes at the ends add no segment. [U-3], [U-4], [U-6]"""
    assert expected == split_segments(path)


@pytest.mark.parametrize(
    "path",
    [
        "a//b",
        "(x)",
        "a(",
        "a(b",
        "a)",
        "a(b)c",
        "a(b))",
        "a(b)(c)",
        "a('b)",
        'a("b)',
        "a/'b",
        "a('x')c/d",
        "a('x'",
        "a)('x'(",
    ],
)
def test_paths_that_do_not_close_are_refused(path: str) -> None:
    """Empty segments, open quotes and parentheses, text behind a key. [U-9]"""
    with pytest.raises(QueryRefused, match="Error in query syntax"):
        split_segments(path)
