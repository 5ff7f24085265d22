"""Encoder classes by name; each is imported when it is first wanted, since some need large libraries."""

from __future__ import annotations

import importlib

from ...core.errors import CheckpointError
from .encoder import Encoder

_CLASSES = {
    "coarse": "coarse.CoarseFeatures",
    "copernicus-fm": "copernicus_fm.CopernicusFMFeatures",
    "croma": "croma.CromaFeatures",
    "dofa": "dofa.DofaFeatures",
    "double-unet": "double_unet.DoubleUNetFeatures",
    "resnet": "resnet.ResNetFeatures",
    "scalemae": "scalemae.ScaleMAEFeatures",
    "single-band": "single_band.SingleBandFeatures",
    "swin": "swin.SwinFeatures",
    "swin-v2": "swin_v2.SwinV2Features",
    "vit": "vit.VitFeatures",
    "embedding": "embedding.EmbeddingFeatures",
    "galileo": "galileo_features.GalileoFeatures",
    "pair": "pair.PairFeatures",
    "panopticon": "panopticon.PanopticonFeatures",
    "per-date": "per_date.PerDateFeatures",
    "presto": "presto_features.PrestoFeatures",
    "merged-galileo": "merged_galileo.MergedGalileoFeatures",
    "mae3d": "mae3d.Mae3dFeatures",
    "stack-conv": "stack_conv.StackConvFeatures",
    "random-features": "random_features.RandomFeatures",
    "two-branch": "two_branch.TwoBranchFeatures",
    "unet": "unet.UNetFeatures",
    "utae": "utae_features.UtaeFeatures",
}
"""Module and class by `architecture["encoder"]["name"]`; the other entries there are the class's arguments."""


def encoder_class(name: str) -> type[Encoder]:
    """Returns the class of an encoder.

    Raises:
        CheckpointError: If this version does not know it.
    """
    if name not in _CLASSES:
        raise CheckpointError(
            f"The checkpoint's encoder is '{name}'; this LandSketch knows {', '.join(_CLASSES)}.", "Update LandSketch."
        )
    module, attribute = _CLASSES[name].split(".")
    found: type[Encoder] = getattr(importlib.import_module(f".{module}", __package__), attribute)
    return found


def encoder_names() -> tuple[str, ...]:
    """Returns the names of all encoders."""
    return tuple(_CLASSES)
