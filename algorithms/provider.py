"""The Processing provider `landsketch`."""

from __future__ import annotations

import os
from typing import List

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .assess import Assess
from .build_stack import BuildStack
from .checkpoint_info import CheckpointInfo
from .classify import Classify
from .classify_batch import ClassifyBatch
from .classify_scenes import ClassifyScenes
from .clear_cache import ClearCache
from .cluster import Cluster
from .composite import Composite
from .coregister import Coregister
from .embed import Embed
from .export_onnx import ExportOnnx
from .finetune import Finetune
from .finetune_scenes import FinetuneScenes
from .import_checkpoint import ImportCheckpoint
from .install import InstallEngine
from .label_ratio import LabelRatio
from .prepare_sar import PrepareSar
from .pretrain import Pretrain
from .scale_3sigma import Scale3Sigma
from .sketch import Sketch

ICON = os.path.join(os.path.dirname(os.path.dirname(__file__)), "icon.svg")
ALGORITHMS = (
    Sketch,
    Finetune,
    Classify,
    ClassifyBatch,
    FinetuneScenes,
    ClassifyScenes,
    Assess,
    LabelRatio,
    Cluster,
    BuildStack,
    Pretrain,
    ImportCheckpoint,
    CheckpointInfo,
    Embed,
    ExportOnnx,
    Composite,
    PrepareSar,
    Scale3Sigma,
    Coregister,
    InstallEngine,
    ClearCache,
)


class LandSketchProvider(QgsProcessingProvider):
    """Lists the algorithms, whether or not the engine's environment is there."""

    def id(self) -> str:
        """The provider's part of algorithm ids; never changes."""
        return "landsketch"

    def name(self) -> str:
        """A product name, hence not translated."""
        return "LandSketch"

    def icon(self) -> QIcon:
        """The plugin's icon."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:  # noqa: N802 - QGIS fixes this name
        """The plugin's icon, for the toolbox at any size."""
        return ICON

    def loadAlgorithms(self) -> None:  # noqa: N802
        """Adds every algorithm."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self) -> List[str]:  # noqa: N802
        """Maps are written as GeoTIFF."""
        return ["tif"]

    def defaultRasterFileExtension(self, *args: object) -> str:  # noqa: N802 - newer QGIS passes a format
        """Maps are written as GeoTIFF, whatever the user's default raster format is."""
        return "tif"

    def supportedOutputVectorLayerExtensions(self) -> List[str]:  # noqa: N802
        """Polygons are written as GeoPackage, which holds their style too."""
        return ["gpkg"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:  # noqa: N802 - as QGIS names it
        """Polygons are written as GeoPackage, whatever the user's default vector format is."""
        return "gpkg"

    def supportsNonFileBasedOutput(self) -> bool:  # noqa: N802
        """The engine is another process and writes files only."""
        return False
