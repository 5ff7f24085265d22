"""The label-ratio study from QGIS: what the engine is asked, and what is refused beforehand."""

import csv
import json
from pathlib import Path

import pytest
from landsketch.algorithms.label_ratio import read_shares
from landsketch.core.errors import SpecError


@pytest.fixture
def study_engine(recording_engine):
    """The recorder, which studies too."""

    def study(spec, feedback):
        for path in spec.outputs():
            Path(path).write_text("", encoding="utf-8")
        return {"csv": spec.csv, "png": spec.png, "html": spec.html, "summary": []}

    recording_engine._labelratio = study
    return recording_engine


def run(**parameters):
    import processing

    return processing.run("landsketch:labelratio", parameters)


def test_the_whole_study_is_handed_over(provider, study_engine, scene, labels, build, tmp_path):
    outputs = {"CSV": str(tmp_path / "s.csv"), "PNG": str(tmp_path / "s.png"), "HTML": str(tmp_path / "s.html")}
    checkpoint = build.checkpoint(roles=("optical", "sar"))
    results = run(
        OPTICAL=scene["optical"], SAR=scene["sar"], LABELS=labels, HELD_OUT=labels, CHECKPOINT=checkpoint,
        BASELINE=False, MODE="decoder", SHARES="10, 50;100 %", DRAWS=3, SEED=2, EPOCHS=9, DEVICE="cpu", **outputs,
    )  # fmt: skip
    (spec,) = study_engine.specs
    assert [source.role for source in spec.sources] == ["optical", "sar"]
    assert spec.labels.class_legend().names == spec.held_out.class_legend().names == ("Water", "Forest", "Town")
    assert (spec.checkpoint, spec.baseline, spec.mode, spec.shares) == (checkpoint, False, "decoder", (0.1, 0.5, 1.0))
    assert (spec.draws, spec.seed, spec.epochs, spec.device) == (3, 2, 9, "cpu")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == outputs


def test_by_default_the_shares_are_those_of_the_seeds(provider, study_engine, scene, labels, tmp_path):
    run(OPTICAL=scene["optical"], LABELS=labels, CSV=str(tmp_path / "s.csv"))
    (spec,) = study_engine.specs
    assert spec.shares == (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
    assert (spec.held_out, spec.checkpoint, spec.baseline, spec.mode, spec.draws) == (None, "", True, "frozen", 5)


@pytest.mark.parametrize("text", ["", "much", "0, 10", "10, 101", "nan"])
def test_shares_that_are_none_are_refused(text):
    with pytest.raises(SpecError, match="Expected percentages"):
        read_shares(text)


def test_what_cannot_be_studied_is_named_beforehand(algorithm, context, scene, labels, build, tmp_path):
    good = {"OPTICAL": scene["optical"], "LABELS": labels, "CSV": str(tmp_path / "s.csv")}

    def check(**changes):
        return algorithm("labelratio").checkParameterValues({**good, **changes}, context)[1]

    assert check() == ""
    assert check(OPTICAL=None).startswith("No image was given.")
    assert check(SHARES="all").startswith("The shares of the labels are 'all'.")
    one = build.memory_layer([("water", wkt) for _, wkt in build.stripe_squares()])
    assert "have one class" in check(LABELS=one, CLASS_FIELD="kind")
    assert "have one class" in check(HELD_OUT=one, HELD_OUT_FIELD="kind")
    assert "wrong file type" in check(CSV=str(tmp_path / "s.txt"))
    assert "does not exist" in check(CHECKPOINT=str(tmp_path / "none.safetensors"))


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_draws_the_curves(provider, scene, labels, tmp_path):
    results = run(
        OPTICAL=scene["optical"], LABELS=labels, SHARES="50, 100", DRAWS=2, DEVICE="cpu", CSV=str(tmp_path / "s.csv"),
        PNG=str(tmp_path / "s.png"), HTML=str(tmp_path / "s.html"),
    )  # fmt: skip
    with open(results["CSV"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["share"] for row in rows] == ["0.5", "1.0", "0.5"]
    assert Path(results["PNG"]).read_bytes()[:4] == b"\x89PNG"
    assert "In numbers" in Path(results["HTML"]).read_text(encoding="utf-8")
