"""Posts over HTTP: to the checked address, once, for so long and not longer."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from verselet.outgoing import HttpPoster
from verselet.outgoing.addresses import Found
from verselet.outgoing.connection import MOST_ANSWERED
from verselet.pipeline.posts import Delivery, Post
from verselet.pipeline.registry import WebHook

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Receiver:
    """Answers each connection with the same bytes, or with what a function does to it; keeps what it was sent."""

    def __init__(self, answer: bytes | Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.sent: list[bytes] = []
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def look_up(self, _host: str, _port: int) -> list[Found]:
        """Leads any name here."""
        return [(int(socket.AF_INET), ("127.0.0.1", self.port))]

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            with connected:
                self.sent.append(_request(connected))
                if isinstance(self._answer, bytes):
                    connected.sendall(self._answer)
                else:
                    self._answer(connected)


def _request(connected: socket.socket) -> bytes:
    taken = b""
    while not taken.endswith(b"{}"):
        taken += connected.recv(65_536)
    return taken


@pytest.fixture
def receiving() -> Iterator[Callable[[bytes | Callable[[socket.socket], None]], Receiver]]:
    """Makes receivers that go with the test."""
    made: list[Receiver] = []

    def make(answer: bytes | Callable[[socket.socket], None]) -> Receiver:
        made.append(Receiver(answer))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


def post_to(url: str, *headers: tuple[str, str], query: tuple[tuple[str, str], ...] = ()) -> Post:
    """A post of an event."""
    return Post(
        hook=WebHook(url, headers, query), body=b"{}", organization="dev", table="account", message="Create",
        correlation_id="c-1",
    )  # fmt: skip


Making = Callable[[bytes | Callable[[socket.socket], None]], Receiver]


def test_a_post_says_what_happened(receiving: Making) -> None:
    """In its headers and under the name of the receiver. [EVT-40], [EVT-42]"""
    receiver = receiving(OK)
    poster = HttpPoster(allows_private=True, look_up=receiver.look_up)
    post = post_to("http://hook.test:8080/a?b=c", ("x-key", "k"), query=(("code", "s p"),))
    assert Delivery(200) == poster.post(post)
    (sent,) = receiver.sent
    head = sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert "POST /a?b=c&code=s+p HTTP/1.1" == head[0]
    assert {
        "Host: hook.test:8080", "Content-Type: application/json", "x-key: k", "x-ms-dynamics-organization: dev",
        "x-ms-dynamics-entity-name: account", "x-ms-dynamics-request-name: Create",
        "x-ms-correlation-request-id: c-1", "Content-Length: 2",
    } <= set(head)  # fmt: skip


def test_a_name_that_leads_elsewhere_the_next_time_leads_nowhere(receiving: Making) -> None:
    """It is looked up once for a post, and the connection is made to what was checked. [EVT-46]"""
    receiver, other = receiving(OK), receiving(OK)
    answers = iter([receiver.look_up("", 0), other.look_up("", 0)])
    poster = HttpPoster(allows_private=True, look_up=lambda _host, _port: next(answers))
    assert poster.post(post_to("http://hook.test/")).is_taken
    assert (1, 0) == (len(receiver.sent), len(other.sent))


def test_the_second_address_is_tried_where_the_first_does_not_answer(receiving: Making) -> None:
    """A machine without a way to IPv6 finds one of IPv4 too. [EVT-46]"""
    receiver, gone = receiving(OK), receiving(OK)
    gone.close()
    found = [*gone.look_up("", 0), *receiver.look_up("", 0)]
    poster = HttpPoster(allows_private=True, look_up=lambda _host, _port: found)
    assert poster.post(post_to("http://hook.test/")).is_taken


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiving: Making, status: int) -> None:
    """Wherever it leads; the receiver did not take the post. [EVT-46]"""
    other = receiving(OK)
    to = f"HTTP/1.1 {status} Elsewhere\r\nlocation: http://127.0.0.1:{other.port}/\r\ncontent-length: 0\r\n\r\n"
    receiver = receiving(to.encode())
    delivery = HttpPoster(allows_private=True, look_up=receiver.look_up).post(post_to("http://hook.test/"))
    assert (status, False) == (delivery.status, delivery.is_taken)
    assert (1, 0) == (len(receiver.sent), len(other.sent))


def test_an_answer_that_trickles_is_cut_off(receiving: Making) -> None:
    """Each byte comes in time, the whole does not: it is the whole that counts. [EVT-46]"""
    over = threading.Event()

    def trickle(connected: socket.socket) -> None:
        for _ in range(10_000):
            if over.is_set():
                return
            try:
                connected.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            except OSError:
                return

    receiver = receiving(trickle)
    seconds = itertools.count(0.0, 10.0)
    poster = HttpPoster(allows_private=True, look_up=receiver.look_up, elapsed_s=lambda: next(seconds))
    delivery = poster.post(post_to("http://hook.test/"))
    over.set()
    assert (0, True) == (delivery.status, "TimeoutError" in delivery.reason)


def test_a_head_without_end_is_cut_off(receiving: Making) -> None:
    """However quickly it comes. [EVT-46]"""
    line = b"HTTP/1.1 100 Continue\r\n\r\n"

    def flood(connected: socket.socket) -> None:
        for _ in range(MOST_ANSWERED // len(line) + 10_000):
            try:
                connected.sendall(line)
            except OSError:
                return

    receiver = receiving(flood)
    delivery = HttpPoster(allows_private=True, look_up=receiver.look_up).post(post_to("http://hook.test/"))
    assert (0, True) == (delivery.status, "too long" in delivery.reason)


def test_the_body_of_an_answer_is_not_read(receiving: Making) -> None:
    """Only the status counts, so a body that never ends holds up nobody. [EVT-46]"""
    receiver = receiving(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\nx")
    assert Delivery(200) == HttpPoster(allows_private=True, look_up=receiver.look_up).post(post_to("http://hook.test/"))


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_does_not_speak_http_did_not_take_the_post(receiving: Making, answer: bytes) -> None:
    """And that is no fault of the server. [EVT-46]"""
    receiver = receiving(answer)
    delivery = HttpPoster(allows_private=True, look_up=receiver.look_up).post(post_to("http://hook.test/"))
    assert (0, True) == (delivery.status, "did not answer" in delivery.reason)


@pytest.mark.parametrize(
    "url", ["http://hook.test/a b", "http://ho ok.test/", "http://hook.test/\x7f", "http://hook.test/ä"]
)
def test_strange_addresses_are_refused_and_nothing_is_sent(receiving: Making, url: str) -> None:
    """What would end the line of the request or its headers does not reach the wire. [EVT-40]"""
    receiver = receiving(OK)
    delivery = HttpPoster(allows_private=True, look_up=receiver.look_up).post(post_to(url))
    assert (0, []) == (delivery.status, receiver.sent)


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "ä\u0100"])
def test_headers_that_are_none_are_refused_and_nothing_is_sent(receiving: Making, value: str) -> None:
    """A value cannot become a second header. [EVT-40]"""
    receiver = receiving(OK)
    post = post_to("http://hook.test/", ("x-key", value))
    delivery = HttpPoster(allows_private=True, look_up=receiver.look_up).post(post)
    assert (0, []) == (delivery.status, receiver.sent)


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "connection"])
def test_a_web_hook_has_no_say_in_where_a_request_ends(receiving: Making, name: str) -> None:
    """Such headers are the server's own. [EVT-40]"""
    receiver = receiving(OK)
    poster = HttpPoster(allows_private=True, look_up=receiver.look_up)
    assert poster.post(post_to("http://hook.test/", (name, "7"))).is_taken
    assert f"{name}: 7".encode() not in receiver.sent[0]


def test_an_inner_address_is_refused_and_nothing_is_sent(receiving: Making) -> None:
    """[EVT-46]"""
    receiver = receiving(OK)
    delivery = HttpPoster(allows_private=False, look_up=receiver.look_up).post(post_to("http://hook.test/"))
    assert (0, True, []) == (delivery.status, "private network" in delivery.reason, receiver.sent)
