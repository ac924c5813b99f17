"""What is measured is what was meant to be measured."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from benchmarks.data import load, scratch_session_id
from benchmarks.serving import answered
from benchmarks.shapes import BASIC_DEPTH, MANNERS, SHAPES, Call, Manner, Shape
from verselet.organization import Organization, open_organization
from verselet.server.run import build_application

SESSIONS = 1_000
PAGES = [shape for shape in SHAPES if shape.is_annotated and shape.rows > 1]


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """An organization with the rows of the benchmarks, fewer of them."""
    made = open_organization("contour")
    load(made, SESSIONS, lambda _done, _total: None)
    yield made
    made.close()


def answer(organization: Organization, call: Call) -> bytes:
    """The body of the answer to a request that is not refused."""
    status, _, body = asyncio.run(answered(build_application(organization), call))
    assert status < 300, body.decode()
    return body


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.says)
@pytest.mark.parametrize("shape", PAGES, ids=lambda shape: shape.letter)
def test_everybody_gets_the_same_number_of_rows(organization: Organization, shape: Shape, manner: Manner) -> None:
    """Otherwise the figures of a user at Basic depth would be of smaller answers. [SEC-22]"""
    plain, other = (shape.calls(SESSIONS, one)[0] for one in (MANNERS[0], manner))

    rows = len(msgspec.json.decode(answer(organization, plain))["value"])

    assert rows in {20, 50, 1000}
    assert rows == len(msgspec.json.decode(answer(organization, other))["value"])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.letter)
def test_a_user_at_basic_depth_may_do_everything_that_is_measured(organization: Organization, shape: Shape) -> None:
    """A refusal would be cheap. [SEC-22]"""
    assert answer(organization, shape.calls(SESSIONS, BASIC_DEPTH)[0]) is not None


def test_the_user_at_basic_depth_sees_some_rows_only(organization: Organization) -> None:
    """Six of ten, and the session for what is written: so that there is something to filter. [SEC-22]"""
    count = Call("GET", "msdyn_ocsessions/$count")

    own = answer(organization, msgspec.structs.replace(count, token=BASIC_DEPTH.token))

    assert ("1001", "601") == (text(answer(organization, count)), text(own))


def test_what_is_written_belongs_to_a_session_nobody_reads(organization: Organization) -> None:
    """Pages stay as long as they were, however much is created meanwhile."""
    reads = [call.target for shape in SHAPES if not shape.writes for call in shape.calls(SESSIONS)]

    assert [] == [target for target in reads if scratch_session_id() in target]


def text(body: bytes) -> str:
    """The number of a count."""
    return body.decode("utf-8-sig")
