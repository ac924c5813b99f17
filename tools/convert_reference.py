"""Convert table facts (JSON) into the table files of the built-in solutions.

In:        a folder of facts, one JSON file per table (tools/reference.py)
Out:       `src/verselet/solutions/<solution>/tables/*.toml`, `choices/*.toml`, `relationships/*.toml`, `solution.toml`
Not here:  reading the files back (verselet.metadata), writing TOML text (tools/toml_text.py)

Run it from the root of the repository: `python -m tools.convert_reference ../shared/reference/tables`.
It writes only what differs from what a table's kind gives it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import msgspec

from tools.column_facts import calculation, column_keys
from tools.reference import ROOT, WORDS, Facts, Reference, prefixes_of, solution_of
from tools.relationship_facts import child_word, different, inline_keys, listed_keys, shape_of
from tools.toml_text import write_toml
from verselet.metadata import system
from verselet.metadata.children import GROUPS, children_of_kind
from verselet.metadata.column_files import ColumnSource, read_column
from verselet.metadata.columns import Column
from verselet.metadata.files import InlineRelationship
from verselet.metadata.system import Kind

SOLUTIONS = ROOT / "src" / "verselet" / "solutions"
COMPANIONS = {"owneridname", "owneridtype", "owneridyominame"}
"""What the facts list only sometimes, and every table with owners has."""

INLINE = frozenset(InlineRelationship.__struct_fields__)


class Converter:
    """The facts, and what has been worked out of them."""

    def __init__(self, reference: Reference) -> None:
        """Sort the relationships: named as children by the referenced table, or listed by the referencing one."""
        self.reference = reference
        self.children: dict[str, set[str]] = defaultdict(set)
        self.listed: dict[tuple[str, str], list[Facts]] = defaultdict(list)
        self.activity_columns: dict[str, Column] = {}
        for row in reference.rows:
            word = child_word(row, reference.kinds[row["referenced_entity"]])
            if word is None:
                self.listed[row["table"], row["referencing_attribute"]].append(row)
            else:
                self.children[row["referenced_entity"]].add(word)

    def convert(self) -> dict[str, Facts]:
        """The content of every table file; the general activity comes before the concrete ones."""
        kinds = self.reference.kinds
        return {name: self.table(name) for name in sorted(kinds, key=lambda name: (kinds[name].is_activity, name))}

    def table(self, name: str) -> Facts:
        """The content of one table file."""
        table, kind = self.reference.tables[name], self.reference.kinds[name]
        label, label_plural = self.reference.labels(name)
        collection = table.get("collection_schema_name") or f"{kind.schema_name}s"
        logical_collection = table.get("logical_collection_name") or collection.lower()
        file: Facts = {
            "label": label,
            "label_plural": label_plural,
            "description": WORDS["tables"][name],
            "schema_name": different(kind.schema_name, name),
            "set_name": different(table["entity_set_name"], f"{name}s"),
            "collection_schema_name": different(collection, f"{kind.schema_name}s"),
            "logical_collection_name": different(logical_collection, collection.lower()),
            "ownership": different(kind.ownership, "user"),
            "primary_id": different(kind.primary_id, "activityid" if table["is_activity"] else f"{name}id"),
            "primary_name": table.get("primary_name") if name != "activityparty" else None,
            "primary_image": table.get("primary_image"),
            "object_type_code": table.get("object_type_code"),
            "activity": table["is_activity"] or None,
            "intersect": kind.is_intersect or None,
            "change_tracking": True if name in WORDS["change_tracking"] else None,
            "recycle_bin": True if name in WORDS["recycle_bin"] else None,
            "without_messages": WORDS["without_messages"].get(name),
            "children": self.child_words(kind),
        }
        file |= self.parts(name, kind)
        return {key: value for key, value in file.items() if value is not None}

    def child_words(self, kind: Kind) -> list[str] | None:
        """The words for the children, groups first, unless they are those of the kind."""
        words = self.children[kind.name] | ({"activity_parties"} if kind.is_activity else set())
        found: list[str] = []
        for group in ("housekeeping", "activities"):
            members = {child.word for child in GROUPS[group]}
            if members <= words:
                found.append(group)
                words = words - members
        found += sorted(words)
        return None if set(found) == set(children_of_kind(kind)) else found

    def parts(self, name: str, kind: Kind) -> Facts:
        """The columns that differ from the standard, the standard ones that are missing, the relationships."""
        standard = self.standard(kind)
        facts = self.reference.columns(name)
        columns: dict[str, Facts] = {}
        relationships: Facts = {}
        for column, fact in facts.items():
            columns[column], lines = self.column(kind, fact, standard.get(column))
            relationships |= lines
        without = sorted(set(standard) - set(facts) - COMPANIONS)
        if name == "activitypointer":
            self.activity_columns = built(columns, {key: standard[key] for key in standard if key not in without}, kind)
        return {
            "without": without or None,
            "columns": {key: value for key, value in columns.items() if value} or None,
            "relationships": dict(sorted(relationships.items(), key=lambda item: item[0].lower())) or None,
        }

    def standard(self, kind: Kind) -> dict[str, Column]:
        """The columns the loader will start from."""
        found = dict(system.standard_columns(kind))
        if not kind.is_activity:
            return found
        own = {key: found[key] for key in ("activityid", "statecode", "statuscode")}
        own["activityid"] = msgspec.structs.replace(own["activityid"], schema_name="ActivityId")
        brought = {key: found[key] for key in ("importsequencenumber", "overriddencreatedon")}
        return brought | {key: renamed(column, kind.name) for key, column in self.activity_columns.items()} | own

    def column(self, kind: Kind, fact: Facts, standard: Column | None) -> tuple[Facts, Facts]:
        """The keys of one column, and its lines in `[relationships]`."""
        name = fact["logical_name"]
        custom = name.startswith(prefixes_of(kind.name))
        keys = column_keys(fact, standard, kind, custom=custom, known=set(self.reference.tables))
        if name in WORDS["writable"].get(kind.name, ()):
            keys.pop("read_only", None)
        calculated = calculation(kind.name, name, self.reference.columns(kind.name))
        if calculated:
            keys["calculated"] = calculated
        described = WORDS["columns"].get(kind.name, {}).get(name)
        if described:
            keys = place_after_label(keys, described)
        rows = self.listed.get((kind.name, name), [])
        shape = shape_of(kind.name, fact, keys, standard)
        if len(rows) == 1 and self.reference.stands_alone(kind.name, name, fact):
            return keys | inline_keys(kind, shape, rows[0]), {}
        if fact["type"] == "Owner" or not self.reference.reached(kind.name, name):
            return keys, {}
        keys.pop("targets", None)
        lines: Facts = {}
        for row in rows:
            lines |= listed_keys(kind, shape, row)
        targets = self.reference.targets(fact)
        if rows and fact["type"] != "Uniqueidentifier" and targets != self.reference.reached(kind.name, name):
            keys["targets"] = targets
        return keys, lines


def renamed(column: Column, table: str) -> Column:
    """An inherited column with a list of its own table."""
    if getattr(column, "choice_name", None) == f"activitypointer_{column.name}":
        return msgspec.structs.replace(column, choice_name=f"{table}_{column.name}")
    return column


def built(columns: dict[str, Facts], standard: dict[str, Column], kind: Kind) -> dict[str, Column]:
    """The columns of a table as the loader will make them."""
    source = ColumnSource(table=kind.name, path=kind.name, choices={}, custom_prefixes=prefixes_of(kind.name))
    found = dict(standard)
    for name, keys in columns.items():
        own = {key: value for key, value in keys.items() if key not in INLINE}
        found[name] = read_column(name, own, standard.get(name), source)
    return found


def place_after_label(keys: Facts, description: str) -> Facts:
    """The keys with the description behind the label."""
    found: Facts = {}
    for key, value in keys.items():
        found[key] = value
        if key == "label":
            found["description"] = description
    return found if "description" in found else {**keys, "description": description}


def pair_file(schema_name: str, sides: list[tuple[str, Facts]]) -> Facts:
    """The content of one many-to-many file."""
    table, row = sides[0]
    other = sides[-1][1]["navigation_property"]
    found = {
        "table1": table,
        "table2": row["other_entity"],
        "intersect_table": different(row["intersect_entity"], schema_name.lower()),
        "column1": row["intersect_attribute"],
        "column2": row["other_intersect_attribute"],
        "navigation1": different(row["navigation_property"], schema_name),
        "navigation2": different(other, schema_name),
    }
    return {key: value for key, value in found.items() if value is not None}


def main(folder: Path) -> None:
    """Write all files of the four solutions."""
    reference = Reference(folder)
    for name, file in Converter(reference).convert().items():
        write_toml(SOLUTIONS / solution_of(name) / "tables" / f"{name}.toml", file)
    for name, sides in reference.pairs().items():
        write_toml(SOLUTIONS / solution_of(sides[0][0]) / "relationships" / f"{name}.toml", pair_file(name, sides))
    for name, file in WORDS["choices"].items():
        content = {key: value for key, value in file.items() if key != "solution"}
        write_toml(SOLUTIONS / file["solution"] / "choices" / f"{name}.toml", content)
    for name, words in WORDS["solutions"].items():
        settings = {key: value for key, value in words.items() if key != "tables"}
        counts = {t: n for t, n in sorted(reference.left_out.items()) if n and solution_of(t) == name}
        write_toml(SOLUTIONS / name / "solution.toml", {**settings, "left_out": counts})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
