import json

import pytest
from landsketch.core.errors import SpecError
from landsketch.core.specs import AssessSpec, ClassifySpec, FinetuneSpec, SourceSpec, VectorSpec, spec_from_json


def finetune(tmp_path, **changes):
    values = {"sources": (SourceSpec("optical", "a.tif"),), "labels": VectorSpec("l.gpkg", field="class")}
    return FinetuneSpec(output=str(tmp_path / "m.safetensors"), **(values | changes))


def test_specs_survive_json(tmp_path):
    legend = ({"value": 1, "name": "water", "colour": "#0000ff"},)
    specs = [
        finetune(tmp_path, labels=VectorSpec("l.gpkg", "layer", "class", legend, ("w",)), seed=3),
        ClassifySpec(
            "m",
            (SourceSpec("sar", "b.tif", units="linear", bands=("VH", "VV")),),
            str(tmp_path / "o.tif"),
            mask=VectorSpec("k"),
        ),
        AssessSpec("map.tif", "reference.tif", json=str(tmp_path / "j")),
        AssessSpec("map.tif", VectorSpec("r.gpkg", field="c")),
    ]
    for spec in specs:
        assert spec_from_json(spec.job, json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "deep"}, "mode is 'deep'"),
        ({"sources": ()}, "No image"),
        ({"sources": (SourceSpec("sar", "a"), SourceSpec("sar", "b"))}, "sar, sar"),
        ({"epochs": 0}, "epochs is 0"),
    ],
)
def test_contradictions_are_refused(tmp_path, change, message):
    with pytest.raises(SpecError, match=message):
        finetune(tmp_path, **change)


def test_an_unknown_field_is_named(tmp_path):
    values = finetune(tmp_path).to_json() | {"seeed": 1}
    with pytest.raises(SpecError, match=r"unknown fields: seeed.*Known ones"):
        spec_from_json("finetune", values)


def test_a_wrong_type_is_named(tmp_path):
    with pytest.raises(SpecError, match=r"finetune.seed is 'one'"):
        spec_from_json("finetune", finetune(tmp_path).to_json() | {"seed": "one"})


def test_an_unknown_job_is_named():
    with pytest.raises(SpecError, match="job is 'paint'"):
        spec_from_json("paint", {})


def test_a_radar_sensor_for_an_optical_layer_is_refused():
    with pytest.raises(SpecError, match=r"Sentinel-1 GRD was given for 'a.tif' as optical"):
        SourceSpec("optical", "a.tif", sensor="sentinel-1-grd")


def test_a_missing_output_folder_is_named(tmp_path):
    with pytest.raises(SpecError, match="does not exist"):
        ClassifySpec("m", (SourceSpec("sar", "b.tif"),), str(tmp_path / "none" / "o.tif"))
