"""A small true scene in real files, and the plugin's provider in a real QGIS without a window."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

gdal.UseExceptions()
pytest.register_assert_rewrite("checkpoint_parts", "dock_parts", "options_parts")

from landsketch.core.cards import METADATA_KEY, Card, Normalisation, SourceCard  # noqa: E402
from landsketch.core.legend import ClassLegend, LegendClass  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt import sip  # noqa: E402

SIDE = 96
WEST, NORTH, PIXEL = 600_000, 5_200_000, 10
S2_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
SPECTRA = {
    "water": (700, 600, 400, 350, 300, 300, 250, 220, 120, 90),
    "forest": (300, 500, 300, 800, 2000, 2500, 2700, 2900, 1400, 700),
    "town": (1200, 1300, 1400, 1500, 1700, 1800, 1900, 2000, 2300, 2100),
}
BACKSCATTER = {"water": (-20, -27), "forest": (-8, -13), "town": (-3, -9)}
COLOURS = {"water": "#0044cc", "forest": "#117711", "town": "#cc2211"}


def write_raster(path, values, descriptions=(), west=WEST, north=NORTH, pixel=PIXEL, epsg=32632, no_data=None):
    """Writes (band, y, x) values as a GeoTIFF."""
    kind = {"uint16": gdal.GDT_UInt16, "uint8": gdal.GDT_Byte, "float32": gdal.GDT_Float32}[str(values.dtype)]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), values.shape[2], values.shape[1], values.shape[0], kind)
    dataset.SetGeoTransform([west, pixel, 0, north, 0, -pixel])
    if epsg:
        system = osr.SpatialReference()
        system.ImportFromEPSG(epsg)
        dataset.SetProjection(system.ExportToWkt())
    for index, band in enumerate(values):
        dataset.GetRasterBand(index + 1).WriteArray(band)
        if index < len(descriptions):
            dataset.GetRasterBand(index + 1).SetDescription(descriptions[index])
        if no_data is not None:
            dataset.GetRasterBand(index + 1).SetNoDataValue(no_data)
    dataset.FlushCache()
    return str(path)


def truth():
    """Three stripes: water in the west, forest, town in the east; (y, x) index into SPECTRA."""
    return np.repeat(np.arange(3), SIDE // 3)[None, :].repeat(SIDE, axis=0)


@pytest.fixture(scope="session")
def scene(tmp_path_factory):
    """Paths of a Sentinel-2-like and a Sentinel-1-like raster of the same stripes."""
    folder = tmp_path_factory.mktemp("scene")
    random = np.random.default_rng(7)
    spectra = np.array(list(SPECTRA.values()), float)[truth()].transpose(2, 0, 1)
    optical = spectra * random.normal(1, 0.05, spectra.shape)
    radar = np.array(list(BACKSCATTER.values()), float)[truth()].transpose(2, 0, 1) + random.normal(
        0, 1.5, (2, SIDE, SIDE)
    )
    return {
        "optical": write_raster(folder / "s2_l2a_20240713.tif", optical.astype("uint16"), S2_BANDS, no_data=0),
        "sar": write_raster(folder / "s1_rtc_20240712.tif", radar.astype("float32"), ("VV", "VH")),
        "truth": write_raster(folder / "truth.tif", (truth()[None] + 1).astype("uint8")),
        "folder": folder,
    }


def square(column, row, side=4):
    """WKT of a square with its corner at a pixel."""
    x0, y1 = WEST + column * PIXEL, NORTH - row * PIXEL
    x1, y0 = x0 + side * PIXEL, y1 - side * PIXEL
    return f"Polygon(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))"


def stripe_squares(step=18):
    """(class index, WKT) of squares spread over the three stripes."""
    rows = range(4, SIDE - 8, step)
    return [
        (index, square(index * SIDE // 3 + 6 + 10 * (i % 2), row)) for index in range(3) for i, row in enumerate(rows)
    ]


def memory_layer(features, field="kind:string", crs="EPSG:32632", geometry="Polygon", name="labels"):
    """A memory layer; `features` are pairs of the class attribute and WKT."""
    layer = QgsVectorLayer(f"{geometry}?crs={crs}&field={field}", name, "memory")
    layer.dataProvider().addFeatures([feature(layer, value, wkt) for value, wkt in features])
    layer.updateExtents()
    return layer


def feature(layer, value, wkt):
    """A feature with one attribute."""
    row = QgsFeature(layer.fields())
    row.setAttribute(0, value)
    if wkt:
        row.setGeometry(QgsGeometry.fromWkt(wkt))
    return row


def categorise(layer, attribute, categories):
    """Styles a layer by category; `categories` are (value, label, colour) or (value, label, colour, shown)."""
    renderer = QgsCategorizedSymbolRenderer(attribute, [])
    for value, label, colour, *shown in categories:
        symbol = QgsFillSymbol.createSimple({"color": colour})
        renderer.addCategory(QgsRendererCategory(value, symbol, label, *shown))
    layer.setRenderer(renderer)
    return layer


def dispose(thing):
    """Deletes a QGIS object now: pytest drops the last test's fixtures after QGIS has been shut down, which crashes."""
    if not sip.isdeleted(thing):
        sip.delete(thing)


@pytest.fixture
def labels(qgis_app):
    """A memory layer with squares in the three stripes, styled by category."""
    names = list(SPECTRA)
    layer = memory_layer([(names[index], wkt) for index, wkt in stripe_squares()])
    yield categorise(layer, "kind", [(name, name.title(), COLOURS[name]) for name in names])
    dispose(layer)


@pytest.fixture
def project(qgis_app):
    """QGIS's project, empty before and after."""
    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture
def context(project):
    """A Processing context on the project."""
    result = QgsProcessingContext()
    result.setProject(project)
    yield result
    dispose(result)


@pytest.fixture(scope="module")
def provider(qgis_app, qgis_processing):
    """The plugin's provider, registered as the plugin does it."""
    from landsketch.plugin import LandSketchPlugin

    plugin = LandSketchPlugin(None)
    plugin.initProcessing()
    yield QgsApplication.processingRegistry().providerById("landsketch")
    plugin.unload()


@pytest.fixture
def algorithm(provider):
    """Makes an algorithm by its name."""
    return lambda name: QgsApplication.processingRegistry().createAlgorithmById(f"landsketch:{name}")


@pytest.fixture(scope="session")
def legend():
    """A legend whose values are neither consecutive nor sorted by name."""
    return ClassLegend(
        tuple(LegendClass(v, n.title(), COLOURS[n]) for v, n in ((2, "water"), (5, "forest"), (9, "town")))
    )


def card_of(bands=S2_BANDS, roles=("optical",), legend=None, sensor="sentinel-2-l2a"):
    """A card for Sentinel-2, Sentinel-1 or both."""
    known = {"optical": (sensor, bands, "dn"), "sar": ("sentinel-1-rtc", ("VV", "VH"), "db")}
    sources = tuple(
        SourceCard(
            role,
            *known[role],
            10.0,
            Normalisation("z-score", (0.0,) * len(known[role][1]), (1.0,) * len(known[role][1])),
        )
        for role in roles
    )
    return Card({"name": "test"}, sources, 256, 32, legend)


def write_checkpoint(path, card):
    """Writes a safetensors file with a card (or JSON in its place) and one small tensor."""
    header = {
        "__metadata__": {METADATA_KEY: json.dumps(card.to_json() if isinstance(card, Card) else card)},
        "weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
    }
    text = json.dumps(header).encode()
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
    return str(path)


def write_styled_polygons(path, legend):
    """Writes one square per stripe with the legend as default style inside the GeoPackage, as the engine does."""
    from landsketch.core.mapping.polygon_style import add_default_style, style_of

    squares = [(value, square(index * SIDE // 3, 0)) for index, value in enumerate(legend.values)]
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "classes"
    layer = memory_layer(squares, "value:integer")
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsCoordinateTransformContext(), options)
    add_default_style(str(path), "classes", "geom", style_of(legend, "value"))


class RecordingEngine:
    """Stands for the engine's process where a test is about what QGIS sends and does with the files."""

    def __init__(self, legend):
        self.legend = legend
        self.specs = []
        self.error = None

    def run(self, spec, feedback):
        self.specs.append(spec)
        if self.error:
            raise self.error
        return getattr(self, f"_{spec.job}")(spec, feedback)

    def close(self):
        pass

    def _finetune(self, spec, feedback):
        feedback.progress(0.5, "Training", 90.0)
        roles = tuple(source.role for source in spec.sources)
        write_checkpoint(spec.output, card_of(roles=roles, legend=self.legend))
        if spec.report:
            Path(spec.report).write_text("<html></html>", encoding="utf-8")
        return {"checkpoint": spec.output, "report": spec.report, "metrics": {}}

    def _classify(self, spec, feedback):
        values = np.array(self.legend.values, "uint8")[truth()][None]
        write_raster(spec.output, values, no_data=0)
        for path in spec.rasters()[1:]:
            write_raster(path, np.full((1, SIDE, SIDE), 0.8, "float32"))
        if spec.polygons:
            write_styled_polygons(spec.polygons.path, self.legend)
        return {"output": spec.output, "confidence": spec.confidence, "probabilities": spec.probabilities}

    def _assess(self, spec, feedback):
        for path in filter(None, (spec.json, spec.html)):
            Path(path).write_text("{}", encoding="utf-8")
        return {"json": spec.json, "html": spec.html, "metrics": {}}

    def _importcheckpoint(self, spec, feedback):
        feedback.log("The engine begins.")
        write_checkpoint(spec.output, card_of())
        return {"checkpoint": spec.output}

    def _embed(self, spec, feedback):
        write_raster(spec.output, np.random.default_rng(3).normal(0, 1, (4, SIDE // 4, SIDE // 4)).astype("float32"))
        return {"output": spec.output}

    def _exportonnx(self, spec, feedback):
        for path in spec.outputs():
            Path(path).write_text("{}", encoding="utf-8")
        return {"output": spec.output}


@pytest.fixture
def recording_engine(monkeypatch, legend):
    """Replaces the engine's process by one that records specs and writes small files at once."""
    from landsketch.bridge import client, environment

    engine = RecordingEngine(legend)
    monkeypatch.setattr(client, "engine", lambda: engine)
    monkeypatch.setattr(environment, "missing_reason", lambda: "")
    return engine


@pytest.fixture(autouse=True)
def where(monkeypatch, tmp_path_factory):
    """A history of training runs of the test's own."""
    from landsketch.bridge import history

    folder = str(tmp_path_factory.mktemp("history") / "runs")
    monkeypatch.setattr(history, "folder", lambda: folder)
    return folder


@pytest.fixture
def real_engine():
    """Skips where there is no engine environment."""
    from landsketch.bridge import environment

    reason = environment.missing_reason()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def build(tmp_path):
    """The helpers above, for tests that need variants of the scene."""

    class Build:
        write_raster = staticmethod(write_raster)
        memory_layer = staticmethod(memory_layer)
        feature = staticmethod(feature)
        categorise = staticmethod(categorise)
        square = staticmethod(square)
        stripe_squares = staticmethod(stripe_squares)
        card_of = staticmethod(card_of)
        bands = S2_BANDS
        colours = COLOURS
        names = tuple(SPECTRA)
        side = SIDE
        truth = staticmethod(truth)
        replace = staticmethod(replace)

        @staticmethod
        def checkpoint(name="model.safetensors", **card):
            return write_checkpoint(tmp_path / name, card_of(**card))

        @staticmethod
        def written(name, card):
            return write_checkpoint(tmp_path / name, card)

        @staticmethod
        def raster(name, bands, descriptions=(), dtype="uint16", **place):
            values = np.full((bands, 16, 16), 100).astype(dtype)
            values[:, 0, 0] = 90
            return write_raster(tmp_path / name, values, descriptions, **place)

        @staticmethod
        def layer(path, name="image"):
            return QgsRasterLayer(str(path), name)

    return Build
