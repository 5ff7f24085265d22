"""The parameters that say which part of an image is mapped: polygons and a rectangle."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Iterator, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsRectangle,
)

from ..core.errors import OutputError, SceneError, SpecError
from ..core.specs import ExtentSpec, VectorSpec
from .base import LandSketchAlgorithm, Parameters
from .compat import POLYGONS, WKT
from .labels import FeatureInput, feature_input
from .scene import layer_text
from .sources import RasterSource
from .text import tr

MASK = "MASK"
EXTENT = "EXTENT"


@dataclass(frozen=True)
class Rectangle:
    """A rectangle that the user drew, typed, or took from a layer or the map.

    Attributes:
        bounds: West, south, east and north.
        crs: Their CRS; invalid where none was stated and there is no project, which means the image's.
    """

    bounds: QgsRectangle
    crs: QgsCoordinateReferenceSystem

    def spec(self, image: RasterSource) -> ExtentSpec:
        """Returns what the engine is told."""
        crs = self.crs if self.crs.isValid() else image.crs
        bounds = self.bounds
        # Only EPSG's codes mean the same everywhere: those of the user's own systems, for one, are known to QGIS alone.
        text = crs.authid() if crs.authid().startswith("EPSG:") else crs.toWkt(WKT)
        return ExtentSpec((bounds.xMinimum(), bounds.yMinimum(), bounds.xMaximum(), bounds.yMaximum()), text)

    def check(self, image: RasterSource, context: QgsProcessingContext) -> None:
        """Checks that the rectangle lies on an image.

        Raises:
            SceneError: If it does not, or nobody can tell.
        """
        if not image.crs.isValid():
            raise SceneError(
                tr("Layer '{image}' has no coordinate system, so no rectangle can be laid over it.").format(
                    image=image.name
                ),
                tr("Set the image's coordinate system in its properties and save it with it."),
            )
        bounds = self.bounds
        if self.crs.isValid() and self.crs != image.crs:
            transform = QgsCoordinateTransform(self.crs, image.crs, context.transformContext())
            try:
                bounds = transform.transformBoundingBox(bounds)
            except QgsCsException:
                bounds = QgsRectangle()  # beyond where the image's projection is defined
        if bounds.intersect(image.extent).isEmpty():
            raise SceneError(
                tr("The rectangle ({bounds}, {crs}) does not lie on '{image}'.").format(
                    bounds=self.bounds.toString(2), crs=self.crs.authid() or image.crs.authid(), image=image.name
                ),
                tr("Choose one that overlaps the image."),
            )


@dataclass(frozen=True)
class Where:
    """Which part of an image is mapped: what lies in both, where both are given.

    Attributes:
        mask: Polygons; None: none were given.
        rectangle: A rectangle; None: none was given.
    """

    mask: Optional[FeatureInput] = None
    rectangle: Optional[Rectangle] = None

    def check(self, image: RasterSource, context: QgsProcessingContext) -> None:
        """Checks that there is something of the image to map.

        Raises:
            LandSketchError: If there is not.
        """
        if self.mask:
            self.mask.check(image)
        if self.rectangle:
            self.rectangle.check(image, context)

    def extent(self, image: RasterSource) -> Optional[ExtentSpec]:
        """Returns what the engine is told of the rectangle; None where none was given."""
        return self.rectangle.spec(image) if self.rectangle else None


def add_where(algorithm: LandSketchAlgorithm, mask_help: str, extent_help: str) -> None:
    """Declares mask and rectangle."""
    algorithm.add(
        QgsProcessingParameterFeatureSource(MASK, tr("Only inside these polygons"), [POLYGONS], optional=True),
        mask_help,
    )
    add_rectangle(algorithm, extent_help + " " + tr("Together with polygons, what lies in both is mapped."))


def add_rectangle(algorithm: LandSketchAlgorithm, help_text: str) -> None:
    """Declares the rectangle alone."""
    algorithm.add(QgsProcessingParameterExtent(EXTENT, tr("Only inside this rectangle"), optional=True), help_text)


def read_where(algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> Where:
    """Reads mask and rectangle; called in the main thread.

    Raises:
        LandSketchError: If one of them cannot be read.
    """
    return Where(mask_input(algorithm, parameters, MASK, context), read_rectangle(algorithm, parameters, context))


def read_rectangle(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Optional[Rectangle]:
    """Reads the rectangle; None where none was given.

    Raises:
        SpecError: If what was given is none.
    """
    if parameters.get(EXTENT) in (None, ""):
        return None
    bounds = algorithm.parameterAsExtent(parameters, EXTENT, context)
    if bounds.isEmpty():
        raise SpecError(
            tr("{title} '{value}' is no rectangle.").format(
                title=algorithm.parameterDefinition(EXTENT).description(), value=layer_text(parameters[EXTENT])
            ),
            tr("Expected a layer, or west, east, south and north as in '600000,610000,5190000,5200000 [EPSG:32632]'."),
        )
    return Rectangle(bounds, algorithm.parameterAsExtentCrs(parameters, EXTENT, context))


def mask_input(
    algorithm: LandSketchAlgorithm, parameters: Parameters, name: str, context: QgsProcessingContext
) -> Optional[FeatureInput]:
    """Returns the polygons of a mask parameter; None where none was given."""
    if parameters.get(name) in (None, ""):
        return None
    return feature_input(algorithm, parameters, name, context)


def export_mask(mask: Optional[FeatureInput], feedback: QgsProcessingFeedback) -> Optional[VectorSpec]:
    """Writes a mask for the engine; None where none was given."""
    return mask.export(feedback) if mask else None


@contextmanager
def mask_for(
    mask: Optional[FeatureInput], scheduler: str, folder: str, feedback: QgsProcessingFeedback
) -> Iterator[Optional[VectorSpec]]:
    """Writes a mask for the engine, as long as the block runs; None where none was given.

    Args:
        mask: The polygons.
        scheduler: Address of a cluster's scheduler; empty: this machine classifies.
        folder: The outputs' folder. A cluster's workers see it, and nothing of this machine's temporary files.
        feedback: Processing's.

    Raises:
        OutputError: If the folder cannot be written to.
    """
    spec = export_mask(mask, feedback)
    if spec is None or not scheduler:
        yield spec
        return
    shared = os.path.join(folder, ".landsketch-" + os.path.basename(os.path.dirname(spec.path)) + ".gpkg")
    try:
        shutil.copyfile(spec.path, shared)
    except OSError as error:
        raise OutputError(
            tr("The polygons cannot be written to the folder of the outputs, '{folder}': {reason}.").format(
                folder=folder, reason=error.strerror
            ),
            tr("Choose a folder that the workers see and that you may write to."),
        ) from error
    try:
        yield VectorSpec(path=shared)
    finally:
        with suppress(OSError):
            os.remove(shared)
