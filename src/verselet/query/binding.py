"""Say where the values of a plan come from.

In:        literals met while resolving
Out:       `Binding`, one per value after the environment, and `Resolved`, a plan with its bindings
Not here:  the stored form of a value (store.codecs)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from verselet.metadata.columns import Column
from verselet.query.moments import Moment
from verselet.query.plan import Plan
from verselet.query.typing_literals import value_of
from verselet.values import Value

Form: TypeAlias = Literal["value", "list", "contains", "startswith", "endswith", "like", "plain"]
"""What becomes of the value: itself, a list as one parameter, a pattern, or a number that no column types."""


Part: TypeAlias = Literal["owners", "units", "sharees"]


class CallerList(msgspec.Struct, frozen=True):
    """A list that the caller brings: one part of how far a privilege goes, in the n-th of the caller's standings."""

    part: Part
    privilege: str
    right: int
    standing: int = 0


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a request.

    `column` types the value; None only for plain numbers. `start` and `stop` are the place of the literal in the
    decoded query text, or −1 where the value cannot be read from there again (a list, a part of the address).
    `classes` says that the plan took the text for a pattern with `[…]`, so another text needs another plan.
    `of_caller` says that the value is one of the caller's lists, found anew for each request.
    `moment` says that the value is a time counted from now, found anew for each request; `value` is then not used.
    """

    column: Column | None
    value: Value | tuple[Value, ...]
    form: Form = "value"
    start: int = -1
    stop: int = -1
    classes: bool = False
    moment: Moment | None = None
    of_caller: CallerList | None = None

    def again(self, kind: str, text: str) -> Value:
        """The value for another literal in the same place.

        Raises:
            QueryRefused: the literal is of another type than the column.
        """
        if self.column is None:
            return int(text)
        return value_of(self.column, kind, text)


class Resolved(msgspec.Struct, frozen=True):
    """A plan and what it binds after the environment, in order."""

    plan: Plan
    bindings: tuple[Binding, ...]
