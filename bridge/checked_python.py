"""Whether a Python that the user names can be the engine: its version, its packages, and whether these run."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, List, Optional

from ..core.errors import EngineError
from .interpreters import OLDEST
from .processes import describe_exit, run_lines

PACKAGES = (
    "distributed", "jinja2", "kornia", "lightly", "lightning", "numpy", "onnx", "onnxruntime", "onnxscript", "pillow",
    "pyogrio", "pystac", "rasterio", "requests", "safetensors", "scikit-image", "scikit-learn",
    "segmentation-models-pytorch", "scipy", "shapely", "threadpoolctl", "timm", "torch", "torchgeo", "torchmetrics",
    "torchvision",
)  # fmt: skip
"""What the engine imports: the extra `engine` of pyproject.toml, by the names of the distributions."""

IMPORTS = "torch, rasterio, torchvision, timm, sklearn, safetensors"
"""What shows by importing it that the packages fit each other and the system."""

_MOST_NAMED = 6

_LOOK = """
import importlib.metadata, json, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
found = {name: version(name) for name in json.loads(sys.argv[1])}
print(json.dumps({"python": list(sys.version_info[:3]), "packages": found}))
"""


def check_python(path: str, lock: str, cancelled: Callable[[], bool]) -> str:
    """Returns what a Python is, such as 'Python 3.12.4 with PyTorch 2.15.0'.

    Args:
        path: Of the program.
        lock: File with the packages that are known to fit each other, to be named where some are missing.
        cancelled: Asked several times a second whether to stop.

    Raises:
        Cancelled: If it was stopped.
        EngineError: If the engine does not run in it, with the reason and what to do.
    """
    if not os.path.isfile(path):
        raise EngineError(f"There is no file '{path}'.", "Choose the program of a Python, such as .../bin/python.")
    found = _look(path, cancelled)
    python = ".".join(map(str, found["python"]))
    if tuple(found["python"][:2]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise EngineError(f"'{path}' is Python {python}; the engine needs {oldest} or later.", "Choose a newer one.")
    missing = [name for name in PACKAGES if not found["packages"].get(name)]
    if missing:
        raise EngineError(
            f"'{path}' (Python {python}) lacks {_some(missing)}.",
            f'Install what is missing into it with: "{path}" -m pip install -r "{lock}"',
        )
    code, output = run_lines([path, "-I", "-c", f"import {IMPORTS}"], lambda line: None, cancelled)
    if code != 0:
        raise EngineError(
            f"The packages of '{path}' do not run: {_last(output)}", "Install them again, or choose another."
        )
    return f"Python {python} with PyTorch {found['packages']['torch']}"


def _look(path: str, cancelled: Callable[[], bool]) -> Dict[str, Any]:
    """Returns the version of a Python and those of its packages; empty where a package is missing."""
    reason: Optional[str] = None
    code, output = None, ""
    try:
        code, output = run_lines([path, "-I", "-c", _LOOK, json.dumps(PACKAGES)], lambda line: None, cancelled)
    except OSError as error:
        reason = str(error)
    try:
        found = json.loads(output.splitlines()[-1])
        return {"python": list(found["python"]), "packages": dict(found["packages"])}
    except (ValueError, LookupError, TypeError):
        raise EngineError(
            f"'{path}' is not a Python that can be used: {reason or _last(output) or describe_exit(code)}",
            "Choose the program of a Python, such as .../bin/python.",
        ) from None


def _some(names: List[str]) -> str:
    """Returns names as a list that is not too long."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more packages" if more > 0 else "")


def _last(output: str) -> str:
    return output.strip().splitlines()[-1] if output.strip() else ""
