"""Make the small picture that stands for an image.

In:        the bytes of an image
Out:       `Thumbnail`
Not here:  where it is kept (operations.rules.images)
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

import msgspec

from verselet.errors.content import ImageRefused

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE: Final = 144
"""Pixels of each side of a thumbnail. [IM-2]"""

MOST_PIXELS: Final = 40_000_000
"""An image above this is refused before it is decoded: a small file can hold a huge one."""

MIME_TYPES: Final = (("GIF", "image/gif"), ("JPEG", "image/jpeg"), ("PNG", "image/png"), ("BMP", "image/bmp"),
                     ("TIFF", "image/tiff"))  # fmt: skip
"""The formats that are taken. [IM-4]"""

PNG_BEGINS: Final = b"\x89PNG"


class Thumbnail(msgspec.Struct, frozen=True):
    """The thumbnail, and the type of the image it was made from."""

    content: bytes
    mime_type: str


def thumbnail_of(column: str, content: bytes) -> Thumbnail:
    """The middle of the image, 144 pixels square. [IM-2]

    Raises:
        ImageRefused: no image, one of another format, damaged, or too large. [IM-4]
    """
    # Only who writes images pays for the library: 40 ms.
    from PIL import Image, ImageOps

    formats = dict(MIME_TYPES)
    try:
        with Image.open(io.BytesIO(content), formats=tuple(formats)) as opened:
            kind = opened.format or ""
            if opened.width * opened.height > MOST_PIXELS:
                raise ImageRefused(column, f"it has more than {MOST_PIXELS} pixels")
            # A JPEG can be decoded at a fraction of its size.
            opened.draft(None, (SIDE * 2, SIDE * 2))
            upright = ImageOps.exif_transpose(opened)
            small = ImageOps.fit(_plain(upright), (SIDE, SIDE))
    except Image.DecompressionBombError:
        raise ImageRefused(column, f"it has more than {MOST_PIXELS} pixels") from None
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, struct.error):
        raise ImageRefused(column, "it is no GIF, JPEG, PNG, BMP or TIFF that can be read") from None
    written = io.BytesIO()
    if kind == "JPEG":
        small.convert("RGB").save(written, "JPEG", quality=85)
    else:
        small.save(written, "PNG")
    return Thumbnail(written.getvalue(), formats[kind])


def mime_type_of(thumbnail: bytes) -> str:
    """The type of a thumbnail."""
    return "image/png" if thumbnail.startswith(PNG_BEGINS) else "image/jpeg"


def _plain(image: Image) -> Image:
    """In colours that can be blended: palettes and grey of 16 bits cannot."""
    has_alpha = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")
