"""Text that people read, in their language."""

from qgis.PyQt.QtCore import QCoreApplication


def tr(text: str) -> str:
    """Returns the text in the language of QGIS, as far as it is translated."""
    return QCoreApplication.translate("LandSketch", text)
