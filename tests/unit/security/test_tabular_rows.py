"""A caller's row filter stands on every table of a tabular plan. [invariant 10], [SEC-40]"""

from __future__ import annotations

import msgspec
import pytest

from tests.gizmos import schema_with_gizmos
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.plan import Never
from verselet.query.tabular import Tabular
from verselet.security.caller import Caller
from verselet.security.rows import restrict_tabular

USER = Caller(user_id="u", business_unit_id="b", organization_id="o")
ADMINISTRATOR = msgspec.structs.replace(USER, is_administrator=True)

LINK = "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' link-type='{}'>{}</link-entity>"
INNER = "<link-entity name='new_gizmo' from='new_gizmoid' to='new_gizmoid'/>"


def planned(inside: str) -> Tabular:
    """The plan of a FetchXML query about gizmos."""
    schema = schema_with_gizmos()
    fetch = parse_fetch(f"<fetch><entity name='new_gizmo'><attribute name='new_name'/>{inside}</entity></fetch>")
    return resolve_fetch(fetch, schema.tables["new_gizmo"], schema, Additions()).plan


@pytest.mark.parametrize(
    ("inside", "tables"),
    [
        ("", 1),
        (LINK.format("inner", ""), 2),
        (LINK.format("outer", INNER), 3),
        (LINK.format("exists", INNER), 3),
        (LINK.format("matchfirstrowusingcrossapply", ""), 2),
        (f"<filter type='or'>{LINK.format('not any', '')}{LINK.format('all', '')}</filter>", 4),
        ("<filter><condition attribute='createdby' operator='eq-userteams'/></filter>", 2),
    ],
)
def test_the_filter_stands_on_every_table(inside: str, tables: int) -> None:
    """Joined, tested or shown: a row that the caller may not read takes part in nothing. [invariant 10]"""
    asked = planned(inside)

    assert tables == str(restrict_tabular(asked, USER)).count(str(Never()))
    assert asked == restrict_tabular(asked, ADMINISTRATOR)


def test_the_filter_stands_on_counted_children() -> None:
    """Who may not read a row is not told that it is there. [FX-12], [invariant 10]"""
    schema = schema_with_gizmos()
    fetch = parse_fetch(
        "<fetch><entity name='account'><attribute name='accountid' rowaggregate='CountChildren' alias='n'/></entity>"
        "</fetch>"
    )
    asked = resolve_fetch(fetch, schema.tables["account"], schema, Additions()).plan

    assert 2 == str(restrict_tabular(asked, USER)).count(str(Never()))


def test_a_plan_holds_no_value_of_the_request() -> None:
    """Two questions that differ in values alone have one plan. [invariant 3]"""
    condition = "<filter><condition attribute='new_name' operator='{}'><value>{}</value></condition></filter>"

    assert planned(condition.format("eq", "a")) == planned(condition.format("eq", "b"))
    assert planned(condition.format("in", "a")) == planned(condition.format("in", "b</value><value>c"))
    assert hash(planned(condition.format("eq", "a"))) == hash(planned(condition.format("eq", "b")))
