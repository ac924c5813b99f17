"""The whole schema as a CSDL document: `$metadata`.

In:        the schema
Out:       `csdl`
Not here:  single definitions (web.definitions)
"""

from __future__ import annotations

from verselet.web.csdl.document import csdl

__all__ = ["csdl"]
