"""The provider and the algorithms' declarations."""

import pytest
from qgis.core import QgsProcessingParameterDefinition, QgsProcessingParameterField, QgsProcessingParameterMapLayer

MAP_OPTIONS = ["SMOOTHING", "SMOOTHING_RADIUS", "POLYGONS_SMALLEST", "POLYGONS_TOLERANCE", "FORMAT"]
COMPUTING = ["DEVICE", "RUNTIME", "PRECISION", "THREADS", "SCHEDULER"]
ENSEMBLE = ["CHECKPOINTS", "WEIGHTS"]
READING = ["OPTICAL_BANDS", "SAR_BANDS", "OPTICAL_UNITS", "OPTICAL_OFFSET"]
TRAINING = ["SPARE_IMAGES", "LOSS", "AUGMENTATION", "LAYER_DECAY", "LORA_RANK"]
API = {
    "sketch": {
        "inputs": [
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "LABELS",
            "CLASS_FIELD",
            "EXTENT",
            "CHECKPOINT",
            "SUGGESTIONS",
            "SEED",
        ],
        "advanced": [*READING, "SIDE", "CACHE", "CACHE_MB", "DEVICE"],
        "outputs": ["OUTPUT", "CONFIDENCE", "MARGIN", "PLACES", "CLASSIFIER"],
        "more results": ["ACCURACY", "ACCURACY_LOW", "ACCURACY_HIGH"],
    },
    "finetune": {
        "inputs": [
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "LABELS",
            "CLASS_FIELD",
            "CHECKPOINT",
            "MODE",
            "NETWORK",
            "SEED",
        ],
        "advanced": [
            "CHECKPOINT_2",
            "SIZE",
            "FUSION",
            *READING,
            "EPOCHS",
            *TRAINING,
            "POOLING",
            "DEVICE",
        ],
        "outputs": ["OUTPUT", "REPORT"],
    },
    "classify": {
        "inputs": [
            "CHECKPOINT",
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "MASK",
            "EXTENT",
        ],
        "advanced": [*ENSEMBLE, *READING, *MAP_OPTIONS, "TILE", *COMPUTING],
        "outputs": ["OUTPUT", "CONFIDENCE", "PROBABILITIES", "POLYGONS", "ENTROPY", "MARGIN"],
    },
    "classifybatch": {
        "inputs": [
            "CHECKPOINT",
            "LAYERS",
            "INPUT_FOLDER",
            "RECURSIVE",
            "SAR_FOLDER",
            "OPTICAL_SENSOR",
            "SAR_UNITS",
            "MASK",
            "EXTENT",
            "CONFIDENCE",
            "PROBABILITIES",
            "MOSAIC",
        ],
        "advanced": [
            *ENSEMBLE,
            *READING,
            "POLYGONS",
            "ENTROPY",
            "MARGIN",
            *MAP_OPTIONS,
            "AGAIN",
            *COMPUTING,
        ],
        "outputs": ["OUTPUT_FOLDER"],
        "more results": ["MANIFEST", "MOSAIC"],
    },
    "assess": {"inputs": ["MAP", "REFERENCE", "REFERENCE_FIELD", "MASK"], "advanced": [], "outputs": ["JSON", "HTML"]},
    "cluster": {
        "inputs": [
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "CLUSTERS",
            "CHECKPOINT",
            "EXTENT",
            "REFERENCE",
            "REFERENCE_FIELD",
            "NAMED",
            "SEED",
        ],
        "advanced": [*READING, "SMOOTHING", "SMOOTHING_RADIUS", "FORMAT", "DEVICE"],
        "outputs": ["OUTPUT", "CLASSIFIER", "HTML", "JSON"],
    },
    "composite": {
        "inputs": ["STACK", "EVERY", "DAYS", "METHOD", "SAR_METHOD", "FILL"],
        "advanced": ["START", "END", "COUNTS"],
        "outputs": ["OUTPUT"],
        "more results": ["IMAGES"],
    },
    "preparesar": {
        "inputs": ["INPUT", "STACK", "SAR_UNITS", "SPECKLE", "WINDOW", "UNITS", "BORDER"],
        "advanced": [
            "LOOKS",
            "BORDER_THRESHOLD",
            "BORDER_REACH",
            "ANGLE_RASTER",
            "ANGLE",
            "REFERENCE_ANGLE",
            "EXPONENT",
        ],
        "outputs": ["OUTPUT", "OUTPUT_STACK"],
        "more results": ["IMAGES"],
    },
    "scale3sigma": {
        "inputs": ["INPUT", "SIGMAS", "RANGE", "TYPE", "MISSING", "OUTLIERS", "STATISTICS"],
        "advanced": ["REACH"],
        "outputs": ["OUTPUT", "STATISTICS_OUTPUT"],
    },
    "coregister": {
        "inputs": ["IMAGE", "IMAGE_KIND", "REFERENCE", "REFERENCE_KIND", "REACH", "LOCAL"],
        "advanced": ["MATCHING"],
        "outputs": ["OUTPUT", "HTML", "JSON"],
    },
    "buildstack": {
        "inputs": ["INPUTS", "FOLDER", "COLLECTION", "CORRECTIONS", "MASKS", "MIN_CLEAR", "DATE_BANDS", "LOAD"],
        "advanced": ["MASK_KIND"],
        "outputs": ["OUTPUT"],
    },
    "finetunescenes": {
        "inputs": [
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "PATCHES",
            "CLASS_FIELD",
            "SIDE",
            "MULTILABEL",
            "CHECKPOINT",
            "MODE",
            "SEED",
        ],
        "advanced": ["SHARE", *READING, "EPOCHS", "DEVICE"],
        "outputs": ["OUTPUT", "REPORT", "JSON"],
    },
    "classifyscenes": {
        "inputs": [
            "CHECKPOINT",
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "PATCHES",
            "SIDE",
            "EXTENT",
        ],
        "advanced": ["THRESHOLD", *READING, "TILE", "DEVICE"],
        "outputs": ["OUTPUT"],
    },
    "labelratio": {
        "inputs": [
            "OPTICAL",
            "OPTICAL_SENSOR",
            "SAR",
            "SAR_UNITS",
            "STACK",
            "EMBEDDING",
            "EMBEDDING_KIND",
            "LABELS",
            "CLASS_FIELD",
            "HELD_OUT",
            "HELD_OUT_FIELD",
            "CHECKPOINT",
            "BASELINE",
            "MODE",
            "SHARES",
            "DRAWS",
            "SEED",
        ],
        "advanced": [*READING, "EPOCHS", "DEVICE"],
        "outputs": ["CSV", "PNG", "HTML"],
    },
    "pretrain": {
        "inputs": [
            "LAYERS",
            "INPUT_FOLDER",
            "SAR_LAYERS",
            "SAR_FOLDER",
            "RECURSIVE",
            "STACK",
            "OPTICAL_SENSOR",
            "SAR_UNITS",
            "SERIES",
            "METHOD",
            "STEPS",
            "SEED",
        ],
        "advanced": [
            *READING,
            "EMBEDDINGS",
            "NETWORK",
            "WINDOW",
            "BATCH",
            "ACCUMULATE",
            "RATE",
            "OPTIONS",
            "DEVICE",
        ],
        "outputs": ["OUTPUT", "REPORT"],
    },
    "importcheckpoint": {
        "inputs": ["FILE", "ENCODER"],
        "advanced": ["SENSOR", "BANDS", "MEAN", "STD", "ADAPT"],
        "outputs": ["OUTPUT"],
    },
    "checkpointinfo": {
        "inputs": ["CHECKPOINT"],
        "advanced": [],
        "outputs": ["HTML"],
        "more results": ["TITLE", "NEEDS", "LEGEND_CLASSES"],
    },
    "embed": {
        "inputs": ["CHECKPOINT", "OPTICAL", "OPTICAL_SENSOR", "SAR", "SAR_UNITS", "STACK", "EXTENT", "STORED"],
        "advanced": [*READING, "TILE", "DEVICE"],
        "outputs": ["OUTPUT"],
    },
    "exportonnx": {
        "inputs": ["CHECKPOINT", "ITEM"],
        "advanced": ["SIDE"],
        "outputs": ["OUTPUT"],
        "more results": ["ITEM"],
    },
    "clearcache": {
        "inputs": ["CACHE", "MEASURE"],
        "advanced": [],
        "outputs": [],
        "more results": ["CACHE_FOLDER", "BLOCKS", "BYTES", "LEFT"],
    },
}
NEED_NO_ENGINE = ("checkpointinfo", "installengine", "clearcache")


def is_advanced(parameter):
    return bool(parameter.flags() & QgsProcessingParameterDefinition.Flag.FlagAdvanced)


@pytest.mark.parametrize("name", API)
def test_parameter_names_are_exactly_the_api(algorithm, name):
    chosen = algorithm(name)
    parameters = chosen.parameterDefinitions()
    plain = [p.name() for p in parameters if not p.isDestination() and not is_advanced(p)]
    assert plain == API[name]["inputs"]
    assert [p.name() for p in parameters if is_advanced(p)] == API[name]["advanced"]
    assert [p.name() for p in parameters if p.isDestination()] == API[name]["outputs"]
    more = API[name].get("more results", [])
    assert [o.name() for o in chosen.outputDefinitions()] == [*API[name]["outputs"], *more]


def test_choices_are_those_of_the_kernel(algorithm):
    from landsketch.core.sensors import EMBEDDING_CHOICES, OPTICAL_CHOICES, SAR_UNIT_CHOICES

    for name in ("finetune", "classify", "classifybatch"):
        chosen = algorithm(name)
        assert chosen.parameterDefinition("OPTICAL_SENSOR").options() == list(OPTICAL_CHOICES)
        assert chosen.parameterDefinition("SAR_UNITS").options() == list(SAR_UNIT_CHOICES)
    for name in ("finetune", "classify"):
        chosen = algorithm(name)
        assert chosen.parameterDefinition("EMBEDDING_KIND").options() == list(EMBEDDING_CHOICES)
    finetune = algorithm("finetune")
    assert finetune.parameterDefinition("MODE").options() == ["frozen", "decoder", "last", "lora", "full"]


def test_choices_are_those_of_the_engine(algorithm):
    from landsketch.algorithms import computing, map_options
    from landsketch.core import specs

    assert list(computing.RUNTIME_CHOICES.values()) == list(specs.RUNTIMES)
    assert list(map_options.SMOOTHING_CHOICES.values()) == ["", *specs.SMOOTHINGS]
    assert list(map_options.FORMAT_CHOICES.values()) == list(specs.FORMATS)
    for name in ("classify", "classifybatch"):
        assert algorithm(name).parameterDefinition("PRECISION").options() == list(specs.PRECISIONS)


def test_defaults_of_the_map_are_those_of_the_engine(algorithm):
    from landsketch.core.specs import PolygonsSpec, SmoothingSpec

    chosen = algorithm("classify")
    polygons = PolygonsSpec("x")
    assert chosen.parameterDefinition("POLYGONS_SMALLEST").defaultValue() == polygons.smallest
    assert chosen.parameterDefinition("POLYGONS_TOLERANCE").defaultValue() == polygons.tolerance
    assert chosen.parameterDefinition("SMOOTHING_RADIUS").defaultValue() == SmoothingSpec("bayes").radius


def test_optional_outputs_are_off_by_default(algorithm):
    classify = algorithm("classify")
    for name in ("CONFIDENCE", "PROBABILITIES", "POLYGONS", "ENTROPY", "MARGIN"):
        assert not classify.parameterDefinition(name).createByDefault()


def test_every_parameter_has_help_and_appears_in_it(provider):
    for algorithm in provider.algorithms():
        for parameter in algorithm.parameterDefinitions():
            assert len(parameter.help()) > 20, f"{algorithm.id()} {parameter.name()}"
            assert parameter.help() in algorithm.shortHelpString()
        assert algorithm.helpUrl().startswith("https://")
        assert algorithm.shortDescription().endswith(".")


def test_no_list_of_fields_belongs_to_a_layer_that_may_be_a_raster(provider):
    # QGIS up to 3.44 and beyond crashes when the dialog opens and that layer is a raster.
    for algorithm in provider.algorithms():
        for field in algorithm.parameterDefinitions():
            if isinstance(field, QgsProcessingParameterField):
                parent = algorithm.parameterDefinition(field.parentLayerParameterName())
                assert not isinstance(parent, QgsProcessingParameterMapLayer), (algorithm.name(), field.name())


def test_provider_lists_its_algorithms_without_an_environment(provider, algorithm, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_PYTHON", "/no/such/python")
    assert {a.name() for a in provider.algorithms()} == {*API, "installengine"}
    for name in set(API) - set(NEED_NO_ENGINE):
        possible, reason = algorithm(name).canExecute()
        assert not possible
        assert "/no/such/python" in reason
    for name in NEED_NO_ENGINE:
        assert algorithm(name).canExecute() == (True, "")


def test_algorithms_can_run_with_an_environment(algorithm, monkeypatch):
    from landsketch.bridge import environment

    monkeypatch.setattr(environment, "missing_reason", lambda: "")
    assert algorithm("classify").canExecute() == (True, "")


def test_installing_hands_the_log_and_cancel_to_the_installer(algorithm, monkeypatch):
    from landsketch.bridge import environment
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    def build(on_line, cancelled):
        on_line("Downloading torch")
        return f"/engine/python cancelled={cancelled()}"

    monkeypatch.setattr(environment, "build", build)
    feedback = QgsProcessingFeedback()
    results, succeeded = algorithm("installengine").run({}, QgsProcessingContext(), feedback)
    assert succeeded
    assert results["PYTHON"] == "/engine/python cancelled=False"
    assert "Downloading torch" in feedback.textLog()


def test_nothing_heavy_is_imported_into_qgis(provider):
    import sys

    heavy = {"torch", "rasterio", "sklearn", "onnxruntime", "pyogrio", "shapely"}
    assert not heavy & set(sys.modules)
