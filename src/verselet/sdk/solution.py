"""Register steps.

In:        functions of a solution
Out:       `Solution`, `Step`, `Operation`; `refuse`
Not here:  steps registered as rows (pipeline.registry)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import NoReturn, TypeAlias, cast

import msgspec

from verselet.ids import name_id
from verselet.sdk.context import Context

Handler: TypeAlias = Callable[[Context], None]


class Stage(IntEnum):
    """When a step runs: before the transaction, in it before the operation, or in it afterwards. [EVT-1]"""

    PRE_VALIDATION = 10
    PRE_OPERATION = 20
    POST_OPERATION = 40


class Mode(IntEnum):
    """Within the message, or by a job once it is committed. [EVT-2]"""

    SYNC = 0
    ASYNC = 1


class StepRefused(Exception):
    """A step that does not let the message happen; the message and everything with it is undone. [EVT-7]"""


class Retry(StepRefused):
    """An asynchronous step that could not do its work now and asks to be run again; what it wrote is undone. [EVT-64]

    It is run at most four times, after ever longer waits; then its job has failed with the text of the last one. In a
    synchronous step this is a refusal like any other.
    """


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A function and when it runs.

    `table` None is for every table. `columns`: only when one of them is among those sent; empty for always. [EVT-14]
    `pre_image` and `post_image` name the columns the step wants to see as they were and as they are. [EVT-10]
    """

    name: str
    message: str
    table: str | None
    stage: Stage
    handler: Handler
    mode: Mode = Mode.SYNC
    rank: int = 1
    columns: frozenset[str] = frozenset()
    pre_image: tuple[str, ...] = ()
    post_image: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Follows from the name and what the step is registered on."""
        return name_id(f"step/{self.name}/{self.message}/{self.table}/{int(self.stage)}/{int(self.mode)}")


class Operation(msgspec.Struct, frozen=True):
    """A function that does the work of a custom API; `name` is what its plug-in type is called. [FN-28]"""

    name: str
    message: str
    handler: Handler


class Solution:
    """The steps and operations of one solution.

    The server finds it by the entry point `verselet.solutions`, or in `--plugins DIR`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.operations: list[Operation] = []

    def step(
        self, message: str, table: str | None = None, *, stage: Stage, mode: Mode = Mode.SYNC, **more: object
    ) -> Callable[[Handler], Handler]:
        """Register the function below for a message: `@solution.step("Create", "account", stage=…)`.

        Args:
            message: such as `Create`, `Update`, `Delete`, `Assign`, `SetState`, `GrantAccess`.
            table: the logical name; None for every table.
            stage: when it runs.
            mode: `Mode.ASYNC` after the commit, as a job; for `Stage.POST_OPERATION` alone. [EVT-2]
            more: `rank` (a number, lower first), `columns`, `pre_image`, `post_image` (names of columns).

        Raises:
            ValueError, TypeError: the registration contradicts itself.
        """
        if mode is Mode.ASYNC and stage is not Stage.POST_OPERATION:
            raise ValueError(f"{message} of {table}: asynchronous steps run after the operation only. [EVT-2]")
        unknown = more.keys() - {"rank", "columns", "pre_image", "post_image"}
        if unknown:
            raise ValueError(f"{message} of {table}: {', '.join(sorted(unknown))} is nothing a step has.")
        rank = more.get("rank", 1)
        if not isinstance(rank, int):
            raise TypeError(f"{message} of {table}: the rank is a whole number.")

        def register(handler: Handler) -> Handler:
            name = f"{self.name}: {handler.__name__}"
            made = Step(
                name=name,
                message=message,
                table=table,
                stage=stage,
                handler=handler,
                mode=mode,
                rank=rank,
                columns=frozenset(_names(more.get("columns"))),
                pre_image=tuple(_names(more.get("pre_image"))),
                post_image=tuple(_names(more.get("post_image"))),
            )
            self.steps.append(made)
            return handler

        return register

    def operation(self, message: str) -> Callable[[Handler], Handler]:
        """Let the function below do the work of a custom API: `@solution.operation("new_Approve")`. [FN-28]

        It reads `context.inputs` and sets `context.outputs`. The API itself is a row of `customapis` whose plug-in type
        has the `typename` `<solution>: <function>`.

        Args:
            message: the unique name of the custom API.
        """

        def register(handler: Handler) -> Handler:
            self.operations.append(Operation(f"{self.name}: {handler.__name__}", message, handler))
            return handler

        return register


def refuse(message: str) -> NoReturn:
    """Stop the message: the caller gets this text, and nothing happened. [EVT-7]

    Raises:
        StepRefused: always.
    """
    raise StepRefused(message)


def _names(given: object) -> list[str]:
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError("columns and images are collections of names.")
    names = cast("Iterable[object]", given)
    return sorted([str(name) for name in names])
