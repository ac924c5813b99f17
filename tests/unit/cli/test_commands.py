"""The command line without a server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from verselet import __version__
from verselet.cli import run, verselet
from verselet.cli.serve import banner, serve
from verselet.server.run import Standing, where_rows_live
from verselet.settings import Settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verselet.toml and no variables of the machine decide anything here."""
    monkeypatch.chdir(tmp_path)
    for name in ("VERSELET_PORT", "VERSELET_DATA", "VERSELET_DATABASE", "VERSELET_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """`verselet --version`. contract.md §2"""
    assert 0 == run(["--version"])
    assert f"verselet {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["serve"], ["seed"], ["token"], ["check"], ["translate"], ["lake"]])
def test_help_shows_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` starts with an example. product.md §6"""
    assert 0 == run([*command, "--help"])
    assert re.search(r"Examples?:\n +(verselet|curl) ", capsys.readouterr().out)


def test_every_flag_of_the_contract_exists_and_is_a_setting() -> None:
    """contract.md §2: flags, also as VERSELET_<NAME> and in verselet.toml."""
    flags = {option for parameter in serve.params for option in parameter.opts}
    contract = {"host", "port", "data", "database", "workers", "seed", "auth", "org"}
    contract |= {"cors-origin", "tls", "tls-port", "tls-name", "tls-cert", "tls-key"}
    assert {f"--{name}" for name in contract} <= flags
    assert {parameter.name for parameter in serve.params} == set(Settings.__struct_fields__)


def test_flags_have_no_default_of_their_own() -> None:
    """A default in the flag would win over the environment and the file."""
    context = serve.make_context("serve", [])
    assert {None, ()} >= set(context.params.values())


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["serve", "--host", "0.0.0.0"], "VS1012", 4),
        (["serve", "--auth", "oidc"], "VS1015", 2),
        (["serve", "--workers", "4"], "VS1011", 2),
        (["serve", "--data", "a", "--database", "sqlite:///b"], "VS1003", 2),
        (["check"], "VS1050", 2),
        (["check", "--data", "nothing-here"], "VS2010", 1),
        (["seed", "no-such-file.json"], "VS1033", 2),
        (["seed", "demo", "--port", "1"], "VS1030", 3),
    ],
)
def test_a_refusal_is_three_lines_and_an_exit_code(
    arguments: list[str], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, why, do; on standard error; never a traceback. product.md §6"""
    assert exit_code == run(arguments)
    shown = capsys.readouterr()
    assert "" == shown.out
    assert re.fullmatch(rf"error {code}  .+\n  why  .+\n  do   .+\n", shown.err)


def test_an_unknown_flag_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2. product.md §6"""
    assert 2 == run(["serve", "--prot", "1"])
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize(("debug", "expected"), [("", False), ("1", True)])
def test_a_bug_is_said_to_be_one(
    debug: str, expected: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line with where to report it; the traceback on request only. product.md §6"""

    @click.command("broken")
    def broken() -> None:
        raise ZeroDivisionError("by chance")

    monkeypatch.setitem(verselet.commands, "broken", broken)
    monkeypatch.setenv("VERSELET_DEBUG", debug)
    assert 1 == run(["broken"])
    shown = capsys.readouterr().err
    assert ("VS1099" in shown, "ZeroDivisionError: by chance" in shown, "CONTRIBUTING.md" in shown) == (
        True,
        True,
        True,
    )
    assert expected == ("Traceback" in shown)


def test_the_administrators_token_needs_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the same for every server. contract.md §3"""
    assert 0 == run(["token"])
    assert "dev-admin\n" == capsys.readouterr().out


def test_a_users_token_that_nobody_can_check_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The token is printed all the same, and standard output holds nothing else."""
    assert 0 == run(["token", "--as", "registrar", "--json", "--port", "1"])
    shown = capsys.readouterr()
    assert {"token": "dev:registrar", "user": "registrar"} == json.loads(shown.out)
    assert "not checked" in shown.err


STANDING = Standing(
    base_url="http://127.0.0.1:8765",
    tls_base_url=None,
    authority=None,
    org="dev",
    where="in memory",
    tables=64,
    rows=0,
)


def test_the_banner_of_a_server_in_memory() -> None:
    """In this order: version, addresses, token, tables and rows, something to try, what Ctrl-C keeps. product.md §6"""
    assert [
        f"verselet {__version__}   org dev   in memory   clock real",
        "  Web API  http://127.0.0.1:8765/api/data/v9.2/",
        "  UI       http://127.0.0.1:8765/",
        "  Token    dev-admin  (System Administrator; loopback only)",
        "  Tables   64   rows 0",
        'Try  curl -H "Authorization: Bearer dev-admin" http://127.0.0.1:8765/api/data/v9.2/WhoAmI',
        "Ready in 0.8 s. Ctrl-C stops and forgets; --data DIR keeps.",
    ] == banner(STANDING, 0.84, Settings())


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), "in memory"),
        (Settings(data=Path("org")), "SQLite in org"),
        (Settings(database="sqlite:///here/org.db"), "SQLite in here/org.db"),
        (Settings(database="postgresql://me:secret@db.example/org?sslmode=require"), "PostgreSQL at db.example/org"),
        (Settings(database="postgresql://localhost/org"), "PostgreSQL at localhost/org"),
    ],
)
def test_where_rows_live_is_said_without_passwords(settings: Settings, expected: str) -> None:
    """Banners end up in logs."""
    assert expected == where_rows_live(settings)


def test_a_question_is_said_in_another_language(capsys: pytest.CaptureFixture[str]) -> None:
    """One line on standard output."""
    assert 0 == run(["translate", "--to", "sql", "contacts?$select=lastname&$filter=lastname eq 'Ash'"])
    assert "SELECT [contact].[lastname] FROM contact WHERE [contact].[lastname] = 'Ash'\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "code", "exit_code"),
    [("contacts?$filter=Contact_Tasks/any()", "VS1060", 1), ("contacts?$filter=no_such eq 1", "VS1061", 2)],
)
def test_a_question_that_cannot_be_said_is_refused(
    question: str, code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name, in three lines. product.md §6"""
    assert exit_code == run(["translate", "--to", "sql", question])
    assert re.fullmatch(rf"error {code}  .+\n  why  .+\n  do   .+\n", capsys.readouterr().err)
