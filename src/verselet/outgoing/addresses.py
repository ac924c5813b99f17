"""Say where a post may go.

In:        the address of a web hook
Out:       `Destination`: the host, the port, and the addresses of the machine that were looked up and checked
Not here:  connecting to it (outgoing.connection)

Whoever registers a web hook has this server send requests, and the server stands where others do not: beside a
database, or a machine's own data about itself. So a post goes to public addresses only, unless it may go anywhere. What
counts is the address that the name leads to, however it is spelled: as a name, or as a number of any base.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import msgspec

Found: TypeAlias = tuple[int, tuple[Any, ...]]
"""The family of an address, and the address as sockets of that family take it."""

LookUp: TypeAlias = Callable[[str, int], list[Found]]

PORTS: Final = {"http": 80, "https": 443}

LOWEST_FREE_PORT: Final = 1024
"""Below it stand services of other protocols; of those only the two of HTTP are posted to."""

PUBLIC: Final = IPv6Network("2000::/3")
"""Everything else of IPv6 is of a machine, of a network, or not given to anybody."""

WITH_IPV4: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""Addresses whose last 32 bits are one of IPv4: another spelling of it, and a way to it."""

CLOSED: Final = tuple(
    [
        ipaddress.ip_network(text)
        for text in (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            # What machines of one cloud are told about themselves and by whom: a public address in name only.
            "168.63.129.16/32",
            # Tunnels to addresses of IPv4, examples, and what is for protocols.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        )
    ]
)  # fmt: skip
"""Networks that lead to this machine, to its neighbours, to many at once or to nobody. (RFC 6890 and its registry)"""


class NoDestination(ValueError):
    """A post may not go there, or cannot; says why."""


class Destination(msgspec.Struct, frozen=True):
    """Where a post goes: under which name, and to which addresses, the first that answers."""

    host: str
    port: int
    is_secure: bool
    path: str
    query: str
    addresses: tuple[Found, ...]


def look_up(host: str, port: int) -> list[Found]:
    """All addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(int(family), tuple(address)) for family, _, _, _, address in found]


def destination_of(url: str, *, allows_private: bool, look_up: LookUp = look_up) -> Destination:
    """Check the address of a web hook.

    Raises:
        NoDestination: it is no address, or one that a post may not go to.
    """
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    if not allows_private and port < LOWEST_FREE_PORT and port not in PORTS.values():
        raise NoDestination(f"port {port} is that of another protocol")
    try:
        addresses = look_up(host, port)
    except (OSError, ValueError) as error:
        raise NoDestination(f"the name '{host[:200]}' is not known") from error
    for _, address in addresses:
        # One that leads inside beside others that do not is no accident.
        if not allows_private and not is_public(str(address[0])):
            raise NoDestination(f"{address[0]} is an address of this machine or of a private network")
    if not addresses:
        raise NoDestination("the name has no address")
    return Destination(host, port, parts.scheme == "https", parts.path or "/", parts.query, tuple(addresses))


def is_public(text: str) -> bool:
    """The address is one of anybody on the internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if any(address in network for network in WITH_IPV4):
            return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
        if address not in PUBLIC:
            return False
    return not any(_holds(network, address) for network in CLOSED)


def _holds(network: IPv4Network | IPv6Network, address: IPv4Address | IPv6Address) -> bool:
    return network.version == address.version and address in network


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NoDestination(f"'{url[:200]}' is no address of HTTP: {error}") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise NoDestination(f"'{url[:200]}' is no address of HTTP")
    if parts.username is not None or parts.password is not None:
        raise NoDestination("the address holds a name or a password before its host")
    return parts


def _host(parts: SplitResult) -> str:
    """The name in ASCII, as it is looked up, as certificates have it and as the receiver is told it."""
    host = parts.hostname or ""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NoDestination(f"'{host[:200]}' is no name of a machine") from error


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise NoDestination(f"the address has no port that there is: {error}") from error
    if port == 0:
        raise NoDestination("there is no port 0")
    return PORTS[parts.scheme] if port is None else port
