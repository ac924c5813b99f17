"""Tables whose rows have owners and hang on each other in every way a relationship can say.

A project has tasks (parental), documents (nothing follows), badges (what follows depends on owner and state) and pins
(what follows is inherited only); a task has steps (parental) and tasks.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from verselet.metadata.compiled import builtin_solution_dirs, load_schema
from verselet.metadata.schema import Schema

SOLUTION = 'unique_name = "families"\nlabel = "Families"\nversion = "1.0.0"\ncustom_prefixes = ["fam_"]\n'

PARENTAL = '"parental"'
BADGE = '{ assign = "UserOwned", share = "Active", unshare = "Active" }'
PIN = '{ reparent = "Cascade", share = "Cascade", unshare = "Cascade" }'

TABLES = {
    "project": {},
    "task": {"project": PARENTAL, "task": '"none"'},
    "step": {"task": PARENTAL, "project": '{ share = "Cascade", unshare = "Cascade" }'},
    "document": {"project": '"restrict"'},
    "badge": {"project": BADGE},
    "pin": {"project": PIN},
}
"""Table → the tables its lookups lead to, and what follows from there to it."""


CARD = """label = "Card"
label_plural = "Cards"
set_name = "fam_cards"
ownership = "user"
primary_name = "fam_name"

[columns.fam_name]
type = "text"
max_length = 100

[columns.fam_account]
type = "lookup"
targets = ["account"]
relationship = "fam_account_card"
cascade = { merge = "Cascade" }

[keys.fam_cardkey]
label = "Card of an account"
columns = ["fam_account", "fam_name"]
"""
"""Of one account there is one card of each name."""


def _table(name: str, lookups: dict[str, str]) -> str:
    """The file of one table."""
    lines = [
        f'label = "{name.title()}"\nlabel_plural = "{name.title()}s"\nset_name = "fam_{name}s"\nownership = "user"',
        'primary_name = "fam_name"\n\n[columns.fam_name]\ntype = "text"\nmax_length = 100',
    ]
    for target, cascade in lookups.items():
        lines.append(
            f'[columns.fam_{target}]\ntype = "lookup"\ntargets = ["fam_{target}"]\n'
            f'relationship = "fam_{target}_{name}"\nnavigation = "fam_{target}"\ncascade = {cascade}'
        )
    return "\n\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def schema_with_families() -> Schema:
    """The built-in schema and these tables."""
    folder = Path(tempfile.mkdtemp(prefix="families"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "families" / "tables").mkdir(parents=True)
    (folder / "families" / "solution.toml").write_text(SOLUTION, encoding="utf-8")
    for name, lookups in TABLES.items():
        path = folder / "families" / "tables" / f"fam_{name}.toml"
        path.write_text(_table(name, lookups), encoding="utf-8")
    (folder / "families" / "tables" / "fam_card.toml").write_text(CARD, encoding="utf-8")
    return load_schema([*builtin_solution_dirs(), folder / "families"], folder / "cache")
