"""Text and numbers that people read, in their language."""

from __future__ import annotations

import os
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QLocale, QTranslator

CONTEXT = "LandSketch"
"""Under this all texts are filed in the translations (i18n/, docs/translating.md)."""

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "i18n")


def tr(text: str) -> str:
    """Returns the text in the language of QGIS, as far as it is translated.

    Called when a text is needed, never while a module is imported: the translation may not be there yet.
    """
    return QCoreApplication.translate(CONTEXT, text)


def translated(text: str) -> str:
    """As `tr`, for a text that stands in a table shared with the engine; `i18n/update.py` lists those tables."""
    return QCoreApplication.translate(CONTEXT, text)


class Number(float):
    """A number that people read: formatted, it has the decimal sign that QGIS is set to."""

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace(".", QLocale().decimalPoint())


def install_translator() -> Optional[QTranslator]:
    """Loads the translation for the language that QGIS shows, and returns it to be kept; None where there is none."""
    translator = QTranslator()
    # By the language alone where a country has no translation of its own: de_AT takes de.
    if not translator.load(QLocale(QgsApplication.locale()), "landsketch", "_", _FOLDER):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
