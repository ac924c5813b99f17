"""What random questions about gizmos ask for, and the values of the rows that answer them.

Letters beyond ASCII have no case here: SQLite knows no other letter case, which is documented as a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hypothesis import strategies as st

Kind = Literal["text", "number", "moment", "day", "yesno", "choice", "guid", "tags"]

KINDS: dict[str, Kind] = {
    "new_name": "text",
    "new_notes": "text",
    "new_kind": "text",
    "new_tags": "tags",
    "new_count": "number",
    "new_minutes": "number",
    "new_ticks": "number",
    "new_ratio": "number",
    "new_share": "number",
    "new_size": "number",
    "new_price": "number",
    "new_at": "moment",
    "new_day": "day",
    "new_ready": "yesno",
    "new_color": "choice",
    "statecode": "choice",
    "new_accountid": "guid",
    "new_customerid": "guid",
    "new_gizmoid": "guid",
}
"""Column of a gizmo → what it holds."""

IDS = [f"00000000-0000-4000-8000-0000000000{number:02x}" for number in range(16)]
"""Of accounts, and from the ninth on of contacts."""

WORDS = ("", "a", "A", "ab", "B%", "a_b", "[x]", "o'b", 'q"', "\\", "é", "中", "😀", "a\nb", "-^", "<&>")
TEXTS = st.sampled_from(WORDS) | st.text(alphabet="aAbB%_'\"\\é中 -", max_size=3)


def gizmo_values(
    number: int, *, words: Sequence[str], moments: Sequence[str], days: Sequence[str]
) -> dict[str, object]:
    """The columns of the n-th gizmo, by turns; each has nothing in some rows."""
    given: dict[str, object] = {
        "new_name": words[number % len(words)],
        "new_notes": words[number * 3 % len(words)],
        "new_kind": ("account", "Account", "contact")[number % 3],
        "new_tags": ("1", "1,9", "2")[number % 3],
        "new_count": number % 5 - 2,
        "new_minutes": (0, 1, 90, 1476, -5)[number % 5],
        "new_ticks": (0, 2**40, -7, 2**62)[number % 4] + number,
        "new_ratio": (0, 2.5, -0.5, 999.999)[number % 4],
        "new_share": (2.5, -0.5, 0)[number % 3],
        "new_size": (0.1, 2.5, -12345.67891, 0)[number % 4],
        "new_price": (1000, -0.5, 0.0001)[number % 3],
        "new_at": moments[number % len(moments)],
        "new_day": days[number % len(days)],
        "new_ready": number % 2 == 0,
        "new_color": (1, 2, 9)[number % 3],
        "statecode": number // 3 % 2,
    }
    values = {
        name: value for place, (name, value) in enumerate(given.items()) if (number + place) % 6 or name == "statecode"
    }
    if number % 4:
        values["new_AccountId@odata.bind"] = f"accounts({IDS[number % 3]})"
    if number % 3:
        table, first = ("contact", 8) if number % 2 else ("account", 0)
        values[f"new_CustomerId_{table}@odata.bind"] = f"{table}s({IDS[first + number % 3]})"
    return values
