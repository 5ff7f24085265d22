"""The export job: checkpoint → ONNX network, and the STAC item that describes it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path, PurePath
from typing import Any

import onnx
import torch

from ..models.checkpoints import load_segmenter
from ..models.onnx_export import OPSET, Exported, described, exported, has_keys
from ..models.segmenter import Segmenter
from .cards import SUFFIX, Card
from .errors import CheckpointError, SpecError
from .mlm import NetworkFile, item_of
from .onnx_card import ONNX_SUFFIX
from .outputs import all_finished
from .progress import Reporter
from .specs import ExportSpec

_READ, _TRACED = 0.2, 0.95
"""Shares of the job that are done after these steps."""

_LARGEST = 512
"""Transformers that look at many windows take gigabytes to be written for larger sides."""

_VALUES = {
    "dn": "reflectance times 10 000, without the offset of 1000 that later Sentinel-2 products have",
    "db": "backscatter in dB",
}


def export(spec: ExportSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs an export job.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        The outputs by their field in the spec; `opset`; `side` of the windows in pixels, 0 for any; `difference`, the
        largest of a probability from PyTorch's; `size` in bytes and `sha256` of the network; `deepness`, whether
        Deepness and GeoDeep can use it.

    Raises:
        LandSketchError: If the checkpoint cannot be read or has no classes, or its network cannot be written as ONNX so
            that it computes the same; no output is left then.
    """
    _check_suffixes(spec)
    with all_finished(spec.outputs()) as temporary:
        reporter.stage(0.0, _READ, "Reading the checkpoint")
        card, network = reporter.await_result(load_segmenter, spec.checkpoint)
        side = _side(spec, card, network)
        reporter.stage(_READ, _TRACED, "Writing the network as ONNX and comparing both")
        model = reporter.await_result(exported, network, card, side, bool(spec.side))
        card = _final_card(card, model, spec)
        content = reporter.await_result(described, model, card)
        reporter.stage(_TRACED, 1.0, "Writing the files")
        Path(temporary[0]).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        if spec.item:
            parameters = sum(weights.numel() for weights in network.parameters())
            file = NetworkFile(_href(spec), len(content), sha256, OPSET, parameters, onnx.__version__)
            item = item_of(card, model.tiling, file, datetime.now(timezone.utc))
            Path(temporary[1]).write_text(json.dumps(item, indent=2, ensure_ascii=False), encoding="utf-8")
    deepness = has_keys(card) and bool(model.tiling.side)
    _tell(card, model, reporter)
    reporter.artifact(spec.output, "checkpoint")
    if spec.item:
        reporter.artifact(spec.item, "metadata")
    return {
        "output": spec.output,
        "item": spec.item,
        "opset": OPSET,
        "side": model.tiling.side,
        "difference": model.difference,
        "size": len(content),
        "sha256": sha256,
        "deepness": deepness,
    }


def _check_suffixes(spec: ExportSpec) -> None:
    if not spec.output.lower().endswith(ONNX_SUFFIX):
        raise SpecError(f"output is '{spec.output}'.", f"It is an ONNX network; its name should end in {ONNX_SUFFIX}.")
    if not spec.checkpoint.lower().endswith(SUFFIX):
        raise CheckpointError(
            f"'{spec.checkpoint}' is no checkpoint that can be exported.",
            f"Choose a {SUFFIX} file that fine-tuning wrote.",
        )


def _side(spec: ExportSpec, card: Card, network: Segmenter) -> int:
    """Returns the side of the windows for a network that is bound to one size."""
    align, halo = network.encoder.alignment, card.halo
    usual = _usual_side(card, align)
    if spec.side and (spec.side % align or spec.side <= 2 * halo):
        raise SpecError(
            f"side is {spec.side}; this network takes multiples of {align} pixels, of which the outer {halo} on each "
            "side only serve as context.",
            f"Choose {(2 * halo // align + 1) * align} or more, such as {usual}.",
        )
    return spec.side or usual


def _usual_side(card: Card, alignment: int) -> int:
    """Returns the side of the windows that a network is best run with, as far as tracing it needs no more memory."""
    side = min(card.tile + 2 * card.halo, max(_LARGEST, 2 * card.halo + alignment))
    return -(-side // alignment) * alignment


def _final_card(card: Card, model: Exported, spec: ExportSpec) -> Card:
    """Returns the card with the tile that the network is bound to, and how it was exported."""
    how = {
        "checkpoint": PurePath(spec.checkpoint).name,
        "opset": OPSET,
        "difference": model.difference,
        "torch": torch.__version__,
        "onnx": onnx.__version__,
    }
    tile = model.tiling.side - 2 * card.halo if model.tiling.side else card.tile
    return replace(card, tile=tile, provenance={**card.provenance, "export": how})


def _href(spec: ExportSpec) -> str:
    """Returns where the network lies, as seen from the item."""
    folder = os.path.dirname(os.path.abspath(spec.item))
    try:
        relative = os.path.relpath(os.path.abspath(spec.output), folder)
    except ValueError:  # on another drive of Windows
        return Path(spec.output).resolve().as_uri()
    return "./" + PurePath(relative).as_posix()


def _tell(card: Card, model: Exported, reporter: Reporter) -> None:
    """Says what was written, and what others need to know to use it."""
    tiling = model.tiling
    sizes = f"of {tiling.side}" if tiling.side else f"of any multiple of {tiling.alignment}"
    reporter.log(
        f"ONNX operators of version {OPSET}; windows {sizes} pixels, any number at once. "
        f"Probabilities differ by at most {model.difference:.1e} from PyTorch's."
    )
    if not has_keys(card):
        reporter.log("Deepness and GeoDeep know networks of one image; this one needs two, so it has no keys for them.")
        return
    if not tiling.side:
        reporter.log(
            "Deepness' panel and GeoDeep only take networks of windows of one size; state a side for them, such as "
            f"{_usual_side(card, tiling.alignment)}."
        )
    (source,) = card.sources
    values = _VALUES.get(source.units, "values as they were stored in the training image")
    reporter.log(
        f"In Deepness, choose a raster with the bands {', '.join(source.bands)} in this order, and with {values}."
    )
