"""Names that exist in definitions only can neither be read nor asked about. [T-20], [M-9]"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.harness import Api
from verselet.errors import UnknownColumn
from verselet.metadata.columns import LookupColumn, is_property
from verselet.metadata.compiled import load_schema
from verselet.metadata.tables import Table
from verselet.organization import open_organization

SCHEMA = load_schema()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """An organization that nobody changes."""
    with Api(open_organization(None)) as opened:
        yield opened


@pytest.mark.parametrize("name", ["owneridname", "owneridyominame", "allparties"])
@pytest.mark.parametrize(
    "question",
    [
        "tasks?$select={}",
        "tasks?$filter={}%20ne%20null",
        "tasks?$orderby={}",
        "tasks?$apply=groupby(({}))",
        "activitypointers?$select={}",
        "tasks(10000000-0000-4000-8000-000000000001)?$select={}",
    ],
)
def test_a_virtual_name_is_no_property(api: Api, question: str, name: str) -> None:
    """It is as unknown as a name nobody has heard of. [T-20], [E-6]"""
    answer = api.get(question.format(name))

    assert (400, "0x80060888") == (answer.status, answer.code)
    assert f"Could not find a property named '{name}'" in answer.message


@pytest.mark.parametrize("table", SCHEMA.tables.values(), ids=lambda table: table.name)
def test_only_properties_are_found_by_name(table: Table) -> None:
    """In every table that ships. [T-20], [M-9]"""
    for name, column in table.columns.items():
        if is_property(column) and not isinstance(column, LookupColumn):
            assert column is SCHEMA.property_column(table, name)
        else:
            with pytest.raises(UnknownColumn):
                SCHEMA.property_column(table, name)
