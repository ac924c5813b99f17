"""Where a post may go: however an address is spelled, what counts is where it leads."""

from __future__ import annotations

import socket

import pytest

from verselet.outgoing.addresses import Found, NoDestination, destination_of, is_public


def leading_to(*addresses: str) -> list[Found]:
    """What a look-up finds."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    return [(int(family), (address, 443)) for family, address in zip(families, addresses, strict=True)]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.9.10", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_neighbours_are_not_public(address: str) -> None:
    """Also those of IPv6 that are another spelling of one of IPv4. [EVT-46]"""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "100.63.255.255", "172.32.0.1", "192.0.3.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_the_others_are(address: str) -> None:
    """The first and the last beside a closed network too. [EVT-46]"""
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]",
     "１２７.０.０.１", "127。0。0。1", "0"],
)  # fmt: skip
def test_no_spelling_of_this_machine_passes(host: str) -> None:
    """Numbers of any base, wide digits, other full stops: it is looked up first, as the machine does it. [EVT-46]"""
    with pytest.raises(NoDestination):
        destination_of(f"http://{host}/hook", allows_private=False)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://hook.test/", "no address of HTTP"),
        ("file:///etc/passwd", "no address of HTTP"),
        ("//hook.test/", "no address of HTTP"),
        ("http:///hook", "no address of HTTP"),
        ("http://[::1", "no address of HTTP"),
        ("http://user@hook.test/", "before its host"),
        ("http://user:secret@hook.test/", "before its host"),
        ("http://hook.test:0/", "port 0"),
        ("http://hook.test:65536/", "no port"),
        ("http://hook.test:http/", "no port"),
        ("http://hook.test:22/", "another protocol"),
        ("https://hook.test:25/", "another protocol"),
        ("http://" + "ä" * 64 + ".test/", "no name of a machine"),
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str, says: str) -> None:
    """Before anything is looked up. [EVT-40]"""

    def look_up(_host: str, _port: int) -> list[Found]:
        raise AssertionError("nothing should be looked up")

    with pytest.raises(NoDestination, match=says):
        destination_of(url, allows_private=False, look_up=look_up)


@pytest.mark.parametrize("url", ["http://no\0where.test/", "http://" + "a" * 64 + ".test/"])
def test_what_cannot_be_looked_up_is_refused(url: str) -> None:
    """It is no fault of the server. [EVT-46]"""
    with pytest.raises(NoDestination, match="not known"):
        destination_of(url, allows_private=False)


def test_one_inner_address_beside_others_is_enough() -> None:
    """A name that leads to both is no accident. [EVT-46]"""
    found = leading_to("1.1.1.1", "10.0.0.1")
    with pytest.raises(NoDestination, match=r"10\.0\.0\.1"):
        destination_of("https://hook.test/", allows_private=False, look_up=lambda _host, _port: found)


def test_a_destination_is_what_was_looked_up() -> None:
    """The name as certificates have it, and every address. [EVT-46]"""
    asked: list[tuple[str, int]] = []
    found = leading_to("1.1.1.1", "2606:4700::1111")

    def look_up(host: str, port: int) -> list[Found]:
        asked.append((host, port))
        return found

    there = destination_of("https://Bücher.test/a/b?c=d#e", allows_private=False, look_up=look_up)
    assert [("xn--bcher-kva.test", 443)] == asked
    assert ("xn--bcher-kva.test", 443, True, "/a/b", "c=d", tuple(found)) == (
        there.host, there.port, there.is_secure, there.path, there.query, there.addresses,
    )  # fmt: skip


def test_where_everybody_is_an_administrator_anything_may_be_posted_to() -> None:
    """Also this machine, at any port. [EVT-46]"""
    there = destination_of("http://127.0.0.1:22/", allows_private=True)
    assert ("127.0.0.1", 22) == (there.host, there.port)
