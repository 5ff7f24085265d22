"""Any encoder of single dates on a time stack: it runs on each date, and the features are pooled over the dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..context import spread_over_edges
from ..dated import by_date, days_since, seen
from .classes import encoder_class
from .encoder import Encoder
from .pooling import POOLINGS, Dated


class PerDateFeatures(Encoder):
    """Features of each date, pooled over the dates that a pixel has data of.

    Where several sources have dates, those of the first one count; the others come with their nearest date, and single
    images with each date.

    Args:
        sources: What is read of the scene; at least one has dates.
        inner: Name and arguments of the encoder of a single date, as in `architecture["encoder"]`.
        pooling: A key of `POOLINGS`.
        count: How many dates there are; 0: as the first dated source has. It matters for concatenation alone.

    Raises:
        CheckpointError: If no source has dates, or the pooling is not known.
    """

    temporal = True

    def __init__(
        self, sources: Sequence[SourceCard], inner: Mapping[str, Any], pooling: str = "statistics", count: int = 0
    ) -> None:
        super().__init__(sources)
        arguments = dict(inner)
        found = encoder_class(arguments.pop("name", ""))
        self.inner = found([replace(source, dates=()) for source in sources], **arguments)
        if pooling not in POOLINGS:
            raise CheckpointError(f"The card's pooling is '{pooling}'; this LandSketch knows {', '.join(POOLINGS)}.")
        self.fixed = pooling == "concatenate"
        self.count = count or len(self._days())
        self.pooling = POOLINGS[pooling](self.inner.channels, self.inner.strides, self.count)
        self.channels, self.strides = self.pooling.channels, self.inner.strides
        self.alignment, self.halo, self.ramp = self.inner.alignment, self.inner.halo, self.inner.ramp
        self.tile, self.chip, self.absent = self.inner.tile, self.inner.chip, self.inner.absent
        self._check_count()

    @property
    def chip_alignment(self) -> int:
        """See `Encoder.chip_alignment`: that of the inner encoder."""
        return self.inner.chip_alignment

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: that of the inner encoder."""
        return self.inner.pretrained_part()

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Encoder.bind`.

        Raises:
            CheckpointError: If dates are concatenated, and the scene has another number of them.
        """
        super().bind(sources)
        self._check_count()

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; the dates run one after the other."""
        days = self._days()
        dated = {role: by_date(image, len(self.bands[role]))[:, self._nearest(role)] for role, image in images.items()}
        visible = _visible(dated.values())
        counted = days_since(days, f"{days[0][:4]}-01-01").to(visible.device)
        maps = self.pooling(self._features(dated, visible, wanted), counted)
        ever = visible.any(dim=1, keepdim=True).to(maps[0])
        return [
            spread_over_edges(features, F.avg_pool2d(ever, stride) > 0)
            for features, stride in zip(maps, self.strides, strict=True)
        ]

    def _features(self, dated: Mapping[str, Tensor], visible: Tensor, wanted: Tensor | None) -> Iterator[Dated]:
        """Runs the encoder on each date: per role (batch, date, band, y, x), and (batch, date, y, x) bool."""
        self.inner.check_in = self.check_in
        for number in range(visible.shape[1]):
            yield self.inner({role: series[:, number] for role, series in dated.items()}, wanted), visible[:, number]

    def _days(self) -> tuple[str, ...]:
        """Returns the dates that count."""
        days = next((dates for dates in self.dates.values() if dates), ())
        if not days:
            raise CheckpointError(
                f"The card's encoder 'per-date' has no source with dates, but {', '.join(self.dates)}.",
                "Give it a time stack, or use its inner encoder.",
            )
        return days

    def _nearest(self, role: str) -> list[int]:
        """Returns for each date that counts the place of the nearest date of a source."""
        there = [date.fromisoformat(day) for day in self.dates[role]]
        if not there:
            return [0] * len(self._days())
        wanted = [date.fromisoformat(day) for day in self._days()]
        return [min(range(len(there)), key=lambda place: abs(there[place] - day)) for day in wanted]

    def _check_count(self) -> None:
        if self.fixed and len(self._days()) != self.count:
            raise CheckpointError(
                f"The network takes {self.count} dates side by side; the time stack has {len(self._days())}.",
                "Make a stack of as many composites, or train with a pooling that takes any number of dates.",
            )


def _visible(dated: Iterable[Tensor]) -> Tensor:
    """Returns where a date has all bands of all sources, (batch, date, y, x); where none has, those with any source.

    Args:
        dated: For each source (batch, date, band, y, x).
    """
    each = torch.stack([seen(series) for series in dated])
    complete = each.all(dim=0)
    return complete | (each.any(dim=0) & ~complete.any(dim=1, keepdim=True))
