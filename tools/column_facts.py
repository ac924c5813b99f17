"""Turn the facts of one column into the keys of a table file.

In:        one column of a facts file, and the standard column it may differ from
Out:       the keys that have to be written
Not here:  relationships (tools/convert_reference.py)
"""

from __future__ import annotations

from typing import Any

import msgspec

from tools.reference import WORDS
from verselet.metadata import columns as column_types
from verselet.metadata.columns import Column
from verselet.metadata.system import Kind

Facts = dict[str, Any]
TYPES = {
    "String": "text",
    "Memo": "memo",
    "Integer": "integer",
    "BigInt": "bigint",
    "Decimal": "decimal",
    "Double": "float",
    "Money": "money",
    "DateTime": "datetime",
    "Boolean": "yesno",
    "Picklist": "choice",
    "MultiSelectPicklist": "choices",
    "State": "state",
    "Status": "status",
    "Lookup": "lookup",
    "Customer": "lookup",
    "Owner": "lookup",
    "Uniqueidentifier": "id",
    "PartyList": "party_list",
    "EntityName": "table_name",
    "Image": "image",
    "File": "file",
    "ManagedProperty": "managed_property",
}
REQUIRED = {
    "None": "none",
    "Recommended": "recommended",
    "ApplicationRequired": "application",
    "SystemRequired": "system",
}
BEHAVIOR = {"UserLocal": "user_local", "DateOnly": "date_only", "TimeZoneIndependent": "time_zone_independent"}
STRUCTS = {
    kind.__struct_config__.tag: kind
    for kind in vars(column_types).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(kind.__struct_config__.tag, str)
}
VIRTUAL = {"owneridname", "owneridyominame"}
PLAIN = {
    "display_name": "label",
    "max_length": "max_length",
    "min": "min",
    "max": "max",
    "precision": "precision",
    "format": "format",
    "ime_mode": "ime_mode",
    "is_localizable": "localizable",
    "can_change_datetime_behavior": "can_change_behavior",
    "source_type_mask": "source_type_mask",
    "true_label": "true_label",
    "false_label": "false_label",
    "targets_total": "targets_total",
    "deprecated_since": "deprecated_since",
}
GLOBAL_CHOICES = {"msevtmgt_nooryes"}


def column_keys(fact: Facts, standard: Column | None, kind: Kind, *, custom: bool, known: set[str]) -> Facts:
    """The keys that differ from the standard column, or from the defaults of a column of that type."""
    wanted = stated(fact, known)
    default: Facts
    if standard is not None and standard.__struct_config__.tag == wanted["type"]:
        default = plain_values(standard)
        del wanted["type"]
    else:
        plain = STRUCTS[wanted["type"]](name=fact["logical_name"], schema_name=fact["logical_name"], custom=custom)
        default = plain_values(plain) | {"type": None}
        if standard is not None:
            default |= {"schema_name": standard.schema_name, "label": standard.label}
        if default.get("choice_name", "") is None:
            default["choice_name"] = f"{kind.name}_{fact['logical_name']}"
    keys = {key: value for key, value in wanted.items() if key not in default or default[key] != value}
    if "options" in keys and keys["options"] == short_options(default.get("options", [])):
        del keys["options"]
    if keys.get("create") is False and keys.get("update") is False:
        del keys["create"], keys["update"]
        keys["read_only"] = True
    if "choice" in keys:
        keys.pop("options", None)
        keys.pop("choice_name", None)
    if keys.get("targets") == []:
        del keys["targets"]
    return keys


def plain_values(column: msgspec.Struct) -> Facts:
    """A column as the values a decoder of TOML would give."""
    found: Facts = msgspec.json.decode(msgspec.json.encode(column))
    return found


def stated(fact: Facts, known: set[str]) -> Facts:
    """Everything the facts say, in the words of table files."""
    kind = "virtual" if fact["logical_name"] in VIRTUAL else TYPES[fact["type"]]
    found: Facts = {"type": kind, "schema_name": fact.get("schema_name")}
    found |= {ours: fact.get(theirs) for theirs, ours in PLAIN.items()}
    valid = fact.get("valid_for", {})
    found |= {key: valid.get(key) for key in ("create", "update", "read", "form")}
    found["required"] = REQUIRED.get(fact.get("required_level", ""))
    found["behavior"] = BEHAVIOR.get(fact.get("datetime_behavior", ""))
    found["source_type"] = fact["source_type"].lower() if "source_type" in fact else None
    if kind in ("bigint", "virtual"):
        found |= {"min": None, "max": None, "format": None, "ime_mode": None, "localizable": None}
    if fact["type"] in ("Owner", "Customer"):
        found["kind"] = fact["type"].lower()
    default = fact.get("default")
    if kind not in ("status", "bigint", "integer") and default != -1:
        found["default"] = default
    if kind == "status":
        found["default"] = default
    found |= choice_keys(fact, kind)
    if fact.get("targets"):
        found["targets"] = [target for target in fact["targets"] if target in known]
        found["external_targets"] = sorted(set(fact["targets"]) - known) or None
    base = fact["logical_name"].removesuffix("_base")
    if kind == "money" and base != fact["logical_name"]:
        found["base_of"] = base
    return {key: value for key, value in found.items() if value is not None}


def choice_keys(fact: Facts, kind: str) -> Facts:
    """The options, or the name of a global list."""
    name = fact.get("global_choice_name")
    if name in GLOBAL_CHOICES:
        return {"choice": name}
    found: Facts = {"choice_name": name}
    options = fact.get("options")
    if not options:
        return found
    if kind == "status":
        found["options"] = [[o["value"], o["label"], o.get("state", 0)] for o in options]
    elif kind == "state":
        found["options"] = [state_option(o, fact) for o in options]
    else:
        found["options"] = [[o["value"], o["label"]] for o in options]
    return found


def state_option(option: Facts, fact: Facts) -> list[Any]:
    """A state; where its default status reason is not known, it is the lowest of that state."""
    reasons = [reason["value"] for reason in fact.get("reasons", []) if reason.get("state") == option["value"]]
    default = option.get("default_status", min(reasons, default=option["value"] + 1))
    invariant = option.get("invariant_name", option["label"])
    short = [option["value"], option["label"], default]
    return short if invariant == option["label"] else [*short, invariant]


def short_options(options: list[Facts]) -> list[list[Any]]:
    """Options of a standard column in the short form of files."""
    found = []
    for option in options:
        values = list(option.values())
        found.append(
            values[:-1] if "invariant_name" in option and option["invariant_name"] == option["label"] else values
        )
    return found


ADDRESS = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")


def calculation(table: str, name: str, columns: Facts) -> Facts | None:
    """How the column follows from others: said in our words, or plain from the names."""
    said: Facts | None = WORDS["calculations"].get(table, {}).get(name)
    if said is not None:
        return said
    if name == "fullname" and {"firstname", "lastname"} <= columns.keys():
        return {"rule": "full_name", "of": ["firstname", "lastname"]}
    prefix = name.removesuffix("composite")
    if name.startswith("address") and prefix != name and all(prefix + part in columns for part in ADDRESS):
        return {"rule": "address", "of": [prefix + part for part in ADDRESS]}
    return None
