"""Hold the table facts, with the few that are plainly wrong or missing put right.

In:        a folder of facts, one JSON file per table, and `tools/words.toml` with our own words
Out:       `Reference`: facts, kinds and relationships by table
Not here:  what is written of them (tools/convert_reference.py)
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from verselet.metadata.system import Kind

Facts = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
WORDS: Facts = tomllib.loads((ROOT / "tools" / "words.toml").read_text(encoding="utf-8"))
OWNERSHIP = {"UserOwned": "user", "BusinessOwned": "business", "OrganizationOwned": "organization", "None": "none"}
INVENTED_TARGETS = {
    ("fieldpermission", "organizationid"): "organization",
    ("mailboxtrackingfolder", "owninguser"): "systemuser",
    ("userquery", "parentqueryid"): "userquery",
    ("sdkmessageprocessingstep", "plugintypeid"): "plugintype",
}
WRONG_ROWS = {("sdkmessageprocessingstep", "plugintypeid", "sdkmessagefilter")}


def solution_of(table: str) -> str:
    """The built-in solution a table belongs to."""
    if table in WORDS["solutions"]["activities"]["tables"]:
        return "activities"
    if table.startswith("msdyn_"):
        return "omnichannel"
    return "eventmanagement" if table.startswith("msevtmgt_") else "platform"


def prefixes_of(table: str) -> tuple[str, ...]:
    """The prefixes that mark a table or a column of its solution as custom."""
    return tuple(WORDS["solutions"][solution_of(table)]["custom_prefixes"])


class Reference:
    """The facts of all tables.

    `rows` are the relationships between known tables, told from the referencing side; `left_out` counts, per table,
    those whose other end has no facts.
    """

    def __init__(self, folder: Path) -> None:
        """Read all facts of a folder."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("[!_]*.json"))]
        self.tables: dict[str, Facts] = {table["logical_name"]: table for table in found}
        self.kinds = {name: self._kind(name) for name in self.tables}
        self.left_out: dict[str, int] = defaultdict(int)
        self.rows = [row for row in self._all_rows() if self._is_inside(row)]

    def _kind(self, name: str) -> Kind:
        table = self.tables[name]
        return msgspec.convert(
            {
                "name": name,
                "schema_name": table["schema_name"],
                "label": self.labels(name)[0],
                "ownership": OWNERSHIP[table.get("ownership", "None")],
                "primary_id": table["primary_id"],
                "is_activity": table["is_activity"] and name != "activitypointer",
                "is_intersect": table.get("is_intersect", False),
                "custom": name.startswith(prefixes_of(name)),
                "sentence_case": WORDS["solutions"][solution_of(name)].get("standard_labels") == "sentence",
            },
            Kind,
        )

    def labels(self, name: str) -> tuple[str, str]:
        """The labels for one row and for many."""
        table = self.tables[name]
        one, many = WORDS["labels"].get(name, (None, None))
        return table.get("display_name") or one, table.get("display_collection_name") or many

    def columns(self, name: str) -> dict[str, Facts]:
        """The columns of a table by logical name, put right."""
        return {column["logical_name"]: self._repaired(name, column) for column in self.tables[name]["columns"]}

    def _repaired(self, table: str, fact: Facts) -> Facts:
        name = fact["logical_name"]
        if (table, name) in INVENTED_TARGETS:
            return {**fact, "targets": [INVENTED_TARGETS[table, name]]}
        if name == self.kinds[table].primary_id and fact["type"] != "Uniqueidentifier":
            return {**fact, "type": "Uniqueidentifier", "targets": None}
        if fact["type"] == "State":
            reasons = next(column["options"] for column in self.tables[table]["columns"] if column["type"] == "Status")
            return {**fact, "reasons": reasons}
        return fact

    def _all_rows(self) -> Iterator[Facts]:
        """Many-to-one relationships, and those that only the other side tells."""
        told: set[tuple[str, str, str]] = set()
        for name, table in self.tables.items():
            for row in table.get("many_to_one", []):
                key = (name, row["referencing_attribute"], row["referenced_entity"])
                told.add(key)
                if key not in WRONG_ROWS:
                    yield {**row, "table": name, "told_by": name}
        for name, table in self.tables.items():
            self.left_out[name] += len(table.get("one_to_many_other_names", []))
            for row in table.get("one_to_many", []):
                if (row["referencing_entity"], row["referencing_attribute"], name) not in told:
                    yield {
                        **row,
                        "table": row["referencing_entity"],
                        "told_by": name,
                        "referenced_entity": name,
                        "navigation_property": row["referencing_navigation_property"],
                        "referenced_navigation_property": row["navigation_property"],
                    }

    def _is_inside(self, row: Facts) -> bool:
        """Whether both ends have facts; if not, it is counted."""
        inside = row["table"] in self.tables and row["referenced_entity"] in self.tables
        self.left_out[row["told_by"]] += not inside
        return inside

    def reached(self, table: str, column: str) -> list[str]:
        """All tables that relationships of the column lead to."""
        own = [row for row in self.rows if (row["table"], row["referencing_attribute"]) == (table, column)]
        return sorted({row["referenced_entity"] for row in own})

    def targets(self, fact: Facts) -> list[str]:
        """The known tables among the targets of a lookup."""
        return sorted(target for target in fact.get("targets") or [] if target in self.tables)

    def stands_alone(self, table: str, column: str, fact: Facts) -> bool:
        """Whether the column leads to one table only, so that its section can speak of the relationship."""
        if fact["type"] == "Owner":
            return True
        if fact["type"] == "Uniqueidentifier":
            return column == "activityid" and self.kinds[table].is_activity
        known = self.targets(fact)
        return known == self.reached(table, column) and len(known) == 1 and len(fact["targets"]) == 1

    def pairs(self) -> dict[str, list[tuple[str, Facts]]]:
        """The many-to-many relationships between known tables: schema name → its sides, the referencing one first."""
        found: dict[str, list[tuple[str, Facts]]] = defaultdict(list)
        for name, table in self.tables.items():
            for row in table.get("many_to_many", []):
                if row["other_entity"] in self.tables:
                    found[row["schema_name"]].append((name, row))
        for sides in found.values():
            sides.sort(key=lambda side: (side[1]["navigation_property"].endswith("_referenced"), side[0]))
        return found
