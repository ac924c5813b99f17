"""Hold a compiled statement: text and the order its parameters take.

In:        made by sql.select and sql.write
Out:       `Statement`
Not here:  running it (store.session)
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verselet.values import Stored


class Statement(msgspec.Struct, frozen=True):
    """SQL text in one dialect.

    `order` names, for each placeholder in the text, the position of its value in the list of the request's values;
    the same value may stand in several places.
    """

    text: str
    order: tuple[int, ...]

    def bind(self, values: Sequence[Stored]) -> tuple[Stored, ...]:
        """The parameters in the order of the placeholders."""
        return tuple([values[position] for position in self.order])
