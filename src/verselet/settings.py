"""Decide the settings: flags over environment over verselet.toml over defaults.

In:        the flags of the command, the process's environment, a settings file
Out:       `Settings`, checked as a whole
Not here:  the commands' options (cli), what a setting does (server, auth)
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from verselet.errors import RefusedByPolicy, WrongUsage

AuthMode: TypeAlias = Literal["dev", "token-issuer", "oidc"]
SETTINGS_FILE = "verselet.toml"
FILE_NAME = "verselet.db"
"""The database in a data directory."""

PREFIX = "VERSELET_"
MAX_TIMEOUT_S = 1_000_000
MAX_WORKERS = 64
IN_MEMORY = frozenset({"sqlite://", "sqlite:///:memory:"})
LISTS = frozenset({"seed", "tls_name", "cors_origin", "oidc_audience"})
"""Settings that take several values, separated by commas in the environment."""

LIMITS = (
    "throttle_requests", "throttle_execution", "throttle_at_once", "throttle_window",
    "max_connections", "client_timeout",
)  # fmt: skip
"""Settings that are numbers from 1."""

ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:/")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*/?\Z")
"""An address of object storage: without credentials and questions, and leading nowhere else."""

STORAGE = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
)  # fmt: skip
"""Variables of the environment that programs of object storage know."""

ORIGIN = re.compile(r"https?://[^/\s?#*@]+\Z")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the outside of one server is. contract.md §2

    `statement_timeout` is in seconds, 0 for none; `client_timeout` is, too. `max_connections` is per address.
    The limits of `throttle` are per user; `throttle_execution` and `throttle_window` are in seconds. [LIM-1] to [LIM-3]
    `port` 0 picks a free one. `tls_port` None means the port after `port`. `data` and `database` None mean: in memory.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    data: Path | None = None
    database: str | None = None
    workers: int = 1
    seed: tuple[str, ...] = ()
    auth: AuthMode = "dev"
    oidc_issuer: str | None = None
    oidc_audience: tuple[str, ...] = ()
    tls: bool = False
    tls_port: int | None = None
    tls_name: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    cors_origin: tuple[str, ...] = ()
    plugins: Path | None = None
    lake: str | None = None
    org: str | None = None
    log_requests: bool = False
    statement_timeout: float = 120.0
    throttle: bool = False
    throttle_requests: int = 6_000
    throttle_execution: float = 1_200.0
    throttle_at_once: int = 52
    throttle_window: int = 300
    max_connections: int = 2_000
    client_timeout: float = 20.0

    @property
    def is_durable(self) -> bool:
        """Rows outlive the process."""
        return self.data is not None or self.database is not None


def read_settings(
    flags: Mapping[str, object], environment: Mapping[str, str] | None = None, file: Path | None = None
) -> Settings:
    """Decide every setting by the first source that names it.

    Args:
        flags: setting name → value as the command line gave it; absent, None or empty means "not given".
        environment: the process's own unless given; names start with `VERSELET_`, lists are comma-separated.
        file: `verselet.toml` of the working directory unless given; it may be missing.

    Raises:
        WrongUsage: an unknown name, a value of the wrong kind, settings that contradict each other.
        RefusedByPolicy: settings that would not be safe.
    """
    decided: dict[str, Any] = {}
    decided.update(_from_file(file if file is not None else Path(SETTINGS_FILE)))
    decided.update(_from_environment(os.environ if environment is None else environment))
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    decided.update(_converted(given, "--{}", strict=True))
    settings = Settings(**decided)
    _check(settings)
    return settings


def database_file(url: str | None, directory: Path | None) -> Path | None:
    """The file the rows are in; None where they are in memory, or not in SQLite."""
    if directory is not None:
        return directory / FILE_NAME
    if url is None or not url.startswith("sqlite:///") or is_in_memory(url, directory):
        return None
    return Path(url.removeprefix("sqlite:///"))


def is_in_memory(url: str | None, directory: Path | None) -> bool:
    """The rows go with the process."""
    return directory is None and (url is None or url in IN_MEMORY)


def wants_traceback(environment: Mapping[str, str] | None = None) -> bool:
    """`VERSELET_DEBUG=1`: show where a bug happened."""
    return (os.environ if environment is None else environment).get("VERSELET_DEBUG", "") not in ("", "0")


def storage_options(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What object storage is opened with. They are no settings: nothing that prints settings may know them."""
    found = os.environ if environment is None else environment
    return {name: found[name] for name in STORAGE if found.get(name)}


def _from_file(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage("VS1004", f"{file} cannot be read", str(error), "make it readable, or move it away") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUsage("VS1004", f"{file} is not valid TOML", str(error), "correct that place") from error
    renamed = {name.replace("-", "_"): value for name, value in found.items()}
    for name in renamed:
        if name not in Settings.__struct_fields__:
            raise WrongUsage("VS1001", f"{file} sets '{name}'", _no_such_setting(name), "correct or remove that line")
    return _converted(renamed, f"{{}} in {file}", strict=True)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, object] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not text:
            continue
        if name in Settings.__struct_fields__:
            found[name] = _split(text) if name in LISTS else text
        elif difflib.get_close_matches(name, Settings.__struct_fields__, cutoff=0.75):
            # Other tools may own variables with this prefix; a misspelt setting must not pass in silence.
            raise WrongUsage("VS1001", f"the environment sets {variable}", _no_such_setting(name), f"unset {variable}")
    return _converted(found, "VERSELET_{}", strict=False)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _no_such_setting(name: str) -> str:
    near = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
    return f"no setting has this name; did you mean '{near[0]}'?" if near else "no setting has this name"


def _converted(found: Mapping[str, object], place: str, *, strict: bool) -> dict[str, Any]:
    """Each value in the type of its setting; `place` names the source in a refusal."""
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    converted: dict[str, Any] = {}
    for name, value in found.items():
        try:
            converted[name] = msgspec.convert(value, types[name], strict=strict, dec_hook=_path)
        except msgspec.ValidationError as error:
            spelled = _spelled(name, place)
            raise WrongUsage("VS1002", f"{spelled} is {value!r}", str(error).lower(), f"correct {spelled}") from error
    return converted


def _spelled(name: str, place: str) -> str:
    if place.startswith("--"):
        return place.format(name.replace("_", "-"))
    return place.format(name.upper() if place.startswith(PREFIX) else name)


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise NotImplementedError(kind)


def is_loopback(host: str) -> bool:
    """Only this machine can reach that address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(settings: Settings) -> None:
    _check_safety(settings)
    _check_store(settings)
    _check_lake(settings)
    _check_tls(settings)
    _check_limits(settings)
    if not 0 <= settings.statement_timeout <= MAX_TIMEOUT_S:
        raise WrongUsage(
            "VS1002",
            f"--statement-timeout is {settings.statement_timeout:g}",
            f"it is a number of seconds from 0, for none, to {MAX_TIMEOUT_S}",
            "correct --statement-timeout",
        )
    _check_workers(settings)


def _check_workers(settings: Settings) -> None:
    if not 1 <= settings.workers <= MAX_WORKERS:
        raise WrongUsage(
            "VS1011",
            f"--workers is {settings.workers}",
            f"it is a number of processes from 1 to {MAX_WORKERS}",
            "correct --workers",
        )
    if settings.workers > 1 and (not settings.is_durable or settings.database in IN_MEMORY):
        raise WrongUsage(
            "VS1011",
            f"--workers {settings.workers} needs rows that several processes can reach",
            "an organization in memory lives in one process",
            "add --data DIR or --database URL, or leave --workers away",
        )
    if settings.workers > 1 and os.name == "nt":
        raise WrongUsage(
            "VS1011",
            f"--workers {settings.workers} is not supported on Windows",
            "its processes cannot take turns at one file and one address",
            "leave --workers away",
        )


def _check_limits(settings: Settings) -> None:
    for name in LIMITS:
        value, spelled = getattr(settings, name), f"--{name.replace('_', '-')}"
        if not 1 <= value <= MAX_TIMEOUT_S:
            raise WrongUsage(
                "VS1002", f"{spelled} is {value:g}", f"it is a number from 1 to {MAX_TIMEOUT_S}", f"correct {spelled}"
            )


def _check_safety(settings: Settings) -> None:
    _check_issuer(settings)
    if settings.auth == "dev" and not is_loopback(settings.host):
        raise RefusedByPolicy(
            "VS1012",
            f"--host {settings.host} would be reachable from other machines",
            "developer tokens are no secret: whoever reaches the server would be its administrator",
            "use --host 127.0.0.1, or --auth token-issuer",
        )
    for origin in settings.cors_origin:
        if not ORIGIN.match(origin):
            raise WrongUsage(
                "VS1014",
                f"--cors-origin is {origin!r}",
                "pages are let in by their exact origin, never by a wildcard",
                "write a scheme, a name and perhaps a port: https://app.example:8443",
            )


def _check_issuer(settings: Settings) -> None:
    if settings.auth != "oidc":
        if settings.oidc_issuer is not None or settings.oidc_audience:
            raise WrongUsage(
                "VS1003",
                "a foreign issuer is described but not used",
                f"--auth is {settings.auth}",
                "add --auth oidc, or leave --oidc-issuer and --oidc-audience away",
            )
        return
    issuer = settings.oidc_issuer or ""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise WrongUsage(
            "VS1015",
            f"--oidc-issuer is {issuer!r}" if issuer else "--auth oidc needs --oidc-issuer",
            "tokens are checked with the keys that their issuer publishes over https",
            "give the issuer exactly as its tokens name it, for example --oidc-issuer https://login.example/tenant/v2.0",
        )


def _check_lake(settings: Settings) -> None:
    """The lake is a folder, or in storage that speaks S3. What is refused may hold a password: it is not repeated."""
    given = settings.lake or ""
    if ADDRESS.match(given) and not BUCKET.match(given):
        raise WrongUsage(
            "VS1064",
            f"--lake is an address that begins with {given.partition(':')[0]}: and cannot be a lake",
            "retained rows are kept in a folder or in storage that speaks S3, whose address has no credentials in it",
            "name a folder, or s3://BUCKET/PREFIX and the credentials in the environment",
        )


def _check_store(settings: Settings) -> None:
    if settings.data is not None and settings.database is not None:
        raise WrongUsage(
            "VS1003", "--data and --database are both set", "an organization has one store", "keep one of them"
        )
    schemes = ("sqlite:///", "postgresql://", "postgres://")
    if settings.database is not None and not settings.database.startswith(schemes):
        raise WrongUsage(
            "VS1013",
            "--database is no address of a known kind",
            "it must start with sqlite:/// or postgresql://",
            "for example --database postgresql://localhost/verselet",
        )


def _check_tls(settings: Settings) -> None:
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise WrongUsage(
            "VS1003", "only one of --tls-cert and --tls-key is set", "a certificate needs its key", "set both, or none"
        )
    for_tls = (settings.tls_cert, settings.tls_port, settings.tls_name or None)
    if not settings.tls and any(value is not None for value in for_tls):
        raise WrongUsage("VS1003", "TLS is described but not switched on", "--tls is missing", "add --tls")
    for name, port in (("--port", settings.port), ("--tls-port", settings.tls_port or 0)):
        if not 0 <= port <= 65535:
            raise WrongUsage("VS1002", f"{name} is {port}", "a port is a number from 0 to 65535", f"correct {name}")
