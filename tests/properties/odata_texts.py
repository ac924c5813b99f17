"""Trees and texts of OData questions, for laws that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from verselet.query.tree import (
    Alias,
    And,
    Comparison,
    ComparisonOperator,
    Condition,
    Expand,
    Lambda,
    Literal,
    LiteralKind,
    Not,
    Operand,
    Or,
    Ordering,
    Parameter,
    Path,
    QueryFunction,
    TextFunction,
    TextMatch,
    ValueList,
)

WORDS_OF_THE_LANGUAGE = frozenset({"not", "true", "false", "null"})
"""Names that stand for something else at the beginning of an operand or a condition."""

GUID_PATTERN = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PATTERNS: dict[LiteralKind, str] = {
    "guid": GUID_PATTERN,
    "number": r"-?[0-9]{1,5}(?:\.[0-9]{1,3})?(?:[eE][+-]?[0-9]{1,2})?",
    "date": r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]",
    "datetime": r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]"
    r"(?::[0-5][0-9](?:\.[0-9]{1,7})?)?(?:Z|[+-]0[0-9]:00)",
    "yesno": "true|false",
    "null": "null",
}
LETTERS = st.characters(exclude_characters=[chr(code) for code in range(9)], codec="utf-8")

names = st.from_regex(r"[a-zA-Z_äß][a-zA-Z0-9_ä]{0,6}", fullmatch=True).filter(
    lambda name: name.lower() not in WORDS_OF_THE_LANGUAGE
)
texts = st.one_of(
    st.text(LETTERS, max_size=8), st.sampled_from(["", "'", "''", " 5 ", "a eq 'b'", "&$top=5", ");", '"', "\\"])
)


def literals_of_kind(kind: LiteralKind) -> st.SearchStrategy[Literal]:
    """Literals of one kind as they can be written."""
    if kind == "text":
        return st.builds(Literal, st.just(kind), texts, st.just(0), st.just(0))
    if kind == "enum":
        types = st.builds("{}.{}".format, names, names)
        return st.builds(Literal, st.just(kind), texts, st.just(0), st.just(0), types)
    return st.builds(Literal, st.just(kind), st.from_regex(PATTERNS[kind], fullmatch=True), st.just(0), st.just(0))


OPERATORS: tuple[ComparisonOperator, ...] = ("eq", "ne", "gt", "ge", "lt", "le")
TEXT_FUNCTIONS: tuple[TextFunction, ...] = ("contains", "startswith", "endswith")
KINDS: tuple[LiteralKind, ...] = ("text", "number", "guid", "date", "datetime", "yesno", "null", "enum")
literals = st.sampled_from(KINDS).flatmap(literals_of_kind)
aliases = st.builds(Alias, names, st.just(0), st.just(0))


def paths(variables: tuple[str, ...]) -> st.SearchStrategy[Path]:
    """Paths that start with a range variable where there is one."""
    steps = st.lists(names, min_size=1, max_size=3).map(tuple)
    variable: st.SearchStrategy[str | None] = st.sampled_from(variables) if variables else st.none()
    return st.builds(Path, steps, st.just(0), st.just(0), variable)


def operands(variables: tuple[str, ...], *, with_aliases: bool) -> st.SearchStrategy[Operand]:
    """Anything that can be compared."""
    return st.one_of(paths(variables), literals, *([aliases] if with_aliases else []))


@st.composite
def query_functions(draw: st.DrawFn, variables: tuple[str, ...], *, with_aliases: bool) -> QueryFunction:
    """A query function with a column name, and values of all kinds."""
    values: list[st.SearchStrategy[Literal | ValueList | Alias]] = [
        *(literals_of_kind(kind) for kind in ("text", "number", "guid", "date", "datetime", "yesno")),
        st.builds(
            ValueList, st.lists(literals_of_kind("text"), min_size=1, max_size=3).map(tuple), st.just(0), st.just(0)
        ),
        *([aliases] if with_aliases else []),
    ]
    others = draw(st.dictionaries(names.map(lambda name: f"P{name}"), st.one_of(values), max_size=2))
    parameters = [Parameter("PropertyName", draw(literals_of_kind("text")))]
    parameters += [Parameter(name, value) for name, value in others.items()]
    path = draw(st.lists(names, max_size=2).map(tuple))
    variable = draw(st.sampled_from(variables)) if variables else None
    return QueryFunction(draw(names), tuple(draw(st.permutations(parameters))), path, 0, 0, variable)


@st.composite
def lambdas(draw: st.DrawFn, variables: tuple[str, ...], depth: int, *, with_aliases: bool) -> Lambda:
    """`any` and `all`; the variable is a new name, sometimes that of the collection."""
    collection = draw(paths(variables))
    if draw(st.booleans()) and draw(st.booleans()):
        return Lambda("any", collection, None, None, 0, 0)
    variable = draw(st.one_of(names, st.just(collection.names[0])).filter(lambda name: name not in variables))
    body = draw(conditions((*variables, variable), depth - 1, with_aliases=with_aliases))
    return Lambda(draw(st.sampled_from(["any", "all"])), collection, variable, body, 0, 0)


@st.composite
def conditions(
    draw: st.DrawFn, variables: tuple[str, ...] = (), depth: int = 3, *, with_aliases: bool = True
) -> Condition:
    """Conditions as the language can express them."""
    shapes = ["compare", "match", "function"]
    if depth > 0:
        shapes += ["and", "or", "not", "lambda"]
    inner = conditions(variables, depth - 1, with_aliases=with_aliases)
    sides = operands(variables, with_aliases=with_aliases)
    match draw(st.sampled_from(shapes)):
        case "compare":
            return Comparison(draw(st.sampled_from(OPERATORS)), draw(sides), draw(sides))
        case "match":
            return TextMatch(draw(st.sampled_from(TEXT_FUNCTIONS)), draw(sides), draw(sides))
        case "function":
            return draw(query_functions(variables, with_aliases=with_aliases))
        case "and":
            return And(tuple(draw(st.lists(inner, min_size=2, max_size=3))))
        case "or":
            return Or(tuple(draw(st.lists(inner, min_size=2, max_size=3))))
        case "not":
            return Not(draw(inner.filter(lambda item: not isinstance(item, QueryFunction))))
        case _:
            return draw(lambdas(variables, depth, with_aliases=with_aliases))


def orderings(*, with_aliases: bool) -> st.SearchStrategy[tuple[Ordering, ...]]:
    """One to three columns."""
    by = st.one_of(paths(()), *([aliases] if with_aliases else []))
    return st.lists(st.builds(Ordering, by, st.booleans()), min_size=1, max_size=3).map(tuple)


selects = st.lists(names, min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def expands(draw: st.DrawFn, depth: int = 2) -> tuple[Expand, ...]:
    """Items with options of their own, at most 15 in all."""
    items = []
    for navigation in draw(st.lists(names, min_size=1, max_size=2, unique=True)):
        if draw(st.booleans()) and draw(st.booleans()):
            items.append(Expand(navigation=navigation, start=0, stop=0, reference=True))
            continue
        item = Expand(
            navigation=navigation,
            start=0,
            stop=0,
            select=draw(st.none() | selects),
            filter=draw(st.none() | conditions((), 1, with_aliases=False)),
            orderby=draw(st.just(()) | orderings(with_aliases=False)),
            top=draw(st.none() | st.integers(0, 5_000)),
            expand=draw(expands(depth - 1)) if depth > 1 and draw(st.booleans()) else (),
        )
        items.append(item)
    return tuple(items)


FRAGMENTS = (
    "a", "eq", " eq ", " and ", " or ", "not ", "not(", "(", ")", "[", "]", ",", ";", ":", "/", "=", "*", "'", "''",
    '"', "\\", "-", "'x'", '"y"', "5", "-1.5e3", "2024-03-01", "2024-03-01T10:00:00Z", "null", "true",
    "5f3e0000-0000-4000-8000-0000a0000025", "@p", "@p=5", "$filter=", "$select=", "$expand=", "$orderby=", "$top=",
    "$ref", "$count", "&", "%26", "%27", "%", "%E9", "+", "#", "contains(", "any(", "all(", "x:", "x/", "in ", "add ",
    " desc", "Microsoft.Dynamics.CRM.", "In(PropertyName='a',PropertyValues=[", "PropertyName", "T.E'x'", "\x00", "\n",
    "é", "\U0001f600", "{", "}",
)  # fmt: skip
scraps = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=25).map("".join)
"""Texts out of valid pieces and rubbish."""
