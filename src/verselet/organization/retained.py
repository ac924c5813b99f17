"""Give the rows that a question is asked of: the active ones, or the retained ones of one table.

In:        an organization, a resolved question, its caller
Out:       `AskedRows`: what fetches them
Not here:  how retained rows get into a store (operations.retention.reading)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from verselet.messages.request import WhoAmI
from verselet.operations.retention.reading import retained_store, without_unfinished
from verselet.operations.rights import READ, must_reach_all
from verselet.organization.house import Organization
from verselet.query.tabular import ResolvedTabular
from verselet.security.caller import Caller
from verselet.store.engine import Store
from verselet.values import Stored

Fetch: TypeAlias = Callable[[str, Sequence[Stored]], list[tuple[Stored, ...]]]
"""Runs one reading statement."""


class _Held(msgspec.Struct, frozen=True, eq=False):
    """The retained rows of one table as they were read last."""

    key: tuple[object, ...]
    store: Store


class AskedRows:
    """The rows of one organization, for questions. Retained ones of the table asked last are held for the next page."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._held: _Held | None = None

    def fetching(self, asked: ResolvedTabular, caller: Caller) -> Fetch:
        """What fetches the rows of a question: from the store, or from what the lake holds of its table. [RET-40]

        Raises:
            PrivilegeMissing: retained rows, and the caller does not read all rows of the table. [RET-42]
        """
        if not asked.retained:
            return self._organization.store.fetch
        return self._retained(asked.plan.table, caller).fetch

    def _retained(self, name: str, caller: Caller) -> Store:
        organization = self._organization
        schema, lake = organization.schema, organization.lake
        table = schema.tables[name]
        with organization.store.read() as session:
            run = organization.opened(WhoAmI(), session, caller)
            must_reach_all(run, table, READ)
            # Rows that are on their way may be in the lake before the tables say so; so the lake is read first.
            version = lake.version(name)
            rows = without_unfinished(run, lake.rows(name))
        key = (name, schema.generation, version, len(rows))
        held = self._held
        if held is None or held.key != key:
            held = self._held = _Held(key, retained_store(schema, table, rows))
        return held.store
