"""Put solutions together into one schema.

In:        `SolutionFiles` of each solution, in any order
Out:       `Schema`; what points to nothing or occurs twice is refused
Not here:  reading the files (metadata.files), remembering the result (metadata.compiled)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from verselet.metadata.activities import activity_columns
from verselet.metadata.choices import Choice, GlobalChoice
from verselet.metadata.column_files import ColumnSource, read_column
from verselet.metadata.columns import Column, LookupColumn, StateColumn
from verselet.metadata.companions import in_order, with_companions
from verselet.metadata.drafts import Draft, kind_of, set_name
from verselet.metadata.files import DUPLICATE, UNKNOWN_NAME, SolutionFiles, refuse
from verselet.metadata.relationships import relate
from verselet.metadata.schema import PARENT_OF_ACTIVITIES, Schema
from verselet.metadata.system import events_of, intersect_table, messages_of, standard_columns
from verselet.metadata.tables import Key, ManyToMany, Relationship, Table


def assemble(solutions: Iterable[SolutionFiles]) -> Schema:
    """One schema from all solutions.

    Raises:
        OperatorError: VS2202 unknown key or wrong type, VS2203 unknown name, VS2204 duplicate, VS2205 incomplete.
    """
    found = list(solutions)
    _check_needs(found)
    choices = _choices(found)
    drafts = _drafts(found)
    for name, draft in sorted(drafts.items(), key=lambda item: item[1].kind.is_activity):
        drafts[name] = msgspec.structs.replace(draft, columns=_columns(draft, choices, drafts))
    relationships = relate(drafts)
    pairs = _pairs(found, drafts)
    tables = {name: _table(draft, relationships) for name, draft in drafts.items()}
    for pair, solution in pairs:
        if pair.intersect_table not in tables:
            tables[pair.intersect_table] = intersect_table(pair, solution)
    return Schema(
        tables=dict(sorted(tables.items())),
        relationships=tuple(relationships),
        many_to_many=tuple(pair for pair, _ in pairs),
        choices=choices,
    )


def _check_needs(solutions: list[SolutionFiles]) -> None:
    """Refuse a solution whose needs are not among the others, or whose name is taken."""
    names = [files.solution.unique_name for files in solutions]
    for place, files in enumerate(solutions):
        if files.solution.unique_name in names[:place]:
            refuse(DUPLICATE, files.folder / "solution.toml", "unique_name", "another solution is called so")
        for needed in files.solution.requires:
            if needed not in names:
                refuse(UNKNOWN_NAME, files.folder / "solution.toml", "requires", f"there is no solution `{needed}`")


def _choices(solutions: list[SolutionFiles]) -> dict[str, GlobalChoice]:
    """The global choices of all solutions."""
    found: dict[str, GlobalChoice] = {}
    for files in solutions:
        for name, file in files.choices.items():
            if name in found:
                refuse(DUPLICATE, files.paths[name], "", f"the global choice `{name}` is there already")
            options = tuple(Choice(value, label) for value, label in file.options)
            found[name] = GlobalChoice(name=name, label=file.label, description=file.description, options=options)
    return dict(sorted(found.items()))


def _drafts(solutions: list[SolutionFiles]) -> dict[str, Draft]:
    """A draft per table file; a name or a set name that occurs twice is refused."""
    found: dict[str, Draft] = {}
    sets: dict[str, str] = {}
    for files in solutions:
        for name, file in files.tables.items():
            path = files.paths[name]
            own_set = set_name(name, file)
            if name in found:
                refuse(DUPLICATE, path, "", f"the table `{name}` is there already: {found[name].path}")
            if own_set in sets:
                refuse(DUPLICATE, path, "set_name", f"`{own_set}` is the set of `{sets[own_set]}` already")
            sets[own_set] = name
            found[name] = Draft(
                kind=kind_of(name, file, files.solution),
                file=file,
                path=path,
                solution=files.solution,
                written=files.columns[name],
            )
    return found


def _columns(draft: Draft, choices: Mapping[str, GlobalChoice], drafts: Mapping[str, Draft]) -> dict[str, Column]:
    """All columns of a table: those of its kind, changed and added to by its file, in schema-name order."""
    standard = _standard(draft, drafts)
    for name in draft.file.without:
        if standard.pop(name, None) is None:
            refuse(UNKNOWN_NAME, draft.path, "without", f"`{name}` is no standard column of this table")
    source = ColumnSource(
        table=draft.kind.name,
        path=draft.path,
        choices=choices,
        custom_prefixes=draft.solution.custom_prefixes,
    )
    found = dict(standard)
    for name, written in draft.written.items():
        if written.keys or name not in standard:
            found[name] = read_column(name, written.keys, standard.get(name), source)
    return dict(sorted(found.items(), key=lambda item: item[1].schema_name.lower()))


def _standard(draft: Draft, drafts: Mapping[str, Draft]) -> dict[str, Column]:
    """The standard columns; a concrete activity has those of all activities. [C-18]"""
    found = standard_columns(draft.kind)
    if not draft.kind.is_activity:
        return found
    if PARENT_OF_ACTIVITIES not in drafts:
        refuse(UNKNOWN_NAME, draft.path, "activity", f"an activity needs the table `{PARENT_OF_ACTIVITIES}`")
    return activity_columns(draft.kind, found, drafts[PARENT_OF_ACTIVITIES].columns)


def _pairs(solutions: list[SolutionFiles], drafts: Mapping[str, Draft]) -> list[tuple[ManyToMany, str]]:
    """The many-to-many relationships of all solutions, each with its solution's name."""
    found: dict[str, tuple[ManyToMany, str]] = {}
    for files in solutions:
        for name, file in files.many_to_many.items():
            path = files.paths[name]
            if name in found:
                refuse(DUPLICATE, path, "", f"the relationship `{name}` is there already")
            for key, table in (("table1", file.table1), ("table2", file.table2)):
                if table not in drafts:
                    refuse(UNKNOWN_NAME, path, key, f"there is no table `{table}`")
            one, two = drafts[file.table1].kind.primary_id, drafts[file.table2].kind.primary_id
            same = file.table1 == file.table2
            pair = ManyToMany(
                schema_name=name,
                table1=file.table1,
                table2=file.table2,
                intersect_table=file.intersect_table or name.lower(),
                column1=file.column1 or (f"{one}one" if same else one),
                column2=file.column2 or (f"{two}two" if same else two),
                navigation1=file.navigation1 or name,
                navigation2=file.navigation2 or (f"{name}_referenced" if same else name),
                custom=name.startswith(files.solution.custom_prefixes or ("\0",)),
            )
            found[name] = (pair, files.solution.unique_name)
    return [found[name] for name in sorted(found)]


def _table(draft: Draft, relationships: Iterable[Relationship]) -> Table:
    """The finished table; the targets of its lookups follow from the relationships."""
    file, kind = draft.file, draft.kind
    collection = file.collection_schema_name or f"{kind.schema_name}s"
    has_state = any(isinstance(column, StateColumn) for column in draft.columns.values())
    messages = messages_of(kind, has_state=has_state)
    for name in file.without_messages:
        if name not in messages:
            refuse(UNKNOWN_NAME, draft.path, "without_messages", f"`{name}` is no message of this table")
    tracked = kind.custom and kind.ownership == "user"
    return Table(
        name=kind.name,
        schema_name=kind.schema_name,
        set_name=set_name(kind.name, file),
        label=file.label,
        label_plural=file.label_plural or file.label,
        description=file.description,
        ownership=file.ownership,
        table_type=file.table_type,
        primary_id=kind.primary_id,
        primary_name=file.primary_name,
        primary_image=file.primary_image,
        object_type_code=file.object_type_code,
        is_activity=file.activity,
        is_intersect=file.intersect,
        collection_schema_name=collection,
        logical_collection_name=file.logical_collection_name or collection.lower(),
        change_tracking=tracked if file.change_tracking is None else file.change_tracking,
        recycle_bin=file.recycle_bin,
        audit=file.audit,
        searched=file.searched,
        grows=file.grows,
        custom=kind.custom,
        solution=draft.solution.unique_name,
        messages=tuple(name for name in messages if name not in file.without_messages),
        events=events_of(kind),
        columns=in_order(with_companions(_with_targets(draft, relationships))),
        keys=_keys(draft),
    )


def _with_targets(draft: Draft, relationships: Iterable[Relationship]) -> dict[str, Column]:
    """The columns, with the targets of a lookup that the file does not list."""
    reached: dict[str, list[str]] = {}
    for relationship in relationships:
        if relationship.referencing_table == draft.kind.name:
            reached.setdefault(relationship.referencing_column, []).append(relationship.referenced_table)
    found = dict(draft.columns)
    for name, column in draft.columns.items():
        if isinstance(column, LookupColumn) and not column.targets:
            found[name] = msgspec.structs.replace(column, targets=tuple(sorted(set(reached.get(name, ())))))
    return found


def _keys(draft: Draft) -> tuple[Key, ...]:
    """The alternate keys; each column of a key must be there. [K-1]"""
    found = []
    for name, file in draft.file.keys.items():
        for column in file.columns:
            if column not in draft.columns:
                refuse(UNKNOWN_NAME, draft.path, f"keys.{name}.columns", f"there is no column `{column}`")
        found.append(
            Key(name=name, schema_name=file.schema_name or name, label=file.label, columns=file.columns),
        )
    return tuple(found)
