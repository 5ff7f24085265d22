"""What every encoder offers: tiles of any number of sources in, feature maps out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ...core.cards import SourceCard
from ..normalisation import Normaliser
from .offers import SceneOffer, exact_sources


@dataclass(frozen=True)
class Adapted:
    """How an encoder is used on a scene.

    Attributes:
        sources: What it reads of the scene.
        arguments: Arguments of its class, as in `architecture["encoder"]` without the name.
        warnings: What the user should know about it.
    """

    sources: tuple[SourceCard, ...]
    arguments: dict[str, Any]
    warnings: tuple[str, ...] = ()


class Encoder(nn.Module):
    """Base of all encoders.

    Args:
        sources: What is read of the scene.

    Attributes:
        channels: Channels of each feature map.
        strides: Pixels per element of each feature map.
        alignment: Tiles start at, and have sides of, multiples of this many pixels.
        halo: Outer pixels of a tile whose features are not final.
        ramp: Half the width in pixels over which neighbouring tiles fade into each other; 0 where features do not
            depend on the tile at all.
        tile: Side of the tiles it is best run with, in pixels.
        chip: Side of the labelled squares it is best trained on, in pixels.
        bands: Per role the bands that are read.
        dates: Per role the dates of its time stack, in order; of a single image none.
        normalisers: Per role what brings them to the network's scale.
        check_in: Called now and then while it computes for long; raises to stop it.
        absent: Modules of the pretrained part that it does without, since the scene lacks their source; weights for
            them are left aside.
        temporal: Whether it takes time stacks; others are run on each date (`per_date`).
    """

    channels: tuple[int, ...]
    strides: tuple[int, ...]
    alignment: int
    halo: int
    ramp: int
    tile: int
    chip: int
    absent: tuple[str, ...] = ()
    temporal: bool = False

    def __init__(self, sources: Sequence[SourceCard]) -> None:
        super().__init__()
        self.check_in: Callable[[], None] = _go_on
        self.bands: dict[str, tuple[str, ...]] = {source.role: source.bands for source in sources}
        self.dates: dict[str, tuple[str, ...]] = {source.role: source.dates for source in sources}
        self.normalisers = nn.ModuleDict({source.role: Normaliser(source.normalisation) for source in sources})

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Encodes tiles.

        Args:
            images: Per role (batch, band, y, x) in canonical units, NaN for no data; of a time stack (batch, date ×
                band, y, x), see `models.dated`; of a coarser source with fewer and larger pixels, and its margin.
            wanted: (batch, y, x) bool, pixels whose features matter; None: all. Others may be left out.

        Returns:
            Maps (batch, channel, row, column).
        """
        raise NotImplementedError

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """Prepares for a scene whose time stacks have other dates than those it was built for."""
        self.dates = {source.role: source.dates for source in sources}

    @property
    def chip_alignment(self) -> int:
        """Labelled squares to train on have sides of multiples of this; unlike tiles, they need not fit together."""
        return self.alignment

    def used(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns the pretrained weights without those of `absent` modules."""
        return {name: tensor for name, tensor in weights.items() if not set(self.absent) & set(name.split("."))}

    def pretrained_part(self) -> nn.Module:
        """Returns the network that published weights are for, which stays frozen when only the decoder is trained."""
        raise NotImplementedError

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """Returns how pretrained weights are used on a scene; here: with all their bands, as they are.

        Args:
            sources: What the weights were trained with.
            arguments: Arguments of this class for the weights.
            scene: What the scene offers.

        Raises:
            CheckpointError: If the scene lacks what the weights need, naming it.
        """
        return Adapted(exact_sources(sources, scene), arguments)


def _go_on() -> None:
    """Lets the encoder go on."""
