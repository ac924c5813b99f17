"""The runner of the conformance cases sees what differs. [contract.md §6]"""

from __future__ import annotations

import contextlib
from pathlib import Path

import httpx
import msgspec
import pytest

from conformance.answers import Expected, check_answer
from conformance.cases import HERE, Case, Json, Unmet, read_families
from conformance.checks import ABSENT, check_pointer, check_subset, lookup
from conformance.multipart import read_parts
from conformance.page import read_rules, results_page
from conformance.running import Outcome
from conformance.scenarios import read_behaviour, read_scenarios
from conformance.shown import shown_by_tests
from conformance.sink import Sink
from conformance.unshown import UNSHOWN
from conformance.variables import Variables

DOCUMENT = {"value": [{"name": "Cedar", "size": 3}, {"name": "Elm"}], "flag": True, "none": None}

BATCH = (
    "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n"
    "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-ID: 7\r\n\r\n"
    "HTTP/1.1 204 No Content\r\nOData-EntityId: x(1)\r\n\r\n\r\n--changesetresponse_2--\r\n"
    '--batchresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{"value": 1}\r\n'
    "--batchresponse_1--"
)


@pytest.mark.parametrize(
    ("pointer", "check", "want", "is_met"),
    [
        ("/value/*/name", "eq", ["Cedar", "Elm"], True),
        ("/value/*/name", "set", ["Elm", "Cedar"], True),
        ("/value/*/name", "set", ["Elm", "Elm"], False),
        ("/value/*/size", "present", None, False),
        ("/value/*/size", "absent", None, False),
        ("/value/*/missing", "absent", None, True),
        ("/value/0/size", "eq", 3.0, True),
        ("/value/0/size", "gt", 2, True),
        ("/value/0/size", "gt", 3, False),
        ("/value/-1/name", "match", "^E", True),
        ("/value/*/name", "each", "C|E", True),
        ("/value/*/name", "each", "^C", False),
        ("/value", "len", 2, True),
        ("/flag", "eq", 1, False),
        ("/flag", "type", "integer", False),
        ("/none", "eq", None, True),
        ("/none", "nothing", None, True),
        ("/missing", "eq", None, False),
        ("/missing", "ne", None, False),
    ],
)
def test_a_check_is_met_or_not(pointer: str, check: str, want: Json, is_met: bool) -> None:
    """What is missing meets nothing but the checks for it. [contract.md §6]"""
    found = lookup(DOCUMENT, pointer)

    with contextlib.nullcontext() if is_met else pytest.raises(Unmet):
        check_pointer(pointer, check, want, found)


@pytest.mark.parametrize("want", [{"value": [{}]}, {"flag": 1}, {"missing": None}, {"value": [{"name": "Elm"}, {}]}])
def test_a_subset_that_is_not_there_is_seen(want: Json) -> None:
    """Other lengths, other types, missing members, other values. [contract.md §6]"""
    with pytest.raises(Unmet):
        check_subset(want, DOCUMENT)


@pytest.mark.parametrize(
    "expected",
    [
        Expected(status=204),
        Expected(headers={"ETag": {"absent": True}}),
        Expected(headers={"ETag": {"match": "^x"}}),
        Expected(headers={"Location": "x"}),
        Expected(no_body=True),
        Expected(text="other"),
        Expected(base64="AAAA"),
        Expected(json=[["/value", "eq", 2]]),
        Expected(body_subset={"value": 2}),
        Expected(code="0x80040217"),
    ],
)
def test_an_answer_that_differs_in_one_thing_is_seen(expected: Expected) -> None:
    """Status, headers, bytes, text and document. [contract.md §6]"""
    answer = httpx.Response(200, headers={"ETag": 'W/"1"'}, content=b'{"value": 1}')

    with pytest.raises(Unmet):
        check_answer(answer, expected, lambda _: answer)


def test_pages_are_followed_to_the_end() -> None:
    """A page that repeats a row is seen. [contract.md §6]"""
    first = httpx.Response(200, json={"value": [{"n": 1}], "@odata.nextLink": "next"})
    last = httpx.Response(200, json={"value": [{"n": 1}]})

    with pytest.raises(Unmet, match="2 rows over pages"):
        check_answer(first, _expected({"pages": {"path": "n", "total": 2}}), lambda _: last)


def test_a_multipart_answer_is_read_with_its_change_sets() -> None:
    """Members of change sets stand among the other answers. [contract.md §6]"""
    parts = read_parts(BATCH, "multipart/mixed; boundary=batchresponse_1")

    assert [(204, True, "7"), (200, False, None)] == [(part.status, part.changeset, part.content_id) for part in parts]
    assert {"odata-entityid": "x(1)"} == parts[0].headers
    assert {"value": 1} == parts[1].json


def test_variables_keep_their_type_where_they_stand_alone() -> None:
    """In texts they are text, in names too. [contract.md §6]"""
    variables = Variables({"n": 3})

    assert {"k3": [3, "n=3"]} == variables.fill({"k${n}": ["${#n}", "n=${n}"]})
    assert variables.value("uuid:a") == variables.value("uuid:a") != variables.value("uuid:b")


def test_the_page_counts_by_rule_and_names_what_fails() -> None:
    """Rules without a case are listed, with a test where there is one; ids and times are not. [contract.md §6]"""
    kept = Outcome(Case(id="kept", rule="A-1", title="t"), None)
    refused = Outcome(
        Case(id="refused", rule=["A-1", "A-2"], title="t"),
        "after[0]: status 501, expected 200 or 204: sql is not supported by this server yet.",
    )

    page = results_page(
        {"family": [kept, refused]},
        ["A-1", "A-2", "A-3", "A-4", "LIM-19"],
        lambda _rules: {"A-4": "tests/test_a.py::test_a"},
    )

    assert "| A-1 | 1 | 1 | `refused` |" in page
    assert "| `refused` | t | A-1, A-2 | refused: sql |" in page
    assert "Of 5 rules, 2 have cases, 1 more are shown by tests, 1 cannot be shown; shown by nothing yet: 1." in page
    assert "| A-4 | `tests/test_a.py::test_a` |" in page
    assert f"| LIM-19 | {UNSHOWN['LIM-19']} |" in page
    assert page.endswith("## Rules that nothing shows yet\n\nA-3.\n")


def test_what_cannot_be_shown_is_shown_by_nothing() -> None:
    """A rule that has a case or a test is no excuse any more. [contract.md §6]"""
    cased = {rule for family in read_families().values() for case in family for rule in case.rules}
    cased |= {rule for family in read_behaviour().values() for scenario in family for rule in scenario.rules}

    assert UNSHOWN.keys() <= set(read_rules())
    assert set() == UNSHOWN.keys() & (cased | shown_by_tests(UNSHOWN).keys())


def test_a_test_shows_the_rules_it_names(tmp_path: Path) -> None:
    """The first test that names a rule in its own words; other texts do not count. [contract.md §6]"""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "test_a.py").write_text(
        '"""All of it. [A-1]"""\n\n\ndef test_one() -> None:\n    """One. [A-2], [A-3]"""\n\n\n'
        'def test_two() -> None:\n    """Two. [A-3]"""\n\n\ndef helper() -> None:\n    """Three. [A-4]"""\n',
        encoding="utf-8",
    )

    found = shown_by_tests({"A-1", "A-3", "A-4"}, tmp_path)

    assert {"A-3": f"{tmp_path.name}/deep/test_a.py::test_one"} == found


def test_a_sink_answers_as_planned_and_keeps_what_came() -> None:
    """The last status repeats. [contract.md §6]"""
    with contextlib.closing(Sink()) as sink:
        sink.plan("box", [503, 200])
        statuses = [httpx.post(f"{sink.address}/box?n={n}", json={"n": n}).status_code for n in range(3)]
        posts = sink.posts("box")

    assert [503, 200, 200] == statuses
    assert [({"n": "0"}, {"n": 0}), ({"n": "1"}, {"n": 1}), ({"n": "2"}, {"n": 2})] == [
        (post.query, post.json) for post in posts
    ]


def test_every_scenario_can_be_read() -> None:
    """The scenarios are taken over whole, although the server cannot hold their tables yet. [contract.md §6]"""
    scenarios = read_scenarios(sorted((HERE / "behaviour").glob("*.jsonl")))

    assert len(scenarios) == len({scenario.id for scenario in scenarios})
    assert 252 <= len(scenarios)


def test_absence_has_a_name_of_its_own() -> None:
    """A text cannot be mistaken for a missing member by accident. [contract.md §6]"""
    assert ABSENT is lookup({}, "/missing")


def _expected(written: Json) -> Expected:
    return msgspec.convert(written, Expected)
