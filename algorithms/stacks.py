"""The STACK parameter: a time stack as sources of a scene, beside layers or in their place."""

from __future__ import annotations

import os
from statistics import mode
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingContext,
    QgsProcessingParameterFile,
    QgsRasterLayer,
    QgsRectangle,
)

from ..core.errors import SceneError
from ..core.sensors import AUTO, BandMatch
from ..core.specs import SourceSpec
from ..core.stack_file import Stack, StackItem, is_stack, read_stack
from .base import LandSketchAlgorithm
from .sources import RasterSource
from .text import tr

STACK = "STACK"


def add_stack(algorithm: LandSketchAlgorithm) -> None:
    """Declares the time stack."""
    algorithm.add(
        QgsProcessingParameterFile(STACK, tr("Time stack"), optional=True, fileFilter=stack_filter()),
        tr(
            "Images of many dates as one input: a .json file that 'Build a time stack' wrote, or another STAC "
            "ItemCollection. It takes the place of the optical and the radar image. Beside an optical image of finer "
            "pixels, such as an aerial one, its optical dates are read as a series of their own."
        ),
    )


def stack_filter() -> str:
    """Returns what file dialogs offer where a time stack is wanted."""
    return tr("Time stacks") + " (*.json *.geojson)"


def stack_sources(
    algorithm: LandSketchAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    taken: Sequence[str],
    units: str,
) -> List[RasterSource]:
    """Returns the sources that a time stack adds to a scene; none where there is no such parameter, or it is empty.

    Args:
        algorithm: Whose parameters they are.
        parameters: Their values.
        context: Processing's.
        taken: Roles that layers fill.
        units: Of backscatter, as in `SourceSpec.units`.

    Raises:
        SceneError: If the file is no time stack, or has nothing that layers do not fill already.
    """
    if algorithm.parameterDefinition(STACK) is None or parameters.get(STACK) in (None, ""):
        return []
    path = algorithm.parameterAsFile(parameters, STACK, context)
    if not is_stack(path):
        raise SceneError(
            tr("'{path}' is not a time stack.").format(path=path), tr("Choose the .json file of a time stack.")
        )
    stack = read_stack(path)
    sources = []
    if stack.of("optical"):
        sources.append(_source(stack, "optical", "series" if "optical" in taken else "optical", AUTO, context))
    if stack.of("sar") and "sar" not in taken:
        sources.append(_source(stack, "sar", "sar", units, context))
    if not sources:
        raise SceneError(
            tr("Time stack '{stack}' holds radar images only, and a radar image was given as well.").format(
                stack=os.path.basename(path)
            ),
            tr("Leave one of them empty."),
        )
    return sources


def _source(stack: Stack, kind: str, role: str, units: str, context: QgsProcessingContext) -> RasterSource:
    items = stack.of(kind)
    name = os.path.splitext(os.path.basename(stack.path))[0]
    extent, crs = _ground(items, context)
    return RasterSource(
        name=name,
        spec=SourceSpec(role=role, path=stack.path, units=units),
        match=BandMatch(mode(item.sensor for item in items), _common_bands(items, name)),
        extent=extent,
        crs=crs,
        dates=tuple(item.date for item in items),
    )


def _common_bands(items: Sequence[StackItem], name: str) -> Tuple[str, ...]:
    """Returns the bands that all dates have, which are those that are read."""
    sets = [{band.name for band in item.bands} for item in items]
    common = tuple(band.name for band in items[0].bands if all(band.name in names for names in sets))
    if not common:
        raise SceneError(
            tr("The dates of time stack '{stack}' have no band in common.").format(stack=name),
            tr("Build it anew from images of one sensor."),
        )
    return common


def _ground(
    items: Sequence[StackItem], context: QgsProcessingContext
) -> Tuple[QgsRectangle, QgsCoordinateReferenceSystem]:
    """Returns the extent of all dates in the reference system of the first one.

    Raises:
        SceneError: If the first one's file cannot be opened.
    """
    first = _opened(items[0])
    if first is None:
        raise SceneError(
            tr("'{path}' of {date} cannot be opened as a raster.").format(
                path=items[0].bands[0].path, date=items[0].date
            ),
            tr("A time stack and its images have to be moved together; build it anew where they lie now."),
        )
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    everything = QgsRectangle(first.extent())
    transform = QgsCoordinateTransform(degrees, first.crs(), context.transformContext())
    for bounds in {item.bounds for item in items if item.bounds}:
        try:
            everything.combineExtentWith(transform.transformBoundingBox(QgsRectangle(*bounds)))
        except QgsCsException:
            continue  # beyond where the reference system is defined
    return everything, first.crs()


def _opened(item: StackItem) -> Optional[QgsRasterLayer]:
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsRasterLayer(item.bands[0].path, item.id, "gdal", options)
    return layer if layer.isValid() else None
