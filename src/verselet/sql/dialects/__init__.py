"""Name the databases the server stores rows in.

In:        nothing
Out:       `SQLITE`, `POSTGRESQL`, `Dialect`, `quoted`
Not here:  connections (store)
"""

from verselet.sql.dialects.dialect import Dialect, quoted
from verselet.sql.dialects.postgresql import POSTGRESQL
from verselet.sql.dialects.sqlite import SQLITE

__all__ = ["POSTGRESQL", "SQLITE", "Dialect", "quoted"]
