"""Galileo with a single token for each place: groups of bands are merged before its blocks, not averaged after them.

Galileo (Tseng et al., ICML 2025) gives each of seven groups of bands a token of its own. Here the groups' embeddings
are mixed to one by a small network, blocks and embeddings begin with the published weights, and distillation
(`models.pretraining.distillation`) teaches the whole to make of one token what Galileo makes of seven. That is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..context import local_mean
from ..normalisation import mean_and_deviation
from .galileo import CHANNELS, GROUPS, MEAN, STD, Block, Galileo, attended_keys, place_encoding
from .stack import STUDENT_STRIDE as PATCH
from .stack import ChannelStack, Layout, Student
from .windows import Encoded, WindowedEncoder, mostly

SMOOTHING = 3

OVERLAP = 16
"""Pixels that neighbouring windows share; features fade there from one to the next."""

MERGED = {name: bands for name, bands in GROUPS.items() if name != "NDVI"}
"""Groups that are merged. NDVI, which is no band, is for the network to find by itself."""

KNOWN_BANDS = frozenset(band for bands in MERGED.values() for band in bands)


class MergedGalileo(nn.Module):
    """The network, for images of one date.

    Args:
        layout: The stack of channels that it reads: any of Galileo's.
        features: Channels of the result.
        dim: Width of the tokens.
        depth: Number of transformer blocks.
        heads: Number of attention heads.
    """

    def __init__(self, layout: Layout, features: int = 128, dim: int = 128, depth: int = 4, heads: int = 8) -> None:
        super().__init__()
        stack = [band for bands in layout.values() for band in bands]
        self.dim = dim
        self.groups = {name: tuple(band for band in bands if band in stack) for name, bands in MERGED.items()}
        self.groups = {name: bands for name, bands in self.groups.items() if bands}
        self.places = {name: [stack.index(band) for band in bands] for name, bands in self.groups.items()}
        self.embed = nn.ModuleDict({name: GroupEmbed(len(bands), dim) for name, bands in self.groups.items()})
        mixed = nn.Linear(2 * dim, dim)
        self.mix = nn.Sequential(nn.Linear(len(self.groups) * dim, 2 * dim), nn.GELU(), mixed)
        self.blocks = nn.ModuleList([Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, features)
        # At the start the token is the mean of the groups, the nearest there is to what the blocks know.
        nn.init.zeros_(mixed.weight)
        nn.init.zeros_(mixed.bias)

    def forward(self, stacked: Tensor) -> Tensor:
        """(window, channel, y, x) in deviations, NaN where missing → (window, feature, y / 4, x / 4)."""
        missing = stacked.isnan()
        filled = torch.where(missing, torch.zeros_like(stacked), stacked)
        shares = F.avg_pool2d((~missing).to(stacked), PATCH)
        tokens, weights = self._merged(filled, shares)
        rows, columns = tokens.shape[1:3]
        place = place_encoding(rows, columns, PATCH, self.dim // 4).to(tokens)
        flat = (tokens + F.pad(place, (self.dim - place.shape[-1], 0))).flatten(1, 2)
        known = weights.flatten(1) > 0
        # A mask costs time, and a network that is written as ONNX cannot decide whether it needs one.
        keys = attended_keys(known) if torch.onnx.is_in_onnx_export() or not known.all() else None
        for block in self.blocks:
            flat = block(flat, keys)
        features: Tensor = self.out(self.norm(flat))
        return features.transpose(1, 2).unflatten(2, (rows, columns))

    def _merged(self, filled: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        """Returns (window, row, column, dim), and (window, row, column): how much of each token is known."""
        embedded, weights = [], []
        for name, places in self.places.items():
            there = shares[:, places]
            weight = there.amax(dim=1, keepdim=True)
            embedded.append(self.embed[name](filled[:, places], there) * weight)
            weights.append(weight)
        groups, known = torch.stack(embedded, dim=1), torch.stack(weights, dim=1).sum(dim=1)
        mean = (groups.sum(dim=1) / known.clamp_min(1e-3)).permute(0, 2, 3, 1)
        return mean + self.mix(groups.flatten(1, 2).permute(0, 2, 3, 1)), known[:, 0]

    @torch.no_grad()
    def begin_as(self, teacher: Galileo, sources: Sequence[SourceCard], target: SourceCard) -> None:
        """Takes over a Galileo's weights.

        Args:
            teacher: Of the same width and depth.
            sources: What is read, and by which statistics it comes in deviations.
            target: The teacher's features, by whose statistics the result is to come in deviations.

        Raises:
            CheckpointError: If the teacher is of another size.
        """
        if (teacher.dim, len(teacher.blocks), len(target.bands)) != (self.dim, len(self.blocks), self.dim):
            raise CheckpointError(
                f"The teacher has {len(teacher.blocks)} blocks of {teacher.dim} channels, and its raster "
                f"{len(target.bands)} bands; {len(self.blocks)} blocks and twice {self.dim} were expected.",
                "Take Galileo-nano, and its features of single images.",
            )
        self.blocks.load_state_dict(teacher.blocks.state_dict())
        self.norm.load_state_dict(teacher.norm.state_dict())
        statistics: dict[str, tuple[float, float]] = {}
        for source in sources:
            numbers = zip(*mean_and_deviation(source.normalisation), strict=True)
            statistics |= dict(zip(source.bands, numbers, strict=True))
        for name, bands in self.groups.items():
            own = torch.tensor([statistics[band] for band in bands])
            embed: Any = self.embed[name]
            embed.begin_as(*_published_embedding(teacher, name, bands), own)
        mean, deviation = map(torch.tensor, mean_and_deviation(target.normalisation))
        self.out.weight.copy_(torch.diag(1 / deviation))
        self.out.bias.copy_(-mean / deviation)


def _published_embedding(teacher: Galileo, name: str, bands: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Returns kernel (dim, band, 4, 4), bias (dim,) and per band mean and deviation of a group, of a single date."""
    published: Any = teacher.space_time_embed[name]
    kernel = published.kernel(PATCH)[:, [GROUPS[name].index(band) for band in bands]]
    channel = teacher.s_t_channel_embed[list(GROUPS).index(name)]
    any_month = teacher.month_embed.weight.mean(dim=0)
    position = torch.cat([channel, teacher.pos_embed[0], any_month, torch.zeros_like(channel)])
    channels = [CHANNELS.index(band) for band in bands]
    return kernel, published.proj.bias + position, torch.tensor([(MEAN[c], STD[c]) for c in channels])


class GroupEmbed(nn.Module):
    """Embeds the patches of a group of bands, and tells which of the bands are there.

    Args:
        bands: Their number.
        dim: Width of the tokens.
    """

    def __init__(self, bands: int, dim: int) -> None:
        super().__init__()
        self.values = nn.Conv2d(bands, dim, PATCH, PATCH)
        self.known = nn.Conv2d(bands, dim, 1, bias=False)
        nn.init.zeros_(self.known.weight)

    def begin_as(self, kernel: Tensor, bias: Tensor, theirs: Tensor, own: Tensor) -> None:
        """Takes over an embedding of values that are scaled by (value − mean) / (4 deviations) + 1/2, as Galileo's are.

        Args:
            kernel: (dim, band, y, x).
            bias: (dim,).
            theirs: (band, 2), the mean and the deviation there.
            own: (band, 2), the same of what this one gets, which is in deviations.
        """
        ratio = own[:, 1] / (4 * theirs[:, 1])
        shift = (own[:, 0] - theirs[:, 0]) / (4 * theirs[:, 1]) + 0.5
        shifted = bias + (kernel.sum(dim=(2, 3)) * shift).sum(dim=1)
        self.values.load_state_dict({"weight": kernel * ratio[:, None, None], "bias": shifted})

    def forward(self, filled: Tensor, shares: Tensor) -> Tensor:
        """Embeds patches.

        Args:
            filled: (window, band, y, x), zero where missing.
            shares: (window, band, row, column), how much of a patch is known, 0 to 1.

        Returns:
            (window, dim, row, column).
        """
        embedded: Tensor = self.values(filled) + self.known(shares)
        return embedded


class MergedGalileoFeatures(Student, WindowedEncoder):
    """Tokens of a merged Galileo, averaged over 3 × 3 of them as the teacher's are.

    Args:
        sources: What is read of the scene: a part of the stack.
        layout: The stack that the network was trained with.
        features: See `MergedGalileo`.
        dim: See there.
        depth: See there.
        heads: See there.
        window: Side in pixels of the windows, as in training.
    """

    tile = 432
    chip = 64
    uncertain = SMOOTHING // 2

    def __init__(
        self,
        sources: Sequence[SourceCard],
        layout: Layout,
        features: int = 128,
        dim: int = 128,
        depth: int = 4,
        heads: int = 8,
        window: int = 64,
    ) -> None:
        super().__init__(sources, window, window - OVERLAP, (PATCH,), (features,), SMOOTHING)
        self.network = MergedGalileo(layout, features, dim, depth, heads)
        self.stack = ChannelStack(sources, layout)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.network

    def of_stack(self, stacked: Tensor) -> Tensor:
        """See `Student.of_stack`."""
        tokens: Tensor = self.network(stacked)
        return local_mean(tokens, torch.ones_like(tokens[:, :1]), self.smoothing)

    def prepared(self, images: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """See `WindowedEncoder.prepared`; a pixel is hidden where no channel has data."""
        stacked = self.stacked(images)
        return stacked, stacked.isnan().all(dim=1, keepdim=True)

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """See `WindowedEncoder.encode_windows`."""
        return [(self.network(channels), (~mostly(hidden, PATCH)[:, 0]).to(channels.dtype))]
