"""Answer what definitions need to know beyond the single table or column.

In:        a schema, the languages a request wants, the language of its caller
Out:       `View`, remembered with the schema it is of
Not here:  what is written (tables, columns, …)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import msgspec

from verselet.errors import QueryRefused
from verselet.metadata.languages import BASE_LANGUAGE, LabelName
from verselet.metadata.schema import Schema
from verselet.metadata.tables import MADE_HERE, ManyToMany, Relationship, Table
from verselet.metadata.translations import NO_TEXTS
from verselet.web.definitions.labels import label

FIRST_FREE_TYPE_CODE = 10_000
"""Type codes from here on belong to tables that have no fixed one."""

LONGEST_CODE = 9
"""Digits of a language code; those of the service have four or five."""


class View(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A schema as definitions show it to a caller who reads in `language`.

    `languages` limits the labels, None shows all; with `falls_back` a label without any of them is shown in the base
    language. [MD-9], [MD-17], [CC-68]
    """

    schema: Schema
    languages: frozenset[int] | None = None
    language: int = BASE_LANGUAGE
    falls_back: bool = False

    def label(self, text: str | None, *names: str, managed: bool, of: LabelName = ()) -> dict[str, object]:
        """A label in the languages wanted; `names` make its id, and name its texts unless `of` does. [MD-9]"""
        texts = {BASE_LANGUAGE: text} if text else {}
        if self.schema.languages:
            others = self.schema.translations.get(of or names, NO_TEXTS)
            texts |= {code: others[code] for code in self.schema.languages if code in others}
        if self.languages is not None:
            wanted = {code: found for code, found in texts.items() if code in self.languages}
            if not wanted and self.falls_back and text:
                wanted = {BASE_LANGUAGE: text}
            texts = wanted
        return label(texts, self.language, *names, managed=managed)

    def is_managed(self, table_name: str) -> bool:
        """The table comes with a solution; tables made at run time do not."""
        table = self.schema.tables.get(table_name)
        return table is not None and table.solution != MADE_HERE

    def object_type_code(self, table: Table) -> int:
        """The table's number: its fixed one, or a place in the order of names behind the fixed ones."""
        fixed = table.object_type_code
        return self._free_type_codes[table.name] if fixed is None else fixed

    @cached_property
    def one_to_many(self) -> dict[str, tuple[Relationship, ...]]:
        """Table → the relationships in which it is the one side. [MD-10]"""
        return self._relationships_by(lambda relationship: relationship.referenced_table)

    @cached_property
    def many_to_one(self) -> dict[str, tuple[Relationship, ...]]:
        """Table → the relationships in which it is the many side, without what activities inherit. [MD-10]"""
        return self._relationships_by(lambda relationship: relationship.referencing_table)

    @cached_property
    def many_to_many(self) -> dict[str, tuple[ManyToMany, ...]]:
        """Table → its many-to-many relationships, one with itself once. [MD-10]"""
        return {
            name: tuple({pair.schema_name: pair for pair in found.values()}.values())
            for name, found in self.schema.across.items()
        }

    def _relationships_by(self, side: Callable[[Relationship], str]) -> dict[str, tuple[Relationship, ...]]:
        found: dict[str, list[Relationship]] = {name: [] for name in self.schema.tables}
        for relationship in self.schema.relationships:
            found.setdefault(side(relationship), []).append(relationship)
        return {name: tuple(relationships) for name, relationships in found.items()}

    @cached_property
    def _free_type_codes(self) -> dict[str, int]:
        taken = {table.object_type_code for table in self.schema.tables.values()}
        free = (code for code in range(FIRST_FREE_TYPE_CODE, 1 << 31) if code not in taken)
        without = sorted(table.name for table in self.schema.tables.values() if table.object_type_code is None)
        return dict(zip(without, free, strict=False))


def view_of(schema: Schema, label_languages: str | None = None, language: int = BASE_LANGUAGE) -> View:
    """The view of `schema`; the one with all languages is made once per schema and language of callers.

    Args:
        schema: the schema of the request.
        label_languages: the text of the option `LabelLanguages`, comma-separated language codes. [MD-17]
        language: what the caller reads in; the base language where nobody switched that one on. [MD-9]

    Raises:
        QueryRefused: a language that is no number.
    """
    language = language if language in schema.languages else BASE_LANGUAGE
    if label_languages is not None:
        return View(schema, _language_codes(label_languages), language)
    key = (__name__, language)
    found = schema.remembered.get(key)
    if not isinstance(found, View):
        found = schema.remembered[key] = View(schema, None, language)
    return found


def _language_codes(text: str) -> frozenset[int]:
    codes = [code.strip() for code in text.split(",")]
    if not all(code.isascii() and code.isdigit() and len(code) <= LONGEST_CODE for code in codes):
        raise QueryRefused(f"The value '{text[:60]}' of LabelLanguages is not a list of language codes.")
    return frozenset(int(code) for code in codes)
