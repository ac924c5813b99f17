"""An organization moves from one database to another, and whoever asks it notices nothing."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import apsw
import pytest

from tests.definition_bodies import BOX, column
from tests.gizmos import schema_with_gizmos
from tests.postgres import PostgresqlServer
from tests.scenarios.definitions import made, with_box
from tests.scenarios.harness import API, NOW, Answer, Api
from tests.sign_in_world import APPLICATION, FIXTURE, FORM, SCOPE, SECRET, SYNC_USER
from tests.unit.server.calls import call
from verselet.cli import run
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.jobs.claims import LEASE_S
from verselet.jobs.queue import claim_next, run_due, take_stale_back
from verselet.lake import ID, Folder, Lake
from verselet.metadata.changes.editing import with_relationships
from verselet.metadata.children import DELETED, GROUPS, child_relationship
from verselet.metadata.schema import Schema
from verselet.organization import Organization, write_builtin_rows
from verselet.seeding import seed_content
from verselet.server.run import build_application
from verselet.settings import FILE_NAME
from verselet.store.engine import open_store

Captured = pytest.CaptureFixture[str]

pytestmark = pytest.mark.postgresql

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FILE: Final = bytes(range(256)) * 20_000
"""More than one part."""

PAGES: Final = {"prefer": "odata.maxpagesize=2"}
ALL: Final = {"prefer": 'odata.include-annotations="*"'}

GIZMOS: Final[list[dict[str, object]]] = [
    {
        "new_name": "Vane 😀 Ünï",
        "new_code": "V-1",
        "new_notes": "two\nlines, \"quoted\" and 'so', \\N \t" + "long " * 100,
        "new_count": -5000,
        "new_minutes": 2**31 - 1,
        "new_ticks": 2**63 - 1,
        "new_ratio": 12.345,
        "new_share": -0.5,
        "new_size": 0.30000000000000004,
        "new_price": 19.9999,
        "new_at": "1753-01-01T00:00:00Z",
        "new_day": "9999-12-30",
        "new_ready": True,
        "new_color": 1,
        "new_tags": "1,9",
        "new_face": PNG,
    },
    {"new_name": "vane", "new_ticks": -(2**63), "new_ratio": -1000, "new_price": 900000000000.0, "new_ready": False},
    {},
]

ASKED: Final = (
    "new_gizmos",
    "new_gizmos?$select=new_name,new_price&$orderby=new_name desc,new_ticks",
    "new_gizmos?$filter=new_at lt 2000-01-01T00:00:00Z or new_ratio eq -1000&$count=true",
    "new_gizmos?$apply=aggregate(new_price with sum as total,new_ratio with average as mean)",
    "new_gizmos?$expand=new_CustomerId_account($select=name)",
    "new_boxes?$orderby=new_code",
    "accounts?$expand=contact_customer_accounts($select=fullname)",
    "annotations",
    "systemusers",
    "roles?$top=5",
    "principalobjectaccessset",
    "asyncoperations",
    "activitypointers",
    "EntityDefinitions(LogicalName='new_box')?$expand=Attributes,Keys",
    "RelationshipDefinitions",
    "$metadata",
    "WhoAmI",
)
"""What is asked of both; so much of it is of what clients keep beside the rows."""


class World:
    """What was made in the organization before it moved."""

    def __init__(self, api: Api) -> None:
        with_box(api)
        made(api, f"{BOX}/Attributes", column("String", "new_Code", MaxLength=40, AutoNumberFormat="B-{SEQNUM:5}"))
        made(api, f"{BOX}/Attributes", column("Integer", "new_Count"))
        made(api, f"{BOX}/Attributes", column("Integer", "new_Twice", SourceType=1, FormulaDefinition="new_count * 2"))
        seed_content(api.organization, json.dumps(FIXTURE).encode(), "people", lambda _done, _total, _what: None)
        self.account = api.make("accounts", name="Contour")
        for number in range(5):
            parent = f"/accounts({self.account})"
            api.make("contacts", lastname=f"{number}", parentcustomerid_account__bind=parent)
        api.make("annotations", subject="long", notetext="é" * 90_000)
        api.make("tasks", subject="of an account", regardingobjectid_account_task__bind=f"/accounts({self.account})")
        bind = {"new_CustomerId_account__bind": f"/accounts({self.account})"}
        self.gizmos = [api.make("new_gizmos", **values, **bind) for values in GIZMOS]
        self._keep_files(api)
        self.boxes = [api.make("new_boxes", new_name=name, new_count=21) for name in "ab"]
        self._delete(api)
        self._begin_job(api)
        self.etag = api.get(f"accounts({self.account})").headers["etag"]
        self.token = token_of(api)

    def _keep_files(self, api: Api) -> None:
        """A whole file, and one of which a block is there."""
        address = f"new_gizmos({self.gizmos[0]})/new_file"
        stored = api.patch(address, FILE, x_ms_file_name="ä.bin", content_type="application/octet-stream")
        assert 204 == stored.status, stored.body
        target = {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", "new_gizmoid": self.gizmos[1]}
        asked = {"Target": target, "FileAttributeName": "new_file", "FileName": "later.txt"}
        self.upload = api.post("InitializeFileBlocksUpload", asked).json["FileContinuationToken"]
        block = {"BlockId": "YQ==", "BlockData": b64encode(b"begun").decode(), "FileContinuationToken": self.upload}
        assert 204 == api.post("UploadBlock", block).status

    def _delete(self, api: Api) -> None:
        """A row that is in the bin, and one that is told to those who follow its table."""
        for name in ("organization", "new_gizmo"):
            api.make("recyclebinconfigs", name=name)
        self.before = api.read(f"new_gizmos({self.gizmos[0]})")
        self.binned = self.gizmos[0]
        self.delta = relative(api.get("contacts?$select=lastname", prefer="odata.track-changes"), "deltaLink")
        contacts = api.get("contacts?$orderby=lastname").json["value"]
        assert 204 == api.delete(f"contacts({contacts[0]['contactid']})").status
        assert 204 == api.patch(f"contacts({contacts[1]['contactid']})", {"lastname": "changed"}).status
        self.page = relative(api.get("contacts?$orderby=lastname", **PAGES), "nextLink")
        self.picture = api.get(f"new_gizmos({self.binned})/new_face/$value?size=full").body
        assert 204 == api.delete(f"new_gizmos({self.binned})").status

    def _begin_job(self, api: Api) -> None:
        """A deletion of rows that some server was about to do."""
        api.make("new_parts", new_name="a")
        asked = {"QuerySet": [{"EntityName": "new_part"}], "JobName": "Tidy", "RecurrencePattern": ""}
        quiet = {"SendEmailNotification": False, "ToRecipients": [], "CCRecipients": []}
        answer = api.post("BulkDelete", {**asked, **quiet})
        assert 200 == answer.status, answer.body
        self.job = answer.json["JobId"]
        assert 1 == len(claim_next(api.organization)[0])


def relative(answer: Answer, name: str) -> str:
    """An address that an answer gave, relative to the API's."""
    assert 200 == answer.status, answer.body
    return str(answer.json[f"@odata.{name}"]).removeprefix(API)


def token_of(api: Api) -> str:
    """What the application gets for its secret."""
    form = {"grant_type": "client_credentials", "client_id": APPLICATION, "client_secret": SECRET, "scope": SCOPE}
    application = build_application(api.organization)
    answer = call(application, "POST", "/common/oauth2/v2.0/token", headers=FORM, body=urlencode(form).encode())
    assert 200 == answer.status, answer.body
    return str(answer.json["access_token"])


@contextmanager
def opened(url: str, seed: int) -> Iterator[Api]:
    """The Web API of the organization there; its ids are others with another seed."""
    store = open_store(url)
    schema = store.prepare_schema(_schema())
    clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
    organization = Organization("dev", schema, store, clock=clock, ids=Ids(seed))
    write_builtin_rows(organization)
    with Api(organization) as api:
        yield api


@lru_cache(maxsize=1)
def _schema() -> Schema:
    """Gizmos, which have a column of each type, and may be in the bin."""
    plain = schema_with_gizmos()
    told = [child_relationship(GROUPS[DELETED][0], plain.tables[name]) for name in ("new_gizmo", "new_part")]
    return with_relationships(plain, told)


class Moved:
    """The places of the organization: a file, PostgreSQL, and a file again."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folders = (folder / "org", folder / "back")
        for one in self.folders:
            assert not one.exists()
        self.folders[0].mkdir()
        file, back = (f"sqlite:///{one / FILE_NAME}" for one in self.folders)
        self.urls = {"file": file, "PostgreSQL": url, "file again": back}
        with opened(file, 7) as api:
            self.world = World(api)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresqlServer) -> Iterator[Moved]:
    """One organization in three places; tests may only ask."""
    url = postgresql.fresh()
    found = Moved(tmp_path_factory.mktemp("moved"), url)
    assert 0 == run(["database", "copy", "--data", str(found.folders[0]), "--to", url])
    assert 0 == run(["database", "copy", "--database", url, "--to", str(found.folders[1])])
    yield found
    postgresql.give_back(url)


@pytest.fixture
def another(moved: Moved, tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[Callable[[str], str]]:
    """Makes a copy of the organization in a kind of place, for one test that may write."""
    urls: list[str] = []

    def make(kind: str) -> str:
        url = f"sqlite:///{tmp_path / kind / FILE_NAME}" if kind == "file" else postgresql.fresh()
        urls.append(url)
        assert 0 == run(["database", "copy", "--data", str(moved.folders[0]), "--to", url])
        return url

    yield make
    for url in urls:
        if not url.startswith("sqlite"):
            postgresql.give_back(url)


def everything(folder: Path) -> dict[str, list[str]]:
    """Table → all its rows, and what the tables, indexes and views are called."""
    connection = apsw.Connection(str(folder / FILE_NAME), flags=apsw.SQLITE_OPEN_READONLY)
    made = sorted(str(row) for row in connection.execute("SELECT type, name, tbl_name FROM sqlite_schema"))
    names = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {"": made}
    for name in names:
        columns = sorted(str(row[1]) for row in connection.execute(f'PRAGMA table_xinfo("{name}")'))
        listed = ", ".join([f'"{column}"' for column in columns if (name, column) != ("verselet_bin", "content")])
        found[name] = sorted(repr(row) for row in connection.execute(f'SELECT {listed} FROM "{name}"'))
    # PostgreSQL keeps the members in an order of its own, and nothing is written as null or as no bytes.
    kept = [json.loads(str(text)) for (text,) in connection.execute("SELECT content FROM verselet_bin")]
    found["the contents of the bin"] = sorted(
        str(sorted((name, value) for name, value in row.items() if value not in (None, ""))) for row in kept
    )
    connection.close()
    return found


def test_there_and_back_all_rows_are_the_same(moved: Moved) -> None:
    """Every value of every table, the server's own ones too, and all indexes."""
    first, last = (everything(folder) for folder in moved.folders)

    assert first.keys() == last.keys()
    assert {} == {name: (rows, last[name]) for name, rows in first.items() if rows != last[name]}
    assert 3 <= len(first["contact"])


@pytest.mark.parametrize("asked", ASKED)
def test_answers_are_the_same_bytes(moved: Moved, asked: str) -> None:
    """Bodies, tags and all other headers, annotated and in pages."""
    path, _, query = asked.partition("?")
    target = f"{path}?{quote(query, safe='$&=(),/')}" if query else path
    answers = []
    for seed, url in enumerate(moved.urls.values()):
        with opened(url, seed) as api:
            answers.append([api.get(target, **headers) for headers in ({}, ALL, PAGES)])

    assert 200 == answers[0][0].status, answers[0][0].body
    assert answers[0] == answers[1]
    assert answers[0] == answers[2]


def test_what_clients_have_kept_goes_on(moved: Moved) -> None:
    """The address of the next page, that of the changes since, a tag, a token, a file. [DT-3], [ET-1], [FL-3]"""
    world = moved.world
    found = []
    for seed, url in enumerate(moved.urls.values()):
        with opened(url, seed) as api:
            changes = api.get(world.delta)
            assert {"changed"} == {row["lastname"] for row in changes.json["value"] if "lastname" in row}
            assert 1 == sum(row.get("reason") == "deleted" for row in changes.json["value"])
            assert 304 == api.get(f"accounts({world.account})", if_none_match=world.etag).status
            who = call(
                build_application(api.organization),
                "GET",
                "/api/data/v9.2/WhoAmI",
                headers={"authorization": f"Bearer {world.token}"},
            )
            assert (200, SYNC_USER) == (who.status, who.json["UserId"])
            assert token_of(api)
            found.append((api.get(world.page), changes))

    assert found[0] == found[1]
    assert found[0] == found[2]


@pytest.mark.parametrize("kind", ["file", "PostgreSQL"])
def test_writing_goes_on_where_it_was(moved: Moved, another: Callable[[str], str], kind: str) -> None:
    """New versions are larger than all before, and numbers follow. [ET-7], [JOB-67]"""
    world = moved.world
    with opened(another(kind), 99) as api:
        newest = max(api.values("new_boxes", "versionnumber") + api.values("contacts", "versionnumber"))
        box = api.read(f"new_boxes({api.make('new_boxes', new_name='c', new_count=4)})")
        assert ("B-01002", 8) == (box["new_code"], box["new_twice"])
        assert newest < box["versionnumber"]
        assert 204 == api.patch(f"accounts({world.account})", {"name": "New"}, if_match=world.etag).status
        assert 412 == api.patch(f"accounts({world.account})", {"name": "Newer"}, if_match=world.etag).status
        assert 1 == len(api.get(world.delta).json["value"]) - 1


@pytest.mark.parametrize("kind", ["file", "PostgreSQL"])
def test_what_was_begun_is_finished(moved: Moved, another: Callable[[str], str], kind: str) -> None:
    """A deleted row comes back with all it had, and the rest of an upload is taken. [BIN-11], [FL-6]"""
    world = moved.world
    with opened(another(kind), 99) as api:
        address = f"new_gizmos({world.binned})"
        answer = api.post("Restore", {"Target": {"@odata.id": address}})
        assert 200 == answer.status, answer.body
        changing = {"@odata.etag", "versionnumber", "modifiedon", "_modifiedby_value"}
        before, after = (
            {name: value for name, value in row.items() if name not in changing}
            for row in (world.before, api.read(address))
        )
        assert before == after
        assert (FILE, world.picture) == tuple(
            api.get(f"{address}/{name}").body for name in ("new_file/$value", "new_face/$value?size=full")
        )
        block = {"BlockId": "Yg==", "BlockData": b64encode(b" and done").decode()}
        assert 204 == api.post("UploadBlock", {**block, "FileContinuationToken": world.upload}).status
        done = {"BlockList": ["YQ==", "Yg=="], "FileName": "later.txt", "MimeType": "text/plain"}
        assert 200 == api.post("CommitFileBlocksUpload", {**done, "FileContinuationToken": world.upload}).status
        assert b"begun and done" == api.get(f"new_gizmos({world.gizmos[1]})/new_file/$value").body


@pytest.mark.parametrize("kind", ["file", "PostgreSQL"])
def test_jobs_that_were_in_progress_are_taken_up(moved: Moved, another: Callable[[str], str], kind: str) -> None:
    """As after a restart: the server of the copy does them when nobody has renewed the claim. [JOB-4], [EVT-60]"""
    job = f"asyncoperations({moved.world.job})?$select=statecode,statuscode"
    with opened(another(kind), 99) as api:
        organization = api.organization
        assert (2, 20) == (api.read(job)["statecode"], api.read(job)["statuscode"])
        organization.clock.advance(timedelta(seconds=LEASE_S + 1))
        take_stale_back(organization)
        assert 1 == run_due(organization)
        assert (3, 30) == (api.read(job)["statecode"], api.read(job)["statuscode"])
        assert [] == api.values("new_parts", "new_name")


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_tells_what_came_of_it(moved: Moved, tmp_path: Path, capsys: Captured) -> None:
    """For people and for programs; which lake the new server needs, too."""
    org = tmp_path / "org"
    shutil.copytree(moved.folders[0], org)
    Lake(Folder(org / "lake")).write("account", "batch", "2026-01-01T00:00:00Z", [{ID: "a"}], {ID: "string"})
    assert 0 == run(["database", "copy", "--data", str(org), "--to", str(tmp_path / "first")])
    said = capsys.readouterr().out
    assert 0 == run(["database", "copy", "--data", str(org), "--to", str(tmp_path / "second"), "--json"])
    told = json.loads(capsys.readouterr().out)

    assert ("dev", str(org / "lake")) == (told["organization"], told["lake"])
    assert f"  {told['rows']:,} rows of {told['tables']} tables in " in said
    assert f"--lake {org / 'lake'}" in said
    assert not (tmp_path / "first" / "lake").exists()


def test_what_cannot_be_copied_is_refused(moved: Moved, tmp_path: Path, capsys: Captured) -> None:
    """Memory, another name, places with something in them, places that do not answer. VS1081, VS2102"""
    org = str(moved.folders[0])
    (tmp_path / "file").touch()
    nobody = "postgresql://nobody@127.0.0.1:1/none"
    codes = []
    for arguments in (
        ["--to", str(tmp_path / "a")],
        ["--data", org, "--to", "sqlite://"],
        ["--data", org, "--to", str(tmp_path / "a"), "--org", "other"],
        ["--data", org, "--to", org],
        ["--data", org, "--to", str(tmp_path / "file")],
        ["--data", org, "--to", "mysql://host/db"],
        ["--data", org, "--to", nobody],
        ["--data", str(tmp_path / "nowhere"), "--to", str(tmp_path / "a")],
    ):
        assert 0 != run(["database", "copy", *arguments])
        codes.append(capsys.readouterr().err.split()[1])

    assert ["VS1081", "VS1081", "VS2102", "VS2013", "VS2002", "VS2001", "VS2005", "VS2010"] == codes
    assert {"file"} == {one.name for one in tmp_path.iterdir()}
