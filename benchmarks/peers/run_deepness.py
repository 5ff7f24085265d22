"""Deepness: the processor behind the button of its panel, on the entire layer, without a window.

It makes polygons in memory of its class map. Unless the job asks for them, they are left out, and the clock stops at
the class map in memory; no file is counted in either case. Smoothing and threshold are off; all else is as its panel
has it.
"""

from __future__ import annotations

import functools
import time
from typing import Any

import onnxruntime
from contender import Classify, Job, compete
from deepness.common.channels_mapping import ChannelsMapping, ImageChannelStandaloneBand
from deepness.common.processing_overlap import ProcessingOverlap, ProcessingOverlapOptions
from deepness.common.processing_parameters.map_processing_parameters import ProcessedAreaType
from deepness.common.processing_parameters.segmentation_parameters import SegmentationParameters
from deepness.processing.map_processor.map_processing_result import MapProcessingResultSuccess
from deepness.processing.map_processor.map_processor_segmentation import MapProcessorSegmentation
from deepness.processing.models.segmentor import Segmentor
from osgeo import gdal
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer

APPLICATION = QgsApplication([], False)


class Processor(MapProcessorSegmentation):
    """Deepness's processor, with polygons only where they are wanted."""

    polygons = False

    def _create_vlayer_from_mask_for_base_extent(self, mask_img: Any) -> Any:
        return super()._create_vlayer_from_mask_for_base_extent(mask_img) if self.polygons else None


def prepare(job: Job) -> Classify:
    gdal.UseExceptions()
    APPLICATION.initQgis()
    # Deepness hands its session options over under a name that ONNX Runtime ignores; the threads are set here.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    onnxruntime.InferenceSession = functools.partial(onnxruntime.InferenceSession, sess_options=options)
    model = Segmentor(job["graph"])

    def classify(raster: str, output: str) -> float:
        layer = QgsRasterLayer(raster, "raster")
        QgsProject.instance().addMapLayer(layer)
        processor = Processor(rlayer=layer, vlayer_mask=None, map_canvas=None, params=parameters(job, model, layer))
        processor.polygons = job["polygons"]
        started = time.perf_counter()
        processor.run()
        seconds = time.perf_counter() - started
        if not isinstance(processor._processing_result, MapProcessingResultSuccess):
            raise RuntimeError("Deepness's run failed; it logged why.")
        write(processor.get_result_img()[0], raster, output)
        return seconds

    return classify


def parameters(job: Job, model: Segmentor, layer: QgsRasterLayer) -> SegmentationParameters:
    """What the panel would give: 15 % overlap, one tile per batch, no cache on disk."""
    bands = ChannelsMapping()
    bands.set_image_channels(
        [ImageChannelStandaloneBand(i, layer.bandName(i)) for i in range(1, 1 + layer.bandCount())]
    )
    bands.set_number_of_model_inputs_same_as_image_channels()
    return SegmentationParameters(
        resolution_cm_per_px=100 * layer.rasterUnitsPerPixelX(),
        processed_area_type=ProcessedAreaType.ENTIRE_LAYER,
        tile_size_px=job["tile"],
        batch_size=1,
        local_cache=False,
        input_layer_id=layer.id(),
        mask_layer_id=None,
        processing_overlap=ProcessingOverlap(
            ProcessingOverlapOptions.OVERLAP_IN_PERCENT, percentage=100 * job["overlap"]
        ),
        input_channels_mapping=bands,
        postprocessing_dilate_erode_size=0,
        model=model,
        pixel_classification__probability_threshold=0.0,
    )


def write(classes: Any, raster: str, output: str) -> None:
    """Writes (y, x) classes on the raster's grid for the comparison; not part of the time."""
    target = gdal.GetDriverByName("GTiff").Create(output, classes.shape[1], classes.shape[0], 1, gdal.GDT_Byte)
    target.SetGeoTransform(gdal.Open(raster).GetGeoTransform())
    target.GetRasterBand(1).WriteArray(classes)


if __name__ == "__main__":
    compete(prepare)
