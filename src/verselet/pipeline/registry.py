"""Know which steps there are.

In:        steps of solutions, and those registered as rows; messages of one's own
Out:       `Registry`: for a message and a table the steps of a stage, in order; the messages by name
Not here:  reading the rows (operations.step_rows), running steps (pipeline.firing)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from verselet.messages.custom import CustomMessage
from verselet.sdk.context import Context

Run: TypeAlias = Callable[[Context], None]

MAIN: Final = 30
"""The stage of the operation itself; only messages of one's own have plug-ins there. [EVT-1], [FN-28]"""


class Image(msgspec.Struct, frozen=True):
    """The columns of a row that a step sees, under a name; no columns are all. [EVT-10]"""

    alias: str
    columns: tuple[str, ...] = ()


class WebHook(msgspec.Struct, frozen=True):
    """Where an event is posted to, and what says who posts it. [EVT-40]"""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


class RegisteredStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: on what, when, and what it does: a function, or a post. [EVT-4]

    `table` is empty for every table. `is_row`: it is registered as a row, not by code.
    """

    id: str
    name: str
    message: str
    table: str
    stage: int
    mode: int
    rank: int
    work: Run | WebHook
    columns: frozenset[str] = frozenset()
    pre_images: tuple[Image, ...] = ()
    post_images: tuple[Image, ...] = ()
    user_id: str | None = None
    can_be_bypassed: bool = True
    forgets_success: bool = False
    configuration: str = ""
    is_row: bool = True


class Registry:
    """All steps of an organization at one moment. Most have none: then nothing is looked for.

    `messages` are those of one's own. [FN-28]
    """

    def __init__(self, steps: Iterable[RegisteredStep] = (), messages: Iterable[CustomMessage] = ()) -> None:
        found: dict[tuple[str, str], list[RegisteredStep]] = {}
        for step in sorted(steps, key=lambda step: (step.stage, step.rank, step.id)):
            found.setdefault((step.message, step.table), []).append(step)
        self._steps = {key: tuple(members) for key, members in found.items()}
        self._tables = frozenset(table for _, table in self._steps)
        self.concerns_some = bool(self._steps)
        self.messages = MappingProxyType({message.name: message for message in messages})
        self.by_id = {step.id: step for members in found.values() for step in members}

    def concerns(self, tables: Iterable[str]) -> bool:
        """Some step may have to do with a message about those tables."""
        return "" in self._tables or any(table in self._tables for table in tables)

    def of(self, message: str, table: str) -> tuple[RegisteredStep, ...]:
        """The steps on a message of a table, by stage and rank. [EVT-3]"""
        own = self._steps.get((message, table), ())
        of_all = self._steps.get((message, ""), ()) if table else ()
        if not of_all:
            return own
        return tuple(sorted((*own, *of_all), key=lambda step: (step.stage, step.rank, step.id)))
