"""Makes `landsketch` importable, and keeps each Python to its own tests.

tests/core and tests/models run in the engine's Python, tests/qgis and tests/e2e in QGIS's.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_SITE = _ROOT / ".dev" / "site"

_SITE.mkdir(parents=True, exist_ok=True)
if not (_SITE / "landsketch").exists():
    os.symlink(_ROOT, _SITE / "landsketch", target_is_directory=True)
if str(_SITE) not in sys.path:
    sys.path.insert(0, str(_SITE))

from landsketch.core.threads import share_cores  # noqa: E402 - importable by now

share_cores()  # as in core/jobs.py, before a test imports torch

_IN_ENGINE = importlib.util.find_spec("torch") is not None
collect_ignore = ["qgis", "e2e"] if _IN_ENGINE else ["core", "models"]
