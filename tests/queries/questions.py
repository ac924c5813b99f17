"""Random questions about gizmos, as `Fetch`, with values that some rows have."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from hypothesis import strategies as st

from tests.gizmo_rows import IDS, KINDS, TEXTS, WORDS, Kind, gizmo_values
from tests.scenarios.harness import Api
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Link, LinkType, Order

PATTERNS = st.sampled_from(["a%", "%b", "%a%", "%", "%%", "a", "_", "a_b", "[a-b]%", "%[^a]", "[", "]%", "%[%]"]) | (
    st.text(alphabet="aAbB%_'x", max_size=4)
)
VALUES: dict[Kind, st.SearchStrategy[str]] = {
    "text": TEXTS,
    "number": st.sampled_from(["0", "1", "-1", "2", "2.5", "-0.5", "1000", "0.001", "-12345.67891", "99999999999"]),
    "moment": st.sampled_from(
        ["2024-01-01T00:00:00Z", "2024-06-01T12:30:00+02:00", "2026-03-04T05:06:07Z", "2024-12-31", "2026-03-01"]
    ),
    "day": st.sampled_from(["2024-01-01", "2024-02-29", "1999-12-31", "2026-03-04"]),
    "yesno": st.sampled_from(["1", "0", "true", "false"]),
    "choice": st.sampled_from(["0", "1", "2", "9"]),
    "guid": st.sampled_from([f"00000000-0000-4000-8000-0000000000{number:02X}" for number in range(12)]),
    "tags": st.sampled_from(["1", "1,9", "2"]),
}
COLUMNS: dict[str, dict[str, Kind]] = {
    "new_gizmo": KINDS,
    "account": {"name": "text", "creditonhold": "yesno", "accountid": "guid"},
    "contact": {"lastname": "text", "contactid": "guid"},
    "new_part": {"new_name": "text", "new_partid": "guid"},
}
"""Table → columns that are asked about, and what they hold."""

SUMMED = ("new_count", "new_minutes", "new_ratio", "new_share", "new_price", "new_size")
RANGED = (*SUMMED, "new_ticks", "new_at", "new_day", "new_name")
GROUPED = ("new_name", "new_count", "new_ratio", "new_at", "new_day", "new_ready", "new_color", "new_accountid")
PARTS = ("day", "week", "month", "quarter", "year", "fiscal-period", "fiscal-year")


class Reach(msgspec.Struct, frozen=True):
    """A way from gizmos to another table. `many` where it leads to several rows, `pairs` through a table of pairs."""

    alias: str
    table: str
    inner: str
    outer: str
    many: bool = False
    navigation: str = ""


REACHES = (
    Reach("acc", "account", "accountid", "new_accountid", navigation="new_AccountId"),
    Reach("con", "contact", "contactid", "new_customerid", navigation="new_CustomerId_contact"),
    Reach("par", "new_part", "new_gizmoid", "new_gizmoid", many=True),
)


# --- conditions ------------------------------------------------------------------------------------------------------

ORDERED = ("eq", "ne", "gt", "ge", "lt", "le")
NUMBERED = {
    "last-x-hours": 30,
    "last-x-days": 3,
    "last-x-weeks": 2,
    "last-x-months": 3,
    "last-x-years": 3,
    "next-x-days": 3,
    "next-x-months": 2,
    "olderthan-x-days": 3,
    "olderthan-x-years": 3,
    "in-fiscal-period": 4,
}
"""Operator on dates → the most units it is asked for."""

SPANS = ("today", "yesterday", "tomorrow", "this-week", "last-month", "this-month", "this-year", "last-fiscal-period")
DAYS = ("on", "on-or-after", "on-or-before")


@st.composite
def conditions(draw: st.DrawFn, table: str, link: str | None = None) -> Condition:
    """A condition on one column of a table."""
    name = draw(st.sampled_from(sorted(COLUMNS[table])))
    kind = COLUMNS[table][name]
    operator, values = draw(_operators(kind))
    return Condition(attribute=name, operator=operator, values=values, link=link)


@st.composite
def _operators(draw: st.DrawFn, kind: Kind) -> tuple[str, tuple[str, ...]]:
    form = draw(st.integers(0, 9))
    value = VALUES[kind]
    if form == 0:
        return draw(st.sampled_from(["null", "not-null"])), ()
    if form in {1, 2} and kind == "text":
        word = draw(st.sampled_from(["like", "not-like", "begins-with", "not-begin-with", "ends-with", "not-end-with"]))
        return word, (draw(PATTERNS),)
    if form in {1, 2} and kind in {"moment", "day"}:
        return draw(_dated(kind))
    if form in {1, 2} and kind == "tags":
        listed = draw(st.lists(st.sampled_from(["1", "2", "9"]), min_size=1, max_size=2))
        return draw(st.sampled_from(["contain-values", "not-contain-values"])), tuple(listed)
    if form == 3 and kind != "tags":
        return draw(st.sampled_from(["in", "not-in"])), tuple(draw(st.lists(value, min_size=1, max_size=3)))
    if form == 4 and kind not in {"tags", "yesno", "guid"}:
        return draw(st.sampled_from(["between", "not-between"])), (draw(value), draw(value))
    names = ORDERED if kind not in {"tags", "yesno", "guid"} else ORDERED[:2]
    return draw(st.sampled_from(names)), (draw(value),)


@st.composite
def _dated(draw: st.DrawFn, kind: Kind) -> tuple[str, tuple[str, ...]]:
    form = draw(st.sampled_from(["span", "number", "day", "year"]))
    if form == "span":
        return draw(st.sampled_from(SPANS)), ()
    if form == "day":
        return draw(st.sampled_from(DAYS)), (draw(VALUES["day"]),)
    if form == "year":
        return "in-fiscal-year", (draw(st.sampled_from(["2024", "2026"])),)
    # Hours are no unit of plain dates. [JOB-80]
    operator = draw(st.sampled_from(sorted(NUMBERED if kind == "moment" else NUMBERED.keys() - {"last-x-hours"})))
    return operator, (str(draw(st.integers(1, NUMBERED[operator]))),)


COMPARED = (
    ("new_ratio", "new_share"),
    ("new_price", "new_ratio"),
    ("new_name", "new_notes"),
    ("new_count", "new_minutes"),
)
"""Pairs of columns of one type."""

between_columns = st.builds(
    lambda pair, operator: Condition(attribute=pair[0], operator=operator, other=pair[1]),
    st.sampled_from(COMPARED),
    st.sampled_from(ORDERED),
)


def tested(kinds: tuple[LinkType, ...]) -> st.SearchStrategy[Link]:
    """A link that only tests whether rows are there."""

    @st.composite
    def links(draw: st.DrawFn) -> Link:
        kind, inside = draw(st.sampled_from(kinds)), draw(st.integers(0, 2))
        if draw(st.integers(0, 3)) == 0:
            behind = _link(
                Reach("far", "contact", "contactid", "contactid"), "inner", draw(_filters("contact", inside))
            )
            pairs = Reach("pair", "new_gizmo_contact", "new_gizmoid", "new_gizmoid")
            return _link(pairs, kind, (), links=(behind,))
        reach = draw(st.sampled_from(REACHES))
        return _link(reach, kind, draw(_filters(reach.table, inside)), alias=f"t{reach.alias}")

    return links()


@st.composite
def _filters(draw: st.DrawFn, table: str, most: int) -> tuple[Filter, ...]:
    items = draw(st.lists(conditions(table), max_size=most))
    return (Filter(draw(st.sampled_from(["and", "or"])), tuple(items)),) if items else ()


def _link(
    reach: Reach, kind: LinkType, filters: tuple[Filter, ...], *, links: tuple[Link, ...] = (), alias: str = ""
) -> Link:
    return Link(
        table=reach.table,
        inner=reach.inner,
        outer=reach.outer,
        alias=alias or reach.alias,
        kind=kind,
        body=Body(filters=filters, links=links),
    )


Part: TypeAlias = Condition | Filter | Link

IN_FILTER: tuple[LinkType, ...] = ("any", "not any", "all", "not all")


def filters_over(joined: tuple[Reach, ...], *, simple: bool) -> st.SearchStrategy[Filter]:
    """A filter of the table that is asked, which may speak of joined tables."""
    singles: list[st.SearchStrategy[Part]] = [
        conditions("new_gizmo"),
        *[conditions(reach.table, reach.alias) for reach in joined],
    ]
    others: list[st.SearchStrategy[Part]] = [] if simple else [between_columns, tested(IN_FILTER)]
    leaves: st.SearchStrategy[Part] = st.one_of([*singles, *others])
    parts: st.SearchStrategy[Part] = st.recursive(
        leaves,
        lambda inner: st.builds(
            Filter, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3).map(tuple)
        ),
        max_leaves=5,
    )
    return parts.map(lambda part: part if isinstance(part, Filter) else Filter("and", (part,)))


# --- whole questions -------------------------------------------------------------------------------------------------


@st.composite
def questions(draw: st.DrawFn) -> Fetch:
    """Rows, rows without repetition, or groups; over one table or several. Simple ones can be said in SQL too."""
    simple = draw(st.booleans())
    form = draw(st.sampled_from(["plain", "plain", "distinct", "aggregate"]))
    joined = tuple([reach for reach in REACHES if draw(st.integers(0, 2)) == 0])
    raw = simple or draw(st.booleans())
    links = [draw(_joined(reach, form, simple=simple)) for reach in joined]
    if not simple and draw(st.integers(0, 3)) == 0:
        links.append(draw(tested(("exists", "in"))))
    attributes = draw(_aggregates(links, simple=simple) if form == "aggregate" else _plain(form))
    filters = draw(st.lists(filters_over(joined, simple=simple), max_size=2))
    orders = draw(_orders(form, attributes, joined))
    top = draw(st.none() | st.integers(1, 30))
    return Fetch(
        table="new_gizmo",
        body=Body(attributes=attributes, orders=orders, filters=tuple(filters), links=tuple(links)),
        top=top,
        distinct=form == "distinct",
        aggregate=form == "aggregate",
        raw_order=raw,
    )


JOINED: tuple[LinkType, ...] = ("inner", "outer", "outer", "matchfirstrowusingcrossapply")


@st.composite
def _joined(draw: st.DrawFn, reach: Reach, form: str, *, simple: bool) -> Link:
    kind = draw(st.sampled_from(JOINED[:2] if simple else JOINED))
    filters = draw(_filters(reach.table, 1)) if not simple or kind == "inner" else ()
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS[reach.table])), unique=True, max_size=2))
    shown = tuple(
        [
            Attribute(name=name, alias=f"{reach.table}_{name}", grouped=True)
            if form == "aggregate"
            else Attribute(name=name)
            for name in names
        ]
    )
    found = _link(reach, kind, filters)
    return msgspec.structs.replace(found, body=msgspec.structs.replace(found.body, attributes=shown))


@st.composite
def _plain(draw: st.DrawFn, form: str) -> tuple[Attribute, ...]:
    known = sorted(COLUMNS["new_gizmo"])
    names = draw(st.lists(st.sampled_from(known), unique=True, min_size=1, max_size=4))
    return tuple([Attribute(name=name) for name in names])


@st.composite
def _aggregates(draw: st.DrawFn, links: list[Link], *, simple: bool) -> tuple[Attribute, ...]:
    found: list[Attribute] = []
    for name in draw(st.lists(st.sampled_from(GROUPED), unique=True, max_size=2)):
        if COLUMNS["new_gizmo"][name] in {"moment", "day"} and not simple:
            part = draw(st.sampled_from(PARTS))
            found.append(
                Attribute(
                    name=name,
                    alias=f"{name}_part",
                    grouped=True,
                    date_grouping=part,
                    user_time=draw(st.integers(0, 3)) > 0,
                )
            )
        else:
            own = f"_{name}_value" if COLUMNS["new_gizmo"][name] == "guid" else name
            found.append(Attribute(name=name, alias=own, grouped=True))
    for number, method in enumerate(draw(st.lists(st.sampled_from(METHODS), max_size=3))):
        result = draw(_result(method, f"r{number}"))
        found.append(msgspec.structs.replace(result, alias=f"{result.alias}_{result.name}"))
    if not found and not any(link.body.attributes for link in links):
        found.append(Attribute(name="new_gizmoid", alias="r", aggregate="count"))
    return tuple(found)


METHODS = ("count", "countcolumn", "distinct", "sum", "avg", "min", "max")


@st.composite
def _result(draw: st.DrawFn, method: str, alias: str) -> Attribute:
    match method:
        case "count":
            return Attribute(name="new_gizmoid", alias=alias, aggregate="count")
        case "distinct":
            name = draw(st.sampled_from(GROUPED))
            return Attribute(name=name, alias=alias, aggregate="countcolumn", distinct=True)
        case "countcolumn":
            return Attribute(name=draw(st.sampled_from(GROUPED)), alias=alias, aggregate=method)
        case "sum" | "avg":
            return Attribute(name=draw(st.sampled_from(SUMMED)), alias=alias, aggregate=method)
        case _:
            return Attribute(name=draw(st.sampled_from(RANGED)), alias=alias, aggregate=method)


@st.composite
def _orders(
    draw: st.DrawFn, form: str, attributes: tuple[Attribute, ...], joined: tuple[Reach, ...]
) -> tuple[Order, ...]:
    if form == "aggregate":
        shown = [item.alias for item in attributes]
        # What floats add up to has no exact order.
        exact = [item.alias for item in attributes if not (item.aggregate == "avg" or item.name == "new_size")]
        names = draw(st.lists(st.sampled_from(exact), unique=True, max_size=2)) if exact and shown else []
        return tuple([Order(alias=name, descending=draw(st.booleans())) for name in names])
    known = [item.name for item in attributes] if form == "distinct" else sorted(COLUMNS["new_gizmo"])
    sortable = [name for name in known if name != "new_tags"]
    found = [
        Order(attribute=name, descending=draw(st.booleans()))
        for name in (draw(st.lists(st.sampled_from(sortable), unique=True, max_size=2)) if sortable else [])
    ]
    if form == "plain" and joined and draw(st.integers(0, 2)) == 0:
        reach = draw(st.sampled_from(joined))
        name = draw(st.sampled_from(sorted(COLUMNS[reach.table])))
        found.append(Order(attribute=name, link=reach.alias, descending=draw(st.booleans())))
    return tuple(found)


MOMENTS = (
    "2024-01-01T00:00:00Z",
    "2024-06-01T10:30:00Z",
    "2026-03-04T05:06:07Z",
    "2026-03-03T23:59:59Z",
    "2026-02-28T12:00:00Z",
    "2025-12-31T23:59:59Z",
    "2026-03-01T00:00:00Z",
    "2026-03-05T00:00:00Z",
)


# --- rows ------------------------------------------------------------------------------------------------------------


DATES = ("2024-01-01", "2024-02-29", "2026-03-04", "2026-03-03", "2026-02-27")


def stock(api: Api) -> None:
    """Forty gizmos with every kind of value and of nothing, parts, contacts and accounts: always the same."""
    for number in range(3):
        account = {"accountid": IDS[number], "name": WORDS[number + 2], "creditonhold": number == 1}
        assert 204 == api.post("accounts", account).status
        contact = {"contactid": IDS[number + 8], "lastname": WORDS[number + 4] if number else None}
        assert 204 == api.post("contacts", contact).status
    for number in range(40):
        row_id = f"00000000-0000-4000-{'9000' if number > 4 else '8000'}-{number * 7 % 40:012x}"
        values = gizmo_values(number, words=WORDS, moments=MOMENTS, days=DATES)
        answer = api.post("new_gizmos", {"new_gizmoid": row_id, **values})
        assert 204 == answer.status, answer.body
        for more in range(number % 5 - 2):
            part = {
                "new_partid": f"00000000-0000-4000-a{more}00-{number * 11 % 40:012x}",
                "new_name": WORDS[(number + more) % 16],
                "new_GizmoId@odata.bind": f"new_gizmos({row_id})",
            }
            assert 204 == api.post("new_parts", part).status
        if number % 7 < 2:
            contacts = {"@odata.id": f"contacts({IDS[8 + number % 3]})"}
            assert 204 == api.post(f"new_gizmos({row_id})/new_gizmo_contact/$ref", contacts).status
