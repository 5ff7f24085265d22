"""Encoders on scenes with time stacks: those that know time as they are, others date by date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from ..models.encoders.classes import encoder_class
from ..models.encoders.encoder import Encoder
from ..models.encoders.per_date import PerDateFeatures
from .cards import SourceCard
from .coarse import SERIES, steps_of
from .scenes import Scene
from .sensors import AUTO

MARGIN = 8
"""Pixels of a coarser series beyond the image at each side: what it looks like around there."""

_POOLED = "per-date"

Entry = dict[str, Any]
"""A card's `architecture["encoder"]` entry."""


def is_dated(scene: Scene) -> bool:
    """Whether a scene has a time stack."""
    return any(source.dates for source in scene.sources)


def dated_sources(scene: Scene, sources: Sequence[SourceCard]) -> tuple[SourceCard, ...]:
    """Returns what a network reads, with the dates of the scene, and a series on the grid of its own."""
    return tuple(_dated(scene, source) for source in sources)


def _dated(scene: Scene, source: SourceCard) -> SourceCard:
    layer = scene.source(source.role)
    if source.role != SERIES:
        return replace(source, dates=layer.dates)
    step = steps_of(scene.grid.gsd, layer.grid.gsd)
    return replace(source, dates=layer.dates, step=step, margin=source.margin or MARGIN)


def over_time(scene: Scene, encoder: Entry, pooling: str = AUTO) -> Entry:
    """Returns the entry of an encoder as it is used on a scene.

    Args:
        scene: The scene.
        encoder: The encoder's entry.
        pooling: How features of single dates become one: `AUTO`, or a key of `models.encoders.pooling.POOLINGS`.
            `AUTO` leaves encoders that know time as they are, and takes statistics of others.
    """
    own = encoder_class(encoder["name"]).temporal
    images_have_dates = any(source.dates for source in scene.sources if source.role != SERIES)
    if not images_have_dates or encoder["name"] == _POOLED or (own and pooling == AUTO):
        return encoder
    return {"name": _POOLED, "inner": encoder, "pooling": "statistics" if pooling == AUTO else pooling}


def features_over_time(scene: Scene, encoder: Entry) -> Entry:
    """Returns the entry of an encoder for the image and one like it for a coarser series beside it, where there is one.

    Args:
        scene: The scene.
        encoder: An entry of an encoder that takes any bands.
    """
    if SERIES not in scene.roles:
        return encoder
    series = {"name": "coarse", "inner": {"name": _POOLED, "inner": encoder}}
    return {"name": "pair", "encoders": dict.fromkeys(scene.roles, encoder) | {SERIES: series}}


def network_over_time(scene: Scene, timm_encoder: str) -> Entry | None:
    """Returns the network that is trained from scratch on a scene with time stacks; None without any.

    It is U-TAE, or beside a finer image a network of two branches, whose U-Net has an encoder of timm's.
    """
    if not is_dated(scene):
        return None
    beside = set(scene.roles) == {"optical", SERIES}
    return {"name": "two-branch", "encoder": timm_encoder} if beside else utae(scene)


def utae(scene: Scene) -> Entry:
    """Returns the entry of a U-TAE, one for each source where there are several: their dates differ."""
    each: dict[str, Entry] = {role: {"name": "utae"} for role in scene.roles}
    return {"name": "pair", "encoders": each} if len(each) > 1 else {"name": "utae"}


def weighted_part(encoder: Encoder, entry: Entry) -> nn.Module:
    """Returns what the weights of an encoder's checkpoint are for: of one that is run date by date, that one.

    Args:
        encoder: The encoder as it is used on a scene.
        entry: That of the checkpoint.
    """
    return encoder.inner if isinstance(encoder, PerDateFeatures) and entry["name"] != _POOLED else encoder
