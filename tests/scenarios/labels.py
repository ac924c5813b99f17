"""Labels in several languages: who writes them, who reads them, and what is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.definition_bodies import BOX, NAMESPACE
from tests.scenarios.definitions import Place, with_box
from tests.scenarios.harness import Answer, Api
from tests.scenarios.people import as_user, found, give, user
from tests.scenarios.stores import STORES, url_of

COLUMNS = f"{BOX}/Attributes"
GERMAN, FRENCH = 1031, 1036


@pytest.fixture(scope="module", params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization with `new_box` and two further languages; each test makes what it is about."""
    with url_of(request) as url, Place(url=url).opened() as opened:
        with_box(opened)
        for language in (GERMAN, FRENCH):
            assert 204 == opened.post("ProvisionLanguage", {"Language": language}).status
        yield opened


@pytest.fixture(scope="module")
def german(api: Api) -> dict[str, str]:
    """The headers of a system administrator who reads German."""
    return reader(api, GERMAN)


def reader(api: Api, language: int) -> dict[str, str]:
    """The headers of a system administrator who reads in a language."""
    reads = user(api, f"Reader {language}")
    (role,) = found(api, "roles", "name eq 'System Administrator'", "roleid")
    assert 204 == give(api, "systemusers", reads, role).status
    assert 204 == api.patch(f"usersettingscollection({reads})", {"uilanguageid": language}).status
    return as_user(reads)


def said(**texts: str) -> dict[str, Any]:
    """A label: `en`, `de`, `fr`."""
    codes = {"en": 1033, "de": GERMAN, "fr": FRENCH}
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": codes[name]} for name, text in texts.items()]}


def told(written: dict[str, Any]) -> tuple[dict[int, str], str | None]:
    """Language → text of a label, and what its reader is told."""
    own = written["UserLocalizedLabel"]
    texts = {one["LanguageCode"]: one["Label"] for one in written["LocalizedLabels"]}
    return texts, None if own is None else own["Label"]


def shown(api: Api, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A definition as somebody reads it."""
    answer = api.send("GET", address, headers=headers)
    assert 200 == answer.status, answer.body
    return dict(answer.json)


def choice(name: str) -> str:
    """The address of a choice column with its options."""
    return (
        f"{COLUMNS}(LogicalName='{name}')/{NAMESPACE}.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"
    )


def option_labels(
    api: Api, address: str, headers: dict[str, str] | None = None
) -> list[tuple[dict[int, str], str | None]]:
    """The labels of a column's options."""
    return [told(option["Label"]) for option in shown(api, address, headers)["OptionSet"]["Options"]]


def option(value: int | None, **texts: str) -> dict[str, Any]:
    """An option with a label in several languages."""
    return {"Label": said(**texts), **({} if value is None else {"Value": value})}


def listed(*given: dict[str, Any]) -> dict[str, Any]:
    """A list of options of a column."""
    return {"OptionSetType": "Picklist", "IsGlobal": False, "Options": list(given)}


def annotated(api: Api, target: str, headers: dict[str, str] | None = None) -> Any:
    """The answer to a read with formatted values."""
    prefer = {"prefer": 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'}
    answer = api.send("GET", target, headers={**prefer, **(headers or {})})
    assert 200 == answer.status, answer.body
    return answer.json


def formatted(api: Api, target: str, *names: str, headers: dict[str, str] | None = None) -> tuple[str, ...]:
    """The formatted values of some columns of a row."""
    row = annotated(api, target, headers)
    return tuple(row[f"{name}@OData.Community.Display.V1.FormattedValue"] for name in names)


def refused(answer: Answer, code: str, says: str) -> None:
    """With 400, the code, and what the message names."""
    assert (400, code) == (answer.status, answer.code), answer.body
    assert says in answer.message
