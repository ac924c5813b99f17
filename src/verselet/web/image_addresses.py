"""Read the addresses that image columns show.

In:        the query of `/Image/download.aspx`
Out:       the same image as an address of the Web API
Not here:  answering it (web.files), writing the addresses (operations.rules.images)
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from verselet.errors import ResourceNotFound
from verselet.ids import GUID
from verselet.metadata.columns import ImageColumn
from verselet.metadata.schema import Schema

IMAGES: Final = b"/Image/download.aspx"


def image_address(schema: Schema, raw_query: str) -> tuple[str, str]:
    """Path below the API and query of the thumbnail, or with `Full=true` of the image itself. [IM-3]

    Raises:
        ResourceNotFound: it names no image column, or no row.
    """
    given = {name.lower(): values[0] for name, values in parse_qs(raw_query).items()}
    table = schema.tables.get(given.get("entity", ""))
    column = None if table is None else table.columns.get(given.get("attribute", ""))
    row_id = given.get("id", "").strip("{}")
    if table is None or not isinstance(column, ImageColumn) or not GUID.match(row_id):
        raise ResourceNotFound("download.aspx")
    query = "size=full" if given.get("full", "").lower() == "true" else ""
    return f"{table.set_name}({row_id})/{column.name}/$value", query
