"""One organization: its tables, rows, time and ids, and the one way to its rows.

In:        a store and the built-in solutions
Out:       `Organization`, `open_organization`
Not here:  HTTP (web), sign-in (auth), loading data (seeding)
"""

from verselet.operations.founding import DEFAULT_NAME
from verselet.organization.accesses import Accesses
from verselet.organization.explaining import explain_access
from verselet.organization.house import Organization
from verselet.organization.opening import (
    Progress,
    StepSources,
    lake_directory,
    lake_place,
    open_organization,
    write_builtin_rows,
)
from verselet.organization.retained import AskedRows
from verselet.organization.version import SERVICE_VERSION

__all__ = [
    "DEFAULT_NAME",
    "SERVICE_VERSION",
    "Accesses",
    "AskedRows",
    "Organization",
    "Progress",
    "StepSources",
    "explain_access",
    "lake_directory",
    "lake_place",
    "open_organization",
    "write_builtin_rows",
]
