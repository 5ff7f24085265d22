"""Many scenes with one checkpoint, one after the other; a manifest says what became of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import rasterio
from rasterio.errors import RasterioIOError

from .errors import Cancelled, SceneError
from .failures import describe_failure
from .joined_maps import join_maps
from .manifest import DONE, FAILED, SKIPPED, Manifest, SceneRecord, now
from .progress import Reporter
from .specs import ClassifyBatchSpec, ClassifySpec

Classify = Callable[[ClassifySpec, Reporter], dict[str, Any]]

_MOSAIC_SHARE = 0.01
"""Part of the whole job that a mosaic takes, which only opens the maps."""


def classify_batch(spec: ClassifyBatchSpec, reporter: Reporter, classify: Classify) -> dict[str, Any]:
    """Classifies many scenes.

    A scene that fails is written down and the others go on. Started again with the same manifest, the batch goes on
    with the first scene that has no map yet.

    Args:
        spec: The scenes.
        reporter: Takes progress and stops the batch; what is finished stays.
        classify: Classifies one scene.

    Returns:
        `manifest` and `mosaic` (paths; '' for none), `outputs` (the class maps that are there), and how many scenes
        were `done`, `skipped` and `failed`.

    Raises:
        LandSketchError: If no scene could be classified, the manifest cannot be written, or the batch was cancelled.
    """
    manifest = Manifest.begin(spec)
    manifest.write()
    todo = [scene for scene in manifest.scenes if scene.status != SKIPPED]
    if len(todo) < len(manifest.scenes):
        reporter.log(f"{len(manifest.scenes) - len(todo)} of {len(manifest.scenes)} maps are already there.")
    if todo:
        reporter.stage(0.0, 1.0 - _MOSAIC_SHARE if spec.mosaic else 1.0, f"Scenes to classify: {len(todo)}.")
        _classify_all(manifest, todo, reporter, classify)
    maps = [scene.job.output for scene in manifest.scenes if scene.status in (DONE, SKIPPED)]
    if spec.mosaic and maps:
        reporter.stage(1.0 - _MOSAIC_SHARE, 1.0, "Laying the maps side by side")
        join_maps(maps, spec.mosaic, reporter)
        manifest.mosaic = spec.mosaic
    manifest.ended = now()
    manifest.write()
    _tell_failures(manifest, reporter)
    reporter.artifact(spec.manifest, "report")
    reporter.progress(1.0, "Finished")
    counts = {status: manifest.count(status) for status in (DONE, SKIPPED, FAILED)}
    return {"manifest": spec.manifest, "mosaic": spec.mosaic, "outputs": maps, **counts}


def _classify_all(manifest: Manifest, todo: list[SceneRecord], reporter: Reporter, classify: Classify) -> None:
    """Classifies scene by scene; each takes the part of the progress bar that its pixels are of all."""
    sizes = []
    for scene in todo:
        reporter.check()
        sizes.append(_pixels(scene.reference))
    whole, before = max(sum(sizes), 1), 0
    for number, (scene, size) in enumerate(zip(todo, sizes, strict=True), 1):
        part = reporter.part(before / whole, (before + size) / whole, f"Scene {number} of {len(todo)}, {scene.name}: ")
        _classify_one(scene, part, classify)
        manifest.write()
        before += size
        reporter.progress(before / whole)


def _classify_one(scene: SceneRecord, reporter: Reporter, classify: Classify) -> None:
    scene.started, began = now(), time.monotonic()
    try:
        classify(scene.job, reporter)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one scene, whatever is wrong with it, must not end a night's work
        scene.status = FAILED
        scene.error = describe_failure(error)
        reporter.warn(f"failed. {scene.message}")
    else:
        scene.status = DONE
        scene.pixels = _pixels(scene.job.output)
    scene.ended, scene.seconds = now(), round(time.monotonic() - began, 6)


def _pixels(path: str) -> int:
    """Returns how many pixels a raster has; 1 where it cannot be opened, which classifying it explains."""
    try:
        with rasterio.open(path) as dataset:
            return int(dataset.width) * int(dataset.height)
    except RasterioIOError:
        return 1


def _tell_failures(manifest: Manifest, reporter: Reporter) -> None:
    failed = [scene for scene in manifest.scenes if scene.status == FAILED]
    if not failed:
        return
    if len(failed) == len(manifest.scenes):
        raise SceneError(
            f"None of the {len(failed)} scenes could be classified; {failed[0].name}: {failed[0].message}",
            f"The manifest '{manifest.path}' tells more.",
        )
    names = ", ".join(scene.name for scene in failed)
    reporter.warn(f"{len(failed)} of {len(manifest.scenes)} scenes could not be classified: {names}.")
