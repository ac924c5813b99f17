"""Hold a whole question of OData.

In:        what `$select` to `$apply` say
Out:       `Question`
Not here:  its text (query.printers.odata), what it means (query.resolve, query.apply)
"""

from __future__ import annotations

import msgspec

from verselet.query.odata.apply import Apply
from verselet.query.tree import Query


class Question(msgspec.Struct, frozen=True):
    """The options of an address. With `apply` of `query` only the filter, the order and the top count. [A-8], [A-9]"""

    query: Query
    apply: Apply | None = None
