"""The parameters that describe a scene, shared by fine-tuning and classifying."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsRectangle,
)

from ..core.errors import SceneError
from ..core.sensors import AUTO, EMBEDDING_CHOICES, OPTICAL_CHOICES, OPTICAL_UNIT_CHOICES, SAR_UNIT_CHOICES, UNUSED
from ..core.specs import ROLES
from .base import LandSketchAlgorithm
from .compat import DECIMAL
from .readings import Reading
from .sources import RasterSource, raster_source
from .stacks import add_stack, stack_sources
from .text import tr

OPTICAL = "OPTICAL"
OPTICAL_SENSOR = "OPTICAL_SENSOR"
OPTICAL_BANDS = "OPTICAL_BANDS"
OPTICAL_UNITS = "OPTICAL_UNITS"
OPTICAL_OFFSET = "OPTICAL_OFFSET"
SAR = "SAR"
SAR_UNITS = "SAR_UNITS"
SAR_BANDS = "SAR_BANDS"
EMBEDDING = "EMBEDDING"
EMBEDDING_KIND = "EMBEDDING_KIND"


def add_scene(algorithm: LandSketchAlgorithm) -> None:
    """Declares what a scene consists of: images, a time stack, embeddings."""
    add_images(algorithm)
    add_stack(algorithm)
    add_embedding(algorithm)


def add_images(algorithm: LandSketchAlgorithm) -> None:
    """Declares the optical and the SAR image with the optical sensor and the SAR units."""
    algorithm.add(
        QgsProcessingParameterRasterLayer(OPTICAL, tr("Optical image"), optional=True),
        tr(
            "A raster file with Sentinel-2, Landsat, aerial or other optical bands. It may be left empty if a radar "
            "image is given. Its grid becomes the grid of the scene."
        ),
    )
    add_optical_sensor(algorithm)
    algorithm.add(
        QgsProcessingParameterRasterLayer(SAR, tr("Radar image (SAR)"), optional=True),
        tr(
            "A raster file with Sentinel-1 backscatter, VV and VH or VV alone. It may be left empty if an optical "
            "image is given. Its resolution, extent and coordinate system may differ from the optical image's."
        ),
    )
    add_sar_units(algorithm)


def add_embedding(algorithm: LandSketchAlgorithm) -> None:
    """Declares a raster of embeddings, alone or beside images."""
    algorithm.add(
        QgsProcessingParameterRasterLayer(EMBEDDING, tr("Embeddings"), optional=True),
        tr(
            "A raster file with features that an encoder has computed before: AlphaEarth's or Tessera's embeddings, or "
            "what 'Embed an image' wrote. It takes the place of an encoder, alone or together with images."
        ),
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            EMBEDDING_KIND,
            tr("Kind of embeddings"),
            options=list(EMBEDDING_CHOICES),
            defaultValue=AUTO,
            usesStaticStrings=True,
        ),
        tr(
            "Whose embeddings they are, which decides how stored codes become numbers. 'auto' looks at band "
            "descriptions, file name and number of bands."
        ),
    )


def add_optical_sensor(algorithm: LandSketchAlgorithm) -> None:
    """Declares what the bands of optical images are."""
    algorithm.add(
        QgsProcessingParameterEnum(
            OPTICAL_SENSOR,
            tr("Optical sensor"),
            options=list(OPTICAL_CHOICES),
            defaultValue="auto",
            usesStaticStrings=True,
        ),
        tr(
            "What the bands of the optical image are. 'auto' looks at band descriptions, file name and number of "
            "bands; 'generic' takes any bands as they are."
        ),
    )


def add_sar_units(algorithm: LandSketchAlgorithm) -> None:
    """Declares the units of SAR images."""
    algorithm.add(
        QgsProcessingParameterEnum(
            SAR_UNITS,
            tr("Radar units"),
            options=list(SAR_UNIT_CHOICES),
            defaultValue="auto",
            usesStaticStrings=True,
        ),
        tr(
            "Whether backscatter is stored in decibels (mostly negative numbers) or as linear power (small positive "
            "numbers). 'auto' tells them apart by their values."
        ),
    )


def add_band_names(algorithm: LandSketchAlgorithm) -> None:
    """Declares the advanced parameters that say what bands are, and how their values are read."""
    hint = tr(
        "Only needed where the file does not name its bands, or names them wrongly: one name for each band, in the "
        "order of the file, separated by commas, such as {example}; '{unused}' for a band to leave out. Empty: as the "
        "layer says, or the file."
    )
    algorithm.add(
        QgsProcessingParameterString(OPTICAL_BANDS, tr("Band names of the optical image"), optional=True),
        hint.format(example="B02,B03,B04,B08", unused=UNUSED),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(SAR_BANDS, tr("Band names of the radar image"), optional=True),
        hint.format(example="VV,VH", unused=UNUSED),
        advanced=True,
    )

    algorithm.add(
        QgsProcessingParameterEnum(
            OPTICAL_UNITS,
            tr("Units of the optical image"),
            options=list(OPTICAL_UNIT_CHOICES),
            defaultValue=AUTO,
            usesStaticStrings=True,
        ),
        tr(
            "Of Sentinel-2: whether values are reflectance × 10 000 ('dn') or from 0 to 1 ('reflectance'). 'auto' "
            "tells them apart by their values. Other sensors are taken as they are."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(OPTICAL_OFFSET, tr("Offset of the optical image"), DECIMAL, optional=True),
        tr(
            "Of Sentinel-2: the number that stands for zero reflectance, 1000 in products since 2022 (processing "
            "baseline 04.00), else 0. Empty: as the layer says, or found in the values."
        ),
        advanced=True,
    )


def reading_parameters(reading: Optional[Reading]) -> Dict[str, Any]:
    """Returns a reading as parameters, for those who run an algorithm on the layer's file alone."""
    if reading is None:
        return {}
    bands = ",".join(reading.bands)
    if reading.role == "sar":
        return {SAR_UNITS: _key(SAR_UNIT_CHOICES, reading.units), SAR_BANDS: bands}
    if reading.role == "embedding":
        return {EMBEDDING_KIND: _key(EMBEDDING_CHOICES, reading.sensor)}
    return {
        OPTICAL_SENSOR: _key(OPTICAL_CHOICES, (reading.sensor,)),
        OPTICAL_BANDS: bands,
        OPTICAL_UNITS: _key(OPTICAL_UNIT_CHOICES, reading.units),
        OPTICAL_OFFSET: reading.offset,
    }


def _key(choices: Dict[str, Any], value: Any) -> str:
    """Returns the choice that stands for a value; empty for `auto`, which need not be said."""
    key = next((key for key, meant in choices.items() if meant == value), AUTO)
    return "" if key == AUTO else key


def stated_offset(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Optional[float]:
    """Returns the offset that a parameter states; None: it is left to be found."""
    if parameters.get(OPTICAL_OFFSET) in (None, ""):
        return None
    return float(algorithm.parameterAsDouble(parameters, OPTICAL_OFFSET, context))


def scene_sources(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Tuple[RasterSource, ...]:
    """Reads the scene that the parameters describe, the optical image first.

    Raises:
        SceneError: If no image is given, or one cannot be used.
    """
    sources: List[RasterSource] = []
    units = algorithm.parameterAsEnumString(parameters, SAR_UNITS, context)
    optical_units = algorithm.parameterAsEnumString(parameters, OPTICAL_UNITS, context)
    offset = stated_offset(algorithm, parameters, context)
    for name, role, sensor_name, bands_name, stored in (
        (OPTICAL, "optical", OPTICAL_SENSOR, OPTICAL_BANDS, (optical_units, offset)),
        (SAR, "sar", "", SAR_BANDS, (units, None)),
        (EMBEDDING, "embedding", EMBEDDING_KIND, "", (AUTO, None)),
    ):
        if algorithm.parameterDefinition(name) is None or parameters.get(name) in (None, ""):
            continue
        layer = raster_layer(algorithm, parameters, name, context)
        sensor = algorithm.parameterAsEnumString(parameters, sensor_name, context) if sensor_name else AUTO
        stated = algorithm.parameterAsString(parameters, bands_name, context) if bands_name else ""
        bands = tuple(word.strip() for word in stated.split(",") if word.strip())
        sources.append(raster_source(layer, role, sensor, stored[0], bands, stored[1]))
    taken = [source.spec.role for source in sources]
    sources += stack_sources(algorithm, parameters, context, taken, SAR_UNIT_CHOICES.get(units, AUTO))
    if not sources:
        raise SceneError(tr("No image was given."), tr("Choose an optical image, a radar image, or both."))
    sources.sort(key=lambda source: ROLES.index(source.spec.role))
    check_common_ground(sources, context)
    return tuple(sources)


def raster_layer(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], name: str, context: QgsProcessingContext
) -> QgsRasterLayer:
    """Returns the layer of a raster parameter.

    Raises:
        SceneError: If it cannot be opened.
    """
    layer = algorithm.parameterAsRasterLayer(parameters, name, context)
    if layer is None or not layer.isValid():
        raise SceneError(
            tr("{title} '{value}' cannot be opened as a raster.").format(
                title=algorithm.parameterDefinition(name).description(), value=layer_text(parameters.get(name))
            ),
            tr("Choose a raster file such as a GeoTIFF."),
        )
    return layer


def layer_text(value: Any) -> str:
    """Returns a layer parameter's value as the user knows it."""
    if value is None:
        return ""
    return value.name() if hasattr(value, "name") else str(value)


def check_common_ground(sources: Sequence[RasterSource], context: QgsProcessingContext) -> None:
    """Checks that the layers of a scene can be laid over each other.

    Raises:
        SceneError: If they cannot, naming them.
    """
    first = sources[0]
    for second in sources[1:]:
        if first.crs.isValid() != second.crs.isValid():
            without = first if not first.crs.isValid() else second
            raise SceneError(
                tr("Layer '{layer}' has no coordinate system.").format(layer=without.name),
                tr("Set it in the layer's properties and save the file with it."),
            )
        if first.crs.isValid():
            check_overlap(first, second, tr("Choose images of the same place."), context)


def check_overlap(first: RasterSource, second: RasterSource, hint: str, context: QgsProcessingContext) -> None:
    """Checks that two rasters show a common place.

    Raises:
        SceneError: If they do not, with the hint on what to do.
    """
    if not first.extent.intersects(_to_crs(second.extent, second.crs, first.crs, context)):
        raise SceneError(
            tr("Layers '{first}' and '{second}' do not overlap.").format(first=first.name, second=second.name), hint
        )


def common_share(first: RasterSource, second: RasterSource, context: QgsProcessingContext) -> Tuple[float, float]:
    """Returns which shares of the ground of two rasters are common ground; none where one has no coordinate system."""
    if first.crs.isValid() != second.crs.isValid():
        return 0.0, 0.0
    other = _to_crs(second.extent, second.crs, first.crs, context)
    if not first.extent.intersects(other):
        return 0.0, 0.0
    common = first.extent.intersect(other)
    areas = [extent.width() * extent.height() for extent in (common, first.extent, other)]
    return areas[0] / areas[1], areas[0] / areas[2]


def _to_crs(extent: QgsRectangle, source: Any, target: Any, context: QgsProcessingContext) -> QgsRectangle:
    """Transforms an extent; an extent that cannot be transformed lies nowhere and comes back empty."""
    if source == target:
        return extent
    try:
        return QgsCoordinateTransform(source, target, context.transformContext()).transformBoundingBox(extent)
    except QgsCsException:
        return QgsRectangle()
