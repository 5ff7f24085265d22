"""The clustering job: scene → map of clusters, and a classifier that finds the same ones elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...models.checkpoints import load_segmenter, save_checkpoint
from ...models.context import band_context
from ...models.published import is_published
from ...models.segmenter import Segmenter, new_head
from ..card_files import read_card
from ..cards import Card
from ..devices import choose_device
from ..fingerprints import state_of
from ..mapping.classification import KEEP_SECONDS
from ..mapping.extents import area_of
from ..mapping.joining import rename_classes
from ..outputs import all_finished
from ..processor import usable_cores
from ..progress import Reporter
from ..scenes import open_scene
from ..specs import ClassifySpec, ClusterSpec
from ..starts import Start, frozen_start
from ..version import version as landsketch_version
from ..version import versions
from .findings import compare, described, sizes_of, write_findings
from .kmeans import fit_clusters
from .names import cluster_legend, named_after
from .sample import Sample, sample_pixels

Classify = Callable[[ClassifySpec, Reporter], dict[str, Any]]

_FITTED, _MAPPED = 0.3, 0.9
"""Shares of the job that are done after these steps."""


def cluster(spec: ClusterSpec, reporter: Reporter, classify: Classify) -> dict[str, Any]:
    """Runs a clustering job.

    k-means finds the clusters in the features of a sample of pixels. As a linear classifier they then become a
    checkpoint, which maps the scene as any other does, in bounded memory; a run that was killed goes on there.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.
        classify: Classifies a scene.

    Returns:
        `output`, `classifier`, `json` and `html` (paths), `clusters` (see `findings.described`) and `agreement` (with
        the reference, or None).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    with all_finished(spec.outputs()) as temporaries, _work_folder(spec, reporter) as work:
        checkpoint, mapped = work / "clusters.safetensors", work / "map.tif"
        if not checkpoint.exists():
            _fit(spec, str(checkpoint), reporter)
        reporter.stage(_FITTED, _MAPPED, "Mapping the clusters")
        if not mapped.exists():
            classify(_mapping(spec, str(checkpoint), str(mapped)), reporter.part(0.0, 1.0, "", artifacts=False))
        reporter.stage(_MAPPED, 1.0, "Writing the results")
        card, network = load_segmenter(str(checkpoint))
        legend = cluster_legend(spec.clusters)
        compared = compare(spec.reference, str(mapped), spec.clusters, reporter) if spec.reference else None
        if compared and spec.named:
            legend = named_after(legend, compared.agreement, compared.classes)
        card = replace(card, legend=legend)
        clusters = described(card, sizes_of(str(mapped), spec.clusters, reporter), compared)
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        tags = _tags(spec, card)
        rename_classes(str(mapped), places[spec.output], legend, tags, spec.format, usable_cores(), reporter)
        if spec.classifier:
            save_checkpoint(places[spec.classifier], network, card)
        write_findings(spec, card, clusters, compared, places)
    for path, kind in (
        (spec.output, "raster"), (spec.classifier, "checkpoint"), (spec.json, "metrics"), (spec.html, "report")
    ):  # fmt: skip
        if path:
            reporter.artifact(path, kind)
    return {
        **{name: getattr(spec, name) for name in ("output", "classifier", "json", "html")},
        "clusters": clusters,
        "agreement": compared.agreement.to_json() if compared else None,
    }


def _fit(spec: ClusterSpec, path: str, reporter: Reporter) -> None:
    """Finds the clusters and writes them as a classifier."""
    torch.set_num_threads(usable_cores())  # classifying leaves one, for each of its lanes
    device, _ = choose_device(spec.device)
    reporter.stage(0.0, _FITTED, "Opening the scene")
    with reporter.await_result(open_scene, spec.sources) as scene:
        start = frozen_start(spec.checkpoint, scene, spec.seed)
        for warning in [*scene.doubts, *start.warnings]:
            reporter.warn(warning)
        if spec.checkpoint and not is_published(spec.checkpoint) and "GCC-RS" in _method(spec.checkpoint):
            reporter.log("Of GCC-RS the checkpoint holds the encoder alone: its features are clustered by k-means.")
        start.encoder.to(device).eval()
        start.encoder.check_in = reporter.check
        context = band_context(start.sources)
        if context:
            context.to(device)
        area = area_of(spec.extent, scene.grid)
        sample = sample_pixels(scene, start, context, area, device, spec.seed, reporter)
        pixels, channels = sample.features.shape
        reporter.log(f"Looking for {spec.clusters} clusters in {channels} features of {pixels} pixels.")
        found = reporter.await_result(fit_clusters, sample.features, spec.clusters, spec.seed)
        head: Any = new_head("linear", start.encoder, context, spec.clusters)
        head.assign(torch.from_numpy(found.model.weight), torch.from_numpy(found.model.bias))
        network = Segmenter(start.encoder, context, head).cpu().eval()
        layers = [{"role": s.role, "name": s.layer, "sensor": s.match.sensor} for s in scene.sources]
    card = replace(
        start.card,
        architecture=start.card.architecture | {"head": {"name": "linear", "context": context is not None}},
        legend=cluster_legend(spec.clusters),
        provenance=_provenance(spec, start, layers) | {"means": _means(sample, found.assigned, spec.clusters)},
    )
    save_checkpoint(path, network, card)


def _method(checkpoint: str) -> str:
    return str(read_card(checkpoint).provenance.get("method"))


def _means(sample: Sample, assigned: NDArray[np.int64], count: int) -> list[dict[str, float | None]]:
    """Returns the mean of each band over the pixels of each cluster; None where the sample has none."""
    names = [band for _, band in sample.bands]
    titles = [band if names.count(band) == 1 else f"{role} {band}" for role, band in sample.bands]
    found: list[dict[str, float | None]] = []
    for place in range(count):
        of_cluster = sample.values[assigned == place]
        means = of_cluster.mean(axis=0, dtype=np.float64).tolist() if len(of_cluster) else [None] * len(titles)
        found.append(dict(zip(titles, means, strict=True)))
    return found


def _provenance(spec: ClusterSpec, start: Start, layers: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "method": "clustered: k-means on frozen features",
        "data": layers,
        "seed": spec.seed,
        "parent": PurePath(spec.checkpoint).name if spec.checkpoint else None,
        "licence": start.licence,
        "versions": versions("torch", "timm", "scikit-learn", "rasterio"),
    }


def _mapping(spec: ClusterSpec, checkpoint: str, output: str) -> ClassifySpec:
    return ClassifySpec(
        checkpoint=checkpoint,
        sources=spec.sources,
        output=output,
        extent=spec.extent,
        smoothing=spec.smoothing,
        format="gtiff",
        device=spec.device,
    )


def _tags(spec: ClusterSpec, card: Card) -> dict[str, str]:
    """Returns where the map comes from, so that it can be made again."""
    return {
        "LANDSKETCH_VERSION": landsketch_version(),
        "LANDSKETCH_SOURCES": json.dumps([f"{d['role']}: {d['name']}" for d in card.provenance["data"]]),
        "LANDSKETCH_JOB": json.dumps({"job": spec.job, "spec": spec.to_json()}),
        "TIFFTAG_SOFTWARE": f"LandSketch {landsketch_version()}",
    }


@contextmanager
def _work_folder(spec: ClusterSpec, reporter: Reporter) -> Iterator[Path]:
    """Yields a hidden folder beside the map for what a run that goes on needs; those of other jobs are deleted.

    What only matters once the scene is mapped, such as the reference, does not make another job.
    """
    values = spec.to_json()
    wanted = ("sources", "output", "clusters", "checkpoint", "extent", "smoothing", "seed", "device")
    states = [state_of(path) for path in (spec.checkpoint, *(source.path for source in spec.sources))]
    job = json.dumps([landsketch_version(), {name: values[name] for name in wanted}, states], sort_keys=True)
    output = Path(os.path.abspath(spec.output))
    begin, end = f".{output.stem[:80]}-", ".clusters"
    folder = output.with_name(begin + hashlib.sha256(job.encode()).hexdigest()[:16] + end)
    for other in output.parent.iterdir():
        if other != folder and other.name.startswith(begin) and other.name.endswith(end):
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    started = time.monotonic()
    try:
        yield folder
    except BaseException:
        if time.monotonic() - started < KEEP_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            reporter.log(f"What is finished stays in '{folder}'; the same job would go on from there.")
        raise
    shutil.rmtree(folder, ignore_errors=True)
