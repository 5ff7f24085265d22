"""Encoders for fewer bands than they were trained with: the first layer is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from ..core.cards import SourceCard
from ..core.errors import CheckpointError
from .identification import FREE_INPUT
from .recognition import FIRST_LAYERS, Recognised


@dataclass(frozen=True)
class Cut:
    """A cut encoder.

    Attributes:
        source: What is left of its source.
        weights: Named as in `Encoder.pretrained_part`.
        change: What was done, in words.
    """

    source: SourceCard
    weights: dict[str, Tensor]
    change: str


def cut(recognised: Recognised, sources: Sequence[SourceCard], bands: Sequence[str], path: str) -> Cut:
    """Cuts the first layer to some of its bands.

    Weights are scaled by C / C_kept, so that a patch with one value in all bands still gives the same response.

    Args:
        recognised: The encoder.
        sources: What it was trained with.
        bands: Those that are left, in any order.
        path: Its file, for errors.

    Raises:
        CheckpointError: If its first layer is not one of bands, or the bands are none of its own.
    """
    first = next((name for name in FIRST_LAYERS if name in recognised.weights), None)
    if first is None or recognised.architecture["name"] not in FREE_INPUT or len(sources) != 1:
        raise CheckpointError(
            f"The encoder in '{path}' ({recognised.architecture['name']}) cannot be cut to other bands.",
            "Leave 'adapt' out; the encoder takes what bands it can of a scene.",
        )
    (source,) = sources
    unknown = [band for band in bands if band not in source.bands]
    if not bands or unknown:
        raise CheckpointError(
            f"The bands to keep are {', '.join(bands) or 'not stated'}; the encoder has {', '.join(source.bands)}.",
            "State those that are left of them.",
        )
    places = [source.bands.index(band) for band in bands]
    if len(source.bands) != recognised.channels or len(set(places)) != len(places):
        raise CheckpointError(
            f"The first layer of '{path}' has {recognised.channels} input channels, and its bands are "
            f"{', '.join(source.bands)}; kept are to be {', '.join(bands)}.",
            "State each band once, of the encoder that the file holds.",
        )
    kernel = recognised.weights[first][:, places] * (len(source.bands) / len(places))
    scaling = source.normalisation
    kept = replace(
        source,
        bands=tuple(bands),
        normalisation=replace(
            scaling,
            offset=tuple(scaling.offset[place] for place in places),
            scale=tuple(scaling.scale[place] for place in places),
        ),
    )
    change = (
        f"First layer cut from {len(source.bands)} bands ({', '.join(source.bands)}) to {len(places)} "
        f"({', '.join(bands)}), and scaled by {len(source.bands)}/{len(places)}."
    )
    return Cut(kept, {**recognised.weights, first: kernel}, change)
