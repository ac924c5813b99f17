"""The settings: flags over environment over verselet.toml over defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from verselet.errors import OperatorError, RefusedByPolicy, WrongUsage
from verselet.settings import Settings, is_loopback, read_settings, wants_traceback

NOWHERE = Path("/nonexistent/verselet.toml")


def settings_file(folder: Path, text: str) -> Path:
    """A settings file with that content."""
    file = folder / "verselet.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_any_source_the_defaults_hold() -> None:
    """`verselet serve` with no flag works: 127.0.0.1:8765, in memory, developer tokens. contract.md §2"""
    assert Settings(host="127.0.0.1", port=8765, auth="dev", org=None) == read_settings({}, {}, NOWHERE)


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(tmp_path: Path) -> None:
    """The first source that names a setting decides it. product.md §6"""
    file = settings_file(tmp_path, 'port = 1\norg = "from-file"\ntls-port = 9\ntls = true\n')
    found = read_settings({"port": 3, "org": None}, {"VERSELET_PORT": "2", "VERSELET_ORG": "from-variable"}, file)
    assert (3, "from-variable", 9, True) == (found.port, found.org, found.tls_port, found.tls)


def test_lists_in_variables_are_separated_by_commas() -> None:
    """A repeatable flag is one variable."""
    assert ("demo", "own.json") == read_settings({}, {"VERSELET_SEED": "demo, own.json"}, NOWHERE).seed


def test_a_yes_no_variable_is_read_as_one() -> None:
    """`VERSELET_TLS=1` is the flag `--tls`."""
    assert (True, False) == tuple(read_settings({}, {"VERSELET_TLS": text}, NOWHERE).tls for text in ("1", "false"))


def test_a_path_may_begin_with_the_home_folder() -> None:
    """In a file no shell expands the tilde."""
    found = read_settings({}, {"VERSELET_DATA": "~/org"}, NOWHERE).data
    assert Path.home() / "org" == found


@pytest.mark.parametrize(
    ("flags", "environment", "text", "code"),
    [
        ({}, {}, "prot = 1", "VS1001"),
        ({}, {"VERSELET_PROT": "1"}, "", "VS1001"),
        ({}, {"VERSELET_PORT": "many"}, "", "VS1002"),
        ({}, {}, 'port = "8765"', "VS1002"),
        ({"port": 70000}, {}, "", "VS1002"),
        ({"data": Path("a"), "database": "sqlite:///b"}, {}, "", "VS1003"),
        ({"tls": True, "tls_cert": Path("a")}, {}, "", "VS1003"),
        ({"tls_name": ("a",)}, {}, "", "VS1003"),
        ({"cors_origin": ("*",)}, {}, "", "VS1014"),
        ({}, {"VERSELET_CORS_ORIGIN": "https://app.example,app.example"}, "", "VS1014"),
        ({"cors_origin": ("https://app.example/path",)}, {}, "", "VS1014"),
        ({"tls_port": 1}, {}, "", "VS1003"),
        ({}, {}, "port = ", "VS1004"),
        ({"workers": 2}, {}, "", "VS1011"),
        ({"workers": 2, "database": "sqlite:///:memory:"}, {}, "", "VS1011"),
        ({"workers": 0}, {}, "", "VS1011"),
        ({"auth": "oidc"}, {}, "", "VS1015"),
        ({"auth": "oidc", "oidc_issuer": "http://login.example"}, {}, "", "VS1015"),
        ({"auth": "oidc", "oidc_issuer": "login.example"}, {}, "", "VS1015"),
        ({"oidc_issuer": "https://login.example"}, {}, "", "VS1003"),
        ({"auth": "token-issuer", "oidc_audience": ("a",)}, {}, "", "VS1003"),
        ({"database": "mysql://somewhere"}, {}, "", "VS1013"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_exit_code_2(
    tmp_path: Path, flags: dict[str, object], environment: dict[str, str], text: str, code: str
) -> None:
    """Unknown names, wrong kinds and contradictions are wrong usage. product.md §6"""
    with pytest.raises(WrongUsage) as refused:
        read_settings(flags, environment, settings_file(tmp_path, text))
    assert (code, 2) == (refused.value.code, refused.value.exit_code)
    assert all((refused.value.what, refused.value.why, refused.value.do))


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ({"host": "0.0.0.0"}, "VS1012"),
        ({"host": "example.org"}, "VS1012"),
        ({"host": "::"}, "VS1012"),
    ],
)
def test_what_is_not_safe_or_not_there_is_refused_with_exit_code_4(flags: dict[str, object], code: str) -> None:
    """Developer tokens are for loopback only. contract.md §2, §3"""
    with pytest.raises(RefusedByPolicy) as refused:
        read_settings(flags, {}, NOWHERE)
    assert (code, 4) == (refused.value.code, refused.value.exit_code)


@pytest.mark.parametrize(
    "flags",
    [
        {"auth": "token-issuer"},
        {"auth": "oidc", "oidc_issuer": "https://login.example/tenant/v2.0"},
        {"auth": "oidc", "oidc_issuer": "http://localhost:8080/realms/one"},
    ],
)
def test_where_callers_prove_who_they_are_other_machines_may_call(flags: dict[str, object]) -> None:
    """Any host is allowed unless tokens are no secret. contract.md §2"""
    assert "0.0.0.0" == read_settings({**flags, "host": "0.0.0.0"}, {}, NOWHERE).host


def test_a_refusal_names_the_source_of_the_value() -> None:
    """Who set it wrong must be able to find it."""
    with pytest.raises(OperatorError) as refused:
        read_settings({}, {"VERSELET_TLS_PORT": "x"}, NOWHERE)
    assert "VERSELET_TLS_PORT is 'x'" == refused.value.what


def test_foreign_variables_with_our_prefix_are_left_alone() -> None:
    """A test suite may keep its own VERSELET_URL."""
    assert Settings() == read_settings({}, {"VERSELET_URL": "http://x", "VERSELET_DEBUG": "1"}, NOWHERE)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    """Names other than localhost are never taken on trust."""
    assert expected == is_loopback(host)


def test_tracebacks_are_shown_on_request_only() -> None:
    """VERSELET_DEBUG=1 is for those who report a bug."""
    assert [False, False, True] == [
        wants_traceback(found) for found in ({}, {"VERSELET_DEBUG": "0"}, {"VERSELET_DEBUG": "1"})
    ]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), 1e9])
def test_a_statement_timeout_is_a_number_of_seconds(seconds: float) -> None:
    """0 is none; what no clock can count is refused. [LM-4]"""
    with pytest.raises(WrongUsage):
        read_settings({"statement_timeout": seconds}, {}, NOWHERE)


def test_statements_may_run_two_minutes() -> None:
    """The time the service gives a request. [LM-4]"""
    assert 120.0 == read_settings({}, {}, NOWHERE).statement_timeout
