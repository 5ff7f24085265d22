"""What is found out about clusters: their sizes, their agreement with a reference, and the page about both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..assessment import tally_pairs
from ..cards import Card
from ..class_matching import ReferenceClass
from ..class_rasters import open_class_raster, read_classes, windows
from ..errors import LabelError
from ..legend import ClassLegend
from ..metrics import Matrix
from ..progress import Reporter
from ..references import open_reference
from ..report import cluster_page
from ..specs import ClusterSpec, VectorSpec
from ..version import version as landsketch_version
from .agreement import Agreement, agreement


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


def compare(wanted: str | VectorSpec, mapped: str, clusters: int, reporter: Reporter) -> Compared:
    """Compares a map of clusters with a reference.

    Args:
        wanted: The reference.
        mapped: The map.
        clusters: How many there are.
        reporter: Takes progress and stops the work.

    Raises:
        SceneError: If a reference raster cannot be read, or does not overlap the map.
        LabelError: If the reference features cannot be used, or nothing can be compared.
    """
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


def sizes_of(mapped: str, count: int, reporter: Reporter) -> list[int]:
    """Returns how many pixels of the map each cluster has."""
    sizes = np.zeros(count + 1, np.int64)
    with open_class_raster(mapped, "map") as raster:
        for window in windows(raster):
            reporter.check()
            values, valid = read_classes(raster, window, False, mapped)
            sizes += np.bincount(values[valid], minlength=count + 1)
    return [int(size) for size in sizes[1:]]


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


def write_findings(
    spec: ClusterSpec, card: Card, clusters: list[dict[str, Any]], compared: Compared | None, places: dict[str, str]
) -> None:
    """Writes the JSON file and the page that a spec asks for, to temporary `places` by final path."""
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
