"""A caller's row filter stands on every table of a tabular plan. [invariant 10], [SEC-40]"""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from tests.unit.security.standings import ADMINISTRATOR, user
from verselet.errors import PrivilegeMissing
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.plan import SharedWith
from verselet.query.tabular import ResolvedTabular, Tabular
from verselet.security.privileges import privileges
from verselet.security.rows import restrict_tabular

READING = {privilege.name: 1 for privilege in privileges(schema_with_gizmos().tables.values()) if privilege.graded}
READER = user({"reader": {**READING, "prvReadTransactionCurrency": 8}})

LINK = "<link-entity name='contact' from='parentcustomerid' to='accountid' link-type='{}'>{}</link-entity>"
INNER = "<link-entity name='account' from='accountid' to='parentcustomerid'/>"


def resolved(inside: str, table: str = "account") -> ResolvedTabular:
    """A FetchXML query, every name found."""
    schema = schema_with_gizmos()
    fetch = parse_fetch(f"<fetch><entity name='{table}'>{inside}</entity></fetch>")
    return resolve_fetch(fetch, schema.tables[table], schema, Additions())


def planned(inside: str) -> Tabular:
    """The plan of a FetchXML query about accounts."""
    return resolved(f"<attribute name='name'/>{inside}").plan


@pytest.mark.parametrize(
    ("inside", "tables"),
    [
        ("", 1),
        (LINK.format("inner", ""), 2),
        (LINK.format("outer", INNER), 3),
        (LINK.format("exists", INNER), 3),
        (LINK.format("matchfirstrowusingcrossapply", ""), 2),
        (f"<filter type='or'>{LINK.format('not any', '')}{LINK.format('all', '')}</filter>", 4),
    ],
)
def test_the_filter_stands_on_every_table(inside: str, tables: int) -> None:
    """Joined, tested or shown: a row that the caller may not read takes part in nothing. [invariant 10]"""
    schema = schema_with_gizmos()
    asked = resolved(f"<attribute name='name'/>{inside}")

    assert tables == str(restrict_tabular(asked, schema, READER).plan).count(SharedWith.__name__)
    assert asked == restrict_tabular(asked, schema, ADMINISTRATOR)


@pytest.mark.parametrize("kind", ["inner", "outer", "exists", "any", "not any"])
def test_a_table_without_the_privilege_is_refused_wherever_it_stands(kind: str) -> None:
    """[SEC-44], [SEC-45]"""
    asked = resolved(LINK.format(kind, "") if "any" not in kind else f"<filter>{LINK.format(kind, '')}</filter>")
    caller = user({"reader": {name: depth for name, depth in READING.items() if name != "prvReadContact"}})
    with pytest.raises(PrivilegeMissing, match="prvReadContact"):
        restrict_tabular(asked, schema_with_gizmos(), caller)


def test_the_filter_stands_on_counted_children() -> None:
    """Who may not read a row is not told that it is there. [FX-12], [invariant 10]"""
    asked = resolved("<attribute name='accountid' rowaggregate='CountChildren' alias='n'/>", "account")

    assert 2 == str(restrict_tabular(asked, schema_with_gizmos(), READER).plan).count(SharedWith.__name__)


def test_a_plan_holds_no_value_of_the_request() -> None:
    """Two questions that differ in values alone have one plan. [invariant 3]"""
    condition = "<filter><condition attribute='name' operator='{}'><value>{}</value></condition></filter>"

    assert planned(condition.format("eq", "a")) == planned(condition.format("eq", "b"))
    assert planned(condition.format("in", "a")) == planned(condition.format("in", "b</value><value>c"))
    assert hash(planned(condition.format("eq", "a"))) == hash(planned(condition.format("eq", "b")))
