"""Switch languages of labels on and off.

In:        ProvisionLanguage and DeprovisionLanguage
Out:       a plain response; see `applying`
Not here:  which languages there are (operations.languages, metadata.languages)
"""

from __future__ import annotations

from typing import cast

from verselet.messages import definitions as messages
from verselet.messages.request import Response
from verselet.metadata.translations import deprovision, provision, provisioned
from verselet.operations.definitions.applying import apply
from verselet.pipeline.execution import Execution


def provision_language(run: Execution) -> Response:
    """Let labels be in one more language; one that is on stays on. [FN-25]"""
    language = cast(messages.ProvisionLanguage, run.request).language
    if language not in provisioned(run.schema):
        apply(run, provision(run.schema, language))
    return Response()


def deprovision_language(run: Execution) -> Response:
    """Let no label be in a language any more. [FN-25]"""
    apply(run, deprovision(run.schema, cast(messages.DeprovisionLanguage, run.request).language))
    return Response()
