"""Read the small values of options: `$top` and `$count`.

In:        the decoded text of the value
Out:       a number or a yes/no
Not here:  how many rows a page may have (query.resolve)
"""

from __future__ import annotations

from verselet.errors import QueryRefused
from verselet.query.odata.lexer import shortened

_LARGEST = 2_147_483_647


def row_limit(text: str) -> int:
    """The value of `$top`: a whole number from 0 to 2,147,483,647. [PG-1]"""
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _LARGEST:
        return int(text)
    raise QueryRefused(
        f"Invalid value '{shortened(text)}' for $top query option found. The $top query option requires a "
        "non-negative integer value."
    )


def count_wanted(text: str) -> bool:
    """The value of `$count`: true or false, in any letter case. [CT-1], [CS-2]"""
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise QueryRefused(
                f"Invalid value '{shortened(text)}' for $count query option found. Valid values are 'true' and 'false'."
            )
