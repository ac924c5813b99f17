"""Generators of typed clients, unchanged, on our `$metadata`: what they write compiles and works. [OC-10], [OC-11]"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
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


@pytest.fixture
def announcing(client_server: Running) -> Iterator[Running]:
    """The server with a message of its own: an action with a text, which answers with one. [FN-28]"""
    name, authority = "new_Announce", {"Authorization": f"Bearer {TOKEN}"}
    members = [{"uniquename": member, "name": member, "type": 10} for member in ("Word", "Heard")]
    body = {
        "uniquename": name,
        "name": name,
        "displayname": name,
        "description": "Tells a word to whoever waits for it.",
        "CustomAPIRequestParameters": members[:1],
        "CustomAPIResponseProperties": members[1:],
    }
    with httpx.Client(base_url=f"{client_server.plain_url}/api/data/v9.2/", headers=authority) as client:
        made = client.post("customapis", json=body)
        assert 204 == made.status_code, made.text
        yield client_server
        client.delete(made.headers["OData-EntityId"]).raise_for_status()


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


def test_dataverse_gen_writes_types_for_dataverse_ify(announcing: Running, project: Path) -> None:
    """Tables, activities and choices; a row, a row bound to it, a function and a message of one's own through them.

    [OC-10], [OC-11], [FN-28]
    """
    tables = ("account", "contact", "systemuser", "task", "email", "msevtmgt_event", "msdyn_ocsession")

    ran(announcing, project, str(HERE / "early_bound.js"), *tables)

    assert {
        "name": "A registrant",
        "state": 0,
        "subject": "call back",
        "regarding": "contact",
        "isThatContact": True,
        "knowsMe": True,
        "announced": True,
    } == compiled_and_run(announcing, project, "typed_rows")


def test_odata2ts_writes_a_typed_service(announcing: Running, project: Path) -> None:
    """Of the tables that are left in the document; a row is made and found, a function is called, and an action.

    [OC-30], [OC-31], [FN-28]
    """
    metadata = httpx.get(
        f"{announcing.plain_url}/api/data/v9.2/$metadata", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    document = cut_metadata(metadata.text, {"account", "contact", "systemuser", "msevtmgt_event"})
    (project / "metadata.xml").write_text(document, encoding="utf-8")
    options = ("--source", "metadata.xml", "--output", "generated", "--mode", "service", "--emit-mode", "ts")

    ran(announcing, project, "node_modules/@odata2ts/odata2ts/lib/run-cli.js", *options)

    assert {"name": "generated", "revenue": 12.5, "knowsMe": True, "announced": 204} == compiled_and_run(
        announcing, project, "typed_service"
    )
