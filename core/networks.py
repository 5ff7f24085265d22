"""The networks that fine-tuning can train, as people choose among them: what each is for and what it needs.

Standard library only, and Python 3.9, since QGIS's own Python reads this file too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple

from .errors import SpecError
from .sensors import AUTO

FUSIONS = ("concat", "sum", "gated")
"""How maps of two encoders become one: a projection of both, which starts as their mean; their sum; a learned gate."""

SIZES = (AUTO, "tiny", "nano")
"""Sizes of Swin transformers from scratch: `tiny` for a GPU, `nano` for processors; `auto` takes the one that fits."""

FROM_SCRATCH, FROM_ANY, FROM_PRETRAINED = "scratch", "any", "pretrained"


@dataclass(frozen=True)
class Network:
    """A network.

    Attributes:
        title: Its name for people.
        advice: When to choose it, in a sentence or two.
        roles: Roles that a scene must have for it.
        start: Whether it takes no checkpoint (`FROM_SCRATCH`), may start from one, or must (`FROM_PRETRAINED`).
        checkpoints: Most checkpoints that it takes: two for one encoder each.
        sized: Whether a size can be chosen for it when it starts from scratch.
        fused: Whether it fuses two encoders' maps, in a way that can be chosen.
        stacks: Whether it reads time stacks, as a whole or date by date.
    """

    title: str
    advice: str
    roles: Tuple[str, ...] = ()
    start: str = FROM_ANY
    checkpoints: int = 1
    sized: bool = False
    fused: bool = False
    stacks: bool = True


_BOTH = ("optical", "sar")

NETWORKS: Dict[str, Network] = {
    "unet": Network(
        "U-Net",
        "Convolutions, all bands together. Learns fastest from scratch, and takes any encoder of several resolutions.",
    ),
    "double-unet": Network(
        "Double U-Net",
        "A U-Net with one encoder for the radar image and one for the optical image.",
        roles=_BOTH,
        checkpoints=2,
    ),
    "swin-unet": Network(
        "Swin-UNet",
        "A Swin transformer with a decoder like it. From scratch it needs many labels.",
        sized=True,
        stacks=False,
    ),
    "stmim-unet": Network(
        "STMIM-UNet",
        "A Swin-UNet whose encoder was pretrained on your own images by 'Pretrain an encoder', method STMIM.",
        start=FROM_PRETRAINED,
        stacks=False,
    ),
    "dual-stmim-unet": Network(
        "DualSTMIM-UNet",
        "As STMIM-UNet, with one encoder for the radar image and one for the optical image, fused layer by layer.",
        roles=_BOTH,
        checkpoints=2,
        sized=True,
        fused=True,
        stacks=False,
    ),
    "dual-swin": Network(
        "Dual Swin",
        "Two Swin-UNets, one for the radar image and one for the optical image, joined before the last layer; for "
        "pairs of encoders by Dual-SimCLR, MMA or GCC-RS.",
        roles=_BOTH,
        checkpoints=2,
        sized=True,
        stacks=False,
    ),
    "utae": Network(
        "U-TAE",
        "A U-Net over all dates of a time stack, with attention that learns which of them tell classes apart. From "
        "scratch it needs many labels.",
        start=FROM_SCRATCH,
        checkpoints=0,
    ),
    "two-branch": Network(
        "Two branches",
        "A U-Net over a fine image, such as an aerial one, and U-TAE over a coarser time stack beside it; the map has "
        "the fine image's resolution.",
        roles=("optical", "series"),
    ),
}
"""All networks by id, the id under which jobs and cards name them."""


def check_network(name: str, mode: str, checkpoints: Sequence[str], roles: Optional[Sequence[str]] = None) -> None:
    """Checks that a network, what is trained of it and what it starts from fit each other.

    Args:
        name: Its id, or `AUTO`.
        mode: What is trained: one of `core.specs.MODES`.
        checkpoints: Paths of the checkpoints that are given.
        roles: Roles of the scene; None: not known yet.

    Raises:
        SpecError: If they do not.
    """
    if name == AUTO:
        if len(checkpoints) > 1:
            doubles = [network.title for network in NETWORKS.values() if network.checkpoints > 1]
            raise SpecError(
                "Two checkpoints were given, and no network that takes two encoders.",
                f"Choose one of {', '.join(doubles)}, or leave out the second checkpoint.",
            )
        return
    network = NETWORKS[name]
    if mode == "frozen":
        raise SpecError(
            f"'frozen' fits a light classifier on an encoder's features, without a decoder; the network "
            f"{network.title} has one.",
            "Train 'decoder' or 'full', or leave the network at 'auto'.",
        )
    if len(checkpoints) > network.checkpoints:
        raise SpecError(
            f"{len(checkpoints)} checkpoints were given; the network {network.title} takes "
            f"{network.checkpoints or 'none'}.",
            "Leave out the second one, or choose another network.",
        )
    if network.start == FROM_SCRATCH and checkpoints:
        raise SpecError(
            f"The network {network.title} is trained from scratch; a checkpoint was given.",
            "Leave out the checkpoint, or choose another network.",
        )
    if network.start == FROM_PRETRAINED and not checkpoints:
        raise SpecError(
            f"The network {network.title} starts from a pretrained encoder; no checkpoint was given.",
            "Pretrain one, or choose Swin-UNet, which is the same network from scratch.",
        )
    if roles is None:
        return
    surplus = [role for role in roles if role not in (network.roles or ("optical", "sar"))]
    if surplus:
        raise SpecError(
            f"The network {network.title} does not read the {' and the '.join(surplus)} source of the scene.",
            "Leave it out, or choose another network.",
        )
    missing = [role for role in network.roles if role not in roles]
    if missing:
        raise SpecError(
            f"The network {network.title} reads {' and '.join(network.roles)} images; the scene has no "
            f"{' and no '.join(missing)} image.",
            "Add it, or choose a network of one image, such as Swin-UNet.",
        )


def check_stacks(name: str, stacks: Sequence[str]) -> None:
    """Checks that a network reads time stacks where a scene has some.

    Args:
        name: Its id, or `AUTO`.
        stacks: Names of the time stacks that stand in place of an image.

    Raises:
        SpecError: If it reads single images only.
    """
    if not stacks or name == AUTO or NETWORKS[name].stacks:
        return
    others = [network.title for network in NETWORKS.values() if network.stacks and "series" not in network.roles]
    raise SpecError(
        f"The network {NETWORKS[name].title} reads single images; '{stacks[0]}' is a time stack.",
        f"Choose one of its images or a composite of them, a network that reads time stacks ({', '.join(others)}), or "
        "'auto'.",
    )
