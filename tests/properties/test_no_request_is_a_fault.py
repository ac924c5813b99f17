"""Whatever is sent, the answer is an answer: refused perhaps, never a fault of ours. [S-2], [E-19]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gizmo_rows import IDS
from tests.gizmos import GIZMO
from tests.properties.gizmo_questions import COLUMNS, LITERALS, stock
from tests.scenarios.harness import Answer, Api, new_organization, undone

ROW = "new_gizmos(00000000-0000-4000-9000-000000000000)"


@pytest.fixture(scope="module")
def stocked() -> Iterator[Api]:
    """Rows that may be hit."""
    with Api(new_organization()) as api:
        stock(api)
        yield api


PIECES = st.sampled_from(
    [
        *(
            "new_gizmos",
            ROW,
            "accounts",
            f"accounts({IDS[0]})",
            "new_gizmo_parts",
            "new_gizmo_contact",
            "new_AccountId",
        ),
        *(
            "$ref",
            "$value",
            "$count",
            "$metadata",
            "$batch",
            "new_name",
            "_new_accountid_value",
            "createdby",
            "ownerid",
        ),
        *(
            "Microsoft.Dynamics.CRM.new_gizmo",
            "Microsoft.Dynamics.CRM.CreateMultiple",
            "WhoAmI()",
            "owners",
            "()",
            "(",
            "'",
        ),
        *(
            "EntityDefinitions",
            "EntityDefinitions(LogicalName='account')",
            "Attributes",
            "new_code='x'",
            "%00",
            "%ff",
            "//",
        ),
        *(
            "new_gizmos(new_code='x')",
            "systemusers",
            "activitypointers",
            "RetrieveTotalRecordCount(EntityNames=@p)",
            "{}",
        ),
    ]
)
PATHS = st.lists(PIECES | st.text(max_size=6).map(lambda text: quote(text, safe="()'=")), max_size=4).map("/".join)

WORDS = st.sampled_from(
    [
        *sorted(COLUMNS),
        *("eq", "ne", "gt", "and", "or", "not", "(", ")", ",", "/", "any", "all", ":", "x:x/new_name"),
        *("null", "true"),
        *(
            "contains(",
            "startswith(new_name,",
            "Microsoft.Dynamics.CRM.In(PropertyName='new_name',PropertyValues=",
            "[",
            "]",
        ),
        *(
            "new_gizmo_parts",
            "new_gizmo_parts/any(p:p/new_name",
            "$select=",
            ";",
            "desc",
            "*",
            "@p",
            "'",
            '"',
            "\\",
            "%",
            "+",
        ),
        *(
            "$filter=",
            "$expand=",
            "$top=2",
            "<cookie",
            "-",
            "1e400",
            "99999999999999999999",
            "2024-01-01",
            "\x00",
            "\ud7ff",
        ),
    ]
)
TEXTS = st.lists(WORDS | st.one_of(*LITERALS.values()) | st.text(max_size=4), max_size=8).map(" ".join)
NAMES = st.sampled_from(
    [
        "$select",
        "$filter",
        "$orderby",
        "$expand",
        "$top",
        "$count",
        "$skiptoken",
        "$id",
        "$apply",
        "@p",
        "fetchXml",
        "tag",
        "$",
    ]
)
QUERIES = st.lists(st.tuples(NAMES, TEXTS), max_size=3).map(
    lambda options: "&".join(f"{name}={quote(text, safe='=&')}" for name, text in options)
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.one_of(*LITERALS.values())
    | st.sampled_from(
        [f"/accounts({IDS[0]})", "accounts(1)", "/nothings(1)", "2024-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"]
    )
)
MEMBERS = st.sampled_from(
    [
        *GIZMO.columns,
        *("new_AccountId@odata.bind", "new_CustomerId_contact@odata.bind", "new_AccountId"),
        *("new_gizmo_parts", "value"),
        *(
            "new_gizmo_contact@odata.bind",
            "@odata.id",
            "@odata.type",
            "Targets",
            "x@y",
            "ownerid",
            "_new_accountid_value",
        ),
    ]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS, inner, max_size=3), max_leaves=6
)
BODIES = st.dictionaries(MEMBERS, VALUES, max_size=4).map(lambda body: json.dumps(body).encode()) | st.binary(
    max_size=30
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"])
HEADERS = st.dictionaries(
    st.sampled_from(["prefer", "if-match", "if-none-match", "content-type", "accept", "mscrmcallerid"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)
    | st.sampled_from(
        ["*", "null", 'W/"1"', "return=representation", 'odata.include-annotations="*"', "application/json", IDS[0]]
    ),
    max_size=2,
)


def send(api: Api, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
    """One request whose traces are taken back."""
    with undone(api.organization):
        return api.send(method, target, body, headers=headers)


def must_be_an_answer(answer: Answer) -> None:
    """No fault, and no header that ends before its time."""
    assert answer.status in {200, 201, 204, 304, 400, 401, 403, 404, 405, 412, 413, 501}, answer.body
    assert not [value for value in answer.headers.values() if "\r" in value or "\n" in value]


@settings(max_examples=150)
@given(METHODS, PATHS, QUERIES, BODIES, HEADERS)
def test_any_request_is_answered(
    stocked: Api, method: str, path: str, query: str, body: bytes, headers: dict[str, str]
) -> None:
    """Addresses, options, bodies and headers put together from what may mean something."""
    must_be_an_answer(send(stocked, method, f"{path}?{query}", body, headers))


@settings(max_examples=150)
@given(QUERIES, st.sampled_from(["new_gizmos", ROW, "new_gizmos/$count", f"accounts({IDS[0]})/new_account_gizmos"]))
def test_any_question_is_answered(stocked: Api, query: str, path: str) -> None:
    """Options put together from words that may stand in them."""
    must_be_an_answer(send(stocked, "GET", f"{path}?{query}", b"", {}))


@settings(max_examples=150)
@given(BODIES, st.sampled_from([("POST", "new_gizmos"), ("PATCH", ROW), ("PUT", f"{ROW}/new_name")]), HEADERS)
def test_any_body_is_answered(stocked: Api, body: bytes, to: tuple[str, str], headers: dict[str, str]) -> None:
    """Members of a row with values of every kind."""
    must_be_an_answer(send(stocked, *to, body, headers))


LINES = st.sampled_from(
    [
        *("--b", "--b--", "--c", "--c--", "", "", "Content-Type: application/http", "Content-ID: 1", "Content-ID: 2"),
        *(
            "Content-Type: multipart/mixed; boundary=c",
            "Content-Type: multipart/mixed",
            "Content-Type: application/json",
        ),
        *(
            "GET /api/data/v9.2/accounts HTTP/1.1",
            "POST accounts HTTP/1.1",
            "DELETE $1 HTTP/1.1",
            "PATCH $1/x HTTP/1.1",
        ),
        *("POST $batch HTTP/1.1", "GET $metadata HTTP/1.1", "GET", '{"name":"x"}', '{"name":', '{"@odata.id":"$1"}'),
    ]
)
BATCHES = st.lists(LINES | st.text(max_size=5), max_size=20).flatmap(
    lambda lines: st.sampled_from(["\r\n", "\n"]).map(lambda end: end.join(["--b", *lines, "--b--"]).encode())
)


@settings(max_examples=150)
@given(BATCHES, st.sampled_from(["", "odata.continue-on-error"]))
def test_any_batch_is_answered(stocked: Api, body: bytes, prefer: str) -> None:
    """Parts put together from lines that may stand in them. [B-1] to [B-17]"""
    headers = {"content-type": "multipart/mixed; boundary=b", "prefer": prefer}
    answer = send(stocked, "POST", "$batch", body, headers)
    must_be_an_answer(answer)
    assert b"HTTP/1.1 500" not in answer.body
