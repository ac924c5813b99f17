"""Write and read the transitions of a status reason, as definitions carry them: XML inside a text.

In:        a status reason; or a text
Out:       the text; or the status reasons it leads to
Not here:  which transitions there can be (metadata.changes.transitions)
"""

from __future__ import annotations

from verselet.errors import InvalidArgument, XmlRefused
from verselet.metadata.choices import StatusReason
from verselet.query.fetchxml.xml import Element, read_xml

XML_NAMESPACE = "http://schemas.microsoft.com/crm/2009/WebServices"
LIST = f"{{{XML_NAMESPACE}}}allowedtransitions"
ONE = f"{{{XML_NAMESPACE}}}allowedtransition"
LONGEST_NUMBER = 10


def written_transitions(reason: StatusReason) -> str | None:
    """The text of a status reason that leads to others; None where it leads nowhere. [MSG-51]"""
    if not reason.next:
        return None
    each = "".join(f'<allowedtransition sourcestatusid="{reason.value}" tostatusid="{to}" />' for to in reason.next)
    return f'<allowedtransitions xmlns="{XML_NAMESPACE}">{each}</allowedtransitions>'


def read_transitions(value: int, text: str) -> tuple[int, ...]:
    """The status reasons that the one of that value leads to. [MSG-51]

    Raises:
        InvalidArgument: no such XML, or a transition that begins at another status reason.
    """
    try:
        root = read_xml(text)
    except XmlRefused as refusal:
        raise InvalidArgument(f"TransitionData of the status reason {value}: {refusal.message}") from refusal
    if root.name != LIST or any(child.name != ONE for child in root.children):
        raise InvalidArgument(f"TransitionData of the status reason {value} must be a list of allowedtransition.")
    return tuple([_target(value, child) for child in root.children])


def _target(value: int, transition: Element) -> int:
    source, to = transition.get("sourcestatusid") or "", transition.get("tostatusid") or ""
    if source != str(value) or not to.isascii() or not to.isdigit() or len(to) > LONGEST_NUMBER:
        raise InvalidArgument(f"A transition of the status reason {value} must begin at {value} and end at a number.")
    return int(to)
