"""Importing, showing and exporting checkpoints, and embedding with them; a recorder stands for the engine."""

import json
import os
import re
from pathlib import Path

import pytest
from qgis.core import (
    QgsMultiBandColorRenderer,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsSingleBandGrayRenderer,
)

GALILEO = "galileo-nano"


@pytest.fixture
def check(algorithm, context):
    """Checks an algorithm's parameters; returns the sentence, '' where all is well."""

    def check(name, **parameters):
        valid, message = algorithm(name).checkParameterValues(parameters, context)
        assert valid == (message == "")
        return message

    return check


@pytest.fixture
def run(provider, algorithm, context):
    """Runs an algorithm; returns its results and its log."""

    def run(name, **parameters):
        feedback = QgsProcessingFeedback(False)
        results, succeeded = algorithm(name).run(parameters, context, feedback)
        assert succeeded, feedback.textLog()
        return results, feedback.textLog()

    return run


@pytest.fixture
def published(tmp_path):
    """A file by the name of a published one; the fake engine does not look into it."""
    path = tmp_path / "encoder.pth"
    path.write_bytes(b"PK")
    return str(path)


def varint(value):
    """A number of protobuf: seven bits a byte, the lowest first."""
    parts = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([part | 0x80 for part in parts[:-1]] + parts[-1:])


def field(number, content):
    """A field of protobuf: a number, or bytes."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def port(name, *shape):
    """An input or output of a network, of 32-bit floats."""
    sizes = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, 1) + field(2, sizes)))


def write_onnx(path, metadata, graph=b""):
    """Writes an ONNX file whose network has no nodes."""
    entries = b"".join(field(14, field(1, key.encode()) + field(2, text.encode())) for key, text in metadata.items())
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, b"") + entries)
    return str(path)


@pytest.fixture
def network(tmp_path, legend, build):
    """An ONNX file with a card."""
    return write_onnx(
        tmp_path / "network.onnx", {"landsketch_card": json.dumps(build.card_of(legend=legend).to_json())}
    )


@pytest.fixture
def foreign(tmp_path):
    """A network of others with Deepness' keys: three bands, two classes."""
    keys = {"model_type": "Segmentor", "class_names": {"0": "road", "1": "roof"}, "resolution": 10}
    graph = field(11, port("image", 1, 3, 512, 512)) + field(12, port("scores", 1, 2, 512, 512))
    return write_onnx(tmp_path / "deepness.onnx", {key: json.dumps(value) for key, value in keys.items()}, graph)


def entry_of(encoder_id):
    from landsketch.core.encoder_registry import encoder

    return encoder(encoder_id)


# Importing


def test_a_file_is_handed_over_to_be_recognised(run, recording_engine, published, tmp_path):
    output = str(tmp_path / "out.safetensors")
    results, log = run("importcheckpoint", FILE=published, OUTPUT=output)
    (spec,) = recording_engine.specs
    assert (spec.path, spec.encoder, spec.output, spec.adapt) == (published, "", output, False)
    assert (spec.sensor, spec.bands, spec.mean, spec.std) == ("", (), (), ())
    assert results == {"OUTPUT": output}
    assert "Downloading" not in log
    assert "It needs a Sentinel-2 layer with the bands B02, B03" in log
    assert type(spec).from_json(spec.to_json()) == spec


def test_an_encoder_is_chosen_by_its_id_or_its_place(run, algorithm, recording_engine, published, tmp_path):
    output = str(tmp_path / "out.safetensors")
    chosen = algorithm("importcheckpoint")  # owns what it returns
    options = chosen.parameterDefinition("ENCODER").options()
    for value in (GALILEO, "Galileo-Nano", options.index(GALILEO)):
        run("importcheckpoint", FILE=published, ENCODER=value, OUTPUT=output)
        assert recording_engine.specs[-1].encoder == GALILEO


def test_every_encoder_can_be_chosen(check, published, tmp_path):
    from landsketch.core.encoder_registry import encoders

    for entry in encoders():
        output = str(tmp_path / "out.safetensors")
        assert check("importcheckpoint", ENCODER=entry.id, FILE=published, OUTPUT=output) == ""


def test_before_a_download_begins_the_log_says_size_licence_and_address(run, recording_engine, tmp_path):
    _, log = run("importcheckpoint", ENCODER=GALILEO, OUTPUT=str(tmp_path / "out.safetensors"))
    entry = entry_of(GALILEO)
    before = log[: log.index("The engine begins.")]
    assert f"{entry.size_mb} MB" in before
    assert entry.licence in before
    assert entry.url in before
    assert recording_engine.specs[0].path == ""


def test_the_help_says_size_licence_and_address_of_every_encoder(algorithm):
    from landsketch.core.encoder_registry import encoders

    lines = re.findall(r"<li>(.*?)</li>", algorithm("importcheckpoint").shortHelpString())
    assert len(lines) == len(encoders()) > 20
    for line, entry in zip(lines, encoders()):
        for text in (entry.id, entry.title, f"{entry.size_mb} MB", entry.licence, entry.url):
            assert text.replace("&", "&amp;") in line


def test_nothing_is_downloaded_unless_an_encoder_is_chosen(check, tmp_path):
    message = check("importcheckpoint", OUTPUT=str(tmp_path / "out.safetensors"))
    assert message == "Neither a file nor an encoder was given. Choose the file, or the encoder to download."


def test_an_encoder_behind_a_page_is_downloaded_by_a_person(check, published, tmp_path):
    from landsketch.core.encoder_registry import encoders

    entry = next(entry for entry in encoders() if entry.manual)
    output = str(tmp_path / "out.safetensors")
    message = check("importcheckpoint", ENCODER=entry.id, OUTPUT=output)
    assert message.endswith(f"Download it from {entry.url}, and choose the file.")
    assert check("importcheckpoint", ENCODER=entry.id, FILE=published, OUTPUT=output) == ""


def test_files_that_cannot_be_imported(check, build, tmp_path):
    output = str(tmp_path / "out.safetensors")
    missing = str(tmp_path / "missing.pth")
    assert check("importcheckpoint", FILE=missing, OUTPUT=output).startswith(f"Checkpoint '{missing}' does not exist.")
    text = tmp_path / "weights.txt"
    text.write_text("none", encoding="utf-8")
    assert "Choose one that ends in .pt, .pth, .ckpt, .safetensors." in check(
        "importcheckpoint", FILE=str(text), OUTPUT=output
    )
    own = build.checkpoint("own.safetensors")
    assert "is a checkpoint of LandSketch already" in check("importcheckpoint", FILE=own, OUTPUT=output)
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes((2).to_bytes(8, "little") + b"{}")
    assert check("importcheckpoint", FILE=str(foreign), OUTPUT=output) == ""
    assert "would overwrite" in check("importcheckpoint", FILE=str(foreign), OUTPUT=str(foreign))


def test_the_input_of_an_unknown_file_can_be_stated(run, recording_engine, published, tmp_path):
    run(
        "importcheckpoint",
        FILE=published,
        SENSOR="sentinel-2 l1c",
        BANDS="red, B03,b2",
        MEAN="1300, 1340.5, 1395",
        STD="1000,900,920",
        ADAPT=True,
        OUTPUT=str(tmp_path / "out.safetensors"),
    )
    (spec,) = recording_engine.specs
    assert (spec.sensor, spec.bands, spec.adapt) == ("sentinel-2-l1c", ("B04", "B03", "B02"), True)
    assert (spec.mean, spec.std) == ((1300.0, 1340.5, 1395.0), (1000.0, 900.0, 920.0))


def test_sensors_are_taken_by_their_id_too(run, recording_engine, published, tmp_path):
    run("importcheckpoint", FILE=published, SENSOR="landsat-8", OUTPUT=str(tmp_path / "out.safetensors"))
    assert recording_engine.specs[0].sensor == "landsat-8"


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"SENSOR": "Sentinel-2 L2A", "BANDS": "B02,B99"}, "'B99' is no band of Sentinel-2 L2A."),
        ({"ENCODER": "ssl4eo-s12-resnet50-s2-moco", "BANDS": "B02,VV"}, "'VV' is no band of Sentinel-2"),
        ({"BANDS": "B02,B02"}, "A band is named twice"),
        ({"BANDS": "B02", "MEAN": "1"}, "belong together. Give both."),
        ({"BANDS": "B02", "MEAN": "1,2", "STD": "1,2"}, "Give as many of each."),
        ({"MEAN": "1,2", "STD": "1,2"}, "Give as many of each."),
        ({"BANDS": "B02", "MEAN": "1;2", "STD": "1"}, "could not convert string to float: '1;2'"),
        ({"BANDS": "B02", "MEAN": "1", "STD": "0"}, "must be greater than zero"),
        ({"BANDS": "B02", "MEAN": "nan", "STD": "1"}, "is no number"),
        ({"SENSOR": "Sentinel-9"}, "Sensor of the input is 'Sentinel-9'. Expected one of auto, Sentinel-2 L1C"),
        ({"ENCODER": "resnet"}, "Encoder is 'resnet'. Expected one of recognise by the file"),
    ],
)
def test_what_is_wrong_with_the_stated_input_is_named(check, published, tmp_path, stated, message):
    assert message in check("importcheckpoint", FILE=published, OUTPUT=str(tmp_path / "out.safetensors"), **stated)


# Showing


def test_a_checkpoint_is_shown_without_an_engine(run, build, legend, tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_PYTHON", "/no/such/python")
    page = tmp_path / "page.html"
    results, log = run(
        "checkpointinfo", CHECKPOINT=build.checkpoint("fields.safetensors", legend=legend), HTML=str(page)
    )
    assert results["TITLE"].startswith("A classifier of Sentinel-2 L2A images at 10 m with 3 classes: Water")
    assert results["NEEDS"].startswith("It needs a Sentinel-2 layer with the bands B02, B03")
    assert results["LEGEND_CLASSES"] == 3
    assert results["HTML"] == str(page)
    assert results["TITLE"] in log
    text = page.read_text(encoding="utf-8")
    assert "fields.safetensors" in text
    assert "Forest" in text
    assert os.listdir(tmp_path).count("page.html") == 1


def test_an_encoder_and_a_network_are_shown_too(run, build, network):
    encoder, _ = run("checkpointinfo", CHECKPOINT=build.checkpoint("encoder.safetensors"))
    assert encoder["LEGEND_CLASSES"] == 0
    assert "HTML" not in encoder
    exported, _ = run("checkpointinfo", CHECKPOINT=network)
    assert exported["LEGEND_CLASSES"] == 3


def test_networks_of_others_are_checked_and_shown_as_well(check, run, foreign, scene, build, tmp_path):
    parameters = {"CHECKPOINT": foreign, "OUTPUT": str(tmp_path / "map.tif")}
    assert check("classify", **parameters, OPTICAL=scene["optical"]) == ""
    two = build.raster("two.tif", 2)
    assert "has 2 bands; checkpoint 'deepness.onnx' takes 3" in check("classify", **parameters, OPTICAL=two)
    assert "needs an optical layer" in check("classify", **parameters, SAR=scene["sar"])
    results, _ = run("checkpointinfo", CHECKPOINT=foreign)
    assert results["TITLE"].endswith("with 2 classes: road, roof.")
    assert results["NEEDS"] == "It needs an optical layer with 3 bands, taken in the order of the file."


def test_processing_lists_the_page_among_its_results(algorithm):
    chosen = algorithm("checkpointinfo")  # owns what it returns
    kinds = {output.name(): output.type() for output in chosen.outputDefinitions()}
    assert kinds["HTML"] == "outputHtml"


def test_files_without_a_card_are_named(check, published, tmp_path):
    assert check("checkpointinfo", CHECKPOINT=published) == (
        f"'{published}' holds published weights, which do not say what they need. Make a checkpoint of it first, with "
        "'Import an encoder'."
    )
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes((2).to_bytes(8, "little") + b"{}")
    assert "a published encoder is imported first" in check("checkpointinfo", CHECKPOINT=str(foreign))
    assert "does not exist" in check("checkpointinfo", CHECKPOINT=str(tmp_path / "none.safetensors"))


def test_a_page_that_cannot_be_written_leaves_nothing_behind(algorithm, context, build, tmp_path):
    folder = tmp_path / "pages"
    (folder / "page.html").mkdir(parents=True)
    parameters = {"CHECKPOINT": build.checkpoint("encoder.safetensors"), "HTML": str(folder / "page.html")}
    with pytest.raises(QgsProcessingException, match="cannot be written"):
        algorithm("checkpointinfo").run(parameters, context, QgsProcessingFeedback(False), {}, False)
    assert os.listdir(folder) == ["page.html"]


# Embedding


@pytest.fixture
def features(scene, build, tmp_path):
    return {
        "OPTICAL": scene["optical"],
        "CHECKPOINT": build.checkpoint("encoder.safetensors"),
        "OUTPUT": str(tmp_path / "features.tif"),
    }


def test_embed_hands_the_whole_job_over(run, recording_engine, features, scene):
    results, _ = run("embed", **features, STORED="float16", TILE=128, DEVICE="cpu", EXTENT=scene["optical"])
    (spec,) = recording_engine.specs
    assert [(source.role, source.path) for source in spec.sources] == [("optical", scene["optical"])]
    assert (spec.stored, spec.tile, spec.device, spec.checkpoint) == ("float16", 128, "cpu", features["CHECKPOINT"])
    assert spec.extent.crs == "EPSG:32632"
    assert results == {"OUTPUT": features["OUTPUT"]}
    assert type(spec).from_json(spec.to_json()) == spec


def test_features_open_with_the_first_three_as_colours(run, recording_engine, features, build):
    run("embed", **features)
    assert recording_engine.specs[0].stored == "int8"
    renderer = build.layer(features["OUTPUT"]).renderer()
    assert isinstance(renderer, QgsMultiBandColorRenderer)
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (1, 2, 3)
    stretch = renderer.redContrastEnhancement()
    # Standard normal values: 2 and 98 % lie at about ∓ 2.05.
    assert -2.6 < stretch.minimumValue() < -1.5
    assert 1.5 < stretch.maximumValue() < 2.6


@pytest.mark.parametrize(("known", "stored", "warned"), [(0, "int8", 1), (0, "float16", 0), (1, "int8", 0)])
def test_who_sees_signed_numbers_wrongly_is_told(run, recording_engine, features, monkeypatch, known, stored, warned):
    from landsketch.algorithms import embed

    monkeypatch.setattr(embed, "shows_int8", lambda: bool(known))
    _, log = run("embed", **features, STORED=stored)
    assert ("does not know signed 8-bit numbers" in log) == bool(warned)


def test_few_features_open_in_grey(build, tmp_path, qgis_app):
    from landsketch.algorithms.styling import style_features

    path = build.raster("two.tif", 2, dtype="float32")
    assert style_features(path)
    assert isinstance(build.layer(path).renderer(), QgsSingleBandGrayRenderer)


def test_embed_takes_classifiers_and_published_files(check, features, build, legend, published):
    assert check("embed", **features) == ""
    assert check("embed", **{**features, "CHECKPOINT": published}) == ""
    assert check("embed", **{**features, "CHECKPOINT": build.checkpoint("map.safetensors", legend=legend)}) == ""


def test_embed_checks_encoder_image_rectangle_and_output(check, features, build, network):
    three = build.raster("s2_l2a_small.tif", 3, ("B02", "B03", "B04"))
    assert "missing: B05, B06" in check("embed", **{**features, "OPTICAL": three})
    assert "is not a checkpoint" in check("embed", **{**features, "CHECKPOINT": network})
    away = "900000,900100,5000000,5000100 [EPSG:32632]"
    assert "does not lie on 's2_l2a_20240713'" in check("embed", **features, EXTENT=away)
    assert "would overwrite" in check("embed", **{**features, "OUTPUT": features["OPTICAL"]})
    assert check("embed", **{**features, "CHECKPOINT": ""}) == "'Encoder' is missing. Choose one."
    (optical,) = build.card_of().sources
    on_embeddings = build.replace(build.card_of(), sources=(build.replace(optical, role="embedding"),))
    message = check("embed", **{**features, "CHECKPOINT": build.written("on.safetensors", on_embeddings)})
    assert "has no encoder: it was fine-tuned on embeddings." in message


# Exporting


def test_export_writes_network_and_item(run, recording_engine, build, legend, tmp_path):
    checkpoint, output = build.checkpoint(legend=legend), str(tmp_path / "fields.onnx")
    item = str(tmp_path / "fields.stac.json")
    results, _ = run("exportonnx", CHECKPOINT=checkpoint, OUTPUT=output, SIDE=512)
    alone, _ = run("exportonnx", CHECKPOINT=checkpoint, OUTPUT=output, ITEM=False)
    first, second = recording_engine.specs
    assert (first.checkpoint, first.output, first.item, first.side) == (checkpoint, output, item, 512)
    assert (second.item, second.side) == ("", 0)
    assert results == {"OUTPUT": output, "ITEM": item}
    assert alone == {"OUTPUT": output}
    assert Path(item).is_file()


def test_only_checkpoints_that_classify_are_exported(check, build, legend, network, published, tmp_path):
    output = str(tmp_path / "out.onnx")
    assert "knows no classes" in check("exportonnx", CHECKPOINT=build.checkpoint("encoder.safetensors"), OUTPUT=output)
    assert "is an ONNX network already" in check("exportonnx", CHECKPOINT=network, OUTPUT=output)
    assert "know no classes" in check("exportonnx", CHECKPOINT=published, OUTPUT=output)
    tuned = build.checkpoint("tuned.safetensors", legend=legend)
    assert check("exportonnx", CHECKPOINT=tuned, OUTPUT=output) == ""
    assert "should end in .onnx" in check("exportonnx", CHECKPOINT=tuned, OUTPUT=str(tmp_path / "out.pb"))


def test_file_dialogs_offer_what_can_be_read(algorithm):
    def endings(name, parameter="CHECKPOINT"):
        chosen = algorithm(name)  # owns what it returns
        return set(re.findall(r"\*(\.\w+)", chosen.parameterDefinition(parameter).fileFilter()))

    published = {".pt", ".pth", ".ckpt"}
    assert (
        endings("importcheckpoint", "FILE") == endings("finetune") == endings("embed") == {".safetensors"} | published
    )
    assert endings("classify") == endings("classifybatch") == endings("checkpointinfo") == {".safetensors", ".onnx"}
    assert endings("exportonnx") == {".safetensors"}


# With the real engine


@pytest.mark.slow
@pytest.mark.usefixtures("provider", "real_engine")
def test_features_and_networks_of_the_engine_are_used_like_images_and_checkpoints(scene, labels, run, build, tmp_path):
    from osgeo import gdal

    def path(name):
        return str(tmp_path / name)

    image = {"OPTICAL": scene["optical"]}
    run("finetune", **image, LABELS=labels, OUTPUT=path("bands.safetensors"))
    run("embed", **image, CHECKPOINT=path("bands.safetensors"), OUTPUT=path("features.tif"))
    embedded = {"EMBEDDING": path("features.tif")}
    run("finetune", **embedded, LABELS=labels, OUTPUT=path("features.safetensors"))
    run("classify", **embedded, CHECKPOINT=path("features.safetensors"), OUTPUT=path("map.tif"))
    values = gdal.Open(path("map.tif")).ReadAsArray()
    step = build.side // len(values)  # features are coarser than the image
    assert (values == build.truth()[step // 2 :: step, step // 2 :: step] + 1).mean() > 0.9
    shown, _ = run("checkpointinfo", CHECKPOINT=path("features.safetensors"), HTML=path("page.html"))
    assert shown["TITLE"].startswith("A classifier of LandSketch embeddings at ")
    run("exportonnx", CHECKPOINT=path("bands.safetensors"), OUTPUT=path("bands.onnx"))
    assert json.loads(Path(path("bands.stac.json")).read_text(encoding="utf-8"))["type"] == "Feature"
    network, _ = run("checkpointinfo", CHECKPOINT=path("bands.onnx"))
    assert network["TITLE"].startswith("A classifier of Sentinel-2 L2A images at 10 m with 3 classes: ")
