"""Galileo: a transformer over groups of Sentinel-1 and Sentinel-2 bands, dates and places.

Tseng et al., "Galileo: Learning Global & Local Features of Many Remote Sensing Modalities", ICML 2025. Only the
space-time inputs (Sentinel-1, Sentinel-2, NDVI) of the published encoder are built; its weights are loaded unchanged
and its tokens are reproduced to 1e-4 (tests/models/test_galileo.py).
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.errors import CheckpointError

S1_BANDS = ("VV", "VH")
S2_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
CHANNELS = (*S1_BANDS, *S2_BANDS, "NDVI")

GROUPS: dict[str, tuple[str, ...]] = {
    "S1": S1_BANDS,
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    "NDVI": ("NDVI",),
}
"""Channel groups, each a token of its own, named as in the published weights."""

MEAN = (
    -11.728724389, -18.855581880, 1395.340873067, 1338.402678218, 1343.098838104, 1543.860798251, 2186.202206951,
    2525.093285332, 2410.337717739, 2750.285464669, 2234.911100061, 1474.531126608, 0.289211650,
)  # fmt: skip
STD = (
    4.887145775, 5.730270320, 917.704144037, 913.298842358, 1092.678723528, 1047.220608346, 1048.010161117,
    1143.690302682, 1098.979177732, 1204.472755086, 1145.977406308, 980.242984001, 0.272093902,
)  # fmt: skip
"""Statistics of the pretraining data per channel: dB, reflectance × 10 000 (top of atmosphere), NDVI."""

BASE_PATCH = 8
BASE_GSD = 10.0


class Galileo(nn.Module):
    """The encoder for space-time inputs.

    Args:
        dim: Width of the tokens.
        depth: Number of transformer blocks.
        heads: Number of attention heads.
        dates: Longest series that the time positions allow.
    """

    def __init__(self, dim: int = 128, depth: int = 4, heads: int = 8, dates: int = 24) -> None:
        super().__init__()
        part = dim // 4  # a token's position is a quarter each of channel group, date, month and place
        self.dim = dim
        self.space_time_embed = nn.ModuleDict(
            {name: FlexiPatchEmbed(len(bands), dim) for name, bands in GROUPS.items()}
        )
        self.s_t_channel_embed = nn.Parameter(torch.zeros(len(GROUPS), part))
        self.pos_embed = nn.Parameter(torch.zeros(dates, part), requires_grad=False)
        self.month_embed = nn.Embedding(12, part)
        self.month_embed.weight.requires_grad_(False)
        self.blocks = nn.ModuleList([Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)

    def forward(
        self,
        images: Tensor,
        hidden: Tensor,
        months: Tensor,
        patch_size: int,
        gsd: float = BASE_GSD,
        places: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Encodes windows.

        Args:
            images: (batch, y, x, date, channel) float32, normalised; channels as in `CHANNELS`.
            hidden: (batch, y, x, date, group) bool; True where a group has no data. A token takes the value of its
                first pixel, as in pretraining.
            months: (batch, date) int64, 0 is January.
            patch_size: Side of a token in pixels, 1 to 8.
            gsd: Ground sampling distance in metres.
            places: (date,) int64, place of each date in the series; None: one after the other, from 0.

        Returns:
            tokens: (batch, row, column, date, group, dim).
            hidden: (batch, row, column, date, group) bool, for the tokens.
        """
        patches = self._embed(images, patch_size)
        hidden_tokens = hidden[:, ::patch_size, ::patch_size]
        tokens = patches + self._positions(patches.shape, months, patch_size, gsd, places)
        flat = tokens.flatten(1, 4)
        flat_hidden = hidden_tokens.flatten(1)
        flat = self._attend(flat, flat_hidden)
        return flat.view_as(tokens), hidden_tokens

    def _embed(self, images: Tensor, patch_size: int) -> Tensor:
        groups = []
        for name, bands in GROUPS.items():
            channels = [CHANNELS.index(band) for band in bands]
            groups.append(self.space_time_embed[name](images[..., channels], patch_size))
        return torch.stack(groups, dim=-2)

    def _positions(
        self, shape: torch.Size, months: Tensor, patch_size: int, gsd: float, places: Tensor | None
    ) -> Tensor:
        batch, rows, columns, dates, groups, dim = shape
        part = dim // 4
        full = (batch, rows, columns, dates, groups, part)
        channel = self.s_t_channel_embed.view(1, 1, 1, 1, groups, part).expand(full)
        dated = self.pos_embed[:dates] if places is None else self.pos_embed[places]
        date = dated.view(1, 1, 1, dates, 1, part).expand(full)
        month = self.month_embed(months).view(batch, 1, 1, dates, 1, part).expand(full)
        place = place_encoding(rows, columns, patch_size * gsd / BASE_GSD, part).to(channel)
        place = place.view(1, rows, columns, 1, 1, part).expand(full)
        return torch.cat([channel, date, month, place], dim=-1)

    def _attend(self, tokens: Tensor, hidden: Tensor) -> Tensor:
        """Runs the blocks over the visible tokens only.

        Where every sample hides the same tokens they are removed, which is exact and several times cheaper than
        masking them; otherwise they are masked as keys.
        """
        if torch.equal(hidden, hidden[:1].expand_as(hidden)):
            visible = ~hidden[0]
            attended = tokens[:, visible]
            for block in self.blocks:
                attended = block(attended, None)
            out = torch.zeros_like(tokens)
            out[:, visible] = self.norm(attended)
            return out
        keys = attended_keys(~hidden)
        for block in self.blocks:
            tokens = block(tokens, keys)
        return self.norm(tokens) * ~hidden[..., None]


class FlexiPatchEmbed(nn.Module):
    """Patch embedding whose 8 × 8 kernel is resized to the patch size (Beyer et al., FlexiViT, CVPR 2023)."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, BASE_PATCH, BASE_PATCH)

    def forward(self, images: Tensor, patch_size: int) -> Tensor:
        """(batch, y, x, date, channel) → (batch, row, column, date, dim)."""
        batch, height, width, dates, channels = images.shape
        planes = images.permute(0, 3, 4, 1, 2).reshape(batch * dates, channels, height, width)
        embedded = F.conv2d(planes, self.kernel(patch_size), self.proj.bias, stride=patch_size)
        return embedded.view(batch, dates, *embedded.shape[1:]).permute(0, 3, 4, 1, 2)

    def kernel(self, patch_size: int) -> Tensor:
        """Returns the weights for a patch size: (dim, channel, y, x)."""
        if patch_size == BASE_PATCH:
            return self.proj.weight
        resize = _kernel_resize(patch_size).to(self.proj.weight)
        dim, channels = self.proj.weight.shape[:2]
        kernel = self.proj.weight.view(dim, channels, -1) @ resize.T
        return kernel.view(dim, channels, patch_size, patch_size)


class Block(nn.Module):
    """Pre-norm transformer block with separate query, key and value projections, named as in the weights."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim)

    def forward(self, tokens: Tensor, keys: Tensor | None) -> Tensor:
        """tokens: (batch, token, dim); keys: (batch, 1, 1, token) bool, False where a token is not attended to."""
        tokens = tokens + self.attn(self.norm1(tokens), keys)
        mixed: Tensor = tokens + self.mlp(self.norm2(tokens))
        return mixed


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor, keys: Tensor | None) -> Tensor:
        """See `Block.forward`."""
        batch, length, dim = tokens.shape
        q, k, v = (
            layer(tokens).view(batch, length, self.heads, -1).transpose(1, 2) for layer in (self.q, self.k, self.v)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keys)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(batch, length, dim))
        return out


class Mlp(nn.Module):
    """Two linear layers with GELU, four times as wide inside."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """(batch, token, dim) → the same shape."""
        out: Tensor = self.fc2(F.gelu(self.fc1(tokens)))
        return out


def attended_keys(visible: Tensor) -> Tensor:
    """(batch, token) bool → the keys of a `Block`: hidden tokens are not attended to."""
    # A window without any visible token would give NaN; its output is not used.
    return (visible | ~visible.any(dim=1, keepdim=True))[:, None, None, :]


@lru_cache(maxsize=8)
def _kernel_resize(patch_size: int) -> Tensor:
    """Returns the (patch_size², 64) matrix that resizes a flattened kernel, by FlexiViT's pseudo-inverse.

    The matrix B of the bicubic antialiased image resize 8 → p is (p², 64); kernels are resized with (Bᵀ)⁺, so that a
    resized kernel on a resized patch gives the token that the kernel gave on the patch.
    """
    # The matrix is kept between calls; made in inference mode it could not take part in training later.
    with torch.inference_mode(False):
        basis = torch.eye(BASE_PATCH**2, dtype=torch.float32).view(-1, 1, BASE_PATCH, BASE_PATCH)
        resized = F.interpolate(basis, size=(patch_size, patch_size), mode="bicubic", antialias=True)
        matrix = resized.view(BASE_PATCH**2, patch_size**2).T
        return torch.linalg.pinv(matrix.T)


def place_encoding(rows: int, columns: int, step: float, dim: int) -> Tensor:
    """Returns (rows, columns, dim) sine-cosine codes of the tokens' places, in units of ten metres.

    The frequencies are 10000^(−k / (2 D)) for k < D / 2, half the exponents of the usual MAE code; the published
    weights were trained with them.
    """
    half = dim // 2
    exponents = torch.arange(half // 2, dtype=torch.float64) / half / 2
    frequencies = 10000.0**-exponents

    def axis(count: int) -> Tensor:
        angles = (torch.arange(count, dtype=torch.float64) * step)[:, None] * frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=-1)

    across = axis(columns).expand(rows, columns, half)
    down = axis(rows)[:, None].expand(rows, columns, half)
    return torch.cat([across, down], dim=-1).float()


def from_published(weights: dict[str, Tensor]) -> tuple[Galileo, dict[str, int]]:
    """Builds the encoder from the authors' `encoder.pt`.

    Parts of the published encoder that need other inputs (elevation, weather, place) are left out.

    Returns:
        The encoder, and the arguments that rebuild it.

    Raises:
        CheckpointError: If tensors are missing or have other shapes.
    """
    weights = {name.replace("backbone.", ""): tensor for name, tensor in weights.items()}
    try:
        dates, part = weights["pos_embed"].shape
        depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    except (KeyError, ValueError) as error:
        raise CheckpointError("The file is not a Galileo encoder: 'pos_embed' or 'blocks' are missing.") from error
    # All published sizes (nano 128, tiny 192, base 768) have heads of 16, 64 and 64 channels.
    dim = int(part) * 4
    arguments = {
        "dim": dim,
        "depth": depth,
        "heads": {128: 8, 192: 3, 768: 12}.get(dim, max(dim // 64, 1)),
        "dates": int(dates),
    }
    encoder = Galileo(**arguments)
    wanted = encoder.state_dict()
    missing = [name for name in wanted if name not in weights or weights[name].shape != wanted[name].shape]
    if missing:
        raise CheckpointError(
            f"The file is not a Galileo encoder of a known size: {len(missing)} tensors are missing or have another "
            f"shape, first '{missing[0]}'."
        )
    encoder.load_state_dict({name: weights[name] for name in wanted})
    return encoder.eval(), arguments
