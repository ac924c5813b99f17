"""Refuse by name what the service has tables for and this server does not do.

In:        the name of a set that is none here
Out:       a refusal, where it is one of the service's
Not here:  operations that are not here (web.functions), the sets that are (metadata.schema)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import NotSupportedHere

KNOWN_SETS: Final[Mapping[str, Callable[[], NotSupportedHere]]] = MappingProxyType(
    {
        "catalogs": lambda: NotSupportedHere("The catalogs of business events (catalogs)"),
        "catalogassignments": lambda: NotSupportedHere("The catalogs of business events (catalogassignments)"),
        "retaineddataexcels": lambda: NotSupportedHere("Files of exported retained rows (retaineddataexcels)"),
        "workflows": lambda: NotSupportedHere("Business rules, workflows and other processes (workflows)"),
    }
)
"""Set → the refusal: nobody shall take it for a wrong address. [EVT-56], [JOB-85], [RET-46]"""


def refuse_known_set(name: str) -> None:
    """Only where a solution does not bring a table of that name itself.

    Raises:
        NotSupportedHere: the service has rows there.
    """
    if name in KNOWN_SETS:
        raise KNOWN_SETS[name]()
