"""What the sampled values of a layer say about how they are read: by the very code of the engine, in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

import numpy as np
from qgis.PyQt.QtCore import pyqtSignal

from ...algorithms.text import Number, tr
from ...core.errors import LandSketchError
from ...core.plausibility import doubts
from ...core.sensors import GENERIC, SENSORS
from ...core.units import BASELINE_OFFSET, Conversion, conversion_of, product_baseline
from ...core.usual_values import has_offset, usual_range
from ..work import Work
from .sample import Sample

MOST_OUTSIDE = 0.5
"""Of a band whose values are read rightly, hardly more than this share lies outside of what is usual."""

CLEARLY = 0.3
"""By how much fewer values must lie outside when they are read otherwise, for that to be asked."""

Range = Tuple[float, float]


@dataclass(frozen=True)
class Question:
    """What is judged.

    Attributes:
        layer: Name of the layer.
        file: Name of its file, which may tell the processing baseline.
        role: As in `SourceSpec`.
        sensor: A sensor id, or `generic`.
        names: Role of each band of the file, '' for one that is not used.
        units: As in `SourceSpec`.
        offset: As in `SourceSpec`.
        band: The band of the file (from 0) that is looked at.
    """

    layer: str
    file: str
    role: str
    sensor: str
    names: Tuple[str, ...]
    units: str
    offset: Optional[float]
    band: int


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was seen.

    Attributes:
        question: What was judged.
        stored: Valid values of the band as the file has them.
        read: The same as they are read; empty where they cannot be.
        conversion: How values are read; None where they cannot be.
        usual: Between which values the band usually lies; None where that is unknown.
        outside: Share of the values read that lies outside of it.
        sentences: What is wrong, or that nothing is.
        good: Whether nothing is.
    """

    question: Question
    stored: np.ndarray
    read: np.ndarray
    conversion: Optional[Conversion]
    usual: Optional[Range]
    outside: float
    sentences: Tuple[str, ...]
    good: bool


class JudgeTask(Work):
    """Judges a sample; `judged` hands the `Judgement` over in the main thread, None if that failed."""

    judged = pyqtSignal(object, str)

    def __init__(self, question: Question, sample: Sample) -> None:
        super().__init__()
        self._question, self._sample = question, sample
        self._judgement: Optional[Judgement] = None
        self._error = ""

    def run(self) -> bool:
        """See `Work.run`."""
        try:
            self._judgement = judge(self._question, self._sample)
        except Exception as error:  # noqa: BLE001 - the thread would end without it, and the dialog wait for ever
            self._error = tr("The values cannot be judged: {error}.").format(error=error)
        return self._judgement is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        if not self.isCanceled():
            self.judged.emit(self._judgement, self._error)


def judge(question: Question, sample: Sample) -> Judgement:
    """Judges a sample."""
    stored = sample.stored
    if question.role == "sar" or has_offset(question.sensor):
        # Zero in all bands is the fill of Sentinel's products, declared or not.
        stored = stored.copy()
        stored[:, (stored == 0).all(axis=0)] = np.nan
    own = stored[question.band]
    own = own[np.isfinite(own)]
    rows = [band for band, name in enumerate(question.names) if name]
    name = question.names[question.band]
    nothing = np.empty(0, np.float32)
    if not rows:
        words = (tr("No band is used. Give one a role."),)
        return Judgement(question, own, nothing, None, None, 0.0, words, False)
    baseline = product_baseline([question.file])
    try:
        conversion = conversion_of(
            question.layer, question.role, question.sensor, question.units, question.offset, stored[rows], baseline
        )
    except LandSketchError as error:
        return Judgement(question, own, nothing, None, None, 0.0, (str(error),), False)
    read = own.copy()
    conversion.apply(read)
    read = read[np.isfinite(read)]
    usual = usual_range(question.sensor, name) if name else None
    outside = outside_of(read, usual)
    told = question.offset is not None or baseline is not None
    used = [question.names[band] for band in rows]
    found = doubts(question.layer, question.role, question.sensor, used, conversion, told, stored[rows])
    sentences = [*found, *_outside_in_words(question, name, own, conversion, usual, outside)]
    good = not sentences
    if good:
        sentences = [_nothing_wrong(question, name, usual, outside)]
    return Judgement(question, own, read, conversion, usual, outside, tuple(sentences), good)


def outside_of(values: np.ndarray, usual: Optional[Range]) -> float:
    """Returns which share of values lies outside of a range; none where there is no range or no value."""
    if usual is None or not values.size:
        return 0.0
    return float(((values < usual[0]) | (values > usual[1])).mean())


def _outside_in_words(
    question: Question,
    name: str,
    stored: np.ndarray,
    conversion: Conversion,
    usual: Optional[Range],
    outside: float,
) -> List[str]:
    """Says that a band looks unusual, and asks whether it is read wrongly where that would explain it."""
    if usual is None:
        return []
    asked = ""
    for other, sentence in _otherwise(question, conversion):
        read = stored.copy()
        other.apply(read)
        if outside - outside_of(read[np.isfinite(read)], usual) > CLEARLY:
            asked = sentence
    if not asked and outside <= MOST_OUTSIDE:
        return []
    asked = asked or tr("That can be right over clouds, snow, water or desert; else check its role and units.")
    seen = tr(
        "{share} % of the sampled values of {band} lie outside of what {sensor} usually has over land ({low:g} to "
        "{high:g})."
    )
    sensor = SENSORS[question.sensor].title
    low, high = map(Number, usual)
    return [seen.format(share=round(100 * outside), band=name, sensor=sensor, low=low, high=high) + " " + asked]


def _otherwise(question: Question, conversion: Conversion) -> List[Tuple[Conversion, str]]:
    """Returns how else values could be read, each with a question."""
    if not has_offset(question.sensor):
        return []
    if conversion.offset:
        return [(Conversion(conversion.stored), tr("Is there no offset in the file?"))]
    left_in = tr("Is the offset of {offset:g} still in?").format(offset=BASELINE_OFFSET)
    return [(Conversion(conversion.stored, BASELINE_OFFSET), left_in)]


def _nothing_wrong(question: Question, name: str, usual: Optional[Range], outside: float) -> str:
    if not name:
        return tr("This band is not used.")
    if usual is None or question.sensor == GENERIC:
        return tr("Nothing looks wrong. What is usual for this band is not known; its values are read as stored.")
    return tr("Nothing looks wrong: {share} % of the sampled values of {band} lie where they usually do.").format(
        share=round(100 * (1 - outside)), band=name
    )
