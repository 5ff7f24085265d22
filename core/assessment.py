"""Assessing a class map against a reference: one pass over the map in windows, whatever its size."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from .areas import AreaEstimate, estimate_areas
from .class_matching import Matching, match_classes
from .class_rasters import RasterClass, known_classes, open_class_raster, read_classes, windows
from .errors import LabelError
from .metrics import Accuracy, Matrix, accuracy
from .outputs import all_finished
from .progress import Reporter
from .references import Reference, open_reference
from .report import assessment_page
from .specs import AssessSpec, VectorSpec
from .vectors import mask_window, read_mask
from .version import version

SQUARE_METRES_PER_HECTARE = 10_000.0

_DEPENDENT = (
    "Pixels within one polygon are alike and count as one another's witnesses here: the intervals are too narrow. They "
    "would hold for a random sample of single pixels."
)
_NOT_RANDOM = (
    "The areas and intervals hold if the reference is a random sample of each map class. Labels drawn where a class is "
    "easy to see make the map look better than it is."
)
_NO_ERROR_SEEN = "A margin of zero says that the reference holds no error there, not that the map has none."
_MERCATOR = (
    "The map is in Web Mercator, which inflates areas away from the equator; use an equal-area or UTM map for areas."
)


@dataclass(frozen=True)
class Assessment:
    """Result of comparing a map with a reference.

    Attributes:
        matching: The classes, in the order of the matrix.
        accuracy: All measures.
        areas: Area-adjusted accuracy and areas in hectares; None if the reference is too small for them.
        counts: What was counted: pixels, features.
        warnings: What the user should not miss.
        notes: How to read the numbers.
    """

    matching: Matching
    accuracy: Accuracy
    areas: AreaEstimate | None
    counts: dict[str, int]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def assess(spec: AssessSpec, reporter: Reporter) -> dict[str, Any]:
    """Compares a map with a reference and writes what was found.

    Returns:
        `json` and `html` (paths, '' where not asked for) and `metrics` (as `Accuracy.to_json`).

    Raises:
        SceneError: If the map or a reference raster cannot be read, or they do not overlap.
        LabelError: If the reference features cannot be used, or nothing can be compared.
        OutputError: If the results cannot be written.
    """
    with all_finished(spec.outputs()) as temporaries:
        reporter.stage(0.0, 0.95, "Comparing the map with the reference")
        result = compare(spec, reporter)
        for warning in result.warnings:
            reporter.warn(warning)
        reporter.stage(0.95, 1.0, "Writing the results")
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        if spec.json:
            with open(places[spec.json], "w", encoding="utf-8") as file:
                json.dump(_document(spec, result), file, indent=2, ensure_ascii=False, allow_nan=False)
        if spec.html:
            colours = {entry.name: entry.colour for entry in result.matching.classes}
            page = assessment_page(
                result.accuracy, result.areas, colours, [*result.warnings], [*result.notes], _facts(spec, result)
            )
            with open(places[spec.html], "w", encoding="utf-8") as file:
                file.write(page)
    if spec.json:
        reporter.artifact(spec.json, "metrics")
    if spec.html:
        reporter.artifact(spec.html, "report")
    reporter.log(
        f"{result.accuracy.count} pixels compared: overall accuracy {result.accuracy.oa:.3f}, "
        f"macro F1 {result.accuracy.macro.f1:.3f}."
    )
    return {"json": spec.json, "html": spec.html, "metrics": result.accuracy.to_json()}


def compare(spec: AssessSpec, reporter: Reporter) -> Assessment:
    """Compares a map with a reference.

    Raises:
        SceneError: If the map or a reference raster cannot be read, or they do not overlap.
        LabelError: If the reference features cannot be used, or nothing can be compared.
    """
    with open_class_raster(spec.map, "map") as raster, open_reference(spec.reference, raster) as reference:
        known = known_classes(raster)
        mask = read_mask(spec.mask, raster.crs) if spec.mask else None
        tally = tally_pairs(raster, 0 in known, reference, mask, spec.map, reporter)
        if not tally.pairs:
            raise LabelError(
                f"There is nothing to compare: no pixel of the map '{spec.map}' has both a class and a reference class"
                f"{' inside the mask' if spec.mask else ''}.",
                "Choose a reference that covers classified parts of the map.",
            )
        mapped = [known.get(value, RasterClass(value, str(value))) for value in tally.pixels]
        per_code: Counter[int] = Counter()
        for (code, _), count in tally.pairs.items():
            per_code[code] += count
        described = {code: reference.describe(code, count) for code, count in sorted(per_code.items())}
        matching = match_classes(described, mapped)
        warnings = [*matching.warnings, *reference.warnings()]
        if raster.crs.to_epsg() == 3857:
            warnings.append(_MERCATOR)
    result = accuracy(_matrix(tally, matching), [entry.name for entry in matching.classes])
    counts = {"pixels": result.count, "map_pixels": sum(tally.pixels.values()), **reference.counts()}
    areas = _areas(tally, matching)
    notes = [_NOT_RANDOM] if areas else ["The reference holds fewer than two pixels of every map class: no areas."]
    if areas and isinstance(spec.reference, VectorSpec) and result.count > counts["features"]:
        notes.append(_DEPENDENT)
    if areas and result.count < counts["map_pixels"] and any(c.users.margin == 0 for c in areas.classes):
        notes.append(_NO_ERROR_SEEN)
    if areas and areas.unassessed:
        warnings.append(
            f"The areas hold for {areas.assessed_share:.1%} of the map only: there are fewer than two reference pixels "
            f"of {', '.join(areas.unassessed)}."
        )
    return Assessment(matching, result, areas, counts, tuple(warnings), tuple(notes))


@dataclass
class Tally:
    """What one pass counts: pixels and square metres of each map value, and pairs of reference code and map value."""

    pixels: Counter[int] = field(default_factory=Counter)
    square_metres: Counter[int] = field(default_factory=Counter)
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)


def tally_pairs(
    raster: DatasetReader, zero_is_class: bool, reference: Reference, mask: Sequence[BaseGeometry] | None, name: str,
    reporter: Reporter,
) -> Tally:  # fmt: skip
    """Compares a map with a reference in one pass.

    Args:
        raster: The map.
        zero_is_class: Whether its 0 is a class where it does not declare a no-data value.
        reference: What it is compared with.
        mask: Polygons outside which nothing is compared; None: everywhere.
        name: The map's name, for messages.
        reporter: Takes progress and stops the work.
    """
    tally = Tally()
    todo = list(windows(raster))
    for done, window in enumerate(todo):
        reporter.progress(done / len(todo))
        values, valid = read_classes(raster, window, zero_is_class, name)
        if mask is not None:
            valid &= mask_window(mask, raster.window_transform(window), values.shape)
        if not valid.any():
            continue
        found, place = np.unique(values[valid], return_inverse=True)
        row_areas = _pixel_areas(raster, window)[np.nonzero(valid)[0]]
        tally.pixels.update(dict(zip(found.tolist(), np.bincount(place).tolist(), strict=True)))
        tally.square_metres.update(dict(zip(found.tolist(), np.bincount(place, row_areas).tolist(), strict=True)))
        codes, present = reference.read(window)
        compared = valid & present
        reference.use(window, compared)
        tally.pairs.update(_pairs(codes[compared], values[compared]))
    return tally


def _pairs(codes: NDArray[np.int64], values: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    """Counts pairs; both numbers fit 32 bits and are sorted as one of 64, which is much faster than as two columns."""
    joined, counts = np.unique((codes << 32) + (values + (1 << 31)), return_counts=True)
    return {
        (pair >> 32, (pair & 0xFFFFFFFF) - (1 << 31)): count
        for pair, count in zip(joined.tolist(), counts.tolist(), strict=True)
    }


def _pixel_areas(raster: DatasetReader, window: Window) -> NDArray[np.float64]:
    """Area in square metres of a pixel in each row of a window."""
    pixel = abs(raster.transform.determinant)
    rows = int(window.height)
    if not raster.crs.is_geographic:
        metres = float(raster.crs.linear_units_factor[1])
        return np.full(rows, pixel * metres**2)
    # A cell of the WGS 84 ellipsoid: radii of curvature along the meridian and across it, at the cell's centre.
    latitude = np.radians(raster.transform.f + raster.transform.e * (window.row_off + np.arange(rows) + 0.5))
    major, eccentricity2 = 6_378_137.0, 0.00669437999014
    across = major / np.sqrt(1 - eccentricity2 * np.sin(latitude) ** 2)
    along = major * (1 - eccentricity2) / (1 - eccentricity2 * np.sin(latitude) ** 2) ** 1.5
    return np.asarray(pixel * math.radians(1) ** 2 * across * np.cos(latitude) * along)


def _matrix(tally: Tally, matching: Matching) -> Matrix:
    matrix = np.zeros((len(matching.classes),) * 2, np.int64)
    for (code, value), count in tally.pairs.items():
        matrix[matching.of_reference[code], matching.of_map[value]] += count
    return matrix


def _areas(tally: Tally, matching: Matching) -> AreaEstimate | None:
    size = len(matching.classes)
    hectares, pixels = np.zeros(size), np.zeros(size, np.int64)
    for value, place in matching.of_map.items():
        hectares[place] = tally.square_metres[value] / SQUARE_METRES_PER_HECTARE
        pixels[place] = tally.pixels[value]
    try:
        return estimate_areas(_matrix(tally, matching), hectares, [c.name for c in matching.classes], pixels)
    except ValueError:
        return None


def _document(spec: AssessSpec, result: Assessment) -> dict[str, Any]:
    return {
        "landsketch": version(),
        **{key: value for key, value in spec.to_json().items() if key in ("map", "reference", "mask")},
        "classes": [asdict(entry) for entry in result.matching.classes],
        "metrics": result.accuracy.to_json(),
        "areas_hectares": result.areas.to_json() if result.areas else None,
        "counts": result.counts,
        "warnings": list(result.warnings),
        "notes": list(result.notes),
    }


def _facts(spec: AssessSpec, result: Assessment) -> dict[str, str]:
    """Returns what the page lists about the comparison."""
    reference = spec.reference
    facts = {"Map": PurePath(spec.map).name}
    if isinstance(reference, VectorSpec):
        facts["Reference"] = f"{PurePath(reference.path).name}, field {reference.field}"
        facts["Reference features"] = f"{result.counts['features']:,}"
    else:
        facts["Reference"] = PurePath(reference).name
    facts["Compared pixels"] = f"{result.counts['pixels']:,} of {result.counts['map_pixels']:,} classified"
    if spec.mask:
        facts["Mask"] = PurePath(spec.mask.path).name
    return facts | {"Made with": f"LandSketch {version()}"}
