"""Custom APIs that another process of the organization has made, on both durable stores. [FN-28]"""

from __future__ import annotations

from tests.scenarios.custom_apis import custom_api, parameter
from tests.scenarios.definitions import Place
from tests.scenarios.durable_stores import place
from verselet.organization.opening import open_organization

__all__ = ["place"]


def test_a_message_is_there_for_all_processes_at_once(place: Place) -> None:
    """Whoever has not heard of it asks before it says that there is no such thing. [FN-28], [E-21]"""
    with place.opened() as one, place.opened() as other:
        assert 404 == other.post("new_Shared").status
        made = custom_api(one, "new_Shared")
        assert 204 == other.post("new_Shared").status
        assert 'Action Name="new_Shared"' in other.get("$metadata").body.decode()
        parameter(one, made, "Needed")
        other.organization.keep_up(certain=True)
        assert 400 == other.post("new_Shared").status
        assert 204 == one.delete(f"customapis({made})").status
        other.organization.keep_up(certain=True)
        assert 404 == other.post("new_Shared", {"Needed": "x"}).status


def test_a_message_outlives_its_server(place: Place) -> None:
    """It is read when the organization is opened again. [FN-28]"""
    with place.opened() as one:
        custom_api(one, "new_Kept")
    organization = open_organization(None, url=place.url, directory=place.directory)
    assert ["new_Kept"] == list(organization.registry.messages)
    organization.close()
