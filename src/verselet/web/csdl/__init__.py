"""The whole schema as a CSDL document: `$metadata`.

In:        the schema
Out:       `csdl`, and `edm_type` of a column
Not here:  single definitions (web.definitions)
"""

from __future__ import annotations

from verselet.web.csdl.document import csdl
from verselet.web.csdl.properties import edm_type

__all__ = ["csdl", "edm_type"]
