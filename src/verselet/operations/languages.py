"""Answer which languages labels can be in.

In:        a question about languages
Out:       named values
Not here:  switching one on or off (operations.definitions.languages), labels (metadata.translations)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument
from verselet.messages.facts import RetrieveLanguagePackVersion, RetrieveLanguages
from verselet.messages.request import PropertiesResponse
from verselet.metadata.languages import BASE_LANGUAGE, LANGUAGES
from verselet.metadata.translations import must_be_provisioned, provisioned
from verselet.pipeline.execution import Execution


def retrieve_languages(run: Execution) -> PropertiesResponse:
    """The language codes, the base language first. Packs need no installing: all are there. [FN-25], [OC-20]"""
    asked = cast(RetrieveLanguages, run.request)
    on = provisioned(run.schema)
    everything = (BASE_LANGUAGE, *(code for code in LANGUAGES if code != BASE_LANGUAGE))
    match asked.which:
        case "available":
            return PropertiesResponse("RetrieveAvailableLanguagesResponse", {"LocaleIds": on})
        case "provisioned":
            return _codes("RetrieveProvisionedLanguages", on)
        case "deprovisioned":
            return _codes("RetrieveDeprovisionedLanguages", [code for code in everything if code not in on])
        case "installed":
            return _codes("RetrieveInstalledLanguagePacks", everything)


def _codes(name: str, codes: object) -> PropertiesResponse:
    return PropertiesResponse(f"{name}Response", {name: codes})


def retrieve_language_pack_version(run: Execution) -> PropertiesResponse:
    """The version of the service this server speaks for: packs are part of it. [FN-25]

    Raises:
        InvalidArgument: there is no such pack.
        LanguageNotValid: it is not switched on.
    """
    asked = cast(RetrieveLanguagePackVersion, run.request)
    if asked.language not in LANGUAGES:
        raise InvalidArgument(f"There is no language pack with the language code {asked.language}.")
    if asked.which == "Provisioned":
        must_be_provisioned(run.schema, asked.language)
    return PropertiesResponse(f"Retrieve{asked.which}LanguagePackVersionResponse", {"Version": run.facts.version})
