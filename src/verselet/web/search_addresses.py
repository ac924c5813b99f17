"""Know the addresses of searches.

In:        the path of a request
Out:       whether it is a search, of which version, and what it is called in the Web API
Not here:  answering it (web.row_functions.searching)

Version 2 stands at addresses of its own too, where it takes and answers the same as the actions of the Web API.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import ResourceNotFound

ROOT: Final = "/api/search/"
LEGACY: Final = "/api/search/v1.0/"
OPERATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "query": "searchquery",
        "suggest": "searchsuggest",
        "autocomplete": "searchautocomplete",
        "statistics": "searchstatistics",
        "status": "searchstatus",
    }
)
"""Last part of the address of version 2 → operation of the Web API. [DW-15]"""

_MODERN: Final = re.compile(r"/api/search/v2\.0/(\w+)/?\Z")


def takes_long(path: str) -> bool:
    """It is a search, which looks at many rows of many tables."""
    return path.startswith(ROOT) or path.rstrip("/").rpartition("/")[2] in OPERATIONS.values()


def is_legacy(path: str) -> bool:
    """It is a search of version 1."""
    return path.startswith(LEGACY)


def path_of(path: str) -> str:
    """The path in the Web API of an address of version 2; the last part of one of version 1.

    Raises:
        ResourceNotFound: there is no such address.
    """
    if is_legacy(path):
        return path.removeprefix(LEGACY)
    found = _MODERN.match(path)
    operation = None if found is None else OPERATIONS.get(found[1])
    if operation is None:
        raise ResourceNotFound(path.removeprefix(ROOT)[:80], [f"v2.0/{name}" for name in OPERATIONS])
    return operation
