"""The algorithms chain in the model designer."""

import pytest
from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorLayer,
)

Source = QgsProcessingModelChildParameterSource


@pytest.fixture
def model(provider):
    """Image and labels → fine-tune → classify → assess, with the map and the accuracy as results."""
    result = QgsProcessingModelAlgorithm("First map", "tests")
    for definition in (
        QgsProcessingParameterRasterLayer("image", "Image"),
        QgsProcessingParameterVectorLayer("labels", "Labels"),
    ):
        result.addModelParameter(definition, QgsProcessingModelParameter(definition.name()))
    image, labels = Source.fromModelParameter("image"), Source.fromModelParameter("labels")
    steps = {
        "finetune": {"OPTICAL": image, "LABELS": labels},
        "classify": {"OPTICAL": image, "CHECKPOINT": Source.fromChildOutput("finetune", "OUTPUT")},
        "assess": {"MAP": Source.fromChildOutput("classify", "OUTPUT"), "REFERENCE": labels},
    }
    results = {"classify": ("map", "OUTPUT"), "assess": ("accuracy", "JSON")}
    for name, sources in steps.items():
        child = QgsProcessingModelChildAlgorithm(f"landsketch:{name}")
        child.setChildId(name)
        for definition in child.algorithm().parameterDefinitions():
            if definition.defaultValue() is not None:  # as the designer's dialog fills them in
                child.addParameterSources(definition.name(), [Source.fromStaticValue(definition.defaultValue())])
        for parameter, source in sources.items():
            child.addParameterSources(parameter, [source])
        if name in results:
            title, output = results[name]
            model_output = QgsProcessingModelOutput(title)
            model_output.setChildId(name)
            model_output.setChildOutputName(output)
            child.setModelOutputs({title: model_output})
        result.addChildAlgorithm(child)
    result.updateDestinationParameters()
    return result


def test_the_checkpoint_flows_from_one_step_to_the_next(
    model, recording_engine, scene, labels, context, project, tmp_path
):
    project.addMapLayer(labels.clone())
    (layer,) = project.mapLayers()
    assert model.validate() == (True, [])
    destinations = {"classify:map": str(tmp_path / "map.tif"), "assess:accuracy": str(tmp_path / "accuracy.json")}
    results, succeeded = model.run(
        {"image": scene["optical"], "labels": layer, **destinations}, context, QgsProcessingFeedback()
    )
    assert succeeded
    finetune, classify, assess = recording_engine.specs
    assert classify.checkpoint == finetune.output
    assert assess.map == classify.output == str(tmp_path / "map.tif")
    assert results["assess:accuracy"] == str(tmp_path / "accuracy.json")


def test_the_model_survives_being_saved(model, provider, tmp_path):
    path = str(tmp_path / "first_map.model3")
    assert model.toFile(path)
    loaded = QgsProcessingModelAlgorithm()
    assert loaded.fromFile(path)
    source = loaded.childAlgorithm("classify").parameterSources()["CHECKPOINT"][0]
    assert (source.outputChildId(), source.outputName()) == ("finetune", "OUTPUT")
