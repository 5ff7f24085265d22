"""Imports libraries that report their use to their makers, so that they do not.

Both do so when they are imported, not only when they compute: they write an identifier into the home folder and send it
with what they find on the machine. No other module imports them.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any


def import_onnxruntime() -> Any:
    """Imports ONNX Runtime without its telemetry, which is on in the official builds for every system since 1.29."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when the library is loaded
    onnxruntime = importlib.import_module("onnxruntime")
    onnxruntime.disable_telemetry_events()  # older builds, for Windows, know only this
    return onnxruntime


def import_openvino() -> Any:
    """Imports OpenVINO without its telemetry, as if the package that sends it were not installed.

    Raises:
        ImportError: If OpenVINO is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # "cannot be imported"
    return importlib.import_module("openvino")
