"""Requests that make sense: those of the conformance cases, and some of our own about gizmos."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from typing_extensions import override

from conformance.cases import Case, Unmet, read_families, read_fixture_sets
from conformance.sending import Request, Sender
from conformance.variables import Variables
from tests.fuzz.custom_apis import custom_body_seeds, custom_path_seeds, custom_query_seeds, load_custom_apis
from tests.fuzz.requests import Focus, Seed
from tests.fuzz.rights_and_formulas import formula_seeds, rights_seeds
from tests.fuzz.searches import search_seeds
from tests.scenarios.harness import Api

SETS = ("accounts", "contacts", "events", "sessions", "registrations", "sessionevents", "activities", "widget")
"""The fixture sets whose rows are there."""

DEFINITIONS = (
    "EntityDefinitions", "RelationshipDefinitions", "GlobalOptionSetDefinitions", "CreateCustomer", "InsertOption",
    "UpdateOption", "DeleteOption", "OrderOption", "InsertStatus", "UpdateState", "CreatePolymorphic",
)  # fmt: skip

GIZMO = "5f3e0000-0000-4000-8000-0000910a0001"
LONGEST = 20_000
"""Longer requests of cases are about limits."""

ACCOUNT = "accounts(5f3e0000-0000-4000-8000-0000a0000025)"
WHEN = "2024-03-01T10:00:00Z"
LITERALS: Mapping[str, tuple[str, ...]] = {
    "new_name": ("'a'", "null", "'50% o''clock_'"),
    "new_notes": ("'x'", "null"),
    "new_count": ("5", "-5000", "99999999999", "1.5", "null"),
    "new_ticks": ("9223372036854775807", "1", "null"),
    "new_ratio": ("0.125", "1e3", "null"),
    "new_size": ("1.5e300", "-0.0", "null"),
    "new_price": ("19.99", "null"),
    "new_at": (WHEN, "2024-03-01", "null"),
    "new_day": ("2024-03-01", "null"),
    "new_ready": ("true", "false", "null"),
    "new_color": ("1", "null"),
    "new_tags": ("'1'", "null"),
    "new_kind": ("'account'", "null"),
    "_new_accountid_value": (GIZMO, "null"),
    "_new_customerid_value": (GIZMO, "null"),
    "statecode": ("0", "null"),
    "new_gizmoid": (GIZMO, "null"),
}
BODY: Mapping[str, object] = {
    "new_name": "A", "new_code": "B", "new_notes": "C", "new_count": 5, "new_minutes": 90, "new_ticks": 12,
    "new_ratio": 0.125, "new_share": 0.5, "new_size": 1.5, "new_price": 19.99, "new_at": WHEN,
    "new_day": "2024-03-01", "new_ready": True, "new_color": 1, "new_tags": "1,2", "new_kind": "account",
    "new_face": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "new_badge": None,
    "new_AccountId@odata.bind": "/accounts(5f3e0000-0000-4000-8000-0000a0000025)",
    "new_CustomerId_contact@odata.bind": "contacts(5f3e0000-0000-4000-8000-0000c0000025)",
    "new_gizmo_parts": [{"new_name": "P", "@odata.type": "Microsoft.Dynamics.CRM.new_part"}],
    "statecode": 0, "statuscode": 3,
}  # fmt: skip


def load_rows(api: Api) -> None:
    """The rows that the requests are about."""
    variables = Variables({})
    for name in SETS:
        for group in read_fixture_sets()[name].groups:
            for step in group.steps:
                answer = api.send(step.request["method"], step.request["path"], step.request.get("body"))
                assert answer.status < 300, answer.body
        for row in variables.fill(read_fixture_sets()[name].rows):
            for body in (row["body"], *row.get("then", [])):
                answer = api.patch(f"{row['set']}({row['id']})", body)
                assert 204 == answer.status, (row, answer.body)
    for number in range(3):
        answer = api.patch(
            f"new_gizmos({GIZMO[:-1]}{number + 1})", {**BODY, "new_code": f"B{number}", "new_ticks": number}
        )
        assert 204 == answer.status, answer.body
    load_custom_apis(api)


@cache
def requests() -> tuple[tuple[str, Request], ...]:
    """Every request of the conformance cases that stands on nothing a case has saved, with its family."""
    found = []
    for family, cases in read_families().items():
        for case in cases:
            found += [(family, request) for request in _requests_of(case)]
    return tuple(found)


class _Known(Variables):
    """What an earlier step would have saved is mostly an id."""

    @override
    def value(self, name: str) -> Any:
        """A built-in value, or an id."""
        try:
            return super().value(name)
        except (Unmet, IndexError, ValueError):
            return GIZMO


def _requests_of(case: Case) -> Iterator[Request]:
    written = [step.request for step in (*case.before, *case.after)]
    for request in (*written, *([] if case.request is None else [case.request])):
        filled = msgspec.convert(_Known({}).fill(request), Request)
        if not filled.path.startswith("http") and len(str(request)) < LONGEST:
            yield filled


def _is_about_definitions(request: Request) -> bool:
    return request.path.lstrip("/").partition("(")[0].partition("/")[0] in DEFINITIONS


def _options(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in request.query.items())


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items() if value is not None}


def _seed(request: Request, focus: Focus, body: str = "") -> Seed:
    return Seed(
        method=request.method,
        path=request.path,
        options=_options(request),
        headers=_headers(request),
        body=body,
        focus=focus,
    )


def _body(request: Request) -> str:
    return "" if request.body is msgspec.UNSET else json.dumps(request.body)


def _with_option(name: str, focus: Focus) -> list[Seed]:
    return [_seed(request, focus) for _, request in requests() if name in request.query]


def odata_seeds() -> list[Seed]:
    """Options of reading, and every operator on every type of column."""
    found = [
        _seed(request, "query")
        for _, request in requests()
        if request.method == "GET" and request.query and not {"fetchXml", "sql"} & set(request.query)
    ]
    filters = []
    for column, literals in LITERALS.items():
        for literal in literals:
            filters += [f"{column} {operator} {literal}" for operator in ("eq", "ne", "gt", "le")]
            filters.append(f"contains({column},{literal}) or not ({column} eq {literal})")
            filters.append(f"Microsoft.Dynamics.CRM.In(PropertyName='{column}',PropertyValues=[{literal!r}])")
        filters.append(f"Microsoft.Dynamics.CRM.LastXDays(PropertyName='{column}',PropertyValue=5)")
    options: list[tuple[tuple[str, str], ...]] = [
        (("$filter", text), ("$orderby", "new_name desc"), ("$top", "3")) for text in filters
    ]
    options += [(("$select", column), ("$orderby", column), ("$count", "true")) for column in LITERALS]
    options += [(("$apply", f"groupby(({column}),aggregate(new_price with sum as total))"),) for column in LITERALS]
    gizmos = [Seed(method="GET", path="new_gizmos", options=pairs, focus="query") for pairs in options]
    return [*found, *gizmos, *custom_query_seeds()]


def path_seeds() -> list[Seed]:
    """Addresses with the methods they are asked with."""
    found = [_seed(request, "path", _body(request)) for _, request in requests() if request.batch is None]
    return [*found, *custom_path_seeds()]


def fetchxml_seeds() -> list[Seed]:
    """FetchXML as an option."""
    found = [
        Seed(method="GET", path=seed.path, options=(("fetchXml", dict(seed.options)["fetchXml"]),), focus="option")
        for seed in _with_option("fetchXml", "option")
    ]
    operators = ("eq", "ne", "lt", "like", "in", "between", "null", "last-x-days", "this-year", "contain-values")
    for column, literals in LITERALS.items():
        name = column.removeprefix("_").removesuffix("_value")
        for operator in operators:
            text = (
                f"<fetch count='3'><entity name='new_gizmo'><attribute name='{name}'/><filter>"
                f"<condition attribute='{name}' operator='{operator}' value='{literals[0]}'/></filter>"
                f"<order attribute='{name}'/></entity></fetch>"
            )
            found.append(Seed(method="GET", path="new_gizmos", options=(("fetchXml", text),), focus="option"))
    return found


def sql_seeds() -> list[Seed]:
    """SQL as an option."""
    found = [
        Seed(method="GET", path=seed.path, options=(("sql", dict(seed.options)["sql"]),), focus="option")
        for seed in _with_option("sql", "option")
    ]
    for column in LITERALS:
        name = column.removeprefix("_").removesuffix("_value")
        text = f"SELECT TOP 3 {name}, COUNT(*) AS n FROM new_gizmo WHERE {name} > 5 GROUP BY {name} ORDER BY {name}"
        found.append(Seed(method="GET", path="new_gizmos", options=(("sql", text),), focus="option"))
    return found


def json_seeds() -> list[Seed]:
    """Bodies of rows and of actions."""
    found = [
        _seed(request, "body", _body(request))
        for _, request in requests()
        if isinstance(request.body, dict) and not _is_about_definitions(request)
    ]
    gizmo = {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", **BODY}
    for method, path, body in (
        ("POST", "new_gizmos", BODY),
        ("PATCH", f"new_gizmos({GIZMO})", BODY),
        ("PATCH", "new_gizmos(new_code='B1')", BODY),
        ("POST", "new_gizmos/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [gizmo, gizmo]}),
        ("POST", "new_gizmos/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": [{**gizmo, "new_gizmoid": GIZMO}]}),
        ("POST", "new_gizmos/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": [{**gizmo, "new_gizmoid": GIZMO}]}),
        ("PUT", f"new_gizmos({GIZMO})/new_name", {"value": "x"}),
        ("PUT", f"new_gizmos({GIZMO})/new_AccountId/$ref", {"@odata.id": ACCOUNT}),
    ):  # fmt: skip
        found += [Seed(method=method, path=path, body=json.dumps(body), focus="body")] * 5
    return [*found, *rights_seeds(), *custom_body_seeds()]


def definition_seeds() -> list[Seed]:
    """Bodies that make or change tables, columns, relationships and choices."""
    found = [
        _seed(request, "body", _body(request))
        for _, request in requests()
        if isinstance(request.body, dict) and _is_about_definitions(request)
    ]
    return [*found, *formula_seeds()]


def multipart_seeds() -> list[Seed]:
    """Batches."""
    sender = Sender("http://127.0.0.1:8765", None)
    found = []
    for _, request in requests():
        if request.batch is None:
            continue
        content, kind = sender._content(request)
        seed = _seed(request, "body", (content or b"").decode())
        found.append(msgspec.structs.replace(seed, headers={**seed.headers, "content-type": kind or ""}))
    sender.close()
    return found


def header_seeds() -> list[Seed]:
    """Requests with headers that mean something."""
    common = {"prefer": 'odata.include-annotations="*",odata.maxpagesize=2,return=representation', "if-match": 'W/"1"',
              "if-none-match": "*", "accept": "application/json;odata.metadata=full",
              "content-type": "application/json; charset=utf-8", "mscrm.solutionuniquename": "Active",
              "range": "bytes=0-10", "x-ms-file-name": "a.txt", "consistency": "Strong"}  # fmt: skip
    return [
        msgspec.structs.replace(
            _seed(request, "headers", _body(request)),
            # An unknown user is refused before anything else is read.
            headers={**common, **({"mscrmcallerid": GIZMO} if number % 20 == 0 else {}), **_headers(request)},
        )
        for number, (_, request) in enumerate(requests())
        if request.batch is None and not _is_about_definitions(request)
    ]


SEEDS: Mapping[str, Callable[[], list[Seed]]] = {
    "odata": odata_seeds,
    "path": path_seeds,
    "fetchxml": fetchxml_seeds,
    "sql": sql_seeds,
    "json": json_seeds,
    "definitions": definition_seeds,
    "multipart": multipart_seeds,
    "headers": header_seeds,
    "search": search_seeds,
}


@cache
def seeds(target: str) -> tuple[Seed, ...]:
    """The seeds of one target."""
    return tuple(SEEDS[target]())
