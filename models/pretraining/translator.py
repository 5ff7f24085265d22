"""Makes SAR-like images of optical ones for GCC-RS (seed 000).

The seed asks for images "in the middle domain": what is where is kept, details are not. Built as pix2pix (Isola et al.,
CVPR 2017), with a U-Net and a discriminator of patches, but what is compared with the SAR image are averages over 8 × 8
pixels, so that both need not lie exactly on each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import lightning
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import SpecError
from ..normalisation import Normaliser
from .method import Images

OPTICAL, SAR = "optical", "sar"


@dataclass(frozen=True)
class TranslatorOptions:
    """What can be chosen.

    Attributes:
        width: Channels of the first layers.
        rate: Learning rate.
        likeness: Weight of the difference of averages, against 1 for the adversarial loss.
        block: Side in pixels of what is averaged.
    """

    width: int = 64
    rate: float = 2e-4
    likeness: float = 10.0
    block: int = 8


class Generator(nn.Module):
    """A U-Net with three halvings.

    Args:
        bands: Channels in.
        outputs: Channels out.
        width: Channels of the first stage; each of the others has twice as many.
    """

    def __init__(self, bands: int, outputs: int, width: int) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        self.start = _convolutions(bands, width)
        self.down = nn.ModuleList([_convolutions(a, b) for a, b in zip(widths, widths[1:], strict=False)])
        self.up = nn.ModuleList([_convolutions(a + b, a) for a, b in zip(widths, widths[1:], strict=False)])
        self.end = nn.Conv2d(width, outputs, 1)

    def forward(self, image: Tensor) -> Tensor:
        """(sample, band, y, x) without NaN, sides of 8 pixels or more → (sample, output, y, x)."""
        maps = [self.start(image)]
        for stage in self.down:
            maps.append(stage(F.avg_pool2d(maps[-1], 2)))
        features = maps.pop()
        for stage in reversed(self.up):
            skipped = maps.pop()
            raised = F.interpolate(features, size=skipped.shape[-2:], mode="bilinear", align_corners=False)
            features = stage(torch.cat([skipped, raised], dim=1))
        made: Tensor = self.end(features)
        return made


def _convolutions(bands: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(bands, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
    )  # fmt: skip


def discriminator(bands: int, width: int) -> nn.Sequential:
    """Returns a network that tells for each patch of 34 × 34 pixels whether it is real: (sample, band, y, x) → map."""
    return nn.Sequential(
        nn.Conv2d(bands, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * width, 4 * width, 4, padding=1, bias=False), nn.BatchNorm2d(4 * width), nn.LeakyReLU(0.2),
        nn.Conv2d(4 * width, 1, 4, padding=1),
    )  # fmt: skip


class SarLike(nn.Module):
    """Makes SAR-like images.

    Args:
        sources: An optical and a SAR source.
        width: See `Generator`.

    Raises:
        SpecError: If one of them is missing.
    """

    def __init__(self, sources: Sequence[SourceCard], width: int) -> None:
        super().__init__()
        known = {source.role: source for source in sources}
        missing = [role for role in (OPTICAL, SAR) if role not in known]
        if missing:
            raise SpecError(
                f"The translator learns from optical and SAR images of a place; {' and '.join(missing)} is missing.",
                "Give both rasters, or choose GCC-RS without a translator.",
            )
        self.optical, self.sar = (Normaliser(known[role].normalisation) for role in (OPTICAL, SAR))
        self.generator = Generator(len(known[OPTICAL].bands), len(known[SAR].bands), width)

    def normalised(self, images: Images) -> Tensor:
        """Returns what the generator makes of optical images, (sample, SAR band, y, x) normalised, without NaN."""
        made: Tensor = self.generator(self.optical(images[OPTICAL]).nan_to_num(0.0))
        return made

    def forward(self, images: Images) -> Tensor:
        """Makes SAR-like images (sample, SAR band, y, x) in the SAR source's units, NaN without optical data."""
        made = self.normalised(images)
        bounded = made.clamp(*self.sar.clip) if self.sar.clip else made
        hidden = images[OPTICAL].isnan().any(dim=1, keepdim=True)
        return (bounded * self.sar.scale + self.sar.offset).masked_fill(hidden, torch.nan)


class Translator(lightning.LightningModule):
    """Trains `SarLike` against a discriminator, each with an optimiser of its own.

    Lightning counts a step for each of them, so a number of `max_steps` is half as many batches.

    Args:
        sources: An optical and a SAR source.
        options: See there.
    """

    def __init__(self, sources: Sequence[SourceCard], options: TranslatorOptions) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.options = options
        self.network = SarLike(sources, options.width)
        self.critic = discriminator(self.network.sar.offset.shape[1], options.width)

    def configure_optimizers(self) -> Any:
        """Adam as in pix2pix, for the generator and for the discriminator."""
        return [
            torch.optim.Adam(network.parameters(), self.options.rate, betas=(0.5, 0.999))
            for network in (self.network, self.critic)
        ]

    def training_step(self, batch: Images, _: int) -> None:
        """Teaches the discriminator the difference, then the generator to hide it."""
        of_network, of_critic = cast(list[Any], self.optimizers())
        real = self.network.sar(batch[SAR])
        valid = real.isfinite().all(dim=1, keepdim=True) & batch[OPTICAL].isfinite().all(dim=1, keepdim=True)
        # Both have the same gaps, which then tell nothing.
        real = torch.where(valid, real, torch.zeros_like(real))
        made = self.network.normalised(batch) * valid

        self._step(of_critic, self.difference(real, made.detach()))
        self.toggle_optimizer(of_network)
        parts = self.losses(real, made, valid)
        self._step(of_network, parts["adversarial"] + parts["likeness"])
        self.untoggle_optimizer(of_network)
        self.log_dict({name: part.detach() for name, part in parts.items()}, batch_size=len(real))

    def difference(self, real: Tensor, made: Tensor) -> Tensor:
        """Returns the loss of the discriminator: 0 where it tells real from made images (Mao et al., "LSGAN", 2017)."""
        return ((self.critic(real) - 1).square().mean() + self.critic(made).square().mean()) / 2

    def losses(self, real: Tensor, made: Tensor, valid: Tensor) -> dict[str, Tensor]:
        """Returns the parts of the generator's loss.

        Args:
            real: (sample, band, y, x) normalised SAR images, zero without data.
            made: The same shape.
            valid: (sample, 1, y, x) bool.
        """
        return {
            "adversarial": (self.critic(made) - 1).square().mean(),
            "likeness": self.options.likeness * averaged_difference(real, made, valid, self.options.block),
        }

    def _step(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()


def averaged_difference(real: Tensor, made: Tensor, valid: Tensor, block: int) -> Tensor:
    """Returns the mean difference of averages over blocks, of those with data.

    Args:
        real: (sample, band, y, x), zero without data.
        made: The same shape.
        valid: (sample, 1, y, x) bool.
        block: Side in pixels.
    """
    share = F.avg_pool2d(valid.to(real), block)
    difference = F.avg_pool2d((real - made) * valid, block).abs()
    return difference.sum() / (share.sum() * real.shape[1]).clamp_min(1e-6)
