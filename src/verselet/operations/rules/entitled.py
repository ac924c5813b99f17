"""Hold those who are given rows or shares to the privileges they have.

In:        a user or team that is to own rows, or is shared with
Out:       nothing, or the refusal; one statement each
Not here:  what the caller may do (operations.rights)
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from verselet.errors import PrincipalNotEntitled
from verselet.messages.access import AccessRights
from verselet.metadata.tables import Table
from verselet.operations.standings import ADMINISTRATOR_TEMPLATE
from verselet.pipeline.execution import Execution
from verselet.security.privileges import privileges
from verselet.sql import principals
from verselet.values import Reference

json_text = msgspec.json.Encoder().encode


def must_be_able_to_read(run: Execution, owner: Reference, tables: Iterable[Table]) -> None:
    """Who is to own rows can read rows of their tables, at whatever depth.

    Raises:
        PrincipalNotEntitled: it cannot. [SEC-62]
    """
    wanted = {found.id for found in privileges(tables) if found.right == AccessRights.ReadAccess}
    held = _held(run, owner, wanted)
    if held is not None and wanted - held:
        raise PrincipalNotEntitled


def must_be_able_to_gain(run: Execution, sharee: Reference, table: Table) -> None:
    """A user who is shared with holds at least one privilege on the table; a team need not.

    Raises:
        PrincipalNotEntitled: it holds none. [SEC-56]
    """
    if sharee.table != "systemuser":
        return
    if _held(run, sharee, {found.id for found in privileges((table,)) if found.right}) == set():
        raise PrincipalNotEntitled


def _held(run: Execution, principal: Reference, wanted: set[str]) -> set[str] | None:
    """Those of the privileges that the principal holds; None for one that holds everything. [SEC-28]"""
    question = principals.written(principals.HELD_OF, run.session.dialect)
    rows = run.session.run(question, (json_text(sorted(wanted)).decode(), *[principal.id] * 3))
    if any(str(template) == ADMINISTRATOR_TEMPLATE for template, _ in rows):
        return None
    return {str(privilege) for _, privilege in rows if privilege is not None}
