"""Entries for the encoders of several sensors, or of any, that torchgeo provides; and for Scale-MAE, which has no bands
there. torchgeo states no bands for them: those are in their authors' words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torchgeo.models as torchgeo
from torch import nn
from torchvision.models._api import WeightsEnum

from ...core.cards import ANY_SENSOR, Normalisation, SourceCard
from ...core.encoder_registry import EncoderEntry
from ...core.sensors import SENSORS
from .torchgeo_weights import checksum_in_name, empty, size_mb
from .transforms import as_normalisation

_S1_BANDS = SENSORS["sentinel-1-grd"].names
_S2_BANDS = SENSORS["sentinel-2-l1c"].names
_OPEN = Normalisation("scene-2-sigma", (), (), (0.0, 1.0))

_SCENE_NOTE = "Scaled by the mean and standard deviation of the scene that it is first used on, band by band."


def entries() -> Iterator[EncoderEntry]:
    """Goes through the entries."""
    yield from _croma()
    yield from _dofa()
    yield _panopticon()
    yield _copernicus_fm()
    yield _scalemae()


def _entry(weights: WeightsEnum, network: nn.Module, **values: Any) -> EncoderEntry:
    """Returns an entry with what torchgeo says of the weights, and the size of its network."""
    url = str(weights.url).replace("https://hf.co/", "https://huggingface.co/")
    said = {
        "url": url,
        "sha256": checksum_in_name(url),
        "size_mb": size_mb(network),
        "data": weights.meta.get("dataset", ""),
        "paper": weights.meta["publication"],
    }
    return EncoderEntry(**{**said, **values})


def _croma() -> Iterator[EncoderEntry]:
    """Both sensors are optional: each has an encoder of its own, and a third one joins them."""
    sources = (
        SourceCard(
            "optical", "sentinel-2-l2a", tuple(b for b in _S2_BANDS if b != "B10"), "dn", 10, _OPEN, optional=True
        ),
        SourceCard("sar", "sentinel-1-grd", _S1_BANDS, "db", 10, _OPEN, optional=True),
    )
    sizes = (
        ("base", torchgeo.CROMABase_Weights.CROMA_VIT, {"width": 768, "depth": 12}),
        ("large", torchgeo.CROMALarge_Weights.CROMA_VIT, {"width": 1024, "depth": 24}),
    )
    for size, weights, arguments in sizes:
        yield _entry(
            weights,
            empty(f"croma_{size}", image_size=8),  # torchgeo takes long to compute distances within larger ones
            id=f"croma-{size}",
            title=f"CROMA {size}, Sentinel-1 and Sentinel-2 (12 bands), together or alone",
            architecture={"name": "croma", **arguments},
            sources=sources,
            licence="MIT",
            method="CROMA: contrastive, and masked reconstruction",
            data="SSL4EO-S12",
            patch=8,
            gsd=10,
            notes=(_SCENE_NOTE, "B10 is not used."),
        )


def _dofa() -> Iterator[EncoderEntry]:
    sizes = (
        ("base", torchgeo.DOFABase16_Weights.DOFA_MAE, {"width": 768, "depth": 12, "heads": 12}),
        ("large", torchgeo.DOFALarge16_Weights.DOFA_MAE, {"width": 1024, "depth": 24, "heads": 16}),
    )
    for size, weights, arguments in sizes:
        yield _entry(
            weights,
            empty(f"dofa_{size}_patch16_224"),
            id=f"dofa-{size}",
            title=f"DOFA {size}, any optical sensor or Sentinel-1",
            architecture={"name": "dofa", **arguments},
            sources=_any_sensor(),
            licence="CC-BY-4.0",
            method="DOFA: masked reconstruction, weights made from wavelengths",
            patch=16,
            gsd=0,
            notes=(
                _SCENE_NOTE,
                "It was pretrained on 8-bit images with statistics for each sensor, whose place the scene's take.",
            ),
        )


def _panopticon() -> EncoderEntry:
    return _entry(
        torchgeo.Panopticon_Weights.VIT_BASE14,
        empty("panopticon_vitb14"),
        id="panopticon-base",
        title="Panopticon ViT-B/14, any optical sensor, Sentinel-1, or both",
        architecture={"name": "panopticon", "width": 768, "depth": 12, "heads": 12, "fusion": 2304},
        sources=_any_sensor(),
        licence="CC-BY-4.0 (weights), Apache-2.0 (code)",
        method="DINOv2 over sensors",
        data="fMoW, fMoW-Sentinel, fMoW-Wv2/3, MMEarth, SpectralEarth, SatlasPretrain",
        patch=14,
        gsd=0,
        notes=(_SCENE_NOTE,),
    )


def _copernicus_fm() -> EncoderEntry:
    """Its statistics are those that torchgeo ships with SoftCon, of the same group (Copernicus-Bench)."""
    s2 = as_normalisation(torchgeo.ViTSmall14_DINOv2_Weights.SENTINEL2_ALL_SOFTCON.transforms, len(_S2_BANDS))
    s1 = as_normalisation(torchgeo.ViTSmall14_DINOv2_Weights.SENTINEL1_GRD_SOFTCON.transforms, len(_S1_BANDS))
    return _entry(
        torchgeo.CopernicusFM_Base_Weights.CopernicusFM_ViT,
        empty("copernicusfm_base"),
        id="copernicus-fm-base",
        title="Copernicus-FM ViT-B/16, Sentinel-2 (13 bands) or Sentinel-1",
        architecture={"name": "copernicus-fm", "width": 768, "depth": 12, "heads": 12, "hyper": 128},
        sources=(
            SourceCard("optical", "sentinel-2-l1c", _S2_BANDS, "dn", 10, s2, optional=True, partial=True),
            SourceCard("sar", "sentinel-1-grd", _S1_BANDS, "db", 10, s1, optional=True, partial=True),
        ),
        licence="CC-BY-4.0",
        method="masked reconstruction and distillation, weights made from wavelengths",
        patch=16,
        gsd=10,
        notes=("Pretrained on Sentinel-1 GRD, Sentinel-2 L1C and others.",),
    )


def _scalemae() -> EncoderEntry:
    weights = torchgeo.ScaleMAELarge16_Weights.FMOW_RGB
    bands = ("red", "green", "blue")
    scaling = as_normalisation(weights.transforms, len(bands))
    return _entry(
        weights,
        empty("scalemae_large_patch16"),
        id="scalemae-large",
        title="Scale-MAE ViT-L/16, aerial RGB (3 bands)",
        architecture={"name": "scalemae"},
        sources=(SourceCard("optical", "aerial", bands, SENSORS["aerial"].units, 0, scaling),),
        licence="not stated; see the download page",
        method="masked reconstruction at several scales",
        patch=16,
        gsd=0,
        notes=(
            "Made for 8-bit images, 0 to 255, of 0.3 to 10 m.",
            "It is told the ground sampling distance of the scene.",
        ),
    )


def _any_sensor() -> tuple[SourceCard, ...]:
    """A source of each role, of which one is enough; the encoder is told the bands' wavelengths."""
    scaling = Normalisation("scene-z-score", (), ())
    optical = SourceCard("optical", ANY_SENSOR, (), "raw", 0, scaling, optional=True, partial=True)
    return optical, replace(optical, role="sar", units="db")
