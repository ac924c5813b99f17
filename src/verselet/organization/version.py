"""Say which version of the service this is.

In:        nothing
Out:       `SERVICE_VERSION`
Not here:  the version of this server (verselet)
"""

from __future__ import annotations

from typing import Final

SERVICE_VERSION: Final = "9.2.26110.00100"
"""The version of the service this server answers for. [FN-11]"""
