"""Classifying patches: checkpoint + scene + patches → patches with class and scores, in a GeoPackage."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from rasterio.windows import Window

from ...models.checkpoints import fill, load_weights
from ...models.scene_heads import SceneClassifier, build_scene_classifier
from ..card_files import read_card
from ..cards import SCENE_HEAD, Card
from ..devices import choose_device
from ..errors import LabelError
from ..fit import bound, check_scene, differences, specs_for
from ..grids import Grid
from ..legend import ClassLegend
from ..mapping.extents import area_of
from ..outputs import finished
from ..processor import usable_cores
from ..progress import Reporter
from ..scenes import describe, open_scene
from ..specs.scene_classes import ClassifyScenesSpec
from ..vectors import read_features, reproject
from .layer import PatchLayer
from .light_head import scores_of
from .patches import Patches, drawn, lattice
from .pooling import pooled_patches


def classify_scenes(spec: ClassifyScenesSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a classification of patches.

    Returns:
        `output` (path), `patches` (how many were written) and `empty` (how many have no data).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    torch.set_num_threads(usable_cores())
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.1, "Reading the checkpoint and the scene")
    card, network = load_scene_classifier(spec.checkpoint)
    with finished(spec.output) as temporary, reporter.await_result(open_scene, specs_for(card, spec.sources)) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        check_scene(card, scene, spec.checkpoint)
        for line in differences(card, scene):
            reporter.warn(line)
        legend = card.legend or ClassLegend(())  # it has one: the network was built
        patches, keys = _patches(spec, card, scene.grid)
        sources = bound(card, scene)
        network.to(device)
        network.encoder.bind(sources)
        network.encoder.check_in = reporter.check
        multilabel = bool(card.architecture[SCENE_HEAD]["multilabel"])
        reporter.stage(0.1, 0.98, "Classifying the patches")
        layer = PatchLayer(temporary, legend, scene.grid, keys, multilabel, spec.threshold)
        empty = 0
        for part in pooled_patches(scene, sources, network, patches, spec.tile, device, reporter):
            seen = part.pixels > 0
            empty += int((~seen).sum())
            scores = np.full((len(seen), len(legend)), np.nan, np.float32)
            scores[seen] = scores_of(_logits(network, part.features[seen], device), multilabel)
            # Squares side by side are ours to leave out; what somebody drew comes back, with or without a class.
            kept = seen if keys is None else np.ones(len(seen), bool)
            layer.add(patches, part.patches[kept], scores[kept], part.pixels[kept])
        if empty == len(patches):
            raise LabelError("No patch has data in every layer.", "Check that the layers overlap, and the patches.")
        reporter.stage(0.98, 1.0, "Writing the patches")
        layer.close()
    if empty:
        reporter.warn(f"{empty} of {len(patches)} patches have no data in some layer and get no class.")
    reporter.log(f"{layer.written} patches were written.")
    reporter.artifact(spec.output, "vector")
    return {"output": spec.output, "patches": layer.written, "empty": empty}


def load_scene_classifier(path: str) -> tuple[Card, SceneClassifier]:
    """Reads a checkpoint that classifies patches.

    Raises:
        CheckpointError: If it is none, or its weights do not fit its card.
    """
    card = read_card(path)
    network = build_scene_classifier(card)
    fill(network, load_weights(path), path)
    return card, network.eval()


def _patches(spec: ClassifyScenesSpec, card: Card, grid: Grid) -> tuple[Patches, list[str] | None]:
    """Returns the patches, and of drawn ones the value of the field that was named.

    Raises:
        LabelError: If none lies on the scene.
    """
    side = spec.side or int(card.architecture[SCENE_HEAD]["side"])
    if spec.patches is None:
        return lattice(grid, side, area_of(spec.extent, grid)), None
    features = read_features(spec.patches)
    patches, owners = drawn(reproject(features.geometries, features.crs, grid.crs), grid, side)
    if not len(patches):
        raise LabelError(
            f"None of the {len(features)} patches of '{spec.patches.path}' lies on the scene.",
            "Choose patches of the same place, and check the coordinate reference systems of both layers.",
        )
    area = area_of(spec.extent, grid)
    inside = _touching(patches, area) if spec.extent else np.ones(len(patches), bool)
    if not inside.any():
        raise LabelError("None of the patches lies in the rectangle.", "Choose a larger one, or none.")
    return patches.take(inside), [features.keys[owner] for owner in owners[inside]]


def _touching(patches: Patches, area: Window) -> Any:
    top, left, bottom, right = patches.windows.T
    rows = (top < area.row_off + area.height) & (bottom > area.row_off)
    return rows & (left < area.col_off + area.width) & (right > area.col_off)


@torch.inference_mode()
def _logits(network: SceneClassifier, features: Any, device: torch.device) -> Any:
    return network.head(torch.from_numpy(features).to(device)).float().cpu().numpy()
