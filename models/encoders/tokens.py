"""Transformers of square patches: windows are enlarged, cut into patches, and each patch's token is a feature."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .windows import Encoded, WindowedEncoder, filled

OVERLAP = 0.28
"""Share of a window's tokens that the next one sees again: less shows seams, more costs time."""


class TokenEncoder(WindowedEncoder):
    """Base of transformers that cut an enlarged window into patches.

    A patch of 16 pixels is 160 m wide at 10 m, far wider than what people draw. Enlarged by two, as benchmarks of such
    encoders do, windows have the size that the weights were trained with, and half the ground inside.

    Args:
        sources: What is read of the scene.
        image: Side in pixels of what the network sees.
        patch: Side of its patches in these pixels.
        upsample: How many times the window is enlarged in each direction.
        channels: Channels of each feature map; all have an element per patch.

    Raises:
        CheckpointError: If a patch, or the image, is no whole number of the scene's pixels or patches.
    """

    tile: int
    chip = 32  # grows to the alignment

    def __init__(
        self, sources: Sequence[SourceCard], image: int, patch: int, upsample: int, channels: Sequence[int]
    ) -> None:
        if upsample < 1 or patch % upsample or image % patch:
            raise CheckpointError(
                f"The encoder's images of {image} pixels, enlarged {upsample} times, cannot be cut into patches of "
                f"{patch} pixels.",
                "Choose an 'upsample' that divides the patch, and an 'image' that is a multiple of it.",
            )
        self.grid, token = image // patch, patch // upsample
        stride = (self.grid - round(OVERLAP * self.grid) or 1) * token
        super().__init__(sources, self.grid * token, stride, [token] * len(channels), channels)
        self.upsample, self.token = upsample, token
        self.tile = 8 * stride

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """(window, channel, y, x), enlarged and without NaN → tokens (window, row × column, channel) for each map."""
        raise NotImplementedError

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """See `WindowedEncoder.encode_windows`."""
        images = filled(channels, hidden)
        if self.upsample > 1:
            images = F.interpolate(images, scale_factor=self.upsample, mode="bilinear", align_corners=False)
        # A token that sees little data still knows more than its neighbours do.
        seen = (F.avg_pool2d((~hidden).to(images.dtype), self.token) > 0).to(images.dtype)[:, 0]
        return [
            (tokens.transpose(1, 2).unflatten(2, (self.grid, self.grid)), seen) for tokens in self.token_maps(images)
        ]
