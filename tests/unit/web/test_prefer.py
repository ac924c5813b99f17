"""What clients prefer, in all the ways they write it."""

from __future__ import annotations

import pytest

from verselet.query.plan import Annotations
from verselet.web.prefer import parse_prefer

FORMATTED, TABLE, NAVIGATION = Annotations.FORMATTED, Annotations.LOOKUP_TABLE, Annotations.NAVIGATION
OF_ROWS = FORMATTED | TABLE | NAVIGATION
"""What rows of plain questions can show."""

DISPLAY = "OData.Community.Display.V1.FormattedValue"
CRM = "Microsoft.Dynamics.CRM"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('odata.include-annotations="*"', FORMATTED | TABLE | NAVIGATION),
        ("odata.include-annotations=*", FORMATTED | TABLE | NAVIGATION),
        (f"odata.include-annotations={DISPLAY}", FORMATTED),
        ('odata.include-annotations="OData.Community.*"', FORMATTED),
        (f'odata.include-annotations="{CRM}.*"', TABLE | NAVIGATION),
        (f'odata.include-annotations="{CRM}.lookuplogicalname, {DISPLAY}"', TABLE | FORMATTED),
        (f'odata.include-annotations="{CRM}.associatednavigationproperty,{CRM}.lookuplogicalname"', NAVIGATION | TABLE),
        ('odata.include-annotations=""', Annotations.NONE),
        ("odata.include-annotations", Annotations.NONE),
        ('odata.include-annotations="Nonsense.*"', Annotations.NONE),
        ("", Annotations.NONE),
        ("respond-async, wait=5", Annotations.NONE),
        ('ODATA.INCLUDE-ANNOTATIONS="*"', FORMATTED | TABLE | NAVIGATION),
    ],
)
def test_annotations_are_exactly_those_named(text: str, expected: Annotations) -> None:
    """[P-2], [P-3], [P-4], [CC-14]"""
    assert expected == parse_prefer(text).annotations & OF_ROWS


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("odata.maxpagesize=3", 3),
        ('odata.maxpagesize="3"', 3),
        ("odata.maxpagesize=5000", 5000),
        ("odata.maxpagesize=5001", 5000),
        ("odata.maxpagesize=99999999999999999999", 5000),
        ("odata.maxpagesize=0", None),
        ("odata.maxpagesize=-1", None),
        ("odata.maxpagesize=x", None),
        ("odata.maxpagesize=²", None),
        ("odata.maxpagesize", None),
        ("odata.maxpagesize=3,odata.maxpagesize=4", 3),
    ],
)
def test_a_page_has_5000_rows_at_most(text: str, page: int | None) -> None:
    """What cannot be meant is ignored. [P-5], [P-8]"""
    assert page == parse_prefer(text).max_page


@pytest.mark.parametrize(
    "text",
    [
        'return=representation,odata.include-annotations="*",odata.maxpagesize=7',
        'odata.maxpagesize=7, odata.include-annotations="*" ,return=representation',
        'return=representation; x=1,odata.include-annotations="*",odata.maxpagesize=7,respond-async',
    ],
)
def test_preferences_combine_in_any_order(text: str) -> None:
    """[P-1], [P-7], [H-18]"""
    found = parse_prefer(text)
    assert (True, True, 7) == (found.representation, found.everything, found.max_page)
    applied = (b"return=representation", b'odata.include-annotations="*"', b"odata.maxpagesize=7")
    assert applied == (found.representation_applied, found.annotations_applied, found.page_applied)


@pytest.mark.parametrize("text", ["return=minimal", "return=", "return", "representation", "x" * 5000, ',,;="', '"'])
def test_nothing_else_asks_for_the_row(text: str) -> None:
    """[P-1], [P-8]"""
    found = parse_prefer(text)
    assert (False, b"") == (found.representation, found.representation_applied)


def test_totals_are_named_by_themselves() -> None:
    """[CT-3]"""
    total = f"{CRM}.totalrecordcount"
    assert {total} == parse_prefer(f"odata.include-annotations={total}").totals
    assert {total, f"{total}limitexceeded"} <= parse_prefer('odata.include-annotations="*"').totals
    assert set() == parse_prefer("odata.include-annotations=OData.*").totals
