"""Checkpoints: weights with their card, in one safetensors file."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from ..core.card_files import read_card
from ..core.cards import METADATA_KEY, Card
from ..core.errors import CheckpointError
from ..core.outputs import finished
from .segmenter import Segmenter, build_segmenter


def save_checkpoint(path: str, network: nn.Module, card: Card) -> None:
    """Writes the weights and the card; the file appears under its name only when it is whole."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    with finished(path) as temporary:
        # Not save_file, which makes files that only their owner can read, whatever the user's settings.
        Path(temporary).write_bytes(save(weights, metadata={METADATA_KEY: json.dumps(card.to_json())}))


def load_weights(path: str) -> dict[str, Tensor]:
    """Reads the tensors of a checkpoint.

    Raises:
        CheckpointError: If the file is damaged.
    """
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"Checkpoint '{path}' cannot be read: {error}.", "Copy it again.") from error


def load_segmenter(path: str) -> tuple[Card, Segmenter]:
    """Reads a checkpoint that classifies.

    Raises:
        CheckpointError: If it is no checkpoint, has no classes, or its weights do not fit its card.
    """
    card = read_card(path)
    network = build_segmenter(card)
    fill(network, load_weights(path), path)
    return card, network.eval()


def fill(network: nn.Module, weights: dict[str, Tensor], path: str) -> None:
    """Puts weights into a network, all of them or none.

    Raises:
        CheckpointError: If names or shapes differ.
    """
    wanted = network.state_dict()
    missing = sorted(set(wanted) - set(weights))
    unexpected = sorted(set(weights) - set(wanted))
    reshaped = sorted(n for n in set(wanted) & set(weights) if wanted[n].shape != weights[n].shape)
    if missing or unexpected or reshaped:
        counts = f"{len(missing)} missing, {len(unexpected)} unexpected, {len(reshaped)} of another shape"
        first = [*missing, *unexpected, *reshaped][0]
        raise CheckpointError(f"The weights of '{path}' do not fit its card: {counts}; first '{first}'.")
    network.load_state_dict(weights)
