"""Protobuf messages, stepped through with the standard library alone.

A message is its fields one after the other, each with its number and its content: a number, or so many bytes.
"""

from __future__ import annotations

from typing import BinaryIO, Iterator, NamedTuple

_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 5: 4}
"""Wire types; those of a fixed number of bytes with it."""

_MAX_FIELDS = 1_000_000
"""More fields than any real message has; a file of rubbish would otherwise be read for minutes."""


class TruncatedError(Exception):
    """The message ends inside a field."""


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: Which one it is.
        length: Bytes of its content; 0 for a number.
        value: The number; 0 for content.
    """

    number: int
    length: int
    value: int


def fields(file: BinaryIO, end: int) -> Iterator[Field]:
    """Goes through the fields of a message, from here to `end`.

    Yields:
        A field, with the file at the start of its content. What of it is not read is stepped over.

    Raises:
        TruncatedError: If `end` lies inside a field.
        ValueError: If this is no protobuf message.
    """
    for _ in range(_MAX_FIELDS):
        if file.tell() >= end:
            return
        tag = _varint(file)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (_VARINT, *_FIXED, _LENGTH):
            raise ValueError(f"No protobuf field starts with {tag}.")
        length = value = 0
        if wire == _VARINT:
            value = _varint(file)
        else:
            length = _FIXED[wire] if wire in _FIXED else _varint(file)
        after = file.tell() + length
        if after > end:
            raise TruncatedError
        yield Field(number, length, value)
        file.seek(after)
    raise ValueError("More fields than any message has.")


def text(file: BinaryIO, length: int) -> str:
    """Reads a text of so many bytes."""
    return file.read(length).decode("utf-8")


def _varint(file: BinaryIO) -> int:
    """Reads a number of up to ten bytes, seven bits each, the lowest first."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise TruncatedError
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("No protobuf number has more than ten bytes.")
