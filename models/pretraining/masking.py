"""What masked image modelling hides: tokens, channels, or volumes of both.

Masks are boolean, True where the network does not see. All draws take a generator, so that a seed fixes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

VERTICAL = ("RM", "RC", "RM+RC", "3DM")
"""Strategies of 3DMAE (seed 000): random modality, random channel, both, and one of these drawn for each token."""


def token_mask(batch: int, tokens: int, ratio: float, generator: torch.Generator) -> Tensor:
    """Hides random tokens (He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022).

    Every sample keeps int(tokens · (1 − ratio)) tokens.

    Returns:
        (batch, token) bool.
    """
    kept = int(tokens * (1 - ratio))
    rank = torch.rand(batch, tokens, generator=generator).argsort(dim=1).argsort(dim=1)
    return rank >= kept


def vertical_mask(
    strategy: str, draws: int, groups: Sequence[int], channel_ratio: float, generator: torch.Generator
) -> Tensor:
    """Hides channels by one of the `VERTICAL` strategies, of which 3DM picks another for each draw.

    RM hides one modality or none, each equally likely. RC hides each channel with probability `channel_ratio`. RM+RC
    hides a modality or none and, of what is left, channels. At least one channel of each draw stays visible.

    Args:
        strategy: One of `VERTICAL`.
        draws: Number of patterns.
        groups: Channels of each modality; channels of one modality lie side by side.
        channel_ratio: Probability that a channel is hidden, 0 to 1.
        generator: Of the random numbers.

    Returns:
        (draw, channel) bool.

    Raises:
        ValueError: If the strategy is none of these.
    """
    if strategy not in VERTICAL:
        raise ValueError(f"'{strategy}' is none of {', '.join(VERTICAL)}.")
    modality = _hidden_modality(draws, groups, generator)
    channels = torch.rand(draws, sum(groups), generator=generator) < channel_ratio
    if strategy == "3DM":
        pick = torch.randint(3, (draws, 1), generator=generator)
        hidden = torch.where(pick == 0, modality, torch.where(pick == 1, channels, modality | channels))
        spared = torch.where(pick == 1, torch.zeros_like(modality), modality)
    else:
        hidden = {"RM": modality, "RC": channels, "RM+RC": modality | channels}[strategy]
        spared = torch.zeros_like(modality) if strategy == "RC" else modality
    return _one_visible(hidden, spared, generator)


def _hidden_modality(draws: int, groups: Sequence[int], generator: torch.Generator) -> Tensor:
    """(draw, channel) bool: the channels of one modality, or of none where there is but one."""
    of_channel = torch.repeat_interleave(torch.arange(len(groups)), torch.tensor(list(groups)))
    if len(groups) == 1:
        return torch.zeros(draws, len(of_channel), dtype=torch.bool)
    picked = torch.randint(len(groups) + 1, (draws, 1), generator=generator)
    return of_channel == picked


def _one_visible(hidden: Tensor, modality: Tensor, generator: torch.Generator) -> Tensor:
    """Shows a random channel where all are hidden, but none of the hidden modality."""
    chance = torch.rand(hidden.shape, generator=generator).masked_fill(modality, -1.0)
    shown = torch.zeros_like(hidden).scatter_(1, chance.argmax(dim=1, keepdim=True), True)
    return hidden & ~(shown & hidden.all(dim=1, keepdim=True))


def volume_mask(
    strategy: str,
    batch: int,
    tokens: int,
    groups: Sequence[int],
    ratio: float,
    channel_ratio: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Hides a volume of tokens and channels, as 3DMAE does.

    The vertical pattern is one for the whole image, but for 3DM, which draws one for each token, so that what is hidden
    is a volume of its own shape.

    Args:
        strategy: One of `VERTICAL`.
        batch: Number of samples.
        tokens: Tokens of a sample.
        groups: Channels of each modality.
        ratio: Share of tokens hidden with all their channels.
        channel_ratio: See `vertical_mask`.
        generator: Of the random numbers.

    Returns:
        spatial: (batch, token) bool, tokens that are hidden as a whole.
        volume: (batch, token, channel) bool, everything that is hidden, these tokens included.
    """
    spatial = token_mask(batch, tokens, ratio, generator)
    if strategy == "3DM":
        vertical = vertical_mask(strategy, batch * tokens, groups, channel_ratio, generator)
        vertical = vertical.view(batch, tokens, -1)
    else:
        vertical = vertical_mask(strategy, batch, groups, channel_ratio, generator)[:, None]
    return spatial, spatial[..., None] | vertical


def unit_mask(batch: int, side: int, unit: int, patch: int, ratio: float, generator: torch.Generator) -> Tensor:
    """Hides square units of pixels (Xie et al., "SimMIM", CVPR 2022), ceil(units · ratio) of them in each sample.

    Args:
        batch: Number of samples.
        side: Of the images, in pixels; a multiple of `unit`.
        unit: Side of the units in pixels; a multiple of `patch`.
        patch: Side of the network's patches in pixels.
        ratio: Share of hidden units, 0 to 1.
        generator: Of the random numbers.

    Returns:
        (batch, row, column) bool, for patches.
    """
    rows = side // unit
    hidden = math.ceil(rows * rows * ratio)
    rank = torch.rand(batch, rows * rows, generator=generator).argsort(dim=1).argsort(dim=1)
    units = (rank < hidden).view(batch, rows, rows)
    return units.repeat_interleave(unit // patch, dim=1).repeat_interleave(unit // patch, dim=2)
