"""Read the two seed documents: the table reference of session events and the entity type of session registrations.

In:        the text of a seed document
Out:       structs with everything it states
Not here:  what the product makes of it (tests/spec/test_seed_facts.py)
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import msgspec

from tests.places import SHARED

SEEDS = SHARED / "seeds"


class SeedOption(msgspec.Struct, frozen=True):
    """One option; `default_status`, `invariant_name` for states and `state` for status reasons."""

    value: int
    label: str
    default_status: int | None = None
    invariant_name: str | None = None
    state: int | None = None


class SeedColumn(msgspec.Struct, frozen=True):
    """One column of the table reference, its properties as they are written there."""

    schema_name: str
    writable: bool
    properties: dict[str, str]
    options: tuple[SeedOption, ...]


class SeedRelationship(msgspec.Struct, frozen=True):
    """One relationship of the table reference; `cascades` and `menu` are lists of `name: value` taken apart."""

    schema_name: str
    properties: dict[str, str]
    cascades: dict[str, str]
    menu: dict[str, str]


class SeedMessage(msgspec.Struct, frozen=True):
    """One message or event; `operation` is the HTTP method or the name of the Web API operation."""

    name: str
    is_event: bool
    operation: str


class SessionEventSeed(msgspec.Struct, frozen=True):
    """Everything the first document states."""

    properties: dict[str, str]
    messages: tuple[SeedMessage, ...]
    events: tuple[SeedMessage, ...]
    columns: tuple[SeedColumn, ...]
    many_to_one: tuple[SeedRelationship, ...]
    one_to_many: tuple[SeedRelationship, ...]


class SeedProperty(msgspec.Struct, frozen=True):
    """One property of the entity type."""

    name: str
    edm_type: str
    display_name: str
    read_only: bool
    options: tuple[SeedOption, ...]


class SeedNavigation(msgspec.Struct, frozen=True):
    """One navigation property: the table it leads to and the name on the other side."""

    name: str
    table: str
    partner: str


class SeedOperation(msgspec.Struct, frozen=True):
    """One operation: `Action` or `Function`, and what it is bound to."""

    name: str
    kind: str
    binding: str


class SessionRegistrationSeed(msgspec.Struct, frozen=True):
    """Everything the second document states."""

    facts: dict[str, str]
    properties: tuple[SeedProperty, ...]
    lookups: dict[str, str]
    to_one: tuple[SeedNavigation, ...]
    to_many: tuple[SeedNavigation, ...]
    operations: tuple[SeedOperation, ...]
    solutions: tuple[str, ...]


def read_session_event() -> SessionEventSeed:
    """The facts of `msdyn_sessionevent`."""
    sections = _sections((SEEDS / "msdyn_sessionevent.md").read_text(encoding="utf-8"))
    writable = list(_columns(sections["Writable columns/attributes"], writable=True))
    read_only = list(_columns(sections["Read-only columns/attributes"], writable=False))
    return SessionEventSeed(
        properties=dict(_pairs(sections["Properties"])),
        messages=tuple(_messages(sections["Messages"])),
        events=tuple(_messages(sections["Events"])),
        columns=(*writable, *read_only),
        many_to_one=tuple(_relationships(sections["Many-to-One relationships"])),
        one_to_many=tuple(_relationships(sections["One-to-Many relationships"])),
    )


def read_session_registration() -> SessionRegistrationSeed:
    """The facts of `msevtmgt_sessionregistration`."""
    text = (SEEDS / "msevtmgt_sessionregistration.md").read_text(encoding="utf-8")
    sections = _sections(text)
    lookups = {row[0]: row[1].removesuffix("<br />") for row in _rows(sections["Lookup Properties"])}
    return SessionRegistrationSeed(
        facts=_header_facts(text),
        properties=tuple(_properties(sections["Properties"])),
        lookups=lookups,
        to_one=tuple(_navigations(sections["Single-valued navigation properties"])),
        to_many=tuple(_navigations(sections["Collection-valued navigation properties"])),
        operations=tuple(_operations(sections["Operations"])),
        solutions=tuple(_link_text(row[0]) for row in _rows(sections["Solutions"])),
    )


def _sections(text: str) -> dict[str, str]:
    """Second-level heading → the text below it."""
    parts = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _subsections(text: str) -> Iterator[tuple[str, str]]:
    """Third-level heading, without its anchor → the text below it."""
    parts = re.split(r"^### +(?:<a name=\"[^\"]*\"></a> *)?(.+?) *$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def _rows(text: str) -> Iterator[list[str]]:
    """The rows of a Markdown table, without its head."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        is_head = cells[0].startswith(("Name", "Property", "Value"))
        if line.startswith("|") and not is_head and not set(cells[0]) <= set("-: "):
            yield cells


def _bare(text: str) -> str:
    """A cell without its bold and code marks."""
    return html.unescape(text.strip().strip("*").strip("`").strip())


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The rows of a table of properties."""
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("|").partition("|")
        if line.startswith("|") and separator and not set(name.strip()) <= set("-: ") and name.strip() != "Property":
            yield _bare(name), _bare(value.strip().removesuffix("|"))


def _columns(text: str, *, writable: bool) -> Iterator[SeedColumn]:
    for heading, body in _subsections(text):
        table, _, options = body.partition("Choices/Options")
        yield SeedColumn(heading, writable, dict(_pairs(table)), tuple(_options(options)))


def _options(text: str) -> Iterator[SeedOption]:
    """Options of a choice (value and label), of a state or of a status reason (value and details)."""
    for value, details in _rows(text):
        found = dict(_details(details))
        yield SeedOption(
            value=int(value),
            label=_bare(found.get("Label", details)),
            default_status=int(found["DefaultStatus"]) if "DefaultStatus" in found else None,
            invariant_name=found.get("InvariantName"),
            state=int(found["State"]) if "State" in found else None,
        )


def _details(text: str) -> Iterator[tuple[str, str]]:
    """`name: value` parts between line breaks."""
    for part in text.split("<br />"):
        name, separator, value = part.partition(":")
        if separator:
            yield name.strip(), _bare(value)


def _relationships(text: str) -> Iterator[SeedRelationship]:
    for heading, body in _subsections(text):
        properties = dict(_pairs(body))
        if not properties:
            continue  # The links at the end of the document.
        cascades = dict(_details(properties.pop("CascadeConfiguration", "")))
        menu = dict(_details(properties.pop("AssociatedMenuConfiguration", "")))
        yield SeedRelationship(heading, properties, cascades, menu)


def _messages(text: str) -> Iterator[SeedMessage]:
    """Messages say whether they are events; what stands among the events is one."""
    for cells in _rows(text):
        name, _, event = cells[0].partition("<br />")
        method = re.match(r"`([A-Z]+)` ", cells[1])
        operation = re.match(r"<xref:Microsoft\.Dynamics\.CRM\.(\w+)", cells[1])
        found = method or operation
        yield SeedMessage(_bare(name), event in ("", "Event: True"), found[1] if found else "")


def _header_facts(text: str) -> dict[str, str]:
    """The table above the first section: bold name → value."""
    found = re.findall(r"<tr><td><b>(.+?):</b></td><td>(.*?)</td></tr>", text)
    return {name: re.sub(r"\[!\w+\[.*?\]\(.*?\)\]|\[(.+?)\]\(.*?\)", r"\1", value).strip() for name, value in found}


def _properties(text: str) -> Iterator[SeedProperty]:
    for name, edm_type, details in _rows(text):
        label = re.search(r"\*\*Display Name\*\*: (.*?)<br />", details)
        options = re.findall(r"<tr><td>(\d+)</td><td>(.*?)</td></tr>", details)
        yield SeedProperty(
            name=name,
            edm_type=edm_type,
            display_name=label[1] if label else "",
            read_only="Read-only<br />" in details,
            options=tuple(SeedOption(int(value), option_label) for value, option_label in options),
        )


def _link_text(text: str) -> str:
    """The text of a Markdown link, without what kind of thing it is."""
    found = re.match(r"\[(.+?)\]", text)
    return found[1] if found else text


def _navigations(text: str) -> Iterator[SeedNavigation]:
    for name, link, partner in _rows(text):
        yield SeedNavigation(name, _link_text(link).removesuffix(" EntityType"), partner)


def _operations(text: str) -> Iterator[SeedOperation]:
    for link, binding, _ in _rows(text):
        name, _, kind = _link_text(link).partition(" ")
        yield SeedOperation(name, kind, binding)
