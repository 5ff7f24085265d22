"""Encoders as their authors publish them: weights without a card.

`pickle` is imported for the class of an error; nothing is unpickled.
"""

from __future__ import annotations

import pickle  # nosec B403
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..core.cards import PUBLISHED_SUFFIXES, SUFFIX, SourceCard
from ..core.errors import CheckpointError
from .encoders.galileo import from_published


@dataclass(frozen=True)
class Published:
    """An encoder read from a published file.

    Attributes:
        architecture: The card's `architecture["encoder"]` entry.
        sources: What it was trained with.
        weights: Tensors, named as in `Encoder.pretrained_part`.
        licence: Licence of the weights, in words.
    """

    architecture: dict[str, Any]
    sources: tuple[SourceCard, ...]
    weights: dict[str, Tensor]
    licence: str


def is_published(path: str) -> bool:
    """Whether a file is a downloaded PyTorch checkpoint rather than one of ours, by its name."""
    return Path(path).suffix.lower() in PUBLISHED_SUFFIXES


def read_published(path: str) -> Published:
    """Reads a published encoder from a PyTorch file, without running anything that the file may hold.

    Raises:
        CheckpointError: If it is not a known one, or holds more than tensors.
    """
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"Checkpoint '{path}' does not exist.") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, zipfile.BadZipFile, ValueError) as error:
        raise CheckpointError(
            f"'{path}' is not a PyTorch file with tensors only; nothing of it was run.",
            f"Choose a {SUFFIX} checkpoint of LandSketch or Galileo's encoder.pt.",
        ) from error
    if isinstance(weights, dict) and "s_t_channel_embed" in weights:
        network, arguments = from_published(weights)
        return Published({"name": "galileo", **arguments}, (), network.state_dict(), "MIT (Galileo, NASA Harvest)")
    raise CheckpointError(
        f"'{path}' is not an encoder that LandSketch knows.", "Known published files: Galileo's encoder.pt."
    )
