"""Inside a real QGIS: runs the steps of a session from the event loop, so that all goes on as with a person.

What to do comes from the JSON file that LANDSKETCH_E2E names; what happened goes into `outcome.json` beside it, and the
test that started QGIS judges it. Steps are a generator that yields what to wait for.
"""

import json
import math
import os
import time
import traceback

from marked import MARK
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.utils import iface

with open(os.environ[MARK], encoding="utf-8") as file:
    TASK = json.load(file)
FOLDER = TASK["folder"]
OUTCOME = {"error": "", "asked": [], "modal": []}
"""What went wrong; what QGIS asked and was answered; windows that nobody expected."""

_TICK_MS = 20


class Failed(Exception):
    """Something on screen was not as expected."""


class Until:
    """Something to wait for.

    Args:
        condition: Becomes true.
        what: Named where it does not.
        seconds: How long to wait.
    """

    def __init__(self, condition, what, seconds=120):
        self.condition = condition
        self.what = what
        self.deadline = time.monotonic() + seconds

    def __call__(self):
        if self.condition():
            return True
        if time.monotonic() > self.deadline:
            raise Failed(f"this did not happen: {self.what() if callable(self.what) else self.what}")
        return False


def after(seconds):
    """Waits, for a picture of what is on screen or for QGIS to come to rest."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def drawn():
    """True once the map has been drawn after now."""
    canvas = iface.mapCanvas()
    finished = []
    canvas.mapCanvasRefreshed.connect(lambda: finished.append(True))
    canvas.refreshAllLayers()
    settled = after(2)
    return lambda: bool(finished) and not canvas.isDrawing() and settled()


def shoot(name):
    """Keeps a picture of the screen."""
    QApplication.primaryScreen().grabWindow(0).save(os.path.join(FOLDER, f"{name}.png"))


def save_outcome():
    """Writes what happened up to now."""
    with open(os.path.join(FOLDER, "outcome.json"), "w", encoding="utf-8") as file:
        json.dump(OUTCOME, file, indent=1)


class Driver:
    """Runs the steps.

    Args:
        steps: The generator.
        answers: By words of a question that QGIS may ask in a window of its own, the button to press.
        leave: Closes QGIS after the last step.
    """

    def __init__(self, steps, answers=None, leave=None):
        self._steps = steps
        self._answers = answers or {}
        self._leave = leave or abandon
        self._condition = after(1)
        self._deadline = time.monotonic() + TASK["timeout"]
        self._problems = []
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        QgsApplication.messageLog().messageReceived.connect(self._hear)

    def _hear(self, *message):
        """QGIS catches the exceptions of plugins and writes them into its message log."""
        if message[1] == "Python error":
            self._problems.append(message[0])

    def _tick(self):
        try:
            self._answer()
            if time.monotonic() > self._deadline:
                raise Failed("it took too long")
            if self._problems:
                raise Failed(self._problems[0])
            if self._condition():
                self._condition = next(self._steps)
        except StopIteration:
            self._finish(self._leave)
        except Exception:  # the test has to hear of any failure
            OUTCOME["error"] = traceback.format_exc()
            shoot("failure")
            self._finish(abandon)

    def _answer(self):
        """Answers the questions that were foreseen, and notes every other window that stops the work."""
        window = QApplication.activeModalWidget()
        if window is None:
            return
        text = f"{window.windowTitle()}: {window.text()}" if isinstance(window, QMessageBox) else window.windowTitle()
        for words, button in self._answers.items():
            if words in text and window.button(button) is not None:
                OUTCOME["asked"].append(text)
                save_outcome()
                window.button(button).click()
                return
        if text not in OUTCOME["modal"]:
            OUTCOME["modal"].append(text)
            save_outcome()
            shoot("modal")

    def _finish(self, leave):
        self._steps, self._condition = iter(()), lambda: False  # questions are still answered
        self._deadline = math.inf
        save_outcome()
        QTimer.singleShot(0, leave)


def leave():
    """Closes QGIS as a person does; again, where it asked about a job and waits for that to end."""
    iface.actionExit().trigger()
    QTimer.singleShot(300, leave)


def abandon():
    """Closes QGIS without a question, whatever is open."""
    window = QApplication.activeModalWidget()
    if window is not None:
        window.close()
    QgsApplication.taskManager().cancelAll()
    if QgsApplication.taskManager().countActiveTasks():
        return QTimer.singleShot(200, abandon)
    project = QgsProject.instance()
    for layer in project.mapLayers().values():
        if layer.isEditable():
            layer.rollBack()
    project.clear()  # else QGIS asks whether to save the project and to lose layers in temporary folders
    project.setDirty(False)
    return iface.actionExit().trigger()
