"""Say which languages labels can be in.

In:        nothing
Out:       `BASE_LANGUAGE`, `LANGUAGES`, the types of texts in several languages
Not here:  which languages an organization has switched on (metadata.schema), its texts (metadata.translations)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

BASE_LANGUAGE: Final = 1033
"""The language of every text that stands in a definition itself; it is always there."""

LabelName: TypeAlias = tuple[str, ...]
"""What a label belongs to: `("column", "account", "name", "DisplayName")`.

`("table", table, member)`, `("column", table, column, member)`, `("key", table, key, "DisplayName")`,
`("relationship", schema name, "menu")`; of a list of options `("choice", table, column, value)` or, where the list is
global, `("choice", name, value)`, and its own members beside the values.
"""

Texts: TypeAlias = Mapping[int, str]
"""Language → text, without the base language."""

LANGUAGES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1025: "Arabic (Saudi Arabia)",
        1026: "Bulgarian (Bulgaria)",
        1027: "Catalan (Catalan)",
        1028: "Chinese (Taiwan)",
        1029: "Czech (Czech Republic)",
        1030: "Danish (Denmark)",
        1031: "German (Germany)",
        1032: "Greek (Greece)",
        1033: "English (United States)",
        1035: "Finnish (Finland)",
        1036: "French (France)",
        1037: "Hebrew (Israel)",
        1038: "Hungarian (Hungary)",
        1040: "Italian (Italy)",
        1041: "Japanese (Japan)",
        1042: "Korean (Korea)",
        1043: "Dutch (Netherlands)",
        1044: "Norwegian Bokmål (Norway)",
        1045: "Polish (Poland)",
        1046: "Portuguese (Brazil)",
        1048: "Romanian (Romania)",
        1049: "Russian (Russia)",
        1050: "Croatian (Croatia)",
        1051: "Slovak (Slovakia)",
        1053: "Swedish (Sweden)",
        1054: "Thai (Thailand)",
        1055: "Turkish (Turkey)",
        1057: "Indonesian (Indonesia)",
        1058: "Ukrainian (Ukraine)",
        1060: "Slovenian (Slovenia)",
        1061: "Estonian (Estonia)",
        1062: "Latvian (Latvia)",
        1063: "Lithuanian (Lithuania)",
        1066: "Vietnamese (Vietnam)",
        1069: "Basque (Basque)",
        1081: "Hindi (India)",
        1086: "Malay (Malaysia)",
        1087: "Kazakh (Kazakhstan)",
        1110: "Galician (Galician)",
        2052: "Chinese (China)",
        2070: "Portuguese (Portugal)",
        2074: "Serbian (Latin)",
        3076: "Chinese (Hong Kong)",
        3082: "Spanish (Spain)",
        3098: "Serbian (Cyrillic)",
    }
)
"""Language code → language, for every language pack of the service. [FN-25]"""
