"""Answer a request for definitions.

In:        the schema, the segments of the path, the options, the address of the API
Out:       `DefinitionsAnswer`
Not here:  writing definitions (messages), headers (web.shape)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from verselet.errors import NotFound, QueryRefused
from verselet.metadata.languages import BASE_LANGUAGE
from verselet.metadata.schema import Schema
from verselet.query.odata.expand import parse_expand
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.keys import Segment
from verselet.query.odata.options import Options
from verselet.query.odata.select import parse_select
from verselet.query.tree import Condition
from verselet.web.definitions.choices import OPTION_SET_BASE
from verselet.web.definitions.filters import keeps, wanted_names
from verselet.web.definitions.places import Collection, Count, One, Property, find
from verselet.web.definitions.selection import Selection, refuse_order, select
from verselet.web.definitions.view import view_of
from verselet.web.definitions.wire import Subject

JSON = "application/json; odata.metadata=minimal"
PLAIN = "text/plain"


class DefinitionsAnswer(msgspec.Struct, frozen=True):
    """What is sent: text and its type. `status` is 204 where the path leads to nothing, 200 otherwise. [S-1]"""

    body: bytes
    content_type: str = JSON
    status: int = 200


def answer(
    schema: Schema, segments: Sequence[Segment], options: Options, api: str, language: int = BASE_LANGUAGE
) -> DefinitionsAnswer:
    """The definitions a path and its options ask for. [MD-1] to [MD-18]

    `$orderby` and `$top` are refused: the service does not have them here [MD-2], and ignoring them would give more, or
    other, definitions than were asked for. `$filter` on global choices is refused as well. [MD-14]

    Args:
        schema: all tables.
        segments: the path behind the version, the first is the name of a set.
        options: of the query string.
        api: the address of the API with the version and a slash at the end; contexts begin with it.
        language: what the caller reads in. [MD-9]

    Raises:
        ServiceError: any refusal of the path, a name or a literal.
    """
    _refuse(options)
    place = find(view_of(schema, options.value("LabelLanguages"), language), segments)
    match place:
        case Collection():
            return _collection(place, options, api)
        case One():
            return _one(place, options, api)
        case Property():
            return _property(place, api)
        case Count(of=collection):
            return DefinitionsAnswer(str(len(_kept(collection, options))).encode(), PLAIN)


def _refuse(options: Options) -> None:
    refuse_order(ordered=options.orderby is not None, limited=options.top is not None)
    for name, text in (
        ("$apply", options.apply),
        ("$skiptoken", options.skiptoken),
        ("$deltatoken", options.deltatoken),
        ("$id", options.id),
    ):
        if text is not None:
            raise QueryRefused(f"The query option '{name}' is not supported for definitions.")


def _collection(place: Collection, options: Options, api: str) -> DefinitionsAnswer:
    selection = _selection(place, options)
    kept = _kept(place, options)
    body: dict[str, object] = {"@odata.context": f"{api}$metadata#{place.path}{selection.context()}"}
    if options.count:
        body["@odata.count"] = len(kept)
    body["value"] = [selection.write(subject) for subject in kept]
    return DefinitionsAnswer(msgspec.json.encode(body))


def _one(place: One, options: Options, api: str) -> DefinitionsAnswer:
    if options.filter is not None or options.count:
        raise QueryRefused("$filter and $count do not apply to one definition.")
    selection = _selection(place, options)
    if place.subject is None:
        return DefinitionsAnswer(b"", status=204)
    context = {"@odata.context": f"{api}$metadata#{place.set_path}{selection.context()}/$entity"}
    return DefinitionsAnswer(msgspec.json.encode(context | selection.write(place.subject)))


def _property(place: Property, api: str) -> DefinitionsAnswer:
    value = place.value
    if value is None:
        return DefinitionsAnswer(b"", status=204)
    if place.raw:
        return DefinitionsAnswer(_raw(value), PLAIN)
    context: dict[str, object] = {"@odata.context": f"{api}$metadata#{place.path}"}
    return DefinitionsAnswer(msgspec.json.encode(context | (value if isinstance(value, dict) else {"value": value})))


def _raw(value: object) -> bytes:
    """A simple value as text. [U-4]"""
    if isinstance(value, dict | list):
        raise NotFound("Resource not found for the segment '$value'.", hint="Only simple values have a raw form.")
    return str(value).encode() if isinstance(value, str) else msgspec.json.encode(value)


def _selection(place: Collection | One, options: Options) -> Selection:
    names = None if options.select is None else parse_select(options.select)
    expand = () if options.expand is None else parse_expand(options.expand, options.place("$expand"))
    return select(place.declared, names, expand, dict(options.aliases))


def _kept(place: Collection, options: Options) -> Sequence[Subject]:
    if options.filter is None:
        return place.subjects
    if place.declared.is_a(OPTION_SET_BASE):
        raise QueryRefused("The query option '$filter' is not supported for GlobalOptionSetDefinitions.")
    condition = parse_filter(options.filter, options.place("$filter"))
    kept = keeps(condition, place.declared, dict(options.aliases))
    return [subject for subject in _candidates(place, condition) if kept(subject)]


def _candidates(place: Collection, condition: Condition) -> Sequence[Subject]:
    """The definitions that can be kept: those of the names in the filter, if it has names. [PS-1]"""
    names = wanted_names(condition, place.index)
    if names is None:
        return place.subjects
    known: Mapping[str, Subject] = place.by_name
    if len(names) == 1:
        return [known[name] for name in names if name in known]
    return [subject for name, subject in known.items() if name in names]
