"""Count what processes remember of the rows, so that each of them notices when another one made it out of date.

In:        an open session, and the kinds that are out of date
Out:       `Generations`, `Known`; what reads and counts them
Not here:  how a store hears of others (store.sqlite, store.postgresql), what is forgotten then (organization)

There is one number for each kind. Whoever changes what a number stands for counts it up in the very transaction of the
change, so that nobody sees the one without the other.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Final

import msgspec

from verselet.store.failures import LayoutChanged
from verselet.store.session import Kind, Session

LOOK_EACH_S: Final = 0.25
"""Processes that are not told of changes look so often, so that all agree within a second."""

READ: Final = "SELECT kind, value FROM verselet_generation"


class Generations(msgspec.Struct, frozen=True):
    """How often each kind was changed since the organization was founded; numbers only grow.

    `schema` is the generation of the schema that is kept; `rights` is about whoever may do what, `steps` about the
    steps that are registered.
    """

    schema: int = 0
    rights: int = 0
    steps: int = 0


class Known:
    """The newest numbers this process has heard of, from whichever of its connections."""

    __slots__ = ("_lock", "now")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = Generations()

    def learn(self, found: Generations) -> None:
        """Take over what is newer; another thread may have heard of later changes meanwhile."""
        with self._lock:
            now = self.now
            newest = Generations(
                max(now.schema, found.schema), max(now.rights, found.rights), max(now.steps, found.steps)
            )
            if newest != now:
                self.now = newest


def read_generations(session: Session) -> Generations:
    """The numbers as this session sees them."""
    return generations_of(session.run(READ))


def generations_of(rows: Collection[tuple[object, ...]]) -> Generations:
    """The rows of `READ` as one value."""
    return msgspec.convert({str(kind): value for kind, value in rows}, Generations)


def next_generations(session: Session, kinds: Collection[Kind]) -> Generations:
    """Count up, last of all in a transaction: until its end no other one counts up the same. What holds then."""
    # The schema has its number from `advance_schema`.
    counted = [f"'{kind}'" for kind in sorted(kinds) if kind != "schema"]
    if counted:
        session.run(f"UPDATE verselet_generation SET value = value + 1 WHERE kind IN ({', '.join(counted)})")
    return read_generations(session)


def hold_schema(session: Session) -> int:
    """The number of the schema in force; until the end of the transaction nobody else advances it."""
    locking = "" if session.dialect.name == "sqlite" else " FOR UPDATE"
    ((number,),) = session.run(f"SELECT value FROM verselet_generation WHERE kind = 'schema'{locking}")
    assert isinstance(number, int)
    return number


def advance_schema(session: Session, old: int, new: int) -> None:
    """Say that the transaction turns schema `old` into schema `new`.

    Raises:
        LayoutChanged: the schema that is kept is another one; somebody else was quicker.
    """
    mark = session.dialect.placeholder
    session.run(f"UPDATE verselet_generation SET value = {mark} WHERE kind = 'schema' AND value = {mark}", (new, old))
    if session.row_count != 1:
        raise LayoutChanged("Definitions were changed by another process meanwhile.")


def raise_schema(session: Session, least: int) -> int:
    """See to it that the number of the schema is no smaller than that; the number."""
    mark = session.dialect.placeholder
    session.run(
        f"UPDATE verselet_generation SET value = {mark} WHERE kind = 'schema' AND value < {mark}", (least, least)
    )
    return read_generations(session).schema
