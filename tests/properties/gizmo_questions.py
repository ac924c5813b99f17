"""Random questions about gizmos: a shape, and literals for its places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from hypothesis import strategies as st

from tests.gizmo_rows import IDS, KINDS, TEXTS, WORDS, Kind, gizmo_values
from tests.scenarios.harness import Api

NAMES = (*WORDS, "\x01")
"""Unlike XML, JSON may hold every character."""

PATTERNS = st.text(alphabet="aAbB%_'x", max_size=3) | st.sampled_from(
    ["[a-b]", "[^a]", "[", "]", "[%]", "a[_]b", "[é中]"]
)
MOMENTS = st.sampled_from(["2024-01-01T00:00:00Z", "2024-06-01T12:30:00+02:00", "2024-06-01T10:30:00Z", "2024-12-31"])
DAYS = st.sampled_from(["2024-01-01", "2024-02-29", "1999-12-31"])
NUMBERS = st.sampled_from(["0", "1", "-1", "2", "2.5", "-0.5", "1000", "1e2", "99999999999999999999", "0.001"])

COLUMNS: dict[str, Kind] = {
    **{f"_{name}_value" if name in {"new_accountid", "new_customerid"} else name: kind for name, kind in KINDS.items()},
    "new_AccountId/name": "text",
    "new_AccountId/creditonhold": "yesno",
    "new_CustomerId_contact/lastname": "text",
}

LITERALS: dict[str, st.SearchStrategy[str]] = {
    "text": TEXTS.map(lambda text: f"'{text.replace(chr(39), chr(39) * 2)}'"),
    "pattern": PATTERNS.map(lambda text: f"'{text.replace(chr(39), chr(39) * 2)}'"),
    "tags": st.sampled_from(["'1'", "'1,9'", "'2'"]),
    "number": NUMBERS,
    "moment": MOMENTS,
    "day": DAYS,
    "yesno": st.sampled_from(["true", "false"]),
    "choice": st.sampled_from(["0", "1", "2", "9"]),
    "guid": st.sampled_from(IDS),
    "list": st.lists(st.sampled_from(["a", "AB", "é", "中", "x"]), min_size=1, max_size=3).map(
        lambda items: json.dumps(items, ensure_ascii=False)
    ),
    "numbers": st.lists(st.sampled_from(["0", "1", "2.5", "-1"]), min_size=1, max_size=3).map(json.dumps),
}

Shape = tuple[str, tuple[str, ...]]
"""A text with `\x00` for each literal, and the kinds of the literals."""


@st.composite
def _leaves(draw: st.DrawFn) -> Shape:
    name = draw(st.sampled_from(sorted(COLUMNS)))
    kind = COLUMNS[name]
    form = draw(st.integers(0, 9))
    if form == 0:
        return f"{name} {draw(st.sampled_from(['eq', 'ne']))} null", ()
    if form == 1:
        function = draw(st.sampled_from(["contains", "startswith", "endswith"]))
        return f"{function}(new_name,\x00)", ("pattern",)
    if form == 2:
        word = draw(st.sampled_from(["In", "NotIn"]))
        return f"Microsoft.Dynamics.CRM.{word}(PropertyName='new_name',PropertyValues=\x00)", ("list",)
    if form == 3:
        word, column = draw(st.sampled_from([("In", "new_ratio"), ("NotIn", "new_count"), ("In", "new_size")]))
        return f"Microsoft.Dynamics.CRM.{word}(PropertyName='{column}',PropertyValues=\x00)", ("numbers",)
    if form == 4:
        return draw(st.sampled_from(OTHERS))
    operators = ["eq", "ne"] if kind in {"yesno", "guid", "tags"} else ["eq", "ne", "gt", "ge", "lt", "le"]
    operator = draw(st.sampled_from(operators))
    return (f"\x00 {operator} {name}" if form == 5 else f"{name} {operator} \x00"), (kind,)


OTHERS: tuple[Shape, ...] = (
    ("new_gizmo_parts/any()", ()),
    ("new_gizmo_parts/any(p:p/new_name eq \x00)", ("text",)),
    ("new_gizmo_parts/all(p:contains(p/new_name,\x00))", ("pattern",)),
    ("new_gizmo_contact/any(c:c/lastname ne \x00)", ("text",)),
    ("new_ratio ge new_share", ()),
    ("new_price ne new_ratio", ()),
    ("new_name eq new_notes", ()),
)


def _joined(items: Sequence[Shape], word: str) -> Shape:
    return "(" + f" {word} ".join(text for text, _ in items) + ")", tuple(kind for _, kinds in items for kind in kinds)


def _larger(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.builds(_joined, several, st.sampled_from(["and", "or"])) | inner.map(
        lambda shape: (f"not ({shape[0]})", shape[1])
    )


CONDITIONS: st.SearchStrategy[Shape] = st.recursive(_leaves(), _larger, max_leaves=5)

_SORTED = [name for name in sorted(COLUMNS) if name != "new_tags"]
ORDERS = st.lists(st.sampled_from(_SORTED), unique=True, max_size=3).flatmap(
    lambda names: st.tuples(*[st.sampled_from([name, f"{name} desc"]) for name in names])
)
SELECTS = st.lists(st.sampled_from([name for name in sorted(COLUMNS) if "/" not in name]), unique=True, max_size=5)


def filled(shape: Shape, literals: Sequence[str]) -> str:
    """The shape with those literals."""
    first, *others = shape[0].split("\x00")
    return first + "".join(literal + rest for literal, rest in zip(literals, others, strict=True))


def literals_for(shape: Shape) -> st.SearchStrategy[tuple[str, ...]]:
    """Literals that fit the places of a shape."""
    return st.tuples(*[LITERALS[kind] for kind in shape[1]])


def address(condition: str | None, order: Sequence[str] = (), select: Sequence[str] = ()) -> str:
    """The address that asks it."""
    options = {"$select": ",".join(select), "$filter": condition or "", "$orderby": ",".join(order)}
    return "new_gizmos?" + "&".join(f"{name}={quote(text, safe='')}" for name, text in options.items() if text)


def stock(api: Api) -> None:
    """Forty gizmos with every kind of value and of nothing, parts, contacts and accounts: always the same."""
    for number in range(3):
        account = {"accountid": IDS[number], "name": NAMES[number + 2], "creditonhold": number == 1}
        contact = {"contactid": IDS[number + 8], "lastname": NAMES[number + 5]}
        assert 204 == api.post("accounts", account).status
        assert 204 == api.post("contacts", contact).status
    for number in range(40):
        row_id = f"00000000-0000-4000-9000-{number * 7 % 40:012x}"
        values = gizmo_values(
            number,
            words=NAMES,
            moments=("2024-01-01T00:00:00Z", "2024-06-01T10:30:00Z"),
            days=("2024-01-01", "2024-02-29"),
        )
        answer = api.post("new_gizmos", {"new_gizmoid": row_id, **values})
        assert 204 == answer.status, answer.body
        if number % 5 == 0:
            part = {
                "new_partid": row_id,
                "new_name": NAMES[number % 17],
                "new_GizmoId@odata.bind": f"new_gizmos({row_id})",
            }
            assert 204 == api.post("new_parts", part).status
        if number % 7 == 0:
            contacts = {"@odata.id": f"contacts({IDS[8 + number % 3]})"}
            assert 204 == api.post(f"new_gizmos({row_id})/new_gizmo_contact/$ref", contacts).status
