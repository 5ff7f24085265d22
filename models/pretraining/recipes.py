"""The methods of pretraining by name: how each is put together. What they are for says `core.pretraining_methods`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.cards import SourceCard
from ...core.errors import SpecError
from ...core.pretraining_methods import BESIDE, METHODS, PretrainingMethod
from ..encoders.encoder import Encoder
from ..encoders.galileo import from_published
from ..encoders.merged_galileo import KNOWN_BANDS
from ..encoders.stack import STUDENT_STRIDE
from ..encoders.swin import SWINS
from ..published_files import read_tensors
from ..segmenter import build_encoder
from .byol import Byol, ByolOptions
from .distillation import TARGET, Distillation, DistillationOptions
from .dual_simclr import DualSimclr, DualSimclrOptions
from .gcc_rs import GccRs, GccRsOptions
from .mae3d import Mae3d, Mae3dOptions
from .masking import VERTICAL
from .method import Method, Schedule
from .mma import Mma, MmaOptions
from .simclr import Simclr, SimclrOptions
from .simsiam import Simsiam, SimsiamOptions
from .stmim import Stmim, StmimOptions
from .two_branch import TwoBranchSimclr

Built = tuple[Method, dict[str, Any]]
"""The method with its untrained encoder, and the encoder's entry in a card's `architecture`."""

Build = Callable[[Sequence[SourceCard], str, int, Schedule, Any], Built]
"""From sources, network, window, schedule and options to the method."""


@dataclass(frozen=True, kw_only=True)
class Recipe(PretrainingMethod):
    """A method that can be put together.

    Attributes:
        options: Dataclass of its own options.
        build: Puts it together.
        optional: Whether the encoder later does with one of its sources.
        partial: Whether it later does with a part of the bands.
        stacks: Whether it learns from scenes that lack some of the bands.
        coarse: Roles that are read on a coarser grid, each with the pixels of the scene that make one of it.
    """

    options: type
    build: Build
    optional: bool = False
    partial: bool = False
    stacks: bool = False
    coarse: Mapping[str, int] = field(default_factory=dict)

    def options_of(self, values: dict[str, Any]) -> Any:
        """Returns the options with some values.

        Raises:
            SpecError: If a name is unknown, or a value is of another type than the default.
        """
        defaults = {field.name: field.default for field in dataclasses.fields(self.options)}
        unknown = sorted(set(values) - set(defaults))
        if unknown:
            raise SpecError(f"{self.title} has no options {', '.join(unknown)}.", f"Known ones: {', '.join(defaults)}.")
        for name, value in values.items():
            wanted = type(defaults[name])
            kinds = (int, float) if wanted is float else wanted
            if not isinstance(value, kinds) or isinstance(value, bool) != (wanted is bool):
                raise SpecError(f"Option {name} of {self.title} is {value!r}; {wanted.__name__} is expected.")
        return self.options(**values)


def recipe(name: str) -> Recipe:
    """Returns a method.

    Raises:
        SpecError: If there is none of this name.
    """
    if name not in RECIPES:
        raise SpecError(f"method is '{name}'.", f"Expected one of {', '.join(RECIPES)}.")
    return RECIPES[name]


def _mae3d(
    sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: Mae3dOptions
) -> Built:
    if options.strategy not in VERTICAL:
        raise SpecError(f"Option strategy is '{options.strategy}'.", f"Expected one of {', '.join(VERTICAL)}.")
    if window % options.patch:
        raise SpecError(f"window is {window}; with this option patch it takes multiples of {options.patch} pixels.")
    layout = {source.role: list(source.bands) for source in sources}
    entry = {"name": "mae3d", "layout": layout, "size": network, "patch": options.patch, "window": window}
    encoder: Any = _encoder(entry, sources)
    return Mae3d(encoder, schedule, options), entry


_IMAGE_NETWORKS: dict[str, dict[str, Any]] = {
    "resnet18": {"name": "resnet", "model": "resnet18"},
    "resnet50": {"name": "resnet", "model": "resnet50"},
    **SWINS,
}
"""The seeds' networks, and a Swin for a processor without a GPU."""

_ALL_LEVELS = {"levels": [1, 2, 3, 4]}
"""Pretraining learns the last stage too, which features for few labels leave out."""


def _image_entry(network: str, window: int) -> dict[str, Any]:
    if window % 32:
        raise SpecError(f"window is {window}; {network} takes multiples of 32 pixels.")
    entry = dict(_IMAGE_NETWORKS[network])
    return entry | ({"image": window} if entry["name"] == "swin" else {})


def _image_method(method: Callable[[Any, Schedule, Any], Method]) -> Callable[..., Built]:
    """Of a method that pretrains one encoder over all bands of all sources."""

    def build(sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: Any) -> Built:
        entry = _image_entry(network, window)
        return method(_encoder(entry | _ALL_LEVELS, sources), schedule, options), entry

    return build


def _simclr(
    sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: SimclrOptions
) -> Built:
    if network != BESIDE:
        return _image_method(Simclr)(sources, network, window, schedule, options)
    entry = {"name": BESIDE, "encoder": "resnet18"}
    encoder: Any = _encoder(entry, sources)
    if window % encoder.alignment:
        raise SpecError(f"window is {window}; {network} takes multiples of {encoder.alignment} pixels here.")
    return TwoBranchSimclr(encoder, schedule, options), entry


def _pair_method(method: Callable[[Any, Schedule, Any], Method]) -> Callable[..., Built]:
    """Of a method that pretrains one encoder for each source."""

    def build(sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: Any) -> Built:
        one = _image_entry(network, window)
        entry = {"name": "pair", "encoders": {source.role: one for source in sources}}
        learning = {"name": "pair", "encoders": {source.role: one | _ALL_LEVELS for source in sources}}
        return method(_encoder(learning, sources), schedule, options), entry

    return build


def _band_method(method: Callable[[Any, Schedule, Any], Method]) -> Callable[..., Built]:
    """Of a method that pretrains an encoder of single bands."""

    def build(sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: Any) -> Built:
        entry = {"name": "single-band", "model": network}
        return method(_encoder(entry | _ALL_LEVELS, sources), schedule, options), entry

    return build


def _distillation(
    sources: Sequence[SourceCard], network: str, window: int, schedule: Schedule, options: DistillationOptions
) -> Built:
    if window % STUDENT_STRIDE:
        raise SpecError(f"window is {window}; distillation takes multiples of {STUDENT_STRIDE} pixels.")
    images = [source for source in sources if source.role != TARGET]
    if not images:
        raise SpecError("Distillation learns from images beside the teacher's features; there are none.")
    target = next(source for source in sources if source.role == TARGET)
    build = _merged if network == "merged-galileo" else _convolutions
    encoder, entry = build(images, target, window, options)
    least = STUDENT_STRIDE * (2 * encoder.uncertain + 1)
    if window < least:
        raise SpecError(f"window is {window}; of that nothing is learned but for its edge.", f"Take {least} or more.")
    return Distillation(encoder, target, schedule, options), entry


def _convolutions(
    images: Sequence[SourceCard], target: SourceCard, window: int, options: DistillationOptions
) -> tuple[Any, dict[str, Any]]:
    if options.start:
        raise SpecError("Option start is for the network merged-galileo.", "Choose that network, or leave it out.")
    size = {"width": options.width, "depth": options.depth, "dim": len(target.bands)}
    entry = {"name": "stack-conv", "layout": _layout(images), **size}
    return _encoder(entry, images), entry


def _merged(
    images: Sequence[SourceCard], target: SourceCard, window: int, options: DistillationOptions
) -> tuple[Any, dict[str, Any]]:
    read = [source.narrowed([band for band in source.bands if band in KNOWN_BANDS]) for source in images]
    read = [source for source in read if source.bands]
    if not read:
        raise SpecError("A merged Galileo reads Sentinel-1 and Sentinel-2 only; there is neither.")
    size = {"depth": options.depth, "features": len(target.bands), "window": window}
    entry = {"name": "merged-galileo", "layout": _layout(read), **size}
    encoder: Any = _encoder(entry, read)
    if options.start:
        teacher, _ = from_published(read_tensors(options.start))
        encoder.network.begin_as(teacher, read, target)
    return encoder, entry


def _layout(sources: Sequence[SourceCard]) -> dict[str, list[str]]:
    return {source.role: list(source.bands) for source in sources}


def _encoder(entry: dict[str, Any], sources: Sequence[SourceCard]) -> Encoder:
    return build_encoder({"encoder": entry}, sources)


def _recipe(method: str, options: type, build: Build, **more: Any) -> Recipe:
    return Recipe(**vars(METHODS[method]), options=options, build=build, **more)


RECIPES: dict[str, Recipe] = {
    "3dmae": _recipe("3dmae", Mae3dOptions, _mae3d, optional=True, partial=True, stacks=True),
    "stmim": _recipe("stmim", StmimOptions, _image_method(Stmim)),
    "simclr": _recipe("simclr", SimclrOptions, _simclr),
    "dual-simclr": _recipe("dual-simclr", DualSimclrOptions, _pair_method(DualSimclr), optional=True),
    "mma": _recipe("mma", MmaOptions, _pair_method(Mma), optional=True),
    "byol": _recipe("byol", ByolOptions, _band_method(Byol), optional=True, partial=True),
    "simsiam": _recipe("simsiam", SimsiamOptions, _band_method(Simsiam), optional=True, partial=True),
    "gcc-rs": _recipe("gcc-rs", GccRsOptions, _pair_method(GccRs), optional=True),
    "distillation": _recipe(
        "distillation",
        DistillationOptions,
        _distillation,
        optional=True,
        partial=True,
        stacks=True,
        coarse={TARGET: STUDENT_STRIDE},
    ),
}
"""All methods, in the order of `METHODS`."""
