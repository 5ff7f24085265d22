"""What the algorithms ask of the engine and make of its results; the engine's process is replaced by a recorder."""

import os

import pytest
from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
)
from qgis.gui import QgsLayerTreeView
from qgis.PyQt import sip


@pytest.fixture
def parameters(scene, labels, tmp_path):
    return {
        "OPTICAL": scene["optical"],
        "SAR": scene["sar"],
        "LABELS": labels,
        "SEED": 5,
        "EPOCHS": 12,
        "DEVICE": "cpu",
        "OUTPUT": str(tmp_path / "model.safetensors"),
        "REPORT": str(tmp_path / "report.html"),
    }


def test_finetune_hands_the_whole_job_over(qgis_processing, provider, parameters, recording_engine, scene):
    import processing

    results = processing.run("landsketch:finetune", parameters)
    (spec,) = recording_engine.specs
    assert [(s.role, s.path, s.bands) for s in spec.sources] == [
        ("optical", scene["optical"], ()),
        ("sar", scene["sar"], ()),
    ]
    assert (spec.mode, spec.seed, spec.epochs, spec.device, spec.checkpoint) == ("frozen", 5, 12, "cpu", "")
    assert spec.labels.class_legend().names == ("Water", "Forest", "Town")
    assert results == {"OUTPUT": parameters["OUTPUT"], "REPORT": parameters["REPORT"]}
    assert type(spec).from_json(spec.to_json()) == spec


def test_finetune_hands_over_how_to_train(qgis_processing, provider, parameters, recording_engine):
    import processing

    given = {"MODE": "last", "LOSS": "focal", "AUGMENTATION": "geometry", "LAYER_DECAY": 0.75, "LORA_RANK": 4}
    processing.run("landsketch:finetune", parameters)
    processing.run("landsketch:finetune", {**parameters, **given})
    processing.run("landsketch:finetune", {**parameters, "AUGMENTATION": "none", "SPARE_IMAGES": True})
    usual, other, sparing = recording_engine.specs
    assert (usual.loss, usual.augmentation, usual.layer_decay, usual.lora_rank) == ("cross-entropy", "turns", 1.0, 8)
    assert (other.mode, other.loss, other.augmentation) == ("last", "focal", "geometry")
    assert (other.layer_decay, other.lora_rank) == (0.75, 4)
    assert (sparing.variations.turns, sparing.variations.sources) == (False, 0.5)
    assert type(sparing).from_json(sparing.to_json()) == sparing


def test_outputs_that_are_not_asked_for_are_not_written(
    provider, parameters, recording_engine, build, scene, legend, tmp_path
):
    import processing

    del parameters["REPORT"]
    processing.run("landsketch:finetune", parameters)
    classified = processing.run(
        "landsketch:classify",
        {"OPTICAL": scene["optical"], "CHECKPOINT": build.checkpoint(legend=legend), "OUTPUT": "TEMPORARY_OUTPUT"},
    )
    finetune, classify = recording_engine.specs
    assert finetune.report == ""
    assert (classify.confidence, classify.probabilities, classify.mask) == ("", "", None)
    assert list(classified) == ["OUTPUT"]


def test_classify_writes_the_style_beside_the_map(provider, recording_engine, build, scene, legend, tmp_path):
    import processing

    results = processing.run(
        "landsketch:classify",
        {
            "OPTICAL": scene["optical"],
            "CHECKPOINT": build.checkpoint(legend=legend),
            "TILE": 128,
            "OUTPUT": str(tmp_path / "map.tif"),
            "CONFIDENCE": str(tmp_path / "confidence.tif"),
            "PROBABILITIES": str(tmp_path / "probabilities.tif"),
        },
    )
    assert recording_engine.specs[0].tile == 128
    assert set(results) == {"OUTPUT", "CONFIDENCE", "PROBABILITIES"}
    assert isinstance(build.layer(results["OUTPUT"]).renderer(), QgsPalettedRasterRenderer)
    assert os.path.isfile(tmp_path / "confidence.qml")


@pytest.fixture
def layer_tree_view(qgis_iface, monkeypatch):
    """A real one in pytest-qgis's interface, whose mock QGIS 3.44 does not take."""
    view = QgsLayerTreeView()
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: view, raising=False)
    yield view
    sip.delete(view)


def test_loaded_layers_are_named_and_styled(
    provider, recording_engine, build, scene, legend, project, layer_tree_view, tmp_path
):
    import processing

    project.addMapLayer(build.layer(scene["optical"], "July"))
    processing.runAndLoadResults(
        "landsketch:classify",
        {
            "OPTICAL": "July",
            "CHECKPOINT": build.checkpoint(legend=legend),
            "OUTPUT": str(tmp_path / "map.tif"),
            "CONFIDENCE": str(tmp_path / "confidence.tif"),
        },
    )
    loaded = {layer.name(): layer for layer in project.mapLayers().values()}
    assert set(loaded) == {"July", "Class map of July", "Confidence of July"}
    assert [entry.label for entry in loaded["Class map of July"].renderer().classes()] == ["Water", "Forest", "Town"]


def test_a_mask_and_a_selection_are_handed_over(provider, recording_engine, build, scene, legend, project, tmp_path):
    import processing

    area = build.memory_layer([("", build.square(1, 1))], name="area")
    processing.run(
        "landsketch:classify",
        {
            "OPTICAL": scene["optical"],
            "MASK": area,
            "CHECKPOINT": build.checkpoint(legend=legend),
            "OUTPUT": str(tmp_path / "map.tif"),
        },
    )
    assert recording_engine.specs[0].mask.path.endswith(".gpkg")


def test_assess_takes_a_raster_or_features(provider, recording_engine, scene, labels, tmp_path):
    import processing

    json = str(tmp_path / "accuracy.json")
    results = processing.run("landsketch:assess", {"MAP": scene["truth"], "REFERENCE": scene["truth"], "JSON": json})
    processing.run("landsketch:assess", {"MAP": scene["truth"], "REFERENCE": labels, "JSON": json})
    raster, features = recording_engine.specs
    assert raster.reference == scene["truth"]
    assert features.reference.class_legend().names == ("Water", "Forest", "Town")
    assert results == {"JSON": json}


def test_an_engine_error_is_raised_with_its_hint(provider, parameters, recording_engine):
    import processing
    from landsketch.core.errors import OutputError

    recording_engine.error = OutputError("The disk is full.", "Free 2 GB.")
    with pytest.raises(QgsProcessingException, match=r"The disk is full\. Free 2 GB\."):
        processing.run("landsketch:finetune", parameters)


def test_landsat_is_told_apart_by_its_bands(provider, recording_engine, build, labels, tmp_path):
    import processing

    names = ("blue", "green", "red", "nir", "swir1", "thermal", "swir2")
    image = build.raster("scene.tif", 7, names, pixel=60)
    output = str(tmp_path / "m.safetensors")
    processing.run(
        "landsketch:finetune", {"OPTICAL": image, "OPTICAL_SENSOR": "Landsat", "LABELS": labels, "OUTPUT": output}
    )
    assert recording_engine.specs[0].sources[0].sensor == "landsat-7"


def test_a_subdataset_goes_to_the_engine_under_gdals_name(provider, algorithm, build, scene, tmp_path, qgis_app):
    from landsketch.algorithms.sources import raster_source
    from osgeo import gdal

    package = str(tmp_path / "two.gpkg")
    one = build.raster("one.tif", 1, dtype="uint8")
    for name in ("first", "second"):
        gdal.Translate(
            package,
            one,
            format="GPKG",
            creationOptions=[f"RASTER_TABLE={name}", f"APPEND_SUBDATASET={'YES' if name == 'second' else 'NO'}"],
        )
    layer = build.layer(f"GPKG:{package}:second")
    assert layer.isValid()
    assert raster_source(layer, "optical", "generic").spec.path == f"GPKG:{package}:second"


class Listener(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.texts = []

    def setProgressText(self, text):
        self.texts.append(text)


def test_progress_text_changes_with_the_stage_not_with_each_tile(qgis_app):
    from landsketch.algorithms.feedback import ProcessingFeedback

    listener = Listener()
    feedback = ProcessingFeedback(listener)
    for tile in range(50):
        feedback.progress(tile / 100, "Reading", 100 - tile)
    feedback.progress(0.5, "Writing", None)
    assert listener.texts == ["Reading (2 min left)", "Writing"]
    assert listener.progress() == 50


def test_a_stage_that_is_logged_as_it_begins_does_not_appear_twice(qgis_app):
    from landsketch.algorithms.feedback import ProcessingFeedback

    listener = QgsProcessingFeedback(False)
    feedback = ProcessingFeedback(listener)
    feedback.log("Fitting the head", "info")
    feedback.progress(0.4, "Fitting the head", 2.0)
    assert listener.textLog().count("Fitting the head") == 1


def test_metrics_and_warnings_reach_the_log(qgis_app):
    from landsketch.algorithms.feedback import ProcessingFeedback

    listener = QgsProcessingFeedback(False)
    feedback = ProcessingFeedback(listener)
    feedback.metric({"epoch": 3, "loss": 0.412345})
    feedback.log("Only two features of class Town.", "warning")
    assert "epoch 3  loss 0.4123" in listener.textLog()
    assert "Only two features of class Town." in listener.textLog()


def test_cancel_is_passed_on_through_a_models_feedback(qgis_app):
    from landsketch.algorithms.feedback import ProcessingFeedback

    outer = QgsProcessingFeedback()
    feedback = ProcessingFeedback(QgsProcessingMultiStepFeedback(2, outer))
    assert not feedback.is_cancelled()
    outer.cancel()
    assert feedback.is_cancelled()


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59, "59 s"), (150, "2 min"), (7800, "2 h 10 min")])
def test_durations_read_as_people_say_them(seconds, text, qgis_app):
    from landsketch.algorithms.feedback import duration

    assert duration(seconds) == text


def test_a_context_without_project_is_enough(algorithm, parameters, recording_engine):
    context = QgsProcessingContext()
    _, succeeded = algorithm("finetune").run(parameters, context, QgsProcessingFeedback())
    assert succeeded
