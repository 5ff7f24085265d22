"""Ensembles: several networks read the same windows, and the mean of their probabilities is the result."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..cards import BY_POSITION, SourceCard
from ..ensembles import Member, ensemble_card
from ..errors import CheckpointError
from .model import MIXED, Candidate, Choice, Model, Place
from .runtime import Images, Runtime

MOST_ALIGNED = 512
"""Pixels that tiles may be multiples of; the windows of larger ones, with a halo on each side, fill the memory."""


@dataclass(frozen=True)
class View:
    """What a member takes of one source.

    Attributes:
        role: The source.
        channels: Positions among the channels that are read.
        whole: Whether these are all of them, in order.
        trim: Pixels at each side that only other members need.
    """

    role: str
    channels: tuple[int, ...]
    whole: bool
    trim: int

    @classmethod
    def of(cls, own: SourceCard, read: SourceCard) -> View:
        """Returns the view of a member that wants `own` where `read` is read for all."""
        positions = [read.bands.index(band) for band in own.bands]
        dates = max(len(read.dates), 1)
        channels = tuple(date * len(read.bands) + position for date in range(dates) for position in positions)
        return cls(own.role, channels, channels == tuple(range(read.channels)), read.margin - own.margin)

    def taken(self, images: Images) -> NDArray[np.float32]:
        """Returns the member's part of windows (window, channel, y, x)."""
        image = images[self.role]
        if self.trim:
            image = np.ascontiguousarray(image[:, :, self.trim : -self.trim, self.trim : -self.trim])
        return image if self.whole else np.take(image, self.channels, axis=1)


@dataclass(frozen=True)
class Part:
    """A member at work.

    Attributes:
        runtime: Computes it.
        views: What it takes of each source.
        order: For each class of the ensemble, its position among the member's.
        share: Of the mean; all together make 1.
    """

    runtime: Runtime
    views: tuple[View, ...]
    order: tuple[int, ...]
    share: float

    def steps(self, images: Images, crop: int) -> NDArray[np.float32]:
        """Returns what the member adds to the mean, (window, class, y, x)."""
        steps = self.runtime.steps({view.role: view.taken(images) for view in self.views}, crop)
        if self.order != tuple(range(len(self.order))):
            steps = steps[:, self.order]
        return np.multiply(steps, np.float32(self.share), dtype=np.float32)


class Averaging:
    """Gives the mean of what several runtimes give; see `Runtime`.

    Args:
        name: What to call it.
        precision: Of the members.
        parts: The members.
    """

    def __init__(self, name: str, precision: str, parts: Sequence[Part]) -> None:
        self.name, self.precision = name, precision
        self.lanes = min(part.runtime.lanes for part in parts)
        self._parts = tuple(parts)

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        first, *others = self._parts
        total = first.steps(images, crop)
        for part in others:
            total += part.steps(images, crop)
        return np.rint(total, out=total).astype(np.int16)


class EnsembleModel:
    """See `Model`.

    Args:
        models: The classifiers, each with its weight.

    Raises:
        CheckpointError: If they cannot work together.
    """

    def __init__(self, models: Sequence[tuple[Model, float]]) -> None:
        self.members = tuple(Member(model.members[0].path, model.card, weight) for model, weight in models)
        self.fastest: dict[Choice, tuple[str, str]] = {}
        self._models = tuple(model for model, _ in models)
        card = ensemble_card(self.members)
        self.alignment = math.lcm(*(model.alignment for model in self._models))
        if self.alignment > MOST_ALIGNED:
            sides = ", ".join(f"'{one.members[0].path}' {one.alignment}" for one in self._models)
            raise CheckpointError(
                f"The checkpoints have no size of tiles in common: their sides are multiples of ({sides}) pixels.",
                "Leave one of them out.",
            )
        self.ramp = max(model.ramp for model in self._models)
        # Windows start at multiples of the alignment too.
        self.card = replace(card, halo=-(-card.halo // self.alignment) * self.alignment)
        self.window_side = self._fixed_side()
        self._orders = tuple(_order(member, self.members[0]) for member in self.members)
        self._read: tuple[SourceCard, ...] = self.card.sources
        self._devices: dict[str, tuple[str, ...]] = {}

    def _fixed_side(self) -> int:
        """Returns the only side of windows that all members take; 0: any."""
        fixed = {model.window_side: model.members[0].path for model in self._models if model.window_side}
        if not fixed:
            return 0
        side = min(fixed)
        inner = side - 2 * self.card.halo
        if len(fixed) > 1 or inner <= 0 or inner % self.alignment:
            only = ", ".join(f"'{path}' only takes windows of {side} pixels" for side, path in fixed.items())
            raise CheckpointError(
                f"{only}; the ensemble needs {self.card.halo} pixels of context at each side, and tiles of a multiple "
                f"of {self.alignment}.",
                "Leave one of them out, or use the checkpoint that it was exported from.",
            )
        return side

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Model.bind`; each member is bound to what it takes."""
        if [source.dates for source in sources] != [source.dates for source in self._read]:
            self.fastest.clear()
        self._read = tuple(sources)
        for model in self._models:
            model.bind(self._own(model))

    def _own(self, model: Model) -> tuple[SourceCard, ...]:
        """Returns a member's sources as the scene has them."""
        read = {source.role: source for source in self._read}
        return tuple(_bound(source, read[source.role]) for source in model.card.sources)

    def place(self, wanted: str) -> Place:
        """See `Model.place`; members may run on different devices, of which the fastest kind counts."""
        places = [model.place(wanted) for model in self._models]
        main = next((place for place in places if place.kind != "cpu"), places[0])
        self._devices[main.device] = tuple(place.device for place in places)
        words = list(dict.fromkeys(place.words for place in places))
        if len(words) > 1:
            words = [f"'{member.path}': {place.words}" for member, place in zip(self.members, places, strict=True)]
        warnings = dict.fromkeys(warning for place in places for warning in place.warnings)
        return Place(main.device, " ".join(words), tuple(warnings))

    def candidates(self, device: str, cores: int, check: Callable[[], None]) -> list[Candidate]:
        """See `Model.candidates`: what all members have in common, and first each with its own in fp32."""
        devices = self._devices[device]
        own = [model.candidates(each, cores, check) for model, each in zip(self._models, devices, strict=True)]
        found = [self._together([candidates[0] for candidates in own])]
        for one in own[0]:
            same = [other for candidates in own for other in candidates if _alike(one, other)]
            if len(same) == len(own) and (one.name, one.precision) != (found[0].name, found[0].precision):
                found.append(self._together(same))
        return found

    def _together(self, candidates: Sequence[Candidate]) -> Candidate:
        first = candidates[0]
        name = first.name if all(other.name == first.name for other in candidates) else MIXED
        return Candidate(name, first.precision, functools.partial(self._built, name, tuple(candidates)))

    def _built(self, name: str, candidates: Sequence[Candidate]) -> Averaging:
        read = {source.role: source for source in self._read}
        whole = sum(member.weight for member in self.members)
        parts = [
            Part(
                runtime=candidate.build(),
                views=tuple(View.of(source, read[source.role]) for source in self._own(model)),
                order=order,
                share=member.weight / whole,
            )
            for candidate, model, member, order in zip(
                candidates, self._models, self.members, self._orders, strict=True
            )
        ]
        return Averaging(name, candidates[0].precision, parts)


def _bound(own: SourceCard, read: SourceCard) -> SourceCard:
    bands = read.bands[: len(own.bands)] if own.sensor == BY_POSITION else own.bands
    return replace(own, bands=bands, dates=read.dates)


def _alike(one: Candidate, other: Candidate) -> bool:
    return (one.name, one.precision) == (other.name, other.precision)


def _order(member: Member, first: Member) -> tuple[int, ...]:
    """Returns the position of each class of the first member among those of another one."""
    own, wanted = (one.card.legend.values if one.card.legend else () for one in (member, first))
    return tuple(own.index(value) for value in wanted)
