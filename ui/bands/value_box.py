"""How values are read: units and offset, the histogram of a band, and what it says in words."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from ...algorithms.text import tr
from ...core.sensors import AUTO
from ...core.units import BASELINE_OFFSET, Conversion
from ...core.usual_values import has_offset, unit_choices
from .draft import Draft
from .histogram import Histogram, Strip, ends_of, strip
from .judgement import Judgement


class ValueBox(QGroupBox):
    """Units, offset, histogram and words; `changed` tells that something else was stated.

    Args:
        parent: The dialog.
    """

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(tr("Values"), parent)
        self.units = QComboBox()
        self.units.activated.connect(lambda chosen: self.changed.emit())
        self.offset = QComboBox()
        for text, value in (("", None), (tr("0: none"), 0.0), (_since_2022(), BASELINE_OFFSET)):
            self.offset.addItem(text, value)
        self.offset.activated.connect(lambda chosen: self.changed.emit())
        self._unit_label = _label(tr("&Units in the file"), self.units)
        self._offset_label = _label(tr("O&ffset in the file"), self.offset)
        self.histogram = Histogram(self)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        form = QFormLayout()
        form.addRow(self._unit_label, self.units)
        form.addRow(self._offset_label, self.offset)
        room = QScrollArea()  # long sentences on a small screen
        room.setFrameShape(QFrame.Shape.NoFrame)
        room.setWidgetResizable(True)
        room.setWidget(self.words)
        for widget in (room.viewport(), self.words):
            widget.setAutoFillBackground(False)
        told = QHBoxLayout()
        told.addWidget(self._icon)
        told.addWidget(room, 1)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addLayout(told, 1)
        layout = QHBoxLayout(self)
        layout.addLayout(left, 2)
        layout.addWidget(self.histogram, 3)

    def show_draft(self, draft: Draft) -> None:
        """Shows what is stated."""
        self.units.clear()
        choices = unit_choices(draft.role, draft.sensor)
        for units in choices:
            self.units.addItem(unit_title(units), units)
        if len(choices) == 1:
            self.units.setItemText(0, tr("as stored"))
        self.units.setCurrentIndex(self.units.findData(draft.units))
        self.units.setEnabled(len(choices) > 1)
        self.offset.setItemText(0, tr("found in the values"))
        values = [self.offset.itemData(place) for place in range(self.offset.count())]
        if draft.offset not in values:
            self.offset.addItem(f"{draft.offset:g}", draft.offset)
            values.append(draft.offset)
        self.offset.setCurrentIndex(values.index(draft.offset))
        for widget in (self.offset, self._offset_label):
            widget.setVisible(has_offset(draft.sensor))

    def take(self, draft: Draft) -> None:
        """Writes what is chosen into the draft."""
        draft.units = self.units.currentData() or AUTO
        draft.offset = self.offset.currentData()

    def show_judgement(self, judgement: Judgement) -> None:
        """Shows what was seen."""
        conversion = judgement.conversion
        if conversion is not None:
            if self.units.count() > 1 and judgement.question.units == AUTO:
                self.units.setItemText(0, tr("found: {units}").format(units=unit_title(conversion.stored)))
            if judgement.question.offset is None:
                self.offset.setItemText(0, tr("found: {offset:g}").format(offset=conversion.offset))
        self.histogram.show_strips(_strips(judgement))
        self.show_words(judgement.sentences, judgement.good)

    def show_words(self, sentences: Tuple[str, ...], good: bool) -> None:
        """Shows sentences."""
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
        icon = QgsApplication.getThemeIcon("/mIconSuccess.svg" if good else "/mIconWarning.svg")
        self._icon.setPixmap(icon.pixmap(side, side))
        text = "\n\n".join(sentences)
        self.words.setText(text)
        self.histogram.setAccessibleDescription(text)


def unit_title(units: str) -> str:
    """Returns units in words."""
    titles = {
        AUTO: tr("found in the values"),
        "dn": tr("reflectance × 10 000"),
        "reflectance": tr("reflectance from 0 to 1"),
        "db": tr("decibels (dB)"),
        "linear": tr("linear power"),
        "raw": tr("as stored"),
    }
    return str(titles[units])


def _since_2022() -> str:
    return str(tr("{offset:g}: products since 2022").format(offset=BASELINE_OFFSET))


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label


def _strips(judgement: Judgement) -> Tuple[Strip, ...]:
    """Returns the band as stored and as read, on one axis where the units are the same."""
    question, conversion = judgement.question, judgement.conversion
    name = question.names[question.band] or tr("band {n}").format(n=question.band + 1)
    usual = judgement.usual
    as_stored = Conversion(conversion.canonical) == conversion if conversion else True
    if conversion is None or not judgement.read.size or (usual is None and as_stored):
        return (strip(tr("{band} in the file").format(band=name), judgement.stored, ends_of(judgement.stored)),)
    titles: List[str] = [
        tr("{band} in the file: {units}").format(band=name, units=unit_title(conversion.stored)),
        tr("{band} as read: {units}").format(band=name, units=unit_title(conversion.canonical)),
    ]
    if usual is not None:
        titles[1] += tr(" (shaded: usual over land)")
    marks = usual or ()
    if conversion.canonical == conversion.stored:
        low, high = ends_of(judgement.read, *marks)
        more = ends_of(judgement.stored)
        ends = min(low, more[0]), max(high, more[1])
        stored_ends, read_ends = ends, ends
    else:
        stored_ends, read_ends = ends_of(judgement.stored), ends_of(judgement.read, *marks)
    return (
        strip(titles[0], judgement.stored, stored_ends),
        strip(titles[1], judgement.read, read_ends, usual),
    )
