"""What is known of the selected runs: curves, accuracy of classes, examples."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QFrame, QGroupBox, QHBoxLayout, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from ...algorithms.text import tr
from ...bridge.history import Run
from ...bridge.runs import LiveRun
from ..dock.step import text_label
from . import words
from .bars import ClassBars
from .curves import CurveChart, Line
from .examples import Examples

Coloured = Tuple[Run, QColor]


class Details(QWidget):
    """The right side of the window.

    Args:
        parent: The window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.progress = text_label()
        self.measures = text_label()
        self.losses = CurveChart(tr("Loss"), self)
        self.scores = CurveChart(tr("Held-out score"), self, top=1.0)
        self.bars = ClassBars(self)
        self.bars.setAccessibleName(tr("F1 of the classes"))
        self.examples = Examples(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for label in (self.title, self.progress, self.measures):
            layout.addWidget(label)
        charts = QWidget()
        beside = QHBoxLayout(charts)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.losses)
        beside.addWidget(self.scores)
        self.about_classes = QWidget()
        row = QHBoxLayout(self.about_classes)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(_boxed(tr("F1 of the classes on held-out labels"), _scrolled(self.bars)))
        row.addWidget(_boxed(tr("Examples"), self.examples))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(charts)
        splitter.addWidget(self.about_classes)
        splitter.setChildrenCollapsible(False)
        layout.addWidget(splitter, 1)

    def show_runs(self, runs: Sequence[Coloured], current: Run, live: Dict[str, LiveRun]) -> None:
        """Shows runs.

        Args:
            runs: The selected ones, with their colours.
            current: The one whose words and examples are shown.
            live: Those that go on.
        """
        title = " · ".join(word for word in (words.short_title(current), words.output_name(current)) if word)
        self.title.setText(title)
        self.progress.setText(words.progress_line(current, live.get(current.id)))
        self.measures.setText(words.measures_line(current))
        self.measures.setVisible(bool(self.measures.text()))
        self.bars.show_bars([(words.class_f1(run), colour) for run, colour in runs])
        self.examples.show_file(current.picture)
        unit = next((words.units()[name] for run, _ in runs for name in words.units() if _has(run, name)), "")
        pretraining = all(_has(run, "step") for run, _ in runs)  # without classes
        self.about_classes.setVisible(not pretraining)
        spread = words.measure_name("spread")
        self.scores.set_title(spread[0].upper() + spread[1:] if pretraining else tr("Held-out score"))
        self.losses.show_lines(_lines(runs, _losses), unit)
        self.scores.show_lines(_lines(runs, _scores), unit)

    def show_nothing(self) -> None:
        """Says that there is no run yet."""
        self.title.setText(tr("No training yet"))
        self.progress.setText(
            tr("Runs of 'Fine-tune a classifier', 'Pretrain an encoder' and other trainings appear here as they go on.")
        )
        self.measures.setVisible(False)
        self.about_classes.setVisible(True)
        for chart in (self.losses, self.scores):
            chart.show_lines([], "")
        self.bars.show_bars([])
        self.examples.show_file("")


def _lines(runs: Sequence[Coloured], chosen: object) -> List[Line]:
    """Returns the curves of some measures; with several runs each is called by its file."""
    lines = []
    for run, colour in runs:
        for name, dashed in chosen(run).items():  # type: ignore[operator]
            points = tuple((x, m.values[name]) for x, m in zip(_across(run), run.metrics) if name in m.values)
            whose = f"{words.output_name(run)}: " if len(runs) > 1 else ""
            lines.append(Line(whose + words.measure_name(name), points, colour, dashed))
    return lines


def _losses(run: Run) -> Dict[str, bool]:
    """Returns which measures are losses, and whether they are drawn with dashes."""
    if _has(run, "step"):
        parts = [name for name in run.metrics[0].values if name not in ("step", "loss", "spread")]
        return {"loss": False, **{name: True for name in parts if len(parts) > 1}}
    return {"held_out_loss": False, "loss": True}


def _scores(run: Run) -> Dict[str, bool]:
    """Returns which measures are scores from 0 to 1, and whether they are drawn with dashes."""
    if _has(run, "step"):
        return {"spread": False}
    return {"held_out_macro_f1": False, "held_out_oa": True}


def _across(run: Run) -> List[float]:
    """Returns where along the curve each measurement stands; a study of many trainings is counted through."""
    counted = [measures.values.get("step", measures.values.get("epoch", 0.0)) for measures in run.metrics]
    rises = all(after > before for before, after in zip(counted, counted[1:]))
    return counted if rises else [float(place) for place in range(1, len(counted) + 1)]


def _has(run: Run, name: str) -> bool:
    return bool(run.metrics) and name in run.metrics[0].values


def _boxed(title: str, widget: QWidget) -> QGroupBox:
    box = QGroupBox(title)
    QVBoxLayout(box).addWidget(widget)
    return box


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(widget)
    for part in (area.viewport(), widget):
        part.setAutoFillBackground(False)  # the box around it has its colour
    return area
