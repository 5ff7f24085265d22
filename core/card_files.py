"""Reads the card of a checkpoint's file, without its weights and with the standard library alone."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any, Dict, Tuple

from .cards import METADATA_KEY, Card
from .deepness_keys import read_foreign
from .errors import CheckpointError
from .onnx_card import ONNX_SUFFIX, read_metadata

BUNDLED = str(Path(__file__).resolve().parent.parent / "models" / "bundled.safetensors")
"""The encoder that comes with LandSketch (see `core.bundled`)."""

_MAX_HEADER = 100_000_000
"""The safetensors format's own limit for a header, in bytes."""


def read_card(path: str) -> Card:
    """Reads the card of a checkpoint, without reading its weights.

    Raises:
        CheckpointError: If the file is missing, is no checkpoint, is truncated, or has no card.
    """
    if not path.lower().endswith(ONNX_SUFFIX):
        text = _read_safetensors(path)
    else:
        metadata = read_metadata(path)
        if METADATA_KEY not in metadata:
            return read_foreign(path).card
        text = metadata[METADATA_KEY]
    try:
        values = json.loads(text)
    except ValueError as error:
        raise CheckpointError(f"The card of checkpoint '{path}' is damaged: {error}.", "Copy it again.") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"The card of checkpoint '{path}' is damaged: it is no object.", "Write it anew.")
    return Card.from_json(values, path)


def _read_safetensors(path: str) -> str:
    """Returns the card's text of a safetensors file that is whole."""
    header, data_start = _read_header(path)
    text = (header.get("__metadata__") or {}).get(METADATA_KEY)
    if text is None:
        raise CheckpointError(
            f"'{path}' is a safetensors file without a LandSketch card.",
            "Choose a checkpoint that LandSketch wrote; a published encoder is imported first.",
        )
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    if os.path.getsize(path) < data_start + max(ends, default=0):
        raise CheckpointError(f"Checkpoint '{path}' is truncated: weights are missing at its end.", "Copy it again.")
    return str(text)


def _read_header(path: str) -> Tuple[Dict[str, Any], int]:
    """Returns the safetensors header and the position of the first tensor byte."""
    hint = "Choose a .safetensors file that LandSketch wrote."
    try:
        with open(path, "rb") as file:
            prefix = file.read(8)
            length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
            if not 2 <= length <= min(_MAX_HEADER, os.path.getsize(path)):
                raise CheckpointError(f"'{path}' is not a checkpoint.", hint)
            header = json.loads(file.read(length))
    except OSError as error:
        raise CheckpointError(f"Checkpoint '{path}' cannot be read: {error.strerror}.", hint) from error
    except ValueError as error:
        raise CheckpointError(f"'{path}' is not a checkpoint.", hint) from error
    if not isinstance(header, dict):
        raise CheckpointError(f"'{path}' is not a checkpoint.", hint)
    return header, 8 + length
