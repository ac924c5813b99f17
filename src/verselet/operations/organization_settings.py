"""Ask how the organization is set, where the setting is no column of its own.

In:        the name of a setting in `organization.orgdborgsettings`
Out:       whether it is on
Not here:  settings with a column (run.read_values), settings of the server (verselet.settings)
"""

from __future__ import annotations

import re

from verselet.pipeline.execution import Execution


def is_on(run: Execution, name: str) -> bool:
    """The setting says true; one that is not there is off. [SEC-8]

    The column holds `<OrgSettings><Name>true</Name></OrgSettings>`, as the service's does.
    """
    written = (run.read_values("organization", run.facts.id, ("orgdborgsettings",)) or {}).get("orgdborgsettings")
    found = re.search(rf"<{re.escape(name)}>\s*(\w+)\s*</", written if isinstance(written, str) else "")
    return found is not None and found[1].lower() in {"true", "1"}
