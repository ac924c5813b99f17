"""Generators of typed clients, unchanged, on our `$metadata`: what they write compiles and works. [OC-10], [OC-11]"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx
import pytest

from tests.clients.generators.cut import cut_metadata
from tests.clients.javascript import LIBRARIES, must_be_installed, run_node
from tests.clients.manual import Running
from tests.clients.python_sdk.connection import TOKEN

HERE = Path(__file__).parent
STRICT = {
    "compilerOptions": {
        "target": "ES2022",
        "lib": ["ES2022", "DOM"],
        "module": "commonjs",
        "moduleResolution": "node",
        "strict": True,
        "esModuleInterop": True,
        "skipLibCheck": True,
        "types": [],
        "outDir": "compiled",
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty TypeScript project that finds the libraries."""
    must_be_installed("typescript", "@odata2ts/odata2ts", "dataverse-gen")
    (tmp_path / "node_modules").symlink_to(LIBRARIES, target_is_directory=True)
    (tmp_path / "generated").mkdir()
    (tmp_path / "tsconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    return tmp_path


def ran(server: Running, project: Path, *arguments: str) -> str:
    """What Node printed, which must have ended well."""
    done = run_node(server, *arguments, folder=project)
    assert 0 == done.returncode, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def compiled_and_run(server: Running, project: Path, program: str) -> dict[str, object]:
    """What a program of this folder says after it was compiled with what was generated."""
    shutil.copy(HERE / f"{program}.ts", project)
    ran(server, project, "node_modules/typescript/bin/tsc", "-p", ".")
    said: dict[str, object] = json.loads(ran(server, project, f"compiled/{program}.js"))
    return said


def test_dataverse_gen_writes_types_for_dataverse_ify(client_server: Running, project: Path) -> None:
    """Tables, activities and choices; a row, a row bound to it and a function through them. [OC-10], [OC-11]"""
    tables = ("account", "contact", "systemuser", "task", "email", "msevtmgt_event", "msdyn_ocsession")

    ran(client_server, project, str(HERE / "early_bound.js"), *tables)

    assert {
        "name": "A registrant",
        "state": 0,
        "subject": "call back",
        "regarding": "contact",
        "isThatContact": True,
        "knowsMe": True,
    } == compiled_and_run(client_server, project, "typed_rows")


def test_odata2ts_writes_a_typed_service(client_server: Running, project: Path) -> None:
    """Of the tables that are left in the document; a row is made and found, a function is called. [OC-30], [OC-31]"""
    metadata = httpx.get(
        f"{client_server.plain_url}/api/data/v9.2/$metadata", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    document = cut_metadata(metadata.text, {"account", "contact", "systemuser", "msevtmgt_event"})
    (project / "metadata.xml").write_text(document, encoding="utf-8")
    options = ("--source", "metadata.xml", "--output", "generated", "--mode", "service", "--emit-mode", "ts")

    ran(client_server, project, "node_modules/@odata2ts/odata2ts/lib/run-cli.js", *options)

    assert {"name": "generated", "revenue": 12.5, "knowsMe": True} == compiled_and_run(
        client_server, project, "typed_service"
    )
