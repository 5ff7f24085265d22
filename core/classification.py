"""Classification: checkpoint + scene → class map, tile by tile."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.enums import Resampling
from shapely.geometry.base import BaseGeometry

from ..models.segmenter import Segmenter
from .blending import RowBlender, Strip
from .cards import Card
from .devices import choose_device
from .errors import LabelError, SpecError
from .features import read_tile, valid_pixels
from .grids import Grid
from .legend import NO_DATA
from .outputs import all_finished
from .prefetch import prefetched
from .progress import Reporter
from .rasters import StripWriter, add_overviews, write_category_names
from .scenes import Scene, describe, open_scene
from .specs import ClassifySpec, VectorSpec
from .starts import check_scene, differences
from .tiles import Tile, TilePlan, plan_tiles
from .vectors import mask_window, read_mask, touching
from .version import version

BATCH_PIXELS = {"cpu": 1 << 17, "cuda": 1 << 22, "mps": 1 << 20}
"""Pixels per batch that are worth it on each kind of device; larger ones only cost memory."""

CONFIDENCE_NO_DATA = -1.0
PROBABILITY_STEPS = 250
PROBABILITY_NO_DATA = 255


def classify(spec: ClassifySpec, reporter: Reporter, network: Segmenter, card: Card) -> dict[str, Any]:
    """Runs a classification job.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.
        network: The checkpoint's network; kept by the caller between jobs.
        card: The checkpoint's card.

    Returns:
        `output`, `confidence` and `probabilities` (paths).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.95, "Opening the scene")
    with open_scene(spec.sources) as scene, all_finished(spec.outputs()) as temporary:
        check_scene(card, scene, spec.checkpoint)
        plan = _plan(spec, card, network, scene.grid)
        for line in [*describe(scene), words, f"{plan.count} tiles of {plan.side} pixels with {plan.halo} of context."]:
            reporter.log(line)
        for line in differences(card, scene):
            reporter.warn(line)
        mask = _mask(spec.mask, scene.grid)
        paths = dict(zip(spec.outputs(), temporary, strict=True))
        with _Outputs(spec, card, scene, paths) as outputs:
            network.to(device).eval()
            network.encoder.check_in = reporter.check
            covered = 0
            for strip in _strips(spec, card, network, scene, plan, mask, device, reporter):
                outputs.write(strip)
                covered += int(strip.valid.sum())
        if not covered:
            raise SpecError(
                "The map would be empty: no pixel of the scene has data in every layer"
                + (" inside the mask." if mask is not None else "."),
                "Check that the layers overlap, and where they have no data.",
            )
        if covered < scene.grid.width * scene.grid.height:
            share = 100 * covered / (scene.grid.width * scene.grid.height)
            reporter.log(f"{share:.1f} % of the scene was classified; the rest has no data in some layer or is masked.")
        outputs.complete(reporter)
    for path in spec.outputs():
        reporter.artifact(path, "raster")
    return {"output": spec.output, "confidence": spec.confidence, "probabilities": spec.probabilities}


def _plan(spec: ClassifySpec, card: Card, network: Segmenter, grid: Grid) -> TilePlan:
    return plan_tiles(grid, spec.tile or card.tile, card.halo, network.encoder.ramp, network.encoder.alignment)


def _mask(spec: VectorSpec | None, grid: Grid) -> tuple[BaseGeometry, ...] | None:
    """Returns the mask's polygons in the grid's CRS."""
    if spec is None:
        return None
    geometries = read_mask(spec, grid.crs)
    if not touching(geometries, grid.transform, grid.shape).size:
        raise LabelError(f"The mask '{spec.path}' does not lie on the scene.", "Choose polygons of the same place.")
    return geometries


def _strips(
    spec: ClassifySpec, card: Card, network: Segmenter, scene: Scene, plan: TilePlan,
    mask: tuple[BaseGeometry, ...] | None, device: torch.device, reporter: Reporter,
) -> Iterator[Strip]:  # fmt: skip
    """Yields the classified rows of the scene from top to bottom."""
    blender = RowBlender(plan, len(card.legend or ()))
    batch = spec.batch or max(BATCH_PIXELS[device.type] // plan.window_side**2, 1)

    def read(tile: Tile) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.bool_]]:
        window = plan.window(tile)
        shape = (window.height, window.width)
        inside = (
            mask_window(mask, scene.grid.window_transform(window), shape) if mask is not None else np.ones(shape, bool)
        )
        if not inside.any():
            return {}, inside
        images = read_tile(scene, card.sources, plan, tile)
        return images, inside & valid_pixels(images)

    tiles = [tile for row in plan.rows() for tile in row]
    done, row = 0, 0
    for some in _batches(prefetched(read, tiles, ahead=2 * batch), batch):
        worth = [(tile, images, valid) for tile, (images, valid) in some if valid.any()]
        scores: Any = []
        if worth:
            scores = reporter.await_result(_probabilities, network, [images for _, images, _ in worth], device)
        results = {tile: (score, valid) for (tile, _, valid), score in zip(worth, scores, strict=True)}
        for tile, _ in some:
            if tile.row != row:
                yield from blender.finish_row(row)
                row = tile.row
            if tile in results:
                blender.add(tile, *results[tile])
        done += len(some)
        reporter.progress(done / len(tiles), "Classifying")
    yield from blender.finish_row(row)


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


@torch.inference_mode()
def _probabilities(
    network: Segmenter, tiles: list[dict[str, NDArray[np.float32]]], device: torch.device
) -> NDArray[np.float32]:
    """Returns (tile, class, y, x) class probabilities of tiles of one size."""
    images = {role: torch.from_numpy(np.stack([tile[role] for tile in tiles])).to(device) for role in tiles[0]}
    probabilities: NDArray[np.float32] = network(images).float().softmax(dim=1).cpu().numpy()
    return probabilities


class _Outputs:
    """The rasters of one run, written strip by strip under temporary names."""

    def __init__(self, spec: ClassifySpec, card: Card, scene: Scene, paths: dict[str, str]) -> None:
        self.legend = card.legend
        if self.legend is None:
            raise SpecError("The checkpoint has no classes.")
        self.values = np.array(self.legend.values, np.uint8)
        self.paths = paths
        self.spec = spec
        tags = _tags(spec, scene)
        with ExitStack() as stack:
            self.classes = stack.enter_context(
                StripWriter(paths[spec.output], scene.grid, ("class",), "uint8", NO_DATA, tags)
            )
            self.classes.set_legend(self.legend)
            self.confidence = None
            if spec.confidence:
                writer = StripWriter(
                    paths[spec.confidence], scene.grid, ("confidence",), "float32", CONFIDENCE_NO_DATA, tags
                )
                self.confidence = stack.enter_context(writer)
            self.probabilities = None
            if spec.probabilities:
                writer = StripWriter(
                    paths[spec.probabilities], scene.grid, self.legend.names, "uint8", PROBABILITY_NO_DATA, tags,
                    scale=1 / PROBABILITY_STEPS,
                )  # fmt: skip
                self.probabilities = stack.enter_context(writer)
            self._stack = stack.pop_all()

    def __enter__(self) -> _Outputs:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.close()

    def write(self, strip: Strip) -> None:
        """Writes finished rows to every raster."""
        winner = strip.probabilities.argmax(axis=0)
        self.classes.write(np.where(strip.valid, self.values[winner], NO_DATA)[None].astype(np.uint8))
        if self.confidence is not None:
            top = strip.probabilities.max(axis=0)
            self.confidence.write(np.where(strip.valid, top, CONFIDENCE_NO_DATA)[None].astype(np.float32))
        if self.probabilities is not None:
            steps = np.rint(strip.probabilities * PROBABILITY_STEPS)
            self.probabilities.write(np.where(strip.valid, steps, PROBABILITY_NO_DATA).astype(np.uint8))

    def complete(self, reporter: Reporter) -> None:
        """Adds overviews and class names, once the rasters are written and closed."""
        reporter.stage(0.95, 1.0, "Adding overviews")
        add_overviews(self.paths[self.spec.output], Resampling.mode, reporter)
        for path in (self.spec.confidence, self.spec.probabilities):
            if path:
                add_overviews(self.paths[path], Resampling.average, reporter)
        if self.legend is not None:
            write_category_names(self.paths[self.spec.output], self.legend)


def _tags(spec: ClassifySpec, scene: Scene) -> dict[str, str]:
    """Returns where a map comes from, so that it can be made again."""
    with open(spec.checkpoint, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "LANDSKETCH_VERSION": version(),
        "LANDSKETCH_DATE": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "LANDSKETCH_CHECKPOINT": PurePath(spec.checkpoint).name,
        "LANDSKETCH_CHECKPOINT_SHA256": digest,
        "LANDSKETCH_SOURCES": json.dumps([f"{source.role}: {source.layer}" for source in scene.sources]),
        "LANDSKETCH_JOB": json.dumps({"job": spec.job, "spec": spec.to_json()}),
        "TIFFTAG_SOFTWARE": f"LandSketch {version()}",
    }
