"""What QGIS and Qt renamed or moved between QGIS 3.22 and 4, under one name each."""

from __future__ import annotations

from functools import reduce
from typing import Any

from qgis import core
from qgis.PyQt.QtCore import QMetaType, Qt, QVariant

try:
    from qgis.PyQt.QtGui import QAction as QAction  # under their own names: for others to import from here
    from qgis.PyQt.QtGui import QShortcut as QShortcut
except ImportError:  # Qt 5
    from qgis.PyQt.QtWidgets import QAction as QAction
    from qgis.PyQt.QtWidgets import QShortcut as QShortcut


def _first(*names: str) -> Any:
    """Returns the first of several dotted names that this QGIS knows, newest spelling first."""
    for name in names:
        try:
            return reduce(getattr, name.split("."), core)
        except AttributeError:
            continue
    raise AttributeError(f"QGIS {core.Qgis.QGIS_VERSION} knows none of {', '.join(names)}.")


ANY_GEOMETRY = _first("Qgis.ProcessingSourceType.VectorAnyGeometry", "QgsProcessing.SourceType.TypeVectorAnyGeometry")
POLYGONS = _first("Qgis.ProcessingSourceType.VectorPolygon", "QgsProcessing.SourceType.TypeVectorPolygon")
FOLDER = _first("Qgis.ProcessingFileParameterBehavior.Folder", "QgsProcessingParameterFile.Behavior.Folder")
RASTER = _first("Qgis.ProcessingSourceType.Raster", "QgsProcessing.SourceType.TypeRaster")
FILES = _first("Qgis.ProcessingSourceType.File", "QgsProcessing.SourceType.TypeFile")

ADVANCED = _first("Qgis.ProcessingParameterFlag.Advanced", "QgsProcessingParameterDefinition.Flag.FlagAdvanced")
OPTIONAL = _first("Qgis.ProcessingParameterFlag.Optional", "QgsProcessingParameterDefinition.Flag.FlagOptional")

SKIP_VALIDITY_CHECKS = _first(
    "Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks",
    "QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks",
)

DECIMAL = _first("Qgis.ProcessingNumberParameterType.Double", "QgsProcessingParameterNumber.Type.Double")
DAY = _first("Qgis.ProcessingDateTimeParameterDataType.Date", "QgsProcessingParameterDateTime.Type.Date")
WKT = _first("Qgis.CrsWktVariant.Preferred", "QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED")

STRETCH = _first("QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum")
CUMULATIVE_CUT = _first("Qgis.RasterRangeLimit.CumulativeCut", "QgsRasterMinMaxOrigin.Limits.CumulativeCut")

FIXED_RANGE = _first(
    "Qgis.RasterTemporalMode.FixedTemporalRange", "QgsRasterLayerTemporalProperties.TemporalMode.ModeFixedTemporalRange"
)
FIELD_INSTANT = _first(
    "Qgis.VectorTemporalMode.FeatureDateTimeInstantFromField",
    "QgsVectorLayerTemporalProperties.TemporalMode.ModeFeatureDateTimeInstantFromField",
)
VECTOR_LAYER = _first("QgsProcessingUtils.LayerHint.Vector")

UNKNOWN_GEOMETRY = _first("Qgis.WkbType.Unknown", "QgsWkbTypes.Type.Unknown")
NO_GEOMETRY = _first("Qgis.WkbType.NoGeometry", "QgsWkbTypes.Type.NoGeometry")
NULL_GEOMETRY_TYPE = _first("Qgis.GeometryType.Null", "QgsWkbTypes.GeometryType.NullGeometry")
UNKNOWN_GEOMETRY_TYPE = _first("Qgis.GeometryType.Unknown", "QgsWkbTypes.GeometryType.UnknownGeometry")

NO_WRITER_ERROR = _first("QgsVectorFileWriter.WriterError.NoError")

RASTER_TYPE = _first("Qgis.LayerType.Raster", "QgsMapLayerType.RasterLayer")
RASTER_LAYERS = _first("Qgis.LayerFilter.RasterLayer", "QgsMapLayerProxyModel.Filter.RasterLayer")
FEATURE_LAYERS = _first("Qgis.LayerFilter.HasGeometry", "QgsMapLayerProxyModel.Filter.HasGeometry")
POINT_GEOMETRY_TYPE = _first("Qgis.GeometryType.Point", "QgsWkbTypes.GeometryType.PointGeometry")
POLYGON_GEOMETRY_TYPE = _first("Qgis.GeometryType.Polygon", "QgsWkbTypes.GeometryType.PolygonGeometry")
POINT = _first("Qgis.WkbType.Point", "QgsWkbTypes.Type.Point")
POLYGON = _first("Qgis.WkbType.Polygon", "QgsWkbTypes.Type.Polygon")
WITHOUT_GEOMETRY = _first("Qgis.FeatureRequestFlag.NoGeometry", "QgsFeatureRequest.Flag.NoGeometry")
WITHOUT_FORM = _first("Qgis.AttributeFormSuppression.On", "QgsEditFormConfig.FeatureFormSuppress.SuppressOn")

# Qt 6 has no QVariant.String; QgsField takes a QMetaType from QGIS 3.38 on.
TEXT_FIELD = QMetaType.Type.QString if core.Qgis.QGIS_VERSION_INT >= 33800 else QVariant.String
WHOLE_NUMBER_FIELD = QMetaType.Type.Int if core.Qgis.QGIS_VERSION_INT >= 33800 else QVariant.Int

# For the data of a model: Qt 5 takes numbers alone, and the flags of an early PyQt 6 are none.
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TO_THE_RIGHT = int(getattr(_RIGHT, "value", _RIGHT))


def save_default_style(layer: core.QgsMapLayer, name: str) -> None:
    """Saves a layer's style in its file, as the one that it opens with."""
    save = getattr(layer, "saveStyleToDatabaseV2", None) or layer.saveStyleToDatabase  # before QGIS 4
    save(name, "", True, "")
