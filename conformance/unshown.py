"""Name the rules that nothing can show here, each with the reason.

In:        nothing
Out:       `UNSHOWN`: rule → why no case and no test could fail for it
Not here:  rules that something could show and nothing does yet (page)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UNSHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "LIM-19": "how long clients wait for an answer; a server cannot see it",
        "LIM-30": "how long a sample run took in the cloud, given as an illustration and not as a promise",
        "LIM-31": "advice to clients on how many rows to send at once; what it builds on has cases of its own",
    }
)
