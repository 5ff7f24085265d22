"""The dock: its four steps, and what passes between them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext, QgsProcessingUtils, QgsProject
from qgis.gui import QgsDockWidget, QgsScrollArea
from qgis.PyQt.QtCore import QSize, pyqtSignal
from qgis.PyQt.QtGui import QGuiApplication, QKeySequence
from qgis.PyQt.QtWidgets import QFrame, QVBoxLayout, QWidget

from ...algorithms import preferences
from ...algorithms.compat import QAction
from ...algorithms.text import Number, tr
from ...algorithms.where import Rectangle
from ...core.errors import LandSketchError
from ..engine_page import PAGE
from .commands import finetune_and_classify
from .labels_step import LabelsStep
from .map_step import FLICKER, MapStep
from .model_step import ModelStep
from .places import Places
from .preview import Preview, is_preview
from .scene_step import SceneStep
from .sketch_task import Request, Sketched, Wish
from .sketching import Sketcher
from .step import tight_gap
from .suggestions import COUNT
from .swipe import Swipe

OpenDialog = Callable[[str, Dict[str, Any]], Optional[QWidget]]


class Dock(QgsDockWidget):
    """The dock.

    Args:
        iface: QGIS's window interface.
        open_dialog: Opens the dialog of an algorithm with some parameters filled in.
    """

    manage = pyqtSignal()
    """The checkpoint manager is wanted."""

    def __init__(self, iface: Any, open_dialog: OpenDialog) -> None:
        super().__init__("LandSketch", iface.mainWindow())  # a product name, hence not translated
        self.setObjectName("LandSketchDock")
        self._iface = iface
        self._open_dialog = open_dialog
        self.preview = Preview(QgsProject.instance())
        self.places = Places(QgsProject.instance(), self.preview)
        self.sketcher = Sketcher(self._request, self)
        page = QWidget()
        self.scene = SceneStep(page)
        self.labels = LabelsStep(page, iface, self._label_crs)
        self.model = ModelStep(page, self.train)
        self.map = MapStep(page, self.places)
        self.swipe = Swipe(iface.mapCanvas(), is_preview)
        self.flicker = QAction(tr("Hide or show the preview"), self)
        self.flicker.setShortcut(QKeySequence(FLICKER))
        self.addAction(self.flicker)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(tight_gap(page))
        for step in (self.scene, self.labels, self.model, self.map):
            layout.addWidget(step)
        layout.addStretch(1)
        self.setWidget(_Scrolled(page))
        self._connect()
        self.opened.connect(self.scene.guess)
        self.closed.connect(self.rest)

    def rest(self) -> None:
        """Ends the live preview; the layers stay."""
        self.map.live_box.setChecked(False)
        self.sketcher.stop()
        self.swipe.switch(False)

    def remove(self) -> None:
        """Takes the dock out of the window, for good."""
        self.rest()
        self._iface.mapCanvas().extentsChanged.disconnect(self.sketcher.touch)
        self.labels.take(None)
        self._iface.removeDockWidget(self)
        self.deleteLater()

    def train(self) -> None:
        """Opens the dialog that trains, filled in with the scene, the labels and the encoder."""
        self._open_dialog("landsketch:finetune", self._finetune_parameters())

    def suggest(self) -> None:
        """Asks for places where labels help most."""
        self.sketcher.ask(Wish(suggestions=COUNT))

    def map_whole(self) -> None:
        """Has the sketch write its classifier; the dialog that maps the whole scene opens when it has."""
        self.sketcher.ask(Wish(classifier=QgsProcessingUtils.generateTempFilename("sketch.safetensors")))

    def assess(self) -> None:
        """Opens the dialog that assesses a map."""
        self._open_dialog("landsketch:assess", {})

    def copy_command(self) -> None:
        """Puts the commands that make the same map on the clipboard."""
        try:
            text = finetune_and_classify(
                self._finetune_parameters(), self.scene.parameters(), "classifier.safetensors", "map.tif"
            )
        except LandSketchError as error:
            self.map.set_state(False, str(error))
            return
        QGuiApplication.clipboard().setText(text)
        self.map.set_state(self.map.done, tr("The command is on the clipboard."))

    def _connect(self) -> None:
        self._iface.mapCanvas().extentsChanged.connect(self.sketcher.touch)
        self.scene.changed.connect(self.sketcher.touch)
        self.model.changed.connect(self.sketcher.touch)
        self.model.manage.connect(self.manage)
        self.labels.edited.connect(self.sketcher.touch)
        self.map.live.connect(self._set_live)
        self.map.view.connect(self.preview.choose)
        self.map.opacity.connect(self.preview.set_opacity)
        self.map.image.connect(self.preview.hide)
        self.map.swipe.connect(self.swipe.switch)
        self.swipe.switched.connect(self.map.show_swipe)
        self.flicker.triggered.connect(self.map.flicker)
        self.map.cancelled.connect(self._cancel)
        self.map.whole.connect(self.map_whole)
        self.map.assess.connect(self.assess)
        self.map.copy.connect(self.copy_command)
        self.map.engine.connect(self._show_engine_page)
        self.map.suggestions.wanted.connect(self.suggest)
        self.map.suggestions.gone_to.connect(self._zoom)
        self.map.suggestions.answered.connect(self._answer)
        self.sketcher.started.connect(lambda: self.map.show_progress(0, tr("Sketching …")))
        self.sketcher.told.connect(self.map.show_progress)
        self.sketcher.sketched.connect(self._show)
        self.sketcher.failed.connect(self._fail)
        self.sketcher.missing.connect(lambda text: self.map.set_state(False, text))
        self.sketcher.stopped.connect(self.map.show_idle)

    def _request(self) -> Request:
        """Returns what is to be sketched now.

        Raises:
            LandSketchError: If something is missing or does not fit.
        """
        from ...bridge import environment

        reason = environment.missing_reason()
        self.map.show_engine(bool(reason))
        if reason:
            raise LandSketchError(reason)
        sources = self.scene.sources()
        labels = self.labels.labels()
        canvas = self._iface.mapCanvas()
        rectangle = Rectangle(canvas.extent(), canvas.mapSettings().destinationCrs())
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        rectangle.check(sources[0], context)
        return Request(
            tuple(source.spec for source in sources),
            labels,
            self.model.checkpoint(),
            rectangle.spec(sources[0]),
            preferences.device(),
            preferences.cache_folder(),
            preferences.cache_megabytes(),
        )

    def _show(self, sketched: Sketched) -> None:
        """Shows what a sketch has given."""
        result = sketched.result
        self.map.show_accuracy(result.get("accuracy"))
        self.labels.show_held_out(result)
        if not result.get("preview"):
            self.map.set_state(False, str(result.get("words") or ""))
            return
        self.preview.show(result, self._colours(result))
        self.map.set_state(True, _in_words(result))
        if sketched.wish.suggestions:
            self.places.load(sketched.spec.places)
            self._show_place()
        if sketched.wish.classifier:
            self._open_dialog(
                "landsketch:classify", {**self.scene.parameters(), "CHECKPOINT": sketched.wish.classifier}
            )

    def _colours(self, result: Dict[str, Any]) -> Any:
        """Returns the legend of the preview: the engine's classes in the colours of the labels."""
        reader = self.labels.labels().reader
        own = {category.value: category for category in reader.categories} if reader else {}
        return [
            {**entry, "colour": own[entry["value"]].colour if entry["value"] in own else "#888888"}
            for entry in result["classes"]
        ]

    def _set_live(self, live: bool) -> None:
        if not self.map.done:
            self.map.set_state(False, tr("There is no sketch yet.") if live else tr("Switch the live preview on."))
        self.sketcher.set_live(live)

    def _cancel(self) -> None:
        self.map.live_box.setChecked(False)
        self.sketcher.stop()

    def _fail(self, error: str) -> None:
        self.map.set_state(False, error)
        self.map.show_engine(True)

    def _zoom(self) -> None:
        try:
            self.places.zoom(self._iface.mapCanvas(), self.scene.sources()[0])
        except LandSketchError as error:
            self.map.set_state(False, str(error))

    def _show_place(self) -> None:
        self.map.suggestions.show_classes(self.labels.classes())
        self.map.suggestions.refresh()
        self._zoom()

    def _answer(self, value: Any) -> None:
        layer = self.labels.layer()
        try:
            if layer is not None:
                self.places.answer(layer, value, self.scene.sources()[0])
        except LandSketchError as error:
            self.map.set_state(False, str(error))
            return
        self._show_place()

    def _finetune_parameters(self) -> Dict[str, Any]:
        layer = self.labels.layer()
        result = {**self.scene.parameters(), "LABELS": layer.id() if layer is not None else None}
        try:
            result["CHECKPOINT"] = self.model.checkpoint()
        except LandSketchError:
            result["CHECKPOINT"] = ""
        return {name: value for name, value in result.items() if value}

    def _label_crs(self) -> QgsCoordinateReferenceSystem:
        """Returns the CRS of the image, whose pixels are labelled; that of the project where there is none yet."""
        try:
            return self.scene.sources()[0].crs
        except LandSketchError:
            return QgsProject.instance().crs()

    def _show_engine_page(self) -> None:
        self._iface.showOptionsDialog(self._iface.mainWindow(), currentPage=PAGE)


class _Scrolled(QgsScrollArea):
    """A page that scrolls up and down, and is never narrower than its contents.

    Args:
        page: The contents.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(page)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the contents need, with the bar beside them and the frame that a theme may draw."""
        width = self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width + 2 * self.frameWidth(), super().minimumSizeHint().height())


def _in_words(result: Dict[str, Any]) -> str:
    """Returns what was sketched, such as 'Sketched in 1.2 s from 14 labels of 3 classes'."""
    seconds = result.get("seconds") or {}
    total = seconds.get("total", sum(seconds.values()))
    return str(
        tr("Sketched in {seconds:.1f} s from {n} labels of {k} classes").format(
            seconds=Number(total),
            n=sum(entry["features"] for entry in result["classes"]),
            k=sum(1 for entry in result["classes"] if entry["features"]),
        )
    )
