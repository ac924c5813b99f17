"""Whatever is sent, the server answers in time, with an answer of the specification. [E-1], [E-19]

The same inputs every time: a failure says that the product has changed. `python -m tests.fuzz` looks for new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import changed, looks_back
from tests.fuzz.corpus import SEEDS, seeds
from tests.fuzz.laws import Bench
from tests.fuzz.requests import Wire

WITHOUT_CHANCE = settings(
    max_examples=250,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One organization with rows; what the inputs write is taken back."""
    opened = Bench()
    yield opened
    opened.close()


@pytest.mark.parametrize("target", SEEDS)
@WITHOUT_CHANCE
@given(number=st.integers(0, 2**32))
def test_no_request_is_a_fault(bench: Bench, target: str, number: int) -> None:
    """No status 500, no answer that cannot be read, no row changed by a refusal, a second at most. [E-1], [E-19]"""
    chance = Random(number)
    wire = changed(target, chance.randrange(len(seeds(target))), [seed.text for seed in seeds(target)], chance)
    bench.check(wire, looks_back=looks_back(target, number), keeps=target == "definitions")


FOUND = {
    "a column list without a column": Wire("GET", "new_gizmos?sql=SELECT%20COUNT%28%20%29%20FROM%20new_gizmo", {}, b""),
    "a name of a thousand parts": Wire(
        "GET", "new_gizmos?sql=SELECT%20new_name%20FROM%20new_gizmo%20WHERE%20a" + ".a" * 2000 + "%20%3D%201", {}, b""
    ),
    "base64 of other letters": Wire(
        "POST", "UploadBlock", {}, b'{"BlockId": "1", "FileContinuationToken": "1", "BlockData": "\\u00e9"}'
    ),
    "quotes in a function that end anywhere": Wire("GET", "WhoAmI(a=" + "'" * 80 + "x')", {}, b""),
    "quotes in a function of a row that end anywhere": Wire("GET", "RetrieveDuplicates(a=" + "'" * 80 + "x')", {}, b""),
    "a preference that never ends": Wire("GET", "new_gizmos", {"prefer": "a " * 30_000}, b""),
    "a preference of one long word": Wire("GET", "new_gizmos", {"prefer": "a" * 60_000 + " b"}, b""),
    "a preference with spaces before something else": Wire(
        "GET", "new_gizmos", {"prefer": "a" + " " * 60_000 + "b"}, b""
    ),
    "a bound address of a million pieces": Wire(
        "POST",
        "accounts",
        {},
        b'{"primarycontactid@odata.bind": "/contacts(' + b"a='',a=''" * 100_000 + b')"}',
    ),
    "an operator that is an object": Wire(
        "POST",
        "BulkDelete",
        {},
        b'{"JobName": "x", "QuerySet": [{"EntityName": "account", "Criteria": {"FilterOperator": {}}}]}',
    ),
    "a request line of spaces": Wire(
        "POST",
        "$batch",
        {"content-type": "multipart/mixed; boundary=b"},
        b"--b\r\nContent-Type: application/http\r\n\r\nGET a" + b" " * 60_000 + b"x\r\n\r\n--b--\r\n",
    ),
    "a bound list that never ends": Wire(
        "POST",
        "$batch",
        {"content-type": "multipart/mixed; boundary=b"},
        b"--b\r\nContent-Type: application/http\r\n\r\nPOST a HTTP/1.1\r\n\r\n"
        + b'@odata.id":[' * 20_000
        + b"\r\n--b--\r\n",
    ),
    "a language with a thousand million digits": Wire(
        "POST",
        "InsertOptionValue",
        {},
        b'{"EntityLogicalName": "new_gizmo", "AttributeLogicalName": "new_color", "Value": 44, "Label":'
        b'{"LocalizedLabels": [{"Label": "Huge", "LanguageCode": 1e999999999}]}}',
    ),
    "a limit with a thousand million digits": Wire(
        "POST",
        "EntityDefinitions(LogicalName='new_gizmo')/Attributes",
        {},
        b'{"@odata.type": "Microsoft.Dynamics.CRM.DecimalAttributeMetadata", "SchemaName": "new_Huge", "MaxValue":'
        b" 1e999999999}",
    ),
    "joins without a condition": Wire(
        "GET", "contacts?sql=SELECT%20c.fullname%20FROM%20contact%20c" + "%20JOIN%20account" * 40, {}, b""
    ),
    "conversions in conversions": Wire("GET", "contacts?sql=SELECT%20" + "CONVERT%28" * 50, {}, b""),
    "a decimal number beyond all arithmetic": Wire("GET", "new_gizmos?$filter=new_price%20gt%201e999999999", {}, b""),
    "a list of decimal numbers beyond all arithmetic": Wire(
        "GET",
        "new_gizmos?$filter=Microsoft.Dynamics.CRM.In(PropertyName='new_ratio',PropertyValues=['-1e999999999'])",
        {},
        b"",
    ),
}
"""What was found once, by what the caller did."""


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_mended(bench: Bench, name: str) -> None:
    """Each of these was a fault, or took longer than the caller should be able to make it take. [E-19]"""
    bench.check(FOUND[name])
