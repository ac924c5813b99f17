"""Read a JSON body.

In:        bytes of a body and its content type
Out:       the JSON object, decimals as `Decimal`
Not here:  what the members mean (operations.reading)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from verselet.errors import BodyRefused

DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
MAX_DEPTH: Final = 64
_NESTING: Final = frozenset({dict, list})


def read_object(body: bytes, content_type: str, set_name: str) -> Mapping[str, object]:
    """The JSON object of a body.

    Raises:
        BodyRefused: no JSON, no object, too deep, or another content type. [E-8], [C-15], [H-2]
    """
    if content_type and not content_type.lstrip().lower().startswith("application/json"):
        raise BodyRefused(set_name, f"A supported MIME type could not be found that matches '{content_type[:80]}'.")
    found = _decode(body, set_name)
    if isinstance(found, str):
        # Some clients encode twice. [CC-20]
        found = _decode(found.encode(), set_name)
    if not isinstance(found, dict):
        raise BodyRefused(set_name, "A node of type 'StartObject' was expected at the beginning of the payload.")
    return found


def read_value(body: bytes, content_type: str, set_name: str) -> object:
    """The member `value` of a body that sets one property. [SP-1]"""
    found = read_object(body, content_type, set_name)
    if "value" not in found:
        raise BodyRefused(set_name, "The payload must hold the property 'value'.")
    return found["value"]


def _decode(body: bytes, set_name: str) -> Any:
    if not body.strip():
        raise BodyRefused(set_name, "The payload is empty; a JSON object was expected.")
    try:
        found = DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError) as error:
        raise BodyRefused(set_name, f"Invalid JSON. {error}") from None
    except RecursionError:
        raise BodyRefused(set_name, "The payload is nested too deeply.") from None
    if _depth(found) > MAX_DEPTH:
        raise BodyRefused(set_name, f"The payload is nested deeper than {MAX_DEPTH} levels.")
    return found


def _depth(value: Any) -> int:
    """How deep lists and objects lie in each other; stops looking once it is too deep."""
    level, depth = [value] if type(value) in _NESTING else [], 0
    while level and depth <= MAX_DEPTH:
        level = [
            member
            for item in level
            for member in (item.values() if type(item) is dict else item)
            if type(member) in _NESTING
        ]
        depth += 1
    return depth
