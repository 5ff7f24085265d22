"""A real QGIS window on a virtual display: an analyst's first map, clicked through."""

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

pytestmark = pytest.mark.slow

TIMEOUT = 240


@contextmanager
def virtual_display():
    """Starts a virtual display with a window manager, and yields its name."""
    for program in ("Xvfb", "openbox"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    read, write = os.pipe()
    display = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            name = f":{pipe.readline().strip()}"
        manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL)
        try:
            yield name
        finally:
            end(manager)
    finally:
        end(display)


def end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def exit_code(qgis, outcome):
    """Waits for QGIS; None where it does not end although all is done, or where it hangs."""
    closing, deadline = False, time.monotonic() + TIMEOUT + 30
    while qgis.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        if outcome.is_file() and not closing:
            closing, deadline = True, time.monotonic() + 30
    code = qgis.poll()
    if code is None:
        end(qgis)
    return code


@pytest.fixture(scope="module")
def session(scene, qgis_environment, profiles, tmp_path_factory):
    """Folder with what a session in QGIS's window left: screenshots, outputs, `outcome.json`."""
    folder = Path(os.environ.get("LANDSKETCH_SCREENSHOTS") or tmp_path_factory.mktemp("window"))
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("qgis.bin") or shutil.which("qgis")
    if program is None:
        pytest.skip("QGIS is not installed")
    task, outcome = folder / "task.json", folder / "outcome.json"
    outcome.unlink(missing_ok=True)
    task.write_text(json.dumps({**scene, "folder": str(folder), "timeout": TIMEOUT}), encoding="utf-8")
    script = Path(__file__).with_name("in_window.py")
    with virtual_display() as display, (folder / "qgis.log").open("w", encoding="utf-8") as log:
        environment = {**qgis_environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LANDSKETCH_E2E": str(task)}
        qgis = subprocess.Popen(
            [program, "--nologo", "--noversioncheck", "--profiles-path", str(profiles), "--code", str(script)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        code = exit_code(qgis, outcome)
    assert outcome.is_file(), f"QGIS ended with {code}: {(folder / 'qgis.log').read_text(encoding='utf-8')[-3000:]}"
    return {"folder": folder, "exit": code, **json.loads(outcome.read_text(encoding="utf-8"))}


def test_the_session_went_through(session):
    assert session["error"] == ""
    assert session["finetune"]["OUTPUT"].endswith("model.safetensors")
    assert Path(session["classify"]["OUTPUT"]).is_file()


def test_the_map_is_loaded_named_and_styled_with_the_labels_legend(session, scene):
    assert {"Class map of Sentinel-2", "Confidence of Sentinel-2"} <= set(session["layers"])
    styled = session["layers"]["Class map of Sentinel-2"]
    assert styled["renderer"] == "paletted"
    assert {tuple(c[1:]) for c in styled["classes"]} == {(e["name"], e["colour"]) for e in scene["legend"]}


def test_the_screenshot_shows_the_map(session, scene):
    red, green, blue = gdal.Open(str(session["folder"] / "4-map.png")).ReadAsArray()[:3].astype(int)
    pixels = (red << 16) + (green << 8) + blue
    shown = [
        entry["name"] for entry in scene["legend"] if np.count_nonzero(pixels == int(entry["colour"][1:], 16)) > 500
    ]
    assert len(shown) >= len(scene["legend"]) - 1, f"only {shown} are on the map"


def test_qgis_closes_without_a_crash(session):
    assert session["exit"] == 0
