"""Pretraining from QGIS: which images belong together, which are a series, what is refused, what the engine gets."""

import json
import os
import shutil
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback


@pytest.fixture
def pretrain_engine(recording_engine, build):
    """The recorder, which pretrains too."""

    def pretrain(spec, feedback):
        build.written(spec.output, build.card_of())
        if spec.report:
            Path(spec.report).write_text("<html></html>", encoding="utf-8")
        return {"checkpoint": spec.output, "report": spec.report, "history": []}

    recording_engine._pretrain = pretrain
    return recording_engine


@pytest.fixture
def images(scene, build, tmp_path):
    """Copies images of the scene under other names: optical, radar, or elsewhere."""

    def copy(folder, **names):
        (tmp_path / folder).mkdir(exist_ok=True)
        for kind, some in names.items():
            for name in some:
                shutil.copy(scene[kind], tmp_path / folder / name)
        return str(tmp_path / folder)

    return copy


@pytest.fixture
def check(algorithm, scene, context, tmp_path):
    """Checks a pretraining with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {"LAYERS": [scene["optical"]], "OUTPUT": str(tmp_path / "encoder.safetensors")}

    def run(**changes):
        valid, message = algorithm("pretrain").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


class Log(QgsProcessingFeedback):
    """Keeps what is said."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def pushInfo(self, info):
        self.lines.append(info)

    def pushWarning(self, warning):
        self.lines.append(warning)


@pytest.fixture
def run(provider, tmp_path):
    """Runs a pretraining; returns what was said."""
    import processing

    def running(**parameters):
        log = Log()
        output = {"OUTPUT": str(tmp_path / "encoder.safetensors")}
        processing.run("landsketch:pretrain", {**output, **parameters}, feedback=log)
        return "\n".join(log.lines)

    return running


def names(spec):
    """Per scene its series and the names of its files."""
    return [(s.series, *(os.path.basename(source.path) for source in s.sources)) for s in spec.scenes]


# --- What the engine is asked -----------------------------------------------------------------------------------------


def test_the_whole_job_is_handed_over(run, pretrain_engine, scene, tmp_path):
    report = str(tmp_path / "report.html")
    log = run(
        LAYERS=[scene["optical"]],
        SAR_LAYERS=[scene["sar"]],
        METHOD="3dmae",
        NETWORK="nano",
        STEPS=50,
        WINDOW=32,
        BATCH=4,
        ACCUMULATE=2,
        RATE=0.001,
        OPTIONS="strategy=RC, ratio = 0.8, by_modality=false, patch=8",
        SEED=7,
        SAR_UNITS="dB",
        DEVICE="cpu",
        REPORT=report,
    )
    (spec,) = pretrain_engine.specs
    assert names(spec) == [("", "s2_l2a_20240713.tif", "s1_rtc_20240712.tif")]
    assert spec.scenes[0].sources[1].units == "db"
    assert (spec.method, spec.network, spec.steps, spec.window, spec.batch) == ("3dmae", "nano", 50, 32, 4)
    assert (spec.accumulate, spec.rate, spec.seed, spec.device, spec.report) == (2, 0.001, 7, "cpu", report)
    assert spec.options == {"strategy": "RC", "ratio": 0.8, "by_modality": False, "patch": 8}
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert "Scenes on their own: s2_l2a_20240713 + s1_rtc_20240712 (2024-07-13)." in log
    assert "An encoder for" in log


def test_defaults_are_left_to_the_method(run, pretrain_engine, scene):
    run(LAYERS=[scene["optical"]])
    (spec,) = pretrain_engine.specs
    assert (spec.method, spec.network, spec.window, spec.batch, spec.rate) == ("3dmae", "", 0, 0, 0.0)
    assert (spec.report, spec.options) == ("", {})


def test_images_of_one_place_are_a_series_by_date(run, pretrain_engine, images):
    folder = images("dates", optical=["b_20240901.tif", "c_2024-06-15.tif", "a_20240713.tif"])
    log = run(INPUT_FOLDER=folder, METHOD="STMIM")
    (spec,) = pretrain_engine.specs
    assert [name for _, name in names(spec)] == ["c_2024-06-15.tif", "a_20240713.tif", "b_20240901.tif"]
    assert len({series for series, _ in names(spec)}) == 1
    assert spec.scenes[0].series
    assert "A time series of 3 dates: c_2024-06-15.tif (2024-06-15), a_20240713.tif (2024-07-13), b_20240901.tif" in log


def test_a_date_may_be_in_the_tags_and_its_lack_is_told(run, pretrain_engine, images):
    from osgeo import gdal

    folder = Path(images("dates", optical=["late.tif", "early.tif", "unknown.tif"]))
    for name, date in (("late.tif", "2024:09:01 10:00:00"), ("early.tif", "2024:03:01 10:00:00")):
        dataset = gdal.Open(str(folder / name), gdal.GA_Update)
        dataset.SetMetadataItem("ACQUISITION_DATE", date)
        dataset.FlushCache()
    log = run(INPUT_FOLDER=str(folder))
    assert [name for _, name in names(pretrain_engine.specs[0])] == ["unknown.tif", "early.tif", "late.tif"]
    assert "Not all of them say when they were taken" in log


def test_images_of_other_places_stand_alone_and_so_do_all_on_request(run, pretrain_engine, images, build):
    folder = images("dates", optical=["a_20240601.tif", "b_20240701.tif"])
    away = build.raster("away_20240601.tif", 10, build.bands, west=900_000)
    run(INPUT_FOLDER=folder, LAYERS=[away])
    run(INPUT_FOLDER=folder, SERIES=False)
    first, second = pretrain_engine.specs
    series = {name: series for series, name in names(first)}
    assert series["away_20240601.tif"] == ""
    assert series["a_20240601.tif"] == series["b_20240701.tif"] != ""
    assert {series for series, _ in names(second)} == {""}


def test_radar_goes_with_optical_by_name_then_by_place_and_date(run, pretrain_engine, images):
    optical = images("s2", optical=["x.tif", "s2_20240601.tif", "s2_20240801.tif"])
    radar = images("s1", sar=["x.tif", "s1_20240603.tif", "s1_20240729.tif", "s1_20250101.tif"])
    run(INPUT_FOLDER=optical, SAR_FOLDER=radar, SERIES=False)
    found = {entry[1:] for entry in names(pretrain_engine.specs[0])}
    assert found == {
        ("x.tif", "x.tif"),
        ("s2_20240601.tif", "s1_20240603.tif"),
        ("s2_20240801.tif", "s1_20240729.tif"),
        ("s1_20250101.tif",),
    }


def test_scenes_without_what_the_method_needs_are_left_out_and_named(run, pretrain_engine, scene, build):
    away = build.raster("away_20240601.tif", 10, build.bands, west=900_000)
    log = run(LAYERS=[scene["optical"], away], SAR_LAYERS=[scene["sar"]], METHOD="Dual-SimCLR")
    assert [entry[1:] for entry in names(pretrain_engine.specs[0])] == [("s2_l2a_20240713.tif", "s1_rtc_20240712.tif")]
    assert "Left out, since Dual-SimCLR learns from an optical and a radar image together: away_20240601." in log


def test_radar_alone_is_enough(run, pretrain_engine, scene):
    run(SAR_LAYERS=[scene["sar"]])
    assert names(pretrain_engine.specs[0]) == [("", "s1_rtc_20240712.tif")]


def test_embeddings_go_with_the_images_they_cover(run, pretrain_engine, scene, build):
    features = build.raster("embedding.tif", 8, dtype="float32", pixel=60)
    run(LAYERS=[scene["optical"]], EMBEDDINGS=[features], METHOD="Distillation")
    (spec,) = pretrain_engine.specs
    assert [source.role for source in spec.scenes[0].sources] == ["optical", "embedding"]


# --- What is refused --------------------------------------------------------------------------------------------------


def test_what_cannot_be_done_is_named_beforehand(check, build, scene, images, tmp_path):
    assert check() == ""
    assert check(LAYERS=[]).startswith("No image was given.")
    assert check(METHOD="MMA").startswith("MMA learns from an optical and a radar image together; no scene has both.")
    assert check(METHOD="MMA", SAR_LAYERS=[scene["sar"]]) == ""
    assert check(METHOD="Distillation").startswith("Distillation learns from images and embeddings together")
    assert "SimCLR does not know the network 'nano'. Choose one of resnet18" in check(METHOD="SimCLR", NETWORK="nano")
    assert "Expected one of 3DMAE, STMIM" in check(METHOD="alchemy")
    assert "'ratio' is not of the form name=value" in check(OPTIONS="ratio")
    assert "'ratio' is given twice" in check(OPTIONS="ratio=1, ratio=2")
    assert "wrong file type" in check(OUTPUT=str(tmp_path / "encoder.pt"))
    features = build.raster("embedding.tif", 8, dtype="float32", pixel=60)
    assert check(EMBEDDINGS=[features]).startswith("3DMAE does not learn from embeddings.")


def test_a_doubt_about_pairs_is_named(check, images, scene):
    radar = images("s1", sar=["one.tif", "other.tif"])
    message = check(SAR_FOLDER=radar)
    assert message.startswith("'s2_l2a_20240713' could belong to each of one.tif, other.tif.")
    assert "the same file name" in message


def test_options_of_every_kind(provider):
    from landsketch.algorithms.pretrain import read_options

    assert read_options("") == {}
    assert read_options(" a=1 , b=0.5,c=geometry and blur,, d = TRUE") == {
        "a": 1, "b": 0.5, "c": "geometry and blur", "d": True
    }  # fmt: skip


def test_the_help_says_when_to_choose_which_method(algorithm):
    from landsketch.core.pretraining_methods import METHODS

    text = algorithm("pretrain").shortHelpString()
    for method in METHODS.values():
        assert f"<b>{method.title}</b>" in text
    assert "small batches" in text


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_pretrains_and_refuses_unknown_options(run, scene, algorithm, tmp_path):
    from landsketch.core.card_files import read_card

    settings = {
        "LAYERS": [scene["optical"]],
        "SAR_LAYERS": [scene["sar"]],
        "NETWORK": "nano",
        "WINDOW": 32,
        "BATCH": 2,
        "STEPS": 4,
        "OPTIONS": "decoder_dim=32, decoder_depth=1",
    }
    with pytest.raises(QgsProcessingException, match="has no options ratoi"):
        run(**settings | {"OPTIONS": "ratoi=0.5"})
    assert not (tmp_path / "encoder.safetensors").exists()
    run(**settings)
    assert read_card(str(tmp_path / "encoder.safetensors")).provenance["method"] == "pretrained: 3DMAE"
