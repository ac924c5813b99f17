"""The JavaScript library DynamicsWebApi, unchanged, on a TLS server that it trusts. [CC-2], [DW-1]"""

from __future__ import annotations

import msgspec
import pytest

from tests.clients.expectations import FILE, expected_refusals
from tests.clients.javascript import HERE, WANTED, case_names, must_be_installed, run_node
from tests.clients.manual import Running


class Ended(msgspec.Struct, frozen=True):
    """How a case ended: `reason` is None when it passed."""

    name: str
    reason: str | None


@pytest.fixture(scope="module")
def ended(client_server: Running) -> dict[str, Ended]:
    """Every case, run once in one process of Node."""
    must_be_installed("dynamics-web-api")
    done = run_node(client_server, str(HERE / "run.js"))
    assert 0 == done.returncode, done.stderr
    lines = [msgspec.json.decode(line, type=Ended) for line in done.stdout.splitlines()]
    return {line.name: line for line in lines}


@pytest.mark.parametrize("name", case_names())
def test_the_library_does_what_it_says(ended: dict[str, Ended], name: str) -> None:
    """A case passes, or meets the refusal it is known to meet. [DW-1] to [DW-18]"""
    refusal = expected_refusals("dynamics_web_api").get(name)
    reason = ended[name].reason

    if refusal is None:
        assert reason is None
    else:
        assert reason is not None, f"it passes now: take it out of {FILE.name}, and run `make docs`"
        assert f"{refusal} is not supported by this server yet" in reason


def test_the_lock_file_names_no_address() -> None:
    """Where packages come from is the business of the machine that installs them. [contract.md §1]"""
    lock = (WANTED / "package-lock.json").read_text(encoding="utf-8")

    assert "://" not in lock
    assert '"resolved"' not in lock
