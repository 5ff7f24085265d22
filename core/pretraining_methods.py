"""The methods of pretraining as people choose among them: what each is for, what it needs, and its defaults.

Standard library only, and Python 3.9, since QGIS's own Python reads this file too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple


@dataclass(frozen=True)
class PretrainingMethod:
    """A method.

    Attributes:
        title: Its name for people; in lower case the id under which jobs ask for it.
        advice: When to choose it, in a sentence or two.
        networks: Architectures or sizes of encoders that it knows, the default first.
        window: Side of its windows in pixels.
        batch: Windows per batch.
        rate: Highest learning rate.
        roles: Roles that must be there.
        pairs: Whether it learns from two dates of a place, where there are two.
    """

    title: str
    advice: str
    networks: Tuple[str, ...]
    window: int
    batch: int
    rate: float
    roles: Tuple[str, ...] = ()
    pairs: bool = False


BESIDE = "two-branch"
"""The network that reads an image and a coarser time stack beside it."""

_RESNETS = ("resnet18", "resnet50")
_IMAGES = (*_RESNETS, "swin-tiny", "swin-nano")
_BOTH = ("optical", "sar")

_METHODS = (
    PretrainingMethod(
        "3DMAE",
        "Hides patches and bands, and learns to fill them in. The first choice, with few images and small batches "
        "too; its encoder takes optical images, radar images or both, and some of the bands.",
        ("tiny", "nano", "small", "base"), 96, 16, 6e-4,
    ),
    PretrainingMethod(
        "STMIM",
        "Hides small squares and fills them in, and learns what changes little from date to date. Choose it for time "
        "series: several images of each place.",
        ("swin-tiny", "swin-nano"), 128, 8, 3e-4, pairs=True,
    ),
    PretrainingMethod(
        "SimCLR",
        "Learns that two views of a window are the same and other windows are not. For images of any kind, where "
        "large batches fit into memory. With the network 'two-branch' it learns from an image, such as an aerial one, "
        "and a time stack of the same ground.",
        (*_IMAGES, BESIDE), 96, 64, 3e-4,
    ),
    PretrainingMethod(
        "Dual-SimCLR",
        "Learns which radar window shows the same place as an optical one. For many pairs of images, and large "
        "batches.",
        _IMAGES, 128, 64, 3e-4, _BOTH,
    ),
    PretrainingMethod(
        "MMA",
        "As Dual-SimCLR, but compares windows place by place. For well aligned pairs of images.",
        _IMAGES, 128, 32, 3e-4, _BOTH,
    ),
    PretrainingMethod(
        "BYOL",
        "Learns that single bands of both images show the same place, without comparing windows with each other. Its "
        "encoder takes any bands; small batches will do.",
        _RESNETS, 96, 32, 3e-4, _BOTH,
    ),
    PretrainingMethod(
        "SimSiam",
        "As BYOL, but simpler: it needs less memory, and may collapse sooner, which the log tells.",
        _RESNETS, 96, 32, 3e-4, _BOTH,
    ),
    PretrainingMethod(
        "GCC-RS",
        "Sorts radar windows into clusters with the help of optical ones. For mapping by 'Cluster an image' where "
        "there are no labels at all.",
        _IMAGES, 96, 64, 3e-4, _BOTH,
    ),
    PretrainingMethod(
        "Distillation",
        "Teaches a small, fast encoder the features that a large one computed of the images, such as 'Embed an image' "
        "writes. The network 'merged-galileo' may begin with Galileo's own weights.",
        ("stack-conv", "merged-galileo"), 96, 16, 2e-3, ("embedding",),
    ),
)  # fmt: skip

METHODS: Dict[str, PretrainingMethod] = {method.title.lower(): method for method in _METHODS}
"""All methods by id, the first choice first; defaults are for a desktop computer, where the seeds had larger ones."""
