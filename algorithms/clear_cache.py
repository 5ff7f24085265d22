"""`landsketch:clearcache`: deletes the features that sketching keeps on disk, or only tells how much they are."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
)

from ..core import kept_features
from ..core.errors import Cancelled
from .base import Parameters, SetUpAlgorithm
from .computing import CACHE, add_cache_folder
from .text import Number, tr


class ClearCache(SetUpAlgorithm):
    """Deletes kept features; the standard library does it."""

    NAME = "clearcache"

    MEASURE = "MEASURE"
    CACHE_FOLDER = "CACHE_FOLDER"
    BLOCKS = "BLOCKS"
    BYTES = "BYTES"
    LEFT = "LEFT"

    def title(self) -> str:
        return tr("Clear the features of sketches")

    def summary(self) -> str:
        return tr("Deletes the features that sketching keeps on disk, or only tells how much space they take.")

    def details(self) -> str:
        return tr(
            "<p>Nothing is lost but time: the next sketch of a place computes its features anew. Only files that "
            "sketching has written are deleted, whichever folder is chosen.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802
        """Declares the parameters; their names are an API."""
        add_cache_folder(
            self,
            tr("Where features are kept. Empty: a folder of your own, shared by all projects."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.MEASURE, tr("Only tell how much they are"), defaultValue=False),
            tr("Whether the features are only measured, and stay."),
        )
        self.addOutput(QgsProcessingOutputFolder(self.CACHE_FOLDER, tr("Folder for features")))
        for name, title in (
            (self.BLOCKS, tr("Number of blocks that were there")),
            (self.BYTES, tr("Their bytes")),
            (self.LEFT, tr("Bytes that are left")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """A folder that does not exist holds nothing."""

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Measures the features, and deletes them unless they are to stay."""
        folder = self.parameterAsFile(parameters, CACHE, context)
        only_measured = self.parameterAsBoolean(parameters, self.MEASURE, context)
        found = clear_features(folder, only_measured, feedback.isCanceled)
        words = tr("{n} blocks of features, {before}, in '{folder}'; {after} are left.")
        feedback.pushInfo(
            words.format(
                n=found[self.BLOCKS],
                before=size_in_words(found[self.BYTES]),
                folder=found[self.CACHE_FOLDER],
                after=size_in_words(found[self.LEFT]),
            )
        )
        return found


def clear_features(folder: str, only_measured: bool, cancelled: Callable[[], bool]) -> Dict[str, Any]:
    """Measures the features in a folder and, unless told otherwise, deletes them; returns the algorithm's results.

    Args:
        folder: Empty: the user's own.
        only_measured: Whether they stay.
        cancelled: Asked for each block whether to stop.

    Raises:
        Cancelled: If it was stopped; what was deleted is gone.
    """

    def check() -> None:
        if cancelled():
            raise Cancelled()

    folder = os.path.abspath(folder) if folder else kept_features.features_folder()
    blocks, size = kept_features.measure(folder, check)
    left = size
    if not only_measured:
        kept_features.clear(folder, check)
        _, left = kept_features.measure(folder, check)
    return {
        ClearCache.CACHE_FOLDER: folder,
        ClearCache.BLOCKS: blocks,
        ClearCache.BYTES: size,
        ClearCache.LEFT: left,
    }


def size_in_words(size: int) -> str:
    """Returns bytes as people say them, such as '340 MB' or '1.2 GB'."""
    if size < 999_500_000:
        return str(tr("{n:.0f} MB").format(n=size / 1e6))
    return str(tr("{n:.1f} GB").format(n=Number(size / 1e9)))
