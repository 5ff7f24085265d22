"""The claims of `network_checks` about each network that fine-tuning offers, in small sizes."""

from typing import ClassVar

from network_checks import NetworkChecks
from support import PLAIN, RADAR

LEVELS = {"levels": [1, 2, 3, 4]}
SWIN = {
    "name": "swin",
    "model": "swin_tiny_patch4_window7_224",
    "image": 64,
    "window_size": 2,
    "embed_dim": 8,
    "depths": [1, 2, 1, 1],
    "num_heads": [1, 2, 2, 4],
} | LEVELS
MIRROR = {"depths": [1, 2, 1], "heads": [1, 2, 2], "window": 2}
RESNET = {"name": "resnet", "model": "resnet18"} | LEVELS


def pair(member):
    """Returns the entry of two encoders that stand in for each other."""
    return {"name": "pair", "encoders": {"sar": member, "optical": member}, "stand_in": True}


class TestUNet(NetworkChecks):
    architecture: ClassVar = {"encoder": {"name": "unet"}, "head": {"name": "linear", "context": False}}
    sources = (RADAR, PLAIN)


class TestUNetOnAnEncoder(NetworkChecks):
    architecture: ClassVar = {"encoder": RESNET, "head": {"name": "unet", "context": True}}
    sources = (RADAR, PLAIN)


class TestDoubleUNet(NetworkChecks):
    architecture: ClassVar = {"encoder": {"name": "double-unet"}, "head": {"name": "linear", "context": False}}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")


class TestDoubleUNetOnAPair(NetworkChecks):
    architecture: ClassVar = {"encoder": pair(RESNET), "head": {"name": "unet", "context": False}}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")


class TestSwinUNet(NetworkChecks):
    architecture: ClassVar = {"encoder": SWIN, "head": {"name": "swin-unet"} | MIRROR}
    sources = (RADAR, PLAIN)


class TestSwinUNetOfOneImage(NetworkChecks):
    architecture: ClassVar = {"encoder": SWIN, "head": {"name": "swin-unet"} | MIRROR}
    sources = (RADAR,)


class TestSwinUNetWithWindowsOfSeven(NetworkChecks):
    architecture: ClassVar = {
        "encoder": SWIN | {"window_size": 7, "image": 224},
        "head": {"name": "swin-unet"} | MIRROR | {"window": 7},
    }
    sources = (PLAIN,)


class TestDualStmimUNet(NetworkChecks):
    architecture: ClassVar = {"encoder": pair(SWIN), "head": {"name": "swin-unet", "fusion": "concat"} | MIRROR}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")


class TestDualStmimUNetSummed(TestDualStmimUNet):
    architecture: ClassVar = {"encoder": pair(SWIN), "head": {"name": "swin-unet", "fusion": "sum"} | MIRROR}


class TestDualStmimUNetGated(TestDualStmimUNet):
    architecture: ClassVar = {"encoder": pair(SWIN), "head": {"name": "swin-unet", "fusion": "gated"} | MIRROR}


class TestDualSwin(NetworkChecks):
    architecture: ClassVar = {"encoder": pair(SWIN), "head": {"name": "dual-swin"} | MIRROR}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")
