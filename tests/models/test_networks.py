"""The claims of `network_checks` about each network that fine-tuning offers, in small sizes."""

from typing import ClassVar

from network_checks import NetworkChecks
from small_networks import MIRROR, PLAIN_MIRROR, PLAIN_SWIN, RESNET, SWIN, pair
from support import PLAIN, RADAR


class TestUNet(NetworkChecks):
    architecture: ClassVar = {
        "encoder": {"name": "unet", "encoder": "test_resnet"},
        "head": {"name": "linear", "context": False},
    }
    sources = (RADAR, PLAIN)


class TestUNetOnAnEncoder(NetworkChecks):
    architecture: ClassVar = {"encoder": RESNET, "head": {"name": "unet", "context": True}}
    sources = (RADAR, PLAIN)


class TestDoubleUNet(NetworkChecks):
    architecture: ClassVar = {
        "encoder": {"name": "double-unet", "encoder": "test_resnet"},
        "head": {"name": "linear", "context": False},
    }
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")


class TestDoubleUNetOnAPair(NetworkChecks):
    architecture: ClassVar = {"encoder": pair(RESNET), "head": {"name": "unet", "context": False}}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")


class TestSwinUNet(NetworkChecks):
    architecture: ClassVar = {"encoder": SWIN, "head": {"name": "swin-unet"} | MIRROR}
    sources = (RADAR, PLAIN)
    any_side = False


class TestSwinUNetOfOneImage(NetworkChecks):
    architecture: ClassVar = {"encoder": SWIN, "head": {"name": "swin-unet"} | MIRROR}
    sources = (RADAR,)
    exports = None


class TestSwinUNetWithWindowsOfSeven(NetworkChecks):
    architecture: ClassVar = {
        "encoder": SWIN | {"window_size": 7, "image": 224},
        "head": {"name": "swin-unet"} | MIRROR | {"window": 7},
    }
    sources = (PLAIN,)
    exports = None


class TestDualStmimUNet(NetworkChecks):
    architecture: ClassVar = {
        "encoder": pair(PLAIN_SWIN),
        "head": {"name": "swin-unet", "fusion": "concat"} | PLAIN_MIRROR,
    }
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")
    any_side = False


class TestDualStmimUNetSummed(TestDualStmimUNet):
    architecture: ClassVar = {
        "encoder": pair(PLAIN_SWIN),
        "head": {"name": "swin-unet", "fusion": "sum"} | PLAIN_MIRROR,
    }
    exports = None


class TestDualStmimUNetGated(TestDualStmimUNet):
    architecture: ClassVar = {
        "encoder": pair(PLAIN_SWIN),
        "head": {"name": "swin-unet", "fusion": "gated"} | PLAIN_MIRROR,
    }
    exports = None


class TestDualSwin(NetworkChecks):
    architecture: ClassVar = {"encoder": pair(PLAIN_SWIN), "head": {"name": "dual-swin"} | PLAIN_MIRROR}
    sources = (RADAR, PLAIN)
    optional = ("sar", "optical")
    any_side = False
