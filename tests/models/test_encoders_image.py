"""Encoders of images: claims over all of them, and equality with the networks that published weights come from."""

from encoder_checks import EncoderChecks
from support import GALILEO, OPTICAL, PLAIN, RADAR


class TestGalileo(EncoderChecks):
    architecture = GALILEO
    sources = (OPTICAL, RADAR)
    exports = False


class TestUNet(EncoderChecks):
    architecture = {"name": "unet", "encoder": "resnet18"}
    sources = (PLAIN, RADAR)
    unused = ("model.layer4",)  # four stages are the stem and three layers


class TestRandomFeatures(EncoderChecks):
    architecture = {"name": "random-features", "filters": 16}
    sources = (PLAIN, RADAR)
