"""Read an XML text that comes from anywhere.

In:        a text
Out:       `Element`s: names, attributes, texts, children
Not here:  what they mean (query.fetchxml.parse)

No entities, no document type, no network; depth and size are limited.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from verselet.errors import XmlRefused

LONGEST: Final = 500_000
DEEPEST: Final = 40
MOST_ELEMENTS: Final = 20_000


class Element(msgspec.Struct, frozen=True):
    """One element. `text` is what stands in it before its first child."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    text: str
    children: tuple[Element, ...]

    def get(self, name: str) -> str | None:
        """The value of an attribute."""
        return next((value for given, value in self.attributes if given == name), None)


def read_xml(text: str) -> Element:
    """The root element of a text.

    Raises:
        XmlRefused: it is not well formed, has a document type, or is too large. [FX-46]
    """
    # Only who asks in FetchXML pays for the library.
    from lxml import etree

    if len(text) > LONGEST:
        raise XmlRefused(f"The query has more than {LONGEST} characters.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(text.strip().encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlRefused(f"Invalid XML. {str(error)[:200]}") from None
    if root is None or root.getroottree().docinfo.doctype:
        raise XmlRefused("Invalid XML. A document type is not allowed.")
    return _element(root, [0], 1)


def _element(found: Any, count: list[int], depth: int) -> Element:
    count[0] += 1
    if depth > DEEPEST or count[0] > MOST_ELEMENTS:
        raise XmlRefused("The query is nested too deeply, or has too many elements.")
    if not isinstance(found.tag, str):
        raise XmlRefused("Invalid XML. References to entities are not allowed.")
    return Element(
        found.tag,
        tuple([(str(name), str(value)) for name, value in found.attrib.items()]),
        found.text or "",
        tuple([_element(child, count, depth + 1) for child in found]),
    )
