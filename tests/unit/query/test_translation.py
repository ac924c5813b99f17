"""Questions of one query language said in the others."""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.errors import CannotBeSaid, FetchRefused, QueryRefused
from verselet.query.translation import Language, translate

WHOLE = (
    "<fetch{fetch}><entity name='new_gizmo'>{inside}</entity></fetch>",
    "<attribute name='new_name'/>",
)


def xml(inside: str, fetch: str = "") -> str:
    """A query about the names of gizmos."""
    return WHOLE[0].format(fetch=fetch, inside=WHOLE[1] + inside)


def filtered(condition: str) -> str:
    """A query with one condition."""
    return xml(f"<filter><condition {condition}/></filter>")


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        (
            "new_gizmos?$select=new_name&$filter=new_name ne 'a'&$orderby=new_count desc&$top=3",
            "fetchxml",
            '<fetch top="3" useraworderby="true"><entity name="new_gizmo"><attribute name="new_name"/>'
            '<order attribute="new_count" descending="true"/><filter type="or"><condition attribute="new_name" '
            'operator="ne" value="a"/><condition attribute="new_name" operator="null"/></filter></entity></fetch>',
        ),
        (
            "new_gizmos?$select=new_name&$filter=new_name ne 'a'&$orderby=new_count desc&$top=3",
            "sql",
            "SELECT TOP 3 [new_gizmo].[new_name] FROM new_gizmo WHERE ([new_gizmo].[new_name] <> 'a' OR "
            "[new_gizmo].[new_name] IS NULL) ORDER BY [new_gizmo].[new_count] DESC",
        ),
        (
            "SELECT new_name FROM new_gizmo WHERE new_name <> 'a' AND new_at >= '2024-01-01'",
            "odata",
            "new_gizmos?$select=new_name&$filter=(new_name%20ne%20'a'%20and%20new_name%20ne%20null)%20and%20"
            "new_at%20ge%202024-01-01T00:00:00Z",
        ),
        (
            "SELECT new_color, COUNT(*) AS n FROM new_gizmo WHERE new_price > 1 GROUP BY new_color ORDER BY new_color",
            "odata",
            "new_gizmos?$apply=filter(new_price%20gt%201)/groupby((new_color),aggregate($count%20as%20n))"
            "&$orderby=new_color",
        ),
        (
            filtered("attribute='new_at' operator='last-x-days' value='3'"),
            "odata",
            "new_gizmos?$select=new_name&$filter=Microsoft.Dynamics.CRM.LastXDays"
            "(PropertyName%3D'new_at',PropertyValue%3D'3')",
        ),
        (
            xml(
                "<link-entity name='account' from='accountid' to='new_accountid' link-type='outer' alias='a'>"
                "<attribute name='name'/></link-entity>"
            ),
            "odata",
            "new_gizmos?$select=new_name&$expand=new_AccountId($select%3Dname)",
        ),
        (
            xml(
                "<link-entity name='account' from='accountid' to='new_accountid' link-type='outer' alias='a'>"
                "<attribute name='name'/></link-entity>"
            ),
            "sql",
            "SELECT [new_gizmo].[new_name], [a].[name] AS [a.name] FROM new_gizmo "
            "LEFT JOIN account AS [a] ON [a].[accountid] = [new_gizmo].[new_accountid]",
        ),
        (
            "new_gizmos?$select=new_name&$filter=not new_gizmo_parts/any(p:contains(p/new_name,'x'))",
            "fetchxml",
            '<fetch useraworderby="true"><entity name="new_gizmo"><attribute name="new_name"/><filter type="and">'
            '<link-entity name="new_part" from="new_gizmoid" to="new_gizmoid" alias="new_gizmo_parts" '
            'link-type="not any"><filter type="and"><condition attribute="new_name" operator="like" value="%x%"/>'
            "</filter></link-entity></filter></entity></fetch>",
        ),
    ],
)
def test_a_question_is_said_in_another_language(text: str, to: Language, expected: str) -> None:
    """Rows without a value are in what both say, or in what neither says. [F-6], [FX-41], [SQL-3]"""
    assert expected == translate(text, to, schema_with_gizmos())


SAYABLE: tuple[tuple[str, Language, str], ...] = (
    ("new_gizmos?$expand=new_gizmo_parts", "fetchxml", "the expanded collection 'new_gizmo_parts'"),
    ("new_gizmos?$expand=new_AccountId/$ref", "fetchxml", "$expand=new_AccountId/$ref"),
    ("new_gizmos?$top=0", "fetchxml", "$top=0"),
    ("new_gizmos?$filter=" + " or ".join(["new_gizmo_parts/any()"] * 16), "fetchxml", "more than 15 links"),
    ("new_gizmos?$top=1&$count=true", "fetchxml", "$count together with $top"),
    (
        "new_gizmos?$filter=not (new_count eq 1 and Microsoft.Dynamics.CRM.Today(PropertyName='new_at'))",
        "fetchxml",
        "the opposite of 'today'",
    ),
    ("new_gizmos?$filter=new_gizmo_parts/any()", "sql", "a link of the type 'any'"),
    ("new_gizmos?$filter=new_name eq new_notes", "sql", "a comparison of two columns"),
    ("new_gizmos?$filter=Microsoft.Dynamics.CRM.Today(PropertyName='new_at')", "sql", "the operator 'today'"),
    (xml("<order attribute='new_color'/>"), "sql", "the order by the labels of 'new_color'"),
    (xml("<order attribute='new_color'/>"), "odata", "the order by the labels of 'new_color'"),
    (xml("", " count='5'"), "sql", "a page size"),
    (xml("", " count='5' page='2'"), "odata", "a page size"),
    ("SELECT new_name AS n FROM new_gizmo", "odata", "the name 'n' for the column 'new_name'"),
    ("SELECT new_name FROM new_gizmo ORDER BY new_name OFFSET 5 ROWS", "fetchxml", "5 rows to be skipped"),
    ("SELECT new_name FROM new_gizmo WHERE new_name LIKE 'a%b'", "odata", "the pattern 'a%b'"),
    (
        "SELECT new_gizmo.new_name, p.new_name AS other FROM new_gizmo JOIN new_part p ON p.new_gizmoid = "
        "new_gizmo.new_gizmoid",
        "odata",
        "rows that are repeated for each row of 'new_part'",
    ),
    ("SELECT COUNT(new_name) AS n FROM new_gizmo", "odata", "the aggregate 'countcolumn'"),
    ("SELECT new_color, COUNT(*) AS n FROM new_gizmo GROUP BY new_color ORDER BY n", "odata", "an order by the result"),
    (
        "<fetch aggregate='true'><entity name='new_gizmo'><attribute name='new_at' alias='y' groupby='true' "
        "dategrouping='year'/></entity></fetch>",
        "sql",
        "a part of a date",
    ),
    (
        "<fetch aggregate='true'><entity name='new_gizmo'><attribute name='new_at' alias='y' groupby='true' "
        "dategrouping='year'/></entity></fetch>",
        "odata",
        "a group by a part of a date",
    ),
    (
        xml(
            "<link-entity name='account' from='accountid' to='new_accountid' link-type='outer'><filter>"
            "<condition attribute='name' operator='null'/></filter></link-entity>"
        ),
        "sql",
        "an outer link with a filter",
    ),
)
"""Question, language → what that language has no words for."""


@pytest.mark.parametrize(("text", "to", "what"), SAYABLE)
def test_what_a_language_cannot_say_is_named(text: str, to: Language, what: str) -> None:
    """Refused by name, never left out. [invariant 15]"""
    with pytest.raises(CannotBeSaid) as refusal:
        translate(text, to, schema_with_gizmos())

    assert what in refusal.value.what


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("new_gizmos?$filter=no_such eq 1", QueryRefused),
        ("new_gizmos?$filter=new_count eq 'a'", QueryRefused),
        ("new_gizmos?$apply=aggregate(new_name with sum as s)", FetchRefused),
        ("SELECT no_such FROM new_gizmo", FetchRefused),
        ("SELECT * FROM new_gizmo", FetchRefused),
        ("<fetch><entity name='new_gizmo'><attribute name='no_such'/></entity></fetch>", FetchRefused),
        ("<fetch><entity name='no_such'/></fetch>", FetchRefused),
    ],
)
@pytest.mark.parametrize("to", ["fetchxml", "sql", "odata"])
def test_a_question_that_is_none_is_refused_as_the_web_api_does(
    text: str, refusal: type[Exception], to: Language
) -> None:
    """Before anything is said in another language. [E-6], [FX-13]"""
    with pytest.raises(refusal):
        translate(text, to, schema_with_gizmos())
