"""Which columns can be secured, and how definitions say it, on both stores. [SEC-100]"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, key, one_to_many
from tests.scenarios.definitions import Place, made
from tests.scenarios.durable_stores import box, place, shared_box
from tests.scenarios.harness import Api

__all__ = ["box", "place", "shared_box"]

COLUMNS = f"{BOX}/Attributes"
CODE = f"{COLUMNS}(LogicalName='new_code')"


def shown(api: Api, address: str) -> tuple[bool, ...]:
    """What a definition says of securing: is it, and can it be for create, read and update."""
    found = api.read(address)
    return tuple(found[name] for name in ("IsSecured", *(f"CanBeSecuredFor{w}" for w in ("Create", "Read", "Update"))))


def test_a_column_is_secured_when_it_is_made(place: Place) -> None:
    """`IsSecured` is kept, also beyond a restart, and a query of definitions finds the column. [SEC-100]"""
    with place.opened() as api:
        made(api, "EntityDefinitions", box_with_code(IsSecured=True))
        assert (True, True, True, True) == shown(api, CODE)
    with place.opened() as api:
        assert (True, True, True, True) == shown(api, CODE)
        assert ["new_code"] == api.values(f"{COLUMNS}?$select=LogicalName&$filter=IsSecured eq true", "LogicalName")
        assert api.organization.schema.tables["new_box"].columns["new_code"].is_secured


def box_with_code(**more: Any) -> dict[str, Any]:
    """The box with a column that can be secured."""
    named = {**column("String", "new_Name"), "IsPrimaryName": True}
    return {
        "SchemaName": "new_Box",
        "DisplayName": named["DisplayName"],
        "DisplayCollectionName": named["DisplayName"],
        "OwnershipType": "UserOwned",
        "Attributes": [named, column("String", "new_Code", MaxLength=20, **more)],
    }


def test_a_column_is_secured_and_freed_again(box: Api) -> None:
    """PUT of the definition switches it; a member that is missing leaves it. [SEC-100], [MW-5]"""
    made(box, COLUMNS, column("String", "new_Code", MaxLength=20))
    whole = box.read(f"{CODE}/{NAMESPACE}.StringAttributeMetadata")
    assert False is whole["IsSecured"]

    assert 204 == box.put(CODE, {**whole, "IsSecured": True}).status
    assert 204 == box.put(CODE, column("String", "new_Code", MaxLength=30)).status
    assert True is box.read(CODE)["IsSecured"]
    assert 204 == box.put(CODE, {**whole, "IsSecured": False}).status
    assert False is box.read(CODE)["IsSecured"]


def test_a_shipped_column_can_be_secured(place: Place) -> None:
    """A solution's own columns too; the change outlives a restart. [SEC-100]"""
    address = "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='creditlimit')"
    with place.opened() as api:
        whole = api.read(f"{address}/{NAMESPACE}.MoneyAttributeMetadata")
        assert 204 == api.put(address, {**whole, "IsSecured": True}).status
    with place.opened() as api:
        assert (True, True, True, True) == shown(api, address)


def test_a_lookup_can_be_secured(box: Api) -> None:
    """It comes with its relationship, secured or not. [SEC-100], [MW-8]"""
    body = one_to_many("new_account_box", "account", "new_box", "new_AccountId")
    body["Lookup"]["IsSecured"] = True
    made(box, "RelationshipDefinitions", body)

    assert (True, True, True, True) == shown(box, f"{COLUMNS}(LogicalName='new_accountid')")


@pytest.mark.parametrize("name", ["new_boxid", "createdon", "modifiedby", "ownerid", "owningbusinessunit", "statecode"])
def test_what_describes_the_row_cannot_be_secured(box: Api, name: str) -> None:
    """Ids, who made and owns a row and its state are for everybody who sees the row. [SEC-100]"""
    address = f"{COLUMNS}(LogicalName='{name}')"
    whole = {member: value for member, value in box.read(address).items() if value is not None}
    answer = box.put(address, {**whole, "IsSecured": True})

    assert (False, False, False, False) == shown(box, address)
    assert (400, "0x8004f501") == (answer.status, answer.code)


def test_a_column_of_a_key_cannot_be_secured(box: Api) -> None:
    """Whoever can address rows by it can guess it, so neither becomes the other. [SEC-100]"""
    made(box, COLUMNS, column("String", "new_Code", MaxLength=20))
    made(box, f"{BOX}/Keys", key("new_CodeKey", "new_code"))
    secured = box.put(CODE, column("String", "new_Code", MaxLength=20, IsSecured=True))
    made(box, COLUMNS, column("String", "new_Secret", MaxLength=20, IsSecured=True))
    keyed = box.post(f"{BOX}/Keys", key("new_SecretKey", "new_secret"))

    assert [(400, "0x80060896")] * 2 == [(secured.status, secured.code), (keyed.status, keyed.code)]
    assert False is box.read(CODE)["IsSecured"]
