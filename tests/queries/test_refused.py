"""What cannot be asked in FetchXML, `$apply` and SQL is refused by its code. [FX-6], [FX-13] to [FX-20], [SQL-4]"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.gizmos import schema_with_gizmos
from tests.queries.both import Both
from verselet.errors import TooManyConditions
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch

pytestmark = pytest.mark.postgresql

FETCH = "<fetch><entity name='new_gizmo'>{}</entity></fetch>"
FILTER = FETCH.format("<filter>{}</filter>")
AGGREGATE = "<fetch aggregate='true'><entity name='new_gizmo'>{}</entity></fetch>"
LINK = "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' alias='{}' link-type='outer'/>"
DEEP = "<filter>" * 60 + "</filter>" * 60

REFUSED = [
    ("<fetch>", "0x80041106"),
    ("", "0x80041106"),
    ("<!DOCTYPE fetch [<!ENTITY a 'x'>]><fetch><entity name='new_gizmo'/></fetch>", "0x80041106"),
    ("<!DOCTYPE fetch SYSTEM 'file:///etc/passwd'><fetch><entity name='new_gizmo'/></fetch>", "0x80041106"),
    (FETCH.format("&a;"), "0x80041106"),
    (FETCH.format(DEEP), "0x80041106"),
    ("<entity name='new_gizmo'/>", "0x80040203"),
    ("<fetch><entity name='new_gizmo'/><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch><entity/></fetch>", "0x80040203"),
    ("<fetch><entity name='contact'/></fetch>", "0x80040203"),
    ("<fetch><entity name='nothing'/></fetch>", "0x80041102"),
    ("<fetch what='1'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch top='1' count='2'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch top='0'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch top='5001'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch count='x'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch distinct='maybe'><entity name='new_gizmo'/></fetch>", "0x80040203"),
    ("<fetch distinct='true'><entity name='new_gizmo'><attribute name='new_face'/></entity></fetch>", "0x80072531"),
    ("<fetch count='1' page='2' paging-cookie='no'><entity name='new_gizmo'/></fetch>", "0x8004112a"),
    (
        "<fetch count='1' page='2' paging-cookie='&lt;cookie page=&quot;1&quot;>&lt;a last=&quot;1&quot; "
        "first=&quot;1&quot; />&lt;b last=&quot;1&quot; first=&quot;1&quot; />&lt;/cookie>'>"
        "<entity name='new_gizmo'/></fetch>",
        "0x80041129",
    ),
    (FETCH.format("<wrong/>"), "0x80040203"),
    (FETCH.format("<attribute name='new_nothing'/>"), "0x80041103"),
    (FETCH.format("<attribute name='new_face_url_not'/>"), "0x80041103"),
    (FETCH.format("<attribute name='new_name' alias='x'/><attribute name='new_count' alias='x'/>"), "0x8004e00b"),
    (FETCH.format("<attribute name='new_name' alias='a b'/>"), "0x80040203"),
    (FETCH.format("<attribute name='new_name' aggregate='count'/>"), "0x80040203"),
    (FETCH.format("<order attribute='new_tags'/>"), "0x80040203"),
    (FETCH.format("<order/>"), "0x80040203"),
    (FETCH.format("<order attribute='new_name' entityname='x'/>"), "0x80040203"),
    (FETCH.format("<filter type='xor'/>"), "0x80041122"),
    (FILTER.format("<condition attribute='new_name' operator='is' value='x'/>"), "0x80041120"),
    (FILTER.format("<condition attribute='new_name' operator='eq'/>"), "0x80040203"),
    (FILTER.format("<condition attribute='new_count' operator='eq' value='x'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_color' operator='eq' value='Red'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_ready' operator='eq' value='2'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_at' operator='eq' value='2026-02-30'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_at' operator='last-x-days' value='0'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_at' operator='on' value='today'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_name' operator='today'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_count' operator='like' value='1%'/>"), "0x80040203"),
    (FILTER.format("<condition attribute='new_count' operator='contain-values' value='1'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_gizmoid' operator='under' value='x'/>"), "0x80060888"),
    (FILTER.format("<condition attribute='new_name' operator='eq' valueof='new_count'/>"), "0x80040203"),
    (FILTER.format("<condition attribute='new_name' operator='like' valueof='new_name'/>"), "0x80040203"),
    (FILTER.format(LINK.format("x")), "0x80041121"),
    (FETCH.format(LINK.format("x").replace("outer", "any")), "0x80041121"),
    (FETCH.format(LINK.format("x").replace("outer", "left")), "0x80041121"),
    (FETCH.format(LINK.format("x") * 2), "0x80040203"),
    (FETCH.format("".join([LINK.format(f"l{n}") for n in range(16)])), "0x8004430d"),
    (FETCH.format(LINK.format("x").replace("to='new_gizmoid'", "to='new_name'")), "0x80041104"),
    (FETCH.format("<link-entity name='contact'/>").replace("new_gizmo'", "new_part'"), "0x80040203"),
    (FETCH.format("<attribute name='new_gizmoid' rowaggregate='CountChildren' alias='n'/>"), "0x80040203"),
    (FETCH.format("<attribute name='new_gizmoid' rowaggregate='Sum' alias='n'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_gizmoid' rowaggregate='CountChildren' alias='n'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_count' aggregate='sum'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_count' alias='a'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_name' alias='a' aggregate='sum'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_count' alias='a' aggregate='median'/>"), "0x80040203"),
    (AGGREGATE.format("<attribute name='new_count' alias='a' aggregate='sum'/>" * 2), "0x8004e00b"),
    (AGGREGATE.format("<attribute name='new_count' alias='a' groupby='true'/>" * 2), "0x8004e01b"),
    (AGGREGATE.format("<attribute name='new_at' alias='a' groupby='true' dategrouping='hour'/>"), "0x80041135"),
    (AGGREGATE.format("<all-attributes/>"), "0x80040203"),
    (
        FILTER.format("<condition attribute='new_count' alias='n' aggregate='sum' operator='gt' value='1'/>"),
        "0x80040203",
    ),
]


@pytest.mark.parametrize(("xml", "code"), REFUSED, ids=range(len(REFUSED)))
def test_fetchxml_is_refused(both: Both, xml: str, code: str) -> None:
    """With the code clients know, where there is one. [FX-13], [FX-20], [FX-40], [FX-45], [FX-46]"""
    answer = both.ask("new_gizmos", fetchXml=xml)

    assert (400, code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    "xml",
    [
        FETCH.format("").replace("<fetch>", "<fetch utc-offset='60'>"),
        FETCH.format("").replace("<fetch>", "<fetch min-active-row-version='true'>"),
    ],
)
def test_what_is_missing_is_refused_by_its_name(both: Both, xml: str) -> None:
    """Never ignored. [invariant 15]"""
    answer = both.ask("new_gizmos", fetchXml=xml)

    assert (501, "FetchXML" in answer.message) == (answer.status, True)


def test_fetchxml_has_at_most_500_conditions() -> None:
    """Longer than an address can be, so it is tried without one. [FX-20]"""
    schema = schema_with_gizmos()
    condition = "<condition attribute='new_name' operator='null'/>"

    for number, refused in ((500, False), (501, True)):
        fetch = parse_fetch(FILTER.format(condition * number))
        try:
            resolve_fetch(fetch, schema.tables["new_gizmo"], schema, Additions())
        except TooManyConditions:
            assert refused
        else:
            assert not refused


@pytest.mark.parametrize("name", ["_select", "_filter", "_orderby", "_top", "_expand", "_apply", "sql", "savedQuery"])
def test_fetchxml_stands_alone(both: Both, name: str) -> None:
    """[FX-1]"""
    answer = both.ask("new_gizmos", fetchXml=FETCH.format(""), **{name: "1"})

    assert 400 == answer.status


SELECTS = [
    "SELECT * FROM new_gizmo",
    "SELECT new_gizmo.* FROM new_gizmo",
    "SELECT new_name, * FROM new_gizmo",
    "SELECT new_name",
    "SELECT new_nothing FROM new_gizmo",
    "SELECT new_name FROM nothing",
    "SELECT lastname FROM contact",
    "SELECT UPPER(new_name) FROM new_gizmo",
    "SELECT new_count + 1 FROM new_gizmo",
    "SELECT 1 FROM new_gizmo",
    "SELECT 'x' AS x FROM new_gizmo",
    "SELECT CASE WHEN new_count = 1 THEN 1 END FROM new_gizmo",
    "SELECT COUNT(DISTINCT new_name, new_count) FROM new_gizmo",
    "SELECT SUM(DISTINCT new_count) FROM new_gizmo",
    "SELECT SUM(new_name) FROM new_gizmo",
    "SELECT new_name, COUNT(*) FROM new_gizmo",
    "SELECT COUNT(*) FROM new_gizmo GROUP BY new_name",
    "SELECT new_name FROM new_gizmo GROUP BY ROLLUP(new_name)",
    "SELECT new_name, COUNT(*) n FROM new_gizmo GROUP BY new_name HAVING COUNT(*) > 1",
    "SELECT new_name, COUNT(*) n FROM new_gizmo GROUP BY new_name ORDER BY new_count",
    "SELECT new_name FROM new_gizmo UNION SELECT new_name FROM new_part",
    "WITH a AS (SELECT new_name FROM new_gizmo) SELECT new_name FROM a",
    "SELECT new_name FROM (SELECT new_name FROM new_gizmo) x",
    "SELECT new_name FROM new_gizmo WHERE new_gizmoid IN (SELECT new_gizmoid FROM new_part)",
    "SELECT new_name FROM new_gizmo WHERE EXISTS (SELECT 1)",
    "SELECT new_name FROM new_gizmo WHERE new_name = new_code",
    "SELECT new_name FROM new_gizmo WHERE LOWER(new_name) = 'x'",
    "SELECT new_name FROM new_gizmo WHERE new_name LIKE 'a!%' ESCAPE '!'",
    "SELECT new_name FROM new_gizmo WHERE new_name = NULL",
    "SELECT new_name FROM new_gizmo WHERE 1 = 1",
    "SELECT new_name FROM new_gizmo WHERE new_count IN ()",
    "SELECT new_name FROM new_gizmo WHERE new_count = @x",
    "SELECT new_name FROM new_gizmo RIGHT JOIN new_part ON new_part.new_gizmoid = new_gizmo.new_gizmoid",
    "SELECT new_name FROM new_gizmo CROSS JOIN new_part",
    "SELECT new_name FROM new_gizmo, new_part",
    "SELECT g.new_name FROM new_gizmo g JOIN new_part p ON p.new_gizmoid > g.new_gizmoid",
    "SELECT g.new_name FROM new_gizmo g JOIN new_part p ON p.new_name = p.new_name",
    "SELECT g.new_name FROM new_gizmo g JOIN new_part g ON g.new_name = g.new_name",
    "SELECT x.new_name FROM new_gizmo g",
    "SELECT new_name FROM sys.objects",
    "SELECT TOP 5001 new_name FROM new_gizmo",
    "SELECT TOP 10 PERCENT new_name FROM new_gizmo",
    "SELECT TOP 1 WITH TIES new_name FROM new_gizmo ORDER BY new_name",
    "SELECT new_name FROM new_gizmo FOR XML AUTO",
    "SELECT new_name INTO x FROM new_gizmo",
    "SELECT new_name FROM new_gizmo; SELECT new_name FROM new_gizmo",
    "SELECT FROM TOP (5)",
    "SELECT ?{,:}1+5(",
    "SELECT COUNT() FROM new_gizmo",
    "DELETE FROM new_gizmo",
    "INSERT INTO new_gizmo (new_name) VALUES ('x')",
    "EXEC sp_who",
    "SELECT new_name FROM new_gizmo WHERE",
    "SELECT",
    "",
    "SELECT " + "(" * 500 + "new_name" + ")" * 500 + " FROM new_gizmo",
    "SELECT new_name FROM new_gizmo WHERE " + "NOT " * 900 + "new_name IS NULL",
    "SELECT new_name FROM new_gizmo WHERE new_tags > '1' ORDER BY new_tags",
]


@pytest.mark.parametrize("sql", SELECTS, ids=range(len(SELECTS)))
def test_sql_is_refused(both: Both, sql: str) -> None:
    """Whatever is not on the list never reaches a database. [SQL-4], [SQL-7]"""
    assert 400 == both.ask("new_gizmos", sql=sql).status


APPLIES = [
    ("", "0x80060888"),
    ("aggregate(new_count with sum)", "0x80060888"),
    ("aggregate(new_count with median as m)", "0x80060888"),
    ("aggregate(new_nothing with sum as s)", "0x80060888"),
    ("aggregate(new_count with sum as s,new_count with sum as s)", "0x8004e00b"),
    ("aggregate(new_count with sum as s)/filter(s gt 1)", "0x80060888"),
    ("filter(new_count gt 1)", "0x80060888"),
    ("groupby(new_count)", "0x80060888"),
    ("groupby((new_file))", "0x80060888"),
    ("groupby((new_gizmo_parts/new_name))", "0x80060888"),
    ("compute(new_count add 1 as x)", "0x80060888"),
]


@pytest.mark.parametrize(("apply", "code"), APPLIES)
def test_apply_is_refused(both: Both, apply: str, code: str) -> None:
    """[A-12], [E-6]"""
    answer = both.ask("new_gizmos", _apply=apply)

    assert (400, code) == (answer.status, answer.code)


def test_a_result_cannot_be_ordered_by(both: Both) -> None:
    """[A-9]"""
    answer = both.ask("new_gizmos", _apply="groupby((new_color),aggregate($count as n))", _orderby="n")

    assert (400, "The query node SingleValueOpenPropertyAccess is not supported.") == (answer.status, answer.message)


PIECES = [
    "<fetch aggregate='true' ",
    "<fetch ",
    "distinct='true'>",
    "count='2' page='2'>",
    ">",
    "<entity name='new_gizmo'>",
    "<attribute name='new_count' alias='a' aggregate='sum'/>",
    "<attribute name='new_color' alias='k' groupby='true'/>",
    "<attribute name='new_name'/>",
    "<all-attributes/>",
    "<filter type='or'>",
    "</filter>",
    "<order alias='k'/>",
    "<order attribute='new_color'/>",
    "<condition attribute='new_at' operator='",
    "last-x-days",
    "under",
    "like",
    "'",
    " value='",
    "9999999999",
    "[z-a]%",
    "\x7f\u2028é",
    "'/>",
    LINK.format("x"),
    "</entity>",
    "</fetch>",
    "<value>1</value>",
    "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' alias='p'>",
    "</link-entity>",
    "&amp;",
    "<!--",
    "-->",
]
WORDS = [
    "SELECT",
    "TOP 2",
    "DISTINCT",
    "new_name",
    "new_count",
    "g.new_color",
    "COUNT(*)",
    "SUM(new_count)",
    "AS n",
    ",",
    "FROM",
    "new_gizmo g",
    "LEFT JOIN new_part p ON p.new_gizmoid = g.new_gizmoid",
    "WHERE",
    "NOT",
    "(",
    ")",
    "AND",
    "OR",
    "= 1",
    "LIKE '%'",
    "IN (1,'a')",
    "BETWEEN 1 AND 2",
    "IS NULL",
    "GROUP BY",
    "ORDER BY",
    "DESC",
    "OFFSET 1 ROWS",
    "--",
    "'",
    "[",
    "FETCH NEXT 2 ROWS ONLY",
    "/*",
    ";",
    "\u2028",
    "N'é'",
    "0x1F",
    "1e400",
]
STEPS = [
    "filter(",
    "groupby((",
    "))",
    ")",
    "aggregate(",
    "new_count",
    "new_CustomerId_contact/lastname",
    " with sum as s",
    ",",
    "/",
    "$count as n",
    "new_name eq 'x'",
    "'",
    "(",
    "Microsoft.Dynamics.CRM.LastXDays(PropertyName='new_at',PropertyValue=9)",
]

TRIED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@TRIED
@given(some.lists(some.sampled_from(PIECES), max_size=24))
def test_no_fetchxml_breaks_the_server(both: Both, pieces: list[str]) -> None:
    """Rows or a refusal that both stores agree on, never a fault of ours. [E-19]"""
    assert both.ask("new_gizmos", fetchXml="".join(pieces)).status in {200, 400, 501}


@TRIED
@given(some.lists(some.sampled_from(WORDS), max_size=20))
def test_no_sql_breaks_the_server(both: Both, words: list[str]) -> None:
    """[E-19], [SQL-7]"""
    assert both.ask("new_gizmos", sql=" ".join(["SELECT", *words])).status in {200, 400, 501}


@TRIED
@given(some.lists(some.sampled_from(STEPS), max_size=16))
def test_no_apply_breaks_the_server(both: Both, steps: list[str]) -> None:
    """[E-19]"""
    assert both.ask("new_gizmos", _apply="".join(steps)).status in {200, 400, 501}
