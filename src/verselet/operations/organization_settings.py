"""Ask how the organization is set, where the setting is no column of its own.

In:        the name of a setting in `organization.orgdborgsettings`
Out:       whether it is on, or its number
Not here:  settings with a column (run.read_values), settings of the server (verselet.settings)
"""

from __future__ import annotations

import re

from verselet.pipeline.execution import Execution


def is_on(run: Execution, name: str) -> bool:
    """The setting says true; one that is not there is off. [SEC-8]"""
    return _written(run, name).lower() in {"true", "1"}


def number_of(run: Execution, name: str, default: int) -> int:
    """The number that the setting says, or the service's own where it says none."""
    written = _written(run, name)
    return int(written) if written.isdecimal() else default


def _written(run: Execution, name: str) -> str:
    """What stands in the column, which holds `<OrgSettings><Name>true</Name></OrgSettings>` as the service's does."""
    found = run.read_values("organization", run.facts.id, ("orgdborgsettings",)) or {}
    match = re.search(rf"<{re.escape(name)}>\s*(\w+)\s*</", str(found.get("orgdborgsettings") or ""))
    return "" if match is None else match[1]
