"""Entries for encoders that no library enumerates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from ...core.cards import Normalisation, SourceCard
from ...core.encoder_registry import EncoderEntry
from ...core.sensors import SENSORS
from ..encoders import presto_features
from ..encoders.galileo import S1_BANDS, S2_BANDS, Galileo
from ..encoders.galileo_features import source_card
from .torchgeo_weights import size_mb

LANDSKETCH: tuple[EncoderEntry, ...] = ()
"""Those that LandSketch itself has pretrained; none is published yet."""

_GALILEO_NANO = (
    "https://github.com/nasaharvest/galileo/raw/0f0b5b95ac81acef4b74cf4686dc877202f4541b/data/models/nano/encoder.pt",
    "eab6acacf527886a508a555bc24efe4b4a2cf91b162e84cd1c4a1807e942180c",  # pragma: allowlist secret
)
_PRESTO = (
    "https://github.com/nasaharvest/presto/raw/13173d028f035abcbcc3b13829314323a5c15d02/data/default_model.pt",
    "559c9d76f525bdf2dd3774da8b1e7f1510769b73baacac12e9e4d8d5c67fbe65",  # pragma: allowlist secret
)
_ON_DRIVE = {
    "swin-t": "1e7QhC2-zoBFgb65yN1ADWBZLMShHOweY",  # pragma: allowlist secret
    "resnet50": "1txqsNLUhIiQXRxflK_SMHn4y7Pp8o3mZ",  # pragma: allowlist secret
    "resnet18": "1vbj9WVK-MZNuAJGEOGEvE663b9BUwPSh",  # pragma: allowlist secret
}
"""Files of Google Drive, no secrets."""

_NOT_PINNED = "The address names no fixed revision, and no checksum is published: what is downloaded is not verified."


def entries() -> Iterator[EncoderEntry]:
    """Goes through the entries."""
    yield from _galileo()
    yield _presto()
    yield from _pairs()
    yield from LANDSKETCH


def _galileo() -> Iterator[EncoderEntry]:
    """Widths, depths and heads as in the authors' config/models."""
    sources = (
        _optional(source_card("optical", "sentinel-2-l1c", S2_BANDS, 10)),
        _optional(source_card("sar", "sentinel-1-grd", S1_BANDS, 10)),
    )
    for size, dim, depth, heads in (("nano", 128, 4, 8), ("tiny", 192, 12, 3), ("base", 768, 12, 12)):
        arguments = {"dim": dim, "depth": depth, "heads": heads, "dates": 24}
        pinned = size == "nano"
        url = f"https://huggingface.co/nasaharvest/galileo/resolve/main/models/{size}/encoder.pt"
        yield EncoderEntry(
            id=f"galileo-{size}",
            title=f"Galileo {size}, Sentinel-2 (10 bands), Sentinel-1, or both",
            architecture={"name": "galileo", **arguments},
            sources=sources,
            url=_GALILEO_NANO[0] if pinned else url,
            sha256=_GALILEO_NANO[1] if pinned else "",
            licence="MIT",
            size_mb=_size_of_galileo(arguments),
            method="masked prediction of global and local features",
            data="Galileo's own, from Google Earth Engine",
            paper="https://arxiv.org/abs/2502.09356",
            patch=4,
            gsd=10,
            notes=(
                "Pretrained on Sentinel-2 L1C and Sentinel-1 GRD in dB; groups of bands that are missing are hidden, "
                "as in pretraining.",
                *(() if pinned else (_NOT_PINNED,)),
            ),
        )


def _size_of_galileo(arguments: dict[str, Any]) -> int:
    with torch.device("meta"):
        return size_mb(Galileo(**arguments))


def _presto() -> EncoderEntry:
    return EncoderEntry(
        id="presto",
        title="Presto, single pixels of Sentinel-2 (10 bands), Sentinel-1, or both",
        architecture={"name": "presto", "width": 128, "depth": 2, "heads": 8, "ratio": 4, "dates": 24},
        sources=(_of_presto("optical", "sentinel-2-l1c"), _of_presto("sar", "sentinel-1-grd")),
        url=_PRESTO[0],
        sha256=_PRESTO[1],
        licence="MIT",
        size_mb=3,
        method="masked reconstruction of time series",
        data="Presto's own, from Google Earth Engine",
        paper="https://arxiv.org/abs/2304.14065",
        patch=1,
        gsd=10,
        notes=("Made for time series of single pixels; it sees no texture.",),
    )


def _of_presto(role: str, sensor: str) -> SourceCard:
    bands = presto_features.BANDS[role]
    offset, scale = presto_features.OFFSET[role], presto_features.SCALE[role]
    scaling = Normalisation("constant", (offset,) * len(bands), (scale,) * len(bands))
    return SourceCard(role, sensor, bands, SENSORS[sensor].units, 10, scaling, optional=True, partial=True)


def _pairs() -> Iterator[EncoderEntry]:
    """Dual-SimCLR's two backbones (Scheibenreif et al. 2022); `backbone1` is for radar, `backbone2` for optical."""
    drive = "https://drive.google.com/file/d/{}/view"
    swin = {"name": "swin", "model": "swin_tiny_patch4_window7_224"}
    kinds: tuple[tuple[str, str, dict[str, Any], int], ...] = (
        ("swin-t", "Swin-T", swin, 220),
        ("resnet50", "ResNet-50", {"name": "resnet", "model": "resnet50"}, 189),
        ("resnet18", "ResNet-18", {"name": "resnet", "model": "resnet18"}, 90),
    )
    for name, title, single, size in kinds:
        yield EncoderEntry(
            id=f"dual-simclr-{name}",
            title=f"Dual-SimCLR, a pair of {title}, Sentinel-1 and Sentinel-2 (13 bands)",
            architecture={"name": "pair", "encoders": {"sar": single, "optical": single}},
            sources=(
                _scene_maximum("sar", "sentinel-1-grd", -25.0),
                _scene_maximum("optical", "sentinel-2-l1c", 0.0),
            ),
            url=drive.format(_ON_DRIVE[name]),
            sha256="",
            licence="not stated; ask its authors (github.com/HSG-AIML/SSLTransformerRS)",
            size_mb=size,
            method="Dual-SimCLR",
            data="SEN12MS",
            paper="https://openaccess.thecvf.com/content/CVPR2022W/EarthVision/html/Scheibenreif_Self-Supervised_"
            "Vision_Transformers_for_Land-Cover_Segmentation_and_Classification_CVPRW_2022_paper.html",
            patch=4,
            gsd=10,
            manual=True,
            notes=(
                "Each sensor has an encoder of its own, which also works alone.",
                "Each band is divided by its largest value, as in pretraining; here by that of the scene that it is "
                "first used on.",
                "The file is downloaded in a browser; no checksum is published.",
            ),
        )


def _scene_maximum(role: str, sensor: str, lowest: float) -> SourceCard:
    profile = SENSORS[sensor]
    scaling = Normalisation("scene-maximum", (lowest,) * len(profile.names), (), (0.0, 1.0))
    return SourceCard(role, sensor, profile.names, profile.units, 10, scaling, optional=True)


def _optional(source: SourceCard) -> SourceCard:
    return SourceCard(
        source.role, source.sensor, source.bands, source.units, source.gsd, source.normalisation, True, True
    )
