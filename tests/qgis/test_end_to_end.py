"""The real engine, from QGIS: fine-tune → classify → assess."""

import json
import threading
import time

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsProcessingFeedback

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("provider", "real_engine")]


def test_labels_become_an_assessed_map(scene, labels, tmp_path, build):
    import processing

    images = {"OPTICAL": scene["optical"], "SAR": scene["sar"]}
    checkpoint = processing.run(
        "landsketch:finetune",
        {
            **images,
            "LABELS": labels,
            "OUTPUT": str(tmp_path / "model.safetensors"),
            "REPORT": str(tmp_path / "report.html"),
        },
    )["OUTPUT"]
    results = processing.run(
        "landsketch:classify",
        {
            **images,
            "CHECKPOINT": checkpoint,
            "OUTPUT": str(tmp_path / "map.tif"),
            "CONFIDENCE": str(tmp_path / "confidence.tif"),
            "PROBABILITIES": str(tmp_path / "probabilities.tif"),
        },
    )
    processing.run(
        "landsketch:assess",
        {
            "MAP": results["OUTPUT"],
            "REFERENCE": scene["truth"],
            "JSON": str(tmp_path / "a.json"),
            "HTML": str(tmp_path / "a.html"),
        },
    )

    values = gdal.Open(results["OUTPUT"]).ReadAsArray()
    assert values.shape == (build.side, build.side)
    assert (values == build.truth() + 1).mean() > 0.9
    assert gdal.Open(results["PROBABILITIES"]).RasterCount == 3
    style = build.layer(results["OUTPUT"])
    names = [(entry.value, entry.label, entry.color.name()) for entry in style.renderer().classes()]
    assert names == [(i + 1, name.title(), build.colours[name]) for i, name in enumerate(build.names)]
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    for page in ("report.html", "a.html"):
        assert "Forest" in (tmp_path / page).read_text(encoding="utf-8")


def test_an_error_of_the_engine_says_what_to_do_and_leaves_no_output(scene, build, tmp_path):
    import processing

    # Both classes have labels, yet one of them only beyond the image: this takes pixels to see.
    labels = build.memory_layer([("a", build.square(5, 5)), ("b", build.square(5000, 5))])
    output = tmp_path / "model.safetensors"
    with pytest.raises(QgsProcessingException) as raised:
        processing.run(
            "landsketch:finetune",
            {"OPTICAL": scene["optical"], "LABELS": labels, "CLASS_FIELD": "kind", "OUTPUT": str(output)},
        )
    assert len(str(raised.value)) > 30
    assert not output.exists()


def test_cancel_answers_within_a_few_seconds_and_leaves_no_output(scene, labels, tmp_path):
    import processing

    feedback = QgsProcessingFeedback()
    output = tmp_path / "model.safetensors"
    pressed = []
    timer = threading.Timer(2.0, lambda: (pressed.append(time.monotonic()), feedback.cancel()))
    timer.start()
    with pytest.raises(QgsProcessingException):
        processing.run(
            "landsketch:finetune",
            {"OPTICAL": scene["optical"], "LABELS": labels, "MODE": "full", "EPOCHS": 10000, "OUTPUT": str(output)},
            feedback=feedback,
        )
    assert time.monotonic() - pressed[0] < 5
    assert not output.exists()
