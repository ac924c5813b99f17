"""Write labels.

In:        a text, and who it belongs to
Out:       the wire shape of a label [MD-9]
Not here:  which languages a request wants (view)
"""

from __future__ import annotations

from verselet.ids import name_id

ENGLISH = 1033
"""The one language of the labels we ship."""


def label(text: str | None, *names: str, managed: bool, wanted: frozenset[int] | None = None) -> dict[str, object]:
    """A label; without a text, or when its language is not wanted, one without languages. [MD-9], [MD-17]

    Args:
        text: what people read.
        names: what the label belongs to; its id is made of them.
        managed: it comes with a built-in solution.
        wanted: the languages asked for, None for all.
    """
    if not text or (wanted is not None and ENGLISH not in wanted):
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    localized = {
        "Label": text,
        "LanguageCode": ENGLISH,
        "IsManaged": managed,
        "MetadataId": name_id("label", *names),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [localized], "UserLocalizedLabel": localized}
