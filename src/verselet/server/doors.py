"""Open the addresses of a server, before anybody answers there.

In:        settings
Out:       `Doors`, `open_doors`
Not here:  sockets (server.listen), certificates (auth.tls), who answers (server.run)
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TypeAlias

import msgspec

from verselet.clock import Clock
from verselet.server.listen import Endpoint, tls_context
from verselet.settings import Settings


class Door(msgspec.Struct, frozen=True):
    """An address, the files of its certificate and key, and the file clients must trust."""

    endpoint: Endpoint
    certificate: tuple[Path, Path] | None = None
    authority: Path | None = None


Doors: TypeAlias = tuple[Door, ...]


def open_doors(settings: Settings, cleanup: contextlib.ExitStack) -> Doors:
    """The addresses to answer at, plain and if wanted encrypted; nobody answers yet.

    Raises:
        OperatorError: an address or a certificate that cannot be used.
    """
    plain = _open_endpoint(settings.host, settings.port, cleanup)
    if not settings.tls:
        return (Door(plain),)
    encrypted = _open_endpoint(settings.host, _tls_port(settings, plain.port), cleanup)
    return (Door(plain), _encrypted(encrypted, settings, cleanup))


def _open_endpoint(host: str, port: int, cleanup: contextlib.ExitStack) -> Endpoint:
    endpoint = Endpoint(host, port)
    cleanup.callback(endpoint.close)
    return endpoint


def _tls_port(settings: Settings, plain_port: int) -> int:
    """The port after the plain one; where that one was picked by chance, its neighbour may be taken: pick again."""
    if settings.tls_port is not None:
        return settings.tls_port
    return plain_port + 1 if settings.port else 0


def _encrypted(endpoint: Endpoint, settings: Settings, cleanup: contextlib.ExitStack) -> Door:
    if settings.tls_cert is not None and settings.tls_key is not None:
        tls_context(settings.tls_cert, settings.tls_key)  # Refused now rather than after everything was loaded.
        return Door(endpoint, (settings.tls_cert, settings.tls_key))
    from verselet.auth.tls import provide_certificate

    provided = provide_certificate(_certificate_folder(settings, cleanup), settings.tls_name, Clock().now())
    return Door(endpoint, (provided.certificate, provided.key), provided.authority)


def _certificate_folder(settings: Settings, cleanup: contextlib.ExitStack) -> Path:
    """Beside the data; without a place of our own on disk, a folder that goes when the server goes."""
    if settings.data is not None:
        return settings.data / "tls"
    folder = Path(tempfile.mkdtemp(prefix="verselet-tls-"))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
