"""Complete a new row: ids, times, users, owner, defaults.

In:        the columns a caller gave
Out:       the same row with what the server fills in
Not here:  checks (operations.rules.values), state (operations.rules.states)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from verselet.errors import InvalidArgument, OwnedByAccessTeam, OwnedByDisabledUser, PrivilegeMissing, RowDoesNotExist
from verselet.metadata.columns import ChoiceColumn, IdColumn, LookupColumn, MoneyColumn, YesNoColumn
from verselet.metadata.tables import Table
from verselet.operations.rules.computed import base_amounts, compute, in_base_currency, parts_of
from verselet.operations.rules.states import default_states, settle_state
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

ACCESS_TEAM: Final = 1
"""The `teamtype` of teams that own nothing and are only shared with. [SEC-34]"""


OVERRIDE: Final = "prvOverrideCreatedOnCreatedBy"
"""Who holds it brings rows in with the time they were made elsewhere. [JOB-70]"""


STAMPS: Final = (
    "createdon", "modifiedon", "createdby", "modifiedby", "createdonbehalfby", "modifiedonbehalfby", "organizationid",
)  # fmt: skip


@lru_cache(maxsize=1024)
def constant_defaults(table: Table) -> dict[str, Value]:
    """Column → the value every new row starts with. [C-4]"""
    found: dict[str, Value] = {}
    for column in table.columns.values():
        match column:
            case ChoiceColumn(default=int(value), create=True) if value >= 0:
                found[column.name] = value
            case YesNoColumn(default=value, attribute_of=None, formula=None):
                found[column.name] = value
            case _:
                continue
    if "timezoneruleversionnumber" in table.columns:
        found["timezoneruleversionnumber"] = 0
    if table.is_activity and "activitytypecode" in table.columns:
        found["activitytypecode"] = table.name
    return found


class Ways(msgspec.Struct, frozen=True):
    """How new rows of a table are completed, found out once.

    `beginning` are the defaults with those of the state, `stamped` the columns that say who made the row and when.
    """

    defaults: Mapping[str, Value]
    beginning: Mapping[str, Value]
    computed: tuple[str, ...]
    stamped: tuple[str, ...]
    has_version: bool
    is_owned: bool
    has_amounts: bool


@lru_cache(maxsize=1024)
def ways_of(table: Table) -> Ways:
    """How new rows of that table are completed."""
    columns = table.columns
    stamped = [name for name in STAMPS if name in columns]
    if not isinstance(columns.get("organizationid"), LookupColumn):
        stamped = [name for name in stamped if name != "organizationid"]
    return Ways(
        defaults=constant_defaults(table),
        beginning={**constant_defaults(table), **default_states(table)},
        computed=tuple(parts_of(table)),
        stamped=tuple(stamped),
        has_version="versionnumber" in columns,
        is_owned=table.ownership == "user" and "ownerid" in columns,
        has_amounts=bool(base_amounts(table)),
    )


class Completion:
    """Completes the new rows of one message; asks for an owner's business unit once, however many rows."""

    def __init__(self, run: Execution, table: Table) -> None:
        self.run = run
        self.table = table
        self.now = run.clock.now_on_wire()
        self.caller = Reference("systemuser", run.caller.user_id)
        self._ways = ways_of(table)
        self._stamps = self._stamped()
        self._owned: dict[Value, dict[str, Value]] = {}
        self._callers: dict[str, Value] = self._owner(self.caller) if self._ways.is_owned else {}

    def complete(self, rows: Sequence[Row], versions: Sequence[int]) -> None:
        """Fill in everything the caller left open. [C-4]"""
        nameless = [row for row in rows if row.id is None]
        for row, row_id in zip(nameless, self.run.ids.new_row_ids(len(nameless)), strict=True):
            row.id = row_id
        for row, version in zip(rows, versions, strict=True):
            self._complete(row, version)

    def _complete(self, row: Row, version: int) -> None:
        created_elsewhere = self._created_elsewhere(row.values) if "overriddencreatedon" in row.values else None
        ways, given = self._ways, row.values
        names_state = "statecode" in given or "statuscode" in given
        beginning = ways.defaults if names_state else ways.beginning
        values = row.values = {**beginning, **self._callers, **given, **self._stamps}
        values[self.table.primary_id] = row.id
        if ways.has_version:
            values["versionnumber"] = version
        if created_elsewhere is not None:
            values |= {"createdon": created_elsewhere, "overriddencreatedon": self.now}
        if "ownerid" in given and ways.is_owned:
            values.update(self._owner(given["ownerid"] or self.caller))
        if names_state:
            settle_state(self.table, row, None)
        for name in ways.computed:
            text = compute(self.table, name, values)
            if text is not None or name not in values:
                values[name] = text
        if ways.has_amounts:
            self._convert_amounts(values)

    def _created_elsewhere(self, values: Mapping[str, Value]) -> Value:
        """When a row was made where it comes from; only some may say so. [JOB-70]

        Raises:
            PrivilegeMissing: the caller may not.
        """
        given = values.get("overriddencreatedon")
        if given is not None and not self.run.caller.holds(OVERRIDE):
            raise PrivilegeMissing(self.run.caller.user_id, OVERRIDE, self.table.name)
        return given

    def _stamped(self) -> dict[str, Value]:
        acting, organization = acting_user(self.run), Reference("organization", self.run.caller.organization_id)
        found = zip(STAMPS, (self.now, self.now, self.caller, self.caller, acting, acting, organization), strict=True)
        return {name: value for name, value in found if value is not None and name in self._ways.stamped}

    def _owner(self, owner: Value) -> dict[str, Value]:
        """The owner and the columns that follow from it, found out once for each owner."""
        found = self._owned.get(owner)
        if found is None:
            found = self._owned[owner] = {"ownerid": owner}
            if isinstance(owner, Reference):
                set_owner(found, owner, self._unit_of(owner), self.table)
        return found

    def _unit_of(self, owner: Reference) -> Reference:
        """The business unit of a user or team. Refusals as `read_unit`."""
        if owner == self.caller:
            return Reference("businessunit", self.run.caller.business_unit_id)
        return read_unit(self.run, owner)

    def _convert_amounts(self, values: dict[str, Value]) -> None:
        amounts = base_amounts(self.table)
        if not any(values.get(name) is not None for name in amounts):
            return
        rate = self._currency(values)
        for name, base in amounts.items():
            column = self.table.columns[base]
            if values.get(name) is not None and isinstance(column, MoneyColumn):
                values[base] = in_base_currency(values[name], rate, column.precision)

    def _currency(self, values: dict[str, Value]) -> Decimal:
        currency = values.get("transactioncurrencyid")
        if currency is None:
            currency = values["transactioncurrencyid"] = self.run.facts.base_currency
        rate = exchange_rate(self.run, currency)
        if "exchangerate" in self.table.columns:
            values["exchangerate"] = rate
        return rate


def set_owner(values: dict[str, Value], owner: Reference, unit: Reference, table: Table) -> None:
    """The three columns that follow from the owner. [MT-5], [UP-13]"""
    found = {
        "owningbusinessunit": unit,
        "owninguser": owner if owner.table == "systemuser" else None,
        "owningteam": owner if owner.table == "team" else None,
    }
    for name, reference in found.items():
        column = table.columns.get(name)
        if isinstance(column, IdColumn):
            # Some tables keep the bare id.
            values[name] = None if reference is None else reference.id
        elif column is not None:
            values[name] = reference


def acting_user(run: Execution) -> Reference | None:
    """Who signed in, when the caller is another user. [IP-2]"""
    real = run.caller.real_user_id
    return None if real is None else Reference("systemuser", real)


def read_unit(run: Execution, owner: Reference) -> Reference:
    """The business unit of a user or team that is to own rows, from the store.

    Raises:
        RowDoesNotExist: there is no such owner. [C-6]
        OwnedByDisabledUser, OwnedByAccessTeam: it cannot own rows. [SEC-62]
    """
    telling = "teamtype" if owner.table == "team" else "isdisabled"
    found = run.read_values(owner.table, owner.id, ("businessunitid", telling))
    if found is None:
        raise RowDoesNotExist(owner.table, owner.id)
    if telling == "teamtype" and found[telling] == ACCESS_TEAM:
        raise OwnedByAccessTeam
    if found[telling] is True:
        raise OwnedByDisabledUser(owner.id)
    unit = found["businessunitid"]
    return unit if isinstance(unit, Reference) else Reference("businessunit", str(unit))


def exchange_rate(run: Execution, currency: Value) -> Decimal:
    """The rate of a currency; the base currency's is one."""
    if not isinstance(currency, Reference):
        raise InvalidArgument("The currency of the row must be a reference.")
    if currency == run.facts.base_currency:
        return Decimal(1)
    found = run.read_values("transactioncurrency", currency.id, ("exchangerate",))
    if found is None:
        raise RowDoesNotExist(currency.table, currency.id)
    rate = found["exchangerate"]
    return rate if isinstance(rate, Decimal) and rate else Decimal(1)
