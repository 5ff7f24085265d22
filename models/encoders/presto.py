"""Presto: a transformer over groups of bands and dates of single pixels.

Tseng et al., "Lightweight, Pre-trained Transformers for Remote Sensing Timeseries", 2023. Only its encoder is built;
the published weights are loaded unchanged and its embeddings are reproduced to 1e-4 (tests/models/test_presto.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from timm.models.vision_transformer import Block
from torch import Tensor, nn

from ...core.errors import CheckpointError

S1_BANDS = ("VV", "VH")
S2_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

GROUPS: dict[str, tuple[str, ...]] = {
    "S1": S1_BANDS,
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    "ERA5": ("temperature", "precipitation"),
    "SRTM": ("elevation", "slope"),
    "NDVI": ("NDVI",),
}
"""Groups of bands, each a token of its own for each date, named and ordered as in the published weights."""

TERRAIN = "SRTM"
"""Has one token for all dates, without a date."""

LAND_COVER = "dynamic_world"
LAND_COVERS = 9
"""Classes of Dynamic World, a further group, of class numbers."""

TOKENS = (*GROUPS, LAND_COVER)

HEADS = 8
"""Of the published weights, which do not show it."""


class Presto(nn.Module):
    """The encoder.

    Args:
        width: Channels of the tokens and of the embedding.
        depth: Number of blocks.
        heads: Number of attention heads.
        ratio: Width of the blocks' inner layers, in widths of the tokens.
        dates: Longest series that its positions allow.
    """

    def __init__(self, width: int = 128, depth: int = 2, heads: int = HEADS, ratio: int = 4, dates: int = 24) -> None:
        super().__init__()
        part = (
            width // 4
        )  # a quarter of a token's position is the month, one the group, and half the place in the series
        self.eo_patch_embed = nn.ModuleDict({name: nn.Linear(len(bands), width) for name, bands in GROUPS.items()})
        self.dw_embed = nn.Embedding(LAND_COVERS + 1, width)  # the last one: unknown, which is never asked for
        self.latlon_embed = nn.Linear(3, width)
        self.pos_embed = nn.Parameter(torch.zeros(1, dates, 2 * part), requires_grad=False)
        self.month_embed = nn.Embedding(12, part)
        self.month_embed.weight.requires_grad_(False)
        self.channel_embed = nn.Embedding(len(TOKENS), part)
        self.blocks = nn.ModuleList(
            [Block(width, heads, ratio, qkv_bias=True, norm_layer=nn.LayerNorm) for _ in range(depth)]
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self,
        groups: Mapping[str, Tensor],
        months: Tensor,
        places: Tensor,
        hidden: Mapping[str, Tensor] | None = None,
        steps: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """Encodes pixels. Tokens of groups that are missing, or hidden, do not exist, as in pretraining.

        Args:
            groups: For some of `GROUPS` (pixel, date, band) float32, normalised; `LAND_COVER` is (pixel, date) int64.
            months: (pixel, date) int64, 0 is January; of all dates of the series.
            places: (pixel, 2) latitude and longitude in degrees.
            hidden: Per group (pixel, date) bool, True where a pixel has no data; None: every pixel has all groups.
            steps: Per group (date,) int64, which dates of the series it has; None: all.

        Returns:
            (pixel, width).
        """
        names = [name for name in TOKENS if name in groups]
        tokens = [self.latlon_embed(_on_the_sphere(places))[:, None]]
        every = torch.arange(months.shape[1], device=months.device)
        tokens += [self._tokens(name, groups[name], months, steps[name] if steps else every) for name in names]
        joined = torch.cat(tokens, dim=1)
        if hidden is None:
            return self._embedding(joined, None)
        known = [torch.ones_like(joined[:, :1, 0], dtype=torch.bool)]
        known += [~hidden[name][:, : tokens.shape[1]] for name, tokens in zip(names, tokens[1:], strict=True)]
        return self._embedding(joined, torch.cat(known, dim=1))

    def _tokens(self, name: str, values: Tensor, months: Tensor, steps: Tensor) -> Tensor:
        """(pixel, date, band) → (pixel, date, width)."""
        tokens = self.dw_embed(values) if name == LAND_COVER else self.eo_patch_embed[name](values)
        shape = (*tokens.shape[:2], -1)
        group = self.channel_embed.weight[TOKENS.index(name)].expand(shape)
        month, date = self.month_embed(months[:, steps]), self.pos_embed[:, steps].expand(shape)
        if name == TERRAIN:
            return (tokens + torch.cat([month * 0, group, date * 0], dim=-1))[:, :1]
        return tokens + torch.cat([month, group, date], dim=-1)

    def _embedding(self, tokens: Tensor, known: Tensor | None) -> Tensor:
        """(pixel, token, width) and (pixel, token) bool → (pixel, width).

        A token that is no key of the attention and no part of the mean is as good as removed.
        """
        keys = None if known is None else known[:, None, None, :]
        for block in self.blocks:
            tokens = block(tokens, keys)
        if known is None:
            mean = tokens.mean(dim=1)
        else:
            share = known.to(tokens.dtype)[..., None]
            mean = (tokens * share).sum(dim=1) / share.sum(dim=1)
        embedding: Tensor = self.norm(mean)
        return embedding


def _on_the_sphere(places: Tensor) -> Tensor:
    """(pixel, 2) latitude and longitude in degrees → (pixel, 3) on the unit sphere."""
    latitude, longitude = (places * (math.pi / 180)).unbind(dim=-1)
    return torch.stack([latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()], dim=-1)


def from_published(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Takes the encoder out of the authors' `default_model.pt`.

    Returns:
        Weights named as in `Presto`, and the arguments that fit them.

    Raises:
        CheckpointError: If it is none of Presto.
    """
    encoder = {name.removeprefix("encoder."): tensor for name, tensor in weights.items() if name.startswith("encoder.")}
    blocks = [int(name.split(".")[1]) for name in encoder if name.startswith("blocks.")]
    try:
        dates, width = encoder["pos_embed"].shape[1], encoder["norm.weight"].shape[0]
        ratio = encoder["blocks.0.mlp.fc1.weight"].shape[0] // width
    except (KeyError, IndexError) as error:
        raise CheckpointError(f"The file is not Presto: {error} is missing.", "Choose default_model.pt.") from error
    sizes = {"width": int(width), "depth": max(blocks) + 1, "ratio": int(ratio), "dates": int(dates)}
    return encoder, {**sizes, "heads": HEADS}
