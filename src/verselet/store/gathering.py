"""Let what a thread writes for several requests be committed together.

In:        transactions that are done but not committed
Out:       `Gathering`, one per store; `Group`, what is committed together
Not here:  transactions (store.sqlite), who waits for the commit (web.app)

A thread that serves many requests says so while it works for one of them. Then its transaction stays open when it is
done, and the next ones become parts of it; each part can fail alone. Until the group is settled nobody else sees any of
it, not even the same thread when it is at work for none of these requests. (performance.md §7)
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import Protocol


class Transaction(Protocol):
    """A transaction that is open."""

    def end(self, *, failed: bool) -> None:
        """Commit it, or undo it if it failed; from then on others may write."""


class Group:
    """Transactions that are committed together. Each of `then` is called at the end: was everything kept?"""

    __slots__ = ("then", "thread", "transaction")

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.thread = get_ident()
        self.then: list[Callable[[bool], None]] = []


class Gathering:
    """The group that is open, if any, and the thread that adds to it now, if any."""

    __slots__ = ("_thread", "group")

    def __init__(self) -> None:
        self._thread = 0
        self.group: Group | None = None

    def turn(self, *, on: bool) -> None:
        """From now on transactions of the calling thread stay open; or they do not."""
        self._thread = get_ident() if on else 0

    def is_on(self) -> bool:
        """Transactions of the calling thread stay open."""
        return self._thread == get_ident()

    def is_between(self) -> bool:
        """The calling thread has left a group open, and is at work for none of its requests."""
        group = self.group
        return group is not None and group.thread == get_ident() and self._thread != group.thread

    def hold(self, transaction: Transaction) -> None:
        """Keep that transaction open: those that follow are parts of it."""
        self.group = Group(transaction)

    def settle(self) -> None:
        """Commit what the calling thread holds open.

        Raises:
            StoreFailure: that failed, and all of it is undone.
        """
        group = self.group
        if group is not None and group.thread == get_ident():
            self._end(group, failed=False)

    def lose(self) -> None:
        """All of what is open is undone, or must be."""
        if self.group is not None:
            self._end(self.group, failed=True)

    def _end(self, group: Group, *, failed: bool) -> None:
        self.group = None
        is_kept = False
        try:
            group.transaction.end(failed=failed)
            is_kept = not failed
        finally:
            for tell in group.then:
                tell(is_kept)
