"""A table limits the ways between its states, on both stores. [MSG-45] to [MSG-53]"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.definition_bodies import BOX, NAMESPACE, label
from tests.scenarios.definitions import Place, with_box
from tests.scenarios.durable_stores import place, shared_box
from tests.scenarios.harness import Answer, Api

__all__ = ["place", "shared_box"]

STATUS = f"{BOX}/Attributes(LogicalName='statuscode')/{NAMESPACE}.StatusAttributeMetadata"
STATUS_TYPE = f"#{NAMESPACE}.StatusAttributeMetadata"
WAYS = {1: (3, 4), 3: (2, 4), 2: (3,), 4: (1,)}
"""New leads to in progress and cancelled, in progress to resolved and cancelled, and so on."""


def transition_data(value: int, *targets: int) -> str:
    """The text a definition carries."""
    each = "".join(f'<allowedtransition sourcestatusid="{value}" tostatusid="{to}" />' for to in targets)
    return f'<allowedtransitions xmlns="http://schemas.microsoft.com/crm/2009/WebServices">{each}</allowedtransitions>'


def status_options(api: Api) -> dict[int, dict[str, Any]]:
    """The status reasons as definitions show them, by number."""
    found = api.read(f"{STATUS}?$expand=OptionSet($select=Options)")["OptionSet"]["Options"]
    return {option["Value"]: option for option in found}


def limit(api: Api, ways: dict[int, tuple[int, ...]]) -> Answer:
    """Write transitions into the definition of the status reason."""
    options = [{"Value": value, "TransitionData": transition_data(value, *to)} for value, to in ways.items()]
    return api.put(STATUS, {"@odata.type": STATUS_TYPE, "OptionSet": {"Options": options}})


def enforce(api: Api, *, on: bool = True) -> Answer:
    """Switch the state model of the box."""
    return api.put(BOX, {"EnforceStateTransitions": on})


def with_ways(api: Api) -> None:
    """The box with four status reasons and limited ways between them."""
    named = {"EntityLogicalName": "new_box", "AttributeLogicalName": "statuscode"}
    for value, text, state in ((3, "In Progress", 0), (4, "Cancelled", 1)):
        body = {**named, "Value": value, "Label": label(text), "StateCode": state}
        assert 200 == api.post("InsertStatusValue", body).status
    assert 204 == limit(api, WAYS).status
    assert 204 == enforce(api).status


@pytest.fixture(scope="module")
def boxes(shared_box: Api) -> Api:
    """The same for tests that leave the ways as they are."""
    with_ways(shared_box)
    return shared_box


def states(api: Api, box: str) -> tuple[int, int]:
    """State and status reason of a row."""
    found = api.read(f"new_boxes({box})?$select=statecode,statuscode")
    return found["statecode"], found["statuscode"]


def is_valid(api: Api, box: str, state: str, status: int) -> bool:
    """What IsValidStateTransition answers."""
    row = quote(f"{{'@odata.id':'new_boxes({box})'}}")
    answer = api.get(f"IsValidStateTransition(Entity=@p1,NewState='{state}',NewStatus={status})?@p1={row}")
    assert 200 == answer.status, answer.body
    assert answer.json["@odata.context"].endswith("IsValidStateTransitionResponse")
    return bool(answer.json["IsValid"])


def test_definitions_keep_the_transitions(place: Place) -> None:
    """`TransitionData` and `EnforceStateTransitions` read as they were written, also after a restart. [MSG-51]"""
    with place.opened() as api:
        assert [None, None] == [option["TransitionData"] for option in status_options(with_box(api)).values()]
        assert False is api.read(BOX)["EnforceStateTransitions"]
        with_ways(api)
    with place.opened() as api:
        expected = {value: transition_data(value, *to) for value, to in WAYS.items()}
        assert expected == {value: option["TransitionData"] for value, option in status_options(api).items()}
        assert True is api.read(BOX)["EnforceStateTransitions"]


def test_a_change_of_state_off_the_ways_is_refused(boxes: Api) -> None:
    """Nothing has changed then; on the ways it is accepted. [MSG-52]"""
    box = boxes.make("new_boxes", new_name="one")
    refused = boxes.patch(f"new_boxes({box})", {"statecode": 1, "statuscode": 2, "new_name": "two"})

    assert (400, "0x8004f00e") == (refused.status, refused.code)
    assert ("one", (0, 1)) == (boxes.read(f"new_boxes({box})")["new_name"], states(boxes, box))
    assert 204 == boxes.patch(f"new_boxes({box})", {"statuscode": 3}).status
    assert 204 == boxes.patch(f"new_boxes({box})", {"statecode": 1}).status
    assert (1, 2) == states(boxes, box)
    assert "0x8004f00e" == boxes.patch(f"new_boxes({box})", {"statecode": 0}).code
    assert 204 == boxes.patch(f"new_boxes({box})", {"statecode": 0, "statuscode": 3}).status
    assert (0, 3) == states(boxes, box)


def test_within_a_state_and_to_itself_every_status_may_go(boxes: Api) -> None:
    """The service binds only the change of a state. [MSG-51], [MSG-52]"""
    box = boxes.make("new_boxes", new_name="one", statuscode=3)

    assert 204 == boxes.patch(f"new_boxes({box})", {"statuscode": 1}).status
    assert 204 == boxes.patch(f"new_boxes({box})", {"statecode": 0, "statuscode": 1}).status
    assert (0, 1) == states(boxes, box)


def test_without_enforcement_every_fitting_pair_is_valid(boxes: Api) -> None:
    """The list alone forbids nothing. [MSG-51]"""
    assert 204 == enforce(boxes, on=False).status
    box = boxes.make("new_boxes", new_name="one")

    valid = is_valid(boxes, box, "Inactive", 2)
    answer = boxes.patch(f"new_boxes({box})", {"statecode": 1, "statuscode": 2})
    assert 204 == enforce(boxes).status

    assert (True, 204) == (valid, answer.status)


@pytest.mark.parametrize(
    ("state", "status", "from_new", "from_progress"),
    [
        ("Inactive", 2, False, True),
        ("Inactive", 4, True, True),
        ("Inactive", -1, False, True),
        ("Active", 1, True, False),
        ("Active", 3, True, True),
        ("Active", 2, False, False),
        ("Elsewhere", 1, False, False),
    ],
)
def test_the_question_follows_the_list(
    boxes: Api, state: str, status: int, *, from_new: bool, from_progress: bool
) -> None:
    """It names the state, −1 is the state's default, and the row stays as it is. [MSG-50], [MSG-51]"""
    box = boxes.make("new_boxes", new_name="one")
    assert from_new == is_valid(boxes, box, state, status)
    assert (0, 1) == states(boxes, box)
    boxes.patch(f"new_boxes({box})", {"statuscode": 3})
    assert from_progress == is_valid(boxes, box, state, status)


def test_a_status_of_another_state_is_named_with_the_state(boxes: Api) -> None:
    """The state is never inferred from the status reason. [MSG-46]"""
    box = boxes.make("new_boxes", new_name="one")
    answer = boxes.patch(f"new_boxes({box})", {"statuscode": 2})

    assert "0x80048408" == answer.code
    assert (
        f"2 is not a valid status code for state code new_BoxState.Active on new_box with Id {box}." == answer.message
    )


def test_unknown_states_and_statuses_are_refused(boxes: Api) -> None:
    """Each with its own code. [MSG-47]"""
    box = boxes.make("new_boxes", new_name="one")

    assert "0x80040233" == boxes.patch(f"new_boxes({box})", {"statecode": 7}).code
    assert "0x8004431a" == boxes.patch(f"new_boxes({box})", {"statuscode": 77}).code
    assert (0, 1) == states(boxes, box)


def test_a_table_without_states_has_no_transitions(boxes: Api) -> None:
    """The question is refused, and so is a state model. [MSG-47], [MSG-53]"""
    row = quote(f"{{'@odata.id':'systemusers({boxes.organization.administrator.user_id})'}}")
    question = boxes.get(f"IsValidStateTransition(Entity=@p1,NewState='Active',NewStatus=1)?@p1={row}")
    tables = ("systemuser", "task", "businessunit")
    models = [
        boxes.put(f"EntityDefinitions(LogicalName='{name}')", {"EnforceStateTransitions": True}) for name in tables
    ]

    assert (400, "0x80047015") == (question.status, question.code)
    assert [400] * 3 == [answer.status for answer in models]


@pytest.mark.parametrize(
    "written",
    [
        "no XML",
        "<allowedtransitions/>",
        transition_data(2, 1),
        transition_data(1, 99),
        transition_data(1, -1),
        '<!DOCTYPE x [<!ENTITY e "1">]>' + transition_data(1, 2),
    ],
)
def test_transitions_that_cannot_be_are_refused(boxes: Api, written: str) -> None:
    """XML of another shape, another status reason's ways, status reasons nobody has. [MSG-51]"""
    body = {"@odata.type": STATUS_TYPE, "OptionSet": {"Options": [{"Value": 1, "TransitionData": written}]}}

    assert 400 == boxes.put(STATUS, body).status
    assert transition_data(1, *WAYS[1]) == status_options(boxes)[1]["TransitionData"]


def test_a_deleted_status_takes_the_ways_to_it_along(boxes: Api) -> None:
    """What is left leads only to what is there. [MW-12], [MSG-51]"""
    named = {"EntityLogicalName": "new_box", "AttributeLogicalName": "statuscode"}
    assert 200 == boxes.post("InsertStatusValue", {**named, "Value": 5, "Label": label("Lost"), "StateCode": 1}).status
    assert 204 == limit(boxes, {1: (3, 4, 5)}).status
    assert 204 == boxes.post("DeleteOptionValue", {**named, "Value": 5}).status

    expected = {value: transition_data(value, *to) for value, to in WAYS.items()}
    assert expected == {value: option["TransitionData"] for value, option in status_options(boxes).items()}
