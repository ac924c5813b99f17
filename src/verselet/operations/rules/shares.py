"""Keep the rows of `principalobjectaccess`: what whom is given on which row.

In:        ids of rows, principals, masks
Out:       `Share`s read and stored, a fixed number of statements for any number of rows
Not here:  who may share (operations.access), what children inherit (operations.rules.inheriting)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from verselet.messages.access import ALL_RIGHTS, AccessRights
from verselet.metadata.tables import Table
from verselet.operations.rules.listed import as_list, json_text
from verselet.pipeline.execution import Execution
from verselet.sql.shares import forget_dead_shares_sql, put_shares_sql, shares_of_listed_sql
from verselet.values import Reference, Stored

OWNER_RIGHTS: Final = int(ALL_RIGHTS & ~AccessRights.CreateAccess)
"""What an owner has of a row that is there, as a mask: a former owner's share, a parent's owner's part. [SEC-63]"""


class Share(msgspec.Struct, frozen=True):
    """What one principal was given on one row, as masks: directly, and through the row's parents. [SEC-59]"""

    direct: int = 0
    inherited: int = 0

    @property
    def effective(self) -> int:
        """Both together."""
        return self.direct | self.inherited


NO_SHARE: Final = Share()

Rights: TypeAlias = Mapping[Reference, int]
"""Principal → mask."""

RightsOnRows: TypeAlias = Mapping[str, Rights]
"""Id of a row → what whom is given, or loses, there."""

SharesOfRows: TypeAlias = Mapping[str, Mapping[Reference, Share]]


def read_shares(run: Execution, table: Table, ids: Iterable[str]) -> dict[str, dict[Reference, Share]]:
    """Every share of those rows; one statement."""
    return as_shares(run.session.run(shares_of_listed_sql(run.session.dialect), (as_list(ids), table.name)))


def as_shares(stored: Iterable[Sequence[Stored]]) -> dict[str, dict[Reference, Share]]:
    """Stored shares, by row and principal."""
    found: dict[str, dict[Reference, Share]] = {}
    for row_id, principal_id, principal_table, direct, inherited in stored:
        principal = Reference(str(principal_table), str(principal_id))
        found.setdefault(str(row_id), {})[principal] = Share(_mask(direct), _mask(inherited))
    return found


def write_shares(run: Execution, table: Table, shares: SharesOfRows) -> None:
    """Store shares on rows of a table; one without any right is forgotten. [SEC-59]"""
    count = sum(map(len, shares.values()))
    if not count:
        return
    now, version = run.clock.now_on_wire(), run.session.next_versions(count)
    new_ids = run.ids.new_row_ids(count)
    stored: list[tuple[Stored, ...]] = []
    for row_id, by_principal in shares.items():
        for principal, share in by_principal.items():
            whose = (row_id, table.name, principal.id, principal.table)
            masks = (share.direct, share.inherited)
            stored.append((new_ids[len(stored)], *whose, *masks, now, version + len(stored)))
    text = json_text.encode(stored).decode()
    run.session.run(put_shares_sql(run.session.dialect), (text,))
    dead = [row_id for row_id, found in shares.items() if any(not share.effective for share in found.values())]
    if dead:
        run.session.run(forget_dead_shares_sql(run.session.dialect), (as_list(dead), table.name))


def _mask(stored: Stored) -> int:
    return stored & int(ALL_RIGHTS) if isinstance(stored, int) else 0
