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
    """The group that is open, if any, and the threads that are at work for requests now.

    There is one group at most: whoever has it open is the only one who writes.
    """

    __slots__ = ("_group", "_threads")

    def __init__(self) -> None:
        self._threads: dict[int, float] = {}
        self._group: Group | None = None

    @property
    def group(self) -> Group | None:
        """What the calling thread has left open."""
        group = self._group
        return group if group is not None and group.thread == get_ident() else None

    def turn(self, *, on: bool, waited_s: float) -> None:
        """From now on transactions of the calling thread stay open; or they do not."""
        if on:
            self._threads[get_ident()] = waited_s
        else:
            self._threads.pop(get_ident(), None)

    @property
    def waited_s(self) -> float:
        """For how long the request has waited that the calling thread is at work for."""
        return self._threads.get(get_ident(), 0.0) if self._threads else 0.0

    def is_on(self) -> bool:
        """Transactions of the calling thread stay open."""
        return get_ident() in self._threads

    def is_between(self) -> bool:
        """The calling thread has left a group open, and is at work for none of its requests."""
        return self._group is not None and self.group is not None and not self.is_on()

    def hold(self, transaction: Transaction) -> None:
        """Keep that transaction open: those that follow are parts of it."""
        self._group = Group(transaction)

    def settle(self) -> None:
        """Commit what the calling thread holds open.

        Raises:
            StoreFailure: that failed, and all of it is undone.
        """
        group = self.group
        if group is not None:
            self._end(group, failed=False)

    def lose(self) -> None:
        """All of what the calling thread holds open is undone, or must be."""
        group = self.group
        if group is not None:
            self._end(group, failed=True)

    def _end(self, group: Group, *, failed: bool) -> None:
        # Once the transaction has ended another thread may open a group of its own.
        self._group = None
        is_kept = False
        try:
            group.transaction.end(failed=failed)
            is_kept = not failed
        finally:
            for tell in group.then:
                tell(is_kept)
