"""Encoders of images: claims over all of them, and equality with the networks that published weights come from."""

from typing import ClassVar

from encoder_checks import EncoderChecks
from support import GALILEO, OPTICAL, PLAIN, RADAR


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
