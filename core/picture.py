"""One picture of a whole run: what the sensors see, what was drawn, and the map with its legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from .class_rasters import RasterClass, known_classes, open_class_raster
from .legend import NO_DATA, palette_colour
from .outputs import finished
from .sensors import match_bands
from .specs import VectorSpec
from .vectors import read_features, reproject

Pixels = NDArray[np.uint8]

_TRUE_COLOUR = {"aerial": ("red", "green", "blue"), "landsat-8": ("B4", "B3", "B2"), "landsat-7": ("B3", "B2", "B1")}
_SENTINEL_2 = ("B04", "B03", "B02")
_GAP = 16
_INK, _QUIET, _PAPER, _EMPTY = (29, 36, 32), (92, 103, 96), (255, 255, 255), (236, 238, 236)
_CAPTION, _LEGEND_ROW = 26, 26


@dataclass(frozen=True)
class _View:
    """The grid on which all panels are drawn: that of the map, made coarser where it is large."""

    crs: CRS
    transform: Affine
    width: int
    height: int


def render(
    output: str, map_path: str, optical: str = "", sar: str = "", labels: VectorSpec | None = None, title: str = "",
    panel: int = 512,
) -> None:  # fmt: skip
    """Draws the layers of a run side by side, with the map's legend, as a PNG.

    Args:
        output: The PNG to write.
        map_path: The class map.
        optical: Optical image, shown in true colour; '' for none.
        sar: SAR image, shown in grey (one band) or as VV, VH and their ratio; '' for none.
        labels: Drawn features, shown over the optical image (or the SAR image).
        title: Above the panels; a simulated scene is always called that.
        panel: Width of the panels in pixels.

    Raises:
        SceneError: If the map cannot be read.
        LabelError: If the labels cannot be read.
        OutputError: If the picture cannot be written.
    """
    panels: list[tuple[str, Pixels]] = []
    with open_class_raster(map_path, "map") as raster:
        view = _view(raster, panel)
        classes = _classes(raster)
        if optical:
            panels.append(("Optical, true colour", _optical(optical, view)))
        if sar:
            panels.append(("SAR backscatter (VV, VH, VV/VH)", _sar(sar, view)))
        if labels is not None:
            below = panels[0][1] if panels else np.full((view.height, view.width, 3), 255, np.uint8)
            panels.append(("What was drawn", _drawn(labels, view, below, classes)))
        values = _read(raster, view, [1], Resampling.nearest)[0]
        panels.append(("The map", _coloured(values, classes)))
        present = [entry for entry in classes if (values == entry.value).any()]
    if any(_simulated(path) for path in (optical, sar, map_path) if path):
        title = f"{title} (simulated scene)" if title else "Simulated scene"
    with finished(output) as temporary:
        _composed(panels, present, title).save(temporary, format="PNG", optimize=True)


def _view(raster: DatasetReader, panel: int) -> _View:
    scale = raster.width / panel
    height = max(1, round(raster.height / scale))
    return _View(raster.crs, raster.transform @ Affine.scale(scale, raster.height / height), panel, height)


def _read(raster: DatasetReader, view: _View, bands: Sequence[int], resampling: Resampling) -> NDArray[np.float32]:
    """Reads bands on the view's grid: (band, y, x), NaN where there is no data."""
    options = {"crs": view.crs, "transform": view.transform, "width": view.width, "height": view.height}
    with WarpedVRT(raster, resampling=resampling, add_alpha=raster.nodata is None, **options) as warped:
        values = warped.read(list(bands)).astype(np.float32)
        values[:, warped.read_masks(bands[0]) == 0] = np.nan
    return values


def _optical(path: str, view: _View) -> Pixels:
    with rasterio.open(path) as raster:
        descriptions = [text or "" for text in raster.descriptions]
        match = match_bands("optical", descriptions, path)
        wanted = _TRUE_COLOUR.get(match.sensor, _SENTINEL_2)
        known = all(band in match.bands for band in wanted)
        bands = [match.index(band) + 1 for band in wanted] if known else [min(i, raster.count) for i in (1, 2, 3)]
        values = _read(raster, view, bands, Resampling.average)
    # One stretch for all three bands keeps the colours true.
    return _bytes(_stretched(values, 1, 98), gamma=0.8)


def _sar(path: str, view: _View) -> Pixels:
    with rasterio.open(path) as raster:
        values = _read(raster, view, [1, 2] if raster.count > 1 else [1], Resampling.average)
    if np.nanmin(values) >= 0:
        values = 10 * np.log10(np.maximum(values, 1e-5))
    channels = [*values, values[0] - values[1]] if len(values) > 1 else [values[0]] * 3
    stretched = np.stack([_stretched(channel, 2, 98) for channel in channels])
    # Full colour would show speckle before anything else.
    return _bytes(0.5 * stretched + 0.5 * stretched[:2].mean(axis=0))


def _stretched(values: NDArray[np.float32], lower: float, upper: float) -> NDArray[np.float32]:
    low, high = float(np.nanpercentile(values, lower)), float(np.nanpercentile(values, upper))
    return np.asarray((values - low) / max(high - low, 1e-6), np.float32)


def _bytes(shares: NDArray[np.float32], gamma: float = 1.0) -> Pixels:
    """Turns (band, y, x) from 0 to 1 into an image; no data becomes pale."""
    image = (np.clip(np.nan_to_num(shares), 0, 1) ** gamma * 255).astype(np.uint8).transpose(1, 2, 0)
    image[np.isnan(shares).any(axis=0)] = _EMPTY
    return image


def _classes(raster: DatasetReader) -> list[RasterClass]:
    """The classes of the map with a colour each; without a legend, every value that an 8-bit map can hold."""
    known = known_classes(raster) or {v: RasterClass(v, str(v)) for v in range(NO_DATA + 1, 256)}
    return [
        RasterClass(entry.value, entry.name, entry.colour or palette_colour(i))
        for i, entry in enumerate(sorted(known.values(), key=lambda entry: entry.value))
    ]


def _coloured(values: NDArray[np.float32], classes: Sequence[RasterClass]) -> Pixels:
    image = np.full((*values.shape, 3), _EMPTY, np.uint8)
    for entry in classes:
        image[values == entry.value] = _rgb(entry.colour)
    return image


def _drawn(labels: VectorSpec, view: _View, below: Pixels, classes: Sequence[RasterClass]) -> Pixels:
    """Draws the labels in their classes' colours, with a white rim, over an image made pale."""
    features = read_features(labels)
    colours = {entry.name.casefold(): entry.colour for entry in classes} | {str(e.value): e.colour for e in classes}
    scale = 2
    pale = (0.55 * below + 0.45 * 255).astype(np.uint8)
    image = Image.fromarray(pale).resize((view.width * scale, view.height * scale), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    inverse = ~view.transform
    for geometry, key in zip(reproject(features.geometries, features.crs, view.crs), features.keys, strict=True):
        colour = colours.get(key.casefold(), "#000000")
        for part in shapely.get_parts(geometry):
            line = part.exterior.coords if part.geom_type == "Polygon" else part.coords
            points = [(x * scale, y * scale) for x, y in (inverse @ point[:2] for point in line)]
            if part.geom_type == "Polygon":
                pen.polygon(points, fill=colour)
            if len(points) > 1:
                pen.line(points, fill="#ffffff" if part.geom_type == "Polygon" else colour, width=2, joint="curve")
            else:
                pen.circle(points[0], 5, fill=colour, outline="#ffffff", width=2)
    return np.asarray(image.resize((view.width, view.height), Image.Resampling.LANCZOS))


def _composed(panels: Sequence[tuple[str, Pixels]], classes: Sequence[RasterClass], title: str) -> Image.Image:
    height, width = panels[0][1].shape[:2]
    title_height = 40 if title else 0
    total = _GAP + len(panels) * (width + _GAP)
    rows = _legend_rows(classes, total)
    canvas = Image.new(
        "RGB", (total, _GAP + title_height + _CAPTION + height + _GAP + len(rows) * _LEGEND_ROW + _GAP), _PAPER
    )
    pen = ImageDraw.Draw(canvas)
    if title:
        pen.text((_GAP, _GAP), title, fill=_INK, font=_font(24))
    top = _GAP + title_height
    for i, (caption, pixels) in enumerate(panels):
        left = _GAP + i * (width + _GAP)
        pen.text((left, top), caption, fill=_QUIET, font=_font(16))
        canvas.paste(Image.fromarray(pixels), (left, top + _CAPTION))
    for i, row in enumerate(rows):
        y = top + _CAPTION + height + _GAP + i * _LEGEND_ROW
        for x, entry in row:
            pen.rounded_rectangle((x, y + 2, x + 16, y + 18), 3, fill=entry.colour, outline=(128, 128, 128))
            pen.text((x + 24, y), entry.name, fill=_INK, font=_font(16))
    return canvas


def _legend_rows(classes: Sequence[RasterClass], width: int) -> list[list[tuple[int, RasterClass]]]:
    """Places the legend's entries from left to right in as many rows as they need."""
    rows: list[list[tuple[int, RasterClass]]] = [[]]
    x = _GAP
    for entry in classes:
        needed = 24 + round(_font(16).getlength(entry.name)) + 24
        if x + needed > width and rows[-1]:
            rows.append([])
            x = _GAP
        rows[-1].append((x, entry))
        x += needed
    return rows


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: no machine needs to have one installed."""
    return ImageFont.load_default(size)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _simulated(path: str) -> bool:
    with rasterio.open(path) as raster:
        return "SIMULATED" in raster.tags()
