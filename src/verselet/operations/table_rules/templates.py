"""Keep team templates few.

In:        rows of `teamtemplate`
Out:       `TEMPLATE_RULES`
Not here:  the teams made by them (operations.record_teams)
"""

from __future__ import annotations

from typing import Final

from verselet.operations.record_teams import must_keep_limits
from verselet.operations.table_rules.rules import TableRules

TEMPLATE_RULES: Final = TableRules(creating=must_keep_limits)
"""[SEC-39]"""
