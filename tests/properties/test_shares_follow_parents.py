"""Whatever is shared, taken back, attached and detached: children have what their parents have. [SEC-73], [SEC-74]"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.families import schema_with_families
from tests.scenarios.harness import new_organization, undone
from verselet.messages.access import ALL_RIGHTS, AccessRights, GrantAccess, ModifyAccess, RevokeAccess
from verselet.messages.request import Create, CreateResponse, RowKey, Update, WhoAmI
from verselet.operations.founding import builtin_id
from verselet.operations.rules.shares import read_shares
from verselet.organization import Organization
from verselet.values import Reference, Row

SHAREES = (Reference("team", builtin_id("team", "root")), Reference("organization", ""))
"""Neither owns anything here."""

PARENTS = {"fam_task": "fam_project", "fam_step": "fam_task"}
"""Table → the table its parental lookup leads to."""

COUNTS = {"fam_project": 2, "fam_task": 3, "fam_step": 3}

Deed = tuple[str, str, int, int, int]
"""What is done, to which table's row, and two numbers more: whom or which parent, and the mask."""


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    """One thing that can be done in the world."""
    kind = draw(st.sampled_from(("grant", "modify", "revoke", "attach", "attach", "detach")))
    table = draw(st.sampled_from(sorted(PARENTS if kind in {"attach", "detach"} else COUNTS)))
    row = draw(st.integers(0, COUNTS[table] - 1))
    others = COUNTS[PARENTS[table]] if kind == "attach" else len(SHAREES)
    rights = draw(st.integers(0, 7)) if kind != "attach" else 0
    return kind, table, row, draw(st.integers(0, others - 1)), rights


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """An organization with families."""
    made = new_organization(schema=schema_with_families())
    yield made
    made.close()


class World:
    """Some rows without parents, and what was done to them."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.me = organization.administrator
        self.sharees = (SHAREES[0], Reference("organization", organization.id))
        self.rows = {table: [self._make(table) for _ in range(count)] for table, count in COUNTS.items()}
        self.parents: dict[str, str | None] = {}
        self.direct: dict[tuple[str, Reference], int] = {}

    def _make(self, table: str) -> str:
        made = self.organization.execute(Create(Row(table, None, {"fam_name": "x"})), self.me)
        assert isinstance(made, CreateResponse)
        return made.id

    def do(self, deed: Deed) -> None:
        """Do it, and remember what must come of it."""
        kind, table, number, other, bits = deed
        row = self.rows[table][number]
        if kind in {"attach", "detach"}:
            parent = self.rows[PARENTS[table]][other] if kind == "attach" else None
            value = None if parent is None else Reference(PARENTS[table], parent)
            changed = Row(table, row, {PARENTS[table]: value})
            self.organization.execute(Update(changed, RowKey(row)), self.me)
            self.parents[row] = parent
            return
        target, sharee, rights = Reference(table, row), self.sharees[other], AccessRights(bits) & ALL_RIGHTS
        key = (row, sharee)
        if kind == "revoke":
            self.organization.execute(RevokeAccess(target, sharee), self.me)
            self.direct[key] = 0
        elif kind == "modify":
            self.organization.execute(ModifyAccess(target, sharee, rights), self.me)
            self.direct[key] = int(rights)
        else:
            self.organization.execute(GrantAccess(target, sharee, rights), self.me)
            self.direct[key] = self.direct.get(key, 0) | int(rights)

    def effective(self, row: str | None, sharee: Reference) -> int:
        """What a row must give: its own share, and what its parent gives."""
        if row is None:
            return 0
        return self.direct.get((row, sharee), 0) | self.effective(self.parents.get(row), sharee)

    def expected(self) -> dict[tuple[str, Reference], tuple[int, int]]:
        """Direct and inherited mask of every share there must be."""
        found = {}
        for rows in self.rows.values():
            for row in rows:
                for sharee in self.sharees:
                    masks = (self.direct.get((row, sharee), 0), self.effective(self.parents.get(row), sharee))
                    if any(masks):
                        found[row, sharee] = masks
        return found

    def stored(self) -> dict[tuple[str, Reference], tuple[int, int]]:
        """Direct and inherited mask of every share there is."""
        found = {}
        with self.organization.store.begin() as session:
            run = self.organization.opened(WhoAmI(), session)
            for table, rows in self.rows.items():
                for row, shares in read_shares(run, run.schema.tables[table], rows).items():
                    for sharee, share in shares.items():
                        found[row, sharee] = (share.direct, share.inherited)
        return found


@given(st.lists(deeds(), max_size=14))
@settings(max_examples=60)
def test_children_have_what_their_parents_have(organization: Organization, done: Sequence[Deed]) -> None:
    """Along parental relationships, and no share without a right is left. [SEC-59], [SEC-73], [SEC-74]"""
    with undone(organization):
        world = World(organization)
        for deed in done:
            world.do(deed)
        assert world.expected() == world.stored()
