"""Say what can differ between two databases.

In:        nothing
Out:       `Dialect`, the type of the values in this room, and how identifiers are quoted
Not here:  the two dialects (sql.dialects.sqlite, sql.dialects.postgresql)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from verselet.sql.columns import Kind


class Dialect(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The differences between databases, as a table.

    `types` maps each stored form to its SQL type. `placeholder` stands for one value; where it is `%s`, a literal `%`
    in the text is doubled. `true` and `false` are how a yes/no is spelled. `max_parameters` is the largest number of
    values one statement takes. Dialects are compared by identity: there is one value of each.
    """

    name: Literal["sqlite", "postgresql"]
    placeholder: str
    types: Mapping[Kind, str]
    true: str
    false: str
    max_parameters: int

    @property
    def doubles_percent(self) -> bool:
        """A literal `%` in a statement's text is written twice."""
        return self.placeholder == "%s"


def quoted(identifier: str) -> str:
    """The identifier as SQL takes it without guessing; both databases use double quotes."""
    return '"' + identifier.replace('"', '""') + '"'
