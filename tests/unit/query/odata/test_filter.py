"""`$filter` becomes a tree. [F-19]"""

from __future__ import annotations

import pytest

from tests.unit.query.odata.trees import compare, literal, number, path, placeless, text
from verselet.errors import QueryRefused
from verselet.query.odata.filter import parse_filter
from verselet.query.tree import (
    Alias,
    And,
    Comparison,
    Condition,
    Lambda,
    Literal,
    Not,
    Or,
    Parameter,
    Path,
    QueryFunction,
    TextMatch,
    ValueList,
)

GUID = "5f3e0000-0000-4000-8000-0000A0000025"
CRM = "Microsoft.Dynamics.CRM."

A = compare(path("a"), "eq", number("1"))
B = compare(path("b"), "eq", number("2"))
C = compare(path("c"), "eq", number("3"))
IN = QueryFunction(
    "In",
    (
        Parameter("PropertyName", text("a")),
        Parameter("PropertyValues", ValueList((text("1"), text("2")), 0, 0)),
    ),
    (),
    0,
    0,
)


@pytest.mark.parametrize("operator", ["eq", "ne", "gt", "ge", "lt", "le"])
def test_each_operator_compares(operator: str) -> None:
    """The six operators, in lower case. [F-1]"""
    condition = parse_filter(f"numberofchildren {operator} 2")

    assert isinstance(condition, Comparison)
    assert (operator, path("numberofchildren"), number("2")) == placeless(
        (condition.operator, condition.left, condition.right)
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'x'", text("x")),
        ("''", text("")),
        ("'O''Brien'", text("O'Brien")),
        ("''''", text("'")),
        (f"'{GUID}'", text(GUID)),
        (GUID, literal("guid", GUID)),
        ("-1.50", number("-1.50")),
        ("2024-03-01", literal("date", "2024-03-01")),
        ("2024-03-01T12:00:00.5+02:00", literal("datetime", "2024-03-01T12:00:00.5+02:00")),
        ("true", literal("yesno", "true")),
        ("False", literal("yesno", "false")),
        ("null", literal("null", "null")),
        (
            "Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'",
            literal("enum", "UserOwned", "Microsoft.Dynamics.CRM.OwnershipTypes"),
        ),
    ],
)
def test_each_kind_of_literal_is_read(written: str, expected: Literal) -> None:
    """Strings, numbers, ids, dates, yes/no, null and enum members; a quoted id stays a text. [F-4], [CS-2], [MD-7]"""
    assert compare(path("c"), "eq", expected) == placeless(parse_filter(f"c eq {written}"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a eq 1 and b eq 2 and c eq 3", And((A, B, C))),
        ("a eq 1 or b eq 2 or c eq 3", Or((A, B, C))),
        ("a eq 1 or b eq 2 and c eq 3", Or((A, And((B, C))))),
        ("(a eq 1 or b eq 2) and c eq 3", And((Or((A, B)), C))),
        ("a eq 1 and (b eq 2 and c eq 3)", And((A, And((B, C))))),
        ("not a eq 1 and b eq 2", And((Not(A), B))),
        ("not (a eq 1 and b eq 2)", Not(And((A, B)))),
        ("not(a eq 1)", Not(A)),
        ("not not a eq 1", Not(Not(A))),
        ("((a eq 1) and (not (contains(b,'x'))))", And((A, Not(TextMatch("contains", path("b"), text("x")))))),
        ("(((a eq 1)))", A),
        ("  a   eq\t1  ", A),
        ("(a eq 1)and(b eq 2)", And((A, B))),
    ],
)
def test_not_binds_before_and_before_or(written: str, expected: Condition) -> None:
    """Precedence and grouping; redundant parentheses leave no trace. [F-2], [F-7], [CC-31]"""
    assert expected == placeless(parse_filter(written))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("firstname eq lastname", compare(path("firstname"), "eq", path("lastname"))),
        ("5 lt a", compare(number("5"), "lt", path("a"))),
        ("parent/primary/name eq 'x'", compare(path("parent", "primary", "name"), "eq", text("x"))),
        ("CanCreate/Value eq true", compare(path("CanCreate", "Value"), "eq", literal("yesno", "true"))),
        ("null/x eq 1", compare(path("null", "x"), "eq", number("1"))),
        ("@p1 eq @p2", compare(Alias("p1", 0, 0), "eq", Alias("p2", 0, 0))),
        ("contains(@p1,'x')", TextMatch("contains", Alias("p1", 0, 0), text("x"))),
        ("startswith(a/b, 'x')", TextMatch("startswith", path("a", "b"), text("x"))),
        ("endswith(a,b)", TextMatch("endswith", path("a"), path("b"))),
        ("contains(a,'x') eq true", TextMatch("contains", path("a"), text("x"))),
    ],
)
def test_operands_are_columns_literals_or_aliases(written: str, expected: Condition) -> None:
    """Columns against columns, related columns, aliases on either side, text functions. [F-8], [F-10], [Q-7], [F-9]"""
    assert expected == placeless(parse_filter(written))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f'{CRM}In(PropertyName=\'a\',PropertyValues=["1","2"])', IN),
        (f"{CRM}In(PropertyName='a',PropertyValues=['1','2'])", IN),
        (f"{CRM}In( PropertyName = 'a' , PropertyValues = [ 1 , '2' ] )", IN),
        (f"{CRM}In(PropertyName='a',PropertyValues=['1',\"2\"]) eq true", IN),
        (
            f"{CRM}Today(PropertyName='createdon')",
            QueryFunction("Today", (Parameter("PropertyName", text("createdon")),), (), 0, 0),
        ),
        (
            f"{CRM}LastXDays(PropertyValue=7,PropertyName='createdon')",
            QueryFunction(
                "LastXDays",
                (Parameter("PropertyValue", number("7")), Parameter("PropertyName", text("createdon"))),
                (),
                0,
                0,
            ),
        ),
        (
            f"parentaccountid/{CRM}Under(PropertyName='accountid',PropertyValue=@id)",
            QueryFunction(
                "Under",
                (Parameter("PropertyName", text("accountid")), Parameter("PropertyValue", Alias("id", 0, 0))),
                ("parentaccountid",),
                0,
                0,
            ),
        ),
    ],
)
def test_query_functions_take_named_parameters(written: str, expected: Condition) -> None:
    """Any order, value lists in either quotes, `eq true`, after a path. [QF-1], [QF-2], [QF-3], [QF-4], [PS-11]"""
    assert expected == placeless(parse_filter(written))


def test_a_value_list_undoes_json_escapes() -> None:
    """Double-quoted values are JSON strings, single-quoted ones double their quotes. [QF-3]"""
    condition = parse_filter(
        CRM + r"""In(PropertyName='a',PropertyValues=["it's","a\"\u00e9\\",'O''Hara',"2024-01-01"])"""
    )

    assert isinstance(condition, QueryFunction)
    values = condition.parameters[1].value
    assert isinstance(values, ValueList)
    assert ["it's", 'a"é\\', "O'Hara", "2024-01-01"] == [value.text for value in values.values]
    assert {"text"} == {value.kind for value in values.values}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("tasks/any()", Lambda("any", path("tasks"), None, None, 0, 0)),
        (
            "contact_customer_accounts/any(contact_customer_accounts:contact_customer_accounts/firstname eq 'N2')",
            Lambda(
                "any",
                path("contact_customer_accounts"),
                "contact_customer_accounts",
                compare(path("firstname", of="contact_customer_accounts"), "eq", text("N2")),
                0,
                0,
            ),
        ),
        (
            "a/b/all(x:x/c eq 1 or contains(x/d/e,'y'))",
            Lambda(
                "all",
                path("a", "b"),
                "x",
                Or(
                    (
                        compare(path("c", of="x"), "eq", number("1")),
                        TextMatch("contains", path("d", "e", of="x"), text("y")),
                    )
                ),
                0,
                0,
            ),
        ),
        (
            "p/any(x: x/q/any(y: y/n gt x/m))",
            Lambda(
                "any",
                path("p"),
                "x",
                Lambda("any", path("q", of="x"), "y", compare(path("n", of="y"), "gt", path("m", of="x")), 0, 0),
                0,
                0,
            ),
        ),
        (
            f"p/any(c:c/q/{CRM}Today(PropertyName='createdon'))",
            Lambda(
                "any",
                path("p"),
                "c",
                QueryFunction("Today", (Parameter("PropertyName", text("createdon")),), ("q",), 0, 0, "c"),
                0,
                0,
            ),
        ),
        (
            "not p/any(x:x/a eq @v)",
            Not(Lambda("any", path("p"), "x", compare(path("a", of="x"), "eq", Alias("v", 0, 0)), 0, 0)),
        ),
    ],
)
def test_lambdas_bind_range_variables_of_any_name(written: str, expected: Condition) -> None:
    """`any` and `all`, nested, with any variable, also the collection's own name. [L-1], [L-2], [L-7], [CC-30]"""
    assert expected == placeless(parse_filter(written))


def test_places_count_from_the_offset() -> None:
    """A literal's place in the whole query text lets a repeated question be bound without parsing. [F-4]"""
    whole = (
        "$filter=contains(a/b,'x''y') and c/any(v:v/d eq 5) and Microsoft.Dynamics.CRM.In(PropertyName='e',P=[\"6\"])"
    )
    condition = parse_filter(whole[8:], 8)

    assert isinstance(condition, And)
    match, some, function = condition.items
    assert isinstance(match, TextMatch)
    assert isinstance(some, Lambda)
    assert isinstance(some.body, Comparison)
    assert isinstance(function, QueryFunction)
    values = function.parameters[1].value
    places = [match.left, match.right, some, some.collection, some.body.left, some.body.right, function, values]
    assert [
        "a/b",
        "'x''y'",
        "c/any(v:v/d eq 5)",
        "c",
        "v/d",
        "5",
        "Microsoft.Dynamics.CRM.In(PropertyName='e',P=[\"6\"])",
        '["6"]',
    ] == [whole[place.start : place.stop] for place in places]


@pytest.mark.parametrize(
    ("written", "position", "found", "expected"),
    [
        ("", 0, "the end of the text", "a column"),
        ("name eqq 'x'", 5, "'eqq'", "one of eq, ne, gt, ge, lt, le"),
        ("numberofchildren EQ 2", 17, "'EQ'", "one of eq"),
        ("(a eq 2", 7, "the end of the text", "')'"),
        ("a eq 2)", 6, "')'", "'and', 'or'"),
        ("a eq 2 and", 10, "the end of the text", "'not'"),
        ("a eq 2 AND b eq 1", 7, "'AND'", "'and'"),
        ("a eq", 4, "the end of the text", "a literal"),
        ("a eq (5)", 5, "'('", "a literal"),
        ("a eq eq'x'", 5, "'eq'x''", "full name of an enum"),
        ('a eq "x"', 5, "'\"x\"'", "a literal"),
        ("a/ eq 1", 6, "'1'", "one of eq"),  # `eq` is a fine name for a column
        ("contains(a)", 10, "')'", "','"),
        ("contains(a,'x','y')", 14, "','", "')'"),
        ("contains(a,'x') eq false", 19, "'false'", "'true'"),
        ("a/any(x)", 7, "')'", "':'"),
        ("a/any(@x:x/b eq 1)", 6, "'@x'", "a range variable"),
        ("a/any(x.y:x/b eq 1)", 6, "'x.y'", "a range variable"),
        ("a/all()", 6, "')'", "a range variable"),
        ("a/any(x:b eq 1)", 8, "'b'", "'x/'"),
        ("a/any(x:x eq 1)", 8, "'x'", "'x/'"),
        ("a/any(x:x/any())", 8, "'x'", "'x/'"),
        ("a/any(x:x/b/any(x:x/c eq 1))", 16, "'x'", "not in use yet"),
        (f"a/any(x:{CRM}Today(PropertyName='b'))", 8, f"'{CRM}Today'", "'x/'"),
        (f"{CRM}Today()", 29, "')'", "the name of a parameter"),
        (f"{CRM}Today('a')", 29, "''a''", "the name of a parameter"),
        (f"{CRM}On(PropertyName='a',PropertyValue=null)", 57, "'null'", "a list in brackets"),
        (f"{CRM}On(PropertyName='a',PropertyValue=b)", 57, "'b'", "a list in brackets"),
        (f"{CRM}In(PropertyValues=[])", 42, "']'", "a quoted value"),
        (f"{CRM}In(PropertyValues=['a' 'b'])", 46, "''b''", "']'"),
        ("*", 0, "'*'", "a column"),
    ],
)
def test_bad_syntax_is_refused_with_place_piece_and_expectation(
    written: str, position: int, found: str, expected: str
) -> None:
    """A refusal says where, what stands there, and what would have been right. [E-7]"""
    with pytest.raises(QueryRefused) as refused:
        parse_filter(written)

    assert f"Syntax error at position {position} in '{written}'." == refused.value.message
    assert refused.value.hint.startswith(f"Found {found}, expected ")
    assert expected in refused.value.hint


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("tolower(firstname) eq 'alma'", "tolower"),
        ("indexof(name,'x') eq 1", "indexof"),
        ("5 eq length(name)", "length"),
        ("year(createdon) eq 2024", "year"),
        ("contains(tolower(name),'x')", "tolower"),
        ("Today(PropertyName='createdon')", "Today"),
        ("Some.Other.In(PropertyName='a')", "Some.Other.In"),
        ("a/contains(b,'x')", "contains"),
        ("any(x:x/b eq 1)", "any"),
    ],
)
def test_unknown_functions_are_refused_by_name(written: str, name: str) -> None:
    """Only three text functions and those of the namespace can be called. [F-1], [QF-31]"""
    with pytest.raises(QueryRefused, match=f"unknown function with name '{name}'"):
        parse_filter(written)


@pytest.mark.parametrize(
    ("written", "operator"),
    [("a in (1,2)", "in"), ("a add 1 eq 3", "add"), ("3 eq a mul 2", "mul"), ("a has T.E'x'", "has")],
)
def test_operators_the_service_lacks_are_refused_by_name(written: str, operator: str) -> None:
    """No `in`, no arithmetic. [Q-2], [F-1]"""
    with pytest.raises(QueryRefused, match=f"The operator '{operator}' at position"):
        parse_filter(written)


@pytest.mark.parametrize(
    "written", ["true", "creditonhold", "@p1", "a eq 1 and b", "(a)", "not a", "'x'", "a/b or c eq 1"]
)
def test_a_bare_operand_is_no_condition(written: str) -> None:
    """A yes/no column has to be compared. [F-18]"""
    with pytest.raises(QueryRefused, match="must evaluate to a single boolean value"):
        parse_filter(written)


@pytest.mark.parametrize(
    "written",
    [
        f"not {CRM}In(PropertyName='a',PropertyValues=[\"2\"])",
        f"not ({CRM}Today(PropertyName='a'))",
        f"a eq 1 and not {CRM}Today(PropertyName='a') eq true",
    ],
)
def test_not_before_a_query_function_is_refused(written: str) -> None:
    """The function that says the opposite must be used. [F-7]"""
    with pytest.raises(QueryRefused) as refused:
        parse_filter(written)

    expected = "Not operator along with the Custom Named Condition operators is not allowed"
    assert expected == refused.value.message


def test_a_parameter_is_given_once() -> None:
    """A second value for one parameter has no meaning. [QF-1]"""
    with pytest.raises(QueryRefused, match="'PropertyName' is given more than once"):
        parse_filter(f"{CRM}Today(PropertyName='a',PropertyName='b')")


def test_a_json_string_with_an_unknown_escape_is_refused() -> None:
    """Double-quoted values are JSON. [QF-3]"""
    with pytest.raises(QueryRefused, match="unterminated string literal at position 59"):
        parse_filter(CRM + r"""In(PropertyName='a',PropertyValues=["\q"])""")


@pytest.mark.parametrize(
    "written",
    [
        "(" * 101 + "a eq 1" + ")" * 101,
        "not " * 101 + "a eq 1",
        "x0/p/any(x1:" + "".join(f"x{level}/p/any(x{level + 1}:" for level in range(1, 101)),
        "(" * 30_000,
    ],
    ids=["parentheses", "not", "lambda", "open"],
)
def test_nesting_has_a_limit(written: str) -> None:
    """A hundred levels are enough for everybody and leave the stack alone. [E-7]"""
    with pytest.raises(QueryRefused, match="Recursion depth exceeded allowed limit"):
        parse_filter(written)


def test_a_hundred_levels_are_allowed() -> None:
    """The limit is 100, not less. [E-7]"""
    assert A == placeless(parse_filter("(" * 100 + "a eq 1" + ")" * 100))


def test_operands_have_a_limit() -> None:
    """Five thousand operands in one text. [E-7]"""
    parse_filter(" or ".join(["a eq 1"] * 2_500))
    with pytest.raises(QueryRefused, match="node count limit of '5000'"):
        parse_filter(" or ".join(["a eq 1"] * 2_501))


def test_an_operand_is_a_path_with_its_place() -> None:
    """Places do not depend on the white space in front. [E-7]"""
    condition = parse_filter("  a  eq  b")

    assert Comparison("eq", Path(("a",), 2, 3), Path(("b",), 9, 10)) == condition
