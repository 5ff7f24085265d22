"""The metadata of an ONNX file, read with the standard library alone.

An ONNX file is one protobuf message, ModelProto: fields one after the other, each with its number and length. The
network is one of them, stepped over unread; it can have hundreds of megabytes.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import asdict, dataclass
from typing import BinaryIO, Dict, Iterator, Set, Tuple

from .errors import CheckpointError

ONNX_SUFFIX = ".onnx"
TILING_KEY = "landsketch_tiling"
OUTPUT = "probabilities"
"""The output of every network that LandSketch exports; its inputs are the card's roles."""

_HINT = "Choose an .onnx file that LandSketch wrote."

_IR_VERSION, _GRAPH, _OPSET_IMPORT, _METADATA = 1, 7, 8, 14
"""Fields of onnx.ModelProto. The first three are in every valid file."""

_KEY, _VALUE = 1, 2
"""Fields of onnx.StringStringEntryProto."""

_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 5: 4}
"""Wire types of protobuf; those of a fixed number of bytes with it."""

_MAX_FIELDS = 100_000
"""More top-level fields than any real file has; a file of rubbish would otherwise be read for minutes."""

_MAX_ENTRY = 100_000_000
"""The most bytes that are read as one metadata entry, as for the header of a checkpoint."""


@dataclass(frozen=True)
class Tiling:
    """What planning tiles needs to know of a network, beyond its card.

    Attributes:
        alignment: Tiles start at, and have sides of, multiples of this many pixels.
        ramp: Half the width in pixels over which neighbouring tiles fade into each other; 0 for none.
        side: Side in pixels of the only windows that the network takes; 0 where it takes any.
    """

    alignment: int
    ramp: int
    side: int

    def to_json(self) -> Dict[str, int]:
        """Returns the numbers as plain JSON values."""
        return asdict(self)


class _TruncatedError(Exception):
    """The file ends inside a field."""


def read_tiling(path: str) -> Tiling:
    """Reads what planning tiles needs to know from an ONNX file that LandSketch wrote.

    Raises:
        CheckpointError: If it is none, or is damaged.
    """
    text = read_metadata(path).get(TILING_KEY)
    if text is None:
        raise CheckpointError(f"'{path}' is an ONNX model that says nothing on tiling.", "Export it anew.")
    try:
        values = json.loads(text)
        return Tiling(int(values["alignment"]), int(values["ramp"]), int(values["side"]))
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"The tiling of '{path}' is damaged: {error!r}.", "Export it anew.") from error


def read_metadata(path: str) -> Dict[str, str]:
    """Reads the metadata of an ONNX file, without reading its network.

    Raises:
        CheckpointError: If the file is missing, is no ONNX model, or is truncated.
    """
    metadata: Dict[str, str] = {}
    seen: Set[int] = set()
    try:
        with open(path, "rb") as file:
            for number, length in _fields(file, os.fstat(file.fileno()).st_size):
                seen.add(number)
                if number == _METADATA:
                    key, value = _entry(file, length)
                    metadata[key] = value
    except OSError as error:
        raise CheckpointError(f"Checkpoint '{path}' cannot be read: {error.strerror}.", _HINT) from error
    except _TruncatedError as error:
        if _IR_VERSION not in seen:
            raise CheckpointError(f"'{path}' is not an ONNX model.", _HINT) from error
        raise CheckpointError(f"Checkpoint '{path}' is truncated.", "Copy it again.") from error
    except ValueError as error:
        raise CheckpointError(f"'{path}' is not an ONNX model, or is damaged.", _HINT) from error
    if not {_IR_VERSION, _GRAPH, _OPSET_IMPORT} <= seen:
        raise CheckpointError(f"'{path}' is not a whole ONNX model.", _HINT)
    return metadata


def _entry(file: BinaryIO, length: int) -> Tuple[str, str]:
    """Reads a StringStringEntryProto of so many bytes."""
    if length > _MAX_ENTRY:
        raise ValueError("A metadata entry of this size is none.")
    content = io.BytesIO(file.read(length))
    texts = {number: content.read(size).decode("utf-8") for number, size in _fields(content, length)}
    return texts.get(_KEY, ""), texts.get(_VALUE, "")


def _fields(file: BinaryIO, end: int) -> Iterator[Tuple[int, int]]:
    """Goes through the fields of a message, from here to `end`.

    Yields:
        Number and length in bytes of a field, with the file at the start of its content. What of it is not read is
        stepped over.

    Raises:
        _TruncatedError: If `end` lies inside a field.
        ValueError: If this is no protobuf message.
    """
    for _ in range(_MAX_FIELDS):
        if file.tell() >= end:
            return
        tag = _varint(file)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (_VARINT, *_FIXED, _LENGTH):
            raise ValueError(f"No protobuf field starts with {tag}.")
        if wire == _VARINT:
            _varint(file)
            length = 0
        else:
            length = _FIXED[wire] if wire in _FIXED else _varint(file)
        after = file.tell() + length
        if after > end:
            raise _TruncatedError
        yield number, length
        file.seek(after)
    raise ValueError("More fields than any ONNX model has.")


def _varint(file: BinaryIO) -> int:
    """Reads a number of up to ten bytes, seven bits each, the lowest first."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise _TruncatedError
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("No protobuf number has more than ten bytes.")
