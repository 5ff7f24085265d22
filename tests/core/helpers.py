"""Small true scenes for tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SITE = Path(__file__).resolve().parents[2] / ".dev" / "site"
S2_12 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")


def write_raster(path, image, *, names=(), gsd=10.0, origin=(500_000, 5_000_000), crs="EPSG:32632", **profile):
    """Writes (band, y, x) as a GeoTIFF and returns its path as text."""
    image = np.asarray(image)
    options = {
        "driver": "GTiff", "width": image.shape[2], "height": image.shape[1], "count": image.shape[0],
        "dtype": image.dtype, "crs": crs, "transform": from_origin(*origin, gsd, gsd),
    } | profile  # fmt: skip
    with rasterio.open(path, "w", **options) as dataset:
        dataset.write(image)
        for index, name in enumerate(names, 1):
            dataset.set_band_description(index, name)
    return str(path)


def write_features(path, geometries, classes, *, crs="EPSG:32632", field="class"):
    """Writes features with a class and returns the path as text."""
    values = np.array(classes, dtype=object if isinstance(classes[0], str) else None)
    wkb = shapely.to_wkb(np.array(geometries, dtype=object))
    kind = shapely.get_type_id(np.array(geometries, dtype=object))
    name = (
        {0: "Point", 1: "LineString", 3: "Polygon"}.get(int(kind[0]), "Unknown") if len(set(kind)) == 1 else "Unknown"
    )
    pyogrio.raw.write(
        str(path), geometry=wkb, field_data=[values], fields=[field], geometry_type=name, crs=crs, driver="GPKG"
    )
    return str(path)


def two_class_s2(size=96, seed=0):
    """(12, y, x) uint16: a dark left half and a bright right half, with noise."""
    rng = np.random.default_rng(seed)
    image = np.full((12, size, size), 600.0)
    image[:, :, size // 2 :] = 2400
    return (image + rng.normal(0, 60, image.shape)).clip(1).astype(np.uint16)


def squares(size=96, gsd=10.0, origin=(500_000, 5_000_000)):
    """Four small squares in each half of `two_class_s2`, and their classes 1 and 2."""
    shapes, classes = [], []
    for cls, x0 in ((1, 6), (2, size // 2 + 6)):
        for x in (x0, x0 + size // 4):
            for y in (8, size - 20):
                left, top = origin[0] + x * gsd, origin[1] - y * gsd
                shapes.append(shapely.box(left, top - 6 * gsd, left + 6 * gsd, top))
                classes.append(cls)
    return shapes, classes


def job_file(path, job, spec):
    """Writes a job file for `python -m landsketch run`."""
    Path(path).write_text(json.dumps({"job": job, "spec": spec}), encoding="utf-8")
    return str(path)
