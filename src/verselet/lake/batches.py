"""Take the rows of a query some at a time, while other threads go on.

In:        what the engine of Delta tables makes of a query
Out:       `batches_of`
Not here:  the query (lake.scan), what its failures are called (lake.failures)

The engine works when the next rows are asked for. Its own way to ask holds up every other thread of the process until
they are there, and files may lie far away. So they are asked for through the C interface for streams of Arrow, which
all its libraries share and never change: a call through ctypes lets the others go on.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arro3.core import RecordBatch, RecordBatchReader

_NEXT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_ERROR = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)


class _Stream(ctypes.Structure):
    """ArrowArrayStream."""

    _fields_ = (
        ("get_schema", ctypes.c_void_p),
        ("get_next", _NEXT),
        ("get_last_error", _ERROR),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    """ArrowArray."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")],
        *[(name, ctypes.c_void_p) for name in ("buffers", "children", "dictionary", "release", "private_data")],
    )


def batches_of(reader: RecordBatchReader) -> Iterator[RecordBatch]:
    """The batches, each when it is asked for.

    Raises:
        OSError: the engine cannot go on; says why.
    """
    from arro3.core import RecordBatch

    schema: Any = reader.schema
    # It gives the stream back when nobody holds it any more.
    held = reader.__arrow_c_stream__()
    address = _address(held, b"arrow_array_stream")
    stream = _Stream.from_address(address)
    while True:
        array = _Array()
        if stream.get_next(address, ctypes.addressof(array)):
            raise OSError((stream.get_last_error(address) or b"").decode(errors="replace"))
        if not array.release:
            return
        # Its content moves from here into the batch.
        found: Any = _capsule(ctypes.addressof(array), b"arrow_array", None)
        yield RecordBatch.from_arrow_pycapsule(schema.__arrow_c_schema__(), found)


_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype, _address.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype, _capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
