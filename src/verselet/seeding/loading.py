"""Load an organization fixture.

In:        a fixture (seeding.fixture), an organization
Out:       how many rows were written, by table, and what was left out
Not here:  the format (seeding.fixture), who there is (seeding.people), definitions (seeding.definitions)

All or nothing, in one transaction; every row has an id and is compared with what is there, so a second load changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import msgspec

from verselet.errors import did_you_mean
from verselet.ids import name_id
from verselet.messages.definitions import ReplaceDefinitions
from verselet.metadata.customizations import differences
from verselet.operations.rules.keeping import WHOLE
from verselet.organization import Organization
from verselet.seeding.definitions import Definitions, define
from verselet.seeding.fixture import Fixture, unsupported
from verselet.seeding.people import People
from verselet.seeding.work import BodyRow, Question, Step, WantedRow, Work, rows_with, run, wrong
from verselet.seeding.writing import Progress
from verselet.values import Row, Value

DATABASE_SETTINGS: Mapping[str, tuple[object, ...]] = {
    "EnableOwnershipAcrossBusinessUnits": (False,),
    "AlwaysMoveRecordToOwnerBusinessUnit": (True,),
    "DoNotRemoveRolesOnChangeBusinessUnit": (False, True),
    "ManagersMustBeInSameOrParentBusinessUnitAsReports": (True,),
}
"""Settings that are no column of the organization → the values the server acts by. [SEC-8], [SEC-87]"""


CONFIG: Final = "recyclebinconfig"
DAYS_KEPT: Final = "cleanupintervalindays"


class Loaded(msgspec.Struct, frozen=True):
    """What came of a file: table → rows made or changed, and what was left out, in sentences."""

    rows: Mapping[str, int]
    notes: tuple[str, ...] = ()


def load_fixture(organization: Organization, fixture: Fixture, name: str, progress: Progress) -> Loaded:
    """Load a fixture; `name` is the file's, for refusals.

    Raises:
        OperatorError: something in it is refused; nothing of it was kept then.
    """
    _check_organization(organization, fixture, name)
    with organization.rebuilding():
        defined = define(organization.schema, fixture.tables, fixture.relationships, name)
        work = [
            *_definition_work(organization, defined),
            *_organization_work(organization, fixture, name),
            *People(organization, fixture, name, defined.left_out).work(),
            *_bin_work(fixture, name, defined),
            *_row_work(fixture),
        ]
        rows = run(organization, work, name, progress)
    return Loaded(rows, defined.notes)


def _check_organization(organization: Organization, fixture: Fixture, name: str) -> None:
    """An organization that is there already keeps its name and ids: a fixture may repeat them, not change them."""
    part, founding = fixture.organization, organization.founding
    for member, given, present in (
        ("organizationid", part.organizationid, founding.id),
        ("tenantid", part.tenantid, founding.tenant_id),
        ("name", part.name, founding.name),
    ):
        if given is not None and given.lower() != present.lower():
            why = f"this organization has the {member} {present}; only a new one takes it from a fixture"
            raise unsupported(name, f"$.organization.{member}", why)
    for number, words in enumerate(fixture.othertables):
        # The list may explain: "msdyn_ocsession (primary id activityid)".
        if words.split()[0] not in organization.schema.tables:
            raise unsupported(name, f"$.othertables[{number}]", f"there is no table {words.split()[0]}")


def _definition_work(organization: Organization, defined: Definitions) -> Iterator[Work]:
    """One message for all definitions; none where everything is as the file says."""
    kept, gone = differences(organization.schema, defined.schema)
    if kept or gone:
        yield Step("$.tables", ReplaceDefinitions(schema=defined.schema))


def _organization_work(organization: Organization, fixture: Fixture, name: str) -> Iterator[Work]:
    columns = organization.schema.table("organization").columns
    values: dict[str, Value] = {}
    database: dict[str, object] = {}
    for setting, value in fixture.organization.settings.items():
        path = f"$.organization.settings.{setting}"
        if setting in columns:
            values[setting] = value
        elif setting not in DATABASE_SETTINGS:
            known = (*columns, *DATABASE_SETTINGS)
            raise wrong(name, path, f"there is no setting {setting}. {did_you_mean(setting, known)}".strip())
        elif value not in DATABASE_SETTINGS[setting]:
            raise unsupported(name, path, f"the value {str(value).lower()} of this setting is not supported here yet")
        else:
            database[setting] = value
    if any(len(DATABASE_SETTINGS[setting]) > 1 for setting in database):
        values["orgdborgsettings"] = _database_settings(database)
    if values:
        yield WantedRow("$.organization.settings", Row("organization", organization.id, values))
    if fixture.publisherprefix is not None:
        yield WantedRow("$.publisherprefix", _publisher(fixture.publisherprefix))


def _database_settings(settings: Mapping[str, object]) -> str:
    """The settings as the column `orgdborgsettings` holds them. [SEC-8]"""
    inside = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in settings.items())
    return f"<OrgSettings>{inside}</OrgSettings>"


def _publisher(prefix: str) -> Row:
    """The publisher whose prefix the file's definitions bear; its options begin with 100,000,000. [MW-12]"""
    values: dict[str, Value] = {
        "uniquename": prefix,
        "friendlyname": prefix,
        "customizationprefix": prefix,
        "customizationoptionvalueprefix": 10_000,
    }
    return Row("publisher", name_id(f"publisher/{prefix}"), values)


def _row_work(fixture: Fixture) -> Iterator[Work]:
    for table, rows in fixture.rows.items():
        for number, body in enumerate(rows):
            yield BodyRow(f"$.rows.{table}[{number}]", table, None, body)


def _bin_work(fixture: Fixture, name: str, defined: Definitions) -> Iterator[Work]:
    """The settings of the recycle bin: of the organization, and of the tables that either place names. [BIN-1]"""
    part = fixture.organization.recyclebin
    wanted: dict[str, tuple[str, int | None]] = {}
    if part is not None:
        for member in part.organization.keys() - {DAYS_KEPT}:
            path = f"$.organization.recyclebin.organization.{member}"
            raise wrong(name, path, f"the only setting of the recycle bin is {DAYS_KEPT}")
        wanted[WHOLE] = ("$.organization.recyclebin.organization", part.organization.get(DAYS_KEPT))
        for number, table in enumerate(part.tables):
            if table not in defined.left_out:
                wanted[table] = (f"$.organization.recyclebin.tables[{number}]", None)
    for number, described in enumerate(fixture.tables):
        if described.recyclebin and described.logicalname not in defined.left_out:
            wanted.setdefault(described.logicalname, (f"$.tables[{number}].recyclebin", None))
    for setting, (path, days) in wanted.items():
        values: dict[str, Value] = {"name": setting} if days is None else {"name": setting, DAYS_KEPT: days}
        yield Question(path, partial(_bin_setting, path=path, setting=setting, values=values))


def _bin_setting(organization: Organization, path: str, setting: str, values: dict[str, Value]) -> Iterator[WantedRow]:
    """The row that is there for that name, or one of ours."""
    present = rows_with(organization, CONFIG, ("name",), name=setting)
    row_id = present[0].id if present else name_id(f"{CONFIG}/{setting}")
    yield WantedRow(path, Row(CONFIG, row_id, values))
