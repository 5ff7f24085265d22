"""The methods of pretraining by name: what each needs, its defaults, and how it is put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.cards import SourceCard
from ...core.errors import SpecError
from ..encoders.encoder import Encoder
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

Built = tuple[Method, dict[str, Any]]
"""The method with its untrained encoder, and the encoder's entry in a card's `architecture`."""


@dataclass(frozen=True)
class Recipe:
    """A method.

    Attributes:
        title: Its name for people.
        networks: Architectures or sizes of encoders that it knows, the default first.
        window: Side of its windows in pixels.
        batch: Windows per batch.
        rate: Highest learning rate.
        options: Dataclass of its own options.
        build: From sources, network, window, schedule and options to the method.
        roles: Roles that must be there.
        pairs: Whether it learns from two dates of a place, where there are two.
        optional: Whether the encoder later does with one of its sources.
        partial: Whether it later does with a part of the bands.
        stacks: Whether it learns from scenes that lack some of the bands.
    """

    title: str
    networks: tuple[str, ...]
    window: int
    batch: int
    rate: float
    options: type
    build: Callable[[Sequence[SourceCard], str, int, Schedule, Any], Built]
    roles: tuple[str, ...] = ()
    pairs: bool = False
    optional: bool = False
    partial: bool = False
    stacks: bool = False

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
            if not isinstance(value, (int, float) if wanted is float else wanted):
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
    "swin-tiny": {"name": "swin", "model": "swin_tiny_patch4_window7_224", "window_size": 7},
    "swin-nano": {
        "name": "swin",
        "model": "swin_tiny_patch4_window7_224",
        "window_size": 4,
        "embed_dim": 48,
        "depths": [2, 2, 2, 2],
        "num_heads": [2, 4, 8, 16],
    },
}
"""The seeds' networks, and a Swin for a processor without a GPU: a fifth of the weights, a tenth of the work."""

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
    if window % 4:
        raise SpecError(f"window is {window}; distillation takes multiples of 4 pixels.")
    images = [source for source in sources if source.role != TARGET]
    if not images:
        raise SpecError("Distillation learns from images beside the teacher's features; there are none.")
    target = next(source for source in sources if source.role == TARGET)
    layout = {source.role: list(source.bands) for source in images}
    entry = {
        "name": network,
        "layout": layout,
        "width": options.width,
        "depth": options.depth,
        "dim": len(target.bands),
    }
    encoder: Any = _encoder(entry, images)
    return Distillation(encoder, target, schedule, options), entry


def _encoder(entry: dict[str, Any], sources: Sequence[SourceCard]) -> Encoder:
    return build_encoder({"encoder": entry}, sources)


_IMAGES = tuple(_IMAGE_NETWORKS)
_RESNETS = ("resnet18", "resnet50")
_PAIR = ("optical", "sar")

RECIPES: dict[str, Recipe] = {
    "3dmae": Recipe(
        "3DMAE", ("tiny", "nano", "small", "base"), 96, 16, 6e-4, Mae3dOptions, _mae3d, optional=True, partial=True,
        stacks=True,
    ),
    "stmim": Recipe(
        "STMIM", ("swin-tiny", "swin-nano"), 128, 8, 3e-4, StmimOptions, _image_method(Stmim), pairs=True
    ),
    "simclr": Recipe("SimCLR", _IMAGES, 96, 64, 3e-4, SimclrOptions, _image_method(Simclr)),
    "dual-simclr": Recipe(
        "Dual-SimCLR", _IMAGES, 128, 64, 3e-4, DualSimclrOptions, _pair_method(DualSimclr), _PAIR, optional=True
    ),
    "mma": Recipe("MMA", _IMAGES, 128, 32, 3e-4, MmaOptions, _pair_method(Mma), _PAIR, optional=True),
    "byol": Recipe(
        "BYOL", _RESNETS, 96, 32, 3e-4, ByolOptions, _band_method(Byol), _PAIR, optional=True, partial=True
    ),
    "simsiam": Recipe(
        "SimSiam", _RESNETS, 96, 32, 3e-4, SimsiamOptions, _band_method(Simsiam), _PAIR, optional=True, partial=True
    ),
    "gcc-rs": Recipe("GCC-RS", _IMAGES, 96, 64, 3e-4, GccRsOptions, _pair_method(GccRs), _PAIR, optional=True),
    "distillation": Recipe(
        "Distillation", ("stack-conv",), 96, 16, 2e-3, DistillationOptions, _distillation, (TARGET,), optional=True,
        partial=True, stacks=True,
    ),
}  # fmt: skip
"""All methods; defaults are for a desktop computer, where the seeds had larger ones."""
