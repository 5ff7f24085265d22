"""The settings of threads come before torch, which reads them once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import landsketch
import pytest

_SCRIPT = """
import json, os, sys
import landsketch.core.jobs
settings = {name: value for name, value in os.environ.items() if "OMP_" in name}
print(json.dumps(["torch" in sys.modules, settings]))
"""


@pytest.mark.parametrize("given", [{}, {"OMP_WAIT_POLICY": "active"}])
def test_waiting_threads_share_cores_unless_told_otherwise(given: dict[str, str]) -> None:
    path = {"PYTHONPATH": str(Path(landsketch.__file__).parent.parent)}
    bare = {name: value for name, value in os.environ.items() if "OMP_" not in name}
    command = [sys.executable, "-c", _SCRIPT]
    done = subprocess.run(command, env={**bare, **path, **given}, capture_output=True, text=True, timeout=60)
    too_late, settings = json.loads(done.stdout)
    assert not too_late
    assert settings == (given or {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "100"})
