"""Encoders of images: claims over all of them, and equality with the networks that published weights come from."""

from typing import ClassVar

from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from support import GALILEO, OPTICAL, PLAIN, RADAR

RGB = SourceCard(
    "optical", "aerial", ("red", "green", "blue"), "raw", 0.5, Normalisation("constant", (0.0,) * 3, (255.0,) * 3)
)
SMALL_VIT = {"embed_dim": 32, "depth": 2, "num_heads": 2}


class TestGalileo(EncoderChecks):
    architecture: ClassVar = GALILEO
    sources = (OPTICAL, RADAR)
    exports = False


class TestUNet(EncoderChecks):
    architecture: ClassVar = {"name": "unet", "encoder": "resnet18"}
    sources = (PLAIN, RADAR)
    unused = ("model.layer4",)  # four stages are the stem and three layers


class TestRandomFeatures(EncoderChecks):
    architecture: ClassVar = {"name": "random-features", "filters": 16}
    sources = (PLAIN, RADAR)


class TestResNet(EncoderChecks):
    architecture: ClassVar = {"name": "resnet", "model": "resnet18"}
    sources = (PLAIN, RADAR)
    unused = ("layer4",)


class TestVit(EncoderChecks):
    architecture: ClassVar = {
        "name": "vit",
        "model": "vit_tiny_patch16_224",
        "published": 64,
        "blocks": [1],
        **SMALL_VIT,
    }
    sources = (PLAIN, RADAR)


class TestVitWithRegistersAndOtherPositions(EncoderChecks):
    architecture: ClassVar = {
        "name": "vit", "model": "vit_small_patch14_reg4_dinov2", "published": 56, "image": 84, **SMALL_VIT,
    }  # fmt: skip
    sources = (PLAIN,)


class TestSwinV2(EncoderChecks):
    architecture: ClassVar = {"name": "swin-v2", "model": "swin_v2_t", "depths": [2, 2, 2, 1]}
    sources = (PLAIN, RADAR)
    unused = ("features.6", "features.7")
    exports = False


class TestSwin(EncoderChecks):
    architecture: ClassVar = {
        "name": "swin", "levels": [1, 2, 3, 4], "image": 64, "window_size": 2, "embed_dim": 24, "depths": [2, 2, 2, 2], "num_heads": [1, 2, 3, 3],
    }  # fmt: skip
    sources = (PLAIN, RADAR)


class TestDofa(EncoderChecks):
    architecture: ClassVar = {"name": "dofa", "width": 32, "depth": 2, "heads": 2, "image": 64}
    sources = (PLAIN,)


class TestScaleMAE(EncoderChecks):
    architecture: ClassVar = {"name": "scalemae", "width": 32, "depth": 2, "heads": 2, "image": 64}
    sources = (RGB,)
