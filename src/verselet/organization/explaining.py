"""Tell why a user, named in any way, may do what with a row.

In:        an organization, the names of a user and of a table, the id of a row
Out:       the explanation
Not here:  the decision (security.access), the message (operations.explaining)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument, ResourceNotFound
from verselet.ids import GUID
from verselet.messages.explaining import AccessExplained, ExplainAccess, Explanation
from verselet.messages.request import RowKey
from verselet.organization.house import Organization
from verselet.values import Reference


def explain_access(organization: Organization, user: str, table_name: str, row_id: str) -> Explanation:
    """Why the user may do what with the row; the table by its own name or that of its set.

    Raises:
        ResourceNotFound: there is no such user or table.
        RowDoesNotExist: there is no such row.
    """
    user_id = organization.user_named(user)
    if user_id is None:
        raise ResourceNotFound(user)
    schema = organization.schema
    table = schema.tables.get(table_name) or schema.table_by_set_name.get(table_name)
    if table is None:
        raise ResourceNotFound(table_name, schema.tables)
    if not GUID.match(row_id):
        raise InvalidArgument(f"'{row_id[:80]}' is no id of a row.")
    request = ExplainAccess(RowKey(user_id), Reference(table.name, row_id.lower()))
    return cast(AccessExplained, organization.execute(request, organization.administrator)).explanation
