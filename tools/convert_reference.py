"""Convert table facts (JSON) into the table files of the built-in solutions.

In:        a folder of facts, one JSON file per table, and `tools/words.toml` with our own labels and descriptions
Out:       `src/verselet/solutions/<solution>/tables/*.toml`, `choices/*.toml`, `relationships/*.toml`, `solution.toml`
Not here:  reading the files back (verselet.metadata), writing TOML text (tools/toml_text.py)

Run it from the root of the repository: `python -m tools.convert_reference ../shared/reference/tables`.
It writes only what differs from what a table's kind gives it.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

from tools.column_facts import column_keys
from tools.toml_text import write_toml
from verselet.metadata import system
from verselet.metadata.children import GROUPS, child_relationship, children_of_kind
from verselet.metadata.columns import Column
from verselet.metadata.system import Kind

Facts = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "src" / "verselet" / "solutions"
WORDS = tomllib.loads((ROOT / "tools" / "words.toml").read_text(encoding="utf-8"))
OWNERSHIP = {"UserOwned": "user", "BusinessOwned": "business", "OrganizationOwned": "organization", "None": "none"}
ACTIVITIES = [
    "activityparty",
    "account",
    "contact",
    "annotation",
    "activitypointer",
    "appointment",
    "email",
    "fax",
    "letter",
    "phonecall",
    "task",
    "recurringappointmentmaster",
    "serviceappointment",
    "socialactivity",
    "adx_alertsubscription",
    "adx_inviteredemption",
    "adx_portalcomment",
    "msdyn_approval",
    "msdyn_bookingalert",
    "msdyn_surveyinvite",
    "queueitem",
    "mailboxtrackingfolder",
]
INVENTED_TARGETS = {
    ("fieldpermission", "organizationid"): "organization",
    ("mailboxtrackingfolder", "owninguser"): "systemuser",
    ("userquery", "parentqueryid"): "userquery",
}
WRONG_ROWS = {("sdkmessageprocessingstep", "plugintypeid", "sdkmessagefilter")}
HIERARCHICAL = {
    ("account", "parentaccountid"),
    ("systemuser", "parentsystemuserid"),
    ("businessunit", "parentbusinessunitid"),
}


def solution_of(table: str) -> str:
    """The built-in solution a table belongs to."""
    if table in ACTIVITIES:
        return "activities"
    if table.startswith("msdyn_"):
        return "omnichannel"
    return "eventmanagement" if table.startswith("msevtmgt_") else "platform"


class Converter:
    """All facts, and what has been worked out of them."""

    def __init__(self, folder: Path) -> None:
        found = [json.loads(path.read_text()) for path in sorted(folder.glob("[!_]*.json"))]
        self.facts: dict[str, Facts] = {table["logical_name"]: table for table in found}
        self.settings = {name: WORDS["solutions"][name] for name in WORDS["solutions"]}
        self.kinds = {name: self._kind(name, table) for name, table in self.facts.items()}
        self.files: dict[str, Facts] = {}
        self.left_out: dict[str, int] = defaultdict(int)
        self.rows = self._rows()
        self.children: dict[str, list[str]] = defaultdict(list)
        self.listed: dict[str, list[Facts]] = defaultdict(list)
        self.activity_columns: dict[str, Column] = {}

    def _kind(self, name: str, table: Facts) -> Kind:
        settings = self.settings[solution_of(name)]
        return Kind(
            name=name,
            schema_name=table["schema_name"],
            label=self._label(name),
            ownership=OWNERSHIP[table.get("ownership", "None")],
            primary_id=table["primary_id"],
            is_activity=table["is_activity"] and name != "activitypointer",
            is_intersect=table.get("is_intersect", False),
            custom=name.startswith(tuple(settings["custom_prefixes"])),
            sentence_case=settings.get("standard_labels") == "sentence",
        )

    def _label(self, name: str) -> str:
        return str(self.facts[name].get("display_name") or WORDS["labels"][name][0])

    def _rows(self) -> list[Facts]:
        """All relationships between known tables, told from the referencing side."""
        rows: list[Facts] = []
        seen: set[tuple[str, str, str]] = set()
        for name, table in self.facts.items():
            for row in table.get("many_to_one", []):
                key = (name, row["referencing_attribute"], row["referenced_entity"])
                if row["referenced_entity"] not in self.facts:
                    self.left_out[name] += 1
                elif key not in WRONG_ROWS:
                    seen.add(key)
                    rows.append({**row, "table": name})
        for name, table in self.facts.items():
            for row in table.get("one_to_many", []):
                child = row["referencing_entity"]
                key = (child, row["referencing_attribute"], name)
                if child not in self.facts:
                    self.left_out[name] += 1
                elif key not in seen:
                    seen.add(key)
                    rows.append(
                        {
                            **row,
                            "table": child,
                            "referenced_entity": name,
                            "navigation_property": row["referencing_navigation_property"],
                            "referenced_navigation_property": row["navigation_property"],
                        }
                    )
            self.left_out[name] += len(table.get("one_to_many_other_names", []))
        return rows

    def convert(self) -> None:
        """Work out all files."""
        for row in self.rows:
            if not self._is_child(row):
                self.listed[row["table"]].append(row)
        for name in sorted(self.facts, key=lambda name: (self.kinds[name].is_activity, name)):
            self.files[name] = self._table(name)

    def _is_child(self, row: Facts) -> bool:
        """Whether the relationship is one that the referenced table's file can name as a child."""
        kind = self.kinds[row["referenced_entity"]]
        for word, children in GROUPS.items():
            child = children[0]
            if word == "activity_parties" and not kind.is_activity:
                continue  # The parties of `activitypointer` itself decide what the column's targets are.
            if word != child.word or (child.table, child.column) != (row["table"], row["referencing_attribute"]):
                continue
            made = child_relationship(child, kind)
            names = (row.get("schema_name", made.schema_name), row["navigation_property"])
            cascade = row.get("cascade") or msgspec.to_builtins(child.cascades)
            collection = row.get("referenced_navigation_property", made.referenced_navigation)
            same = names == (made.schema_name, made.referencing_navigation) and collection == made.referenced_navigation
            if same and msgspec.convert(cascade, type(child.cascades)) == child.cascades:
                self.children[kind.name].append(word)
                return True
        return False

    def _table(self, name: str) -> Facts:
        table, kind = self.facts[name], self.kinds[name]
        label = WORDS["labels"].get(name, [table.get("display_name"), table.get("display_collection_name")])
        collection = table.get("collection_schema_name") or f"{kind.schema_name}s"
        set_name = table["entity_set_name"]
        file: Facts = {
            "label": table.get("display_name") or label[0],
            "label_plural": table.get("display_collection_name") or label[1],
            "description": WORDS["tables"][name],
            "schema_name": different(kind.schema_name, name),
            "set_name": different(set_name, f"{name}s"),
            "collection_schema_name": different(collection, f"{kind.schema_name}s"),
            "logical_collection_name": different(
                table.get("logical_collection_name") or collection.lower(), collection.lower()
            ),
            "ownership": different(kind.ownership, "user"),
            "primary_id": different(kind.primary_id, "activityid" if table["is_activity"] else f"{name}id"),
            "primary_name": table.get("primary_name") if name != "activityparty" else None,
            "primary_image": table.get("primary_image"),
            "object_type_code": table.get("object_type_code"),
            "activity": table["is_activity"] or None,
            "intersect": kind.is_intersect or None,
            "change_tracking": True if name in WORDS["change_tracking"] else None,
            "recycle_bin": True if name in WORDS["recycle_bin"] else None,
            "without_messages": ["DeleteMultiple"] if name == "msevtmgt_sessionregistration" else None,
            "children": self._children(kind),
        }
        file |= self._columns(name)
        return {key: value for key, value in file.items() if value is not None}

    def _children(self, kind: Kind) -> list[str] | None:
        """The words for the children, groups first, unless they are those of the kind."""
        words = set(self.children[kind.name]) | ({"activity_parties"} if kind.is_activity else set())
        found: list[str] = []
        for group in ("housekeeping", "activities"):
            members = {child.word for child in GROUPS[group]}
            if members <= words:
                found.append(group)
                words -= members
        found += sorted(words)
        return None if set(found) == set(children_of_kind(kind)) else found

    def _columns(self, name: str) -> Facts:
        """The columns that differ from the standard, the standard ones that are missing, the relationships."""
        table, kind = self.facts[name], self.kinds[name]
        standard = dict(system.standard_columns(kind))
        if kind.is_activity:
            own = {key: standard[key] for key in ("activityid", "statecode", "statuscode")}
            own["activityid"] = msgspec.structs.replace(own["activityid"], schema_name="ActivityId")
            brought = {key: standard[key] for key in ("importsequencenumber", "overriddencreatedon")}
            inherited = {key: self._renamed(column, name) for key, column in self.activity_columns.items()}
            standard = brought | inherited | own
        facts = {column["logical_name"]: self._repaired(name, column) for column in table["columns"]}
        companions = {"owneridname", "owneridtype", "owneridyominame"} & set(standard)
        without = sorted(set(standard) - set(facts) - companions)
        columns: Facts = {}
        relationships: Facts = {}
        by_column: dict[str, list[Facts]] = defaultdict(list)
        for row in self.listed[name]:
            by_column[row["referencing_attribute"]].append(row)
        for column_name, fact in facts.items():
            custom = column_name.startswith(tuple(self.settings[solution_of(name)]["custom_prefixes"]))
            keys = column_keys(fact, standard.get(column_name), kind, custom=custom, known=set(self.facts))
            described = WORDS.get("columns", {}).get(name, {}).get(column_name)
            if described:
                keys = place_after_label(keys, described)
            rows = by_column.pop(column_name, [])
            if len(rows) == 1 and self._stands_alone(name, column_name, fact):
                keys |= self._inline(kind, fact, keys, standard.get(column_name), rows[0])
            elif rows:
                keys.pop("targets", None)
                for row in rows:
                    relationships |= self._listed(kind, keys, fact, standard.get(column_name), row)
                targets = sorted(t for t in fact.get("targets") or [] if t in self.facts)
                if fact["type"] != "Uniqueidentifier" and targets != self._reached(name, column_name):
                    keys["targets"] = targets
            if fact["type"] in ("Lookup", "Customer") and self._has_only_children(name, column_name, rows):
                keys.pop("targets", None)
            columns[column_name] = keys
        if name == "activitypointer":
            self.activity_columns = self._built(columns, standard, kind)
        written = {key: value for key, value in columns.items() if value}
        return {
            "without": without or None,
            "columns": written or None,
            "relationships": dict(sorted(relationships.items(), key=lambda item: item[0].lower())) or None,
        }

    def _reached(self, table: str, column: str) -> list[str]:
        """All tables that relationships of the column lead to."""
        return sorted(
            {r["referenced_entity"] for r in self.rows if (r["table"], r["referencing_attribute"]) == (table, column)}
        )

    def _has_only_children(self, table: str, column: str, rows: list[Facts]) -> bool:
        return not rows and bool(self._reached(table, column))

    def _stands_alone(self, table: str, column: str, fact: Facts) -> bool:
        if fact["type"] == "Owner":
            return True
        if fact["type"] == "Uniqueidentifier":
            return column == "activityid" and self.kinds[table].is_activity
        known = [target for target in fact.get("targets") or [] if target in self.facts]
        return known == self._reached(table, column) and len(known) == 1 and len(fact["targets"]) == 1

    def _repaired(self, table: str, fact: Facts) -> Facts:
        """The facts of a column, with the few that are plainly wrong or missing put right."""
        name = fact["logical_name"]
        if fact["type"] == "State":
            reasons = next(column["options"] for column in self.facts[table]["columns"] if column["type"] == "Status")
            return {**fact, "reasons": reasons}
        invented = INVENTED_TARGETS.get((table, name))
        if invented:
            return {**fact, "targets": [invented]}
        if (table, name) == ("sdkmessageprocessingstep", "plugintypeid"):
            return {**fact, "targets": ["plugintype"]}
        if name == self.kinds[table].primary_id and fact["type"] != "Uniqueidentifier":
            return {**fact, "type": "Uniqueidentifier", "targets": None}
        return fact

    def _renamed(self, column: Column, table: str) -> Column:
        if getattr(column, "choice_name", None) == f"activitypointer_{column.name}":
            return msgspec.structs.replace(column, choice_name=f"{table}_{column.name}")
        return column

    def _built(self, columns: Facts, standard: dict[str, Column], kind: Kind) -> dict[str, Column]:
        """The columns of the general activity as the loader will make them."""
        from verselet.metadata.column_files import ColumnSource, read_column
        from verselet.metadata.files import InlineRelationship

        inline = InlineRelationship.__struct_fields__
        source = ColumnSource(table=kind.name, path="activitypointer", choices={}, custom_prefixes=("adx_", "msdyn_"))
        built = dict(standard)
        for name in set(standard) - set(columns) - {"owneridname", "owneridtype", "owneridyominame"}:
            del built[name]
        for name, keys in columns.items():
            own = {key: value for key, value in keys.items() if key not in inline}
            built[name] = read_column(name, own, standard.get(name), source)
        return built

    def _names(self, kind: Kind, row: Facts) -> tuple[str, str]:
        """Schema name and collection of a relationship, by pattern where the facts have none."""
        column, to = row["referencing_attribute"], row["referenced_entity"]
        pattern = system.relationship_name(kind, column, to)
        if not row.get("schema_name") and column == "objectid" and kind.name == "queueitem":
            pattern = f"{to}_QueueItems"
        name = row.get("schema_name") or pattern
        return name, row.get("referenced_navigation_property") or name

    def _cascade(self, row: Facts) -> Facts | str | None:
        """The cascades as a word or as a table of what is not the default."""
        if "cascade" not in row:
            return None
        found = msgspec.convert(row["cascade"], type(system.NO_CASCADE))
        if found == system.cascades_of(row["referencing_attribute"]):
            return None
        for word, cascades in system.CASCADES.items():
            if found == cascades:
                return word
        default = msgspec.to_builtins(system.REMOVE_LINK)
        return {key: value for key, value in msgspec.to_builtins(found).items() if value != default[key]}

    def _inline(self, kind: Kind, fact: Facts, keys: Facts, standard: Column | None, row: Facts) -> Facts:
        """The keys of a column that speak of its only relationship."""
        name, collection = self._names(kind, row)
        column, to = row["referencing_attribute"], row["referenced_entity"]
        shape = shape_of(fact, keys, standard, kind, self.settings[solution_of(kind.name)]["custom_prefixes"])
        navigation = system.navigation_name(kind, shape, to, alone=True)
        found = {
            "relationship": different(name, system.relationship_name(kind, column, to)),
            "navigation": different(row["navigation_property"], navigation),
            "collection": different(collection, name),
            "cascade": self._cascade(row),
            "hierarchical": True if (kind.name, column) in HIERARCHICAL else None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _listed(self, kind: Kind, keys: Facts, fact: Facts, standard: Column | None, row: Facts) -> Facts:
        """One line of `[relationships]`."""
        name, collection = self._names(kind, row)
        column, to = row["referencing_attribute"], row["referenced_entity"]
        shape = shape_of(fact, keys, standard, kind, self.settings[solution_of(kind.name)]["custom_prefixes"])
        found = {
            "column": column,
            "to": to,
            "navigation": different(row["navigation_property"], system.navigation_name(kind, shape, to, alone=False)),
            "collection": different(collection, name),
            "cascade": self._cascade(row),
        }
        return {name: {key: value for key, value in found.items() if value is not None}}

    def pairs(self) -> dict[str, Facts]:
        """The many-to-many relationships, one file each."""
        found: dict[str, list[tuple[str, Facts]]] = defaultdict(list)
        for name, table in self.facts.items():
            for row in table.get("many_to_many", []):
                if row["other_entity"] in self.facts:
                    found[row["schema_name"]].append((name, row))
        files: dict[str, Facts] = {}
        for schema_name, sides in found.items():
            sides.sort(key=lambda side: (side[1]["navigation_property"].endswith("_referenced"), side[0]))
            table, row = sides[0]
            other = sides[1][1]["navigation_property"] if len(sides) > 1 else row["navigation_property"]
            files[schema_name] = {
                "table1": table,
                "table2": row["other_entity"],
                "intersect_table": different(row["intersect_entity"], schema_name.lower()),
                "column1": row["intersect_attribute"],
                "column2": row["other_intersect_attribute"],
                "navigation1": different(row["navigation_property"], schema_name),
                "navigation2": different(other, schema_name),
            }
        return {name: {k: v for k, v in file.items() if v is not None} for name, file in files.items()}


def shape_of(fact: Facts, keys: Facts, standard: Column | None, kind: Kind, prefixes: list[str]) -> Column:
    """A column that is right in what decides a navigation name."""
    from verselet.metadata.columns import LookupColumn

    name = fact["logical_name"]
    schema_name = keys.get("schema_name") or (standard.schema_name if standard else name)
    return LookupColumn(name=name, schema_name=schema_name, custom=name.startswith(tuple(prefixes)))


def place_after_label(keys: Facts, description: str) -> Facts:
    """The keys with the description behind the label."""
    found: Facts = {}
    for key, value in keys.items():
        found[key] = value
        if key == "label":
            found["description"] = description
    return found if "description" in found else {**keys, "description": description}


def different(value: Any, default: Any) -> Any:
    """The value, or None when it need not be written."""
    return None if value == default else value


def main(folder: Path) -> None:
    """Write all files of the four solutions."""
    converter = Converter(folder)
    converter.convert()
    choices: dict[str, set[str]] = defaultdict(set)
    for name, file in converter.files.items():
        for keys in file.get("columns", {}).values():
            if "choice" in keys:
                choices[keys["choice"]].add(solution_of(name))
        write_toml(SOLUTIONS / solution_of(name) / "tables" / f"{name}.toml", file)
    for name, file in converter.pairs().items():
        write_toml(SOLUTIONS / solution_of(file["table1"]) / "relationships" / f"{name}.toml", file)
    for name, file in WORDS["choices"].items():
        write_toml(
            SOLUTIONS / file["solution"] / "choices" / f"{name}.toml",
            {"label": file["label"], "options": file["options"]},
        )
    for name, settings in converter.settings.items():
        left_out = {t: n for t, n in sorted(converter.left_out.items()) if n and solution_of(t) == name}
        write_toml(SOLUTIONS / name / "solution.toml", {**settings, "left_out": left_out})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
