"""Everything that a map can be beyond a class raster of the whole image: what the engine is asked, what is refused."""

import json
import os

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsSettings,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.gui import QgsLayerTreeView
from qgis.PyQt import sip

INSIDE = "600100,600500,5199500,5199900"


@pytest.fixture
def no_preferences(qgis_app):
    QgsSettings().remove("landsketch")
    yield
    QgsSettings().remove("landsketch")


@pytest.fixture
def parameters(scene, build, legend, tmp_path):
    return {
        "OPTICAL": scene["optical"],
        "CHECKPOINT": build.checkpoint(legend=legend),
        "OUTPUT": str(tmp_path / "map.tif"),
    }


@pytest.fixture
def asked(algorithm, parameters, recording_engine, context, no_preferences):
    """Runs classify with more parameters and returns the spec that the engine got."""

    def run(**more):
        chosen = algorithm("classify")
        given = {**parameters, **more}
        assert chosen.checkParameterValues(given, context) == (True, "")
        _, succeeded = chosen.run(given, context, QgsProcessingFeedback())
        assert succeeded
        spec = recording_engine.specs[-1]
        assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
        return spec

    return run


@pytest.fixture
def refused(algorithm, parameters, context):
    """Checks classify with more parameters and returns the sentence; '' where all is well."""

    def check(**more):
        valid, message = algorithm("classify").checkParameterValues({**parameters, **more}, context)
        assert valid == (message == "")
        return message

    return check


# --- What the engine is asked -----------------------------------------------------------------------------------------


def test_without_choices_the_engine_gets_its_own_defaults(asked, parameters):
    from landsketch.core.specs import ClassifySpec

    spec = asked()
    assert spec == ClassifySpec(parameters["CHECKPOINT"], spec.sources, parameters["OUTPUT"])


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("RUNTIME", "PyTorch", "runtime", "torch"),
        ("RUNTIME", "onnx runtime", "runtime", "onnxruntime"),
        ("RUNTIME", 3, "runtime", "openvino"),
        ("PRECISION", "bf16", "precision", "bf16"),
        ("THREADS", 3, "threads", 3),
        ("SCHEDULER", " tcp://10.0.0.1:8786 ", "scheduler", "tcp://10.0.0.1:8786"),
        ("FORMAT", "tiled geotiff", "format", "gtiff"),
        ("DEVICE", "cpu", "device", "cpu"),
        ("TILE", 128, "tile", 128),
    ],
)
def test_a_choice_reaches_the_engine(asked, name, value, field, expected):
    assert getattr(asked(**{name: value}), field) == expected


def test_smoothing_and_its_radius_reach_the_engine(asked):
    from landsketch.core.specs import SmoothingSpec

    assert asked(SMOOTHING="majority").smoothing == SmoothingSpec("majority", 2)
    assert asked(SMOOTHING="bayesian", SMOOTHING_RADIUS=7).smoothing == SmoothingSpec("bayes", 7)
    assert asked(SMOOTHING="none", SMOOTHING_RADIUS=7).smoothing is None


def test_rasters_and_polygons_reach_the_engine(asked, tmp_path):
    from landsketch.core.specs import PolygonsSpec

    paths = {name: str(tmp_path / f"{name}.tif") for name in ("entropy", "margin")}
    polygons = str(tmp_path / "map.GPKG")
    spec = asked(
        ENTROPY=paths["entropy"],
        MARGIN=paths["margin"],
        POLYGONS=polygons,
        POLYGONS_SMALLEST=9,
        POLYGONS_TOLERANCE=0.5,
    )
    assert (spec.entropy, spec.margin) == (paths["entropy"], paths["margin"])
    assert spec.polygons == PolygonsSpec(polygons, 9, 0.5)
    assert asked(POLYGONS=polygons).polygons == PolygonsSpec(polygons)


def test_temporary_polygons_are_a_geopackage_whatever_the_users_default_is(asked):
    QgsSettings().setValue("Processing/DefaultOutputVectorExt", "shp")
    try:
        assert asked(POLYGONS="TEMPORARY_OUTPUT").polygons.path.endswith(".gpkg")
    finally:
        QgsSettings().remove("Processing/DefaultOutputVectorExt")


def test_all_results_are_named(asked, algorithm, parameters, context, tmp_path):
    import processing

    kinds = {"CONFIDENCE": "tif", "PROBABILITIES": "tif", "ENTROPY": "tif", "MARGIN": "tif", "POLYGONS": "gpkg"}
    outputs = {name: str(tmp_path / f"{name}.{ending}") for name, ending in kinds.items()}
    assert processing.run("landsketch:classify", {**parameters, **outputs}) == {
        "OUTPUT": parameters["OUTPUT"],
        **outputs,
    }


def test_an_onnx_checkpoint_classifies(asked, build, legend, tmp_path):
    from landsketch.core.cards import METADATA_KEY

    def field(number, content):
        return bytes([number << 3 | 2]) + varint(len(content)) + content

    def varint(value):
        more, rest = value & 0x7F, value >> 7
        return bytes([more | 0x80]) + varint(rest) if rest else bytes([more])

    card = json.dumps(build.card_of(legend=legend).to_json()).encode()
    entry = field(1, METADATA_KEY.encode()) + field(2, card)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x08" + field(7, b"") + field(8, b"\x10\x11") + field(14, entry))
    assert asked(CHECKPOINT=str(path)).checkpoint == str(path)


def test_file_dialogs_offer_both_kinds_of_checkpoints(algorithm):
    for name in ("classify", "classifybatch"):
        assert algorithm(name).parameterDefinition("CHECKPOINT").fileFilter() == (
            "LandSketch checkpoints (*.safetensors *.onnx)"
        )


# --- Preferences ------------------------------------------------------------------------------------------------------


def test_preferences_count_where_nothing_is_stated_and_a_parameter_wins(asked):
    from landsketch.algorithms import preferences

    preferences.save("cpu", 2, "onnxruntime", "fp32")
    spec = asked()
    assert (spec.device, spec.threads, spec.runtime, spec.precision) == ("cpu", 2, "onnxruntime", "fp32")
    spec = asked(DEVICE="auto", THREADS=0, RUNTIME="auto", PRECISION="bf16")
    assert (spec.device, spec.threads, spec.runtime, spec.precision) == ("auto", 0, "auto", "bf16")


# --- The rectangle ----------------------------------------------------------------------------------------------------


def test_a_rectangle_keeps_its_coordinate_system(asked):
    from landsketch.core.specs import ExtentSpec

    assert asked(EXTENT=INSIDE + " [EPSG:32632]").extent == ExtentSpec(
        (600_100.0, 5_199_500.0, 600_500.0, 5_199_900.0), "EPSG:32632"
    )
    degrees = QgsReferencedRectangle(QgsRectangle(10.3, 46.9, 10.32, 46.95), QgsCoordinateReferenceSystem("EPSG:4326"))
    assert asked(EXTENT=degrees).extent == ExtentSpec((10.3, 46.9, 10.32, 46.95), "EPSG:4326")


def test_a_rectangle_can_be_that_of_a_layer(asked, scene, build, project):
    layer = build.layer(scene["sar"], "Radar")
    project.addMapLayer(layer)
    assert asked(EXTENT=layer.id()).extent.bounds == (600_000.0, 5_199_040.0, 600_960.0, 5_200_000.0)
    assert asked(EXTENT=scene["sar"]).extent.crs == "EPSG:32632"


def test_bare_numbers_are_in_the_projects_coordinates_or_else_in_the_images(asked):
    assert asked(EXTENT=INSIDE).extent.crs == "EPSG:32632"
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    assert asked(EXTENT="10.3,10.32,46.9,46.95").extent.crs == "EPSG:4326"


def test_a_coordinate_system_without_a_code_goes_as_its_definition(asked):
    system = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=46.9 +lon_0=10.3 +datum=WGS84 +units=m")
    assert system.authid() == ""
    spec = asked(EXTENT=QgsReferencedRectangle(QgsRectangle(-9000, -9000, 9000, 9000), system))
    assert "Lambert Azimuthal Equal Area" in spec.extent.crs


def test_a_rectangle_off_the_image_is_named(refused):
    assert refused(EXTENT=INSIDE + " [EPSG:32632]") == ""
    message = refused(EXTENT="700000,700100,5199500,5199900 [EPSG:32632]")
    assert message == (
        "The rectangle (700000.00,5199500.00 : 700100.00,5199900.00, EPSG:32632) does not lie on 's2_l2a_20240713'. "
        "Choose one that overlaps the image."
    )
    assert "does not lie on" in refused(EXTENT="-80,-79,10,11 [EPSG:4326]")
    # It shares a border with the image, and no pixel.
    assert "does not lie on" in refused(EXTENT="600960,601000,5199500,5199900 [EPSG:32632]")


def test_what_is_no_rectangle_is_named(refused):
    for value in ("rubbish", "1,1,3,4 [EPSG:32632]"):
        assert refused(EXTENT=value).startswith(f"Only inside this rectangle '{value}' is no rectangle. Expected")


def test_an_image_without_coordinate_system_takes_no_rectangle(refused, build):
    bare = build.raster("bare.tif", 10, build.bands, epsg=None)
    assert refused(OPTICAL=bare) == ""
    assert refused(OPTICAL=bare, EXTENT=INSIDE).startswith("Layer 'bare' has no coordinate system, so no rectangle")


def test_rectangle_and_polygons_go_together(asked, build):
    spec = asked(EXTENT=INSIDE + " [EPSG:32632]", MASK=build.memory_layer([("", build.square(12, 12))]))
    assert spec.extent is not None
    assert spec.mask.path.endswith(".gpkg")


# --- What else is refused ---------------------------------------------------------------------------------------------


def test_polygons_go_to_a_geopackage(refused, tmp_path):
    path = str(tmp_path / "map.shp")
    assert refused(POLYGONS=path) == f"Polygons '{path}' has the wrong file type. Its name should end in .gpkg."
    assert refused(POLYGONS=str(tmp_path / "none" / "map.gpkg")).startswith("The folder")
    assert refused(POLYGONS="TEMPORARY_OUTPUT") == ""


def test_outputs_differ_from_each_other(refused, tmp_path):
    same = str(tmp_path / "doubt.tif")
    assert "Margin" in refused(ENTROPY=same, MARGIN=same)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMOOTHING_RADIUS", 0),
        ("SMOOTHING_RADIUS", 33),
        ("THREADS", -1),
        ("POLYGONS_SMALLEST", -1),
        ("POLYGONS_TOLERANCE", -0.1),
        ("SMOOTHING", "median"),
        ("RUNTIME", "tensorflow"),
        ("FORMAT", "png"),
        ("PRECISION", "int8"),
    ],
)
def test_values_out_of_range_are_refused(refused, name, value):
    assert refused(**{name: value})


# --- Many images ------------------------------------------------------------------------------------------------------


def test_a_batch_takes_the_same_options(algorithm, parameters, recording_engine, context, no_preferences, tmp_path):
    from landsketch.core.specs import ExtentSpec, PolygonsSpec, SmoothingSpec

    recording_engine._classifybatch = lambda spec, feedback: {"outputs": []}
    folder = tmp_path / "maps"
    chosen = algorithm("classifybatch")
    given = {
        "CHECKPOINT": parameters["CHECKPOINT"],
        "LAYERS": [parameters["OPTICAL"]],
        "OUTPUT_FOLDER": str(folder),
        "MOSAIC": False,
        "EXTENT": INSIDE + " [EPSG:32632]",
        "ENTROPY": True,
        "MARGIN": True,
        "POLYGONS": True,
        "POLYGONS_SMALLEST": 1,
        "SMOOTHING": "majority",
        "FORMAT": "tiled GeoTIFF",
        "RUNTIME": "PyTorch",
        "PRECISION": "fp32",
        "THREADS": 1,
        "SCHEDULER": "tcp://10.0.0.1:8786",
    }
    assert chosen.checkParameterValues(given, context) == (True, "")
    chosen.run(given, context, QgsProcessingFeedback())
    (job,) = recording_engine.specs[0].jobs
    stem = str(folder / "s2_l2a_20240713")
    assert (job.entropy, job.margin) == (stem + "-entropy.tif", stem + "-margin.tif")
    assert job.polygons == PolygonsSpec(stem + ".gpkg", 1)
    assert job.extent == ExtentSpec((600_100.0, 5_199_500.0, 600_500.0, 5_199_900.0), "EPSG:32632")
    assert job.smoothing == SmoothingSpec("majority")
    assert (job.format, job.runtime, job.precision, job.threads) == ("gtiff", "torch", "fp32", 1)
    assert job.scheduler == "tcp://10.0.0.1:8786"


def test_a_rectangle_has_to_lie_on_one_image_at_least(algorithm, parameters, build, context, tmp_path):
    images = [parameters["OPTICAL"], build.raster("s2_away.tif", 10, build.bands, west=900_000)]
    given = {"CHECKPOINT": parameters["CHECKPOINT"], "LAYERS": images, "OUTPUT_FOLDER": str(tmp_path / "maps")}

    def check(extent):
        return algorithm("classifybatch").checkParameterValues({**given, "EXTENT": extent}, context)[1]

    assert check("900000,900100,5199900,5200000 [EPSG:32632]") == ""
    assert "does not lie on" in check("800000,800100,5199900,5200000 [EPSG:32632]")


# --- A cluster --------------------------------------------------------------------------------------------------------


def test_a_clusters_workers_find_the_polygons_beside_the_outputs(asked, build, recording_engine, tmp_path):
    seen = []
    classify = recording_engine._classify

    def look(spec, feedback):
        seen.append((os.path.dirname(spec.mask.path), os.path.isfile(spec.mask.path)))
        return classify(spec, feedback)

    recording_engine._classify = look
    mask = build.memory_layer([("", build.square(12, 12))])
    asked(MASK=mask, SCHEDULER="tcp://10.0.0.1:8786")
    assert seen == [(str(tmp_path), True)]
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".landsketch")]
    asked(MASK=mask)
    assert seen[1][0] != str(tmp_path)


# --- What is loaded ---------------------------------------------------------------------------------------------------


@pytest.fixture
def layer_tree_view(qgis_iface, monkeypatch):
    """A real one in pytest-qgis's interface, whose mock QGIS 3.44 does not take."""
    view = QgsLayerTreeView()
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: view, raising=False)
    yield view
    sip.delete(view)


@pytest.mark.parametrize("temporary", [False, True])
def test_loaded_polygons_and_rasters_are_named_and_styled(
    recording_engine, parameters, provider, build, legend, project, layer_tree_view, tmp_path, temporary
):
    import processing

    project.addMapLayer(build.layer(parameters["OPTICAL"], "July"))
    outputs = {"POLYGONS": "map.gpkg", "ENTROPY": "entropy.tif", "MARGIN": "margin.tif"}
    outputs = {name: "TEMPORARY_OUTPUT" if temporary else str(tmp_path / file) for name, file in outputs.items()}
    processing.runAndLoadResults("landsketch:classify", {**parameters, **outputs, "OPTICAL": "July"})
    loaded = {layer.name(): layer for layer in project.mapLayers().values()}
    assert set(loaded) == {"July", "Class map of July", "Polygons of July", "Entropy of July", "Margin of July"}
    polygons = loaded["Polygons of July"].renderer()
    assert isinstance(polygons, QgsCategorizedSymbolRenderer)
    # As text: QGIS 3.22 reads all values of categories so, and compares them so.
    assert [(str(c.value()), c.label(), c.symbol().color().name()) for c in polygons.categories()] == [
        (str(c.value), c.name, c.colour) for c in legend
    ]
    for name in ("Entropy of July", "Margin of July"):
        assert isinstance(loaded[name].renderer(), QgsSingleBandPseudoColorRenderer)


# --- The real engine --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_everything_at_once_with_the_real_engine(
    provider, real_engine, scene, labels, build, project, layer_tree_view, no_preferences, tmp_path
):
    import processing
    from osgeo import gdal

    checkpoint = processing.run(
        "landsketch:finetune",
        {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": str(tmp_path / "m.safetensors")},
    )["OUTPUT"]
    outputs = {
        "OUTPUT": "map.tif",
        "CONFIDENCE": "confidence.tif",
        "PROBABILITIES": "probabilities.tif",
        "ENTROPY": "entropy.tif",
        "MARGIN": "margin.tif",
        "POLYGONS": "map.gpkg",
    }
    outputs = {name: str(tmp_path / file) for name, file in outputs.items()}
    feedback = QgsProcessingFeedback(False)
    west, south = 600_000 + 10 * 10, 5_200_000 - 10 * 80
    results = processing.runAndLoadResults(
        "landsketch:classify",
        {
            "OPTICAL": scene["optical"],
            "CHECKPOINT": checkpoint,
            "EXTENT": f"{west},{west + 800},{south},{south + 600} [EPSG:32632]",
            "MASK": build.memory_layer([("", build.square(0, 0, 90))]),
            "SMOOTHING": "Bayesian",
            "SMOOTHING_RADIUS": 1,
            "POLYGONS_SMALLEST": 20,
            "FORMAT": "tiled GeoTIFF",
            "RUNTIME": "PyTorch",
            "PRECISION": "fp32",
            "THREADS": 1,
            **outputs,
        },
        feedback=feedback,
    )
    assert results == outputs
    rasters = {name: gdal.Open(path).ReadAsArray() for name, path in outputs.items() if path.endswith(".tif")}
    truth = build.truth()[20:80, 10:90] + 1
    assert (rasters["OUTPUT"] == truth).mean() > 0.9
    assert rasters["PROBABILITIES"].shape == (3, 60, 80)
    # Of the probabilities, whatever they are: what is sure of its class has a large margin and little entropy.
    assert ((rasters["MARGIN"] >= 0) & (rasters["MARGIN"] <= rasters["CONFIDENCE"])).all()
    assert ((rasters["ENTROPY"] >= 0) & (rasters["ENTROPY"] <= 1)).all()
    assert rasters["MARGIN"][rasters["ENTROPY"] < 0.05].min() > rasters["MARGIN"].min()

    loaded = {layer.name(): layer for layer in project.mapLayers().values()}
    image = "s2_l2a_20240713"
    kinds = ("Class map", "Confidence", "Probabilities", "Entropy", "Margin", "Polygons")
    assert {f"{kind} of {image}" for kind in kinds} <= set(loaded)
    polygons = loaded[f"Polygons of {image}"]
    renderer = polygons.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert [(c.label(), c.symbol().color().name()) for c in renderer.categories()] == [
        (name.title(), build.colours[name]) for name in build.names
    ]
    assert renderer.classAttribute() in polygons.fields().names()
    features = list(polygons.getFeatures())
    assert {feature["class"] for feature in features} == {"Water", "Forest", "Town"}
    assert sum(feature["pixels"] for feature in features) == 60 * 80
    assert min(feature["pixels"] for feature in features) >= 20
