"""Runs inside a real QGIS (`qgis --code`), started by `benchmarks/sketch.py --window`: works with the dock as a person
does, while `gaps` measures how long the window does not answer.
"""

import json
import os
import sys
import time
from typing import Any, Dict, Iterator

with open(os.environ["LANDSKETCH_E2E"], encoding="utf-8") as told:
    sys.path[:0] = json.load(told)["tools"]

from dock_hands import (
    add_images,
    add_label,
    click,
    counts,
    dialog_of,
    dock,
    open_dock,
    press_pencil,
    preview_file,
    sketched_since,
)
from driving import FOLDER, OUTCOME, TASK, Driver, Until, after
from gaps import Gaps
from qgis.core import QgsRectangle
from qgis.utils import iface

AT_FIRST = 12
"""Labels of each class before the first preview."""

GAPS = Gaps()
Steps = Iterator[Any]


def steps() -> Steps:
    """The whole session."""
    add_images()
    yield after(2)
    yield from part("opening the dock", opened())
    yield from part("making the label layer", labelled())
    yield from part("first preview", previewed())
    yield from part("label changes", changed())
    yield from part("panning", panned())
    yield from part("views", looked_at())
    yield from part("training", trained())
    yield from part("mapping the whole image", mapped())
    GAPS.end()
    OUTCOME["gaps"] = GAPS.report()


def part(name: str, doing: Steps) -> Steps:
    """Names what is going on, and waits for QGIS to come to rest after it."""
    GAPS.part = name
    yield from doing
    yield Until(lambda: not iface.mapCanvas().isDrawing() and not dock().sketcher.busy, f"{name} comes to rest", 300)
    yield after(0.5)


def opened() -> Steps:
    open_dock()
    yield after(2)


def labelled() -> Steps:
    dock().labels.new_layer(points=False, path=os.path.join(FOLDER, "drawn.gpkg"))
    yield after(0.5)
    press_pencil(0)
    yield after(0.5)
    for value, squares in enumerate(TASK["squares"], start=1):
        for bounds in squares[:AT_FIRST]:
            add_label(value, bounds)
    yield Until(lambda: counts() == [AT_FIRST, AT_FIRST], "the labels are counted")


def previewed() -> Steps:
    started = time.monotonic()
    click(dock().map.live_box)
    yield sketched_since("", 300)
    OUTCOME["first"] = time.monotonic() - started


def changed() -> Steps:
    taken = []
    for change in range(TASK["changes"]):
        last, started = preview_file(), time.monotonic()
        add_label(1 + change % 2, TASK["squares"][change % 2][AT_FIRST + change // 2])
        yield sketched_since(last, 300)
        yield Until(lambda: not iface.mapCanvas().isDrawing(), "the preview is drawn")
        taken.append(time.monotonic() - started)
    OUTCOME["changes"] = taken


def panned() -> Steps:
    extent = iface.mapCanvas().extent()
    side = extent.height() / 2
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (0, 0)):
        last, middle = preview_file(), extent.center()
        east, north = middle.x() + x * side / 2, middle.y() + y * side / 2
        iface.mapCanvas().setExtent(QgsRectangle(east - side / 2, north - side / 2, east + side / 2, north + side / 2))
        iface.mapCanvas().refresh()
        yield sketched_since(last, 300)
    iface.mapCanvas().setExtent(extent)


def looked_at() -> Steps:
    for index in (1, 2, 0):
        dock().map.views.setCurrentIndex(index)
        yield after(0.5)
    dock().map.opacity_slider.setOpacity(0.5)
    yield after(0.5)


def trained() -> Steps:
    click(dock().model.train_button)
    yield from run("finetune", {"MODE": "frozen", "OUTPUT": os.path.join(FOLDER, "model.safetensors")})


def mapped() -> Steps:
    click(dock().map.whole_button)
    yield from run("classify", {"OUTPUT": os.path.join(FOLDER, "map.tif")})


def run(name: str, parameters: Dict[str, Any]) -> Steps:
    """Runs the dialog that has been asked for."""
    yield Until(lambda: dialog_of(name) is not None, f"the dialog of {name} opens")
    dialog = dialog_of(name)
    dialog.setParameters(parameters)
    dialog.runButton().click()
    yield Until(dialog.wasExecuted, f"{name} ends", 300)
    dialog.close()


driver = Driver(steps())
