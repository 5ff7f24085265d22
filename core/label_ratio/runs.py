"""One run of a label-ratio study: learn from a part of the labels, judge by the features that are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
import torch
from numpy.typing import NDArray

from ...models.checkpoints import load_segmenter
from ...models.context import band_context
from ..features import FEATURE_TILE, labelled_features, read_tile
from ..finetuning import finetune
from ..fit import bound
from ..grids import Grid
from ..labels import Labels
from ..linear import fit_linear, pixel_weights
from ..metrics import Matrix, accuracy, confusion
from ..progress import Reporter
from ..scenes import Scene
from ..specs import FinetuneSpec, LabelRatioSpec, VectorSpec
from ..starts import Start
from ..tiles import plan_tiles, tiles_with_pixels
from ..windows import valid_pixels

CLASS_FIELD = "class"


@dataclass(frozen=True)
class Run:
    """What one run gave: accuracies as means over the classes, each class counting the same.

    Attributes:
        arm: How it was trained.
        share: Of the label features of each class.
        draw: Number of the random choice of features, from 0.
        features: How many features were learned from.
        iou: Mean over the classes.
        f1: Mean over the classes.
        precision: Mean over the classes.
        recall: Mean over the classes.
        oa: Overall accuracy.
    """

    arm: str
    share: float
    draw: int
    features: int
    iou: float
    f1: float
    precision: float
    recall: float
    oa: float


def judged(arm: str, share: float, draw: int, features: int, matrix: Matrix, names: Sequence[str]) -> Run:
    """Makes a run's record of its confusion matrix."""
    found = accuracy(matrix, names)
    macro = found.macro
    return Run(arm, share, draw, features, macro.iou, macro.f1, macro.precision, macro.recall, found.oa)


class FrozenArm:
    """A light head on features that are computed once for all draws.

    Args:
        name: How it is trained, for people.
        start: The encoder, on the device.
        scene: The scene.
        pool: Pixels of the features to learn from.
        test: Pixels of those to judge by; classes as in `pool`.
        device: Where to compute.
        reporter: Takes progress.
    """

    chance = False
    """Whether two runs with the same labels differ."""

    def __init__(
        self, name: str, start: Start, scene: Scene, pool: Labels, test: Labels, device: torch.device,
        reporter: Reporter,
    ) -> None:  # fmt: skip
        self.name = name
        context = band_context(start.sources)
        if context:
            context.to(device)
        start.encoder.to(device).eval()
        start.encoder.check_in = reporter.check
        kept = []
        for labels in (pool, test):
            features, valid = labelled_features(scene, start.sources, start.encoder, context, labels, device, reporter)
            kept.append((labels.take(valid), features[valid]))
        (self._pool, self._features), (self._test, self._test_features) = kept

    def confusion(self, chosen: NDArray[np.bool_], seed: int, reporter: Reporter) -> Matrix:
        """Learns from some features, (feature,) bool, and returns the (reference, predicted) counts of test pixels."""
        pixels = chosen[self._pool.features]
        classes, owners = self._pool.classes[pixels], self._pool.features[pixels]
        count = len(self._pool.legend)
        weights = pixel_weights(classes, owners)
        model = reporter.await_result(fit_linear, self._features[pixels], classes, weights, count)
        return confusion(self._test.classes, model.logits(self._test_features).argmax(axis=1), count)


class TrainedArm:
    """Fine-tuning as a user with so many labels would do it: its validation and early stopping see those only.

    Args:
        name: How it is trained, for people.
        spec: The study.
        checkpoint: Where it starts from; empty: from scratch.
        mode: What is trained.
        scene: The scene.
        pool: Labels to learn from.
        test: Pixels to judge by.
        work: Folder for the labels and the checkpoint of a run.
        device: Where to judge.
    """

    chance = True

    def __init__(
        self, name: str, spec: LabelRatioSpec, checkpoint: str, mode: str, scene: Scene, pool: Labels, test: Labels,
        work: Path, device: torch.device,
    ) -> None:  # fmt: skip
        self.name = name
        self._spec, self._checkpoint, self._mode = spec, checkpoint, mode
        self._scene, self._pool, self._test = scene, pool, test
        self._work, self._device = work, device

    def confusion(self, chosen: NDArray[np.bool_], seed: int, reporter: Reporter) -> Matrix:
        """See `FrozenArm.confusion`."""
        labels, output = str(self._work / "labels.gpkg"), str(self._work / "run.safetensors")
        spec = FinetuneSpec(
            sources=self._spec.sources,
            labels=write_labels(labels, self._pool, chosen, self._scene.grid),
            output=output,
            checkpoint=self._checkpoint,
            mode=self._mode,
            seed=seed,
            epochs=self._spec.epochs,
            device=self._spec.device,
        )
        finetune(spec, reporter.part(0.0, 1.0, "", artifacts=False))
        return _confusion_of(output, self._scene, self._test, self._device, reporter)


def write_labels(path: str, labels: Labels, chosen: NDArray[np.bool_], grid: Grid) -> VectorSpec:
    """Writes some features as the middles of their pixels, which label the same pixels again.

    Args:
        path: GeoPackage to write.
        labels: All of them.
        chosen: (feature,) bool.
        grid: Of the labels.
    """
    outlines = []
    for feature in np.flatnonzero(chosen):
        pixels = labels.features == feature
        x, y = grid.transform @ (labels.columns[pixels] + 0.5, labels.rows[pixels] + 0.5)
        outlines.append(shapely.multipoints(np.column_stack([x, y])))
    keys = [str(value) for value in labels.legend.values]
    classes = np.array([keys[place] for place in labels.feature_classes[chosen]], object)
    Path(path).unlink(missing_ok=True)
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(outlines, object)), [classes], [CLASS_FIELD], driver="GPKG",
        geometry_type="MultiPoint", crs=grid.crs.to_wkt(),
    )  # fmt: skip
    return VectorSpec(path, field=CLASS_FIELD, legend=tuple(labels.legend.to_json()), keys=tuple(keys))


def _confusion_of(path: str, scene: Scene, test: Labels, device: torch.device, reporter: Reporter) -> Matrix:
    """Judges a checkpoint by labelled pixels; its classes are those of the labels, in their order."""
    card, network = load_segmenter(path)
    sources = bound(card, scene)
    network.to(device)
    network.encoder.bind(sources)
    plan = plan_tiles(scene.grid, max(FEATURE_TILE, network.encoder.halo), network.encoder.halo, 0,
                      network.encoder.alignment)  # fmt: skip
    matrix = np.zeros((len(test.legend),) * 2, np.int64)
    for tile, pixels in tiles_with_pixels(plan, test.rows, test.columns):
        images = read_tile(scene, sources, plan, tile)
        rows, columns = test.rows[pixels] - tile.row + plan.halo, test.columns[pixels] - tile.column + plan.halo
        seen = valid_pixels(images, sources)[rows, columns]
        if seen.any():
            predicted = reporter.await_result(_predicted, network, images, rows[seen], columns[seen], device)
            matrix += confusion(test.classes[pixels][seen], predicted, len(test.legend))
        reporter.check()
    return matrix


@torch.inference_mode()
def _predicted(
    network: Any, images: dict[str, NDArray[np.float32]], rows: NDArray[np.int64], columns: NDArray[np.int64],
    device: torch.device,
) -> NDArray[np.int64]:  # fmt: skip
    """Class index of some pixels of one tile."""
    tensors = {role: torch.from_numpy(image)[None].to(device) for role, image in images.items()}
    logits = network(tensors)[0][:, torch.from_numpy(rows).to(device), torch.from_numpy(columns).to(device)]
    predicted: NDArray[np.int64] = logits.argmax(dim=0).cpu().numpy()
    return predicted
