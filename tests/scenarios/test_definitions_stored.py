"""Definitions change under live rows, on both stores, and stay changed. [MW-1] to [MW-12]"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.definition_bodies import BOX, column, key, many_to_many, one_to_many, options, table
from tests.scenarios.definitions import Place, box_columns, made, with_box
from tests.scenarios.durable_stores import api, place
from tests.scenarios.harness import Api
from verselet.operations.builtin import messages_of

BOX_KEYS = f"{BOX}/Keys"
BOX_COLUMNS = f"{BOX}/Attributes"


__all__ = ["api", "place"]


def test_a_new_table_takes_rows_at_once(api: Api) -> None:
    """Through its entity set, without publishing. [MW-15], [CC-66]"""
    box = api.make("new_boxes", new_name="one")

    assert ("one", 0, 1) == tuple(
        api.read(f"new_boxes({box})?$select=new_name,statecode,statuscode")[name]
        for name in ("new_name", "statecode", "statuscode")
    )


def test_a_column_is_added_under_live_rows(api: Api) -> None:
    """Rows that are there have no value in it, and keep what they have. [MW-3]"""
    box = api.make("new_boxes", new_name="one")
    made(api, BOX_COLUMNS, column("Integer", "new_Count", MinValue=0, MaxValue=9))
    api.patch(f"new_boxes({box})", {"new_count": 4})

    assert [("one", 4)] == [
        (row["new_name"], row["new_count"])
        for row in api.get("new_boxes?$select=new_name,new_count&$filter=new_count eq 4").json["value"]
    ]


def test_a_removed_column_takes_its_values_along(api: Api) -> None:
    """A new one of the same name, of another type even, begins empty; other columns keep their values. [MW-7]"""
    made(api, BOX_COLUMNS, column("String", "new_Code", MaxLength=10))
    box = api.make("new_boxes", new_name="one", new_code="x")
    assert 204 == api.delete(f"{BOX_COLUMNS}(LogicalName='new_code')").status
    made(api, BOX_COLUMNS, column("DateTime", "new_Code"))
    row = api.read(f"new_boxes({box})")
    other = api.make("new_boxes", new_name="two", new_code="2026-03-04T05:06:07Z")

    assert ("one", None) == (row["new_name"], row["new_code"])
    assert "2026-03-04T05:06:07Z" == api.read(f"new_boxes({other})")["new_code"]


def test_a_removed_file_column_takes_its_files_along(api: Api) -> None:
    """A new one of the same name has none, and nothing is left in the store. [MW-7], [FL-4]"""
    made(api, BOX_COLUMNS, column("File", "new_Manual"))
    box = api.make("new_boxes", new_name="one")
    named = {"content-type": "application/octet-stream", "x-ms-file-name": "a.txt"}
    assert 204 == api.send("PATCH", f"new_boxes({box})/new_manual", b"words", headers=named).status
    assert 204 == api.delete(f"{BOX_COLUMNS}(LogicalName='new_manual')").status
    made(api, BOX_COLUMNS, column("File", "new_Manual"))

    assert None is api.read(f"new_boxes({box})")["new_manual"]
    assert [(0,)] == api.organization.store.fetch("SELECT count(*) FROM verselet_file", ())


def test_digits_are_added_to_stored_decimals(api: Api) -> None:
    """What rows hold keeps its value. [MW-5]"""
    made(api, BOX_COLUMNS, column("Decimal", "new_Weight", Precision=1))
    box = api.make("new_boxes", new_name="one", new_weight=2.5)
    address = f"{BOX_COLUMNS}(LogicalName='new_weight')"
    answer = api.put(address, column("Decimal", "new_Weight", Precision=3))

    assert 204 == answer.status, answer.body
    assert 2.5 == api.read(f"new_boxes({box})")["new_weight"]
    assert 501 == api.put(address, column("Decimal", "new_Weight", Precision=0)).status


def test_a_key_finds_rows_that_were_there_before(api: Api) -> None:
    """Its index is built with it, so it is active at once. [MW-10], [K-6]"""
    box = api.make("new_boxes", new_name="one")
    made(api, BOX_KEYS, key("new_NameKey", "new_name"))

    assert box == api.read("new_boxes(new_name='ONE')")["new_boxid"]
    assert ["Active"] == api.values(BOX_KEYS, "EntityKeyIndexStatus")
    assert "0x80060892" == api.post("new_boxes", {"new_name": "one"}).code


def test_a_key_that_rows_contradict_is_refused(api: Api) -> None:
    """Nothing has changed: neither the definition nor the rows, and new rows may repeat the value. [MW-14]"""
    boxes = {api.make("new_boxes", new_name="same") for _ in "ab"}
    answer = api.post(BOX_KEYS, key("new_NameKey", "new_name"))

    assert (400, True) == (answer.status, "share the values" in answer.message)
    assert [] == api.values(BOX_KEYS, "SchemaName")
    boxes.add(api.make("new_boxes", new_name="same"))
    assert boxes == set(api.values("new_boxes?$select=new_name", "new_boxid"))


def test_a_removed_key_no_longer_holds(api: Api) -> None:
    """Its columns can repeat values again, and name no row. [MW-7]"""
    made(api, BOX_KEYS, key("new_NameKey", "new_name"))
    api.make("new_boxes", new_name="one")
    assert 204 == api.delete(f"{BOX_KEYS}(LogicalName='new_namekey')").status
    api.make("new_boxes", new_name="one")

    assert "0x80060888" == api.get("new_boxes(new_name='one')").code


def test_a_lookup_connects_rows_and_cascades(api: Api) -> None:
    """Restrict keeps the parent while a child points to it. [MW-8]"""
    made(api, "RelationshipDefinitions", one_to_many("new_box_box", "new_box", "new_box", "new_OuterId", "Restrict"))
    outer = api.make("new_boxes", new_name="outer")
    inner = api.make("new_boxes", new_name="inner", new_OuterId__bind=f"/new_boxes({outer})")

    assert "outer" == api.read(f"new_boxes({inner})?$expand=new_OuterId")["new_OuterId"]["new_name"]
    assert 405 == api.delete(f"new_boxes({outer})").status
    assert ["inner"] == api.values(f"new_boxes({outer})/new_box_box", "new_name")


def test_many_to_many_connects_rows(api: Api) -> None:
    """Through its intersect table. [MW-9]"""
    made(api, "RelationshipDefinitions", many_to_many("new_box_contact", "new_box", "contact"))
    box, contact = api.make("new_boxes", new_name="one"), api.make("contacts", lastname="A registrant")
    reference = {"@odata.id": f"contacts({contact})"}

    assert 204 == api.post(f"new_boxes({box})/new_box_contact/$ref", reference).status
    assert [contact] == api.values(f"new_boxes({box})/new_box_contact", "contactid")
    assert 204 == api.delete("RelationshipDefinitions(SchemaName='new_box_contact')").status
    assert 404 == api.get("new_box_contactset").status


def test_a_removed_table_takes_its_rows_and_their_notes_along(place: Place) -> None:
    """Other notes stay; a new table of the same name is empty. [MW-7]"""
    with place.opened() as api:
        made(api, "EntityDefinitions", table(HasNotes=True))
        box, account = api.make("new_boxes", new_name="one"), api.make("accounts", name="A firm")
        api.make("annotations", subject="of the box", objectid_new_box__bind=f"/new_boxes({box})")
        api.make("annotations", subject="of the firm", objectid_account__bind=f"/accounts({account})")
        assert 204 == api.delete(BOX).status

        assert ["of the firm"] == api.values("annotations?$select=subject", "subject")
        assert (404, 404) == (api.get("new_boxes").status, api.get(BOX).status)
        made(api, "EntityDefinitions", table(OwnershipType="OrganizationOwned"))
        assert [] == api.values("new_boxes", "new_boxid")


def test_messages_of_a_new_table_are_listed(api: Api) -> None:
    """Clients learn by these rows that bulk messages exist; they go with the table. [OC-20]"""
    asked = "sdkmessagefilters?$select=sdkmessagefilterid&$filter=primaryobjecttypecode eq 'new_box'"

    assert len(messages_of(api.organization.schema.tables["new_box"])) == len(api.values(asked, "sdkmessagefilterid"))
    api.delete(BOX)
    assert [] == api.values(asked, "sdkmessagefilterid")


def test_a_lookup_to_several_tables_loses_one(api: Api) -> None:
    """References to the lost table are cleared, others stay. [MW-13], [MW-7]"""
    leading = [one_to_many(f"new_box_{to}", to, "new_box", "new_PartyId") for to in ("account", "contact")]
    body = {"OneToManyRelationships": leading, "Lookup": column("Lookup", "new_PartyId")}
    assert 200 == api.post("CreatePolymorphicLookupAttribute", body).status
    account, contact = api.make("accounts", name="A firm"), api.make("contacts", lastname="A guest")
    api.make("new_boxes", new_name="a", new_PartyId_account__bind=f"/accounts({account})")
    api.make("new_boxes", new_name="c", new_PartyId_contact__bind=f"/contacts({contact})")
    assert 204 == api.delete("RelationshipDefinitions(SchemaName='new_box_account')").status

    assert [None, contact] == api.values("new_boxes?$orderby=new_name", "_new_partyid_value")


def test_everything_is_there_again_after_reopening(place: Place) -> None:
    """Tables, columns, relationships, keys, choices, and the rows in them. [MW-1] to [MW-12]"""
    with place.opened() as api:
        with_box(api)
        made(api, BOX_COLUMNS, column("Picklist", "new_Size", OptionSet=options((1, "Small"), (2, "Large"))))
        made(api, "EntityDefinitions(LogicalName='account')/Attributes", column("String", "new_Extra", MaxLength=9))
        made(api, BOX_KEYS, key("new_NameKey", "new_name"))
        made(api, "RelationshipDefinitions", one_to_many("new_account_box", "account", "new_box", "new_AccountId"))
        made(api, "RelationshipDefinitions", many_to_many("new_box_contact", "new_box", "contact"))
        account = api.make("accounts", name="A firm", new_extra="more")
        api.make("new_boxes", new_name="one", new_size=2, new_AccountId__bind=f"/accounts({account})")
        before = {name: api.get(name).json for name in (BOX_COLUMNS, BOX_KEYS, BOX, "new_boxes")}
    with place.opened() as api:
        assert before == {name: api.get(name).json for name in before}
        assert "more" == api.read(f"accounts({account})?$select=new_extra")["new_extra"]
        assert ["one"] == api.values(f"accounts({account})/new_account_box", "new_name")
        assert "0x80060892" == api.post("new_boxes", {"new_name": "one"}).code


def test_what_was_removed_stays_away_after_reopening(place: Place) -> None:
    """Nothing of it is kept. [MW-7]"""
    with place.opened() as api:
        with_box(api)
        made(api, BOX_COLUMNS, column("String", "new_Code"))
        made(api, "EntityDefinitions", table("new_Crate"))
        api.delete(f"{BOX_COLUMNS}(LogicalName='new_code')")
        api.delete("EntityDefinitions(LogicalName='new_crate')")
    with place.opened() as api:
        assert "new_code" not in box_columns(api)
        assert 404 == api.get("new_crates").status
        made(api, "EntityDefinitions", table("new_Crate"))


def test_changes_at_the_same_time_happen_one_after_the_other(api: Api) -> None:
    """Each builds on what the one before it left; none is lost. [architecture.md §2]"""
    names = [f"new_c{number}" for number in range(6)]

    def add(name: str) -> int:
        return api.post(BOX_COLUMNS, column("String", name)).status

    with ThreadPoolExecutor(3) as workers:
        assert [204] * 6 == list(workers.map(add, names))
    api.make("new_boxes", new_name="one", **dict.fromkeys(names, "x"))

    assert set(names) <= box_columns(api)


def test_an_activity_made_here_is_among_all_activities(api: Api) -> None:
    """Its rows show in the table of all activities. [C-18]"""
    visit = table("new_Visit", IsActivity=True, HasActivities=False, Attributes=[])
    made(api, "EntityDefinitions", visit)
    activity = api.make("new_visits", subject="A visit")

    assert ["new_visit"] == api.values(
        f"activitypointers?$filter=activityid eq {activity}&$select=activitytypecode", "activitytypecode"
    )
    assert 204 == api.delete("EntityDefinitions(LogicalName='new_visit')").status
    assert [] == api.values("activitypointers", "activityid")
