"""`landsketch:installengine`: builds the engine's environment, with the log and Cancel of Processing's dialog."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputString

from .base import Parameters, SetUpAlgorithm
from .text import tr


class InstallEngine(SetUpAlgorithm):
    """Installs what the other algorithms compute with."""

    NAME = "installengine"

    PYTHON = "PYTHON"

    def title(self) -> str:
        return tr("Install engine")

    def summary(self) -> str:
        return tr("Installs the engine that LandSketch computes with, into a folder of its own outside QGIS.")

    def details(self) -> str:
        return tr(
            "<p>This is needed once. PyTorch and the other packages are downloaded from the internet; nothing is added "
            "to the Python of QGIS. If it fails, the log says why and what to do.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802
        """Declares the only output; there is nothing to choose."""
        self.addOutput(QgsProcessingOutputString(self.PYTHON, tr("Python of the engine")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """There are no parameters."""

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Builds the environment where it is missing."""
        # The installer and its progress are only needed here.
        from ..bridge import environment
        from ..bridge.install_progress import InstallProgress

        progress = InstallProgress()

        def tell(line: str) -> None:
            feedback.pushConsoleInfo(line)
            feedback.setProgress(100.0 * progress.after(line))

        python = environment.build(tell, feedback.isCanceled)
        feedback.pushInfo(tr("The engine is ready."))
        return {self.PYTHON: python}
