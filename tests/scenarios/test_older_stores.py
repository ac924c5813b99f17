"""A durable store that an earlier version wrote is opened by this one, and lacks nothing then."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import apsw
import pytest

from tests.places import ROOT
from tests.scenarios.harness import Api
from verselet.metadata.compiled import load_schema
from verselet.operations.builtin import SYSTEM_CUSTOMIZER_ID
from verselet.organization import open_organization
from verselet.settings import FILE_NAME
from verselet.store.bookkeeping import write_fact
from verselet.store.engine import open_store
from verselet.store.inspection import inspect_store

STORES = sorted((ROOT / "tests/data/stores").glob("*.xz"))
ACCOUNT = "accounts(0a000000-0000-4000-8000-000000000001)"
CONTACT = "contacts(0c000000-0000-4000-8000-000000000001)"
BOX = "new_boxes(0b000000-0000-4000-8000-000000000001)"
BROUGHT = {
    "roles": "name",
    "privileges": "name",
    "sdkmessages": "name",
    "sdkmessagefilters": "sdkmessagefilterid",
    "roleprivilegescollection": "roleprivilegeid",
}


@contextmanager
def opened(directory: Path) -> Iterator[Api]:
    """The Web API of the organization in a folder."""
    with Api(open_organization(None, directory=directory)) as api:
        yield api


@pytest.fixture(params=STORES, ids=lambda path: path.name.partition(".")[0])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the store of an earlier version."""
    (tmp_path / FILE_NAME).write_bytes(lzma.decompress(request.param.read_bytes()))
    return tmp_path


def test_an_older_store_opens_with_all_its_rows(older: Path) -> None:
    """And takes new ones. Nobody starts anew with a new version."""
    with opened(older) as api:
        account = api.read(f"{ACCOUNT}?$select=name,revenue,numberofemployees")
        assert ("A venue", 12.5, 7) == tuple(account[name] for name in ("name", "revenue", "numberofemployees"))
        assert ACCOUNT[9:-1] == api.read(f"{CONTACT}?$select=_parentcustomerid_value")["_parentcustomerid_value"]
        if "new_box" in api.organization.schema.tables:
            assert "A box" == api.read(BOX)["new_name"]
            api.make("new_boxes", new_name="another")
        api.make("accounts", name="since then")
    found = inspect_store(None, older, load_schema())
    assert (True, ()) == (found.layout_is_current, found.problems)


def test_an_older_organization_gets_what_a_new_one_starts_with(older: Path, tmp_path: Path) -> None:
    """Roles, messages, privileges that came since. What people have, they have as before. [OC-4]"""
    with opened(tmp_path / "new") as api:
        new = {address: set(api.values(f"{address}?$select={name}", name)) for address, name in BROUGHT.items()}
    with opened(older) as api:
        found = {address: set(api.values(f"{address}?$select={name}", name)) for address, name in BROUGHT.items()}
    for address in ("roles", "privileges", "sdkmessages", "sdkmessagefilters"):
        assert set() == new[address] - found[address]


def test_an_older_organization_searches_like_a_new_one(older: Path) -> None:
    """Its switch was off before there was a search, so nobody has chosen that; whoever does is heeded. [OC-4]"""
    setting = "isexternalsearchindexenabled"
    with opened(older) as api:
        address = f"organizations({api.organization.id})"
        assert True is api.read(f"{address}?$select={setting}")[setting]
        assert 204 == api.patch(address, {setting: False}).status
        with api.organization.store.begin() as session:
            write_fact(session, "builtin_rows", "those of another version")
    with opened(older) as api:
        assert False is api.read(f"{address}?$select={setting}")[setting]


def test_a_setting_somebody_made_leaves_all_of_them_as_they_are(older: Path) -> None:
    """From then on what is off may be off on purpose."""
    with closing(apsw.Connection(str(older / FILE_NAME))) as connection:
        connection.execute("UPDATE organization SET modifiedon = '2026-11-22T06:00:00Z'")
    with opened(older) as api:
        (found,) = api.values("organizations", "isexternalsearchindexenabled")
    assert False is found


def test_the_second_start_finds_nothing_to_do(older: Path) -> None:
    """Not a single version number is used."""
    versions = []
    for _ in range(3):
        with opened(older) as api, api.organization.store.begin() as session:
            versions.append(session.next_versions())
    assert [1, 1] == [after - before for before, after in pairwise(versions)]


def test_what_people_took_from_a_role_stays_taken(tmp_path: Path) -> None:
    """A new version brings the filter that is missing, and gives nobody back a privilege. [SEC-28]"""
    held = f"roleprivilegescollection?$select=privilegeid&$filter=roleid eq {SYSTEM_CUSTOMIZER_ID}"
    with opened(tmp_path) as api:
        before = api.values(held, "privilegeid")
        taken = {"PrivilegeId": before[0]}
        assert (
            204 == api.post(f"roles({SYSTEM_CUSTOMIZER_ID})/Microsoft.Dynamics.CRM.RemovePrivilegeRole", taken).status
        )
        number = len(api.values("sdkmessagefilters?$select=sdkmessagefilterid", "sdkmessagefilterid"))
    store = open_store(None, directory=tmp_path)
    with store.begin() as session:
        session.run("DELETE FROM sdkmessagefilter WHERE primaryobjecttypecode = 'account'")
        write_fact(session, "builtin_rows", "of an earlier version")
    store.close()

    with opened(tmp_path) as api:
        assert number == len(api.values("sdkmessagefilters?$select=sdkmessagefilterid", "sdkmessagefilterid"))
        assert set(before[1:]) == set(api.values(held, "privilegeid"))
