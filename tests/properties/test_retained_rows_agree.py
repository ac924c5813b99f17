"""Retained rows answer as the same rows did while they were active, however much of the question the lake decides."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.gizmo_rows import IDS
from tests.properties.gizmo_questions import stock
from tests.scenarios.harness import Api, new_organization
from tests.scenarios.stores import url_of
from verselet.lake import ID, Lake
from verselet.messages.request import WhoAmI
from verselet.messages.retention import Family, Marked
from verselet.operations.retention.cells import copied, forms_of
from verselet.organization import Organization

TABLE = "new_gizmo"
ALL = 'odata.include-annotations="*"'
ROWS = [f"00000000-0000-4000-9000-{number:012x}" for number in range(40)]

VALUES: dict[str, list[str]] = {
    "new_name": ["", "a", "A", "ab", "AB", "B%", "o'b", "\\", "é", "É", "中", "a_b", "x"],
    "new_kind": ["account", "ACCOUNT", "x"],
    "new_count": ["0", "1", "-2", "7"],
    "new_ticks": ["0", "1099511627777", "4611686018427387907", "-3"],
    "new_ratio": ["0", "2.5", "-0.5", "999.999", "0.0001"],
    "new_price": ["1000", "-0.5", "0.0001", "0.00005"],
    "new_size": ["0", "0.1", "2.5", "-12345.67891"],
    "new_at": ["2024-01-01T00:00:00Z", "2024-06-01T10:30:00Z", "2024-03-01T00:00:00Z"],
    "new_day": ["2024-01-01", "2024-02-29", "2024-02-01"],
    "new_ready": ["1", "0"],
    "new_color": ["1", "2", "9"],
    "statecode": ["0", "1"],
    "new_accountid": IDS[:4],
    "new_customerid": [*IDS[:3], *IDS[8:11]],
    "new_gizmoid": ROWS[:5],
}
PATTERNS = ["a%", "%B%", "_", "%", "o'%", "\\%", "[a-b]%", "é%", "É", "中"]
CHOSEN = ("new_ready", "new_color", "statecode", "new_accountid", "new_customerid", "new_gizmoid")


REPEATED, ONCE, POSTGRESQL = "repeated", "once", "postgresql"


@pytest.fixture(scope="module", params=[REPEATED, ONCE, pytest.param(POSTGRESQL, marks=pytest.mark.postgresql)])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Gizmos in the table, and the same ones in the lake in three batches; unless `ONCE`, some are there twice."""
    with url_of(request) as url, Api(new_organization(url)) as api:
        stock(api)
        api.organization.lake = Lake(tmp_path_factory.mktemp("retained") / "lake")
        if request.param != ONCE:
            copy(api.organization, ROWS[:10], "before", "2020-01-01T00:00:00Z", new_count=1, new_name="before")
        for number, start in enumerate(range(0, 40, 14)):
            copy(api.organization, ROWS[start : start + 14], f"batch {number}", f"2026-01-0{number + 1}T00:00:00Z")
        yield api


def copy(organization: Organization, ids: list[str], batch: str, at: str, **others: str | int) -> None:
    """Copy rows to the lake, as a run does; `others` are values they had then."""
    family = Family(tuple([Marked(TABLE, row_id, 0) for row_id in ids]))
    with organization.store.read() as session:
        rows, failures = copied(organization.opened(WhoAmI(), session), (family,))
    assert not failures
    given = [{**row, **others} for row in rows[TABLE]]
    assert len(ids) == len({row[ID] for row in given})
    organization.lake.write(TABLE, batch, at, given, forms_of(organization.schema.tables[TABLE]))


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """One condition of FetchXML."""
    name = draw(st.sampled_from(sorted(VALUES)))
    value = st.sampled_from(VALUES[name])
    form = draw(st.integers(0, 4))
    if form == 0:
        return f"<condition attribute='{name}' operator={quoteattr(draw(st.sampled_from(['null', 'not-null'])))}/>"
    if form == 1 and name not in {"new_ready", "new_kind"}:
        listed = "".join(f"<value>{text.replace('&', '&amp;')}</value>" for text in draw(st.lists(value, min_size=1)))
        operator = draw(st.sampled_from(["in", "not-in"]))
        return f"<condition attribute='{name}' operator='{operator}'>{listed}</condition>"
    if form == 2:
        operator, pattern = draw(st.sampled_from(["like", "not-like"])), draw(st.sampled_from(PATTERNS))
        return f"<condition attribute='new_name' operator='{operator}' value={quoteattr(pattern)}/>"
    plain = name in CHOSEN or name == "new_kind"
    operator = draw(st.sampled_from(["eq", "ne"] if plain else ["eq", "ne", "gt", "ge", "lt", "le"]))
    return f"<condition attribute='{name}' operator='{operator}' value={quoteattr(draw(value))}/>"


FILTERS = st.recursive(
    conditions(),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda parts: f"<filter type='{parts[0]}'>{''.join(parts[1])}</filter>"
    ),
    max_leaves=5,
)
SHOWN = ("new_gizmoid", "new_name", "new_price", "new_ratio", "new_ready", "new_customerid", "new_accountid", "new_at")
ORDERS = st.lists(st.tuples(st.sampled_from(sorted(VALUES)), st.booleans()), max_size=2, unique_by=lambda item: item[0])
PAGES = st.sampled_from(["", "top='3'", "top='40'", "count='4'", "count='4' page='2'", "count='7' page='6'"])


@st.composite
def questions(draw: st.DrawFn) -> str:
    """What stands behind the data source of a question."""
    shown = draw(st.sampled_from(["<all-attributes/>", *[f"<attribute name='{name}'/>" for name in SHOWN]]))
    orders = "".join(f"<order attribute='{name}' descending='{str(down).lower()}'/>" for name, down in draw(ORDERS))
    where = "".join(f"<filter>{item}</filter>" for item in draw(st.lists(FILTERS, max_size=1)))
    return f"{draw(PAGES)}><entity name='{TABLE}'>{shown}{orders}{where}</entity></fetch>"


@settings(max_examples=150)
@given(questions())
def test_retained_rows_answer_as_active_ones(kept: Api, question: str) -> None:
    """The same values, or the same refusal. [RET-6], [RET-40]"""
    # Elsewhere than in the lake PostgreSQL knows the letter case of all letters.
    assume(kept.organization.store.dialect.name == "sqlite" or "É" not in question)
    active = kept.get(f"new_gizmos?fetchXml={quote(f'<fetch {question}')}", prefer=ALL)
    away = f"<fetch datasource='retained' {question}"
    found = kept.get(f"new_gizmos?fetchXml={quote(away)}", prefer=ALL)
    assert (active.status, active.json) == (found.status, found.json)
    assert 500 != found.status
