"""Images from layers and folders, as algorithms on many images take them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List

from qgis.core import QgsMapLayer, QgsProcessingContext, QgsProcessingUtils, QgsRasterLayer

from ..core.errors import LandSketchError, SceneError
from ..core.sensors import AUTO
from .base import LandSketchAlgorithm
from .folders import images_in, listed, path_identity, stem
from .scene import OPTICAL_BANDS, OPTICAL_SENSOR, OPTICAL_UNITS, SAR_BANDS, SAR_UNITS, layer_text, stated_offset
from .sources import RasterSource, raster_path, raster_source
from .text import tr

_NO_FILE_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Image:
    """A raster file, and how it becomes a layer: a folder's files are opened one by one, and closed again.

    Attributes:
        path: The file, or any name that GDAL opens.
        name: What its results are named after.
        layer: Opens it.
    """

    path: str
    name: str
    layer: Callable[[], QgsRasterLayer]


class ImageReader:
    """Opens images as sources of a scene, by what the parameters say of their sensor, units and bands."""

    def __init__(
        self, algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
    ) -> None:
        self._sensor = algorithm.parameterAsEnumString(parameters, OPTICAL_SENSOR, context)
        self._units = {
            role: algorithm.parameterAsEnumString(parameters, name, context)
            for role, name in (("optical", OPTICAL_UNITS), ("sar", SAR_UNITS))
        }
        self._offset = stated_offset(algorithm, parameters, context)
        self._bands = {
            role: tuple(
                word.strip()
                for word in algorithm.parameterAsString(parameters, name, context).split(",")
                if word.strip()
            )
            for role, name in (("optical", OPTICAL_BANDS), ("sar", SAR_BANDS))
        }

    def source(self, image: Image, role: str) -> RasterSource:
        """Returns what an image is.

        Raises:
            SceneError: If it cannot be opened, or is not what the parameters say.
        """
        sensor = self._sensor if role == "optical" else AUTO
        offset = self._offset if role == "optical" else None
        return raster_source(
            image.layer(), role, sensor, self._units.get(role, AUTO), self._bands.get(role, ()), offset
        )


def given_images(
    algorithm: LandSketchAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    layers: str,
    folder: str,
    recursive: bool,
    output_folder: str = "",
) -> List[Image]:
    """Returns the images of all layers and of a folder; one that is in both, once.

    Args:
        algorithm: Whose parameters they are.
        parameters: Their values.
        context: Processing's.
        layers: Parameter with the layers.
        folder: Parameter with the folder; empty: there is none.
        recursive: Whether its subfolders are looked through, too.
        output_folder: Where results go, hence where no images are looked for; empty: nowhere.

    Raises:
        SceneError: If a layer is no raster, or there is no image in the folder.
    """
    images = _layer_images(algorithm, parameters, context, layers)
    path = algorithm.parameterAsFile(parameters, folder, context) if folder else ""
    if path:
        images += [file_image(found) for found in images_in(path, recursive, output_folder)]
    by_file: Dict[str, Image] = {}
    for image in images:
        by_file.setdefault(path_identity(image.path), image)
    return list(by_file.values())


def _layer_images(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str
) -> List[Image]:
    values = parameters.get(name)
    if not isinstance(values, (list, tuple)):
        values = algorithm.parameterAsLayerList(parameters, name, context) or []
    images: List[Image] = []
    problems: List[str] = []
    for value in values:
        try:
            images.append(_layer_image(value, context))
        except LandSketchError as error:
            problems.append(str(error))
    if problems:
        raise SceneError(listed(problems))
    return images


def _layer_image(value: Any, context: QgsProcessingContext) -> Image:
    layer = value if isinstance(value, QgsMapLayer) else QgsProcessingUtils.mapLayerFromString(str(value), context)
    if not isinstance(layer, QgsRasterLayer) or not layer.isValid():
        # Processing itself passes over what it cannot open without a word.
        raise _unreadable(layer_text(value))
    path = raster_path(layer)
    name = stem(path) if os.path.isfile(path) else _NO_FILE_NAME.sub("_", layer.name())
    return Image(path, name, lambda: layer)


def file_image(path: str) -> Image:
    """Returns the image in a file."""

    def layer() -> QgsRasterLayer:
        options = QgsRasterLayer.LayerOptions()
        options.loadDefaultStyle = False  # it takes time, and nothing of it is used
        opened = QgsRasterLayer(path, os.path.basename(path), "gdal", options)
        if not opened.isValid():
            raise _unreadable(path)
        return opened

    return Image(path, stem(path), layer)


def _unreadable(name: str) -> SceneError:
    return SceneError(
        tr("'{name}' cannot be opened as a raster.").format(name=name), tr("Choose a raster file such as a GeoTIFF.")
    )
