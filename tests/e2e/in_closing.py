"""Runs inside a real QGIS (`qgis --code`): closes it in the middle of a sketch, or of a training."""

import json
import os
import sys

with open(os.environ["LANDSKETCH_E2E"], encoding="utf-8") as told:
    sys.path.insert(0, json.load(told)["tools"])

import marked
from dock_hands import add_images, add_label, begin_long_training, click, dock, open_dock, start_labels
from driving import FOLDER, OUTCOME, TASK, Driver, Until, leave, save_outcome
from qgis.PyQt.QtWidgets import QMessageBox

TASK_FILE = os.environ[marked.MARK]
Button = QMessageBox.StandardButton
ANSWERS = {"Stop Editing": Button.Save, "Save Project": Button.Discard, "Active Tasks": Button.Yes}


def steps():
    """Labels, of which one is not saved, and a job that is in the middle."""
    add_images()
    open_dock()
    yield from start_labels()
    add_label(2, TASK["squares"][1][3])  # after the last time that the labels were saved
    if TASK["middle_of"] == "sketch":
        click(dock().map.live_box)
        yield Until(lambda: marked.engines(TASK_FILE), "the engine starts")
    else:
        yield from begin_long_training(os.path.join(FOLDER, "model.safetensors"))
    OUTCOME["engines"] = len(marked.engines(TASK_FILE))
    save_outcome()
    if TASK["killed"]:
        yield Until(lambda: False, "QGIS is killed")


driver = Driver(steps(), ANSWERS, leave)
