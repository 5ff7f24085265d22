"""Writes `core/encoders.json` and `docs/encoders.md` anew."""

from pathlib import Path

from ...core.encoder_registry import PATH
from . import build
from .files import as_json
from .page import as_page

PAGE = Path(PATH).parents[1] / "docs" / "encoders.md"

if __name__ == "__main__":
    entries = build()
    Path(PATH).write_text(as_json(entries), encoding="utf-8")
    PAGE.write_text(as_page(entries), encoding="utf-8")
