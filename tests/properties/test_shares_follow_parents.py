"""Whatever is shared, taken back, attached and detached: children have what their parents have. [SEC-73], [SEC-74]"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.families import schema_with_families
from tests.scenarios.harness import new_organization, undone
from verselet.messages.access import AccessRights, GrantAccess, ModifyAccess, RevokeAccess
from verselet.messages.request import Create, CreateResponse, RowKey, Update, WhoAmI
from verselet.operations.founding import builtin_id
from verselet.operations.rules.shares import read_shares
from verselet.organization import Organization
from verselet.values import Reference, Row

SHAREE = Reference("team", builtin_id("team", "root"))
"""A team that owns nothing here."""

PARENTS = {"fam_task": "fam_project", "fam_step": "fam_task"}
"""Table → the table its parental lookup leads to."""

TABLES = ("fam_project", "fam_task", "fam_step")

Deed = tuple[str, str, int, int]
"""What is done, to which of the two rows of a table, and a mask or which parent."""


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    """One thing that can be done in the world."""
    kind = draw(st.sampled_from(("grant", "modify", "revoke", "attach", "detach")))
    table = draw(st.sampled_from(sorted(PARENTS) if kind in {"attach", "detach"} else TABLES))
    return kind, table, draw(st.integers(0, 1)), draw(st.integers(0, 1 if kind == "attach" else 7))


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """An organization with families."""
    made = new_organization(schema=schema_with_families())
    yield made
    made.close()


class World:
    """Two rows of each table, all under the first of those above, and what was done to them."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.me = organization.administrator
        self.rows = {table: [self._make(table) for _ in range(2)] for table in TABLES}
        self.parents: dict[str, str | None] = {}
        self.direct: dict[str, int] = {}
        for table in PARENTS:
            for number in range(2):
                self.do(("attach", table, number, 0))

    def _make(self, table: str) -> str:
        made = self.organization.execute(Create(Row(table, None, {"fam_name": "x"})), self.me)
        assert isinstance(made, CreateResponse)
        return made.id

    def do(self, deed: Deed) -> None:
        """Do it, and remember what must come of it."""
        kind, table, number, more = deed
        row = self.rows[table][number]
        if kind in {"attach", "detach"}:
            parent = self.rows[PARENTS[table]][more] if kind == "attach" else None
            value = None if parent is None else Reference(PARENTS[table], parent)
            changed = Row(table, row, {PARENTS[table]: value})
            self.organization.execute(Update(changed, RowKey(row)), self.me)
            self.parents[row] = parent
            return
        target, rights = Reference(table, row), AccessRights(more & 7)
        if kind == "revoke":
            self.organization.execute(RevokeAccess(target, SHAREE), self.me)
            self.direct[row] = 0
        elif kind == "modify":
            self.organization.execute(ModifyAccess(target, SHAREE, rights), self.me)
            self.direct[row] = more
        else:
            self.organization.execute(GrantAccess(target, SHAREE, rights), self.me)
            self.direct[row] = self.direct.get(row, 0) | more

    def effective(self, row: str | None) -> int:
        """What a row must give: its own share, and what its parent gives."""
        return 0 if row is None else self.direct.get(row, 0) | self.effective(self.parents.get(row))

    def expected(self) -> dict[str, tuple[int, int]]:
        """Direct and inherited mask of every share there must be."""
        rows = [row for table in TABLES for row in self.rows[table]]
        found = {row: (self.direct.get(row, 0), self.effective(self.parents.get(row))) for row in rows}
        return {row: masks for row, masks in found.items() if any(masks)}

    def stored(self) -> dict[str, tuple[int, int]]:
        """Direct and inherited mask of every share there is."""
        found = {}
        with self.organization.store.begin() as session:
            run = self.organization.opened(WhoAmI(), session)
            for table, rows in self.rows.items():
                for row, shares in read_shares(run, run.schema.tables[table], rows).items():
                    (share,) = shares.values()
                    found[row] = (share.direct, share.inherited)
        return found


@given(st.lists(deeds(), max_size=12))
@settings(max_examples=100)
def test_children_have_what_their_parents_have(organization: Organization, done: Sequence[Deed]) -> None:
    """Along parental relationships, and no share without a right is left. [SEC-59], [SEC-73], [SEC-74]"""
    with undone(organization):
        world = World(organization)
        for deed in done:
            world.do(deed)
        assert world.expected() == world.stored()
