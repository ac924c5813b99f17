"""Read options and global choices.

In:        JSON objects as clients send them
Out:       options, `GlobalChoice`s, and which list a column or a message means
Not here:  numbering and checking (metadata.changes)
"""

from __future__ import annotations

from verselet.errors import InvalidArgument, NotFound, NotSupportedHere
from verselet.ids import name_id
from verselet.metadata.changes.drafts import NewOption, OptionList
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.schema import Schema
from verselet.query.odata.keys import parse_key, split_segments
from verselet.web.definition_writes.members import Body, label, member, members, needed, number, text, yes_no

BIND = "GlobalOptionSet@odata.bind"
CHOICES = "GlobalOptionSetDefinitions"


def read_options(option_set: Body) -> tuple[NewOption, ...]:
    """The options of a list, in order. [MW-27]

    Raises:
        InvalidArgument: an option without a label.
    """
    return tuple(_option(option) for option in members(option_set, "Options"))


def _option(option: Body) -> NewOption:
    written = label(option, "Label")
    if not written:
        raise InvalidArgument("Each option needs a Label.")
    return NewOption(written, number(option, "Value"))


def read_choice(body: Body) -> tuple[GlobalChoice, tuple[NewOption, ...]]:
    """A global choice and its options. [MW-11]

    Raises:
        InvalidArgument: no name, or not global.
        NotSupportedHere: a global yes/no.
    """
    kind = text(body, "OptionSetType") or "Picklist"
    if kind != "Picklist":
        raise NotSupportedHere(f"A global choice of the type {kind}")
    if yes_no(body, "IsGlobal") is False:
        raise InvalidArgument("IsGlobal must be true: other lists are made together with their column.")
    choice = GlobalChoice(
        name=needed(body, "Name"), label=label(body, "DisplayName") or "", description=label(body, "Description") or ""
    )
    return choice, read_options(body)


def choice_of_column(schema: Schema, body: Body) -> str | None:
    """The global choice a column uses: by a bind, or by the name of a list that is global. [MW-11]

    Raises:
        NotFound: there is no such choice.
    """
    bound = text(body, BIND)
    if bound is not None:
        return _bound(schema, bound)
    for name in ("GlobalOptionSet", "OptionSet"):
        option_set = member(body, name)
        given = text(option_set, "Name")
        if given and (yes_no(option_set, "IsGlobal") or (name == "GlobalOptionSet" and given in schema.choices)):
            return given
    return None


def _bound(schema: Schema, address: str) -> str:
    path = address.rpartition("/api/data/")[2]
    segment = split_segments(path)[-1] if path else None
    if segment is None or segment.name != CHOICES or segment.arguments is None:
        raise InvalidArgument(f"'{BIND}' must be an address such as /{CHOICES}(Name='new_choice').")
    key = parse_key(segment.arguments)
    values = {name: literal.text for name, literal in key.values}
    wanted = key.id or values.get("MetadataId", "").lower()
    for name in schema.choices:
        if name == values.get("Name") or name_id("choice", name) == wanted:
            return name
    raise NotFound(f"Could not find a global choice at '{address[:200]}'.")


def option_list(body: Body) -> OptionList:
    """The list an option message means. [MW-12]"""
    return OptionList(
        table=text(body, "EntityLogicalName") or None,
        column=text(body, "AttributeLogicalName") or None,
        choice=text(body, "OptionSetName") or None,
    )
