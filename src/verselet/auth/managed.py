"""Answer like the identity of a machine in the cloud: a token for whoever runs on this machine.

In:        the query of a request
Out:       `managed_identity`
Not here:  HTTP and its header (server.sign_in)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verselet.auth.issued import LIFETIME_S, Issuer
from verselet.auth.people import People, Person
from verselet.auth.places import Place
from verselet.auth.refusals import SignInRefused, malformed, unknown_application
from verselet.auth.resources import Wanted, is_own_resource

API_VERSION: Final = "2019-08-01"


def managed_identity(
    query: Mapping[str, str], issuer: Issuer, people: People, administrator_id: str, base_url: str
) -> dict[str, Any]:
    """A token without a secret: of the application user that `client_id` names, else of the administrator. [AU-6]

    Raises:
        SignInRefused: another version, another resource, or an application nobody knows.
    """
    if query.get("api-version") != API_VERSION:
        raise malformed(f"the api-version must be {API_VERSION}")
    resource = query.get("resource", "").removesuffix("/.default")
    if not is_own_resource(resource, issuer.is_own_address):
        raise malformed(f"the resource '{resource[:200]}' is not an address of this server")
    place = Place(base_url, issuer.tenant_id, 2)
    wanted = Wanted(resource, f"{resource}/.default")
    application = _application(query, people)
    if application is None:
        user = people.find(administrator_id)
        assert user is not None  # Every organization has its administrator.
        answer, client_id = issuer.user_answer(user, user.object_id, wanted, place), user.object_id
    else:
        answer, client_id = issuer.application_answer(application, wanted, place), application.application_id
    return {
        "access_token": answer["access_token"],
        "client_id": client_id,
        "expires_on": str(issuer.now_s() + LIFETIME_S),
        "resource": resource,
        "token_type": "Bearer",
    }


def _application(query: Mapping[str, str], people: People) -> Person | None:
    """The application user that is asked for, by its application id or by its object id."""
    client_id = query.get("client_id", "")
    object_id = query.get("principal_id") or query.get("object_id", "")
    if not (client_id or object_id):
        return None
    found = people.find_application(client_id) if client_id else people.find(object_id)
    if found is None or not found.application_id:
        raise unknown_application(client_id or object_id)
    if found.is_disabled:
        raise SignInRefused("unauthorized_client", 7000112, "The application is disabled.")
    return found
