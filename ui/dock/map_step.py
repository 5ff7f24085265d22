"""Step 4: the live preview, its views, where to label next, and the map of the whole scene."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from qgis.gui import QgsDoubleSpinBox, QgsOpacityWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ...algorithms.text import tr
from .places import Places
from .preview import CLASSES, CONFIDENCE, MARGIN
from .step import Step, button, row, text_label
from .suggestions import Suggestions

_OPACITY = 0.7

FLICKER = "Ctrl+Alt+I"
"""Keys that hide the preview, and show it again."""


class MapStep(Step):
    """The map.

    Args:
        parent: The dock's page.
        places: The suggested places.
    """

    live = pyqtSignal(bool)
    view = pyqtSignal(str)
    opacity = pyqtSignal(float)
    image = pyqtSignal(bool)
    """Whether the image is to be seen without the preview."""

    swipe = pyqtSignal(bool)
    """Whether a line on the map is to part the preview from the image."""

    cancelled = pyqtSignal()
    whole = pyqtSignal()
    """The map of the whole scene is wanted."""

    assess = pyqtSignal()
    copy = pyqtSignal()
    engine = pyqtSignal()
    """The page of QGIS' options with the engine is wanted."""

    def __init__(self, parent: QWidget, places: Places) -> None:
        super().__init__(tr("4  Map"), parent)
        self.suggestions = Suggestions(places)
        self.live_box = QCheckBox(tr("Li&ve preview of the map on screen"))
        self.live_box.setToolTip(tr("Sketches the part of the scene on screen anew whenever labels or the map change."))
        self.live_box.toggled.connect(self.live)
        self._build_progress()
        self.accuracy = text_label()
        self.views = QComboBox()
        for view, title in ((CLASSES, tr("Classes")), (CONFIDENCE, tr("Confidence")), (MARGIN, tr("Uncertainty"))):
            self.views.addItem(title, view)
        self.views.currentIndexChanged.connect(lambda index: self.view.emit(self.views.itemData(index)))
        self.opacity_slider = QgsOpacityWidget()
        for box in self.opacity_slider.findChildren(QgsDoubleSpinBox):
            box.hide()  # beside it, nothing would be left of the slider
        self.opacity_slider.setFocusProxy(self.opacity_slider.findChild(QSlider))
        self.opacity_slider.setMinimumWidth(12 * self.fontMetrics().averageCharWidth())
        self.opacity_slider.opacityChanged.connect(self.opacity)
        self.opacity_slider.opacityChanged.connect(
            lambda share: self.opacity_slider.setToolTip(tr("{share:.0f} %").format(share=100 * share))
        )
        self.opacity_slider.setOpacity(_OPACITY)
        self._build_comparison()
        self._lay_out()
        self.set_state(False, tr("Switch the live preview on."))
        self.show_engine(False)

    def show_accuracy(self, accuracy: Optional[Mapping[str, Any]]) -> None:
        """Shows the estimated accuracy, with its interval."""
        words = tr("Estimated accuracy {value:.0f} % (95 % interval {low:.0f}–{high:.0f} %)")
        text = ""
        if accuracy:
            shares = {name: 100 * accuracy[name] for name in ("value", "low", "high")}
            text = words.format(**shares)
            self.accuracy.setToolTip(accuracy["words"])
        self.accuracy.setText(text)
        self.accuracy.setVisible(bool(text))

    def show_progress(self, fraction: float, message: str) -> None:
        """Shows that a sketch runs."""
        self._progress.show()
        self.bar.setRange(0, 100 if fraction > 0 else 0)  # to and fro while nobody knows
        self.bar.setValue(round(100 * fraction))
        if message:
            self.doing.setText(message)

    def show_idle(self) -> None:
        """Shows that nothing runs."""
        self._progress.hide()

    def show_engine(self, needed: bool) -> None:
        """Offers the way to the engine where it is missing."""
        self.engine_button.setVisible(needed)

    def show_swipe(self, on: bool) -> None:
        """Shows whether the swipe is on."""
        self.swipe_button.setChecked(on)

    def flicker(self) -> None:
        """Hides the preview, or shows it again."""
        self.hold.setDown(not self.hold.isDown())
        self.image.emit(self.hold.isDown())

    def _build_comparison(self) -> None:
        """Makes what shows the image in place of the preview."""
        shortcut = QKeySequence(FLICKER).toString(QKeySequence.SequenceFormat.NativeText)
        self.hold = QPushButton(tr("Hold to see the &image"))
        tip = tr("Hides the preview as long as the button is held down. {shortcut} hides it, and shows it again.")
        self.hold.setToolTip(tip.format(shortcut=shortcut))
        self.hold.pressed.connect(lambda: self.image.emit(True))
        self.hold.released.connect(lambda: self.image.emit(False))
        self.swipe_button = QPushButton(tr("Swipe"))
        self.swipe_button.setCheckable(True)
        self.swipe_button.setToolTip(
            tr(
                "Draw the line on the map, or move it with the arrow keys (Shift: faster): at the right of it, the "
                "image is without preview. Escape ends it."
            )
        )
        self.swipe_button.toggled.connect(self.swipe)

    def _build_progress(self) -> None:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = button(tr("Cance&l"), self.cancelled.emit)
        self.engine_button = button(tr("En&gine and devices…"), self.engine.emit)
        self._progress = QWidget()
        self.doing = text_label()
        layout = QVBoxLayout(self._progress)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.doing)
        layout.addLayout(row(self.bar, self.cancel_button, stretch=0))
        self._progress.hide()

    def _lay_out(self) -> None:
        titles = []
        for title, widget in ((tr("Sho&w"), self.views), (tr("Opacit&y"), self.opacity_slider)):
            titles.append(QLabel(title))
            titles[-1].setBuddy(widget)
        # Side by side: what is seen, and how much of it.
        options = row(titles[0], self.views, titles[1], self.opacity_slider, stretch=3)
        self.whole_button = button(
            tr("Map the w&hole image…"),
            self.whole.emit,
            tr("Opens 'Classify an image' with what the sketch has learned."),
        )
        self.assess_button = button(tr("Assess ma&p…"), self.assess.emit, tr("Opens 'Assess a map'."))
        self.copy_button = button(
            tr("Copy as &qgis_process command"),
            self.copy.emit,
            tr("For scripts, servers and colleagues: the same map without a window."),
        )
        self.contents.addWidget(self._progress)
        self.contents.addWidget(self.engine_button)
        self.contents.addWidget(self.live_box)
        self.contents.addWidget(self.accuracy)
        self.contents.addLayout(options)
        self.contents.addLayout(row(self.hold, self.swipe_button, stretch=0))
        self.contents.addWidget(self.suggestions)
        self.contents.addLayout(row(self.whole_button, self.assess_button, stretch=0))
        self.contents.addWidget(self.copy_button)
        self.accuracy.hide()
