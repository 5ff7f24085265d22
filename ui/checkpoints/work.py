"""What takes long in the manager: downloading an encoder, and copying a file into the folder."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsTask,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...algorithms.checks import checkpoint_card
from ...algorithms.text import tr
from ...core.encoder_registry import EncoderEntry
from ...core.errors import Cancelled, CheckpointError, LandSketchError
from . import store

IMPORT = "landsketch:importcheckpoint"
_CHUNK = 1 << 20


class Download(QObject):
    """Runs 'Import an encoder' in the background; `ended` tells how it ended.

    Args:
        entry: What is downloaded.
        path: The checkpoint to write.
        parent: Its owner.

    Raises:
        CheckpointError: If it cannot even begin.
    """

    told = pyqtSignal(float, str)
    """How much is done (0 to 1), and what is being done."""

    ended = pyqtSignal(str, str)
    """The checkpoint, or '' and what went wrong; both empty where it was cancelled."""

    def __init__(self, entry: EncoderEntry, path: str, parent: QObject) -> None:
        super().__init__(parent)
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(IMPORT)
        parameters = {"ENCODER": entry.id, "OUTPUT": path}
        self._path = path
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        possible, reason = algorithm.canExecute()
        if possible:
            possible, reason = algorithm.checkParameterValues(parameters, self._context)
        if not possible:
            raise CheckpointError(reason)
        self._text = tr("Downloading {name} …").format(name=entry.id)
        self._feedback = _Feedback()
        self._feedback.progressChanged.connect(lambda share: self.told.emit(share / 100, self._text))
        self._feedback.stage.connect(self._take_text)
        self._task = QgsProcessingAlgRunnerTask(algorithm, parameters, self._context, self._feedback)
        self._task.setDescription(tr("LandSketch: download {name}").format(name=entry.id))
        self._task.executed.connect(self._end)

    def start(self) -> None:
        """Begins."""
        self.told.emit(0.0, self._text)
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stops it; what has come is kept for the next time."""
        self._feedback.cancel()
        self._task.cancel()

    def _take_text(self, text: str) -> None:
        self._text = text
        self.told.emit(self._feedback.progress() / 100, text)

    def _end(self, succeeded: bool, results: Dict[str, Any]) -> None:
        if succeeded:
            self.ended.emit(self._path, "")
        elif self._feedback.isCanceled():
            self.ended.emit("", "")
        else:
            self.ended.emit("", self._feedback.error() or tr("The download failed; the log messages say why."))


class _Feedback(QgsProcessingFeedback):
    """Keeps the error, which the task does not hand over; called in the background thread."""

    stage = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)  # the dialog shows errors itself
        self._errors: List[str] = []

    def error(self) -> str:
        """Returns what went wrong."""
        return "\n".join(self._errors)

    def setProgressText(self, text: str) -> None:  # noqa: N802 - QGIS' name
        """Takes what is being done."""
        self.stage.emit(text)

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802
        """Takes what went wrong."""
        self._errors.append(error)


class Copy(QgsTask):
    """Copies a checkpoint into the folder, once its card has been read; nothing is ever overwritten.

    Args:
        source: The file.
        folder: Where to; it is made where it is missing.
    """

    told = pyqtSignal(float, str)
    """How much is done (0 to 1), and what is being done."""

    ended = pyqtSignal(str, str)
    """The copy, or '' and what went wrong; both empty where it was cancelled."""

    def __init__(self, source: str, folder: str) -> None:
        super().__init__(tr("LandSketch: copy a checkpoint"), QgsTask.Flag.CanCancel)
        self._source = source
        self._folder = folder
        self._path = ""
        self._error = ""

    def start(self) -> None:
        """Begins."""
        QgsApplication.taskManager().addTask(self)

    def run(self) -> bool:
        """Does the work; QGIS calls this in a background thread."""
        try:
            checkpoint_card(self._source)
            os.makedirs(self._folder, exist_ok=True)
            self._path = self._copy()
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except OSError as error:
            self._error = tr("'{path}' cannot be copied: {error}.").format(
                path=self._source, error=error.strerror or error
            )
        except Exception as error:  # noqa: BLE001 - QGIS would drop it, and the dialog would wait for ever
            self._error = tr("'{path}' cannot be copied: {error}.").format(path=self._source, error=error)
        return bool(self._path)

    def finished(self, succeeded: bool) -> None:
        """Tells how it ended; QGIS calls this in the main thread."""
        self.ended.emit(self._path, self._error)

    def _copy(self) -> str:
        name = os.path.basename(self._source)
        hidden = os.path.join(self._folder, f".{name}.{os.getpid()}")
        try:
            with open(self._source, "rb") as source, open(hidden, "wb") as target:
                self._copy_content(source, target, max(os.path.getsize(self._source), 1))
            return _into_place(hidden, self._folder, name)
        finally:
            if os.path.exists(hidden):
                os.remove(hidden)

    def _copy_content(self, source: Any, target: Any, size: int) -> None:
        text = tr("Copying {name} …").format(name=os.path.basename(self._source))
        done, told = 0, 0
        for block in iter(lambda: source.read(_CHUNK), b""):
            if self.isCanceled():
                raise Cancelled()
            target.write(block)
            done += len(block)
            if done - told > size / 100:  # the main thread has more to do than to draw a bar
                told = done
                self.told.emit(done / size, text)
                self.setProgress(100.0 * done / size)


def _into_place(hidden: str, folder: str, name: str) -> str:
    """Gives a finished file a name that is not taken."""
    while True:
        path = store.free_path(folder, name)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))  # taken: by us, or meanwhile by another one
        except FileExistsError:
            continue
        os.replace(hidden, path)
        return path
