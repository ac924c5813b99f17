"""The lock lets one thread pass at a time, first come, first served."""

from __future__ import annotations

import threading

import pytest

from verselet.store.lock import FairLock
from verselet.store.session import StoreBusy

A_MINUTE = 60.0


def test_a_thread_may_take_the_lock_again() -> None:
    """It is free for others only when it was given back as often."""
    lock = FairLock()
    lock.acquire(A_MINUTE)
    lock.acquire(A_MINUTE)
    lock.release()

    assert lock.is_mine()
    lock.release()
    assert not lock.is_mine()


def test_nobody_waits_for_ever() -> None:
    """A turn that does not come in time is refused, and the lock goes on without that thread."""
    lock = FairLock()
    lock.acquire(A_MINUTE)
    refused: list[BaseException] = []

    def want() -> None:
        try:
            lock.acquire(0.001)
        except StoreBusy as error:
            refused.append(error)

    impatient = threading.Thread(target=want)
    impatient.start()
    impatient.join()
    lock.release()
    lock.acquire(A_MINUTE)

    assert 1 == len(refused)
    assert lock.is_mine()


def test_who_waits_longest_is_next() -> None:
    """Also the thread that has just had the lock stands at the end of the queue."""
    lock = FairLock()
    order: list[int] = []
    lock.acquire(A_MINUTE)
    threads = []
    for number in range(5):

        def wait(number: int = number) -> None:
            lock.acquire(A_MINUTE)
            order.append(number)
            lock.release()

        thread = threading.Thread(target=wait)
        thread.start()
        while lock.waiting() <= number:
            threading.Event().wait(0.0005)
        threads.append(thread)
    lock.release()
    lock.acquire(A_MINUTE)
    order.append(99)
    lock.release()
    for thread in threads:
        thread.join()

    assert [0, 1, 2, 3, 4, 99] == order


def test_a_lock_that_is_not_mine_cannot_be_given_back() -> None:
    """A release without an acquire is a fault."""
    lock = FairLock()

    with pytest.raises(RuntimeError):
        lock.release()
