"""Entries for the weights that torchgeo enumerates: bands, transforms and addresses are taken from there.

Every member of torchgeo's enumerations is either offered, or left out for a reason that is stated (`LEFT_OUT`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
import torchgeo.models as torchgeo
from torchvision.models._api import WeightsEnum

from ...core.cards import Normalisation, SourceCard
from ...core.encoder_registry import EncoderEntry
from ...core.sensors import SENSORS
from .corrections import CORRECTIONS
from .transforms import as_normalisation

MODELS: dict[type[WeightsEnum], str] = {
    torchgeo.ResNet18_Weights: "resnet18",
    torchgeo.ResNet50_Weights: "resnet50",
    torchgeo.ResNet152_Weights: "resnet152",
    torchgeo.ViTSmall16_Weights: "vit_small_patch16_224",
    torchgeo.ViTBase16_Weights: "vit_base_patch16_224",
    torchgeo.ViTLarge16_Weights: "vit_large_patch16_224",
    torchgeo.ViTHuge14_Weights: "vit_huge_patch14_224",
    torchgeo.ViTSmall14_DINOv2_Weights: "vit_small_patch14_dinov2",
    torchgeo.ViTBase14_DINOv2_Weights: "vit_base_patch14_dinov2",
    torchgeo.Swin_V2_T_Weights: "swin_v2_t",
    torchgeo.Swin_V2_B_Weights: "swin_v2_b",
}
"""The enumerations of image encoders, with the function that builds their network; the `model` among the members' own
values is wrong for two ResNets of 50 layers. Encoders of many sensors are in `many_sensors`."""

LEFT_OUT = (
    (r"_MI_", "made for several images of one place at a time"),
    (r"SENTINEL1_SI_SATLAS", "its input is uncalibrated amplitudes, which are no function of backscatter in dB"),
    (r"RGB_SECO$", "the statistics that come with it are suspicious: band order and value range do not fit together"),
    (r"NDVI_SECO_ECO", "its input mixes bands with an index"),
    (r"CLOSP", "its radar input comes without a scaling, and its licence is not stated"),
    (r"GASSL", "its licence is not stated"),
    (r"LANDSAT_\w+_TOA_", "its input is reflectance of single scenes, which products do not store in one scale"),
    (r"^ViTHuge14|^ResNet152", "too large for the maps it makes: smaller ones of the same family are offered"),
)
"""Patterns of `enumeration.member`, and why such weights are not offered."""

_NAMES = {
    "resnet18": ("resnet18", "ResNet-18", 4),
    "resnet50": ("resnet50", "ResNet-50", 4),
    "vit_small_patch16_224": ("vit-s16", "ViT-S/16", 16),
    "vit_base_patch16_224": ("vit-b16", "ViT-B/16", 16),
    "vit_large_patch16_224": ("vit-l16", "ViT-L/16", 16),
    "vit_small_patch14_dinov2": ("vit-s14", "ViT-S/14", 14),
    "vit_base_patch14_dinov2": ("vit-b14", "ViT-B/14", 14),
    "swin_v2_t": ("swin-t", "Swin-T v2", 4),
    "swin_v2_b": ("swin-b", "Swin-B v2", 4),
}
"""By torchgeo's name of the network: the part of the id, the title, and pixels per feature of the finest map."""

_SENSORS = {
    "SENTINEL1": ("s1", "Sentinel-1", "sentinel-1-grd"),
    "SENTINEL2": ("s2", "Sentinel-2", "sentinel-2-l1c"),
    "LANDSAT_ETM": ("landsat7", "Landsat 7", "landsat-7"),
    "LANDSAT": ("landsat8", "Landsat 8/9", "landsat-8"),
    "NAIP": ("aerial", "aerial RGB", "aerial"),
}
"""By the beginning of an enumeration's member: the part of the id, the title, and the sensor id."""

_METHODS = {
    "moco": "MoCo",
    "dino": "DINO",
    "mae": "MAE",
    "fg-mae": "FG-MAE",
    "simclr": "SimCLR",
    "decur": "DeCUR",
    "softcon": "SoftCon",
    "seco-eco": "SeCo-ECO",
}

_TRUE_COLOUR = 3558.0
"""Digital number that ESA's true-colour image (TCI) of L1C shows as 255, the brightest."""

_LANDSAT_DARK, _LANDSAT_BRIGHT = 0.2 / 0.0000275, 0.5 / 0.0000275
"""Digital numbers of reflectance 0 and 0.3 in Landsat Collection 2 Level-2 (reflectance = 0.0000275 DN − 0.2).

SSL4EO-L's images are 8-bit: 256 (DN − dark) / (bright − dark) (torchgeo, experiments/ssl4eo/landsat).
"""


@dataclass(frozen=True)
class _Family:
    """What weights of one publication have in common.

    Attributes:
        id: The first part of the ids.
        title: Name for people.
        licence: Licence of the weights, in words.
        gsd: Ground sampling distance in metres by part of the id for the sensor.
        notes: What the user should know, by part of the id for the sensor.
    """

    id: str
    title: str
    licence: str
    gsd: dict[str, float]
    notes: dict[str, tuple[str, ...]]


_L1C = "Pretrained on Sentinel-2 L1C (top of atmosphere)."
_GRD = "Pretrained on Sentinel-1 GRD in dB."
_LEVEL_2 = (
    "Made for Landsat Collection 2 Level-2 surface reflectance as the product stores it (reflectance = 0.0000275 DN − "
    "0.2); reflectances of 0.3 and more look the same to it."
)
_EIGHT_BIT = "Made for 8-bit images, 0 to 255."
_TCI = (
    "Its red, green and blue are ESA's 8-bit true-colour image, computed here as min(DN / 3558, 1), the stretch of "
    "L1C; bright surfaces saturate."
)

_FAMILIES = {
    family.id: family
    for family in (
        _Family(
            "ssl4eo-s12", "SSL4EO-S12", "CC-BY-4.0", {"s1": 10, "s2": 10}, {"s1": (_GRD,), "s2": (_L1C,)}
        ),
        _Family(
            "fg-mae", "FG-MAE", "not stated; see the download page", {"s1": 10, "s2": 10},
            {"s1": (_GRD,), "s2": (_L1C,)},
        ),
        _Family(
            "decur", "DeCUR", "Apache-2.0 (code); weights not stated", {"s1": 10, "s2": 10},
            {"s1": (_GRD,), "s2": (_L1C,)},
        ),
        _Family(
            "softcon", "SoftCon", "Apache-2.0 (code); weights not stated", {"s1": 10, "s2": 10},
            {"s1": (_GRD,), "s2": (_L1C,)},
        ),
        _Family(
            "seco-eco", "SeCo-ECO", "not stated; see the download page", {"s2": 10},
            {"s2": ("Pretrained on Sentinel-2 L2A (surface reflectance).",)},
        ),
        _Family(
            "satlas", "SatlasPretrain", "Apache-2.0 (download page); data ODC-BY",
            {"s2": 10, "aerial": 1, "landsat8": 0},
            {
                "s2": (_L1C, _TCI),
                "aerial": (_EIGHT_BIT + " Trained at 0.5 to 2 m.",),
                "landsat8": ("Made for the digital numbers of Landsat 8/9 Level-1, all eleven bands.",),
            },
        ),
        _Family(
            "ssl4eo-l", "SSL4EO-L", "not stated; see the download page", {"landsat7": 30, "landsat8": 30},
            {"landsat7": (_LEVEL_2,), "landsat8": (_LEVEL_2,)},
        ),
    )
}  # fmt: skip


def offered() -> Iterator[tuple[EncoderEntry, WeightsEnum]]:
    """Goes through the entries, each with torchgeo's own one."""
    for enumeration in MODELS:
        for weights in enumeration:
            if reason_left_out(weights) is None:
                yield _entry(weights), weights


def reason_left_out(weights: WeightsEnum) -> str | None:
    """Returns why weights are not offered, or None."""
    name = f"{type(weights).__name__}.{weights.name}"
    return next((reason for pattern, reason in LEFT_OUT if re.search(pattern, name)), None)


def shipped_normalisation(weights: WeightsEnum) -> Normalisation:
    """Returns torchgeo's own scaling in canonical units, without corrections, for comparing with its own network."""
    sensor, rgb = _sensor(weights)[0], len(_bands(weights)) == 3
    unit, zero = [1.0], 0.0
    if _family(weights).id == "satlas" and sensor == "s2":
        unit = [_TRUE_COLOUR / 255] * 3 + [1.0] * (0 if rgb else 6)
    elif _family(weights).id == "ssl4eo-l":
        unit, zero = [(_LANDSAT_BRIGHT - _LANDSAT_DARK) / 256], _LANDSAT_DARK
    return as_normalisation(weights.transforms, len(_bands(weights)), unit, zero)


def _entry(weights: WeightsEnum) -> EncoderEntry:
    family, meta, model = _family(weights), weights.meta, MODELS[type(weights)]
    backbone, backbone_title, patch = _NAMES[model]
    sensor, sensor_title, sensor_id = _sensor(weights)
    bands = _bands(weights)
    variant = _variant(family, sensor, bands)
    method = meta.get("ssl_method", "supervised")
    several = family.id in ("ssl4eo-s12", "ssl4eo-l")
    scaling = shipped_normalisation(weights)
    correction = CORRECTIONS.get(f"{family.id} {sensor}")
    notes = family.notes[sensor]
    if correction:
        scaling = correction.applied(scaling)
        notes += (correction.note,)
    if family.id == "ssl4eo-l":
        scaling = replace(scaling, clip=(0.0, 1.0))
    role = SENSORS[sensor_id].role
    level = "sentinel-2-l2a" if family.id == "seco-eco" else sensor_id
    source = SourceCard(role, level, bands, SENSORS[sensor_id].units, family.gsd[sensor], scaling)
    title = f"{family.title}{' ' + _METHODS[method] if several else ''}, {backbone_title}, {sensor_title}"
    return EncoderEntry(
        id="-".join(part for part in (family.id, backbone, sensor, variant, method if several else "") if part),
        title=f"{title} ({len(bands)} bands)",
        architecture=_architecture(model),
        sources=(source,),
        url=str(weights.url).replace("https://hf.co/", "https://huggingface.co/"),
        sha256=checksum_in_name(str(weights.url)),
        licence=family.licence,
        size_mb=_size(model, meta["in_chans"], meta.get("img_size", 224)),
        method=_METHODS.get(method, "supervised"),
        data=meta["dataset"],
        paper=meta["publication"],
        patch=patch,
        gsd=family.gsd[sensor],
        notes=notes,
    )


def _family(weights: WeightsEnum) -> _Family:
    method, data = weights.meta.get("ssl_method", ""), weights.meta["dataset"]
    by_method = method if method in _FAMILIES else ""
    by_data = {"SSL4EO-S12": "ssl4eo-s12", "SSL4EO-L": "ssl4eo-l", "SatlasPretrain": "satlas"}.get(data, "")
    return _FAMILIES[by_method or by_data]


def _sensor(weights: WeightsEnum) -> tuple[str, str, str]:
    return next(sensor for start, sensor in _SENSORS.items() if weights.name.startswith(start))


def _bands(weights: WeightsEnum) -> tuple[str, ...]:
    """Returns torchgeo's bands, in its order, by our names."""
    profile = SENSORS[_sensor(weights)[2]]
    names = [profile.canonical(name) for name in weights.meta["bands"]]
    if None in names:
        raise ValueError(f"{weights}: {profile.title} has no band for each of {weights.meta['bands']}")
    return tuple(name for name in names if name)


def _variant(family: _Family, sensor: str, bands: Sequence[str]) -> str:
    if sensor != "s2":
        return ""
    return "rgb" if len(bands) == 3 else "ms" if family.id == "satlas" else ""


def _architecture(model: str) -> dict[str, Any]:
    """Returns the card's entry for the encoder."""
    name = "resnet" if model.startswith("resnet") else "swin-v2" if model.startswith("swin") else "vit"
    return {"name": name, "model": model}


@cache
def _size(model: str, bands: int, image: int) -> int:
    if model.startswith("swin"):
        return size_mb(empty(model))  # of three bands; one layer has a few weights more or less
    return size_mb(empty(model, in_chans=bands, **({"img_size": image} if model.startswith("vit") else {})))


def empty(model: str, **arguments: Any) -> torch.nn.Module:
    """Returns one of torchgeo's networks without memory for its weights."""
    with torch.device("meta"):
        network: torch.nn.Module = getattr(torchgeo, model)(**arguments)
    return network


def size_mb(network: torch.nn.Module) -> int:
    """Returns the size of a network's tensors in millions of bytes; the head for classes is not published."""
    tensors = [tensor for name, tensor in network.state_dict().items() if not name.startswith(("head.", "fc."))]
    return round(sum(tensor.numel() * tensor.element_size() for tensor in tensors) / 1e6)


def checksum_in_name(url: str) -> str:
    """Returns the first 8 digits of the checksum, which torch.hub's convention puts into names, or ''."""
    found = re.search(r"-([0-9a-f]{8})\.[a-z]+$", url)
    return found.group(1) if found else ""
