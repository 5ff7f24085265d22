"""The algorithms through `qgis_process`, as a real process without a display."""

import json
import os
import shutil
import subprocess

import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer, QgsVectorLayer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def qgis_process(qgis_environment):
    # Debian 12's wrapper script passes the program an option that it does not know.
    program = os.environ.get("QGIS_PROCESS") or shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if program is None:
        pytest.skip("qgis_process is not installed")

    def run(*arguments, **variables):
        return subprocess.run(
            [program, *arguments],
            env={**qgis_environment, "QT_QPA_PLATFORM": "offscreen", **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def arguments(**parameters):
    return [f"--{name}={value}" for name, value in parameters.items()]


def test_algorithms_are_listed_and_explained_without_an_engine(qgis_process):
    listing = qgis_process("list", LANDSKETCH_PYTHON="/no/such/python").stdout
    for name in ("finetune", "classify", "assess", "installengine"):
        assert f"landsketch:{name}" in listing
    explained = qgis_process("help", "landsketch:finetune", LANDSKETCH_PYTHON="/no/such/python").stdout
    for name in ("OPTICAL", "SAR_UNITS", "LABELS", "CLASS_FIELD", "MODE"):
        assert name in explained


def test_without_an_engine_it_says_what_is_missing(qgis_process, scene, tmp_path):
    report = tmp_path / "accuracy.json"
    done = qgis_process(
        "run",
        "landsketch:assess",
        *arguments(MAP=scene["reference"], REFERENCE=scene["reference"], JSON=report),
        LANDSKETCH_PYTHON="/no/such/python",
    )
    assert done.returncode != 0
    assert "/no/such/python" in done.stdout + done.stderr
    assert not report.exists()


def test_bad_input_ends_with_a_sentence_and_an_exit_code(qgis_process, scene, tmp_path):
    done = qgis_process(
        "run",
        "landsketch:finetune",
        *arguments(
            OPTICAL=scene["optical"],
            LABELS=scene["labels"],
            CLASS_FIELD="species",
            OUTPUT=tmp_path / "model.safetensors",
        ),
    )
    assert done.returncode != 0
    assert "has no field 'species'" in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_labels_become_an_assessed_map(qgis_process, scene, tmp_path):
    images = {"OPTICAL": scene["optical"], "OPTICAL_SENSOR": "sentinel-2 l2a", "SAR": scene["sar"], "SAR_UNITS": "DB"}
    model, class_map, accuracy = tmp_path / "model.safetensors", tmp_path / "map.tif", tmp_path / "accuracy.json"
    more = {"POLYGONS": tmp_path / "map.gpkg", "SMOOTHING": "bayesian", "RUNTIME": "pytorch", "EXTENT": scene["sar"]}
    steps = {
        "finetune": {
            **images,
            "LABELS": scene["labels"],
            "CLASS_FIELD": "class",
            "OUTPUT": model,
            "REPORT": tmp_path / "r.html",
        },
        "classify": {
            **images,
            "CHECKPOINT": model,
            "OUTPUT": class_map,
            "CONFIDENCE": tmp_path / "confidence.tif",
            **more,
        },
        "assess": {"MAP": class_map, "REFERENCE": scene["reference"], "JSON": accuracy, "HTML": tmp_path / "a.html"},
    }
    for name, parameters in steps.items():
        done = qgis_process("run", f"landsketch:{name}", *arguments(**parameters))
        assert done.returncode == 0, done.stdout + done.stderr

    names = {entry["name"] for entry in scene["legend"]}
    layer = QgsRasterLayer(str(class_map), "map")
    assert {entry.label for entry in layer.renderer().classes()} == names
    assert gdal.Open(str(class_map)).RasterXSize == gdal.Open(scene["optical"]).RasterXSize
    assert json.loads(accuracy.read_text(encoding="utf-8"))
    assert (tmp_path / "confidence.qml").is_file()
    polygons = QgsVectorLayer(str(more["POLYGONS"]), "polygons", "ogr")
    assert {category.label() for category in polygons.renderer().categories()} == names
    assert all(name in (tmp_path / "a.html").read_text(encoding="utf-8") for name in names)
