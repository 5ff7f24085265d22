"""The clustering job: scene → map of clusters, and a classifier that finds the same ones elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch

from ...models.checkpoints import load_segmenter, save_checkpoint
from ...models.context import band_context
from ...models.published import is_published
from ...models.segmenter import Segmenter, new_head
from ..assessment import tally_pairs
from ..cards import Card, read_card
from ..class_matching import ReferenceClass
from ..class_rasters import open_class_raster, read_classes, windows
from ..devices import choose_device
from ..errors import LabelError
from ..fingerprints import state_of
from ..legend import ClassLegend
from ..mapping.classification import KEEP_SECONDS
from ..mapping.extents import area_of
from ..mapping.joining import rename_classes
from ..metrics import Matrix
from ..outputs import all_finished
from ..processor import usable_cores
from ..progress import Reporter
from ..references import open_reference
from ..report import cluster_page
from ..scenes import open_scene
from ..specs import ClassifySpec, ClusterSpec, VectorSpec
from ..starts import Start, frozen_start
from ..version import version as landsketch_version
from .agreement import Agreement, agreement
from .kmeans import fit_clusters
from .names import cluster_legend, named_after
from .sample import Sample, sample_pixels

Classify = Callable[[ClassifySpec, Reporter], dict[str, Any]]

_FITTED, _MAPPED = 0.3, 0.9
"""Shares of the job that are done after these steps."""


@dataclass(frozen=True)
class Compared:
    """Clusters compared with a reference.

    Attributes:
        agreement: How well they agree.
        classes: Of the reference, in the order of the agreement.
        warnings: What the user should know about the reference.
    """

    agreement: Agreement
    classes: tuple[ReferenceClass, ...]
    warnings: tuple[str, ...]


def cluster(spec: ClusterSpec, reporter: Reporter, classify: Classify) -> dict[str, Any]:
    """Runs a clustering job.

    k-means finds the clusters in the features of a sample of pixels. As a linear classifier they then become a
    checkpoint, which maps the scene as any other does, in bounded memory; a run that was killed goes on there.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.
        classify: Classifies a scene.

    Returns:
        `output`, `classifier`, `json` and `html` (paths), `clusters` (see `described`) and `agreement` (with the
        reference, or None).

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
        compared = _compared(spec.reference, str(mapped), spec.clusters, reporter) if spec.reference else None
        if compared and spec.named:
            legend = named_after(legend, compared.agreement, compared.classes)
        card = replace(card, legend=legend)
        clusters = described(card, _sizes(str(mapped), spec.clusters, reporter), compared)
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        tags = _tags(spec, card)
        rename_classes(str(mapped), places[spec.output], legend, tags, spec.format, usable_cores(), reporter)
        if spec.classifier:
            save_checkpoint(places[spec.classifier], network, card)
        _write_findings(spec, card, clusters, compared, places)
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


def described(card: Card, sizes: list[int], compared: Compared | None) -> list[dict[str, Any]]:
    """Returns what is known of each cluster, as JSON values.

    Returns:
        `value`, `name`, `colour`, `pixels`, `share` of the map, `means` (per band, in a sample of its pixels); and of
        the reference the class it is `matched` with, its `majority` class and the `majority_share` of that.
    """
    found = []
    for place, entry in enumerate((card.legend or ClassLegend(())).to_json()):
        values: dict[str, Any] = {**entry, "pixels": sizes[place], "share": sizes[place] / max(sum(sizes), 1)}
        values["means"] = card.provenance["means"][place]
        if compared:
            partner, majority = compared.agreement.partners[place], compared.agreement.majority(place)
            values["matched"] = compared.agreement.classes[partner] if partner is not None else None
            values["majority"], values["majority_share"] = majority or (None, None)
        found.append(values)
    return found


def _fit(spec: ClusterSpec, path: str, reporter: Reporter) -> None:
    """Finds the clusters and writes them as a classifier."""
    torch.set_num_threads(usable_cores())  # classifying leaves one, for each of its lanes
    device, _ = choose_device(spec.device)
    reporter.stage(0.0, _FITTED, "Opening the scene")
    with open_scene(spec.sources) as scene:
        start = frozen_start(spec.checkpoint, scene, spec.seed)
        for warning in start.warnings:
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


def _means(sample: Sample, assigned: np.ndarray, count: int) -> list[dict[str, float | None]]:
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
        "versions": {
            "landsketch": landsketch_version(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "timm", "scikit-learn", "rasterio")},
        },
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


def _compared(wanted: str | VectorSpec, mapped: str, clusters: int, reporter: Reporter) -> Compared:
    with open_class_raster(mapped, "map") as raster, open_reference(wanted, raster) as reference:
        tally = tally_pairs(raster, False, reference, None, mapped, reporter)
        if not tally.pairs:
            raise LabelError(
                "There is nothing to compare: no clustered pixel has a reference class.",
                "Choose a reference that covers parts of the scene with data.",
            )
        codes = sorted({code for code, _ in tally.pairs})
        matrix: Matrix = np.zeros((len(codes), clusters), np.int64)
        for (code, value), count in tally.pairs.items():
            matrix[codes.index(code), value - 1] = count
        classes = tuple(reference.describe(code, int(matrix[i].sum())) for i, code in enumerate(codes))
        warnings = tuple(reference.warnings())
    found = agreement(matrix, [entry.name for entry in classes])
    for warning in warnings:
        reporter.warn(warning)
    reporter.log(
        f"Compared with the reference on {int(matrix.sum())} pixels: overall accuracy {found.oa:.3f}, macro F1 "
        f"{found.macro_f1:.3f}, NMI {found.nmi:.3f}, ARI {found.ari:.3f}."
    )
    return Compared(found, classes, warnings)


def _sizes(mapped: str, count: int, reporter: Reporter) -> list[int]:
    """Returns how many pixels of the map each cluster has."""
    sizes = np.zeros(count + 1, np.int64)
    with open_class_raster(mapped, "map") as raster:
        for window in windows(raster):
            reporter.check()
            values, valid = read_classes(raster, window, False, mapped)
            sizes += np.bincount(values[valid], minlength=count + 1)
    return [int(size) for size in sizes[1:]]


def _write_findings(
    spec: ClusterSpec, card: Card, clusters: list[dict[str, Any]], compared: Compared | None, places: dict[str, str]
) -> None:
    if spec.json:
        document = {
            "landsketch": landsketch_version(),
            "clusters": clusters,
            "agreement": compared.agreement.to_json() if compared else None,
        }
        with open(places[spec.json], "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2, ensure_ascii=False, allow_nan=False)
    if spec.html:
        page = cluster_page(
            clusters,
            compared.agreement if compared else None,
            compared.warnings if compared else (),
            _facts(spec, card),
        )
        Path(places[spec.html]).write_text(page, encoding="utf-8")


def _facts(spec: ClusterSpec, card: Card) -> dict[str, str]:
    provenance = card.provenance
    facts = {"Method": provenance["method"], "Features": card.architecture["encoder"]["name"]}
    if provenance["parent"]:
        facts["Encoder"] = provenance["parent"]
    facts |= {f"Image ({d['role']})": f"{d['name']}, read as {d['sensor']}" for d in provenance["data"]}
    facts |= {"Seed": str(spec.seed)}
    return facts | {"Versions": ", ".join(f"{k} {v}" for k, v in provenance["versions"].items())}


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
