"""Published weights as tensors by name: files are read without running anything, and wrappers are taken off.

`pickle` is imported for the class of an error; nothing is unpickled but tensors and plain values.
"""

from __future__ import annotations

import argparse
import pickle  # nosec B403
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from ..core.cards import METADATA_KEY, PUBLISHED_SUFFIXES, SUFFIX
from ..core.errors import CheckpointError

_WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "teacher",
    "model",
    "network",
    "module",
    "encoder",
    "backbone",
    "student",
)
"""Names under which files keep their weights, most telling first: DINO's teacher is better than its student."""

_PREFIXES = (
    "module.",
    "encoder_q.",
    "base_encoder.",
    "backbone.",
    "model.",
    "encoder.",
    "network.",
    "visual.",
    "_timm_module.",
    "base_model.",
)
"""Beginnings of names, which libraries add one after the other: wrappers for several GPUs, the trained one of two
networks (MoCo), the encoder in a larger network."""

_PARTS = {"s1_encoder", "s2_encoder"}
"""CROMA keeps the weights of each of its parts under the part's name."""

_SAFE: list[Any] = [
    argparse.Namespace,
    np.dtype,
    *(getattr(np.dtypes, f"{kind}DType") for kind in ("Bool", "Int32", "Int64", "Float32", "Float64", "Str")),
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),
    (np.float64(0).__reduce__()[0], "numpy._core.multiarray.scalar"),
]
"""Plain values that training scripts save beside the weights: their settings, and numbers of numpy."""

_UNREADABLE = (
    pickle.UnpicklingError, RuntimeError, EOFError, OSError, zipfile.BadZipFile, ValueError, KeyError, IndexError,
    TypeError, AttributeError,
)  # fmt: skip
"""What torch raises for files that are damaged, of another kind, or hold more than tensors."""


def read_tensors(path: str) -> dict[str, Tensor]:
    """Reads the tensors of a file (.pt, .pth, .ckpt, .safetensors), without wrappers.

    Returns:
        Tensors by their names in the file. Parts that lie in dictionaries of their own (CROMA) are joined by dots.

    Raises:
        CheckpointError: If the file is missing, cannot be read, holds anything that would have to be run, or no
            tensors; or if it is a checkpoint of LandSketch.
    """
    loaded = _read_safetensors(path) if path.lower().endswith(SUFFIX) else _read_torch(path)
    tensors = _unwrapped(loaded)
    if not tensors:
        raise CheckpointError(f"'{path}' holds no weights.", "Choose the file with the encoder's weights.")
    return tensors


def without_prefix(tensors: Mapping[str, Tensor], depth: int) -> dict[str, Tensor] | None:
    """Takes off prefixes, and with each the tensors that do not have it.

    Args:
        tensors: By name.
        depth: How many to take off, one after the other.

    Returns:
        What is left; None where there are not so many.
    """
    for _ in range(depth):
        prefix = next((p for p in _PREFIXES if any(name.startswith(p) for name in tensors)), None)
        if prefix is None:
            return None
        tensors = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    return dict(tensors)


def _read_safetensors(path: str) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        if METADATA_KEY in metadata:
            raise CheckpointError(f"'{path}' is a checkpoint of LandSketch already.", "Use it as it is.")
        return dict(load_file(path))
    except FileNotFoundError as error:
        raise CheckpointError(f"Checkpoint '{path}' does not exist.") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"'{path}' cannot be read: {error}.", "Download it again.") from error


def _read_torch(path: str) -> Any:
    """Reads a PyTorch file by its weights-only reader, which refuses to call anything."""
    try:
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError:
            with torch.serialization.safe_globals(_SAFE):
                return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"Checkpoint '{path}' does not exist.") from error
    except _UNREADABLE as error:
        raise CheckpointError(
            f"'{path}' is not a PyTorch file with tensors only; nothing of it was run.",
            f"Choose a file with weights ({', '.join(PUBLISHED_SUFFIXES)}) from a source that you trust, or one in the "
            f"{SUFFIX} format.",
        ) from error


def _unwrapped(loaded: Any) -> dict[str, Tensor]:
    """Goes down into dictionaries until there are tensors; whatever else lies beside them is left aside."""
    while isinstance(loaded, Mapping):
        if set(loaded) >= _PARTS:
            return {
                f"{part}.{name}": tensor
                for part, tensors in loaded.items()
                if isinstance(tensors, Mapping)
                for name, tensor in tensors.items()
                if isinstance(tensor, Tensor)
            }
        wrapper = next((key for key in _WRAPPERS if isinstance(loaded.get(key), Mapping)), None)
        if wrapper is None:
            return {str(name): tensor for name, tensor in loaded.items() if isinstance(tensor, Tensor)}
        loaded = loaded[wrapper]
    return {}
