"""Write labels.

In:        texts in some languages, and who they belong to
Out:       the wire shape of a label [MD-9]
Not here:  which languages a request wants (view), where texts are kept (metadata.translations)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.ids import name_id
from verselet.metadata.languages import BASE_LANGUAGE


def label(texts: Mapping[int, str], language: int, *names: str, managed: bool) -> dict[str, object]:
    """A label; without texts, one without languages. [MD-9], [MD-17]

    Args:
        texts: language → what people read, in the order in which languages are listed.
        language: what the caller reads in; where it has no text, that of the base language is the caller's.
        names: what the label belongs to; its ids are made of them.
        managed: it comes with a built-in solution.
    """
    localized = {code: _localized(text, code, names, managed=managed) for code, text in texts.items()}
    own = localized.get(language) or localized.get(BASE_LANGUAGE)
    return {"LocalizedLabels": list(localized.values()), "UserLocalizedLabel": own}


def _localized(text: str, language: int, names: tuple[str, ...], *, managed: bool) -> dict[str, object]:
    """One text. What is in another language was written here. [MD-9]"""
    of_language = () if language == BASE_LANGUAGE else (str(language),)
    return {
        "Label": text,
        "LanguageCode": language,
        "IsManaged": managed and language == BASE_LANGUAGE,
        "MetadataId": name_id("label", *names, *of_language),
        "HasChanged": None,
    }
