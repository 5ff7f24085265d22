"""A STAC item for a network, with the Machine Learning Model extension.

STAC 1.1 and https://github.com/stac-extensions/mlm version 1.5.2; size and checksum by the File Info extension, centre
wavelengths by the Electro-Optical one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from .cards import Card, SourceCard
from .onnx_card import OUTPUT, Tiling
from .sensors import SENSORS

_SCHEMAS = "https://stac-extensions.github.io"
EXTENSIONS = (
    f"{_SCHEMAS}/mlm/v1.5.2/schema.json",
    f"{_SCHEMAS}/file/v2.1.0/schema.json",
    f"{_SCHEMAS}/eo/v2.0.0/schema.json",
)

TASK = "semantic-segmentation"

_SHA256 = "1220"
"""What a multihash begins with: the function, and the length of its result in bytes."""

_UNITS = {
    "dn": "surface or top-of-atmosphere reflectance times 10 000, without the offset of later products",
    "db": "backscatter in dB",
    "raw": "values as they are stored",
}


@dataclass(frozen=True)
class NetworkFile:
    """The ONNX file that an item describes.

    Attributes:
        href: Where it lies, as seen from the item.
        size: In bytes.
        sha256: Of its content.
        opset: Version of the ONNX operators.
        parameters: Number of weights.
        framework_version: Version of the ONNX library that wrote it.
    """

    href: str
    size: int
    sha256: str
    opset: int
    parameters: int
    framework_version: str


def item_of(card: Card, tiling: Tiling, network: NetworkFile, written: datetime) -> dict[str, Any]:
    """Returns the STAC item of a network that gives each pixel a class.

    Its place and its dates are unknown: a checkpoint does not say where its training scene lies. Hence it has no
    geometry, and the date is that of writing.

    Args:
        card: The network's card, with a legend.
        tiling: What windows it takes.
        network: Its file.
        written: When the file was written, with a time zone.
    """
    stem = PurePath(network.href).stem
    time = written.isoformat(timespec="seconds").replace("+00:00", "Z")
    parent = card.provenance.get("parent")
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": list(EXTENSIONS),
        "id": _slug(stem),
        "geometry": None,
        "properties": {
            "datetime": time,
            "created": time,
            "description": _description(card, tiling),
            "license": "other",
            "bands": [_band(source, name) for source in card.sources for name in source.bands],
            "mlm:name": _name(stem),
            "mlm:architecture": _architecture(card),
            "mlm:tasks": [TASK],
            "mlm:framework": "ONNX",
            "mlm:framework_version": network.framework_version,
            "mlm:total_parameters": network.parameters,
            "mlm:pretrained": parent is not None,
            "mlm:pretrained_source": parent,
            "mlm:accelerator": None,
            "mlm:accelerator_constrained": False,
            "mlm:hyperparameters": _hyperparameters(card, tiling, network.opset),
            "mlm:input": [_input(source, tiling) for source in card.sources],
            "mlm:output": [_output(card, tiling)],
        },
        "links": [],
        "assets": {
            "model": {
                "href": network.href,
                "type": "application/octet-stream; framework=onnx",
                "title": f"{stem} as ONNX",
                "roles": ["mlm:model", "mlm:weights", "data"],
                "mlm:artifact_type": "onnx",
                "file:size": network.size,
                "file:checksum": _SHA256 + network.sha256,
            }
        },
    }


def _description(card: Card, tiling: Tiling) -> str:
    """What the fields have no place for, in words."""
    sizes = f"of {tiling.side}" if tiling.side else f"in multiples of {tiling.alignment}"
    return (
        f"Classifies each pixel; written by LandSketch. {card.provenance.get('method', 'unknown method')}. "
        f"Square windows with sides {sizes} pixels, of which the outer {card.halo} only serve as context. "
        f"Licence: {card.provenance.get('licence', 'unknown')}."
    )


def _input(source: SourceCard, tiling: Tiling) -> dict[str, Any]:
    scaling = [{"type": "scale", "value": tiling.scale}] if tiling.scale != 1 else None
    size = f"; pixels of {source.gsd:g} m" if source.gsd else ""
    return {
        "name": source.role,
        "description": f"{_title(source)}: {_UNITS.get(source.units, source.units)}{size}; NaN is no data. "
        "The network normalises by itself, as in the hyperparameters.",
        "bands": list(source.bands),
        "input": {
            "shape": [-1, len(source.bands), tiling.side or -1, tiling.side or -1],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": scaling,
        "resize_type": None,
        "pre_processing_function": None,
    }


def _output(card: Card, tiling: Tiling) -> dict[str, Any]:
    classes = list(card.legend or ())
    return {
        "name": OUTPUT,
        "description": "Probabilities, in the order of the classes; a class's value is that in LandSketch's maps.",
        "tasks": [TASK],
        "result": {
            "shape": [-1, len(classes), tiling.side or -1, tiling.side or -1],
            "dim_order": ["batch", "class", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": [
            {
                "value": entry.value,
                "name": _slug(entry.name) if re.search(r"[0-9A-Za-z]", entry.name) else f"class-{entry.value}",
                "title": entry.name,
                "description": entry.name,
                "color_hint": entry.colour.lstrip("#").upper(),
            }
            for entry in classes
        ],
        "post_processing_function": None,
    }


def _hyperparameters(card: Card, tiling: Tiling, opset: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "opset": opset,
        "tile": card.tile,
        "halo": card.halo,
        "ramp": tiling.ramp,
        "alignment": tiling.alignment,
    }
    for source in card.sources:
        scaling = source.normalisation
        values[f"normalisation_{source.role}"] = {
            "method": scaling.method,
            "formula": "(x - offset) / scale, then clipped where clip is given",
            "units": source.units,
            "offset": list(scaling.offset),
            "scale": list(scaling.scale),
            "clip": list(scaling.clip) if scaling.clip else None,
        }
    return values


def _band(source: SourceCard, name: str) -> dict[str, Any]:
    profile = SENSORS.get(source.sensor)
    known = {band.name: band for band in profile.bands} if profile else {}
    band: dict[str, Any] = {"name": name, "description": f"{_title(source)} {name}", "data_type": "float32"}
    if name in known and known[name].wavelength:
        band["eo:center_wavelength"] = known[name].wavelength
    if source.gsd:
        band["gsd"] = source.gsd
    return band


def _title(source: SourceCard) -> str:
    return SENSORS[source.sensor].title if source.sensor in SENSORS else source.sensor


def _architecture(card: Card) -> str:
    parts = [card.architecture.get(part) or {} for part in ("encoder", "head")]
    return " with head ".join(str(part.get("name", "unknown")) for part in parts)


def _slug(text: str) -> str:
    """Letters, digits, - and _ only, as identifiers are wanted."""
    return re.sub(r"[^0-9A-Za-z_-]+", "-", text).strip("-") or "model"


def _name(text: str) -> str:
    """A name that begins with a letter and has at least three characters, as the extension wants."""
    name = _slug(text).strip("_-")
    return name if re.match(r"[a-zA-Z].+[a-zA-Z0-9]$", name) else f"model-{name or 'onnx'}"
