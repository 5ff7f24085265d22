"""One sketch in the engine: what is asked for, and what runs it in the background."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal

from ...algorithms.labels import FeatureInput
from ...algorithms.text import tr
from ...core.errors import Cancelled, LandSketchError
from ...core.specs import ExtentSpec, SketchSpec, SourceSpec, VectorSpec
from ..work import Work
from .preview_files import new_folder


@dataclass(frozen=True)
class Wish:
    """What a sketch is to give beside the preview.

    Attributes:
        suggestions: How many places to label next; 0: none.
        classifier: Checkpoint to write that classifies as the preview does; empty: none.
    """

    suggestions: int = 0
    classifier: str = ""


@dataclass(frozen=True)
class Request:
    """What is to be sketched, read in the main thread.

    Attributes:
        sources: The scene.
        labels: The labels at this moment.
        checkpoint: Encoder; empty: the default one.
        extent: What is on screen.
        device: To compute on.
        cache: Folder where features are kept; empty: the user's own.
        cache_mb: Most megabytes of them.
    """

    sources: Tuple[SourceSpec, ...]
    labels: FeatureInput
    checkpoint: str
    extent: ExtentSpec
    device: str
    cache: str
    cache_mb: int


@dataclass(frozen=True)
class Sketched:
    """What a sketch has given.

    Attributes:
        request: What was asked for.
        wish: What was asked for beside the preview.
        spec: What the engine was told.
        result: What it answered.
    """

    request: Request
    wish: Wish
    spec: SketchSpec
    result: Dict[str, Any]


class SketchTask(Work):
    """Runs a sketch; its signals are heard in the main thread.

    Args:
        request: What is to be sketched.
        wish: What else it is to give.
    """

    told = pyqtSignal(float, str)
    """How much is done (0 to 1), and what is being done."""

    ended = pyqtSignal(object, str)
    """What was sketched, or None and a sentence about what went wrong; empty where it was cancelled."""

    def __init__(self, request: Request, wish: Wish) -> None:
        super().__init__()
        self.wish = wish
        self._request = request
        self._sketched: Optional[Sketched] = None
        self._error = ""
        self._folder = ""
        """Of this sketch alone: a raster that QGIS still draws must not be overwritten."""

    def run(self) -> bool:
        """See `Work.run`."""
        # Only a sketch needs the engine's client: the dock itself opens without it.
        from ...bridge import client

        labels = None
        try:
            labels = self._request.labels.export(self)
            self._folder = new_folder()
            spec = self._spec(labels)
            self._sketched = Sketched(self._request, self.wish, spec, client.engine().run(spec, self))
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - nobody would hear of it, and the dock would wait for ever
            self._error = tr("The sketch failed: {error}.").format(error=error)
        finally:
            if labels is not None:
                shutil.rmtree(os.path.dirname(labels.path), ignore_errors=True)
        return self._sketched is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        sketched = None if self.isCanceled() else self._sketched
        if self._folder and (sketched is None or not sketched.result.get("preview")):
            shutil.rmtree(self._folder, ignore_errors=True)
        self.ended.emit(sketched, "" if self.isCanceled() else self._error)

    def is_cancelled(self) -> bool:
        """The bridge's question."""
        return self.isCanceled()

    def progress(self, fraction: float, message: str = "", seconds_left: Optional[float] = None) -> None:
        """Tells how far it is."""
        self.told.emit(fraction, message)

    def log(self, message: str, level: str = "info") -> None:
        """The dock shows results, not a log."""

    def pushWarning(self, message: str) -> None:  # noqa: N802 - Processing's name, by which the export calls it
        """Features without a class are seen in the dock's counts."""

    def metric(self, values: Dict[str, float]) -> None:
        """The result has them."""

    def artifact(self, path: str, kind: str) -> None:
        """The result names the files."""

    def _spec(self, labels: VectorSpec) -> SketchSpec:
        folder = self._folder
        return SketchSpec(
            sources=self._request.sources,
            labels=labels,
            checkpoint=self._request.checkpoint,
            extent=self._request.extent,
            output=os.path.join(folder, "sketch.tif"),
            confidence=os.path.join(folder, "confidence.tif"),
            margin=os.path.join(folder, "margin.tif"),
            suggestions=self.wish.suggestions,
            places=os.path.join(folder, "places.gpkg") if self.wish.suggestions else "",
            classifier=self.wish.classifier,
            cache=self._request.cache,
            cache_mb=self._request.cache_mb,
            device=self._request.device,
        )
