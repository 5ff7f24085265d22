"""Choices are taken leniently: by index, and in any case."""

import pytest


@pytest.mark.parametrize("given", ["dB", "db", "DB", " db ", 1, "1"])
def test_choices_are_understood_by_index_and_in_any_case(given):
    from landsketch.algorithms.base import canonical_choice

    assert canonical_choice(given, ["auto", "dB", "linear"]) == "dB"


@pytest.mark.parametrize("given", ["decibel", 7, -1, True])
def test_other_values_are_not_guessed(given):
    from landsketch.algorithms.base import canonical_choice

    assert canonical_choice(given, ["auto", "dB", "linear"]) == given


def test_lenient_choices_reach_the_engine_in_canonical_form(
    algorithm, scene, labels, recording_engine, context, tmp_path
):
    from qgis.core import QgsProcessingFeedback

    parameters = {
        "OPTICAL": scene["optical"],
        "OPTICAL_SENSOR": 2,
        "SAR": scene["sar"],
        "SAR_UNITS": "DB",
        "LABELS": labels,
        "MODE": "Decoder",
        "OUTPUT": str(tmp_path / "m.safetensors"),
    }
    assert algorithm("finetune").checkParameterValues(parameters, context) == (True, "")
    _, succeeded = algorithm("finetune").run(parameters, context, QgsProcessingFeedback())
    assert succeeded
    (spec,) = recording_engine.specs
    assert spec.mode == "decoder"
    assert [(s.role, s.sensor, s.units) for s in spec.sources] == [
        ("optical", "sentinel-2-l2a", "auto"),
        ("sar", "auto", "db"),
    ]


def test_an_unknown_choice_is_named_with_the_known_ones(algorithm, scene, labels, context, tmp_path):
    parameters = {
        "SAR": scene["sar"],
        "SAR_UNITS": "sigma",
        "LABELS": labels,
        "OUTPUT": str(tmp_path / "m.safetensors"),
    }
    valid, message = algorithm("finetune").checkParameterValues(parameters, context)
    assert not valid
    assert message == "Radar units is 'sigma'. Expected one of auto, dB, linear."
